//! A callback whose time is over, which CXone should refuse. One that it takes is withdrawn at once.

use chrono::TimeDelta;
use cxone::{Callback, Earlier, Error};
use uuid::Uuid;

use super::{
    finding::{Finding, Findings},
    writes::{Writes, refused},
};
use crate::tenant::deadline;

const CHECK: &str = "past";
/// Time that is over.
const AGO: TimeDelta = TimeDelta::hours(1);

impl Writes<'_> {
    /// Books a callback to the number for an hour ago.
    pub(super) async fn book_past(&self, campaign: &str, findings: &mut Findings) {
        const ADVICE: &str = "See what CXone says of such a callback.";
        let dispatch = ambient::now() - AGO;
        let callback = Callback {
            id: Uuid::new_v4(),
            number: self.number.clone(),
            campaign: campaign.to_owned(),
            dispatch,
            window: dispatch..dispatch + TimeDelta::minutes(30),
            language: "en".to_owned(),
            attempts: 1,
            earlier: Earlier::Nothing,
        };
        match self.inspection.try_callback(&callback, deadline()).await {
            Err(Error::Invalid { detail }) => {
                let detail = format!("a time that is over is refused: {detail}");
                return findings.add(Finding::ok(CHECK, detail));
            }
            Ok(_) => {
                let detail = "CXone takes a time that is over: such a call may be made at once";
                findings.add(Finding::look(CHECK, detail));
            }
            Err(error) => {
                findings.add(refused(CHECK, &error, ADVICE));
                if !error.may_be_done() {
                    return;
                }
            }
        }
        findings.add(self.past_off(&callback).await);
    }

    async fn past_off(&self, callback: &Callback) -> Finding {
        const CHECK: &str = "past-off";
        const ADVICE: &str = "See in CXone whether a callback to your number is left, and delete it. \
                              Your telephone may ring.";
        let Callback { campaign, id, .. } = callback;
        match self.client.withdraw_callback(campaign, *id, deadline()).await {
            Ok(()) => {}
            Err(Error::NotFound { .. }) => {
                let detail = "it is not listed: it may have been offered to an agent";
                return Finding::wrong(CHECK, detail, ADVICE);
            }
            Err(error) => return Finding::wrong(CHECK, error, ADVICE),
        }
        match self.inspection.booked(callback, deadline()).await {
            Ok(None) => Finding::ok(CHECK, "the callback is gone"),
            Ok(Some(_)) => Finding::wrong(CHECK, "the callback is still listed", ADVICE),
            Err(error) => Finding::wrong(CHECK, error, ADVICE),
        }
    }
}

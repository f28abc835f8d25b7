//! What only a write shows: whether the group takes a number and gives it away again, and whether a
//! callback is kept as it was booked. All with a number of the operator's, and taken back.

use std::time::Duration;

use chrono::TimeDelta;
use cxone::{Callback, Client, DncEntry, DncOutcome, Earlier, Error, Inspection, Scheduled};
use outbound::{DncReason, E164};
use uuid::Uuid;

use super::{
    Case, Part,
    campaigns::Campaigns,
    finding::{Finding, Findings},
    interrupt::Interrupt,
};
use crate::tenant::{Source, advice, deadline};

/// Time ahead of a callback: one that cannot be withdrawn can be deleted by hand until then.
const AHEAD: TimeDelta = TimeDelta::hours(24);
/// Most by which the time of a callback may differ from what was sent.
const DIFFERS_MAX: TimeDelta = TimeDelta::seconds(1);
/// Looks for what was written, and the wait between two.
pub(super) const LOOKS_MAX: u32 = 5;
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// The tenant, and the number of the operator's that is written to it.
pub(super) struct Writes<'a> {
    pub(super) client: &'a Client,
    pub(super) inspection: Inspection<'a>,
    pub(super) number: &'a E164,
    pub(super) interrupt: &'a Interrupt,
}

impl Writes<'_> {
    pub(super) async fn check(
        &self,
        case: &Case<'_>,
        campaigns: &Campaigns,
        findings: &mut Findings,
    ) {
        match case.values.get("CXONE_DNC_LIST_ID") {
            Some(group) => self.list(group, findings).await,
            None => findings.not_checked("listing", "CXONE_DNC_LIST_ID is not set"),
        }
        let campaign = campaigns.for_callbacks().first().map(|(campaign, _)| *campaign);
        match campaign {
            _ if case.is_without(Part::Callbacks) => {
                findings.not_checked("booking", "--without callbacks");
            }
            Some(_) if !self.interrupt.lets_begin("booking", findings) => {}
            Some(campaign) => {
                let is_taken = self.book(campaign, findings).await;
                if is_taken && self.interrupt.lets_begin("past", findings) {
                    self.book_past(campaign, findings).await;
                }
            }
            None => findings.not_checked("booking", "no skill is known that callbacks go to"),
        }
    }

    /// Puts the number on the group twice, searches it, and takes it off again. One that is there
    /// already stays: it may be an opt-out.
    async fn list(&self, group: &str, findings: &mut Findings) {
        const CHECK: &str = "listing";
        match self.inspection.spellings_listed(group, self.number, deadline()).await {
            Ok(found) if found.is_empty() => {}
            Ok(_) => {
                findings.not_checked(CHECK, "the group has the number already: name another");
                return;
            }
            Err(error) => {
                findings.not_checked(CHECK, error);
                return;
            }
        }
        let added = self.add(group, CHECK).await;
        let is_added = !added.is_wrong();
        findings.add(added);
        if !is_added {
            return;
        }
        findings.add(self.found(group).await);
        findings.add(self.add(group, "listing-again").await);
        findings.add(self.taken_off(group).await);
    }

    /// Adds the number as the functions do.
    async fn add(&self, group: &str, check: &'static str) -> Finding {
        let entry = DncEntry { number: self.number.clone(), reason: DncReason::WebhookOptOut };
        let outcomes = self.client.add_to_dnc(group, &[entry], deadline()).await;
        match outcomes.into_iter().next() {
            Some(DncOutcome::Listed) => Finding::ok(check, "CXone takes the number"),
            Some(DncOutcome::Rejected { reason }) => Finding::wrong(check, reason, FORMAT),
            Some(DncOutcome::TryAgain { why, .. }) => refused(check, &why, FORMAT),
            None => Finding::not_checked(check, "there is no outcome"),
        }
    }

    async fn found(&self, group: &str) -> Finding {
        const CHECK: &str = "search";
        for look in 0..LOOKS_MAX {
            pause_before(look).await;
            match self.inspection.spellings_listed(group, self.number, deadline()).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => {
                    return Finding::ok(CHECK, format!("found by {}", digits(&found)));
                }
                Err(error) => return refused(CHECK, &error, FORMAT),
            }
        }
        Finding::wrong(CHECK, "CXone took the number, and no search finds it", FORMAT)
    }

    async fn taken_off(&self, group: &str) -> Finding {
        const CHECK: &str = "taking-off";
        const ADVICE: &str = "Take your number off the group in CXone.";
        let Some(digits) = self.inspection.dnc_digits(self.number) else {
            return Finding::not_checked(CHECK, "CxoneNumberFormat cannot express the number");
        };
        if let Err(error) = self.inspection.take_off_dnc(group, &[digits], deadline()).await {
            return Finding::wrong(CHECK, error, ADVICE);
        }
        for look in 0..LOOKS_MAX {
            pause_before(look).await;
            match self.inspection.spellings_listed(group, self.number, deadline()).await {
                Ok(found) if found.is_empty() => {
                    return Finding::ok(CHECK, "the number is off the group again");
                }
                Ok(_) => {}
                Err(error) => return Finding::wrong(CHECK, error, ADVICE),
            }
        }
        Finding::wrong(CHECK, "the number is still in the group", ADVICE)
    }

    /// Books a callback in a day, compares it with what CXone lists, and withdraws it. Returns whether
    /// CXone took it.
    async fn book(&self, campaign: &str, findings: &mut Findings) -> bool {
        const CHECK: &str = "booking";
        const ADVICE: &str = "See what CXone says. If it is about the agent, set \
                              CxoneCallbackAgent to empty, or to an agent's number.";
        let now = ambient::now();
        let callback = Callback {
            id: Uuid::new_v4(),
            number: self.number.clone(),
            campaign: campaign.to_owned(),
            dispatch: now + AHEAD,
            window: now + AHEAD..now + AHEAD + TimeDelta::hours(1),
            language: "en".to_owned(),
            attempts: 1,
            earlier: Earlier::Nothing,
        };
        let booked = self.client.schedule_callback(&callback, deadline()).await;
        match &booked {
            Ok(_) => findings.add(Finding::ok(CHECK, "CXone takes a callback for tomorrow")),
            Err(error) => {
                findings.add(refused(CHECK, error, ADVICE));
                if !matches!(error, Error::Ambiguous { .. }) {
                    return false;
                }
            }
        }
        let listed = self.listed(&callback).await;
        findings.add(kept(&listed, &callback));
        findings.add(self.withdrawn(&callback, &listed).await);
        booked.is_ok()
    }

    /// What CXone lists of a callback, as soon as it does.
    async fn listed(&self, callback: &Callback) -> Result<Option<Scheduled>, Error> {
        for look in 0..LOOKS_MAX {
            pause_before(look).await;
            let found = self.inspection.booked(callback, deadline()).await?;
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }

    async fn withdrawn(
        &self,
        callback: &Callback,
        listed: &Result<Option<Scheduled>, Error>,
    ) -> Finding {
        const CHECK: &str = "withdrawal";
        const ADVICE: &str = "Delete the callback to your number in CXone: it is due in a day.";
        let withdrawn =
            self.client.withdraw_callback(&callback.campaign, callback.id, deadline()).await;
        match withdrawn {
            Ok(()) => {}
            Err(Error::NotFound { .. }) if !matches!(listed, Ok(Some(_))) => {
                return Finding::wrong(CHECK, "what is not listed cannot be withdrawn", ADVICE);
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

const FORMAT: &str = "Set CxoneNumberFormat to the other spelling, and see that CxoneDncListId is \
                      the group.";

/// Spellings of a number, by their lengths: the number itself is not shown.
fn digits(spellings: &[String]) -> String {
    let lengths = spellings.iter().map(|it| format!("{} digits", it.len()));
    lengths.collect::<Vec<_>>().join(" and ")
}

/// A write that did not come to what it should.
pub(super) fn refused(check: &'static str, error: &Error, otherwise: &'static str) -> Finding {
    Finding::wrong(check, error, advice(error, true, Source::Stack).unwrap_or(otherwise))
}

/// Whether a callback is listed so that a repeat finds it, at the time that was sent.
fn kept(listed: &Result<Option<Scheduled>, Error>, callback: &Callback) -> Finding {
    const CHECK: &str = "kept";
    match listed {
        Ok(Some(Scheduled::At(at))) if (*at - callback.dispatch).abs() <= DIFFERS_MAX => {
            Finding::ok(CHECK, "it is listed with its reference, at its time")
        }
        Ok(Some(Scheduled::At(at))) => {
            let by = crate::output::span((*at - callback.dispatch).abs());
            let advice = "Do not take callbacks: customers would be called at another time. Ask \
                          CXone's support how offsets of scheduleDate are read.";
            Finding::wrong(CHECK, format!("its time is {by} away from what was sent"), advice)
        }
        Ok(Some(Scheduled::IdTaken)) => {
            let advice = "Set CxoneNumberFormat to the other spelling.";
            Finding::wrong(CHECK, "it is listed with another number", advice)
        }
        Ok(None) => {
            let advice = "Do not take callbacks: a repeat of a request would book a second call. \
                          See whether CXone keeps notes and names, and how late it lists.";
            Finding::wrong(CHECK, "it is not listed, or without its reference", advice)
        }
        Err(error) => Finding::not_checked(CHECK, error),
    }
}

/// Waits before all looks but the first.
pub(super) async fn pause_before(look: u32) {
    if look > 0 {
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}

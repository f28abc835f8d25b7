//! One text message to the operator's number, and the same once more.

use cxone::{Client, Error, Inspection, Sms};
use outbound::E164;
use uuid::Uuid;

use super::{
    Case,
    finding::{Finding, Findings},
    writes::{LOOKS_MAX, pause_before, refused},
};
use crate::tenant::deadline;

pub(super) struct OwnText<'a> {
    pub(super) client: &'a Client,
    pub(super) inspection: Inspection<'a>,
    pub(super) number: &'a E164,
}

impl OwnText<'_> {
    pub(super) async fn check(&self, case: &Case<'_>, findings: &mut Findings) {
        const ADVICE: &str = "See what CXone says: a member of the request, the spelling of the \
                              recipient, or the hours of the tenant.";
        let sender = case.values.get("SMS_SENDER").and_then(|sender| sender.parse().ok());
        let Some(from) = sender else {
            findings.not_checked("sent", "SMS_SENDER is not set");
            return;
        };
        let id = Uuid::new_v4();
        let reference = self.inspection.reference(id);
        let text = format!("outbound doctor, ref {reference}");
        let sms = Sms { id, to: self.number.clone(), from, text };
        if let Err(error) = self.client.send_sms(&sms, deadline()).await {
            findings.add(refused("sent", &error, ADVICE));
            return;
        }
        findings.add(Finding::ok("sent", "CXone takes a text to your number: it must arrive once"));
        findings.add(found(self.looked_for(&sms.from, &reference, 1).await));
        if case.writing.bulk {
            findings.add(self.again(&sms, &reference).await);
        }
    }

    /// Sends the message again, with the same id.
    async fn again(&self, sms: &Sms, reference: &str) -> Finding {
        const CHECK: &str = "sent-again";
        if let Err(error) = self.client.send_sms(sms, deadline()).await {
            return Finding::look(CHECK, format!("the same X-Trace-Id is refused: {error}"));
        }
        match self.looked_for(&sms.from, reference, 2).await {
            Ok(2..) => Finding::ok(CHECK, "the same X-Trace-Id is sent again, as is assumed"),
            Ok(_) => Finding::ok(CHECK, "the same X-Trace-Id is not sent again, as far as is seen"),
            Err(error) => Finding::not_checked(CHECK, error),
        }
    }

    /// Number of messages with a reference, once there are as many as expected.
    async fn looked_for(
        &self,
        sender: &E164,
        reference: &str,
        expected: usize,
    ) -> Result<usize, Error> {
        let mut found = 0;
        for look in 0..LOOKS_MAX {
            pause_before(look).await;
            found = self.inspection.texts_with(sender, reference, deadline()).await?;
            if found >= expected {
                break;
            }
        }
        Ok(found)
    }
}

/// Whether a message whose answer is lost would be found.
fn found(found: Result<usize, Error>) -> Finding {
    const CHECK: &str = "found";
    match found {
        Ok(1..) => Finding::ok(CHECK, "it is found by its reference"),
        Ok(0) => {
            let detail = "no search finds it: a text whose answer is lost is sent again";
            Finding::look(CHECK, detail)
        }
        Err(error) => Finding::not_checked(CHECK, error),
    }
}

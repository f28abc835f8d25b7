//! State of the sandbox after the journey.

use std::collections::BTreeMap;

use serde_json::Value;

use super::Ending;
use crate::{
    DNC_LIST, Sandbox,
    aws::Message,
    campaigns::{self, Run},
    cxone::{Contact, DncContact, Message as Sms},
    receiver::Delivery,
};

/// Dead-letter queues.
const DEAD_LETTERS: [&str; 5] = [
    "DncDeadLetterQueue",
    "CallbackDeadLetterQueue",
    "CampaignWebhookDeadLetterQueue",
    "DispositionDeadLetterQueue",
    "InteractionDeadLetterQueue",
];
/// Queues of the consumers of interactions, in the order of the counts of an ending.
const CONSUMERS: [&str; 3] = ["AnalyticsQueue", "CrmSyncQueue", "NotificationQueue"];

/// State after the journey.
pub(super) struct Aftermath<'a> {
    sandbox: &'a Sandbox,
    listed: BTreeMap<String, DncContact>,
    contacts: BTreeMap<String, Contact>,
    messages: Vec<Sms>,
    runs: Vec<Run>,
    reports: Vec<Delivery>,
    delivered: [Vec<Message>; 3],
    dead_letters: Vec<Message>,
}

impl<'a> Aftermath<'a> {
    /// Takes stock. The messages of consumers and the dead letters are taken out of their queues.
    pub(super) async fn of(sandbox: &'a Sandbox) -> anyhow::Result<Self> {
        let mut dead_letters = Vec::new();
        for queue in DEAD_LETTERS {
            dead_letters.extend(sandbox.aws.queues.drain(queue).await?);
        }
        let mut delivered = <[Vec<Message>; 3]>::default();
        for (messages, queue) in delivered.iter_mut().zip(CONSUMERS) {
            *messages = sandbox.aws.queues.drain(queue).await?;
        }
        Ok(Self {
            sandbox,
            listed: sandbox.cxone.dnc_list(DNC_LIST).contacts,
            contacts: sandbox.cxone.contacts(),
            messages: sandbox.cxone.messages(),
            runs: campaigns::runs(sandbox)?,
            reports: sandbox.receiver.deliveries(),
            delivered,
            dead_letters,
        })
    }

    /// Ending of the event that has this marker.
    pub(super) fn ending(&self, marker: &str) -> Ending {
        self.on_the_list(marker)
            .or_else(|| self.of_a_campaign(marker))
            .or_else(|| self.of_a_callback(marker))
            .or_else(|| self.of_a_disposition(marker))
            .or_else(|| self.of_an_interaction(marker))
            .or_else(|| self.among_the_dead_letters(marker))
            .unwrap_or(Ending::Rejected)
    }

    fn on_the_list(&self, number: &str) -> Option<Ending> {
        self.listed.contains_key(number).then_some(Ending::Listed)
    }

    fn of_a_campaign(&self, campaign: &str) -> Option<Ending> {
        let is_about = |report: &&Delivery| report.body["data"]["campaignId"] == campaign;
        if let Some(report) = self.reports.iter().rfind(is_about) {
            let event = report.body["event"].as_str().unwrap_or_default();
            return Some(Ending::Reported(event.to_owned()));
        }
        self.runs.iter().any(|run| run.campaign_id == campaign).then_some(Ending::Running)
    }

    fn of_a_callback(&self, number: &str) -> Option<Ending> {
        let is_contact = self.contacts.values().any(|contact| contact.phone == number);
        let has_sms = self.messages.iter().any(|message| message.to == number);
        match (is_contact, has_sms) {
            (true, true) => Some(Ending::Confirmed),
            (true, false) => Some(Ending::Scheduled),
            (false, true) => Some(Ending::SmsSent),
            (false, false) => None,
        }
    }

    fn of_a_disposition(&self, contact: &str) -> Option<Ending> {
        let record = self.sandbox.cxone.contact_record(contact)?;
        let is_listed = record.phone.is_some_and(|phone| self.listed.contains_key(&phone));
        Some(Ending::Recorded { category: record.category?, is_listed })
    }

    fn of_an_interaction(&self, id: &str) -> Option<Ending> {
        let is_about = |message: &&Message| {
            let interaction: Value = serde_json::from_str(&message.body).unwrap_or_default();
            interaction["interactionId"] == id
        };
        let counts =
            self.delivered.each_ref().map(|messages| messages.iter().filter(is_about).count());
        (counts != [0; 3]).then_some(Ending::Delivered(counts))
    }

    fn among_the_dead_letters(&self, text: &str) -> Option<Ending> {
        let letter = self.dead_letters.iter().find(|letter| letter.body.contains(text))?;
        let code = letter.attribute("error_code").unwrap_or("without a reason");
        Some(Ending::DeadLettered(code.to_owned()))
    }
}

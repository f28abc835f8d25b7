//! State after the journey: of CXone, of the receiver, in queues and tables.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Ending;
use crate::{
    Sandbox, campaigns,
    cxone::{Called, View},
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

/// State after the journey, wherever it was played.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Aftermath {
    cxone: CxoneState,
    reports: Vec<Report>,
    /// Campaigns that have runs.
    campaigns: BTreeSet<String>,
    /// Messages of each consumer.
    delivered: [Vec<String>; 3],
    dead_letters: Vec<DeadLetter>,
}

/// The part of `GET /simulator/state` that endings depend on.
#[derive(Debug, Deserialize)]
struct CxoneState {
    view: View,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    is_authentic: bool,
    body: Value,
}

#[derive(Debug, Deserialize)]
struct DeadLetter {
    body: String,
    code: Option<String>,
}

impl Aftermath {
    /// Takes stock, and leaves everything where it is.
    pub async fn of(sandbox: &Sandbox) -> anyhow::Result<Self> {
        let mut dead_letters = Vec::new();
        for queue in DEAD_LETTERS {
            for dead_letter in sandbox.aws.queues.peek(queue).await? {
                dead_letters.push(json!({
                    "code": dead_letter.attribute("error_code"), "body": dead_letter.body,
                }));
            }
        }
        let mut delivered = Vec::new();
        for queue in CONSUMERS {
            let messages = sandbox.aws.queues.peek(queue).await?;
            delivered.push(messages.into_iter().map(|message| message.body).collect::<Vec<_>>());
        }
        let runs = campaigns::runs(sandbox)?.into_iter();
        Ok(serde_json::from_value(json!({
            "cxone": sandbox.cxone.state(),
            "reports": sandbox.receiver.deliveries(),
            "campaigns": runs.map(|run| run.campaign_id).collect::<BTreeSet<_>>(),
            "delivered": delivered,
            "deadLetters": dead_letters,
        }))?)
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

    fn is_listed(&self, number: &str) -> bool {
        self.cxone.view.listed.contains(number)
    }

    fn on_the_list(&self, number: &str) -> Option<Ending> {
        self.is_listed(number).then_some(Ending::Listed)
    }

    fn of_a_campaign(&self, campaign: &str) -> Option<Ending> {
        let is_about = |report: &&Report| report.body["data"]["campaignId"] == campaign;
        if let Some(report) = self.reports.iter().rfind(is_about) {
            let event = report.body["event"].as_str().unwrap_or_default();
            let signed = if report.is_authentic { "" } else { ", with a wrong signature" };
            return Some(Ending::Reported(format!("{event}{signed}")));
        }
        self.campaigns.contains(campaign).then_some(Ending::Running)
    }

    fn of_a_callback(&self, number: &str) -> Option<Ending> {
        let View { callbacks, texts, .. } = &self.cxone.view;
        let is_contact = callbacks.iter().any(|callback| callback.number == number);
        let has_sms = texts.iter().any(|text| text.to == number);
        match (is_contact, has_sms) {
            (true, true) => Some(Ending::Confirmed),
            (true, false) => Some(Ending::Scheduled),
            (false, true) => Some(Ending::SmsSent),
            (false, false) => None,
        }
    }

    fn of_a_disposition(&self, contact: &str) -> Option<Ending> {
        let Called { number, category } = self.cxone.view.called.get(contact)?;
        let is_listed = number.as_ref().is_some_and(|number| self.is_listed(number));
        Some(Ending::Recorded { category: category.clone()?, is_listed })
    }

    fn of_an_interaction(&self, id: &str) -> Option<Ending> {
        let is_about = |message: &&String| {
            let interaction: Value = serde_json::from_str(message).unwrap_or_default();
            interaction["interactionId"] == id
        };
        let counts =
            self.delivered.each_ref().map(|messages| messages.iter().filter(is_about).count());
        (counts != [0; 3]).then_some(Ending::Delivered(counts))
    }

    fn among_the_dead_letters(&self, text: &str) -> Option<Ending> {
        let dead_letter =
            self.dead_letters.iter().find(|dead_letter| dead_letter.body.contains(text))?;
        let code = dead_letter.code.as_deref().unwrap_or("without a reason");
        Some(Ending::DeadLettered(code.to_owned()))
    }
}

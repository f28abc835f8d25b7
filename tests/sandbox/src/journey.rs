//! The journey of the sample events: each is sent, and its result is compared with what
//! `events/journey.yaml` promises.

mod aftermath;
mod ending;

use std::{collections::BTreeMap, time::Duration};

use anyhow::Context;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    DNC_LIST, Outcome, Sandbox,
    cxone::{ConflictId, ContactList},
    events::Event,
    workspace_root,
};

pub use aftermath::Aftermath;
pub use ending::Ending;

const EVENING: NaiveTime = NaiveTime::from_hms_opt(20, 0, 0).expect("a time of day");
/// Receiver of reports in the samples, replaced by the sandbox's own. Here that is the sandbox's
/// own receiver.
const SAMPLE_RECEIVER: &str = "https://hooks.example.com";

/// The journey as it is planned.
#[derive(Debug, Deserialize)]
pub struct Journey {
    #[serde(default)]
    cxone: CxoneBefore,
    /// Start of the journey: the samples' times are moved there, so that a repeat stays one.
    #[serde(skip, default = "Utc::now")]
    begins_at: DateTime<Utc>,
    /// Events to send, in order.
    pub steps: Vec<Step>,
}

/// State of CXone before the journey.
#[derive(Debug, Default, Deserialize)]
struct CxoneBefore {
    #[serde(default)]
    refused: BTreeMap<String, String>,
    #[serde(default)]
    conflicts: BTreeMap<String, ConflictId>,
    /// Campaigns or numbers whose contacts are refused, with CXone's message.
    #[serde(default)]
    refused_contacts: BTreeMap<String, String>,
    /// The zones of the contacts of campaigns, a contact each.
    #[serde(default)]
    contact_zones: BTreeMap<String, Vec<String>>,
    /// Number of calls that campaigns make.
    #[serde(default)]
    calls: BTreeMap<String, u64>,
    /// Contacts that are there already, with their numbers.
    #[serde(default)]
    contacts: BTreeMap<String, String>,
    /// Zones or campaigns whose schedules are refused, with CXone's message.
    #[serde(default)]
    refused_schedules: BTreeMap<String, String>,
}

/// One event, and what must come of it.
#[derive(Debug, Deserialize, Serialize)]
pub struct Step {
    /// Its path below `events/`.
    pub event: String,
    /// Fault that begins here.
    fault: Option<String>,
    /// Expected reply, as `200 accepted`.
    pub reply: Option<String>,
    marker: String,
    /// Expected ending.
    pub ends: Ending,
}

/// A step together with what it sends.
#[derive(Debug, Serialize)]
pub struct Sending<'a> {
    #[serde(flatten)]
    step: &'a Step,
    sends: Event,
}

/// Result of a step.
pub struct Result {
    /// Reply to the sender.
    pub reply: Option<String>,
    /// Ending of the event.
    pub ending: Ending,
}

impl Journey {
    /// Reads `events/journey.yaml`.
    pub fn read() -> anyhow::Result<Self> {
        let path = workspace_root().join("events/journey.yaml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_yaml_ng::from_str(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    /// Requests and messages of the steps, to play the journey elsewhere.
    pub fn sendings(&self) -> anyhow::Result<Vec<Sending<'_>>> {
        let sending = |step| Ok(Sending { step, sends: Event::read(&step.event, self.begins_at)? });
        self.steps.iter().map(sending).collect()
    }

    /// Prepares the clock and CXone for the journey.
    pub fn prepare(&self, sandbox: &Sandbox) {
        sandbox.clock.advance_to(next_evening(sandbox.clock.now()));
        sandbox.cxone.edit_dnc_list(DNC_LIST, |list| {
            list.refused.clone_from(&self.cxone.refused);
            list.conflicts.clone_from(&self.cxone.conflicts);
        });
        for (what, message) in &self.cxone.refused_contacts {
            sandbox.cxone.refuse_contacts(what, message);
        }
        for (id, phone) in &self.cxone.contacts {
            sandbox.cxone.add_contact(id, Some(phone));
        }
        for (what, message) in &self.cxone.refused_schedules {
            sandbox.cxone.refuse_schedules(what, message);
        }
        for (campaign, zones) in &self.cxone.contact_zones {
            let contact = |(index, zone): (usize, &String)| {
                (format!("{campaign}-{index}"), Some(zone.clone()))
            };
            let contacts = zones.iter().enumerate().map(contact).collect();
            sandbox.cxone.set_contact_list(campaign, ContactList::of(contacts));
        }
        for (campaign, calls) in &self.cxone.calls {
            sandbox.cxone.plan_calls(campaign, *calls);
        }
    }

    /// Sends one event and returns the reply.
    pub async fn send(&self, sandbox: &Sandbox, step: &Step) -> anyhow::Result<Option<String>> {
        if let Some(fault) = &step.fault {
            sandbox.faults.add(fault.parse()?);
        }
        match Event::read(&step.event, self.begins_at)? {
            Event::Http(request) => {
                let url = format!("{}{}", sandbox.gateway_url, request.path);
                let method = request.method.parse()?;
                let mut sent = reqwest::Client::new().request(method, url).body(request.body);
                for (name, value) in request.headers {
                    sent = sent.header(name, value);
                }
                let answer = sent.send().await?;
                let status = answer.status().as_u16();
                let body: Value = answer.json().await.unwrap_or_default();
                let word = ["status", "code", "confirmation"]
                    .iter()
                    .find_map(|field| body[field].as_str());
                Ok(Some(format!("{status} {}", word.unwrap_or_default())))
            }
            Event::Queue { queue, bodies } => {
                for body in bodies {
                    sandbox.aws.queues.send(&queue, &body).await?;
                }
                Ok(None)
            }
            Event::Schedule { function, mut payload } => {
                payload["time"] = json!(sandbox.clock.now());
                let payload = payload.to_string().replace(SAMPLE_RECEIVER, &sandbox.receiver.url());
                let outcome = sandbox.lambda.invoke(&function, payload.into()).await?;
                let Outcome::Answer(answer) = outcome else {
                    return Ok(Some(format!("failed: {outcome:?}")));
                };
                let answer: Value = serde_json::from_slice(&answer)?;
                let status = answer["campaigns"][0]["status"].as_str();
                Ok(Some(status.or(answer["status"].as_str()).unwrap_or_default().to_owned()))
            }
        }
    }

    /// The cron expressions of the campaigns in the samples, by campaign.
    pub fn crons(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let mut crons = BTreeMap::new();
        for step in &self.steps {
            if let Event::Schedule { payload, .. } = Event::read(&step.event, self.begins_at)? {
                for campaign in payload["campaigns"].as_array().into_iter().flatten() {
                    let text =
                        |field: &str| campaign[field].as_str().unwrap_or_default().to_owned();
                    crons.insert(text("campaignId"), text("cron"));
                }
            }
        }
        Ok(crons)
    }

    /// Waits until nothing is on its way any more.
    pub async fn wait_until_idle(sandbox: &Sandbox) -> anyhow::Result<()> {
        sandbox.wait_until_idle(Duration::from_mins(2)).await
    }

    /// The steps that were sent, each with its result.
    pub fn results(&self, played: &Played) -> Vec<(&Step, Result)> {
        let mut results = Vec::new();
        for step in &self.steps {
            if let Some(reply) = played.replies.get(&step.event) {
                let ending = played.aftermath.ending(&step.marker);
                results.push((step, Result { reply: reply.clone(), ending }));
            }
        }
        results
    }
}

/// A journey that was played, here or elsewhere.
#[derive(Debug, Deserialize)]
pub struct Played {
    /// Replies to the events that were sent, by the event.
    pub replies: BTreeMap<String, Option<String>>,
    /// State after it.
    pub aftermath: Aftermath,
}

/// Eight in the evening, UTC: in nearly every zone the next morning is that of the same date, so the
/// zones of a campaign start with one run, at whatever time of day the journey is played.
fn next_evening(now: DateTime<Utc>) -> DateTime<Utc> {
    let evening = now.date_naive().and_time(EVENING).and_utc();
    if evening > now { evening } else { evening + TimeDelta::days(1) }
}

impl Step {
    /// Returns whether the result is the expected one.
    pub fn is_fulfilled_by(&self, result: &Result) -> bool {
        self.reply == result.reply && self.ends == result.ending
    }
}

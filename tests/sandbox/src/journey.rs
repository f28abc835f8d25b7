//! The journey of the sample events: each is sent, and its result is compared with what
//! `events/journey.yaml` promises.

mod aftermath;
mod before;
mod ending;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::Context;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::before::CxoneBefore;
use crate::{Sandbox, cxone::Api, events::Event, workspace_root};

pub use aftermath::Aftermath;
pub use ending::Ending;

const EVENING: NaiveTime = NaiveTime::from_hms_opt(20, 0, 0).expect("a time of day");
/// Beginning of the ids of contacts in the samples.
const SAMPLE_CONTACT: &str = "contact-";
/// The same for an API whose contacts have numbers.
const NUMBERED_CONTACT: &str = "80000";

/// The journey as it is planned.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journey {
    #[serde(default)]
    cxone: CxoneBefore,
    /// Start of the journey: the samples' times are moved there, so that a repeat stays one.
    #[serde(skip, default = "Utc::now")]
    begins_at: DateTime<Utc>,
    /// Ids of contacts in the samples, and how the API in use spells them.
    #[serde(skip)]
    spellings: BTreeMap<String, String>,
    /// Events to send, in order.
    pub steps: Vec<Step>,
}

/// One event, and what must come of it.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
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
        Self::parse(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(serde_yaml_ng::from_str(text)?)
    }

    /// Reads it for an API: where contacts have numbers, others are called by one.
    pub fn read_for(api: Api) -> anyhow::Result<Self> {
        let mut journey = Self::read()?;
        if api == Api::V2 {
            return Ok(journey);
        }
        let markers = journey.steps.iter().map(|step| &step.marker);
        let ids = markers.chain(journey.cxone.contacts.keys());
        let numbered = |id: &String| {
            let number = id.strip_prefix(SAMPLE_CONTACT)?;
            Some((id.clone(), format!("{NUMBERED_CONTACT}{number}")))
        };
        journey.spellings = ids.filter_map(numbered).collect();
        let contacts = std::mem::take(&mut journey.cxone.contacts);
        journey.cxone.contacts =
            contacts.into_iter().map(|(id, phone)| (journey.spelled(&id), phone)).collect();
        Ok(journey)
    }

    /// A text with the ids of contacts as the API in use spells them.
    pub(crate) fn spelled(&self, text: &str) -> String {
        let spell = |text: String, (id, spelled): (&String, &String)| text.replace(id, spelled);
        self.spellings.iter().fold(text.to_owned(), spell)
    }

    /// Requests and messages of the steps, to play the journey elsewhere.
    pub fn sendings(&self) -> anyhow::Result<Vec<Sending<'_>>> {
        let sending = |step| Ok(Sending { step, sends: Event::read(&step.event, self.begins_at)? });
        self.steps.iter().map(sending).collect()
    }

    /// Prepares the clock and CXone for the journey.
    pub fn prepare(&self, sandbox: &Sandbox) -> anyhow::Result<()> {
        sandbox.clock.advance_to(next_evening(sandbox.clock.now()));
        self.cxone.prepare(sandbox, &self.zones()?);
        Ok(())
    }

    /// The zones that requests for campaigns name, by campaign.
    fn zones(&self) -> anyhow::Result<BTreeMap<String, BTreeSet<String>>> {
        let mut zones: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for campaign in self.campaigns()? {
            let id = campaign["campaignId"].as_str().unwrap_or_default().to_owned();
            let contacts = campaign["contacts"].as_array().into_iter().flatten();
            let named = contacts.filter_map(|it| it["timezone"].as_str().map(str::to_owned));
            zones.entry(id).or_default().extend(named);
        }
        Ok(zones)
    }

    /// The campaigns that schedules ask for.
    fn campaigns(&self) -> anyhow::Result<Vec<Value>> {
        let mut campaigns = Vec::new();
        for step in &self.steps {
            if let Event::Schedule { payload, .. } = Event::read(&step.event, self.begins_at)? {
                campaigns.extend(payload["campaigns"].as_array().cloned().unwrap_or_default());
            }
        }
        Ok(campaigns)
    }

    /// Sends one event and returns the reply.
    pub async fn send(&self, sandbox: &Sandbox, step: &Step) -> anyhow::Result<Option<String>> {
        if let Some(fault) = &step.fault {
            sandbox.faults.try_add(fault.parse()?)?;
        }
        let event = Event::read(&step.event, self.begins_at)?.map_text(|text| self.spelled(text));
        Ok(sandbox.senders.send(event).await?.word())
    }

    /// The cron expressions of the campaigns in the samples, by campaign.
    pub fn crons(&self) -> anyhow::Result<BTreeMap<String, String>> {
        let cron = |campaign: Value| {
            let text = |field: &str| campaign[field].as_str().unwrap_or_default().to_owned();
            (text("campaignId"), text("cron"))
        };
        Ok(self.campaigns()?.into_iter().map(cron).collect())
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
                let ending = played.aftermath.ending(&self.spelled(&step.marker));
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

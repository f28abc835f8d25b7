//! What a tenant consists of.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;
use serde_json::Value;

use super::super::{
    dispositions::DISPOSITIONS,
    hours::{Week, ZoneHours},
    number::Number,
    skills::{PERSONAL_CONNECTION, TELEPHONE},
};

/// A do-not-call group.
#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Group {
    /// Name.
    pub name: String,
    /// True if it is switched off.
    pub is_inactive: bool,
    /// Entries by number.
    pub records: BTreeMap<Number, DncRecord>,
    /// Skills that obey it.
    pub scrubbed_skills: BTreeSet<i64>,
}

/// An entry of a do-not-call group.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DncRecord {
    /// Its number.
    pub id: i64,
    /// Time of the first write.
    pub since: DateTime<Utc>,
    /// Time of the latest write.
    pub updated: DateTime<Utc>,
    /// Time from which it does not count any more.
    pub expires: Option<DateTime<Utc>>,
    /// Number of writes.
    pub writes: u32,
}

impl DncRecord {
    /// Returns whether it counts at an instant.
    pub fn is_in_force(&self, at: DateTime<Utc>) -> bool {
        self.expires.is_none_or(|expires| at < expires)
    }
}

/// A skill: what dials.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Skill {
    /// Name.
    pub name: String,
    /// False if it is switched off.
    pub is_active: bool,
    /// False if it only takes calls.
    pub is_outbound: bool,
    /// Number of its medium.
    pub medium: i64,
    /// Kind of dialing.
    pub strategy: &'static str,
    /// Whether it dials.
    pub is_running: bool,
    /// Time of the latest start or stop from outside.
    pub(in super::super) switched: Option<DateTime<Utc>>,
    /// When it may call each zone.
    pub hours: Vec<ZoneHours>,
    /// Hours that count from an instant on.
    pub(in super::super) coming: Option<(DateTime<Utc>, Vec<ZoneHours>)>,
    /// Number of PUTs of its hours.
    pub(in super::super) puts: u32,
    /// When it may call at all.
    pub week: Week,
    /// The script that may suppress its calls.
    pub suppression_script: Option<i64>,
    /// Number of cadences.
    pub cadences: usize,
    /// The most attempts of a callback.
    pub callbacks_max: u32,
    /// Number of outcomes that agents choose from.
    pub dispositions: usize,
    /// Dials a minute in each zone.
    pub dials_per_minute: usize,
    /// Agents who have it, all of whom are logged in.
    pub agents: u32,
    /// Words with which its callbacks are refused, if they are.
    pub refuses_callbacks: Option<String>,
    /// Words with which counts of its calls are refused, if they are.
    pub refuses_counts: Option<String>,
    /// Dials so far.
    pub(in super::super) dials: u64,
}

impl Skill {
    /// A stopped skill with these hours.
    pub fn new(name: &str, hours: Vec<ZoneHours>) -> Self {
        Self {
            name: name.to_owned(),
            is_active: true,
            is_outbound: true,
            medium: TELEPHONE,
            strategy: PERSONAL_CONNECTION,
            is_running: false,
            switched: None,
            hours,
            coming: None,
            puts: 0,
            week: Week::default(),
            suppression_script: None,
            cadences: 0,
            callbacks_max: 3,
            dispositions: DISPOSITIONS.len(),
            dials_per_minute: 1,
            agents: 8,
            refuses_callbacks: None,
            refuses_counts: None,
            dials: 0,
        }
    }
}

/// A calling list of a skill.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CallList {
    /// Name.
    pub name: String,
    /// The skill that dials it.
    pub skill: i64,
    /// Records that wait, by zone.
    pub waiting: BTreeMap<&'static str, VecDeque<Number>>,
    /// Number of records that are done.
    pub finalized: u64,
    /// Contacts that came of records.
    pub attempts: Vec<i64>,
}

impl CallList {
    /// Number of all records.
    pub(crate) fn total(&self) -> u64 {
        self.finalized + self.waiting.values().map(|records| records.len() as u64).sum::<u64>()
    }
}

/// A commitment to call somebody.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Callback {
    /// The skill that calls.
    pub skill: i64,
    /// The agent it belongs to, if not the skill.
    pub agent: Option<i64>,
    /// The number to call.
    pub number: Number,
    /// First name, as it was sent.
    pub first_name: String,
    /// Last name, as it was sent.
    pub last_name: String,
    /// Notes, as long as the tenant keeps them.
    pub notes: String,
    /// Time of the call.
    pub due: DateTime<Utc>,
    /// Time of the write.
    pub created: DateTime<Utc>,
    /// The contact it became.
    pub delivered: Option<i64>,
}

/// A call.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Contact {
    /// The skill it belongs to.
    pub skill: i64,
    /// The customer's number.
    pub number: Option<Number>,
    /// False for a call of the customer's.
    pub is_outbound: bool,
    /// The zone it was dialed in, if by the dialer.
    pub zone: Option<&'static str>,
    /// Whether a person answered.
    pub is_connected: bool,
    /// Begin.
    pub started: DateTime<Utc>,
    /// End.
    pub ended: DateTime<Utc>,
    /// The outcome and the time at which the agent chooses it.
    pub disposition: Option<(i64, DateTime<Utc>)>,
    /// Notes of the outcome.
    pub notes: String,
    /// Tags.
    pub tags: BTreeSet<i64>,
    /// The tag that was put on it last.
    pub last_tag: Option<i64>,
    /// Business data that was written.
    pub business_data: Vec<Value>,
    /// Time of the latest write from outside.
    pub changed: Option<DateTime<Utc>>,
}

/// A channel of text messages.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Channel {
    /// CXone's id of it.
    pub id: String,
    /// The number that messages come from.
    pub number: Number,
    /// False if no message can go out through it.
    pub sends: bool,
}

impl Channel {
    /// The channel of a number.
    pub fn of(number: Number) -> Self {
        Self { id: format!("sms_sandbox-sms_{}", number.international()), number, sends: true }
    }
}

/// A text message that was sent.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TextMessage {
    /// Its id.
    pub id: String,
    /// The case that it opened.
    pub contact_id: String,
    /// Its channel.
    pub channel: String,
    /// Recipient.
    pub to: Number,
    /// Content.
    pub text: String,
    /// Status of the case.
    pub status: Option<String>,
    /// The sender's id of it, if any.
    pub trace_id: Option<String>,
    /// Time.
    pub sent: DateTime<Utc>,
    /// Number of posts.
    pub posts: u32,
}

/// Work of an agent for a skill in a half hour.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Actual {
    /// The skill.
    pub skill: i64,
    /// The agent.
    pub agent: i64,
    /// Begin of the half hour.
    pub half_hour: DateTime<Utc>,
    /// Number of contacts.
    pub handled: u32,
    /// Time spent on them.
    pub handled_s: u32,
}

impl Contact {
    /// A call of a minute that a person answered.
    pub(in crate::cxone) fn outbound(
        skill: i64,
        number: Option<Number>,
        zone: Option<&'static str>,
        started: DateTime<Utc>,
    ) -> Self {
        Self {
            skill,
            number,
            is_outbound: true,
            zone,
            is_connected: true,
            started,
            ended: started + TimeDelta::minutes(1),
            disposition: None,
            notes: String::new(),
            tags: BTreeSet::new(),
            last_tag: None,
            business_data: Vec::new(),
            changed: None,
        }
    }
}

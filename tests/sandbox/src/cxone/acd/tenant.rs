//! State of the tenant.

mod parts;

use std::collections::{BTreeMap, VecDeque};

use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

pub use parts::{
    Actual, CallList, Callback, Channel, Contact, DncRecord, Group, Skill, TextMessage,
};

use super::{
    hours::ZoneHours,
    number::Number,
    traits::Traits,
    zones::{ZONES, Zone},
};
use crate::cxone::tokens::Tokens;

/// Number of the do-not-call group that the tenant begins with.
pub const DNC_GROUP: i64 = 1001;
/// Number of the skill that the tenant begins with: no run stops it, and callbacks go to it.
pub const CALLBACK_SKILL: i64 = 4_271_300;
/// Number of a skill that is there to be tried out: nothing can be called with it.
pub const TEST_SKILL: i64 = 4_271_299;
/// Campaign of all skills.
pub(super) const CAMPAIGN: i64 = 77;
/// Sender of calls.
pub(super) const CALLER_ID: &str = "2025550199";

/// A tenant.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// What no public source tells.
    pub traits: Traits,
    /// The whole of it.
    pub business_unit: BusinessUnit,
    /// Do-not-call groups by number.
    pub groups: BTreeMap<i64, Group>,
    /// Skills by number.
    pub skills: BTreeMap<i64, Skill>,
    /// Calling lists by number.
    pub lists: BTreeMap<i64, CallList>,
    /// Callbacks by number.
    pub callbacks: BTreeMap<i64, Callback>,
    /// Contacts by number: each is one call.
    pub contacts: BTreeMap<i64, Contact>,
    /// Channels of text messages.
    pub channels: Vec<Channel>,
    /// Text messages in their order.
    pub texts: Vec<TextMessage>,
    /// Work of agents.
    pub actuals: Vec<Actual>,
    /// Newest versions of operations of which later ones are not served.
    pub newest_versions: BTreeMap<String, u32>,
    /// Numbers that are refused wherever they come, with the words.
    pub refused: BTreeMap<Number, String>,
    #[serde(skip)]
    pub(in crate::cxone) tokens: Tokens,
    /// Time up to which everything has happened.
    pub(in crate::cxone) now: DateTime<Utc>,
    next_id: i64,
}

/// The whole of a tenant.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BusinessUnit {
    /// The name that Windows gives its zone.
    pub zone: &'static str,
    /// When each zone may be called at all.
    pub hours: Vec<ZoneHours>,
    /// Whether scripts may suppress calls.
    pub call_suppression: bool,
}

impl Tenant {
    /// A tenant with a do-not-call group, a running skill for callbacks that obeys it, and a
    /// curfew from 8 to 21 in every zone.
    pub(in crate::cxone) fn new(now: DateTime<Utc>, tokens: Tokens) -> Self {
        let curfew = |zone: &Zone| ZoneHours::of(zone.name, "08:00", "21:00");
        let mut tenant = Self {
            traits: Traits::default(),
            business_unit: BusinessUnit {
                zone: "Eastern Standard Time",
                hours: ZONES.iter().map(curfew).collect(),
                call_suppression: false,
            },
            groups: BTreeMap::new(),
            skills: BTreeMap::new(),
            lists: BTreeMap::new(),
            callbacks: BTreeMap::new(),
            contacts: BTreeMap::new(),
            channels: Vec::new(),
            texts: Vec::new(),
            actuals: Vec::new(),
            newest_versions: BTreeMap::new(),
            refused: BTreeMap::new(),
            tokens,
            now,
            next_id: 9_000_000_000,
        };
        let group = Group { name: "Sandbox".to_owned(), ..Group::default() };
        tenant.groups.insert(DNC_GROUP, group);
        tenant.add_skill(CALLBACK_SKILL, "Callbacks", &[]);
        tenant.skills.entry(CALLBACK_SKILL).and_modify(|skill| skill.is_running = true);
        tenant
    }

    /// Adds a stopped skill that obeys every group there is. With no hours, it has those of the
    /// business unit.
    pub fn add_skill(&mut self, id: i64, name: &str, hours: &[ZoneHours]) {
        let hours = if hours.is_empty() { &self.business_unit.hours } else { hours };
        self.skills.insert(id, Skill::new(name, hours.to_vec()));
        for group in self.groups.values_mut() {
            group.scrubbed_skills.insert(id);
        }
    }

    /// Adds a calling list to a skill and returns its number.
    pub fn add_list(&mut self, skill: i64, records: Vec<(Number, &'static str)>) -> i64 {
        let mut waiting: BTreeMap<_, VecDeque<_>> = BTreeMap::new();
        for (number, zone) in records {
            waiting.entry(zone).or_default().push_back(number);
        }
        let id = self.new_id();
        let name = format!("List {id}");
        self.lists
            .insert(id, CallList { name, skill, waiting, finalized: 0, attempts: Vec::new() });
        id
    }

    /// Adds a call that has ended, with this number, unless there is one with this number already.
    pub fn add_contact(&mut self, id: i64, number: Option<Number>) {
        let started = self.now - TimeDelta::minutes(5);
        let contact = Contact::outbound(CALLBACK_SKILL, number.clone(), None, started);
        let renumber = |contact: &mut Contact| contact.number = number;
        self.contacts.entry(id).and_modify(renumber).or_insert(contact);
    }

    /// Puts a number on a group, if there is such a group.
    pub fn list(&mut self, group: i64, number: Number) {
        let (id, now) = (self.new_id(), self.now);
        let record = DncRecord { id, since: now, updated: now, expires: None, writes: 1 };
        self.groups.entry(group).and_modify(|group| {
            group.records.insert(number, record);
        });
    }

    pub(in crate::cxone) fn new_id(&mut self) -> i64 {
        self.next_id += 1;
        self.next_id
    }
}

//! What a tenant's ACD services show of it, for an operator who has to find out whether it is set up
//! for the product. The operations of [`trial`] may write, all others only read, and no function needs
//! them.

mod trial;
mod unit;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use ambient::Instant;
use chrono::{DateTime, NaiveDateTime, NaiveTime, Utc};
use outbound::{E164, Tz};

use crate::{Error, acd::Acd, client::before};

pub use trial::{CompletedPage, CompletedQuery, ListedContact, Probe, SeenRecord};
pub use unit::{AcceptHeader, Disposition, InspectedUnit, OfferedPath};

/// A tenant with the ACD services, and the settings that it is called with. Each call ends half a
/// second before its deadline.
#[derive(Debug, Clone, Copy)]
pub struct Inspection<'a>(&'a Acd);

/// A do-not-call group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DncGroup {
    /// Its name; empty if it has none.
    pub name: String,
    /// False if CXone says that it is not active, or removed.
    pub is_active: bool,
}

/// A skill. What CXone does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InspectedSkill {
    /// Its name.
    pub name: Option<String>,
    /// Number of its medium; 4 is the telephone.
    pub medium: Option<u64>,
    /// False if it is switched off.
    pub is_active: Option<bool>,
    /// True if it calls.
    pub is_outbound: Option<bool>,
    /// Kind of dialing, such as `Personal Connection`.
    pub strategy: Option<String>,
    /// True if it dials now. CXone is seen to say it only of skills that do.
    pub is_running: bool,
    /// CXone's id of the script that may suppress its calls.
    pub suppression_script: Option<String>,
}

/// Settings of a skill's dialer. What CXone does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InspectedSettings {
    /// The zones that it may call.
    pub zones: Vec<InspectedZone>,
    /// Number of its calling lists.
    pub calling_lists: Option<usize>,
    /// True if its weekly schedule counts.
    pub is_scheduled: Option<bool>,
    /// Number of its cadences, which may narrow its hours.
    pub cadences: Option<usize>,
    /// Most attempts of a callback.
    pub callbacks_max: Option<u64>,
    /// Minutes after which a callback is stale.
    pub callback_stale_minutes: Option<u64>,
}

/// A time zone of a skill.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InspectedZone {
    /// The name that Windows gives it.
    pub name: String,
    /// Its IANA name, if there is one for that.
    pub iana: Option<&'static str>,
    /// Times of day in which it is called, in minutes after midnight. `None` when they cannot be read.
    pub hours: Option<Range<u16>>,
}

/// Counts of a skill in a period. What CXone does not say is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkillCounts {
    /// Calls that were dialed.
    pub dials: Option<u64>,
    /// Calls that reached somebody.
    pub connects: Option<u64>,
}

/// A channel of text messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextChannel {
    /// False if CXone says that no message can go out through it.
    pub sends: bool,
}

/// Work of one agent for one skill in a half hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentWork {
    /// The skill.
    pub skill: u64,
    /// CXone's id of the agent.
    pub agent: String,
    /// Begin of the half hour.
    pub half_hour: HalfHour,
}

/// Begin of a half hour, in one of the forms that tenants have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HalfHour {
    /// An instant.
    At(DateTime<Utc>),
    /// A date and time by the clocks of the tenant.
    Local(NaiveDateTime),
    /// A time of the day that was asked for, by the clocks of the tenant.
    OfDay(NaiveTime),
}

impl<'a> Inspection<'a> {
    pub(crate) fn new(acd: &'a Acd) -> Self {
        Self(acd)
    }

    /// The campaigns of `CXONE_SKILLS`, each with its skills, the one for callbacks first.
    pub fn campaigns(self) -> impl Iterator<Item = (&'a str, &'a [u64])> {
        self.0.settings().skills.campaigns()
    }

    /// The IANA names of `CXONE_ZONES`; none for all zones of a skill.
    pub fn called_zones(self) -> BTreeSet<&'a str> {
        self.0.settings().zones.0.iter().map(|zone| zone.iana.as_str()).collect()
    }

    /// Returns whether `CXONE_CAPACITY` has an entry for a skill.
    pub fn has_plan(self, skill: u64) -> bool {
        self.0.settings().capacity.is_of(skill)
    }

    /// The channel of `CXONE_DFO_CHANNELS` for a sender.
    pub fn channel_of(self, sender: &str) -> Option<&'a str> {
        self.0.settings().texts.channel(sender).map(|(_, channel)| channel)
    }

    /// Most records in one request to a do-not-call group.
    pub fn dnc_chunk(self) -> usize {
        self.0.settings().dnc_chunk()
    }

    /// Returns whether completed calls are counted by contacts.
    pub fn counts_by_contact(self) -> bool {
        self.0.settings().counts_by_contact()
    }

    /// Returns whether completed calls are counted by calling lists.
    pub fn counts_by_list(self) -> bool {
        self.0.settings().counts_by_list()
    }

    /// A do-not-call group.
    pub async fn dnc_group(self, group: &str, deadline: Instant) -> Result<DncGroup, Error> {
        Box::pin(self.0.dnc_group(group, before(deadline))).await
    }

    /// The skills that obey a do-not-call group.
    pub async fn scrubbed_skills(
        self,
        group: &str,
        deadline: Instant,
    ) -> Result<BTreeSet<u64>, Error> {
        Box::pin(self.0.scrubbed_skills(group, before(deadline))).await
    }

    /// Searches the do-not-call groups for a number that nobody has.
    pub async fn search_dnc(self, deadline: Instant) -> Result<(), Error> {
        Box::pin(self.0.search_nobody(before(deadline))).await
    }

    /// The digits by which a do-not-call group is seen to hold a number; none when it does not.
    pub async fn spellings_listed(
        self,
        group: &str,
        number: &E164,
        deadline: Instant,
    ) -> Result<Vec<String>, Error> {
        Box::pin(self.0.spellings_listed(group, number, before(deadline))).await
    }

    /// A skill.
    pub async fn skill(self, skill: u64, deadline: Instant) -> Result<InspectedSkill, Error> {
        Box::pin(self.0.inspected_skill(skill, before(deadline))).await
    }

    /// Settings of a skill's dialer.
    pub async fn settings(self, skill: u64, deadline: Instant) -> Result<InspectedSettings, Error> {
        Box::pin(self.0.inspected_settings(skill, before(deadline))).await
    }

    /// Returns whether scripts may suppress calls of the tenant, `None` if CXone does not say it.
    pub async fn suppresses_calls(self, deadline: Instant) -> Result<Option<bool>, Error> {
        Box::pin(self.0.suppresses_calls(before(deadline))).await
    }

    /// Names of the zones that are closed for the whole tenant.
    pub async fn closed_zones(self, deadline: Instant) -> Result<BTreeSet<String>, Error> {
        Box::pin(self.0.zones_closed(before(deadline))).await
    }

    /// Lists the callbacks of a skill, and keeps nothing of them.
    pub async fn callbacks(self, skill: u64, deadline: Instant) -> Result<(), Error> {
        Box::pin(self.0.listed_callbacks(skill, before(deadline))).await
    }

    /// Counts of skills in a period. A skill that is left out has made no calls.
    pub async fn summaries(
        self,
        period: &Range<DateTime<Utc>>,
        deadline: Instant,
    ) -> Result<BTreeMap<u64, SkillCounts>, Error> {
        Box::pin(self.0.counts(period, before(deadline))).await
    }

    /// Reads the number of contacts of a skill that were over in a period.
    pub async fn completed(
        self,
        skill: u64,
        period: &Range<DateTime<Utc>>,
        deadline: Instant,
    ) -> Result<u64, Error> {
        Box::pin(self.0.completed_in(skill, period, before(deadline))).await
    }

    /// Reads the calling lists of a skill.
    pub async fn lists(self, skill: u64, deadline: Instant) -> Result<u64, Error> {
        Box::pin(self.0.finalized(skill, before(deadline))).await
    }

    /// Reads the agents who are logged in.
    pub async fn agents(self, deadline: Instant) -> Result<(), Error> {
        Box::pin(self.0.read_agents(before(deadline))).await
    }

    /// A channel of text messages, by its id.
    pub async fn text_channel(self, id: &str, deadline: Instant) -> Result<TextChannel, Error> {
        Box::pin(self.0.text_channel(id, before(deadline))).await
    }

    /// The zone of the tenant, if it is one with a name that Windows or the IANA gives.
    pub async fn clocks(self, deadline: Instant) -> Result<Option<Tz>, Error> {
        Box::pin(self.0.clocks(before(deadline))).await
    }

    /// The agents who handled a contact in a period, by skill and half hour.
    pub async fn agent_work(
        self,
        period: &Range<DateTime<Utc>>,
        deadline: Instant,
    ) -> Result<Vec<AgentWork>, Error> {
        Box::pin(self.0.agent_work(period, before(deadline))).await
    }
}

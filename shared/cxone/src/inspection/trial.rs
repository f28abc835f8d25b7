//! What shows only when something is written, or asked for that has no good answer. What is written
//! is the caller's to put back.

use std::ops::Range;

use ambient::Instant;
use chrono::{DateTime, Utc};
use outbound::E164;
use uuid::Uuid;

use super::Inspection;
use crate::{
    Callback, DispositionRecord, Error, Scheduled, Seen, SkillHours, SkillWeek, TokenTrials,
    acd::reference, client::before,
};

/// A request that shows how a tenant answers it. None of them writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// A read with a token that was never granted.
    BadToken,
    /// A read that costs a tenant little.
    Cheap,
    /// A skill that does not exist.
    UnknownSkill,
    /// A contact that does not exist.
    UnknownContact,
    /// A number that is in no do-not-call group.
    UnlistedNumber,
    /// Contacts of a period that ends before it begins: the ACD services have to refuse it.
    BackwardPeriod,
    /// Messages of a direction that there is not: Digital First Omnichannel has to refuse it.
    UnknownDirection,
}

/// A record of a do-not-call group that was sent, as the answer shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenRecord {
    /// True if it is listed.
    pub is_success: bool,
    /// CXone's error message, with phone numbers masked.
    pub message: Option<String>,
    /// Position of the record that the result names, if it names one of those that were sent.
    pub names: Option<usize>,
}

/// What is asked of the calls that are over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedQuery {
    /// The skill whose calls of the period are asked for. Otherwise those of all skills that have
    /// changed since its begin, in the order of their changes.
    pub skill: Option<u64>,
    /// The period.
    pub period: Range<DateTime<Utc>>,
    /// Number of calls to skip.
    pub skip: u64,
    /// Size of the page.
    pub size: u64,
}

/// A page of calls that are over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompletedPage {
    /// The calls on it.
    pub contacts: Vec<ListedContact>,
    /// Number of all calls, as CXone says.
    pub total: Option<u64>,
}

/// A call that is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedContact {
    /// CXone's id of it.
    pub id: String,
    /// Time of its last change. `None` if it cannot be read.
    pub updated_at: Option<DateTime<Utc>>,
}

impl Inspection<'_> {
    /// Tries the styles of token requests that are not configured, after a refusal. Credentials go to
    /// the host of `CXONE_TOKEN_URL` and to no other.
    pub async fn token_trials(self, deadline: Instant) -> TokenTrials {
        Box::pin(self.0.token_trials(before(deadline))).await
    }

    /// Sends a request once, to see its answer.
    pub async fn probe(self, probe: Probe, deadline: Instant) -> Result<Seen, Error> {
        Box::pin(self.0.probe(probe, before(deadline))).await
    }

    /// A page of the calls that are over.
    pub async fn completed_page(
        self,
        asked: &CompletedQuery,
        deadline: Instant,
    ) -> Result<CompletedPage, Error> {
        Box::pin(self.0.completed_page(asked, before(deadline))).await
    }

    /// The digits by which a number is written to a do-not-call group. `None` if it cannot be.
    pub fn dnc_digits(self, number: &E164) -> Option<u64> {
        self.0.dnc_digits(number)
    }

    /// Puts records on a do-not-call group, in one request that is sent once. Returns the answer, and
    /// its results in their order.
    pub async fn try_dnc_records(
        self,
        group: &str,
        records: &[u64],
        deadline: Instant,
    ) -> Result<(Seen, Vec<SeenRecord>), Error> {
        Box::pin(self.0.try_records(group, records, before(deadline))).await
    }

    /// Takes records off a do-not-call group. Repeating it is harmless.
    pub async fn take_off_dnc(
        self,
        group: &str,
        records: &[u64],
        deadline: Instant,
    ) -> Result<(), Error> {
        Box::pin(self.0.take_off_dnc(group, records, before(deadline))).await
    }

    /// Books a callback whatever its time, which may be over. Nothing is looked for beforehand.
    pub async fn try_callback(
        self,
        callback: &Callback,
        deadline: Instant,
    ) -> Result<Scheduled, Error> {
        Box::pin(self.0.try_callback(callback, before(deadline))).await
    }

    /// What the skill of a campaign lists of a callback, `None` if nothing.
    pub async fn booked(
        self,
        callback: &Callback,
        deadline: Instant,
    ) -> Result<Option<Scheduled>, Error> {
        Box::pin(self.0.listed_callback(callback, before(deadline))).await
    }

    /// Number of callbacks that a skill has.
    pub async fn bookings(self, skill: u64, deadline: Instant) -> Result<usize, Error> {
        Box::pin(self.0.bookings(skill, before(deadline))).await
    }

    /// Number of agents who have a skill.
    pub async fn agents_of(self, skill: u64, deadline: Instant) -> Result<u64, Error> {
        Box::pin(self.0.agents_of(skill, before(deadline))).await
    }

    /// Hours of all zones of a skill.
    pub async fn hours(self, skill: u64, deadline: Instant) -> Result<SkillHours, Error> {
        Box::pin(self.0.skill_hours(skill, before(deadline))).await
    }

    /// Hours of all zones of the tenant.
    pub async fn business_hours(self, deadline: Instant) -> Result<SkillHours, Error> {
        Box::pin(self.0.business_hours(before(deadline))).await
    }

    /// Writes hours of a skill, in a request that is sent once.
    pub async fn try_hours(
        self,
        skill: u64,
        hours: &SkillHours,
        deadline: Instant,
    ) -> Result<Seen, Error> {
        Box::pin(self.0.try_hours(skill, hours, before(deadline))).await
    }

    /// Writes hours of a skill. Repeating it is harmless.
    pub async fn put_hours(
        self,
        skill: u64,
        hours: &SkillHours,
        deadline: Instant,
    ) -> Result<(), Error> {
        Box::pin(self.0.put_hours_back(skill, hours, before(deadline))).await
    }

    /// Weekly schedule of a skill.
    pub async fn week(self, skill: u64, deadline: Instant) -> Result<SkillWeek, Error> {
        Box::pin(self.0.week(skill, before(deadline))).await
    }

    /// Writes the weekly schedule of a skill, in a request that is sent once.
    pub async fn try_week(
        self,
        skill: u64,
        week: &SkillWeek,
        deadline: Instant,
    ) -> Result<Seen, Error> {
        Box::pin(self.0.try_week(skill, week, before(deadline))).await
    }

    /// Writes the weekly schedule of a skill. Repeating it is harmless.
    pub async fn put_week(
        self,
        skill: u64,
        week: &SkillWeek,
        deadline: Instant,
    ) -> Result<(), Error> {
        Box::pin(self.0.put_week(skill, week, before(deadline))).await
    }

    /// Starts a skill, in a request that is sent once.
    pub async fn try_start(self, skill: u64, deadline: Instant) -> Result<Seen, Error> {
        Box::pin(self.0.try_switch(skill, true, before(deadline))).await
    }

    /// Stops a skill, in a request that is sent once.
    pub async fn try_stop(self, skill: u64, deadline: Instant) -> Result<Seen, Error> {
        Box::pin(self.0.try_switch(skill, false, before(deadline))).await
    }

    /// Puts a tag on a contact, in a request that is sent once. Nothing takes it off again. Returns the
    /// answer, and whether it reports no error.
    pub async fn try_tag(
        self,
        contact: &str,
        tag: u64,
        deadline: Instant,
    ) -> Result<(Seen, bool), Error> {
        Box::pin(self.0.try_tag(contact, tag, before(deadline))).await
    }

    /// Writes the category of a call to its business data as the functions do, in a request that is sent
    /// once. What was there before is lost.
    pub async fn try_business_data(
        self,
        record: &DispositionRecord,
        deadline: Instant,
    ) -> Result<Seen, Error> {
        Box::pin(self.0.try_business_data(record, before(deadline))).await
    }

    /// The reference by which a message is found, if its text has it.
    pub fn reference(self, id: Uuid) -> String {
        reference(id)
    }

    /// Number of messages of a sender that contain a text.
    pub async fn texts_with(
        self,
        sender: &E164,
        text: &str,
        deadline: Instant,
    ) -> Result<usize, Error> {
        Box::pin(self.0.texts_with(sender, text, before(deadline))).await
    }
}

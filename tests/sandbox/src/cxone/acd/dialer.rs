//! The dialer: once a minute by the clock of the sandbox it calls what may be called.
//!
//! Nothing runs in the background. Before a request is answered, and before the tenant is looked
//! at, everything happens that should have happened by then.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};

use super::{
    hours::{self, ZoneHours},
    number::Number,
    tenant::{Contact, Skill, Tenant},
    traits::{Due, ScheduleZone},
    zones::Zone,
};

/// Interval of the dialer.
const TICK: TimeDelta = TimeDelta::minutes(1);
/// The most time that is made up for; what lies further back is left out.
const CATCH_UP_MAX: TimeDelta = TimeDelta::days(400);
/// Time in which nobody answers.
const RINGING: TimeDelta = TimeDelta::seconds(20);
/// Time that an agent takes to choose an outcome.
const WRAP_UP: TimeDelta = TimeDelta::seconds(30);
/// One of so many dials is not answered.
const UNANSWERED_ONE_IN: u64 = 4;
/// The outcomes that agents choose, in turn.
const OUTCOMES: [i64; 3] = [3001, 3002, 3003];
/// The outcome of a call that nobody answers.
const NO_ANSWER: i64 = 3009;

impl Tenant {
    /// Has everything happen up to an instant.
    pub(super) fn catch_up(&mut self, to: DateTime<Utc>) {
        let from = self.now.max(to.checked_sub_signed(CATCH_UP_MAX).unwrap_or(to));
        let first = from.duration_trunc(TICK).unwrap_or(from) + TICK;
        let mut tick = first;
        while tick <= to && self.has_work() {
            self.obey_new_hours(tick);
            self.deliver_callbacks(tick);
            self.dial(tick);
            tick += TICK;
        }
        self.obey_new_hours(to);
        self.now = self.now.max(to);
    }

    /// Returns whether anything can happen as time passes.
    fn has_work(&self) -> bool {
        let is_dialed = |skill: &i64| self.skills.get(skill).is_some_and(|it| it.is_running);
        self.callbacks.values().any(|callback| callback.delivered.is_none())
            || self.lists.values().any(|list| {
                is_dialed(&list.skill) && list.waiting.values().any(|records| !records.is_empty())
            })
    }

    /// Hours that were written a while ago count from now on.
    fn obey_new_hours(&mut self, at: DateTime<Utc>) {
        for skill in self.skills.values_mut() {
            if let Some((_, hours)) = skill.coming.take_if(|(from, _)| *from <= at) {
                skill.hours = hours;
            }
        }
    }

    fn deliver_callbacks(&mut self, at: DateTime<Utc>) {
        let due: Vec<i64> = self
            .callbacks
            .iter()
            .filter(|(_, it)| it.delivered.is_none() && it.due <= at)
            .map(|(id, _)| *id)
            .collect();
        for id in due {
            let Some(callback) = self.callbacks.get(&id).cloned() else { continue };
            if self.may_call_back(callback.skill, &callback.number, at) {
                let contact = self.call(callback.skill, callback.number, None, at);
                self.callbacks.entry(id).and_modify(|it| it.delivered = Some(contact));
            }
        }
    }

    fn may_call_back(&self, skill: i64, number: &Number, at: DateTime<Utc>) -> bool {
        let traits = &self.traits.callbacks;
        let Some(called) = self.skills.get(&skill) else { return false };
        let zone = self.business_unit.zone;
        let is_held = |holds: Due, reason: bool| holds == Due::Held && reason;
        !(is_held(traits.when_stopped, !called.is_running)
            || is_held(traits.when_listed, self.is_scrubbed(skill, number, at))
            || is_held(traits.when_closed, !self.is_open(called, zone, at)))
    }

    fn dial(&mut self, at: DateTime<Utc>) {
        let lists: Vec<i64> = self.lists.keys().copied().collect();
        for id in lists {
            let Some(list) = self.lists.get(&id) else { continue };
            let zones: Vec<&'static str> = list.waiting.keys().copied().collect();
            for zone in zones {
                self.dial_zone(id, zone, at);
            }
        }
    }

    /// Calls the next records of a list in a zone, if they may be called now.
    fn dial_zone(&mut self, list: i64, zone: &'static str, at: DateTime<Utc>) {
        let Some(skill) = self.lists.get(&list).map(|list| list.skill) else { return };
        let Some(dialing) = self.skills.get(&skill).filter(|it| it.is_running) else { return };
        if !self.is_open(dialing, zone, at) {
            return;
        }
        for _ in 0..dialing.dials_per_minute {
            let Some(records) = self.lists.get_mut(&list) else { return };
            let next =
                records.waiting.get_mut(zone).and_then(std::collections::VecDeque::pop_front);
            let Some(number) = next else { return };
            records.finalized += 1;
            if !self.is_scrubbed(skill, &number, at) {
                let contact = self.call(skill, number, Some(zone), at);
                self.lists.entry(list).and_modify(|list| list.attempts.push(contact));
            }
        }
    }

    /// Returns whether a skill may call a zone at an instant.
    fn is_open(&self, skill: &Skill, zone: &str, at: DateTime<Utc>) -> bool {
        let of_zone = |hours: &[ZoneHours]| hours.iter().find(|it| it.zone == zone).cloned();
        let traits = &self.traits;
        let Some(hours) = of_zone(&skill.hours) else { return false };
        let business_unit = of_zone(&self.business_unit.hours);
        let week_zone = match traits.skills.schedule_zone {
            ScheduleZone::BusinessUnit => self.business_unit.zone,
            ScheduleZone::CalledParty => zone,
        };
        let is_in_week = Zone::named(week_zone).is_some_and(|zone| skill.week.allows(zone, at));
        hours::is_open(&hours, business_unit.as_ref(), &traits.hours, at)
            && (is_in_week || !traits.skills.schedule_obeyed)
    }

    /// Returns whether a skill must not call a number: a group that it obeys holds it.
    fn is_scrubbed(&self, skill: i64, number: &Number, at: DateTime<Utc>) -> bool {
        let delay = TimeDelta::seconds(self.traits.dnc.obeyed_after_s.into());
        let groups = self.groups.values().filter(|group| group.scrubbed_skills.contains(&skill));
        let mut records = groups.filter_map(|group| group.records.get(number));
        records.any(|record| record.is_in_force(at) && record.since + delay <= at)
    }

    /// Makes a call and returns the contact.
    fn call(
        &mut self,
        skill: i64,
        number: Number,
        zone: Option<&'static str>,
        at: DateTime<Utc>,
    ) -> i64 {
        let mut contact = Contact::outbound(skill, Some(number), zone, at);
        let dials = self.skills.get_mut(&skill).map_or(0, |skill| {
            skill.dials += 1;
            skill.dials
        });
        if dials.is_multiple_of(UNANSWERED_ONE_IN) {
            contact.is_connected = false;
            contact.ended = at + RINGING;
            contact.disposition = Some((NO_ANSWER, contact.ended));
        } else {
            let outcome = usize::try_from(dials).unwrap_or_default() % OUTCOMES.len();
            contact.disposition = Some((OUTCOMES[outcome], contact.ended + WRAP_UP));
        }
        let id = self.new_id();
        self.contacts.insert(id, contact);
        id
    }
}

//! Who is there, and who was.

use std::collections::BTreeMap;

use chrono::{DateTime, DurationRound, TimeDelta, Timelike, Utc};
use outbound::zone;
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, iso},
    asked::Asked,
    tenant::{Actual, Contact, Skill, Tenant},
    traits::{DialerKey, HalfHour},
    zones::Zone,
};

/// The most rows of a page.
const TOP_MAX: usize = 100;
/// Interval of counts.
const HALF_AN_HOUR: TimeDelta = TimeDelta::minutes(30);

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("skillActivities", activities),
    ("skillActivity", activity),
    ("wfmAgentPerformance", agent_performance),
    ("wfmDialerContacts", dialer_contacts),
    ("wfmContacts", contacts),
];

impl Tenant {
    fn active(&self, skill: i64) -> usize {
        let is_active =
            |it: &&Contact| it.skill == skill && it.started <= self.now && self.now < it.ended;
        self.contacts.values().filter(is_active).count()
    }
}

fn activities(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let row = |(id, skill): (&i64, &Skill)| {
        let working = tenant.active(*id).min(skill.agents as usize);
        let mut row = json!({
            "skillId": id,
            "agentsAvailable": skill.agents as usize - working,
            "agentsLoggedIn": skill.agents,
            "agentsWorking": working,
            "contactsActive": tenant.active(*id),
            "isActive": true,
        });
        if tenant.traits.wire.segmented {
            row["divisionNo"] = json!(1);
        }
        row
    };
    let rows = tenant.skills.iter().filter(|_| asked.flag("IsOutbound") != Some(false));
    let rows: Vec<Value> = rows.map(row).collect();
    Ok(Answer::of(json!({
        "totalRecords": rows.len(),
        "lastPollTime": iso(tenant.now),
        "skillActivity": asked.page(rows, TOP_MAX),
    })))
}

fn activity(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let id = asked.id("skillId");
    let agents = tenant.skill(id)?.agents as usize;
    let active = tenant.active(id);
    let working = active.min(agents);
    let row = asked.picked(&json!({
        "skillId": id,
        "serverTime": iso(tenant.now),
        "agentsAvailable": agents - working,
        "agentsLoggedIn": agents,
        "agentsWorking": working,
        "agentsIdle": 0,
        "agentsUnavailable": 0,
        "agentsACW": 0,
        "contactsActive": active,
        "queueCount": 0,
        "isOutbound": true,
        "isActive": true,
    }));
    Ok(Answer::of(json!({ "lastPollTime": iso(tenant.now), "skillActivity": [row] })))
}

fn agent_performance(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let period = asked.period()?;
    let row = |it: &Actual| {
        asked.picked(&json!({
            "skillId": it.skill,
            "agentId": it.agent,
            "halfHour": tenant.half_hour(it.half_hour),
            "totalHandled": it.handled,
            "totalHandledTime": it.handled_s,
            "totalACWTime": 0,
        }))
    };
    let actuals = tenant.actuals.iter().filter(|it| period.includes(it.half_hour));
    let rows: Vec<Value> = actuals.map(row).collect();
    Ok(Answer::of(json!({ "skillsPerformance": rows })))
}

impl Tenant {
    /// The begin of a half hour in the form of the tenant. Without an offset it is by the clocks of
    /// the business unit.
    fn half_hour(&self, at: DateTime<Utc>) -> Value {
        let zone = Zone::named(self.business_unit.zone);
        let local = zone.map(|zone| zone::local(zone.clocks, at).naive_local());
        let local = local.unwrap_or(at.naive_utc());
        match self.traits.capacity.half_hour {
            HalfHour::Utc => json!(iso(at)),
            HalfHour::Bare => json!(local.format("%Y-%m-%dT%H:%M:%S").to_string()),
            HalfHour::Number => json!(f64::from(local.hour() * 2 + local.minute() / 30) / 2.0),
        }
    }

    /// Outbound contacts of a period by skill and half hour.
    fn intervals(&self, asked: &Asked) -> Result<Vec<Interval<'_>>, super::answer::Refusal> {
        let period = asked.period()?;
        let mut intervals: BTreeMap<_, Vec<&Contact>> = BTreeMap::new();
        for contact in self.contacts.values().filter(|it| period.includes(it.started)) {
            let begin = contact.started.duration_trunc(HALF_AN_HOUR).unwrap_or(contact.started);
            intervals.entry((contact.skill, begin)).or_default().push(contact);
        }
        Ok(intervals
            .into_iter()
            .map(|((skill, begin), of)| Interval { skill, begin, of })
            .collect())
    }
}

/// Contacts of a skill in a half hour.
struct Interval<'a> {
    skill: i64,
    begin: DateTime<Utc>,
    of: Vec<&'a Contact>,
}

impl Interval<'_> {
    fn connected(&self) -> impl Iterator<Item = &&Contact> {
        self.of.iter().filter(|contact| contact.is_connected)
    }
}

fn dialer_contacts(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let row = |it: &Interval<'_>| {
        asked.picked(&json!({
            "intervalStartDate": iso(it.begin),
            "skillId": it.skill,
            "dials": it.of.len(),
            "connects": it.connected().count(),
            "rightPartyConnects": it.connected().count(),
            "abandons": 0,
        }))
    };
    let rows: Vec<Value> = tenant.intervals(asked)?.iter().map(row).collect();
    let key = match tenant.traits.capacity.dialer_key {
        DialerKey::OutboundStats => "outboundStats",
        DialerKey::WfmObStatsV9 => "wfM_OB_StatsV9",
    };
    Ok(Answer::of(json!({ key: rows })))
}

fn contacts(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let row = |it: &Interval<'_>| {
        let seconds: i64 = it.connected().map(|it| (it.ended - it.started).num_seconds()).sum();
        let handled = it.connected().count();
        asked.picked(&json!({
            "intervalStartDate": iso(it.begin),
            "skillId": it.skill,
            "totalHandled": handled,
            "averageHandleTime": seconds / i64::try_from(handled.max(1)).unwrap_or(1),
        }))
    };
    let rows: Vec<Value> = tenant.intervals(asked)?.iter().map(row).collect();
    Ok(Answer::of(json!({ "contactStats": rows })))
}

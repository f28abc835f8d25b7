//! What was dialed: counts of skills and of calling lists.

use chrono::{DurationRound, TimeDelta};
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, Refusal, iso},
    asked::{Asked, Period},
    contacts::QUARTER,
    number::Number,
    skills::TELEPHONE,
    tenant::{CallList, Contact, Tenant},
    traits::Nothing,
};

/// The most rows of a page.
const TOP_MAX: usize = 100;

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("skillSummaries", summaries),
    ("skillSummary", summary),
    ("callList", list),
    ("callListAttempts", attempts),
];

impl Tenant {
    /// Counts of a skill in a period, as far as they are known by now.
    fn summary(&self, skill: i64, period: Period) -> Option<Value> {
        let known_to = self.now - TimeDelta::seconds(self.traits.contacts.summaries_lag_s.into());
        let counted: Vec<&Contact> = self
            .contacts
            .values()
            .filter(|it| it.skill == skill && it.is_outbound)
            .filter(|it| period.includes(it.started) && it.started <= known_to)
            .collect();
        let connected: Vec<&&Contact> = counted.iter().filter(|it| it.is_connected).collect();
        let active = counted.iter().filter(|it| it.ended > known_to).count();
        let total_s: i64 = connected.iter().map(|it| (it.ended - it.started).num_seconds()).sum();
        (!counted.is_empty()).then(|| {
            json!({
                "skillId": skill,
                "isOutbound": true,
                "dials": counted.len(),
                "connects": connected.len(),
                "rightPartyConnects": connected.len(),
                "contactsHandled": connected.len(),
                "contactsOffered": connected.len(),
                "contactsActive": active,
                "abandonCount": 0,
                "abandonRate": 0.0,
                "totalContactTime": format!("PT{total_s}S"),
            })
        })
    }
}

impl Tenant {
    /// The period of counts, as far as the tenant allows for it.
    fn period_of_counts(&self, asked: &Asked) -> Result<Period, Refusal> {
        let (mut period, traits) = (asked.period()?, &self.traits.contacts);
        if traits.summaries_rounded {
            period.from = period.from.duration_trunc(QUARTER).unwrap_or(period.from);
        }
        traits.admit(period, traits.summaries_days_max)?;
        Ok(period)
    }
}

fn summaries(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let period = tenant.period_of_counts(asked)?;
    let is_asked = asked.number("mediaTypeId").is_none_or(|medium| medium == TELEPHONE)
        && asked.flag("isOutbound") != Some(false);
    let skills = tenant.skills.keys().filter(|_| is_asked);
    let rows = skills.filter_map(|skill| tenant.summary(*skill, period));
    let rows: Vec<Value> = rows.map(|row| asked.picked(&row)).collect();
    let nothing = tenant.traits.contacts.summaries_nothing;
    Ok(Answer::rows(json!({ "skillSummaries": rows }), rows.is_empty(), nothing))
}

fn summary(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (skill, period) = (asked.id("skillId"), tenant.period_of_counts(asked)?);
    tenant.skill(skill)?;
    let rows: Vec<Value> =
        tenant.summary(skill, period).iter().map(|row| asked.picked(row)).collect();
    Ok(Answer::rows(json!({ "skillSummaries": rows }), rows.is_empty(), Nothing::Empty))
}

impl Tenant {
    fn call_list(&self, asked: &Asked) -> Result<&CallList, Refusal> {
        let list = self.lists.get(&asked.id("listId"));
        list.ok_or_else(|| Refusal::not_found("calling list"))
    }
}

fn list(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    if asked.flag("includeRecords") != Some(false) {
        let words = "includeRecords must be false: records are not simulated";
        return Err(Refusal::invalid(words));
    }
    let list = tenant.call_list(asked)?;
    Ok(Answer::of(json!({ "resultSet": {
        "listName": list.name,
        "status": "Active",
        "totalRecords": list.total(),
        "validRecords": list.total(),
        "invalidRecords": 0,
        "finalizedRecords": list.finalized,
        "prospectiveContactCount": list.total() - list.finalized,
        "lastPollTime": iso(tenant.now),
        "listExpirationDate": iso(tenant.now + TimeDelta::days(30)),
    } })))
}

fn attempts(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let list = tenant.call_list(asked)?;
    let since = asked.instant("updatedSince");
    let row = |id: &i64| {
        let contact = tenant.contacts.get(id)?;
        let is_asked = asked.flag("finalized") != Some(false)
            && since.is_none_or(|since| contact.updated(tenant) >= since);
        is_asked.then(|| {
            json!({
                "contactId": id,
                "externalId": format!("record-{id}"),
                "formattedPhone": contact.number.as_ref().map(Number::formatted),
                "dateOfCall": iso(contact.started),
                "systemClass": i32::from(contact.is_connected),
                "systemClassName": if contact.is_connected { "Connected" } else { "No Answer" },
                "agentDisp": contact.disposition_at(tenant.now).unwrap_or_default(),
                "agentDispDesc": "",
                "causeCode": 0,
            })
        })
    };
    let rows: Vec<Value> = list.attempts.iter().filter_map(row).collect();
    Ok(Answer::of(json!({ "resultSet": {
        "totalRecords": rows.len(),
        "finalizedRecords": list.finalized,
        "contactAttempts": asked.page(rows, TOP_MAX),
    } })))
}

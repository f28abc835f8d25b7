//! Scheduled callbacks. Each write makes another one.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use outbound::zone;
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, Refusal, iso},
    asked::Asked,
    number::Number,
    tenant::{Callback, Tenant},
    traits::{Agent, BareDate, Names, Offset, Verdict},
    zones::Zone,
};

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("createCallback", create),
    ("updateCallback", update),
    ("deleteCallback", delete),
    ("callbacksOfSkill", of_skill),
];

fn create(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let callback = tenant.read_callback(asked.body())?;
    let id = tenant.new_id();
    tenant.callbacks.insert(id, callback);
    Ok(Answer::created(tenant.traits.callbacks.created, json!({ "callbackId": id })))
}

fn update(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let id = asked.id("callbackId");
    if !tenant.callbacks.contains_key(&id) {
        return Err(Refusal::not_found("callback"));
    }
    // The description does not require a body.
    if !asked.body().is_null() {
        let callback = tenant.read_callback(asked.body())?;
        tenant.callbacks.insert(id, callback);
    }
    Ok(Answer::done(super::traits::Done::Ok))
}

fn delete(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let gone = tenant.callbacks.remove(&asked.id("callbackId"));
    gone.ok_or_else(|| Refusal::not_found("callback"))?;
    Ok(Answer::done(tenant.traits.skills.done))
}

fn of_skill(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let skill = asked.id("skillId");
    tenant.skill(skill)?;
    let traits = &tenant.traits.callbacks;
    let delay = TimeDelta::seconds(traits.listed_after_s.into());
    let is_listed = |it: &Callback| {
        let is_left = it.delivered.is_none() || traits.listed_after_delivery;
        it.skill == skill && is_left && it.created + delay <= tenant.now
    };
    let listed = tenant.callbacks.iter().filter(|(_, callback)| is_listed(callback));
    let listed = listed.take(traits.listed_max.unwrap_or(usize::MAX));
    let rows: Vec<Value> = listed.map(|(id, it)| row(*id, it, traits.names)).collect();
    Ok(Answer::rows(json!({ "callbacks": rows }), rows.is_empty(), traits.nothing))
}

fn row(id: i64, callback: &Callback, names: Names) -> Value {
    let Callback { skill, agent, number, first_name, last_name, notes, due, .. } = callback;
    let (first_name, last_name) = match names {
        Names::Customers => (first_name.as_str(), last_name.as_str()),
        Names::Agents => ("Alex", "Agent"),
    };
    json!({
        "callbackId": id,
        "target": if agent.is_some() { "A" } else { "S" },
        "agentId": agent.unwrap_or(-1),
        "skillId": skill,
        "dialNumber": number.national(),
        "origNumber": number.national(),
        "firstName": first_name,
        "lastName": last_name,
        "notes": notes,
        "callbackTime": iso(*due),
    })
}

impl Tenant {
    fn read_callback(&self, sent: &Value) -> Result<Callback, Refusal> {
        let traits = &self.traits.callbacks;
        let text = |name: &str| sent[name].as_str().unwrap_or_default();
        let skill = sent["skillId"].as_i64().unwrap_or_default();
        // Here the id is no part of the path.
        let called = self.skills.get(&skill);
        let called = called.ok_or_else(|| Refusal::invalid("unknown skillId"))?;
        if let Some(words) = &called.refuses_callbacks {
            return Err(Refusal::invalid(words));
        }
        let number = Number::read(text("phoneNumber"));
        let number = number.ok_or_else(|| Refusal::invalid("phoneNumber is not a number"))?;
        if let Some(words) = self.refused.get(&number) {
            return Err(Refusal::invalid(words));
        }
        let due = self.read_date(text("scheduleDate"))?;
        // The clock of the functions is never put ahead.
        let now = self.now.min(ambient::now());
        if due < now && traits.past == Verdict::Refused {
            return Err(Refusal::invalid("scheduleDate must not be in the past"));
        }
        if due > self.now + TimeDelta::days(traits.days_ahead_max.into()) {
            return Err(Refusal::invalid("scheduleDate is too far ahead"));
        }
        let cut = |name: &str, max| text(name).chars().take(max).collect();
        Ok(Callback {
            skill,
            agent: read_agent(&sent["targetAgentId"], traits.agent)?,
            number,
            first_name: cut("firstName", traits.names_max),
            last_name: cut("lastName", traits.names_max),
            notes: cut("notes", traits.notes_max),
            due,
            created: self.now,
            delivered: None,
        })
    }

    /// Reads a date with or without an offset.
    fn read_date(&self, text: &str) -> Result<DateTime<Utc>, Refusal> {
        let traits = &self.traits.callbacks;
        let with_offset = DateTime::parse_from_rfc3339(text).ok();
        let local = match with_offset {
            Some(at) if traits.offset == Offset::Honored => return Ok(at.to_utc()),
            Some(at) => Some(at.naive_local()),
            None => ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S"]
                .iter()
                .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()),
        };
        let local = local.ok_or_else(|| Refusal::invalid("scheduleDate is not a date"))?;
        Ok(match traits.bare_date {
            BareDate::Utc => local.and_utc(),
            BareDate::BusinessUnit => self.in_business_unit(local),
        })
    }

    /// The instant at which the clocks of the business unit show a time.
    fn in_business_unit(&self, local: NaiveDateTime) -> DateTime<Utc> {
        let guess = local.and_utc();
        let Some(zone) = Zone::named(self.business_unit.zone) else { return guess };
        let offset_at =
            |at| TimeDelta::seconds(zone::offset_at(zone.clocks, at).local_minus_utc().into());
        guess - offset_at(guess - offset_at(guess))
    }
}

/// The agent, or none if the callback belongs to the skill.
fn read_agent(sent: &Value, accepted: Agent) -> Result<Option<i64>, Refusal> {
    let is_accepted = match accepted {
        Agent::Any => true,
        Agent::Omitted => sent.is_null(),
        Agent::Empty => *sent == "",
        Agent::Number => sent.is_i64(),
    };
    let agent = match sent {
        Value::Null => Some(None),
        Value::String(text) if text.is_empty() => Some(None),
        Value::String(text) => text.parse().ok().map(Some),
        number => Some(number.as_i64()),
    };
    agent.filter(|_| is_accepted).ok_or_else(|| Refusal::invalid("targetAgentId is not accepted"))
}

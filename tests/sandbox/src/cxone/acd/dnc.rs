//! Do-not-call groups. A group binds only the skills that obey it.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, Refusal, iso, written},
    asked::Asked,
    number::Number,
    tenant::{DncRecord, Group, Tenant},
    traits::{Nothing, Results, Spelling, Verdict, WrongRecord},
};

/// The most rows of a page.
const TOP_MAX: usize = 100;

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("dncGroups", groups),
    ("dncGroup", group),
    ("dncRecords", records),
    ("addDncRecords", add),
    ("expireDncRecords", expire),
    ("searchDnc", search),
    ("scrubbedSkills", scrubbed_skills),
];

impl Tenant {
    fn group(&mut self, asked: &Asked) -> Result<&mut Group, Refusal> {
        let group = self.groups.get_mut(&asked.id("groupId"));
        group.ok_or_else(|| Refusal::not_found("DNC group"))
    }

    /// An answer with or without the wrapper.
    fn result_set(&self, body: Value) -> Answer {
        let wrapped = self.traits.dnc.wrapped;
        Answer::of(if wrapped { json!({ "resultSet": body }) } else { body })
    }

    fn group_row(&self, id: i64, group: &Group) -> Value {
        let in_force = group.records.values().filter(|record| record.is_in_force(self.now));
        json!({
            "dncGroupId": id,
            "dncGroupName": group.name,
            "dncGroupDescription": "",
            "validRecords": in_force.count(),
            "isActive": !group.is_inactive,
            "isRemoved": false,
        })
    }
}

fn groups(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let rows = tenant.groups.iter().map(|(id, group)| tenant.group_row(*id, group));
    let rows: Vec<Value> = rows.map(|row| asked.picked(&row)).collect();
    Ok(tenant.result_set(json!({ "totalGroups": rows.len(), "dncGroups": rows })))
}

fn group(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let group = tenant.group(asked)?.clone();
    let row = tenant.group_row(asked.id("groupId"), &group);
    Ok(tenant.result_set(json!({ "dncGroups": [row] })))
}

fn records(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let row = |(number, record): (&Number, &DncRecord)| {
        json!({
            "recordId": record.id,
            "createdBy": 1,
            "phoneNumber": number.national(),
            "formattedPhone": number.formatted(),
            "expiredDate": record.expires.map(iso),
            "dateCollected": iso(record.since),
            "lastUpdateTime": iso(record.updated),
        })
    };
    let rows: Vec<Value> = tenant.group(asked)?.records.iter().map(row).collect();
    let body = json!({ "totalRecords": rows.len(), "dncRecords": asked.page(rows, TOP_MAX) });
    Ok(tenant.result_set(body))
}

fn add(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    tenant.group(asked)?;
    let results = tenant.each_record(asked, |tenant, number, sent| {
        let expires = expiry(sent)?;
        if !tenant.traits.dnc.accepts.is_of(number, &sent["phoneNumber"].to_string()) {
            return Err("Invalid phone number".to_owned());
        }
        let (id, now) = (tenant.new_id(), tenant.now);
        let repeated = tenant.traits.dnc.repeated;
        let group = tenant.group(asked).map_err(|_| "no such group".to_owned())?;
        let known = group.records.get(number).is_some_and(|record| record.is_in_force(now));
        if known && repeated == Verdict::Refused {
            return Err("Record exists already".to_owned());
        }
        let new = DncRecord { id, since: now, updated: now, expires: None, writes: 0 };
        let record = group.records.entry(number.clone()).or_insert(new);
        record.expires = expires;
        record.updated = now;
        record.writes += 1;
        Ok(())
    })?;
    Ok(tenant.result_set(results))
}

fn expire(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    tenant.group(asked)?;
    let results = tenant.each_record(asked, |tenant, number, sent| {
        let (expires, now) = (expiry(sent)?, tenant.now);
        let group = tenant.group(asked).map_err(|_| "no such group".to_owned())?;
        let record = group.records.get_mut(number).ok_or("Record does not exist")?;
        record.expires = Some(expires.unwrap_or(now));
        record.updated = now;
        Ok(())
    })?;
    Ok(Answer::of(results))
}

fn expiry(sent: &Value) -> Result<Option<DateTime<Utc>>, String> {
    let Some(text) = sent["expiredDate"].as_str() else { return Ok(None) };
    let parsed = DateTime::parse_from_rfc3339(text);
    parsed.map(|at| Some(at.to_utc())).map_err(|_| "Invalid expiredDate".to_owned())
}

impl Tenant {
    /// Works on each record that was sent, and gathers the results.
    fn each_record(
        &mut self,
        asked: &Asked,
        work: impl Fn(&mut Self, &Number, &Value) -> Result<(), String>,
    ) -> Result<Value, Refusal> {
        let sent = asked.body()["dncGroupRecords"].as_array().cloned().unwrap_or_default();
        if sent.is_empty() || sent.len() > self.traits.dnc.batch_max {
            let max = self.traits.dnc.batch_max;
            return Err(Refusal::invalid(format!("dncGroupRecords must have 1 to {max} items")));
        }
        let wrong = self.traits.dnc.wrong;
        let is_wrong = |record: &Value| number_of(&record["phoneNumber"]).is_none();
        if wrong == WrongRecord::All && sent.iter().any(is_wrong) {
            return Err(Refusal::invalid("Invalid phone number"));
        }
        let mut results = Vec::new();
        let mut errors = 0;
        for record in &sent {
            let number = number_of(&record["phoneNumber"]);
            let done = match &number {
                None if wrong == WrongRecord::Accepted => Ok(()),
                None => Err("Invalid phone number".to_owned()),
                Some(number) => match self.refused.get(number) {
                    Some(words) => Err(words.clone()),
                    None => work(self, number, record),
                },
            };
            errors += usize::from(done.is_err());
            results.push(json!({
                "success": done.is_ok(),
                "error": done.err().unwrap_or_default(),
                "formattedPhone": number.as_ref().map(Number::formatted).unwrap_or_default(),
            }));
        }
        match self.traits.dnc.results {
            Results::InOrder => {}
            Results::Reversed => results.reverse(),
            Results::OneMissing => drop(results.remove(0)),
        }
        let errors = written(errors, self.traits.dnc.error_count);
        Ok(json!({ "errorCount": errors, "recordResults": results }))
    }
}

impl Spelling {
    fn is_of(self, number: &Number, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::National => text == number.national(),
            Self::International => text == number.international(),
        }
    }
}

/// A number is a number when it is added, and a text when it expires.
fn number_of(sent: &Value) -> Option<Number> {
    match sent {
        Value::String(text) => Number::read(text),
        number => Number::read(&number.to_string()),
    }
}

fn search(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let text = asked.text("phoneNumber").unwrap_or_default();
    let finds = tenant.traits.dnc.finds;
    let number = Number::read(text).filter(|number| finds.is_of(number, text));
    let row = |(id, group): (&i64, &Group)| {
        let record = group.records.get(number.as_ref()?)?;
        Some(json!({
            "dncGroupId": id,
            "dncGroupName": group.name,
            "dncGroupDescription": null,
            "formattedPhone": number.as_ref()?.formatted(),
            "expiredDate": record.expires.map(iso),
            "dateCollected": iso(record.since),
            "lastUpdateTime": iso(record.updated),
        }))
    };
    let found: Vec<Value> = tenant.groups.iter().filter_map(row).collect();
    let nothing: Nothing = tenant.traits.dnc.nothing;
    Ok(Answer::rows(json!({ "searchResults": found }), found.is_empty(), nothing))
}

fn scrubbed_skills(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let skills = tenant.group(asked)?.scrubbed_skills.clone();
    let name = |id| tenant.skills.get(id).map(|skill| skill.name.clone()).unwrap_or_default();
    let rows = skills.iter().map(|id| json!({ "skillId": id, "skillName": name(id) }));
    let rows: Vec<Value> = rows.collect();
    let total = rows.len();
    Ok(Answer::of(json!({
        "totalRecords": total, "_links": {}, "scrubbedSkills": asked.page(rows, TOP_MAX),
    })))
}

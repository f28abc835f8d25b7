//! Contacts: in these services each is one call.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, Refusal, iso, written},
    asked::{Asked, Period},
    dispositions,
    number::Number,
    skills::TELEPHONE,
    tenant::{CALLER_ID, CAMPAIGN, Contact, Tenant},
    traits::{
        ContactTraits, Details, Dials, LateDisposition, Parameter, TagEffect, Total, Verdict,
    },
};

/// Times at which periods of counts begin.
pub(super) const QUARTER: TimeDelta = TimeDelta::minutes(15);

/// The most rows of a page.
const TOP_MAX: usize = 10_000;
/// The tags of the tenant.
pub const TAGS: [(i64, &str); 5] = [
    (1, "do_not_call"),
    (2, "callback_later"),
    (3, "qualified_lead"),
    (4, "wrong_number"),
    (5, "unclassified"),
];

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("completedContacts", completed),
    ("contact", one),
    ("contactDisposition", disposition),
    ("contactCustomData", custom_data),
    ("setDisposition", set_disposition),
    ("tagContact", tag),
    ("tags", tags),
    ("updateBusinessData", update_business_data),
];

impl Contact {
    /// The outcome, once the agent has chosen it.
    pub(super) fn disposition_at(&self, now: DateTime<Utc>) -> Option<i64> {
        self.disposition.filter(|(_, chosen)| *chosen <= now).map(|(id, _)| id)
    }

    /// Time of the latest change that counts as one.
    pub(super) fn updated(&self, tenant: &Tenant) -> DateTime<Utc> {
        let chosen = self.disposition.map(|(_, chosen)| chosen);
        let reappears = tenant.traits.contacts.late_disposition == LateDisposition::Reappears;
        let changes = [Some(self.ended), chosen.filter(|_| reappears), self.changed];
        let past = changes.into_iter().flatten().filter(|at| *at <= tenant.now);
        past.max().unwrap_or(self.started)
    }

    fn row(&self, id: i64, tenant: &Tenant) -> Value {
        let number = self.number.as_ref().map(Number::national);
        let (to, from) =
            if self.is_outbound { (number, Some(CALLER_ID)) } else { (Some(CALLER_ID), number) };
        let is_known = |tag: &&(i64, &str)| self.tags.contains(&tag.0);
        let tags = TAGS.iter().filter(is_known);
        let tags = tags.map(|(id, name)| json!({ "tagId": id, "tagName": name }));
        let mut row = json!({
            "contactId": id,
            "masterContactId": id,
            "skillId": self.skill,
            "campaignId": CAMPAIGN,
            "mediaTypeId": TELEPHONE,
            "isOutbound": self.is_outbound,
            "primaryDispositionId": self.disposition_at(tenant.now),
            "secondaryDispositionId": null,
            "dispositionNotes": self.notes,
            "endReason": "Contact Hung Up",
            "abandoned": false,
            "contactStartDate": iso(self.started),
            "lastUpdateTime": iso(self.updated(tenant)),
            "totalDurationSeconds": (self.ended - self.started).num_seconds(),
            "tags": tags.collect::<Vec<_>>(),
        });
        for (name, address) in [("toAddress", to), ("fromAddress", from)] {
            if let Some(address) = address {
                row[name] = json!(address);
            }
        }
        if tenant.traits.wire.segmented {
            row["divisionNo"] = json!(1);
        }
        row
    }
}

fn completed(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let skill = asked.number("skillId").and_then(|id| tenant.skills.get(&id));
    if let Some(words) = skill.and_then(|skill| skill.refuses_counts.clone()) {
        return Err(Refusal::invalid(words));
    }
    let (period, since) = (asked.period()?, asked.instant("updatedSince"));
    let traits = &tenant.traits.contacts;
    if asked.text("startDate").is_some() {
        traits.admit(period, traits.days_max)?;
    }
    let late = TimeDelta::seconds(traits.late_s.into());
    let is_listed = |it: &Contact| {
        it.ended + late <= tenant.now
            && (it.is_connected || traits.dials == Dials::All)
            && period.includes(it.started)
            && since.is_none_or(|since| it.updated(tenant) >= since)
    };
    let listed = tenant.contacts.iter().filter(|(_, contact)| is_listed(contact));
    let rows: Vec<Value> = listed
        .map(|(id, contact)| contact.row(*id, tenant))
        .filter(|row| is_asked(asked, row))
        .collect();
    let (total, is_empty) = (rows.len(), rows.is_empty());
    let page = asked.page_where(rows, TOP_MAX, |parameter| match parameter {
        "orderBy" => traits.order == Parameter::Honored,
        _ => traits.skip == Parameter::Honored,
    });
    let total = match traits.total {
        Total::OfAll => Some(total),
        Total::OfPage => Some(page.len()),
        Total::Missing => None,
    };
    let mut body = json!({
        "_links": {},
        "businessUnitId": 4271,
        "lastPollTime": iso(tenant.now),
        "completedContacts": page,
    });
    if let Some(total) = total {
        body["totalRecords"] = json!(total);
    }
    Ok(Answer::rows(body, is_empty, traits.nothing))
}

impl ContactTraits {
    /// Checks that a period of counts is as the tenant has it.
    pub(super) fn admit(&self, period: Period, days_max: Option<u32>) -> Result<(), Refusal> {
        let longest = days_max.map(|days| TimeDelta::days(days.into()));
        if longest.is_some_and(|longest| period.to - period.from > longest) {
            return Err(Refusal::invalid("the period is too long"));
        }
        let is_even = period.from.duration_trunc(QUARTER).is_ok_and(|even| even == period.from);
        if !is_even && self.odd_periods == Verdict::Refused {
            return Err(Refusal::invalid("a period begins with a quarter of an hour"));
        }
        Ok(())
    }
}

/// Returns whether a row has what the other parameters ask for.
fn is_asked(asked: &Asked, row: &Value) -> bool {
    let same = |name: &str| asked.said.query.get(name).is_none_or(|value| row[name] == *value);
    ["skillId", "campaignId", "mediaTypeId", "toAddress", "fromAddress"].into_iter().all(same)
        // No agent, team or other medium is simulated.
        && ["agentId", "teamId", "mediaSubTypeId"].iter().all(|it| asked.number(it).is_none())
}

impl Tenant {
    fn contact(&mut self, asked: &Asked) -> Result<&mut Contact, Refusal> {
        let (unknown, now) = (self.traits.contacts.unknown, self.now);
        let contact = self.contacts.get_mut(&asked.id("contactId"));
        let contact = contact.filter(|contact| contact.started <= now);
        contact.ok_or_else(|| Refusal::unknown(unknown, "contact"))
    }
}

fn one(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let contact = tenant.contact(asked)?.clone();
    let row = asked.picked(&contact.row(asked.id("contactId"), tenant));
    Ok(Answer::of(match tenant.traits.contacts.details {
        Details::Nested => {
            json!({ "businessUnitId": 4271, "lastPollTime": iso(tenant.now), "contactId": row })
        }
        Details::Top => row,
    }))
}

fn disposition(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let now = tenant.now;
    let contact = tenant.contact(asked)?;
    let chosen = contact.disposition.filter(|(_, chosen)| *chosen <= now);
    let (id, chosen) = chosen.ok_or_else(|| Refusal::not_found("disposition"))?;
    Ok(Answer::of(json!({
        "dispositionId": id,
        "dispositionName": dispositions::name(id),
        "notes": contact.notes,
        "lastUpdated": iso(chosen),
    })))
}

fn custom_data(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    tenant.contact(asked)?;
    Ok(Answer::of(json!({ "contactCustomData": [] })))
}

/// Returns whether a write to a contact is refused because the call is over.
fn is_too_late(contact: &Contact, verdict: Verdict, now: DateTime<Utc>) -> bool {
    contact.ended <= now && verdict == Verdict::Refused
}

fn set_disposition(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (now, verdict) = (tenant.now, tenant.traits.contacts.disposition_on_ended);
    let contact = tenant.contact(asked)?;
    if is_too_late(contact, verdict, now) {
        return Err(Refusal::invalid("the contact has ended"));
    }
    let info = &asked.body()["dispositionInfo"];
    let code = info["dispositionCode"].as_str().unwrap_or_default();
    let id = dispositions::find(code).ok_or_else(|| Refusal::invalid("unknown dispositionCode"))?;
    contact.disposition = Some((id, now));
    info["notes"].as_str().unwrap_or_default().clone_into(&mut contact.notes);
    Ok(Answer::done(super::traits::Done::Ok))
}

fn tag(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (now, traits) = (tenant.now, tenant.traits.contacts.clone());
    let contact = tenant.contact(asked)?;
    if is_too_late(contact, traits.tags_on_ended, now) {
        return Err(Refusal::invalid("the contact has ended"));
    }
    if traits.tags == TagEffect::Replaced {
        contact.tags.clear();
    }
    let sent = asked.body()["tags"].as_array().into_iter().flatten();
    let sent: Vec<i64> = sent.filter_map(|tag| tag["tagId"].as_i64()).collect();
    let known = sent.iter().copied().filter(|id| TAGS.iter().any(|(tag, _)| tag == id));
    let known: Vec<i64> = known.collect();
    contact.tags.extend(&known);
    contact.last_tag = known.last().copied().or(contact.last_tag);
    contact.changed = Some(now);
    let errors = written(sent.len() - known.len(), traits.error_count);
    Ok(Answer::of(json!({ "resultSet": { "errorCount": errors } })))
}

fn tags(_: &mut Tenant, asked: &Asked) -> Outcome {
    let is_asked = |name: &str| {
        asked.text("searchString").is_none_or(|part| name.contains(part))
            && asked.flag("isActive") != Some(false)
    };
    let rows = TAGS.iter().filter(|(_, name)| is_asked(name));
    let rows = rows.map(|(id, name)| json!({ "tagId": id, "tagName": name, "isActive": true }));
    Ok(Answer::of(json!({ "tags": rows.collect::<Vec<_>>() })))
}

fn update_business_data(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (now, verdict) = (tenant.now, tenant.traits.contacts.business_data_on_ended);
    let id = asked.said.path["acdContactId"].as_str().and_then(|id| id.parse::<i64>().ok());
    let contact = id.and_then(|id| tenant.contacts.get_mut(&id));
    let contact = contact.ok_or_else(|| Refusal::not_found("contact"))?;
    if contact.ended > now {
        return Err(Refusal::invalid("the interaction is not closed"));
    }
    if is_too_late(contact, verdict, now) {
        return Err(Refusal::invalid("the interaction has no such field"));
    }
    contact.business_data = asked.body().as_array().cloned().unwrap_or_default();
    contact.changed = Some(now);
    Ok(Answer::done(super::traits::Done::Ok))
}

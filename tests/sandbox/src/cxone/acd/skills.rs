//! Skills: whether they run, and when they may call.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, Refusal},
    asked::Asked,
    hours::{Week, ZoneHours},
    tenant::{CAMPAIGN, Skill, Tenant},
    traits::{Put, Single, Verdict},
    zones::Zone,
};

/// The most rows of a page.
const TOP_MAX: usize = 100;
/// Medium of a telephone.
pub(super) const TELEPHONE: i64 = 4;
/// Dialing by lists, for agents who accept each call.
pub(super) const PERSONAL_CONNECTION: &str = "Personal Connection";

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("skills", all),
    ("skill", one),
    ("startSkill", start),
    ("stopSkill", stop),
    ("skillAgents", agents),
    ("skillParameters", parameters),
    ("skillTimeZones", time_zones),
    ("putSkillTimeZones", put_time_zones),
    ("skillSchedule", schedule),
    ("putSkillSchedule", put_schedule),
    ("skillsOfCampaign", of_campaign),
];

impl Tenant {
    /// The skill with a number that is in a path.
    pub(super) fn skill(&mut self, id: i64) -> Result<&mut Skill, Refusal> {
        let unknown = self.traits.skills.unknown;
        self.skills.get_mut(&id).ok_or_else(|| Refusal::unknown(unknown, "skill"))
    }

    fn running_delay(&self) -> TimeDelta {
        TimeDelta::seconds(self.traits.skills.running_after_s.into())
    }
}

impl Skill {
    /// Starts or stops it.
    fn switch(&mut self, on: bool, now: DateTime<Utc>) {
        if self.is_running != on {
            self.switched = Some(now);
        }
        self.is_running = on;
    }

    /// Returns whether it is seen to dial: a start and a stop may show late.
    fn is_seen_running(&self, now: DateTime<Utc>, delay: TimeDelta) -> bool {
        let is_late = self.switched.is_some_and(|switched| now < switched + delay);
        self.is_running != is_late
    }
}

fn row(id: i64, skill: &Skill, is_running: bool) -> Value {
    let mut row = json!({
        "skillId": id,
        "skillName": skill.name,
        "mediaTypeId": skill.medium,
        "isActive": skill.is_active,
        "isOutbound": skill.is_outbound,
        "outboundStrategy": skill.strategy,
        "campaignId": CAMPAIGN,
        "campaignName": "Sandbox",
        "agentless": false,
        "requireDisposition": true,
        "callSuppressionScriptId": skill.suppression_script,
    });
    // It is there only while the skill dials.
    if is_running {
        row["isRunning"] = json!(true);
    }
    row
}

fn all(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let is_asked = |skill: &Skill| {
        let name = skill.name.to_lowercase();
        asked.text("searchString").is_none_or(|part| name.contains(&part.to_lowercase()))
            && asked.number("mediaTypeId").is_none_or(|medium| medium == skill.medium)
            && asked.text("outboundStrategy").is_none_or(|it| it == skill.strategy)
            && asked.flag("isActive").is_none_or(|active| active == skill.is_active)
    };
    let rows = tenant.skills.iter().filter(|(_, skill)| is_asked(skill));
    let (now, delay) = (tenant.now, tenant.running_delay());
    let row = |(id, skill): (&i64, &Skill)| row(*id, skill, skill.is_seen_running(now, delay));
    let rows: Vec<Value> = rows.map(row).collect();
    let total = rows.len();
    Ok(Answer::of(json!({
        "totalRecords": total, "_links": {}, "skills": asked.page(rows, TOP_MAX),
    })))
}

fn one(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (id, now, delay) = (asked.id("skillId"), tenant.now, tenant.running_delay());
    let skill = tenant.skill(id)?;
    let row = asked.picked(&row(id, skill, skill.is_seen_running(now, delay)));
    Ok(Answer::of(match tenant.traits.skills.single {
        Single::Plain => row,
        Single::InArray => json!({ "skills": [row] }),
    }))
}

fn start(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (now, traits) = (tenant.now, tenant.traits.skills.clone());
    let zone = Zone::named(tenant.business_unit.zone);
    let skill = tenant.skill(asked.id("skillId"))?;
    if skill.is_running && traits.repeated == Verdict::Refused {
        return Err(Refusal::invalid("the skill is running"));
    }
    let is_on_schedule = zone.is_some_and(|zone| skill.week.allows(zone, now));
    if !is_on_schedule && traits.start_off_schedule == Verdict::Refused {
        return Err(Refusal::invalid("the skill is outside of its schedule"));
    }
    skill.switch(true, now);
    Ok(Answer::done(traits.done))
}

fn stop(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (now, traits) = (tenant.now, tenant.traits.skills.clone());
    let id = asked.id("skillId");
    let skill = tenant.skill(id)?;
    if !skill.is_running && traits.repeated == Verdict::Refused {
        return Err(Refusal::invalid("the skill is not running"));
    }
    skill.switch(false, now);
    if asked.flag("force") == Some(true) {
        let active = tenant.contacts.values_mut().filter(|it| it.skill == id && it.ended > now);
        active.for_each(|contact| contact.ended = now);
    }
    Ok(Answer::done(traits.done))
}

fn agents(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let agents = tenant.skill(asked.id("skillId"))?.agents;
    let rows: Vec<Value> = (1..=agents).map(|id| json!({ "agentId": id })).collect();
    Ok(Answer::of(json!({
        "totalRecords": agents,
        "hiddenAgents": 0,
        "agentSkillAssignments": asked.page(rows, TOP_MAX),
    })))
}

fn parameters(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    if !tenant.traits.skills.parameters {
        return Err(Refusal::not_found("parameters"));
    }
    let (id, traits) = (asked.id("skillId"), tenant.traits.hours.clone());
    let shows_none = tenant.traits.skills.no_lists;
    let lists = tenant.lists.iter().filter(|(_, list)| list.skill == id);
    let lists: Vec<Value> =
        lists.map(|(id, list)| json!({ "id": id, "name": list.name })).collect();
    let skill = tenant.skill(id)?;
    let hours: Vec<Value> =
        skill.written_hours().iter().map(|hours| hours.among_parameters(&traits)).collect();
    let mut parameters = json!({
        "skillName": skill.name,
        "skillNo": id,
        "scheduleSettings": skill.week.among_parameters(),
        "timeZoneSettings": hours,
        "retrySettings": {
            "maximumNumberOfCallbacks": skill.callbacks_max, "callbackStaleMinutes": 15,
        },
        "cadenceSettings": { "cadences": vec![json!({}); skill.cadences] },
    });
    if shows_none || !lists.is_empty() {
        parameters["callingLists"] = lists.into();
    }
    Ok(Answer::of(parameters))
}

impl Skill {
    /// The hours as they were written last, whether or not the skill obeys them yet.
    fn written_hours(&self) -> &[ZoneHours] {
        self.coming.as_ref().map_or(&self.hours, |(_, hours)| hours)
    }
}

fn time_zones(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let traits = tenant.traits.hours.clone();
    let hours = tenant.skill(asked.id("skillId"))?.written_hours();
    let hours: Vec<Value> = hours.iter().map(|hours| hours.written(&traits)).collect();
    Ok(Answer::of(json!({ "timeZoneSettings": hours })))
}

fn put_time_zones(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let (now, traits, done) = (tenant.now, tenant.traits.hours.clone(), tenant.traits.skills.done);
    let business_unit = tenant.business_unit.hours.clone();
    let skill = tenant.skill(asked.id("skillId"))?;
    skill.puts += 1;
    if traits.puts_max.is_some_and(|max| skill.puts > max) {
        let words = "the role does not allow putSkillTimeZones any more";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "forbidden", words));
    }
    let known = skill.written_hours().to_vec();
    let sent = asked.body()["timeZoneSettings"].as_array().into_iter().flatten();
    let sent: Result<Vec<ZoneHours>, Refusal> =
        sent.map(|hours| ZoneHours::read(hours, &known, &traits)).collect();
    let mut hours = sent?;
    if hours.iter().any(|hours| !hours.are_allowed(&business_unit, traits.beyond_business_unit)) {
        return Err(Refusal::invalid("beyond the hours of the business unit"));
    }
    if traits.put == Put::Ignored {
        return Ok(Answer::done(done));
    }
    if traits.put == Put::Merges {
        let is_left = |it: &ZoneHours| hours.iter().all(|hours| hours.zone != it.zone);
        let left: Vec<ZoneHours> = known.into_iter().filter(is_left).collect();
        hours.extend(left);
    }
    if traits.obeyed_after_s == 0 || !skill.is_running {
        (skill.hours, skill.coming) = (hours, None);
    } else {
        skill.coming = Some((now + TimeDelta::seconds(traits.obeyed_after_s.into()), hours));
    }
    Ok(Answer::done(done))
}

fn schedule(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    Ok(Answer::of(tenant.skill(asked.id("skillId"))?.week.written()))
}

fn put_schedule(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let skill = tenant.skill(asked.id("skillId"))?;
    skill.week = Week::read(&asked.body()["scheduleSettings"])?;
    Ok(Answer::done(super::traits::Done::Ok))
}

fn of_campaign(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    if asked.id("campaignId") != CAMPAIGN {
        return Err(Refusal::not_found("campaign"));
    }
    let row = |(id, skill): (&i64, &Skill)| {
        json!({
            "skillId": id, "skillName": skill.name, "mediaType": TELEPHONE, "mediaName": "Phone Call",
        })
    };
    let rows: Vec<Value> = tenant.skills.iter().map(row).collect();
    Ok(Answer::of(json!({ "totalRecords": rows.len(), "skills": rows })))
}

//! The dialer against a second, naive one that goes minute by minute and reads clocks as text, with
//! the rules of another library.

use std::collections::{BTreeSet, VecDeque};

use chrono::DateTime;
use proptest::prelude::*;

use super::*;
use crate::cxone::{acd::traits::Traits, tokens::Tokens};

/// Zones with and without a change of clocks, on both sides of the equator, some by half an hour.
const CALLED: [&str; 8] = [
    "Chatham Islands Standard Time",
    "Eastern Standard Time",
    "GMT Standard Time",
    "India Standard Time",
    "Lord Howe Standard Time",
    "Newfoundland Standard Time",
    "Pacific Standard Time",
    "US Mountain Standard Time",
];
/// Weeks in which clocks change: in America, Europe, and Australia.
const WEEKS: [&str; 5] = [
    "2026-10-29T00:00:00Z",
    "2027-03-10T00:00:00Z",
    "2026-10-21T12:00:00Z",
    "2027-03-25T06:00:00Z",
    "2026-10-01T00:00:30Z",
];
const WEEK_MINUTES: i64 = 7 * 24 * 60;

/// Hours of a zone, as a person writes them.
#[derive(Debug, Clone)]
struct Hours {
    zone: &'static str,
    start: String,
    end: String,
    active: bool,
    override_time: bool,
}

impl Hours {
    fn of(&self) -> ZoneHours {
        let Self { active, override_time, .. } = *self;
        ZoneHours { active, override_time, ..ZoneHours::of(self.zone, &self.start, &self.end) }
    }
}

/// What happens in a week, by the minute.
#[derive(Debug, Clone)]
struct Plan {
    begin: DateTime<Utc>,
    skill: Vec<Hours>,
    business_unit: Vec<Hours>,
    records: usize,
    pace: usize,
    /// Times at which the skill is started and stopped in turn.
    switched: BTreeSet<i64>,
    /// Times at which a record's number is listed.
    listed: Vec<(i64, usize)>,
}

fn hours(zone: &'static str) -> impl Strategy<Value = Hours> {
    let bounds = (0_u32..1439, 0_u32..1439).prop_filter("no length", |(one, other)| one != other);
    (bounds, prop::bool::weighted(0.8), any::<bool>()).prop_map(
        move |((one, other), active, override_time)| {
            let text = |minute: u32| format!("{:02}:{:02}", minute / 60, minute % 60);
            let (start, end) = (text(one.min(other)), text(one.max(other)));
            Hours { zone, start, end, active, override_time }
        },
    )
}

fn plan() -> impl Strategy<Value = Plan> {
    let zones = prop::sample::subsequence(CALLED.to_vec(), 1..4);
    let hours_of = |zones: Vec<&'static str>| zones.into_iter().map(hours).collect::<Vec<_>>();
    let hours = zones.prop_flat_map(move |zones| (hours_of(zones.clone()), hours_of(zones)));
    let listed = prop::collection::vec((0..WEEK_MINUTES, 0_usize..2000), 0..20);
    let switched = prop::collection::btree_set(0..WEEK_MINUTES, 1..8);
    (prop::sample::select(WEEKS.to_vec()), hours, 1_usize..2000, 1_usize..3, switched, listed)
        .prop_map(|(begin, (skill, business_unit), records, pace, switched, listed)| Plan {
            begin: begin.parse().expect("an instant"),
            skill,
            business_unit,
            records,
            pace,
            switched,
            listed,
        })
}

/// The number of a record; records of a zone follow each other.
fn number(zone: usize, index: usize) -> Number {
    Number::read(&format!("202555{:04}", zone * 2000 + index)).expect("a number")
}

/// Calls: minute, zone, number.
type Calls = BTreeSet<(DateTime<Utc>, &'static str, Number)>;

impl Plan {
    fn at(&self, minute: i64) -> DateTime<Utc> {
        self.begin + TimeDelta::minutes(minute)
    }

    /// The numbers that are listed at these times.
    fn listed(&self) -> Vec<(i64, Number)> {
        let zones = self.skill.len();
        let number = |index: usize| number(index % zones, index % self.records);
        self.listed.iter().map(|(minute, index)| (*minute, number(*index))).collect()
    }

    fn tenant(&self) -> Tenant {
        let mut tenant = Tenant::new(self.begin, Tokens::new(Duration::from_mins(1)));
        tenant.business_unit.hours = self.business_unit.iter().map(Hours::of).collect();
        let hours: Vec<ZoneHours> = self.skill.iter().map(Hours::of).collect();
        tenant.add_skill(SKILL, "Spring", &hours);
        let records = self.skill.iter().enumerate().flat_map(|(zone, hours)| {
            (0..self.records).map(move |index| (number(zone, index), hours.zone))
        });
        tenant.add_list(SKILL, records.collect());
        let skill = tenant.skills.get_mut(&SKILL).expect("it was added");
        skill.dials_per_minute = self.pace;
        wait_for_a_callback(&mut tenant);
        tenant
    }

    /// The calls of the dialer, which is asked at these times and when something happens.
    fn dialed(&self, looks: &BTreeSet<i64>) -> Calls {
        let mut tenant = self.tenant();
        let listed = self.listed();
        let happens = listed.iter().map(|(minute, _)| *minute);
        let mut times: BTreeSet<i64> = looks.iter().copied().chain(happens).collect();
        times.extend(&self.switched);
        times.insert(WEEK_MINUTES);
        for minute in times {
            tenant.catch_up(self.at(minute));
            if self.switched.contains(&minute) {
                let skill = tenant.skills.get_mut(&SKILL).expect("it was added");
                skill.is_running = !skill.is_running;
            }
            for (_, number) in listed.iter().filter(|(at, _)| *at == minute) {
                tenant.list(DNC_GROUP, number.clone());
            }
        }
        tenant
            .contacts
            .values()
            .map(|it| {
                let number = it.number.clone().expect("it was dialed");
                (it.started, it.zone.expect("it was dialed"), number)
            })
            .collect()
    }

    /// The calls of a dialer that is as simple as can be.
    fn expected(&self) -> Calls {
        let mut queues: Vec<VecDeque<Number>> = (0..self.skill.len())
            .map(|zone| (0..self.records).map(|index| number(zone, index)).collect())
            .collect();
        let listed = self.listed();
        let mut calls = Calls::new();
        for minute in 1..=WEEK_MINUTES {
            // The first whole minute after the begin, and every one after it.
            let tick = self.at(minute - 1);
            let tick = tick + TimeDelta::seconds(60 - tick.timestamp().rem_euclid(60));
            let before = |at: i64| self.at(at) < tick;
            let switches = self.switched.iter().filter(|at| before(**at)).count();
            if tick > self.at(WEEK_MINUTES) || switches % 2 == 0 {
                continue;
            }
            let is_listed =
                |it: &Number| listed.iter().any(|(at, number)| before(*at) && number == it);
            for (zone, hours) in self.skill.iter().enumerate() {
                if !may_call(hours, &self.business_unit[zone], tick) {
                    continue;
                }
                for _ in 0..self.pace {
                    let next = queues[zone].pop_front().filter(|number| !is_listed(number));
                    calls.extend(next.map(|number| (tick, hours.zone, number)));
                }
            }
        }
        calls
    }
}

/// Whether clocks of the zone show a time within the hours, as text, by the rules of chrono-tz.
fn may_call(skill: &Hours, business_unit: &Hours, at: DateTime<Utc>) -> bool {
    let zone = ZONES.iter().find(|zone| zone.name == skill.zone).expect("a zone");
    let clock = at.with_timezone(&zone.clocks).format("%H:%M").to_string();
    let within = |hours: &Hours| hours.start <= clock && clock < hours.end;
    let business_unit_is_open = skill.override_time || within(business_unit);
    skill.active && business_unit.active && within(skill) && business_unit_is_open
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn over_a_week_with_a_change_of_clocks_each_call_is_made_when_it_may_and_no_other(
        plan in plan(),
        looks in prop::collection::btree_set(0..WEEK_MINUTES, 0..30),
    ) {
        prop_assert_eq!(plan.dialed(&looks), plan.expected());
    }
}

/// A tenant with a running skill that may always call, and a record in the first minute.
fn dialing(begin: &str) -> Tenant {
    let begin = begin.parse().expect("an instant");
    let mut tenant = Tenant::new(begin, Tokens::new(Duration::from_mins(1)));
    let mut hours = ZoneHours::of("Eastern Standard Time", "00:00", "23:59");
    hours.override_time = true;
    tenant.add_skill(SKILL, "Spring", &[hours]);
    let records = (0..1000).map(|index| (number(0, index), "Eastern Standard Time"));
    tenant.add_list(SKILL, records.collect());
    skill(&mut tenant).is_running = true;
    tenant
}

fn skill(tenant: &mut Tenant) -> &mut Skill {
    tenant.skills.get_mut(&SKILL).expect("it was added")
}

fn pass(tenant: &mut Tenant, minutes: i64) -> usize {
    let before = tenant.contacts.len();
    tenant.catch_up(tenant.now + TimeDelta::minutes(minutes));
    tenant.contacts.len() - before
}

/// Noon on a Wednesday in New York.
const NOON: &str = "2027-07-07T16:00:00Z";

#[test]
fn a_skill_at_rest_dials_nothing() {
    let mut tenant = dialing(NOON);
    wait_for_a_callback(&mut tenant);
    assert_eq!(pass(&mut tenant, 5), 5);
    skill(&mut tenant).is_running = false;
    assert_eq!(pass(&mut tenant, 60), 0);
    skill(&mut tenant).is_running = true;
    assert_eq!(pass(&mut tenant, 5), 5);
}

#[test]
fn a_listed_number_is_called_unless_the_skill_obeys_its_group_while_the_entry_lasts() {
    let mut tenant = dialing(NOON);
    tenant.groups.insert(2, Group::default());
    tenant.list(2, number(0, 0));
    tenant.list(DNC_GROUP, number(0, 1));
    tenant.list(DNC_GROUP, number(0, 2));
    let expires = Some(tenant.now + TimeDelta::minutes(2));
    let records = &mut tenant.groups.get_mut(&DNC_GROUP).expect("a group").records;
    records.get_mut(&number(0, 2)).expect("it was listed").expires = expires;
    pass(&mut tenant, 3);
    let called: Vec<Number> = tenant.contacts.values().filter_map(|it| it.number.clone()).collect();
    assert_eq!(called, [number(0, 0), number(0, 2)]);
    assert_eq!(tenant.lists.values().next().map(|list| list.finalized), Some(3));
}

#[test]
fn an_entry_is_obeyed_as_soon_as_the_tenant_has_it() {
    for (delay, called) in [(0, 0), (119, 1), (120, 1), (121, 2)] {
        let mut tenant = dialing(NOON);
        let late = json!({ "dnc": { "obeyedAfterS": delay } });
        tenant.traits = Traits::default().changed(&late).expect("traits");
        tenant.list(DNC_GROUP, number(0, 0));
        tenant.list(DNC_GROUP, number(0, 1));
        assert_eq!(pass(&mut tenant, 2), called, "{delay}");
    }
}

#[test]
fn what_the_business_unit_closes_is_closed_at_every_skill() {
    let mut tenant = dialing(NOON);
    for hours in &mut tenant.business_unit.hours {
        hours.active = false;
    }
    assert_eq!(pass(&mut tenant, 10), 0);
}

#[test]
fn hours_of_a_skill_replace_those_of_the_business_unit_only_where_they_mean_to_and_can() {
    // Two in the morning in New York; the curfew ends at eight.
    let mut tenant = dialing("2027-07-07T06:00:00Z");
    assert_eq!(pass(&mut tenant, 10), 10);
    tenant.traits =
        Traits::default().changed(&json!({ "hours": { "overrideTime": "none" } })).expect("traits");
    assert_eq!(pass(&mut tenant, 10), 0);
    tenant.traits = Traits::default();
    skill(&mut tenant).hours[0].override_time = false;
    assert_eq!(pass(&mut tenant, 10), 0);
}

#[test]
fn a_weekly_schedule_holds_back_a_running_skill_by_the_clocks_that_count() {
    let mut tenant = dialing("2027-07-07T15:00:00Z");
    let mut sent = json!({ "isScheduled": true });
    for day in ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] {
        sent[format!("{day}IsActive")] = json!(true);
        sent[format!("{day}StartTime")] = json!("12:00");
        sent[format!("{day}EndTime")] = json!("13:00");
    }
    skill(&mut tenant).week = Week::read(&sent).expect("a schedule");
    // Eleven to noon in New York, then noon to one.
    assert_eq!(pass(&mut tenant, 59), 0);
    assert_eq!(pass(&mut tenant, 60), 60);
    assert_eq!(pass(&mut tenant, 60), 0);
    // A business unit in London is five hours ahead of the called party.
    tenant.business_unit.zone = "GMT Standard Time";
    tenant.catch_up("2027-07-08T15:30:00Z".parse().expect("an instant"));
    assert_eq!(pass(&mut tenant, 60), 0, "half past four in London");
    let called = json!({ "skills": { "scheduleZone": "calledParty" } });
    tenant.traits = Traits::default().changed(&called).expect("traits");
    assert_eq!(pass(&mut tenant, 20), 20, "half past twelve in New York");
    sent["mondayIsActive"] = json!(false);
    assert!(Week::read(&sent).is_err(), "a day that is not active");
    let ignored = json!({ "skills": { "scheduleObeyed": false } });
    tenant.traits = Traits::default().changed(&ignored).expect("traits");
    assert_eq!(pass(&mut tenant, 60), 60);
}

#[test]
fn records_that_are_done_are_not_called_again() {
    let mut tenant = dialing(NOON);
    skill(&mut tenant).dials_per_minute = 400;
    assert_eq!(pass(&mut tenant, 60), 1000);
    assert_eq!(tenant.lists.values().next().map(|list| list.finalized), Some(1000));
}

fn callback(tenant: &mut Tenant, skill: i64) -> i64 {
    let due = tenant.now + TimeDelta::minutes(10);
    let callback = Callback {
        skill,
        agent: None,
        number: Number::read(NUMBER).expect("a number"),
        first_name: String::new(),
        last_name: String::new(),
        notes: String::new(),
        due,
        created: tenant.now,
        delivered: None,
    };
    tenant.callbacks.insert(7, callback);
    7
}

/// Something else to do than to dial, so that the dialer never rests.
fn wait_for_a_callback(tenant: &mut Tenant) {
    let id = callback(tenant, CALLBACK_SKILL);
    let due = tenant.now + TimeDelta::days(30);
    tenant.callbacks.entry(id).and_modify(|callback| callback.due = due);
}

#[test]
fn a_callback_is_made_once_when_it_is_due() {
    let mut tenant = Tenant::new(NOON.parse().expect("an instant"), Tokens::new(Duration::ZERO));
    let id = callback(&mut tenant, CALLBACK_SKILL);
    let due = tenant.now + TimeDelta::days(1);
    let another = Callback { due, ..tenant.callbacks[&id].clone() };
    tenant.callbacks.insert(id + 1, another);
    assert_eq!(pass(&mut tenant, 9), 0);
    assert_eq!(pass(&mut tenant, 1), 1);
    assert_eq!(pass(&mut tenant, 600), 0);
    let contact = tenant.callbacks[&id].delivered.expect("it was made");
    assert_eq!(tenant.contacts[&contact].number.as_ref().map(Number::e164), Some(NUMBER.into()));
}

#[test]
fn a_due_callback_is_held_back_as_the_tenant_has_it() {
    for (reason, change) in [
        ("stopped", json!({ "callbacks": { "whenStopped": "delivered" } })),
        ("listed", json!({ "callbacks": { "whenListed": "held" } })),
        ("closed", json!({ "callbacks": { "whenClosed": "held" } })),
    ] {
        // Ten in the evening in New York, after the curfew.
        let night = "2027-07-07T02:00:00Z".parse().expect("an instant");
        let mut tenant = Tenant::new(night, Tokens::new(Duration::ZERO));
        match reason {
            "stopped" => {
                tenant.skills.get_mut(&CALLBACK_SKILL).expect("a skill").is_running = false;
            }
            "listed" => tenant.list(DNC_GROUP, Number::read(NUMBER).expect("a number")),
            _ => {}
        }
        callback(&mut tenant, CALLBACK_SKILL);
        let by_default = usize::from(reason != "stopped");
        let mut other = Tenant::new(night, Tokens::new(Duration::ZERO));
        assert_eq!(pass(&mut tenant, 20), by_default, "{reason}");
        std::mem::swap(&mut tenant.traits, &mut other.traits);
        tenant.traits = Traits::default().changed(&change).expect("traits");
        tenant.callbacks.get_mut(&7).expect("a callback").delivered = None;
        assert_eq!(pass(&mut tenant, 20), 1 - by_default, "{reason} changed");
    }
}

#[tokio::test]
async fn counts_grow_by_themselves_with_the_clock() {
    let caller = Caller::new().await;
    {
        let mut tenant = caller.cxone.tenant();
        let mut hours = ZoneHours::of("Eastern Standard Time", "00:00", "23:59");
        hours.override_time = true;
        tenant.add_skill(SKILL, "Spring", &[hours]);
        let records = (0..60).map(|index| (number(0, index), "Eastern Standard Time"));
        tenant.add_list(SKILL, records.collect());
    }
    let period = "startDate=2020-01-01T00:00:00Z&endDate=2099-01-01T00:00:00Z";
    let figures = async || {
        let summaries = get(&format!("/skills/summary?{period}&isOutbound=true"));
        let summaries = caller.ask_described(&summaries).await;
        let completed = get(&format!("/contacts/completed?skillId={SKILL}&top=1&{period}"));
        let completed = caller.ask_described(&completed).await;
        let row = |name: &str| summaries.at(&format!("/skillSummaries/0/{name}"));
        (row("dials").as_u64(), row("connects").as_u64(), completed.at("/totalRecords").as_u64())
    };
    assert_eq!(figures().await, (None, None, None));
    let start = Ask { body: None, ..post(&format!("/skills/{SKILL}/start"), Value::Null) };
    caller.ask(&start).await;
    // An hour and the two minutes before the first dial and in which the last one ends.
    caller.advance(30 * 60);
    let (dials, _, _) = figures().await;
    assert!((29..=31).contains(&dials.expect("dials")), "{dials:?}");
    caller.advance(40 * 60);
    assert_eq!(figures().await, (Some(60), Some(45), Some(60)));
    caller.change_traits(&json!({ "contacts": { "dials": "answered" } }));
    assert_eq!(figures().await, (Some(60), Some(45), Some(45)));
    let list = *caller.cxone.tenant().lists.keys().next().expect("a list");
    let list = get(&format!("/lists/call-lists/{list}?includeRecords=false"));
    assert_eq!(caller.ask(&list).await.at("/resultSet/finalizedRecords"), 60);
}

#[tokio::test]
async fn a_running_skill_obeys_new_hours_as_soon_as_the_tenant_has_it() {
    let caller = Caller::prepared().await;
    caller.change_traits(&json!({ "hours": { "obeyedAfterS": 60, "put": "replaces" } }));
    let open = |caller: &Caller| caller.cxone.tenant().skills[&SKILL].hours.len();
    let path = format!("/skills/{SKILL}/parameters/time-zones");
    caller.cxone.tenant().skills.get_mut(&SKILL).expect("it was added").is_running = true;
    caller.ask(&with_body(Method::PUT, &path, asks::zones())).await;
    assert_eq!(open(&caller), ZONES.len());
    let read = caller.ask(&get(&path)).await.at("/timeZoneSettings");
    assert_eq!(read.as_array().map(Vec::len), Some(1), "what was written is read");
    caller.advance(60);
    assert_eq!(open(&caller), 1);
}

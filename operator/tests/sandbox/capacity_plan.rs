//! `outbound capacity-plan` against the work of agents in a simulated tenant.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use cxone::CapacityPlan;
use outbound::Tz;
use sandbox::{
    Options,
    cxone::{
        Api,
        acd::{
            Actual, CALLBACK_SKILL,
            traits::{CapacityTraits, HalfHour},
        },
    },
};

use super::*;

/// The zone of the simulated tenant.
const NEW_YORK: Tz = Tz::America__New_York;
/// Another skill, which callbacks do not go to.
const OTHER: i64 = 4_271_999;

async fn tenant() -> Surroundings {
    let mut options = Options { cxone_api: Api::Acd, ..Options::default() };
    let skills = ("CxoneSkills".to_owned(), "callbacks=4271300".to_owned());
    options.parameters.extend([skills]);
    Surroundings::with(options).await.expect("it starts")
}

/// Work of five weeks up to now: more agents on some days than on others, some at night, some who
/// handled nothing, and each in both halves of an hour or in one.
fn work(now: DateTime<Utc>) -> Vec<Actual> {
    let mut work = Vec::new();
    let mut random = fastrand::Rng::with_seed(7);
    for half_hours in 0..5 * 7 * 48 {
        let begin =
            now - TimeDelta::minutes(now.minute().into()) - TimeDelta::minutes(30 * half_hours);
        let half_hour = begin.with_nanosecond(0).and_then(|it| it.with_second(0)).expect("a time");
        for agent in 0..random.i64(0..6) {
            for skill in [CALLBACK_SKILL, OTHER] {
                let handled = random.u32(0..3);
                work.push(Actual { skill, agent, half_hour, handled, handled_s: handled * 300 });
            }
        }
    }
    work
}

/// Agents in an hour of the week, counted in the plainest way: all that is known is looked at for
/// each figure.
fn counted(work: &[Actual], today: chrono::NaiveDate, weekday: u32, hour: u32) -> f64 {
    let mut counts = Vec::new();
    for ago in 1..=28 {
        let day = today - TimeDelta::days(ago);
        if day.weekday().num_days_from_monday() != weekday {
            continue;
        }
        let mut agents = HashSet::new();
        for row in work {
            let local = row.half_hour.with_timezone(&NEW_YORK);
            let is_then = local.date_naive() == day && local.hour() == hour;
            if is_then && row.handled > 0 && row.skill == CALLBACK_SKILL {
                agents.insert(row.agent);
            }
        }
        counts.push(agents.len());
    }
    assert_eq!(counts.len(), 4);
    counts.sort_unstable();
    f64::from(u32::try_from(counts[1] + counts[2]).expect("few")) / 2.0
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::float_cmp, reason = "halves are exact")]
async fn the_plan_is_the_median_of_the_weeks_in_whatever_form_the_times_come() {
    for half_hour in [HalfHour::Utc, HalfHour::Bare, HalfHour::Number] {
        let sandbox = tenant().await;
        let now = sandbox.clock.now();
        let work = work(now);
        assert!(work.iter().any(|row| row.handled == 0), "some wait in vain");
        {
            let mut tenant = sandbox.cxone.tenant();
            tenant.traits.capacity = CapacityTraits { half_hour, ..CapacityTraits::default() };
            tenant.actuals.clone_from(&work);
        }
        let ran = outbound(&sandbox, &["capacity-plan", "--json"]).await;
        let report = ran.json();
        let plan: CapacityPlan =
            report["capacity"].as_str().expect("a value").parse().expect("a plan");
        assert_eq!(report["zone"], "America/New_York");
        let today = now.with_timezone(&NEW_YORK).date_naive();
        // A week of hours without a change of clocks in it, wherever now is.
        for day in 0..7 {
            for hour in 0..24 {
                let monday = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).expect("a Monday");
                let local =
                    (monday + TimeDelta::days(day)).and_hms_opt(hour, 0, 0).expect("a time");
                let start = local.and_local_timezone(NEW_YORK).single().expect("one").to_utc();
                let expected = counted(&work, today, u32::try_from(day).expect("few"), hour);
                let agents = plan.agents(4_271_300, start);
                assert_eq!(agents, expected, "{half_hour:?} {day} {hour}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_value_is_all_that_is_printed_and_is_short() {
    let sandbox = tenant().await;
    let today = sandbox.clock.now().with_timezone(&NEW_YORK).date_naive();
    let hour = |day: i64, hour: u32| {
        let local = (today - TimeDelta::days(day)).and_hms_opt(hour, 30, 0).expect("a time");
        local.and_local_timezone(NEW_YORK).earliest().expect("no gap at noon").to_utc()
    };
    let row = |day: i64, at: u32, agent: i64| Actual {
        skill: CALLBACK_SKILL,
        agent,
        half_hour: hour(day, at),
        handled: 1,
        handled_s: 60,
    };
    let days = (1..=14).flat_map(|day| (9..17).map(move |at| (day, at)));
    let rows = days.flat_map(|(day, at)| (0..3).map(move |agent| (day, at, agent)));
    let rows = rows.map(|(day, at, agent)| row(day, at, agent)).collect();
    sandbox.cxone.tenant().actuals = rows;
    let ran = outbound(&sandbox, &["capacity-plan", "--weeks", "2"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(ran.out, "4271300 mon-sun 09-17 America/New_York 3\n");
    let other = outbound(&sandbox, &["capacity-plan", "--skill", "4271300,4271999"]).await;
    assert_eq!(other.code, Some(1), "{other:?}");
    assert!(other.says("# skill 4271999: nobody handled a contact"), "{other:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_v2_needs_no_plan() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let ran = outbound(&sandbox, &["capacity-plan"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.says("has a forecast of its own"), "{ran:?}");
}

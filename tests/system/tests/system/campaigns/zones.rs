//! Every zone starts at its own hour, and what fails in one does not hold up the others.

use chrono::{DateTime, FixedOffset, NaiveTime, TimeDelta, Timelike};
use platform::called_parties::DecidedStart;
use sandbox::{Options, Sandbox, cxone::Api};
use serde_json::{Value, json};

use super::{campaign, plan, run, runs, sandbox, starts};

const ZONES: [&str; 8] = [
    "America/Los_Angeles",
    "America/New_York",
    "America/Phoenix",
    "America/St_Johns",
    "Asia/Dubai",
    "Australia/Lord_Howe",
    "Europe/London",
    "Pacific/Honolulu",
];

/// A window of a schedule.
struct Window {
    zone: String,
    start: DateTime<FixedOffset>,
    end: DateTime<FixedOffset>,
}

/// The windows of all schedules, by their zones. With the REST services, which have no schedules,
/// they are those that were decided on.
fn windows(sandbox: &Sandbox) -> Vec<Window> {
    let mut windows: Vec<Window> = match sandbox.cxone.api() {
        Api::V2 => {
            let schedules = sandbox.cxone.schedules().into_iter();
            schedules
                .map(|it| Window { zone: it.time_zone, start: it.start, end: it.end })
                .collect()
        }
        Api::Acd => {
            let items = sandbox.aws.tables.items("DecisionsTable").expect("the table answers");
            items.iter().filter_map(decided).collect()
        }
    };
    windows.sort_by(|one, other| one.zone.cmp(&other.zone));
    windows
}

fn decided(item: &Value) -> Option<Window> {
    let decided: DecidedStart = serde_json::from_str(item["document"].as_str()?).ok()?;
    Some(Window { zone: decided.time_zone, start: decided.start, end: decided.end? })
}

#[tokio::test(flavor = "multi_thread")]
async fn every_zone_starts_at_ten_by_its_own_clock() {
    let sandbox = sandbox(Options::default()).await;
    let report = plan(&sandbox, &[campaign(&sandbox, "spring", &ZONES)]).await;
    assert_eq!(report["campaigns"][0]["status"], "scheduled", "{report}");

    let windows = windows(&sandbox);
    assert!(windows.iter().map(|window| window.zone.as_str()).eq(ZONES));
    for Window { zone, start, end } in &windows {
        // The offset is the zone's own: the simulator of the API v2 refuses any other.
        assert_eq!((start.hour(), start.minute()), (10, 0), "{zone}");
        assert_eq!(*end - *start, TimeDelta::hours(4), "{zone}");
    }
    let recorded: usize = runs(&sandbox).iter().map(|run| run.submitted.len()).sum();
    assert_eq!(recorded, ZONES.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_later_every_zone_has_one_schedule_more() {
    let sandbox = sandbox(Options::default()).await;
    let campaigns = [campaign(&sandbox, "spring", &ZONES)];
    plan(&sandbox, &campaigns).await;
    for _ in 0..24 {
        sandbox.clock.advance(TimeDelta::hours(1));
        plan(&sandbox, &campaigns).await;
    }
    let windows = windows(&sandbox);
    for zone in ZONES {
        let starts = windows.iter().filter(|window| window.zone == zone);
        let mut starts: Vec<_> = starts.map(|window| window.start.naive_local()).collect();
        starts.sort();
        let [today, tomorrow] = starts[..] else { panic!("two in {zone}: {starts:?}") };
        assert_eq!(tomorrow - today, TimeDelta::days(1), "{zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zone_that_fails_is_named_and_the_others_go_on() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.refuse_zone("Asia/Dubai", "no agents speak the language");
    let zones = ["Europe/London", "Mars/Olympus_Mons", "", "Asia/Dubai", "America/Phoenix"];
    let campaigns = [campaign(&sandbox, "spring", &zones)];
    for _ in 0..2 {
        let report = plan(&sandbox, &campaigns).await;
        let campaign = &report["campaigns"][0];
        assert_eq!(campaign["status"], "partly_scheduled");
        let failed = campaign["failed"].as_array().expect("failed zones");
        let named = |zone: &str, code: &str| {
            failed.iter().any(|failed| failed["timezone"] == zone && failed["code"] == code)
        };
        assert_eq!(failed.len(), 3, "{report}");
        assert!(named("Mars/Olympus_Mons", "unknown_time_zone"), "{report}");
        assert!(named("", "missing_time_zone"), "{report}");
        assert!(named("Asia/Dubai", "refused_by_cxone"), "{report}");
        let why = match sandbox.cxone.api() {
            Api::V2 => "no agents speak the language",
            Api::Acd => "no skill of the campaign has a zone with the clocks of Asia/Dubai",
        };
        assert!(report.to_string().contains(why), "{report}");
    }
    assert_eq!(starts(&sandbox).len(), 2);
    assert_eq!(sandbox.cxone.calls("createSchedule"), 3, "what was refused is not asked again");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_cannot_be_read_does_not_hold_up_the_others() {
    let sandbox = sandbox(Options::default()).await;
    let mut typo = campaign(&sandbox, "typo", &ZONES);
    typo["cron"] = json!("0 9 * * mo-fr");
    let mut greedy = campaign(&sandbox, "greedy", &ZONES);
    greedy["callingHours"] = json!("06:00-23:00");
    let good = campaign(&sandbox, "good", &ZONES[..1]);
    let report = plan(&sandbox, &[typo, json!("nonsense"), greedy, good]).await;
    let statuses: Vec<_> = (0..4).map(|index| &report["campaigns"][index]["status"]).collect();
    assert_eq!(statuses, ["rejected", "rejected", "rejected", "scheduled"], "{report}");
    assert_eq!(report["campaigns"][0]["problems"][0]["field"], "cron");
    assert_eq!(report["campaigns"][2]["problems"][0]["field"], "callingHours");
    assert_eq!(starts(&sandbox).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_outside_the_calling_hours_is_refused_with_the_reason() {
    let sandbox = sandbox(Options::default()).await;
    let mut early = campaign(&sandbox, "early", &ZONES);
    early["cron"] = json!("0 6 * * *");
    let report = plan(&sandbox, &[early]).await;
    let campaign = &report["campaigns"][0];
    assert_eq!(campaign["status"], "not_scheduled");
    assert_eq!(campaign["failed"].as_array().map(Vec::len), Some(ZONES.len()));
    assert_eq!(campaign["failed"][0]["code"], "outside_calling_hours");
    assert_eq!(sandbox.cxone.calls("createSchedule"), 0);
    assert!(runs(&sandbox).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_window_ends_with_the_calling_hours() {
    let sandbox = sandbox(Options::default()).await;
    let mut late = campaign(&sandbox, "late", &ZONES);
    late["cron"] = json!("30 19 * * *");
    plan(&sandbox, &[late]).await;
    let windows = windows(&sandbox);
    assert_eq!(windows.len(), ZONES.len());
    for Window { zone, end, .. } in windows {
        assert_eq!((end.hour(), end.minute()), (21, 0), "{zone}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_one_campaign_at_one_local_hour() {
    let sandbox = sandbox(Options::default()).await;
    let mut twice_a_day = campaign(&sandbox, "twice", &["America/Phoenix"]);
    twice_a_day["cron"] = json!("0 10,15 * * *");
    plan(&sandbox, &[twice_a_day.clone()]).await;
    let first = run(&sandbox, "twice");
    sandbox.clock.advance_to(first.first_start + TimeDelta::minutes(1));
    plan(&sandbox, &[twice_a_day]).await;
    let runs = runs(&sandbox);
    assert_eq!(runs.len(), 2);
    assert_ne!(runs[0].local_start, runs[1].local_start);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_lasts_until_zones_that_have_another_start_before() {
    let sandbox = sandbox(Options::default()).await;
    // Ten in the morning and a few minutes in Dubai, the evening before in Los Angeles.
    let morning = NaiveTime::from_hms_opt(6, 5, 0).expect("a time of day");
    let tomorrow = sandbox.clock.now().date_naive() + TimeDelta::days(1);
    sandbox.clock.advance_to(tomorrow.and_time(morning).and_utc());
    let mut twice_a_day = campaign(&sandbox, "twice", &["Asia/Dubai", "America/Los_Angeles"]);
    twice_a_day["cron"] = json!("0 10,15 * * *");
    plan(&sandbox, &[twice_a_day]).await;
    let runs = runs(&sandbox);
    let run = runs.iter().find(|run| run.local_start.ends_with("15:00")).expect("it is recorded");
    assert_eq!(run.submitted, ["Asia/Dubai"]);
    // 15:00 in Dubai is 11:00 UTC; 19:00 in Los Angeles is 02:00 or 03:00 UTC of the next day.
    assert!(run.last_end - run.first_start > TimeDelta::hours(14), "{run:?}");
}

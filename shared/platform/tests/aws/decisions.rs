use chrono::{DateTime, TimeDelta, Utc};
use embedded::{at, table_with_keys};
use outbound::{
    campaign::Sites,
    law::{Call, Candidates, Kind, Releases},
};
use platform::called_parties::{DecidedStart, Decisions};

async fn decisions() -> Decisions {
    Decisions::new(table_with_keys(["phone_number", "decision"]).await, "table", 30)
}

fn noon() -> DateTime<Utc> {
    at("2026-03-02T12:00:00Z")
}

/// A start of a campaign at noon, for a window of so many hours.
fn start(campaign_id: &str, hours: i64) -> DecidedStart {
    let start = noon().fixed_offset();
    DecidedStart {
        campaign_id: campaign_id.to_owned(),
        time_zone: "Europe/London".to_owned(),
        start,
        end: Some(start + TimeDelta::hours(hours)),
        at: noon() - TimeDelta::hours(1),
        outcome: "submitted".to_owned(),
        reasons: Vec::new(),
        sites: Sites::of_zone(),
        terms: Call::new(Candidates::default(), Kind::Sales),
        releases: Releases::CURRENT,
    }
}

async fn windows(decisions: &Decisions, closed_at: DateTime<Utc>) -> Vec<String> {
    let windows = decisions.windows_of_call(closed_at).await.expect("the table answers");
    windows.into_iter().map(|window| window.campaign_id).collect()
}

/// A call is closed an hour after the end of its window at the latest.
#[tokio::test]
async fn a_call_belongs_to_every_window_that_it_may_have_been_made_in() {
    let decisions = decisions().await;
    let refused = DecidedStart { end: None, ..start("refused", 2) };
    for start in [start("day", 24), start("short", 2), refused] {
        decisions.keep_start(&start).await.expect("the table answers");
    }
    let second = TimeDelta::seconds(1);
    let (both, day, none) = (vec!["day", "short"], vec!["day"], Vec::<&str>::new());
    for (hours, before, from) in [(0, &none, &both), (3, &both, &day), (25, &day, &none)] {
        let instant = noon() + TimeDelta::hours(hours);
        assert_eq!(windows(&decisions, instant - second).await, *before, "before {instant}");
        assert_eq!(windows(&decisions, instant).await, *from, "at {instant}");
    }
}

#[tokio::test]
async fn the_evidence_of_a_start_outlives_a_later_refusal() {
    let decisions = decisions().await;
    let submitted = start("campaign-1", 2);
    let refused = DecidedStart { end: None, outcome: "unlawful".to_owned(), ..submitted.clone() };
    let anew = DecidedStart { reasons: vec!["another rule".to_owned()], ..refused.clone() };
    for decided in [&submitted, &refused, &anew] {
        decisions.keep_start(decided).await.expect("the table answers");
    }
    let starts = decisions.starts("campaign-1").await.expect("the table answers");
    assert_eq!(starts, [anew, submitted], "the latest refusal, and what was submitted");
    assert!(decisions.starts("campaign").await.expect("the table answers").is_empty());
}

use aws_sdk_dynamodb::Client;
use chrono::{DateTime, TimeDelta, Utc};
use embedded::{at, table_with_keys};
use outbound::{
    E164,
    called_party::{Fact, Permission, Scope, Wish},
    campaign::Sites,
    law::{Call, Candidates, Kind, Releases},
};
use platform::called_parties::{Decided, DecidedStart, Decisions, Outcome};
use serde_json::json;

async fn decisions() -> Decisions {
    Decisions::new(table().await, "table", 30)
}

async fn table() -> Client {
    table_with_keys(["phone_number", "decision"]).await
}

fn number() -> E164 {
    "+12125550110".parse().expect("a number")
}

/// A refusal so many minutes after noon, with the words of the opt-out.
fn decided(contact_id: &str, minutes: i64) -> Decided {
    let by = Fact {
        wish: Wish::OptOut,
        scope: Scope::default(),
        at: noon(),
        event_id: "evt-1".to_owned(),
        event_type: "contact.opt_out".to_owned(),
        words: Some("leave me alone".to_owned()),
        expires_at: None,
    };
    Decided {
        called_party: number().as_str().to_owned(),
        at: noon() + TimeDelta::minutes(minutes),
        contact_id: contact_id.to_owned(),
        outcome: Outcome::RefusedOptedOut,
        permission: Permission::OptedOut { by },
        law: None,
        cap: None,
        attempts: None,
        request: json!({ "callback": { "phoneNumber": number().as_str() } }),
    }
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
    let next_day =
        DecidedStart { start: submitted.start + TimeDelta::days(1), ..submitted.clone() };
    for decided in [&submitted, &next_day, &refused, &anew] {
        decisions.keep_start(decided).await.expect("the table answers");
    }
    let starts = decisions.starts("campaign-1").await.expect("the table answers");
    assert_eq!(starts, [anew, submitted, next_day], "of the refusals the latest");
    assert!(decisions.starts("campaign").await.expect("the table answers").is_empty());
}

#[tokio::test]
async fn what_was_decided_on_a_number_is_found_in_order_until_the_number_is_erased() {
    let client = table().await;
    let decisions = Decisions::new(client.clone(), "table", 30);
    let kept = [decided("contact-b", 2), decided("contact-a", 2), decided("contact-c", 1)];
    for decided in &kept {
        decisions.keep(decided).await.expect("the table answers");
    }
    let exported = decisions.export(&number()).await.expect("the table answers");
    let [second_b, second_a, first] = kept;
    assert_eq!(exported, [first, second_a, second_b]);

    for erased in [3, 0] {
        let count = decisions.erase(&number(), b"key").await.expect("the table answers");
        assert_eq!(count, erased);
        assert!(decisions.export(&number()).await.expect("the table answers").is_empty());
    }
    let items = client.scan().table_name("table").send().await.expect("the table answers");
    let items: Vec<_> = items.items().iter().map(|item| format!("{item:?}")).collect();
    assert_eq!(items.len(), 3, "the decisions stay");
    for item in items {
        assert!(item.contains("hmac-sha256:") && item.contains("refused_opted_out"), "{item}");
        // None of what leads back to the number in another table.
        for erased in ["2125550110", "leave me alone", "contact-", "evt-1"] {
            assert!(!item.contains(erased), "{erased}: {item}");
        }
    }
}

#[tokio::test]
async fn a_decision_is_kept_for_as_many_days_as_are_set() {
    let client = table().await;
    let decisions = Decisions::new(client.clone(), "table", 30);
    decisions.keep(&decided("a", 0)).await.expect("the table answers");
    decisions.keep_start(&start("campaign-1", 2)).await.expect("the table answers");
    let items = client.scan().table_name("table").send().await.expect("the table answers");
    let month = noon() + TimeDelta::days(30);
    for item in items.items() {
        assert_eq!(item["expires_at"].as_n().ok(), Some(&month.timestamp().to_string()));
    }
    assert_eq!(items.count(), 3, "the decision, the start, and the id of its campaign");
}

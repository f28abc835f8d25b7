//! Callbacks and the law: at instants that the test chooses, with the template's own defaults.

use std::collections::BTreeMap;

use ambient::Ambience;
use callback_intake::CallbackIntake;
use chrono::{DateTime, TimeDelta, Utc};
use handlers::Answer;
use sandbox::{Options, Surroundings};
use serde_json::{Value, json};

use crate::handler;

/// Services that nothing is set for: callbacks are sales calls from 08:00 to 21:00.
pub(crate) async fn lawful() -> Surroundings {
    with_parameters(&[]).await
}

pub(crate) async fn with_parameters(parameters: &[(&str, &str)]) -> Surroundings {
    let owned = |(name, value): &(&str, &str)| (String::from(*name), String::from(*value));
    let parameters: BTreeMap<String, String> = parameters.iter().map(owned).collect();
    let options = Options { parameters, ..Options::default() };
    Surroundings::with(options).await.expect("the embedded services start")
}

pub(crate) fn at(instant: &str) -> DateTime<Utc> {
    instant.parse().expect("an instant")
}

/// A request for a window of so many minutes from `start` on, with agents in all its hours.
pub(crate) fn request(around: &Surroundings, number: &str, start: &str, minutes: i64) -> Value {
    let (from, to) = (at(start), at(start) + TimeDelta::minutes(minutes));
    let hours = (0..=minutes / 60).map(|hour| (from + TimeDelta::hours(hour), 9.0)).collect();
    around.cxone.set_forecast("campaign-1", hours);
    json!({
        "phoneNumber": number, "campaignId": "campaign-1", "language": "en-US",
        "requestedStart": from, "requestedEnd": to,
    })
}

/// Sends a request an hour before its window begins.
pub(crate) async fn post(around: &Surroundings, request: &Value) -> Answer {
    let start = at(request["requestedStart"].as_str().expect("a time"));
    let intake = async { handler::<CallbackIntake>(around).await.post(request).await };
    Ambience::new(start - TimeDelta::hours(1), 7).scope(Box::pin(intake)).await
}

pub(crate) fn decisions(around: &Surroundings) -> Vec<Value> {
    let items = around.aws.tables.items("DecisionsTable").expect("a table");
    let document = |item: Value| {
        serde_json::from_str(item["document"].as_str().expect("a document")).expect("JSON")
    };
    items.into_iter().map(document).collect()
}

/// Refused, with nothing arranged, and the decision kept. Returns the detail.
async fn refused(number: &str, start: &str, minutes: i64, code: &str) -> String {
    let around = lawful().await;
    let answer = post(&around, &request(&around, number, start, minutes)).await;
    assert_eq!((answer.status, &answer.body["code"]), (422, &json!(code)), "{answer:?}");
    assert!(around.cxone.contacts().is_empty() && around.cxone.messages().is_empty());
    let [decision] = &decisions(&around)[..] else { panic!("one decision") };
    assert_eq!(decision["outcome"], "refused_by_law");
    assert_eq!(decision["law"]["allowed"], false);
    answer.body["detail"].as_str().expect("a detail").to_owned()
}

#[tokio::test]
async fn a_call_at_night_is_refused_with_the_rule_its_citation_and_the_next_allowed_time() {
    let detail = refused("+12125550110", "2026-12-01T03:00:00-05:00", 120, "not_allowed").await;
    assert!(detail.contains("US tsr-hours (16 CFR 310.4(c))"), "{detail}");
    // New York's own rule is lifted by the request.
    assert!(!detail.contains("US-NY"), "{detail}");
    let next = "from 2026-12-01T08:00:00-05:00 to 2026-12-01T21:00:00-05:00";
    assert!(detail.ends_with(&format!("calls are allowed again {next}")), "{detail}");
}

#[tokio::test]
async fn a_holiday_that_a_state_bans_is_refused() {
    let detail = refused("+12255550110", "2026-11-26T12:00:00-06:00", 120, "not_allowed").await;
    assert!(detail.contains("US-LA") && detail.contains("Thanksgiving"), "{detail}");
}

#[tokio::test]
async fn a_toll_free_number_needs_a_place() {
    let start = "2026-12-01T12:00:00-05:00";
    let detail = refused("+18005550110", start, 120, "not_allowed").await;
    assert!(detail.contains("toll-free"), "{detail}");

    let around = lawful().await;
    let mut request = request(&around, "+18005550110", start, 120);
    request["place"] = json!("US-CO");
    let answer = post(&around, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    request["place"] = json!("Colorado");
    let answer = post(&around, &request).await;
    assert_eq!(answer.body["errors"][0]["field"], "place", "{answer:?}");
}

#[tokio::test]
async fn a_window_that_begins_too_early_is_clipped_to_the_allowed_time() {
    let around = lawful().await;
    let request = request(&around, "+12125550110", "2026-12-01T07:10:00-05:00", 90);
    let answer = post(&around, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(
        at(answer.body["dispatchTime"].as_str().expect("a time")),
        at("2026-12-01T13:00:00Z")
    );
    let [decision] = &decisions(&around)[..] else { panic!("one decision") };
    assert_eq!(
        (&decision["outcome"], &decision["law"]["allowed"]),
        (&json!("arranged"), &json!(true))
    );
    assert_eq!(decision["attempts"], 4);
    assert!(decision["law"]["releases"]["rules"].is_string(), "{decision}");
}

#[tokio::test]
async fn retries_stay_inside_the_allowed_time() {
    let around = lawful().await;
    let mut request = request(&around, "+12125550110", "2026-12-01T20:35:00-05:00", 90);
    // One agent in the hour of the start alone.
    around.cxone.set_forecast("campaign-1", vec![(at("2026-12-02T01:35:00Z"), 1.0)]);
    request["language"] = json!("en");
    let answer = post(&around, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let contacts = around.cxone.contacts();
    let contact = contacts.values().next().expect("a contact");
    assert_eq!(contact.retry.count, Some(1), "20:35 and 20:50");
}

#[tokio::test]
async fn florida_allows_three_attempts_in_a_day_however_they_are_asked_for() {
    let around = lawful().await;
    let first = request(&around, "+13055550110", "2026-12-01T10:00:00-05:00", 120);
    let answer = post(&around, &first).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let contacts = around.cxone.contacts();
    assert_eq!(contacts.values().next().expect("a contact").retry.count, Some(2));

    for hour in [14, 16, 18] {
        let start = format!("2026-12-01T{hour}:00:00-05:00");
        let more = request(&around, "+13055550110", &start, 120);
        let answer = post(&around, &more).await;
        assert_eq!((answer.status, &answer.body["code"]), (422, &json!("too_many_attempts")));
        let detail = answer.body["detail"].as_str().expect("a detail");
        assert!(detail.contains("Fla. Stat. 501.616(6)(a), (b)"), "{detail}");
    }
    assert_eq!(around.cxone.contacts().len(), 1);
    // The agents that the refused ones had are free again.
    let bookings = around.aws.tables.items("ReservationsTable").expect("a table");
    let booked: f64 = bookings.iter().filter_map(|hour| hour["booked"].as_f64()).sum();
    assert!((booked - 1.0).abs() < f64::EPSILON, "{bookings:?}");

    let next_day = request(&around, "+13055550110", "2026-12-02T10:00:00-05:00", 120);
    assert_eq!(post(&around, &next_day).await.status, 201);
}

#[tokio::test]
async fn a_closed_day_stops_calls_there_and_nowhere_else() {
    let closures = r#"[{"code":"US-LA","from":"2026-12-01","reason":"hurricane"}]"#;
    let around = with_parameters(&[("Closures", closures)]).await;
    let start = "2026-12-01T12:00:00-06:00";
    let answer = post(&around, &request(&around, "+15045550110", start, 120)).await;
    let detail = answer.body["detail"].as_str().expect("a detail");
    assert!(answer.status == 422 && detail.contains("hurricane"), "{answer:?}");
    let answer = post(&around, &request(&around, "+12145550110", start, 120)).await;
    assert_eq!(answer.status, 201, "{answer:?}");
}

#[tokio::test]
async fn a_request_lifts_the_rules_that_bind_who_was_not_asked_to_call() {
    // Rhode Island ends sales calls at six unless they are asked for, Australia at eight unless the
    // time is.
    for (number, start) in [
        ("+14015550110", "2026-12-01T19:00:00-05:00"),
        ("+61291234567", "2026-12-01T20:00:00+11:00"),
    ] {
        let around = lawful().await;
        let answer = post(&around, &request(&around, number, start, 60)).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(at(answer.body["dispatchTime"].as_str().expect("a time")), at(start));
    }
}

#[tokio::test]
async fn the_hours_of_the_house_narrow_what_the_law_allows() {
    let around = with_parameters(&[("CallbackHours", "13:00-17:00")]).await;
    let request = request(&around, "+12125550110", "2026-12-01T12:00:00-05:00", 120);
    let answer = post(&around, &request).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let dispatch_at = at(answer.body["dispatchTime"].as_str().expect("a time"));
    assert_eq!(dispatch_at, at("2026-12-01T13:00:00-05:00"));
}

#[tokio::test]
async fn a_rule_whose_source_was_not_seen_refuses_where_the_house_wants_it() {
    // Of Canada's holidays it is not known that they are closed to calls.
    for (strictness, status) in [("verified", 201), ("all", 422)] {
        let around = with_parameters(&[("Strictness", strictness)]).await;
        let request = request(&around, "+14165550110", "2026-12-25T12:00:00-05:00", 120);
        let answer = post(&around, &request).await;
        assert_eq!(answer.status, status, "{strictness}: {answer:?}");
    }
}

use proptest::prelude::*;

use super::*;

fn now() -> DateTime<Utc> {
    "2026-03-10T12:00:00Z".parse().expect("an instant")
}

fn document() -> Value {
    json!({
        "phoneNumber": "(202) 555-0198",
        "requestedStart": "2026-03-10T14:00:00-04:00",
        "requestedEnd": "2026-03-10T16:00:00-04:00",
        "campaignId": "spring-renewals",
        "language": "en-us",
        "timezone": "America/New_York",
    })
}

fn with(changes: &Value) -> Value {
    let mut document = document();
    for (field, value) in changes.as_object().expect("an object") {
        document[field] = value.clone();
    }
    document
}

fn read(document: &Value) -> Result<CallbackRequest, Vec<FieldProblem>> {
    let request = CallbackRequest::read(&document.into(), Region::US, now())?;
    let untimely = request.untimely(now());
    if untimely.is_empty() { Ok(request) } else { Err(untimely) }
}

fn problems(changes: &Value) -> Vec<(&'static str, String)> {
    let problems = read(&with(changes)).expect_err("something is wrong");
    problems.into_iter().map(|problem| (problem.field, problem.detail)).collect()
}

/// The fields with a problem, in the order they are reported.
fn fields(changes: &Value) -> Vec<&'static str> {
    problems(changes).into_iter().map(|(field, _)| field).collect()
}

#[test]
fn a_request_is_read_into_its_types() {
    let request = read(&document()).expect("nothing is wrong");
    assert_eq!(request.number.as_str(), "+12025550198");
    assert_eq!(request.window.start().to_rfc3339(), "2026-03-10T18:00:00+00:00");
    assert_eq!(request.window.end().to_rfc3339(), "2026-03-10T20:00:00+00:00");
    assert_eq!(request.campaign_id, "spring-renewals");
    assert_eq!(request.language.as_str(), "en-US");
    assert_eq!(request.zone, CustomerZone::Given(Tz::America__New_York));
}

#[test]
fn a_national_number_is_one_of_the_region() {
    let london = with(&json!({ "phoneNumber": "020 7946 0018", "timezone": null }));
    let request =
        CallbackRequest::read(&Json::from(&london), "GB".parse().expect("a region"), now());
    let request = request.expect("nothing is wrong");
    assert_eq!(request.number.as_str(), "+442079460018");
}

#[test]
fn the_zone_may_be_left_out_and_other_fields_are_ignored() {
    for nothing in [Value::Null, json!(""), json!("  ")] {
        let request = read(&with(&json!({ "timezone": nothing, "queue": [1, 2] })));
        let zone = request.expect("nothing is wrong").zone;
        assert_eq!(zone, CustomerZone::OfNumber(Tz::America__New_York));
    }
}

#[test]
fn a_number_whose_zones_do_not_have_the_written_offset_takes_that_offset() {
    let four_west = FixedOffset::west_opt(4 * 3600).expect("an offset");
    for number in ["+1 800 555 0198", "+442079460018"] {
        let request = read(&with(&json!({ "timezone": null, "phoneNumber": number })));
        assert_eq!(request.expect("nothing is wrong").zone, CustomerZone::Offset(four_west));
    }
}

#[test]
fn every_problem_is_reported_at_once() {
    let all =
        ["phoneNumber", "requestedStart", "requestedEnd", "campaignId", "language", "timezone"];
    let wrong = all.map(|field| (field.to_owned(), json!(true)));
    assert_eq!(fields(&wrong.into_iter().collect()), all);

    let missing = read(&json!({})).expect_err("all is missing");
    let missing: Vec<_> = missing.iter().map(|problem| problem.field).collect();
    assert_eq!(missing, all[..5]);
}

#[test]
fn a_problem_describes_the_valid_form() {
    let reported = problems(&json!({
        "phoneNumber": "911",
        "requestedStart": "2026-03-10 14:00",
        "requestedEnd": null,
        "campaignId": " ",
        "language": "en_US",
        "timezone": "EDT",
    }));
    let reported: Vec<_> =
        reported.into_iter().map(|(field, detail)| format!("{field} {detail}")).collect();
    insta::assert_snapshot!(reported.join("\n"), @r#"
    phoneNumber must be a valid phone number, best in E.164, such as +442079460018: no numbering plan assigns this number
    requestedStart must be an RFC 3339 instant with its offset, such as 2026-03-10T14:30:00-04:00
    requestedEnd is missing; it must be an RFC 3339 instant with its offset, such as 2026-03-10T14:30:00-04:00
    campaignId is blank; it must be 1 to 128 characters without control characters
    language must be a BCP 47 language tag of at most 64 characters, such as en or es-MX
    timezone must be the IANA name of a time zone, such as America/New_York, or be left out
    "#);
}

#[test]
fn what_is_no_object_is_a_problem_of_its_own() {
    for document in [json!([]), json!("x"), json!(null), json!(7)] {
        let problems = read(&document).expect_err("it is no object");
        assert_eq!(problems, [problem("document", "must be a JSON object")]);
    }
}

#[test]
fn a_window_is_one_to_four_hours() {
    let ending = |end: &str| read(&with(&json!({ "requestedEnd": end })));
    assert!(ending("2026-03-10T19:00:00Z").is_ok());
    assert!(ending("2026-03-10T22:00:00Z").is_ok());
    for end in ["2026-03-10T18:59:59Z", "2026-03-10T22:00:01Z"] {
        assert_eq!(
            ending(end).expect_err("it is too short or too long"),
            [problem("requestedEnd", "must be 1 to 4 hours after requestedStart")]
        );
    }
    for end in ["2026-03-10T18:00:00Z", "2026-03-10T14:00:00-03:00"] {
        assert_eq!(
            ending(end).expect_err("it is not after the start"),
            [problem("requestedEnd", "must be after requestedStart")]
        );
    }
}

#[test]
fn a_window_may_have_begun_but_not_ended() {
    let window = |start, end| read(&with(&json!({ "requestedStart": start, "requestedEnd": end })));
    assert!(window("2026-03-10T11:00:00Z", "2026-03-10T12:00:01Z").is_ok());
    assert_eq!(
        window("2026-03-10T11:00:00Z", "2026-03-10T12:00:00Z").expect_err("it is over"),
        [problem("requestedEnd", "must be in the future")]
    );
}

#[test]
fn a_request_whose_window_is_over_can_be_read_and_is_reported_with_whatever_else_is_wrong() {
    let over = json!({
        "requestedStart": "2026-03-10T11:00:00Z", "requestedEnd": "2026-03-10T12:00:00Z",
    });
    assert!(CallbackRequest::read(&(&with(&over)).into(), Region::US, now()).is_ok());
    let wrong = with(&json!({
        "phoneNumber": "911", "language": null,
        "requestedStart": "2026-03-10T11:00:00Z", "requestedEnd": "2026-03-10T12:00:00Z",
    }));
    let problems = read(&wrong).expect_err("three fields are wrong");
    let fields: Vec<_> = problems.iter().map(|problem| problem.field).collect();
    assert_eq!(fields, ["phoneNumber", "requestedEnd", "language"]);
}

#[test]
fn a_window_starts_within_thirty_days() {
    let window = |start, end| read(&with(&json!({ "requestedStart": start, "requestedEnd": end })));
    assert!(window("2026-04-09T12:00:00Z", "2026-04-09T14:00:00Z").is_ok());
    assert_eq!(
        window("2026-04-09T12:00:01Z", "2026-04-09T14:00:00Z").expect_err("it is far ahead"),
        [problem("requestedStart", "must be at most 30 days ahead")]
    );
}

#[test]
fn a_campaign_id_is_short_and_printable() {
    assert!(read(&with(&json!({ "campaignId": "é".repeat(128) }))).is_ok());
    assert_eq!(fields(&json!({ "campaignId": "a".repeat(129) })), ["campaignId"]);
    assert_eq!(fields(&json!({ "campaignId": "a\nb" })), ["campaignId"]);
    assert_eq!(fields(&json!({ "campaignId": "" })), ["campaignId"]);
}

#[test]
fn an_instant_needs_its_offset() {
    for start in ["2026-03-10T18:00:00", "2026-03-10", "1773165600", "tomorrow"] {
        assert_eq!(fields(&json!({ "requestedStart": start })), ["requestedStart"], "{start}");
    }
}

#[test]
fn a_leap_second_is_a_problem_of_its_field() {
    for written in ["2026-03-10T18:59:60Z", "2026-03-10T14:59:60.5-04:00"] {
        for field in ["requestedStart", "requestedEnd"] {
            let reported = problems(&json!({ field: written }));
            let detail = "must not be a leap second (:60), which CXone cannot read".to_owned();
            assert_eq!(reported, [(field, detail)]);
        }
    }
}

#[test]
fn an_id_may_be_a_number_and_texts_may_be_padded() {
    let padded = with(&json!({
        "phoneNumber": " +12025550198\u{a0}",
        "requestedStart": "2026-03-10T14:00:00-04:00\n",
        "campaignId": 123_456_789_012_345_678_u64,
        "language": "en-US ",
        "timezone": "\u{200b}America/New_York ",
    }));
    let request = read(&padded).expect("nothing is wrong");
    assert_eq!(request.number.as_str(), "+12025550198");
    assert_eq!(request.campaign_id, "123456789012345678");
    assert_eq!(request.language.as_str(), "en-US");
    assert_eq!(request.zone, CustomerZone::Given(Tz::America__New_York));
}

#[test]
fn unused_fields_do_not_keep_a_request_from_being_read() {
    let text = with(&json!({ "note": 0 })).to_string();
    for odd in [r#""\ud83d""#, "1e400", &("[".repeat(512) + &"]".repeat(512))] {
        let text = format!("\u{feff}{}", text.replace(r#""note":0"#, &format!(r#""note":{odd}"#)));
        let document = Json::parse(&text).expect("JSON");
        assert!(CallbackRequest::read(&document, Region::US, now()).is_ok(), "{odd}");
    }
}

#[test]
fn instants_at_the_ends_of_the_calendar_do_no_harm() {
    let far = json!({
        "requestedStart": "0000-01-01T00:00:00+23:59",
        "requestedEnd": "9999-12-31T23:59:59-23:59",
    });
    assert_eq!(fields(&far), ["requestedEnd"]);
}

#[test]
fn one_request_has_one_identity_however_it_is_spelled() {
    let identity = read(&document()).expect("nothing is wrong").identity();
    assert_eq!(
        identity,
        json!({
            "phoneNumber": "+12025550198",
            "requestedStart": "2026-03-10T18:00:00Z",
            "requestedEnd": "2026-03-10T20:00:00Z",
            "campaignId": "spring-renewals",
            "language": "en-US",
            "timezone": "America/New_York",
        })
    );
    let respelled = r#"{
        "timezone": "America/New_York", "language": "EN-US", "campaignId": "spring-renewals",
        "requestedEnd": "2026-03-10T20:00:00.000Z", "requestedStart": "2026-03-10T18:00:00Z",
        "phoneNumber": "tel:+1-202-555-0198", "note": "new"
    }"#;
    let respelled = serde_json::from_str(respelled).expect("JSON");
    assert_eq!(read(&respelled).expect("nothing is wrong").identity(), identity);
}

#[test]
fn every_field_makes_another_request() {
    let identity = read(&document()).expect("nothing is wrong").identity();
    for change in [
        json!({ "phoneNumber": "+12025550199" }),
        json!({ "requestedStart": "2026-03-10T14:30:00-04:00" }),
        json!({ "requestedEnd": "2026-03-10T17:00:00-04:00" }),
        json!({ "campaignId": "Spring-renewals" }),
        json!({ "language": "en-GB" }),
        json!({ "timezone": "America/Toronto" }),
        json!({ "timezone": null }),
    ] {
        let other = read(&with(&change)).expect("nothing is wrong");
        assert_ne!(other.identity(), identity, "{change}");
    }
}

#[test]
fn a_zone_that_was_worked_out_is_no_part_of_the_identity() {
    let toll_free = json!({ "timezone": null, "phoneNumber": "+1 800 555 0198" });
    let request = with(&toll_free);
    let mut respelled = request.clone();
    respelled["requestedStart"] = json!("2026-03-10T18:00:00Z");
    let [one, other] = [request, respelled].map(|it| read(&it).expect("nothing is wrong"));
    assert_ne!(one.zone, other.zone);
    assert_eq!(one.identity(), other.identity());
}

#[test]
fn a_request_shows_its_number_masked() {
    let shown = format!("{:?}", read(&document()).expect("nothing is wrong"));
    assert!(shown.contains("+1202***0198") && !shown.contains("5550198"), "{shown}");
}

/// Any text in any field, so as to find one that is repeated.
fn documents() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        3 => "7[0-9 ]{8,30}".prop_map(Value::from),
        1 => ".{0,40}".prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => Just(Value::Null),
        1 => Just(json!({ "a": [1] })),
    ];
    let field = prop_oneof![
        Just("phoneNumber"),
        Just("requestedStart"),
        Just("requestedEnd"),
        Just("campaignId"),
        Just("language"),
        Just("timezone"),
    ];
    proptest::collection::vec((field, value), 1..6).prop_map(|changes| {
        with(&changes.into_iter().map(|(field, value)| (field.to_owned(), value)).collect())
    })
}

proptest! {
    /// CXone's times have no fractions of a second.
    #[test]
    fn a_window_has_whole_seconds_and_lies_in_the_one_that_was_asked_for(
        start_ms in 0_i64..3_600_000, length_ms in 3_600_000_i64..=14_400_000,
    ) {
        let start = now() + TimeDelta::milliseconds(start_ms);
        let end = start + TimeDelta::milliseconds(length_ms);
        let asked = with(&json!({ "requestedStart": start, "requestedEnd": end }));
        let request = read(&asked).expect("nothing is wrong");
        let (first, after) = (request.window.start(), request.window.end());
        prop_assert_eq!((first.timestamp_subsec_nanos(), after.timestamp_subsec_nanos()), (0, 0));
        prop_assert!(start <= first && first - start < TimeDelta::seconds(1));
        // The last second of the window is part of it.
        prop_assert!(after - TimeDelta::seconds(1) < end);
        let later = start + TimeDelta::milliseconds(1);
        let another = with(&json!({ "requestedStart": later, "requestedEnd": end }));
        if let Ok(another) = read(&another) {
            prop_assert_ne!(another.identity(), request.identity());
        }
    }

    #[test]
    fn reading_never_panics_and_problems_repeat_nothing_that_was_written(document in documents()) {
        let written: Vec<&str> =
            document.as_object().expect("an object").values().filter_map(Value::as_str).collect();
        match read(&document) {
            Ok(request) => prop_assert!(request.window.end() > now()),
            Err(problems) => {
                prop_assert!(!problems.is_empty());
                for FieldProblem { detail, .. } in problems {
                    let repeated = written.iter().find(|text| text.len() > 8 && detail.contains(**text));
                    prop_assert_eq!(repeated, None);
                }
            }
        }
    }
}

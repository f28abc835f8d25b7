use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn document() -> Value {
    json!({
        "campaignId": "spring-renewals",
        "cron": "0 9 * * mon-fri",
        "windowHours": 3,
        "expectedCompleted": 1200,
        "webhookUrl": "https://example.com/completed?tenant=7",
        "callingHours": "09:00-18:00",
        "contacts": [
            { "id": "c-1", "timezone": "America/New_York" },
            { "id": "c-2", "timezone": "Mars/Olympus" },
            { "id": "c-3", "timezone": " " },
            { "id": "c-4" },
            { "id": "c-5", "timezone": 7 },
        ],
    })
}

fn with(changes: &Value) -> Value {
    let mut document = document();
    for (field, value) in changes.as_object().expect("an object") {
        document[field] = value.clone();
    }
    document
}

fn read(document: &Value) -> Result<CampaignRequest, Vec<FieldProblem>> {
    CampaignRequest::read(&document.into(), &CallingHours::DEFAULT)
}

fn accepted(changes: &Value) -> CampaignRequest {
    read(&with(changes)).expect("nothing is wrong")
}

fn problems(changes: &Value) -> Vec<String> {
    let problems = read(&with(changes)).expect_err("something is wrong");
    problems.into_iter().map(|it| format!("{} {}", it.field, it.detail)).collect()
}

#[test]
fn a_request_is_read_into_its_types() {
    let request = accepted(&json!({}));
    assert_eq!(request.campaign_id, "spring-renewals");
    assert_eq!(request.recurrence.to_string(), "0 9 * * mon-fri");
    assert_eq!(request.window, TimeDelta::hours(3));
    assert_eq!(request.expected_completed, 1200);
    let url = request.webhook_url.expect("an address");
    assert_eq!(url.as_str(), "https://example.com/completed?tenant=7");
    assert_eq!(request.calling_hours.to_string(), "09:00-18:00");
}

#[test]
fn what_is_left_out_has_a_default() {
    let optional = ["windowHours", "webhookUrl", "callingHours", "contacts"];
    let nothing = optional.map(|field| (field.to_owned(), Value::Null));
    let request = accepted(&nothing.into_iter().collect());
    assert_eq!(request.window, TimeDelta::hours(4));
    assert_eq!((request.webhook_url, request.contacts), (None, None));
    assert_eq!(request.calling_hours, CallingHours::DEFAULT);

    let legal = "10:00-16:00".parse().expect("calling hours");
    let abroad = with(&json!({ "callingHours": null }));
    let request = CampaignRequest::read(&Json::from(&abroad), &legal).expect("nothing is wrong");
    assert_eq!(request.calling_hours, legal);
}

#[test]
fn a_contact_keeps_its_zone_however_odd_it_is() {
    let contacts = accepted(&json!({})).contacts.expect("contacts");
    let zones: Vec<_> =
        contacts.iter().map(|it| (it.id.as_str(), it.time_zone.as_deref())).collect();
    assert_eq!(
        zones,
        [
            ("c-1", Some("America/New_York")),
            ("c-2", Some("Mars/Olympus")),
            ("c-3", None),
            ("c-4", None),
            ("c-5", Some("7")),
        ]
    );
    assert_eq!(accepted(&json!({ "contacts": [] })).contacts, Some(vec![]));
    let padded = json!([{ "id": 17, "timezone": "America/New_York\u{a0}" }]);
    let padded = accepted(&json!({ "contacts": padded })).contacts.expect("contacts");
    assert_eq!(
        (padded[0].id.as_str(), padded[0].time_zone.as_deref()),
        ("17", Some("America/New_York"))
    );
}

#[test]
fn every_problem_is_reported_at_once() {
    let wrong = json!({
        "campaignId": "a\nb",
        "cron": "0 9 * * 8",
        "windowHours": 25,
        "expectedCompleted": 0,
        "webhookUrl": "http://example.com",
        "callingHours": "07:00-21:00",
        "contacts": [{ "id": "c-1" }, { "id": " " }, 7],
    });
    insta::assert_snapshot!(problems(&wrong).join("\n"), @r#"
    campaignId must be 1 to 128 characters without control characters
    cron is malformed at column 9, "8": the day of the week must be 0 to 7, or sun to sat
    windowHours must be a whole number of hours, 1 to 24
    expectedCompleted must be a whole number of calls, 1 to 9007199254740992
    webhookUrl must be an https address without user name and password, such as https://example.com/completed
    callingHours must lie within the legal calling hours 08:00-21:00
    contacts must each have an id; 2 have none, first that at index 1
    "#);

    let missing = read(&json!({})).expect_err("something is missing");
    let missing: Vec<_> = missing.iter().map(|it| it.field).collect();
    assert_eq!(missing, ["campaignId", "cron", "expectedCompleted"]);
}

#[test]
fn a_field_of_another_type_is_reported_as_well() {
    let fields = [
        "campaignId",
        "cron",
        "windowHours",
        "expectedCompleted",
        "webhookUrl",
        "callingHours",
        "contacts",
    ];
    let wrong = fields.map(|field| (field.to_owned(), json!({ "a": 1 })));
    insta::assert_snapshot!(problems(&wrong.into_iter().collect()).join("\n"), @r#"
    campaignId must be 1 to 128 characters without control characters
    cron is not a text; it must be a cron expression of five fields, such as 0 9 * * mon-fri
    windowHours must be a whole number of hours, 1 to 24
    expectedCompleted must be a whole number of calls, 1 to 9007199254740992
    webhookUrl is not a text; it must be an https address without user name and password, such as https://example.com/completed
    callingHours is not a text; it must be two times of 24 hours, such as 08:00-21:00
    contacts must be a list of contacts, such as [{"id":"c-1","timezone":"America/New_York"}]
    "#);
}

#[test]
fn a_field_that_is_misspelled_is_refused_by_its_name() {
    let wrong = |name: &str| problems(&json!({ name: "09:00-18:00" })).join("\n");
    let reported =
        ["callinghours", "CallingHours", "calling_hours", "windowhours", "colour"].map(wrong);
    insta::assert_snapshot!(reported.join("\n"), @r#"
    document has the unknown field "callinghours"; did you mean callingHours? Its fields are campaignId, cron, windowHours, expectedCompleted, webhookUrl, callingHours, contacts, purpose
    document has the unknown field "CallingHours"; did you mean callingHours? Its fields are campaignId, cron, windowHours, expectedCompleted, webhookUrl, callingHours, contacts, purpose
    document has the unknown field "calling_hours"; did you mean callingHours? Its fields are campaignId, cron, windowHours, expectedCompleted, webhookUrl, callingHours, contacts, purpose
    document has the unknown field "windowhours"; did you mean windowHours? Its fields are campaignId, cron, windowHours, expectedCompleted, webhookUrl, callingHours, contacts, purpose
    document has the unknown field "colour". Its fields are campaignId, cron, windowHours, expectedCompleted, webhookUrl, callingHours, contacts, purpose
    "#);
    let contact = |name: &str| {
        problems(&json!({ "contacts": [{ "id": "c-1" }, { "id": "c-2", name: "UTC" }] }))
    };
    insta::assert_snapshot!(["timeZone", "phone"].map(|name| contact(name).join("\n")).join("\n"), @r#"
    contacts must not have other fields: that at index 1 has the unknown field "timeZone"; did you mean timezone? Its fields are id, timezone, phoneNumber, state, postalCode, country
    contacts must not have other fields: that at index 1 has the unknown field "phone"; did you mean phoneNumber? Its fields are id, timezone, phoneNumber, state, postalCode, country
    "#);
}

#[test]
fn a_purpose_is_one_kind_of_call_or_several() {
    let kinds = |purpose: Value| accepted(&json!({ "purpose": purpose })).kinds.to_string();
    assert_eq!(kinds(json!(null)), "sales");
    assert_eq!(kinds(json!(" Service ")), "service");
    assert_eq!(kinds(json!(["sales", "automated"])), "sales and automated");
    let rule = "purpose must be sales, service, debt, research, fundraising or automated, or a list of \
                these, such as [\"sales\", \"automated\"]";
    for purpose in
        [json!("text"), json!("marketing"), json!([]), json!(["sales", "text"]), json!(7)]
    {
        assert_eq!(problems(&json!({ "purpose": purpose })), [rule], "{purpose}");
    }
}

#[test]
fn a_contact_may_have_a_number_and_an_address() {
    let contacts = json!([
        { "id": "c-1", "phoneNumber": 12_125_550_110_u64, "state": "ny", "country": "us" },
        { "id": "c-2", "postalCode": "02903", "country": "US", "phoneNumber": " " },
        { "id": "c-3", "state": "US-RI" },
        { "id": "c-4", "state": "Rhode Island", "postalCode": "02903" },
    ]);
    let contacts = accepted(&json!({ "contacts": contacts })).contacts.expect("contacts");
    assert_eq!(contacts[0].phone_number.as_deref(), Some("12125550110"));
    assert_eq!(contacts[1].phone_number, None);
    let codes = |contact: &CampaignContact| -> Vec<String> {
        let candidates = crate::law::Candidates::of(None, &[], &contact.places());
        candidates.jurisdictions().map(|(code, _)| code.to_string()).collect()
    };
    let codes: Vec<_> = contacts.iter().map(codes).collect();
    assert_eq!(codes, [vec!["US", "US-NY"], vec!["US", "US-RI"], vec!["US", "US-RI"], vec![]]);
}

#[test]
fn what_is_no_object_is_a_problem_of_its_own() {
    for document in [json!([]), json!("x"), json!(null)] {
        let problems = read(&document).expect_err("it is no object");
        assert_eq!(problems, [problem("document", "must be a JSON object")]);
    }
}

#[test]
fn numbers_are_whole_and_within_their_bounds() {
    for hours in [1, 24] {
        assert_eq!(accepted(&json!({ "windowHours": hours })).window, TimeDelta::hours(hours));
    }
    for hours in [json!(0), json!(-1), json!(1.5), json!("4"), json!(u64::MAX)] {
        assert_eq!(problems(&json!({ "windowHours": hours })).len(), 1, "{hours}");
    }
    let most = 1_u64 << 53;
    for calls in [1, most] {
        assert_eq!(accepted(&json!({ "expectedCompleted": calls })).expected_completed, calls);
    }
    for calls in [json!(0), json!(-1), json!(most + 1), json!(1.5), json!("12")] {
        assert_eq!(problems(&json!({ "expectedCompleted": calls })).len(), 1, "{calls}");
    }
}

#[test]
fn a_webhook_is_reached_over_https_or_on_this_machine() {
    for url in [
        "https://example.com",
        "https://192.0.2.7:8443/x",
        "http://localhost:9000/x",
        "http://127.0.0.1/x",
        "http://[::1]:9000/",
        "http://host.docker.internal:9000/",
    ] {
        let read = accepted(&json!({ "webhookUrl": url })).webhook_url;
        assert_eq!(read, Some(Url::parse(url).expect("a URL")), "{url}");
    }
    for url in [
        "http://example.com",
        "http://192.0.2.7/",
        "http://localhost.example.com/",
        "ftp://localhost/",
        "file:///etc/hosts",
        "https://user@example.com/",
        "https://:secret@example.com/",
        "example.com",
        "https://",
        "",
    ] {
        assert_eq!(problems(&json!({ "webhookUrl": url })).len(), 1, "{url}");
    }
}

#[test]
fn calling_hours_are_hours_of_one_day_within_the_legal_ones() {
    let reported = |hours: &str| problems(&json!({ "callingHours": hours })).join("\n");
    let reported = ["08:00-21:01", "21:00-08:00", "09:00-09:00", "9-5", " "].map(reported);
    insta::assert_snapshot!(reported.join("\n"), @r#"
    callingHours must lie within the legal calling hours 08:00-21:00
    callingHours must end on the day they start, at 24:00 at the latest
    callingHours must end after they start, such as 08:00-21:00
    callingHours must be two times of 24 hours, such as 08:00-21:00
    callingHours is blank; it must be two times of 24 hours, such as 08:00-21:00
    "#);
}

proptest! {
    #[test]
    fn reading_never_panics_and_problems_repeat_nothing_but_an_expression(
        text in "7[0-9 ]{8,30}|.{0,40}",
        field in prop::sample::select(vec![
            "campaignId", "windowHours", "expectedCompleted", "webhookUrl", "callingHours",
        ]),
        cron in "[0-9*/,a-z -]{0,20}",
    ) {
        let document = with(&json!({ "cron": cron, field: text }));
        if let Err(problems) = read(&document) {
            prop_assert!(!problems.is_empty());
            let repeated = problems
                .iter()
                .find(|it| it.field == field && text.len() > 8 && it.detail.contains(&text));
            prop_assert_eq!(repeated, None);
        }
    }
}

//! Several records in a request, texts to the operator, tags, and many reads.

use super::*;

/// The checks of a group of a run with `--write`, each with its state.
async fn checks(sandbox: &Surroundings, group: &str, options: &[&str]) -> Vec<(String, String)> {
    let arguments = [&["doctor", "--write", OWN, "--json"], options].concat();
    let report = outbound(sandbox, &arguments).await.json();
    let checks = report["checks"].as_array().expect("checks").iter();
    let of_group = checks.filter(|check| check["group"] == group);
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    of_group.map(|check| (text(&check["check"]), text(&check["state"]))).collect()
}

fn states(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(check, state)| ((*check).to_owned(), (*state).to_owned())).collect()
}

const WITHOUT: &[&str] = &["--without", "callbacks,texts"];
const BULK: &[&str] = &["--bulk", "--pause-ms", "0", "--without", "callbacks,texts"];

/// Traits of a tenant, and the state of a request with a wrong number in it.
const ONE_WRONG: &[(&str, &str)] = &[
    ("{}", "ok"),
    (r#"{ "dnc": { "results": "reversed" } }"#, "look"),
    (r#"{ "dnc": { "results": "oneMissing" } }"#, "look"),
    (r#"{ "dnc": { "wrong": "all" } }"#, "look"),
    (r#"{ "dnc": { "wrong": "accepted" } }"#, "look"),
    (r#"{ "dnc": { "wrapped": false, "errorCount": "text" } }"#, "ok"),
    (r#"{ "wire": { "forbidden": ["addDncRecords"] } }"#, "not_checked"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_among_others_is_tried_and_all_are_taken_off_again() {
    for (change, state) in ONE_WRONG {
        let sandbox = started(healthy()).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        let found = checks(&sandbox, "records", WITHOUT).await;
        assert_eq!(found, states(&[("one-wrong", state), ("one-wrong-off", "ok")]), "{change}");
        assert!(sandbox.cxone.listed().is_empty(), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_in_the_group_is_said_and_masked() {
    let sandbox = started(healthy()).await;
    set_trait(&sandbox, &json!({ "wire": { "forbidden": ["expireDncRecords"] } }));
    let ran = outbound(&sandbox, &[&["doctor", "--write", OWN], WITHOUT].concat()).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    // The operator's number stays there from the first write on, so there is no second.
    assert!(ran.says("WRONG taking-off"), "{ran:?}");
    assert!(ran.says("not checked one-wrong: the group has the number already"), "{ran:?}");
    let ran = outbound(&sandbox, &[&["doctor", "--write", "+12025550178"], BULK].concat()).await;
    assert!(ran.says("WRONG many-off: still in the group: +1202***0101, +1202***0102"), "{ran:?}");
    assert!(ran.says("Take these numbers off the group in CXone."), "{ran:?}");
    assert!(!ran.says("2025550101") && !ran.says("2025550178"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn fictitious_numbers_that_are_listed_already_stay() {
    let sandbox = started(healthy()).await;
    let fictitious = "+12025550101";
    let number = sandbox::cxone::acd::Number::read(fictitious).expect("a number");
    sandbox.cxone.tenant().list(DNC_GROUP, number);
    let found = checks(&sandbox, "records", BULK).await;
    let expected =
        [("one-wrong", "ok"), ("one-wrong-off", "ok"), ("many", "ok"), ("many-off", "ok")];
    assert_eq!(found, states(&expected));
    assert_eq!(sandbox.cxone.listed(), [fictitious.to_owned()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_size_of_a_request_is_found_and_compared_with_the_setting() {
    for (batch_max, chunk, state) in [(50, "50", "ok"), (30, "50", "wrong"), (30, "25", "ok")] {
        let mut options = healthy();
        set(&mut options, "CxoneDncChunk", chunk);
        let sandbox = started(options).await;
        set_trait(&sandbox, &json!({ "dnc": { "batchMax": batch_max } }));
        let arguments = [&["doctor", "--write", OWN], BULK].concat();
        let ran = outbound(&sandbox, &arguments).await;
        assert_eq!(ran.says("Set CxoneDncChunk to 25."), state == "wrong", "{ran:?}");
        assert_eq!(ran.code, Some(i32::from(state == "wrong")), "{batch_max} {chunk}: {ran:?}");
        assert!(sandbox.cxone.listed().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn reads_go_on_until_one_is_refused() {
    for (fault, expected) in [
        (None, "ok reads: 600 in"),
        (Some("businessUnit:429=7@20%"), "is refused with 429: retry-after: 7"),
        (Some("businessUnit:429-bare@20%"), "is refused with 429: no header tells for how long"),
        (Some("businessUnit:503@20%"), "fails: 503"),
    ] {
        let sandbox = started(healthy()).await;
        if let Some(fault) = fault {
            sandbox.faults.add(fault.parse().expect("a fault"));
        }
        let ran = outbound(&sandbox, &[&["doctor", "--write", OWN], BULK].concat()).await;
        assert!(ran.says(expected), "{fault:?}: {ran:?}");
        let reads = sandbox.cxone.calls("businessUnit");
        assert_eq!(reads >= 600, fault.is_none(), "{fault:?}: {reads}");
    }
}

/// A check and its state.
type Found = (&'static str, &'static str);

/// Traits of a tenant, and what is found of a text to the operator.
const TEXTS: &[(&str, &[Found])] = &[
    ("{}", &[("sent", "ok"), ("found", "ok")]),
    (r#"{ "texts": { "recipient": "digits" } }"#, &[("sent", "wrong")]),
    (r#"{ "texts": { "thread": true } }"#, &[("sent", "wrong")]),
    (r#"{ "texts": { "created": "accepted" } }"#, &[("sent", "ok"), ("found", "ok")]),
    (r#"{ "texts": { "foundAfterS": 600 } }"#, &[("sent", "ok"), ("found", "look")]),
    (
        r#"{ "wire": { "forbidden": ["dfoMessages"] } }"#,
        &[("sent", "ok"), ("found", "not_checked")],
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn one_text_goes_to_the_number_of_the_operator_and_only_if_asked_for() {
    for (change, expected) in TEXTS {
        let sandbox = started(healthy()).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        assert_eq!(checks(&sandbox, "own text", &[]).await, [], "{change}");
        assert!(sandbox.cxone.texts().is_empty(), "{change}");
        assert_eq!(checks(&sandbox, "own text", &["--text"]).await, states(expected), "{change}");
        let texts = sandbox.cxone.texts();
        assert!(texts.iter().all(|text| text.to == OWN), "{texts:?}");
        let is_sent = expected[0].1 == "ok";
        assert_eq!(texts.len(), usize::from(is_sent), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn in_bulk_the_same_text_is_sent_again() {
    for (trace, expected) in [
        ("none", "ok sent-again: the same X-Trace-Id is sent again"),
        ("deduplicates", "ok sent-again: the same X-Trace-Id is not sent again"),
    ] {
        let sandbox = started(healthy()).await;
        set_trait(&sandbox, &json!({ "texts": { "trace": trace } }));
        let arguments = ["doctor", "--write", OWN, "--text", "--bulk", "--pause-ms", "0"];
        let ran = outbound(&sandbox, &arguments).await;
        assert!(ran.says(expected), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_writes_needs_the_number_of_the_operator() {
    let sandbox = started(healthy()).await;
    for options in [
        &["--test-skill", "1"][..],
        &["--text"],
        &["--bulk"],
        &["--tag", "1=2"],
        &["--business-data", "1=wrong_number"],
    ] {
        let ran = outbound(&sandbox, &[&["doctor"], options].concat()).await;
        assert_eq!(ran.code, Some(2), "{ran:?}");
        assert!(ran.says("--write <NUMBER>"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupt_leaves_nothing_behind() {
    let arguments = ["doctor", "--write", OWN, "--text", "--bulk", "--pause-ms", "0"];
    for operation in ["addDncRecords", "createCallback"] {
        let sandbox = started(healthy()).await;
        let out = interrupted(&sandbox, &arguments, operation);
        assert!(out.contains("reads: interrupted"), "{out}");
        assert!(sandbox.cxone.listed().is_empty(), "{operation}: {out}");
        assert!(sandbox.cxone.callbacks().is_empty(), "{operation}: {out}");
    }
}

/// Traits of a tenant, the contact and the tag, the setting, and what is found of them.
const TAGS: &[(&str, &str, &str, &[Found])] = &[
    ("{}", "900001=3", "none", &[("taken", "ok"), ("taken-again", "ok")]),
    (r#"{ "contacts": { "tagsOnEnded": "refused" } }"#, "900001=3", "none", &[("taken", "look")]),
    (r#"{ "contacts": { "tagsOnEnded": "refused" } }"#, "900001=3", "tags", &[("taken", "wrong")]),
    ("{}", "900001=99", "tags", &[("taken", "wrong")]),
    ("{}", "1=3", "none", &[("taken", "look")]),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_is_put_on_a_call_that_the_operator_names() {
    for (change, named, write_back, expected) in TAGS {
        let mut options = healthy();
        set(&mut options, "CxoneWriteBack", write_back);
        let sandbox = started(options).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        assert_eq!(checks(&sandbox, "tag", WITHOUT).await, []);
        let tagged = || sandbox.cxone.tenant().contacts[&CALL_FIRST].tags.len();
        assert_eq!(tagged(), 0, "only if asked for");
        let arguments = [&["--tag", named], WITHOUT].concat();
        assert_eq!(checks(&sandbox, "tag", &arguments).await, states(expected), "{change} {named}");
        assert_eq!(tagged(), usize::from(expected[0].1 == "ok"), "{change} {named}");
    }
}

/// As [`TAGS`], of business data.
const BUSINESS_DATA: &[(&str, &str, &str, &[Found])] = &[
    ("{}", "900001=wrong_number", "none", &[("taken", "ok"), ("taken-again", "ok")]),
    (
        r#"{ "contacts": { "businessDataOnEnded": "refused" } }"#,
        "900001=wrong_number",
        "none",
        &[("taken", "look")],
    ),
    (
        r#"{ "contacts": { "businessDataOnEnded": "refused" } }"#,
        "900001=wrong_number",
        "business-data",
        &[("taken", "wrong")],
    ),
    ("{}", "1=wrong_number", "none", &[("taken", "look")]),
];

#[tokio::test(flavor = "multi_thread")]
async fn business_data_is_written_to_a_call_that_the_operator_names() {
    for (change, named, write_back, expected) in BUSINESS_DATA {
        let mut options = healthy();
        set(&mut options, "CxoneWriteBack", write_back);
        let sandbox = started(options).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        assert_eq!(checks(&sandbox, "business data", WITHOUT).await, []);
        let written = || sandbox.cxone.tenant().contacts[&CALL_FIRST].business_data.clone();
        assert!(written().is_empty(), "only if asked for");
        let arguments = [&["--business-data", named], WITHOUT].concat();
        let found = checks(&sandbox, "business data", &arguments).await;
        assert_eq!(found, states(expected), "{change} {named}");
        let is_taken = expected[0].1 == "ok";
        let category = json!({ "name": "disposition_category", "value": "wrong_number" });
        assert_eq!(written().contains(&category), is_taken, "{change} {named}");
    }
}

use std::time::Duration;

use super::*;

fn fault(text: &str) -> Fault {
    text.parse().expect(text)
}

#[test]
fn every_documented_form_is_read() {
    for (text, effect) in [
        ("429=3", Effect::TooManyRequests(RetryAfter::Seconds(3))),
        ("429-date=3@10%", Effect::TooManyRequests(RetryAfter::Date(3))),
        ("429-bare", Effect::TooManyRequests(RetryAfter::Absent)),
        ("503@5%", Effect::Status(503)),
        ("choke=+12025550107", Effect::Choke("+12025550107".into())),
        ("drop", Effect::Drop),
        ("drop-after", Effect::DropAfter),
        ("504-after", Effect::StatusAfter(504)),
        ("html", Effect::Html),
        ("delay=2", Effect::Delay(Duration::from_secs(2))),
        ("expire-tokens", Effect::ExpireTokens),
        ("addToDncList:500x3", Effect::Status(500)),
        ("kill=dnc-batcher@2%", Effect::Kill { function: "dnc-batcher".into() }),
    ] {
        assert_eq!(fault(text).effect, effect, "{text}");
    }
}

#[test]
fn what_is_no_fault_is_refused() {
    for text in
        ["", "200", "600", "200-after", "504-later", "fire", "503@5", "503@101%", "kill", "choke"]
    {
        assert!(text.parse::<Fault>().is_err(), "{text}");
    }
}

#[test]
fn a_counted_fault_strikes_so_many_times_and_only_its_operation() {
    let faults = Faults::new(vec![fault("addToDncList:503x2")], 0);
    assert_eq!(faults.strike(&["token"], b""), None);
    assert_eq!(faults.strike(&["addToDncList"], b""), Some(Effect::Status(503)));
    assert_eq!(faults.strike(&["addToDncList"], b""), Some(Effect::Status(503)));
    assert_eq!(faults.strike(&["addToDncList"], b""), None);
}

#[test]
fn cxone_chokes_on_what_is_in_the_request_and_on_nothing_else() {
    let faults = Faults::new(vec![fault("choke=+12025550107")], 0);
    let choked = Some(Effect::Choke("+12025550107".into()));
    assert_eq!(faults.strike(&["any"], br#"{"phoneNumber":"+12025550107"}"#), choked);
    assert_eq!(faults.strike(&["any"], br#"{"phoneNumber":"+12025550108"}"#), None);
}

#[test]
fn a_fault_of_aws_is_named_by_service_operation_or_resource() {
    let strikes = |text: &str| {
        let faults = Faults::new(vec![fault(text)], 0);
        faults.strike_aws("DynamoDB", "PutItem", &["Runs".to_owned(), "Claims".to_owned()])
    };
    for named in ["AWS", "DynamoDB", "PutItem", "PutItem/Runs", "PutItem/Claims"] {
        assert_eq!(strikes(&format!("{named}:drop-after")), Some(Effect::DropAfter), "{named}");
    }
    for named in ["SQS:drop", "GetItem:drop", "GetItem/Runs:drop", "PutItem/Run:drop", "drop"] {
        assert_eq!(strikes(named), None, "{named}");
    }
}

#[test]
fn a_chance_strikes_about_as_often_as_it_says() {
    let faults = Faults::new(vec![fault("503@10%")], 7);
    let struck = (0..10_000).filter(|_| faults.strike(&["any"], b"").is_some()).count();
    assert!((800..1200).contains(&struck), "{struck}");
}

/// Names of the template that is deployed.
fn names(api: Api) -> Names {
    let template = Template::read(&workspace_root().join("template.yaml")).expect("the template");
    Names::of(&template, api)
}

#[test]
fn a_fault_that_could_never_strike_is_refused_and_what_there_is_is_listed() {
    let refusal = |api, text: &str| names(api).check(&fault(text)).expect_err(text).to_string();
    for (text, expected) in [
        ("addToDncLst:503", "there is no operation `addToDncLst`; is `addToDncList` meant?"),
        ("addToDncLst:503", "of CXone: token, addToDncList, "),
        ("putitem:503", "is `PutItem` meant?"),
        ("PutItem/RunTable:503", "there is no table or queue `RunTable`; is `RunsTable` meant?"),
        ("Xyzzy/RunsTable:503", "there is no operation `Xyzzy/RunsTable`\n"),
        ("kill=dnc-bather", "there is no function `dnc-bather`; is `dnc-batcher` meant?"),
        ("kill=dnc-bather", "there is analytics-poller, callback-intake, "),
        ("SQS:html", "this effect is one of CXone, and changes nothing at AWS"),
    ] {
        let refusal = refusal(Api::V2, text);
        assert!(refusal.contains(expected), "{text}: {refusal}");
    }
    assert!(refusal(Api::Acd, "addToDncLst:503").contains("addDncRecords"), "of its own API");
    names(Api::Acd).check(&fault("addToDncList:503")).expect("what does the same work is meant");
}

#[test]
fn every_fault_of_the_explanation_is_one_that_can_strike() {
    let v2 = names(Api::V2);
    let spans = HELP.split('`').skip(1).step_by(2);
    let faults: Vec<Fault> = spans.filter_map(|span| span.trim().parse().ok()).collect();
    assert!(faults.len() > 15, "{faults:?}");
    for fault in faults {
        v2.check(&fault).expect("it names what exists");
    }
}

#[test]
fn a_strike_is_logged_with_what_it_did() {
    let logs = Arc::new(Logs::default());
    let faults = ["addToDncList:503x2", "PutItem/RunsTable:drop-after", "kill=dnc-batcherx1"];
    let faults = Faults::new(faults.map(fault).to_vec(), 0);
    let faults = faults.known(names(Api::V2), Arc::clone(&logs)).expect("known names");
    faults.strike(&["addToDncList"], b"");
    faults.strike(&["addToDncList"], b"");
    faults.strike(&["addToDncList"], b"");
    faults.strike_aws("DynamoDB", "PutItem", &["RunsTable".to_owned()]);
    faults.strike_invocation("dnc-batcher");
    let texts: Vec<String> = logs.notices().into_iter().map(|notice| notice.text).collect();
    assert_eq!(
        texts,
        [
            "addToDncList:503x2 (strike 1, 1 left): addToDncList: answered 503",
            "addToDncList:503x2 (strike 2, 0 left): addToDncList: answered 503",
            "PutItem/RunsTable:drop-after (strike 1): PutItem RunsTable: done, the answer was lost",
            "kill=dnc-batcherx1 (strike 1, 0 left): dnc-batcher dies at its work",
        ]
    );
    assert!(logs.lines().is_empty(), "they are no lines of functions");
}

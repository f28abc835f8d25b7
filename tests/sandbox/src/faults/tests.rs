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
    for text in ["", "200", "600", "fire", "503@5", "503@101%", "kill", "choke"] {
        assert!(text.parse::<Fault>().is_err(), "{text}");
    }
}

#[test]
fn a_counted_fault_strikes_so_many_times_and_only_its_operation() {
    let faults = Faults::new(vec![fault("addToDncList:503x2")], 0);
    assert_eq!(faults.strike("token", b""), None);
    assert_eq!(faults.strike("addToDncList", b""), Some(Effect::Status(503)));
    assert_eq!(faults.strike("addToDncList", b""), Some(Effect::Status(503)));
    assert_eq!(faults.strike("addToDncList", b""), None);
}

#[test]
fn cxone_chokes_on_what_is_in_the_request_and_on_nothing_else() {
    let faults = Faults::new(vec![fault("choke=+12025550107")], 0);
    let choked = Some(Effect::Choke("+12025550107".into()));
    assert_eq!(faults.strike("any", br#"{"phoneNumber":"+12025550107"}"#), choked);
    assert_eq!(faults.strike("any", br#"{"phoneNumber":"+12025550108"}"#), None);
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
    let struck = (0..10_000).filter(|_| faults.strike("any", b"").is_some()).count();
    assert!((800..1200).contains(&struck), "{struck}");
}

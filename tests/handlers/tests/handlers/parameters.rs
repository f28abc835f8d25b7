//! Every parameter that the template accepts is accepted by the functions as well.

use std::str::FromStr;

use outbound::{E164, Region, campaign::CallingHours, disposition::DispositionMap};
use proptest::{prelude::*, sample::select};
use regex::Regex;
use sandbox::workspace_root;
use serde_yaml_ng::Value;

/// The values that the template allows for a parameter.
fn allowed(parameter: &str) -> Regex {
    let template = std::fs::read_to_string(workspace_root().join("template.yaml"));
    let template: Value = serde_yaml_ng::from_str(&template.expect("a file")).expect("YAML");
    let pattern = template["Parameters"][parameter]["AllowedPattern"].as_str();
    Regex::new(&format!("^(?:{})$", pattern.expect("it has one"))).expect("a pattern")
}

fn starts_with<T: FromStr>(value: &str) -> bool {
    value.parse::<T>().is_ok()
}

#[test]
fn a_region_is_allowed_if_and_only_if_it_has_phone_numbers() {
    let allowed = allowed("DefaultRegion");
    let letters = || b'A'..=b'Z';
    let codes = letters().flat_map(|one| letters().map(move |two| [one, two]));
    for code in codes {
        let code = String::from_utf8_lossy(&code).into_owned();
        assert_eq!(allowed.is_match(&code), starts_with::<Region>(&code), "{code}");
    }
    for odd in ["", "us", "USA", "U", "UK", "U S", "US "] {
        assert!(!allowed.is_match(odd), "{odd:?}");
    }
}

#[test]
fn calling_hours_are_allowed_if_and_only_if_they_lie_in_one_day() {
    let allowed = allowed("CallingHours");
    let times =
        || (0..=24).flat_map(|hour| [0, 29, 59].map(|minute| format!("{hour:02}:{minute:02}")));
    for (from, until) in times().flat_map(|from| times().map(move |until| (from.clone(), until))) {
        let hours = format!("{from}-{until}");
        // Windows of less than an hour are refused too often rather than let through.
        if allowed.is_match(&hours) {
            assert!(starts_with::<CallingHours>(&hours), "{hours}");
        }
        if from[..2] < until[..2] && starts_with::<CallingHours>(&hours) {
            assert!(allowed.is_match(&hours), "{hours}");
        }
    }
    assert!(!allowed.is_match("21:00-08:00"));
}

#[test]
fn dispositions_are_mapped_to_known_categories_only() {
    let allowed = allowed("DispositionMap");
    assert!(allowed.is_match("1001-1003=do_not_call,Do Not Call=do_not_call,4001=wrong_number"));
    for odd in ["", "1001", "1001=", "1001=dnc", "1001=do_not_call,", "Do  Not=do_not_call"] {
        assert!(!allowed.is_match(odd), "{odd:?}");
        assert!(!starts_with::<DispositionMap>(odd), "{odd:?}");
    }
}

#[test]
fn a_sender_of_messages_is_a_number() {
    let allowed = allowed("SmsSender");
    assert!(allowed.is_match("+12025550100") && starts_with::<E164>("+12025550100"));
    for odd in ["", "12025550100", "+02025550100", "+1 202 555 0100", "+1202555010000000"] {
        assert!(!allowed.is_match(odd), "{odd:?}");
    }
}

#[test]
fn a_confirmation_of_an_opt_out_is_one_line() {
    let allowed = allowed("OptOutConfirmation");
    assert!(allowed.is_match("") && allowed.is_match("You are unsubscribed. \u{2713}"));
    assert!(!allowed.is_match("two\nlines") && !allowed.is_match(&"x".repeat(321)));
}

proptest! {
    #[test]
    fn a_map_that_a_function_takes_is_allowed(
        items in proptest::collection::vec(
            (
                "[1-9][0-9]{0,3}|[A-Z][a-z]{1,6}( [A-Z][a-z]{1,6}){0,2}",
                select(&["do_not_call", "callback_later", "qualified_lead", "wrong_number",
                    "unclassified", "dnc", "DO_NOT_CALL"][..]),
            ),
            1..4,
        ),
    ) {
        let items: Vec<_> = items.iter().map(|(code, category)| format!("{code}={category}")).collect();
        let map = items.join(",");
        prop_assert!(allowed("DispositionMap").is_match(&map) || !starts_with::<DispositionMap>(&map), "{map}");
    }
}

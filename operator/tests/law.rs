//! The command at a terminal: output, exit codes, errors.

use std::process::{Command, Output, Stdio};

fn run(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(arguments).stdin(Stdio::null()).output().expect("it runs")
}

fn law(arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = run(&[&["law"], arguments].concat());
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

/// Without the sources, which are long, and the releases, which change.
fn report(arguments: &[&str]) -> String {
    let (_, text, _) = law(arguments);
    let kept = text.lines().filter(|line| !line.starts_with("Data: ") && !line.contains("2026f"));
    kept.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_refusal_names_its_rules_and_the_next_allowed_time() {
    let question = ["--number", "+14015550110", "--at", "2026-11-26T12:00-05:00"];
    insta::assert_snapshot!(report(&question), @r"
    REFUSED: a call (sales) to +1401***0110 at 2026-11-26T17:00:00Z

    Clock         Thursday 26 November 2026, 12:00 in America/New_York (-05:00)
    Jurisdiction  US     by area code
    Jurisdiction  US-RI  by area code
    Next allowed  Friday 27 November 2026, 09:00 in America/New_York (-05:00)

    Refused by
      US-RI hours: R.I. Gen. Laws 5-61-3.6, 5-61-2(2)
        no calls on holidays; 2026-11-26 is Thanksgiving Day in America/New_York
        would be lifted by request
        source (secondary):
          http://webserver.rilin.state.ri.us/Statutes/TITLE5/5-61/5-61-3.6.HTM (the
          duty; official);
          https://instalawyer.io/laws/rhode-island-general-laws/section-5-61-2-definitions
          (the hours; copy)

    Allowed by
      US tcpa-hours: 47 CFR 64.1200(c)(1), (f)(15)
      US tsr-hours: 16 CFR 310.4(c)
      house hours
    ");
    assert_eq!(law(&question).0, Some(1));
}

#[test]
fn an_allowed_call_names_the_rules_that_allow_it() {
    let question = ["--number", "+13055550110", "--at", "2026-12-01T12:00-05:00"];
    insta::assert_snapshot!(report(&question), @r"
    ALLOWED: a call (sales) to +1305***0110 at 2026-12-01T17:00:00Z

    Clock         Tuesday 1 December 2026, 12:00 in America/New_York (-05:00)
    Jurisdiction  US     by area code
    Jurisdiction  US-FL  by area code

    Allowed by
      US tcpa-hours: 47 CFR 64.1200(c)(1), (f)(15)
      US tsr-hours: 16 CFR 310.4(c)
      US-FL hours: Fla. Stat. 501.616(6)(a), (b)
      house hours

    Limits on attempts, which this decision does not count
      US-FL hours: Fla. Stat. 501.616(6)(a), (b)
        at most 3 within 24 hours, per subject
        counted: from any number

    What an area code means
      US-FL: Fla. Stat. 501.059 (Chapter 2021-185, CS/SB 1120)
        rebuttable presumption that a call to an area code of the state is made to a
          resident or to a person in the state
    ");
    assert_eq!(law(&question).0, Some(0));
}

#[test]
fn the_condition_that_lifts_a_rule_is_reported() {
    let question = [
        "--number",
        "+33261910110",
        "--basis",
        "consent",
        "--at",
        "2026-12-01T13:30",
        "--consent-for",
        "2026-12-01T13:00/2026-12-01T14:00",
    ];
    insta::assert_snapshot!(report(&question), @r"
    ALLOWED: a call (sales) to +3326***0110 at 2026-12-01T12:30:00Z

    Clock         Tuesday 1 December 2026, 13:30 in Europe/Paris (+01:00)
    Jurisdiction  FR     by calling code
    Claimed       consent

    Lifted
      FR opt-in: Code de la consommation L. 223-1, loi 2025-594 art. 13
        lifted by consent
        otherwise: no calls unless something lifts the rule
      FR hours: Code de la consommation D. 223-9 (decret 2022-1313); holidays: Code
        du travail L. 3133-1
        lifted by consent-for-time
        otherwise: Tuesdays 10:00-13:00 and 14:00-20:00 only; it is 13:30 in
          Europe/Paris

    Allowed by
      house hours
    ");
    assert_eq!(law(&question).0, Some(0));
}

#[test]
fn json_is_the_decision_with_the_limits_on_attempts() {
    let question = ["--number", "+13055550110", "--at", "2026-12-01T20:00-05:00", "--json"];
    let (code, text, _) = law(&question);
    let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(code, Some(1));
    assert_eq!(answer["allowed"], false);
    assert_eq!(answer["nextAllowed"], "2026-12-02T13:00:00Z");
    assert_eq!(answer["findings"][0]["authority"]["citation"], "Fla. Stat. 501.616(6)(a), (b)");
    assert_eq!(answer["limits"][0]["max"], 3);
    assert!(!text.contains("5550110"), "a decision holds no number");
}

#[test]
fn a_local_time_is_that_of_the_callee() {
    let new_york = |at: &str| law(&["--number", "+12125550110", "--at", at]).0;
    assert_eq!(new_york("2026-12-01T07:59"), Some(1));
    assert_eq!(new_york("2026-12-01 08:00"), Some(0));
    // Northern Indiana has two clocks: one must be named, and both count.
    let indiana = ["--number", "+12195550110", "--at", "2026-12-01T08:30"];
    let (code, _, problem) = law(&indiana);
    assert_eq!(code, Some(2));
    for zone in ["America/Chicago", "America/New_York"] {
        assert!(problem.contains(zone), "{problem}");
    }
    let central = [&indiana[..], &["--zone", "America/Chicago"]].concat();
    assert_eq!(law(&central).0, Some(0));
}

#[test]
fn a_wrong_question_names_the_option_and_what_would_be_right() {
    let file = env!("CARGO_MANIFEST_DIR").to_owned() + "/Cargo.toml";
    for (arguments, option, right) in [
        (vec![], "--number", "--place"),
        (vec!["--number", "12"], "--number", "number"),
        (vec!["--number", "+12125550110", "--at", "noon"], "--at", "2026-12-01T03:00"),
        (vec!["--number", "+12125550110", "--purpose", "marketing"], "--purpose", "sales"),
        (vec!["--number", "+12125550110", "--basis", "goodwill"], "--basis", "request"),
        (vec!["--number", "+12125550110", "--zone", "New York"], "--zone", "America/New_York"),
        (vec!["--number", "+12125550110", "--place", "Texas"], "--place", "US-TX"),
        (vec!["--number", "+12125550110", "--hours", "9-17"], "--hours", "08:00-21:00"),
        (vec!["--number", "+12125550110", "--strictness", "none"], "--strictness", "all"),
        (vec!["--number", "+12125550110", "--closures", "/none"], "--closures", "No such file"),
        (vec!["--number", "+12125550110", "--closures", &file], "--closures", "expected"),
        (
            vec!["--number", "+12125550110", "--consent-for", "2026-12-02T10:00/2026-12-01T10:00"],
            "--consent-for",
            "before",
        ),
        (vec!["--number", "+12125550110", "--moon", "full"], "--moon", "unexpected"),
    ] {
        let (code, text, problem) = law(&arguments);
        assert_eq!((code, text.as_str()), (Some(2), ""), "{arguments:?}");
        assert!(problem.starts_with("error: "), "{problem}");
        assert!(problem.contains(option) && problem.contains(right), "{problem}");
        assert!(!problem.contains("5550110"), "{problem}");
    }
}

#[test]
fn all_that_is_printed_fits_80_columns_and_has_no_colors() {
    let texts = [
        run(&["--help"]).stdout,
        run(&["law", "--help"]).stdout,
        run(&["law", "--place", "US", "--at", "2026-12-01T12:00Z"]).stdout,
        run(&["law", "--number", "+14015550110", "--at", "2026-11-26T12:00-05:00"]).stdout,
        run(&["law", "--number", "+12195550110", "--at", "2026-12-01T08:30"]).stderr,
    ];
    for text in texts {
        let text = String::from_utf8(text).expect("UTF-8");
        assert!(!text.is_empty() && !text.contains('\u{1b}'), "{text}");
        for line in text.lines() {
            // An address stays whole, so that it can be followed.
            let is_address = line.contains("://") || line.trim().split(' ').count() == 1;
            assert!(line.chars().count() <= 80 || is_address, "{line}");
        }
    }
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_outbound"))
        .args(["law", "--place", "US", "--at", "2026-12-01T12:00Z"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((output.status.code(), output.stderr), (Some(1), vec![]));
}

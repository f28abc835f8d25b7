//! Lines as the functions' telemetry writes them.

use outbound::CxoneUsage;
use platform::telemetry::{Count, EventRecord, Telemetry};
use strum::VariantArray;

use super::*;

/// The line of a record that the telemetry of the functions writes.
fn recorded(fill: impl FnOnce(&mut EventRecord)) -> Line {
    let (telemetry, lines) = Telemetry::captured("dnc-batcher");
    let mut record = telemetry.event("request-1");
    fill(&mut record);
    drop(record);
    Line::read(&lines.read().pop().expect("one line").to_string())
}

#[test]
fn a_record_is_shown_by_what_it_counts() {
    let usage = |calls, throttled| CxoneUsage { calls, throttled, refused: 0 };
    for (shown, outcome, counts, usage) in [
        ("1 number listed (1 call)", "completed", &[(Count::NumbersListed, 1)][..], usage(1, 0)),
        (
            "partly_returned: 3 numbers listed, 1 dead letter (9 calls, 2 throttled)",
            "partly_returned",
            &[(Count::NumbersListed, 3), (Count::DeadLettered, 1)],
            usage(9, 2),
        ),
        ("accepted", "accepted", &[(Count::Accepted, 1)], usage(0, 0)),
        ("2 accepted", "completed", &[(Count::Accepted, 2)], usage(0, 0)),
        ("completed", "completed", &[], usage(0, 0)),
        (
            "1 skill started, 2 skills stopped",
            "controlled",
            &[(Count::SkillsStarted, 1), (Count::SkillsStopped, 2)],
            usage(0, 0),
        ),
        ("7 outcomes queued (1 call)", "read", &[(Count::OutcomesQueued, 7)], usage(1, 0)),
        ("refused: missing_code", "missing_code", &[(Count::Refused, 1)], usage(0, 0)),
        ("1 run completed", "polled", &[(Count::RunsCompleted, 1)], usage(0, 0)),
        ("polled (4 calls)", "polled", &[], usage(4, 0)),
        ("failed", "failed", &[], usage(0, 0)),
    ] {
        let line = recorded(|record| {
            record.outcome(outcome);
            for (count, by) in counts {
                record.count(*count, *by);
            }
            record.cxone_usage(usage);
        });
        assert_eq!(line.to_string(), shown);
    }
}

#[test]
fn every_count_of_the_telemetry_has_words_or_is_the_reason_of_a_refusal() {
    for count in Count::VARIANTS {
        let line = recorded(|record| {
            record.outcome("an outcome");
            record.count(*count, 7);
        });
        let shown = line.to_string();
        assert!(shown.contains('7') || shown == "refused: an outcome", "{count:?}: {shown}");
        assert!(!shown.contains('_'), "{count:?}: {shown}");
    }
}

#[test]
fn a_schedule_with_nothing_to_do_is_idle_and_one_with_work_is_not() {
    for (outcome, count, is_idle) in [
        ("polled", 0, true),
        ("not_due", 0, true),
        ("no_campaigns", 0, true),
        ("polled", 1, false),
        ("partly_polled", 0, false),
        ("completed", 0, false),
        ("failed", 0, false),
    ] {
        let line = recorded(|record| {
            record.outcome(outcome);
            record.count(Count::CampaignsFailed, count);
        });
        assert_eq!(line.is_idle(), is_idle, "{outcome}, {count}");
    }
}

#[test]
fn the_event_of_a_line_is_named_if_it_is_one() {
    let of = |ids: &[&str]| {
        recorded(|record| {
            record.outcome("accepted");
            for id in ids {
                record.event_id(id);
            }
        })
    };
    assert_eq!(of(&["evt-1"]).to_string(), "accepted [evt-1]");
    assert_eq!(of(&["evt-1", "evt-2"]).to_string(), "accepted");
    assert_eq!(of(&[]).to_string(), "accepted");
}

#[test]
fn a_message_is_shown_with_its_details_and_a_plain_text_as_it_is() {
    let line = Line::read(
        r#"{"timestamp":"2026-03-02T10:00:00Z","level":"WARN","function":"dnc-batcher",
            "message":"numbers go back to the queue","why":"CXone is down",
            "event_id":"evt-1"}"#,
    );
    let shown = "numbers go back to the queue: why=CXone is down [evt-1]";
    assert_eq!((line.to_string().as_str(), line.level()), (shown, Level::Warning));
    for text in ["Error: no settings", "42", "{\"cut off"] {
        let line = Line::read(text);
        assert_eq!((line.to_string().as_str(), line.level()), (text, Level::Plain));
        assert!(!line.is_idle() && !line.is_record());
    }
}

#[test]
fn what_senders_wrote_is_shown_on_one_line_and_not_obeyed() {
    for text in [
        r#"{"message":"a reply","why":"no\u001b[2Jsuch\r\nfield","event_id":"e\u009b31m\u202e1"}"#,
        "plain\u{1b}]0;title\u{7}\r",
    ] {
        let shown = Line::read(text).to_string();
        assert!(!shown.contains(outbound::is_obeyed), "{shown:?}");
    }
}

#[test]
fn a_record_of_a_failure_is_an_error() {
    assert_eq!(recorded(|_| ()).level(), Level::Error, "it is `failed` unless it is set");
    assert_eq!(recorded(|record| record.outcome("completed")).level(), Level::Plain);
}

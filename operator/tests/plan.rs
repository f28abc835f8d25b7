//! `outbound plan`: a file of campaigns, before it is deployed.

use std::{
    path::PathBuf,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

/// Runs the command on these campaigns. Each test has a file of its own.
fn plan(name: &str, campaigns: &Value, more: &[&str]) -> (Option<i32>, String, String) {
    plan_from("2026-11-27T00:00:00Z", name, campaigns, more)
}

fn plan_from(
    from: &str,
    name: &str,
    campaigns: &Value,
    more: &[&str],
) -> (Option<i32>, String, String) {
    let file = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.json"));
    std::fs::write(&file, campaigns.to_string()).expect("it is written");
    let output = Command::new(env!("CARGO_BIN_EXE_outbound"))
        .args(["plan", file.to_str().expect("UTF-8")])
        .args(["--from", from])
        .args(more)
        .stdin(Stdio::null())
        .output()
        .expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn campaign(fields: &Value) -> Value {
    let mut campaign = json!({
        "campaignId": "spring", "cron": "0 10 * * mon-fri", "expectedCompleted": 500,
        "purpose": "service",
        "contacts": [{ "id": "c-1", "timezone": "America/New_York" },
                     { "id": "c-2", "timezone": "America/Los_Angeles" }],
    });
    for (name, value) in fields.as_object().expect("an object") {
        campaign[name] = value.clone();
    }
    json!([campaign])
}

#[test]
fn the_next_starts_are_shown_in_local_time_and_in_utc() {
    let (code, out, err) = plan("starts", &campaign(&json!({})), &["--next", "2"]);
    assert_eq!((code, err.as_str()), (Some(0), ""), "{out}");
    insta::assert_snapshot!(out, @"
    spring: 0 10 * * mon-fri
    LOCAL START           ZONE                 UTC                   UNTIL  NOTE
    Fri 2026-11-27 10:00  America/Los_Angeles  2026-11-27T18:00:00Z  14:00
    Mon 2026-11-30 10:00  America/Los_Angeles  2026-11-30T18:00:00Z  14:00
    Fri 2026-11-27 10:00  America/New_York     2026-11-27T15:00:00Z  14:00
    Mon 2026-11-30 10:00  America/New_York     2026-11-30T15:00:00Z  14:00
    ");
    assert!(out.lines().all(|line| line.chars().count() <= 80), "{out}");
}

#[test]
fn what_is_refused_or_clipped_names_its_rule_and_the_exit_code_says_so() {
    let sales = campaign(&json!({ "purpose": "sales", "cron": "0 19 26,27 11 *" }));
    let (code, out, _) = plan_from("2026-11-26T00:00:00Z", "refused", &sales, &["--json"]);
    assert_eq!(code, Some(1), "{out}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    let starts = report["campaigns"][0]["starts"].as_array().expect("a list");
    let of = |zone: &str, day: &str| {
        let is_it = |start: &&Value| {
            let local = start["localStart"].as_str().unwrap_or_default();
            start["timezone"] == zone && local.starts_with(day)
        };
        starts.iter().find(is_it).unwrap_or_else(|| panic!("{zone} {day}: {out}"))
    };
    // Thanksgiving: Rhode Island has the clocks of New York, and no zone of its own.
    let thanksgiving = of("America/New_York", "2026-11-26");
    assert_eq!(
        (&thanksgiving["fate"], &thanksgiving["code"]),
        (&json!("refused"), &json!("refused_by_law"))
    );
    assert!(thanksgiving["rule"].as_str().expect("a rule").contains("US-RI"), "{thanksgiving}");
    let late = of("America/Los_Angeles", "2026-11-27");
    assert_eq!(late["fate"], "clipped", "{late}");
}

#[test]
fn a_note_stands_below_the_starts_once_and_a_line_of_the_table_is_a_start() {
    let contacts = json!([
        { "id": "c-1", "timezone": "UTC" }, { "id": "c-2", "timezone": "America/New_York" },
    ]);
    let campaigns = campaign(&json!({ "contacts": contacts }));
    let (code, out, _) = plan("noted", &campaigns, &["--next", "2"]);
    assert_eq!(code, Some(1), "{out}");
    insta::assert_snapshot!(out, @"
    spring: 0 10 * * mon-fri
    LOCAL START           ZONE              UTC                   UNTIL    NOTE
    Fri 2026-11-27 10:00  America/New_York  2026-11-27T15:00:00Z  14:00
    Mon 2026-11-30 10:00  America/New_York  2026-11-30T15:00:00Z  14:00
    Fri 2026-11-27 10:00  UTC               2026-11-27T10:00:00Z  refused  [1]
    Mon 2026-11-30 10:00  UTC               2026-11-30T10:00:00Z  refused  [1]
    [1] the zone is a clock without a place, so no law is known there; the timezone
      of the contacts must be that of a place, such as America/New_York
    ");
}

#[test]
fn a_field_that_is_misspelled_is_refused_by_name() {
    let misspelled = campaign(&json!({ "callingHour": "10:00-18:00", "cron": "0 25 * * *" }));
    let (code, out, _) = plan("misspelled", &misspelled, &[]);
    assert_eq!(code, Some(2), "{out}");
    for expected in ["spring cannot be read:", "callingHour", "cron"] {
        assert!(out.contains(expected), "{expected}: {out}");
    }
}

#[test]
fn contacts_that_cannot_be_placed_are_counted_and_the_first_is_named() {
    let contacts = json!([
        { "id": "c-1", "timezone": "America/New_York" },
        { "id": "c-2", "timezone": "Eastern" }, { "id": "c-3", "timezone": "Eastern" },
    ]);
    let (code, out, _) = plan("unplaced", &campaign(&json!({ "contacts": contacts })), &[]);
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("2 contacts have an unknown zone (Eastern), the first is c-2"), "{out}");
}

#[test]
fn contacts_in_cxone_are_planned_for_the_zones_that_are_named() {
    let mut campaigns = campaign(&json!({}));
    campaigns[0].as_object_mut().expect("an object").remove("contacts");
    let (code, out, _) = plan("in_cxone", &campaigns, &[]);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("name their zones with --zone"), "{out}");
    let (_, out, _) = plan("in_cxone", &campaigns, &["--zone", "Europe/London"]);
    assert!(out.contains("Europe/London"), "{out}");
}

#[test]
fn what_is_no_file_of_campaigns_is_said() {
    let (code, out, err) = plan("no_list", &json!({ "campaignId": "spring" }), &[]);
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(err.contains("JSON array"), "{err}");
}

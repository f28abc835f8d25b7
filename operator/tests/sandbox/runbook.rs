//! The runbook, line by line: each command of docs/operations.md against a sandbox on a bad night.

use std::{fs, path::PathBuf};

use sandbox::OPERATOR_ACTIONS;

use super::*;

/// The page that an operator has in hand.
fn page() -> String {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join("../docs/operations.md")).expect("the page is there")
}

/// The lines of the page's shell blocks that call the command, in order.
fn lines(page: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut is_shell = false;
    for line in page.lines().map(str::trim) {
        match line {
            "```sh" => is_shell = true,
            "```" => is_shell = false,
            line if is_shell && line.starts_with("cargo outbound ") => lines.push(line.to_owned()),
            _ => {}
        }
    }
    lines
}

/// Runs a line in a shell, where `cargo outbound` is this command.
async fn shell(sandbox: &Surroundings, line: &str) -> Ran {
    let script = format!("cargo() {{ shift; \"$OUTBOUND\" \"$@\"; }}\n{line}");
    let mut command = Command::new("bash");
    command.args(["-c", &script]).stdin(Stdio::null());
    command.current_dir(env!("CARGO_TARGET_TMPDIR"));
    command.env("OUTBOUND", env!("CARGO_BIN_EXE_outbound"));
    command.env("OUTBOUND_SANDBOX", sandbox.aws.url()).env_remove("OUTBOUND_STACK");
    run(command).await
}

/// One dead letter for each line that moves some, an opt-out that was never listed, and a log.
async fn bad_night() -> Surroundings {
    let sandbox = Surroundings::start().await.expect("it starts");
    let event = |id: &str| json!({ "eventId": id, "data": { "phoneNumber": "+12025550110" } });
    for (queue, id, code) in [
        ("DncDeadLetterQueue", "evt-refused", Some("refused_by_cxone")),
        ("DncDeadLetterQueue", "evt-doubtful", Some("doubtful_opt_out")),
        ("CrmSyncDeadLetterQueue", "evt-crm", None),
        ("NotificationDeadLetterQueue", "evt-notification", None),
        ("ScheduleDeadLetterQueue", "evt-schedule", None),
    ] {
        dead_letter(&sandbox, queue, &event(id), code).await;
    }
    let stored = number::Stored::in_(&sandbox);
    number::record(&stored, &"+12025550110".parse().expect("a number"), "evt-0001").await;
    let line = json!({
        "timestamp": "2026-11-26T03:00:00Z", "level": "WARN", "function": "dnc-batcher",
        "event_id": "evt-0001", "message": "numbers go back to the queue", "why": "CXone is down",
    });
    sandbox.logs.add("dnc-batcher", line.to_string());
    let key = format!("{}/erasure.key", env!("CARGO_TARGET_TMPDIR"));
    fs::write(key, "a key of more than sixteen bytes\n").expect("it is written");
    sandbox
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_of_the_runbook_does_what_the_page_says() {
    let sandbox = bad_night().await;
    let mut rehearsed = Vec::new();
    for line in lines(&page()) {
        let ran = shell(&sandbox, &line).await;
        let code = ran.code.expect("an exit status");
        assert!(code < 2, "{line}: {ran:?}");
        rehearsed.push(format!("{code}  {line}"));
    }
    // 1 where the command finds what needs a person: on a good day it is 0.
    insta::assert_snapshot!(rehearsed.join("\n"), @"
    1  cargo outbound status
    0  cargo outbound doctor
    0  cargo outbound logs evt-0001
    0  cargo outbound logs evt-0001 --since 7d --json
    1  cargo outbound dead-letters list
    0  cargo outbound dead-letters list --queue dnc --code refused_by_cxone --older-than 2h
    0  cargo outbound dead-letters show --queue dnc --code refused_by_cxone
    0  cargo outbound dead-letters redrive --queue dnc --code refused_by_cxone --dry-run
    0  cargo outbound dead-letters redrive --queue dnc --code refused_by_cxone
    0  cargo outbound dead-letters redrive --queue crm-sync,notification
    0  cargo outbound dead-letters delete --queue schedule --yes
    0  cargo outbound dead-letters show --code doubtful_opt_out
    0  cargo outbound dead-letters redrive --code doubtful_opt_out
    1  cargo outbound number +12025550110
    0  cargo outbound export +12025550110 > evidence.jsonl
    0  cargo outbound erase +12025550110 --key-file erasure.key --yes
    0  cargo outbound secrets rotate webhook
    0  cargo outbound secrets retire webhook --yes
    0  cargo outbound replay ledger --dry-run
    0  cargo outbound replay ledger
    0  cargo outbound replay ledger --all
    0  cargo outbound runs
    0  cargo outbound runs --all --campaign campaign-spring
    ");
    for queue in ["Dnc", "CrmSync", "Notification", "Schedule"] {
        assert_eq!(depth(&sandbox, &format!("{queue}DeadLetterQueue")).await, 0, "{queue}");
    }
    // What was redriven, and the number of the ledger: once as never listed, once with all.
    assert_eq!(depth(&sandbox, "DncQueue").await, 4);
    assert_eq!(depth(&sandbox, "CrmSyncQueue").await, 1);
    assert_eq!(depth(&sandbox, "NotificationQueue").await, 1);
    assert_eq!(outbound(&sandbox, &["status"]).await.code, Some(0), "nothing is stuck any more");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lines_of_the_log_about_an_event_are_shown_with_their_details() {
    let sandbox = bad_night().await;
    let ran = outbound(&sandbox, &["logs", "evt-0001"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("numbers go back to the queue:"), "{ran:?}");
    assert!(ran.says("why=CXone is down"), "{ran:?}");
    let none = outbound(&sandbox, &["logs", "evt-9999", "--since", "2d"]).await;
    assert_eq!(none.code, Some(1), "{none:?}");
    assert!(none.says("Look further back"), "{none:?}");
}

#[test]
fn the_page_names_the_permissions_that_the_sandbox_allows_an_operator() {
    let page = page();
    let (_, rest) = page.split_once("### Permissions\n\n").expect("the section");
    let (paragraph, _) = rest.split_once("\n\n").expect("its end");
    let spans = paragraph.split('`').skip(1).step_by(2);
    let mut named: Vec<&str> =
        spans.filter(|span| span.contains(':') && !span.starts_with("kms:")).collect();
    named.sort_unstable();
    assert_eq!(named, OPERATOR_ACTIONS);
}

//! `send`, `tail`, `state` and `demo --keep`: a sandbox that serves, from another terminal.

use std::io::Read as _;

use super::*;

/// A folder of announcements of its own: sandboxes of other tests are not found.
fn alone(name: &str) -> String {
    format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"))
}

fn run_in(folder: &str, arguments: &[&str]) -> (i32, String, String) {
    let output = sandbox(arguments).env("XDG_RUNTIME_DIR", folder).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let code = output.status.code().expect("it ends by itself");
    let is_json = arguments.contains(&"--json");
    for line in text(&output.stdout).lines().filter(|line| !is_json && !line.contains('{')) {
        assert!(line.chars().count() <= 80, "{line}");
    }
    (code, text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_sample_is_sent_to_the_sandbox_that_runs_and_its_state_shows_it() {
    let folder = alone("send");
    let _serving = Serving::run(sandbox(&["serve"]).env("XDG_RUNTIME_DIR", &folder));
    let (code, text, _) = run_in(&folder, &["send", "optout-webhook/opt-out"]);
    assert_eq!(
        (code, text.as_str()),
        (0, "POST /webhook/opt-out: 200 {\"status\":\"accepted\"}\n")
    );
    let (code, text, _) = run_in(&folder, &["send", "missing-contact"]);
    assert!(code == 1 && text.contains("400"), "one that is refused: {text}");
    let (code, text, _) = run_in(&folder, &["send", "dnc-batcher/queued-numbers.json"]);
    assert!(code == 0 && text.contains("DncQueue: 2 in the queue"), "{text}");
    let (code, text, _) = run_in(&folder, &["send", "analytics-poller/poll"]);
    assert!(code == 0 && text.starts_with("analytics-poller: {"), "{text}");

    let sample = sandbox::workspace_root().join("events/optout-webhook/opt-out.json");
    let file = format!("{folder}/mine.json");
    std::fs::copy(sample, &file).expect("it is copied");
    let (code, text, _) = run_in(&folder, &["send", &file]);
    assert!(code == 0 && text.contains("duplicate"), "a file of one's own: {text}");

    let (code, text, _) = run_in(&folder, &["state"]);
    assert_eq!(code, 0);
    assert!(text.contains("OptOutsTable") && text.contains("by the sandbox's clock"), "{text}");
    let (_, json, _) = run_in(&folder, &["state", "--json"]);
    let state: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    assert!(state["tables"]["OptOutsTable"].as_u64().is_some_and(|count| count > 0), "{json}");
}

#[test]
fn what_cannot_be_sent_is_said_with_what_there_is() {
    let folder = alone("nothing");
    let (code, _, problem) = run_in(&folder, &["send", "optout"]);
    assert!(code == 2 && problem.contains("optout-webhook/opt-out"), "{problem}");
    let (code, _, problem) = run_in(&folder, &["send", "callback-intake/callback"]);
    assert!(code == 2 && problem.contains("no sandbox runs"), "{problem}");
    let (code, _, problem) = run_in(&folder, &["state", "--sandbox", "http://127.0.0.1:1"]);
    assert!(code == 2 && problem.contains("no sandbox answers at http://127.0.0.1:1"), "{problem}");
}

#[test]
fn the_log_is_followed_from_another_terminal_in_words() {
    let folder = alone("tail");
    let arguments = ["serve", "--fault", "addToDncList:503x1", "--redelivery", "1"];
    let mut serving = Serving::run(sandbox(&arguments).env("XDG_RUNTIME_DIR", &folder));
    let mut tail = sandbox(&["tail", "--all"])
        .env("XDG_RUNTIME_DIR", &folder)
        .stdout(Stdio::piped())
        .spawn()
        .expect("it starts");
    run_in(&folder, &["send", "optout-webhook/opt-out"]);
    let lines = BufReader::new(tail.stdout.take().expect("its output is piped")).lines();
    let mut seen = Vec::new();
    for line in lines.map(|line| line.expect("UTF-8")) {
        let is_last = line.contains("dnc-batcher");
        seen.push(line);
        if is_last {
            break;
        }
    }
    let text = seen.join("\n");
    let strike = "fault addToDncList:503x1 (strike 1, 0 left): addToDncList: answered 503";
    for expected in ["optout-webhook accepted", strike, "dnc-batcher 1 number listed (2 calls)"] {
        assert!(text.contains(expected), "{expected}: {text}");
    }
    assert!(!text.contains("polled\n") && !text.contains("no_campaigns"), "idle: {text}");
    serving.stop(Signal::Term);
    assert_eq!(tail.wait().expect("it ends with the sandbox").code(), Some(0));
}

#[test]
fn a_demo_that_is_kept_stays_up_with_all_it_left_behind() {
    let folder = alone("keep");
    let mut command = sandbox(&["demo", "--keep"]);
    let command = command.env("XDG_RUNTIME_DIR", &folder).stdout(Stdio::piped());
    let mut process = command.spawn().expect("it starts");
    let output = BufReader::new(process.stdout.take().expect("its output is piped"));
    let mut output = output.lines();
    let line = output.find_map(|line| line.ok()?.strip_prefix("gateway  ").map(str::to_owned));
    let gateway = line.expect("it introduces itself after its tables");
    let mut kept = Serving { process, gateway, output: Some(output) };
    let (_, json, _) = run_in(&folder, &["state", "--json"]);
    let state: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    for queue in ["DncDeadLetterQueue", "AnalyticsQueue"] {
        let waiting = state["queues"][queue]["waiting"].as_u64();
        assert!(waiting.is_some_and(|count| count > 0), "{queue}: {}", state["queues"]);
    }
    assert_eq!(kept.stop(Signal::Interrupt).code(), Some(130));
}

#[test]
fn a_reader_that_stops_reading_is_no_error() {
    for arguments in [&["journey"][..], &["faults"], &["event", "opt-out"]] {
        let mut process = sandbox(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        // Before it has written anything.
        drop(process.stdout.take());
        let mut problems = String::new();
        let mut stderr = process.stderr.take().expect("it is piped");
        stderr.read_to_string(&mut problems).expect("UTF-8");
        let code = process.wait().expect("it ends").code();
        assert_eq!((code, problems.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

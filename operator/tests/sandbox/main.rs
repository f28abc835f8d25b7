//! The command against a sandbox: what it prints, what it changes, and its exit code.

mod capacity_plan;
mod console;
mod dead_letters;
mod doctor;
mod number;
mod runbook;
mod runs;
mod status;
mod tenant;
mod unlist;

use std::process::{Command, Stdio};

use sandbox::Surroundings;
use serde_json::{Value, json};

/// What a run of the command showed.
#[derive(Debug)]
struct Ran {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Ran {
    /// Returns whether a text was printed, wherever its lines were broken.
    fn says(&self, text: &str) -> bool {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        words(&self.out).contains(text) || words(&self.err).contains(text)
    }

    /// The JSON that was printed.
    fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// Runs the command against the AWS services at an address.
async fn outbound_at(url: &str, arguments: &[&str]) -> Ran {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(arguments).stdin(Stdio::null());
    command.env("OUTBOUND_SANDBOX", url).env_remove("OUTBOUND_STACK");
    run(command).await
}

/// Runs a command while the sandbox in this process answers it.
async fn run(mut command: Command) -> Ran {
    let output = tokio::task::spawn_blocking(move || command.output()).await.expect("no panic");
    let output = output.expect("it runs");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    let ran =
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) };
    for line in ran.out.lines().chain(ran.err.lines()) {
        let is_long_word = line.trim().split(' ').count() == 1;
        assert!(
            line.chars().count() <= 80 || is_long_word || ran.out.starts_with(['{', '[']),
            "{line}"
        );
        assert!(!line.contains('\u{1b}'), "no colors where there is no terminal: {line}");
    }
    ran
}

async fn outbound(sandbox: &Surroundings, arguments: &[&str]) -> Ran {
    outbound_at(&sandbox.aws.url(), arguments).await
}

/// Dead-letters a message, as a function does.
async fn dead_letter(sandbox: &Surroundings, queue: &str, body: &Value, code: Option<&str>) {
    let text = |text: &str| json!({ "DataType": "String", "StringValue": text });
    let attributes = code.map_or(json!({}), |code| {
        json!({
            "error_code": text(code), "error_message": text("CXone said no"),
            "function": text("dnc-batcher"), "failed_at": text("2026-03-02T10:00:00.000Z"),
        })
    });
    let sent = sandbox.aws.queues.send_with_attributes(queue, &body.to_string(), &attributes).await;
    sent.expect("it is sent");
}

/// Number of messages in a queue, hidden or not.
async fn depth(sandbox: &Surroundings, queue: &str) -> usize {
    let depth = sandbox.aws.queues.depth(queue).await.expect("the queue answers");
    depth.visible + depth.in_flight
}

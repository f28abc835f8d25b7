//! The console as a person starts it, and stacks, which AWS credentials as usual lead to.

use std::{
    io::{BufRead as _, BufReader},
    process::{Child, ChildStdout},
};

use reqwest::{Client, StatusCode};

use super::*;

/// The command with an environment that leads to the sandbox as if it were AWS.
fn for_a_stack(sandbox: &Surroundings, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(arguments).args(["--stack", "sandbox"]).stdin(Stdio::null());
    command.env_remove("OUTBOUND_SANDBOX").env_remove("OUTBOUND_STACK");
    for (name, value) in [
        ("AWS_ENDPOINT_URL", sandbox.aws.url().as_str()),
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "outbound"),
        ("AWS_SECRET_ACCESS_KEY", "sandbox"),
    ] {
        command.env(name, value);
    }
    command
}

/// A console that serves, and the address that it printed.
struct Serving {
    process: Child,
    lines: BufReader<ChildStdout>,
    address: String,
}

impl Serving {
    async fn start(mut command: Command) -> Self {
        let start = move || {
            let mut process = command.stdout(Stdio::piped()).spawn().expect("it starts");
            let mut lines = BufReader::new(process.stdout.take().expect("it is piped"));
            let mut line = String::new();
            lines.read_line(&mut line).expect("it prints");
            let address = line.trim().strip_prefix("console  ").expect("an address").to_owned();
            Self { process, lines, address }
        };
        tokio::task::spawn_blocking(start).await.expect("no panic")
    }

    /// Presses Ctrl-C, and returns all that it printed since, and whether a signal ended it.
    async fn interrupt(mut self) -> (String, bool) {
        let end = move || {
            let pid = self.process.id().to_string();
            let sent = Command::new("kill").args(["-INT", &pid]).status().expect("it is sent");
            assert!(sent.success());
            let mut rest = String::new();
            std::io::Read::read_to_string(&mut self.lines, &mut rest).expect("text");
            (rest, self.process.wait().expect("it ends").code().is_none())
        };
        tokio::task::spawn_blocking(end).await.expect("no panic")
    }
}

async fn status(address: &str) -> StatusCode {
    Client::new().get(address).send().await.expect("an answer").status()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_console_prints_its_address_alone_serves_and_ends_with_ctrl_c() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(["console", &format!("--sandbox={}", sandbox.aws.url())]);
    let serving = Serving::start(command).await;
    assert!(serving.address.starts_with("http://127.0.0.1:"), "{}", serving.address);
    assert_eq!(status(&serving.address).await, StatusCode::OK);
    assert_eq!(serving.interrupt().await, (String::new(), true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_is_found_with_aws_credentials_and_its_console_needs_a_key() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let as_stack = run(for_a_stack(&sandbox, &["status", "--json"])).await;
    assert_eq!(as_stack.json(), outbound(&sandbox, &["status", "--json"]).await.json());
    let unknown = run(for_a_stack(&sandbox, &["resource", "NoQueue"])).await;
    assert_eq!(unknown.code, Some(2), "{unknown:?}");

    let serving = Serving::start(for_a_stack(&sandbox, &["console"])).await;
    let (base, key) = serving.address.split_once("?key=").expect("a key");
    assert!(key.len() >= 32, "{key}");
    assert_eq!(status(base).await, StatusCode::UNAUTHORIZED);
    assert_eq!(status(&format!("{base}?key=guessed")).await, StatusCode::UNAUTHORIZED);
    serving.interrupt().await;
}

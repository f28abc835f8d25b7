//! The command at a terminal: output, exit codes, and an end that leaves nothing behind.

#[path = "command/client.rs"]
mod client;
#[cfg(target_os = "linux")]
#[path = "command/terminal.rs"]
mod terminal;

use std::{
    io::{BufRead, BufReader, Lines},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use sysinfo::{Pid, ProcessRefreshKind, ProcessesToUpdate, Signal, System};

/// Time limit on a busy machine.
const PATIENCE: Duration = Duration::from_mins(5);

fn sandbox(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandbox"));
    command.args(arguments).args(["--profile", "test"]).stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> (Output, String) {
    let output = sandbox(arguments).output().expect("the sandbox runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output, text)
}

/// A sandbox that stays up.
struct Serving {
    process: Child,
    gateway: String,
    output: Option<Lines<BufReader<ChildStdout>>>,
}

impl Serving {
    fn start() -> Self {
        Self::start_with(&[])
    }

    fn start_with(arguments: &[&str]) -> Self {
        Self::run(sandbox(&["serve"]).args(arguments))
    }

    fn run(command: &mut Command) -> Self {
        let mut process = command.stdout(Stdio::piped()).spawn().expect("the sandbox starts");
        let output = BufReader::new(process.stdout.take().expect("its output is piped"));
        let mut output = output.lines();
        let mut line = || output.next().expect("a line").expect("in UTF-8");
        let console = line();
        assert!(console.starts_with("console  http://127.0.0.1:"), "it comes first: {console}");
        let line = line();
        let gateway = line.strip_prefix("gateway").expect("the gateway comes second").trim();
        Self { gateway: gateway.to_owned(), process, output: Some(output) }
    }

    async fn opt_out(&self) {
        let response = reqwest::Client::new()
            .post(format!("{}/webhook/opt-out", self.gateway))
            .bearer_auth(sandbox::WEBHOOK_TOKEN)
            .json(&serde_json::json!({
                "eventType": "contact.opt_out",
                "data": { "phoneNumber": "+12025550110" },
            }))
            .send()
            .await
            .expect("the gateway answers");
        assert_eq!(response.status(), 200);
    }

    fn pid(&self) -> Pid {
        Pid::from_u32(self.process.id())
    }

    /// Asks it to stop and waits until it has.
    fn stop(&mut self, signal: Signal) -> ExitStatus {
        let system = processes();
        let process = system.process(self.pid()).expect("it is running");
        assert_eq!(process.kill_with(signal), Some(true));
        let ends_by = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.process.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(Instant::now() < ends_by, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It has ended already unless the test fails.
        self.process.kill().ok();
    }
}

fn processes() -> System {
    let mut system = System::new().expect("the system lists its processes");
    let what = ProcessRefreshKind::nothing();
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    system
}

/// The functions' processes; threads do not count.
fn children_of(parent: Pid) -> Vec<Pid> {
    let system = processes();
    let is_child = |process: &&sysinfo::Process| {
        process.parent() == Some(parent) && process.thread_kind().is_none()
    };
    system.processes().values().filter(is_child).map(sysinfo::Process::pid).collect()
}

fn wait_until_gone(pids: &[Pid]) {
    let gone_by = Instant::now() + PATIENCE;
    while pids.iter().any(|pid| processes().process(*pid).is_some()) {
        assert!(Instant::now() < gone_by, "a function's process is left behind");
        std::thread::sleep(Duration::from_millis(20));
    }
}

async fn assert_nothing_is_left_after(signal: Signal, code: i32) {
    let mut serving = Serving::start();
    serving.opt_out().await;
    let functions = children_of(serving.pid());
    assert!(!functions.is_empty(), "functions are processes");
    assert_eq!(serving.stop(signal).code(), Some(code));
    wait_until_gone(&functions);
}

#[tokio::test]
async fn ctrl_c_leaves_no_process_behind() {
    assert_nothing_is_left_after(Signal::Interrupt, 130).await;
}

#[tokio::test]
async fn a_request_to_terminate_leaves_no_process_behind() {
    assert_nothing_is_left_after(Signal::Term, 143).await;
}

#[tokio::test]
async fn functions_end_by_themselves_when_the_sandbox_is_killed() {
    let mut serving = Serving::start();
    serving.opt_out().await;
    let functions = children_of(serving.pid());
    serving.stop(Signal::Kill);
    wait_until_gone(&functions);
}

#[tokio::test]
async fn a_sandbox_whose_reader_has_left_goes_on_serving() {
    let mut serving = Serving::start_with(&["--logs"]);
    drop(serving.output.take());
    serving.opt_out().await;
    assert_eq!(serving.stop(Signal::Interrupt).code(), Some(130), "it did not panic");
}

#[tokio::test]
async fn two_sandboxes_run_at_once() {
    let (one, other) = (Serving::start(), Serving::start());
    assert_ne!(one.gateway, other.gateway);
    one.opt_out().await;
    other.opt_out().await;
}

#[test]
fn a_sandbox_that_serves_is_announced_until_it_ends() {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/announced");
    let announced = || {
        let files = std::fs::read_dir(format!("{folder}/cxone-outbound/sandboxes"));
        files.map_or(0, Iterator::count)
    };
    let mut serving = Serving::run(sandbox(&["serve"]).env("XDG_RUNTIME_DIR", folder));
    assert_eq!(announced(), 1);
    serving.stop(Signal::Term);
    assert_eq!(announced(), 0);
}

#[test]
fn the_environment_of_the_functions_can_be_had_in_a_file() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/sandbox.env");
    let _serving = Serving::start_with(&["--env-file", path]);
    let variables = std::fs::read_to_string(path).expect("the file is written before any output");
    for name in ["CXONE_BASE_URL", "DNC_QUEUE_URL", "AWS_ENDPOINT_URL_SQS"] {
        assert!(
            variables.lines().any(|line| line.starts_with(&format!("{name}='http://"))),
            "{name}"
        );
    }
    // One process environment cannot have the roles of seven functions.
    assert!(variables.contains("AWS_ACCESS_KEY_ID='sandbox'\n"), "{variables}");
}

#[test]
fn a_function_that_does_not_start_says_why_at_once() {
    let parameters = [("CxoneBaseUrl".to_owned(), "nowhere".to_owned())];
    let options = sandbox::Options {
        profile: sandbox::Profile::Test,
        parameters: parameters.into(),
        ..sandbox::Options::default()
    };
    let notices = tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let sandbox = sandbox::Sandbox::start(options).await.expect("it starts");
        sandbox.lambda.warm_up().await.expect("processes can be started");
        sandbox.logs.notices()
    });
    let words = "does not start (exit status: 1): Error: 1 setting is missing or malformed:";
    for function in ["dnc-batcher", "callback-intake", "campaign-scheduler", "analytics-poller"] {
        let notice = notices.iter().find(|notice| notice.function == function);
        let text = &notice.expect("it needs the address of CXone").text;
        assert!(text.starts_with(words) && text.contains("CXONE_BASE_URL"), "{text}");
    }
    assert!(!notices.iter().any(|notice| notice.function == "optout-webhook"), "{notices:?}");
}

#[test]
fn the_command_works_in_any_folder() {
    let elsewhere = std::env::temp_dir();
    let mut command = sandbox(&["event", "opt-out"]);
    let output = command.current_dir(elsewhere).env_remove("CARGO_MANIFEST_DIR").output();
    let output = output.expect("the sandbox runs");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let event: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(event["rawPath"], "/webhook/opt-out");
}

#[test]
fn a_sample_event_can_be_had_with_its_times_moved_to_now() {
    let (output, text) = run(&["event", "callback-intake/callback.json"]);
    assert_eq!(output.status.code(), Some(0));
    let event: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let body = event["body"].as_str().expect("a body");
    let body: serde_json::Value = serde_json::from_str(body).expect("JSON");
    let start = body["requestedStart"].as_str().expect("a time");
    let start: chrono::DateTime<chrono::Utc> = start.parse().expect("RFC 3339");
    assert!(start > chrono::Utc::now(), "it lay ahead when the sample was taken");
}

#[test]
fn the_journey_can_be_had_by_whoever_plays_it_elsewhere() {
    let (output, text) = run(&["journey"]);
    assert_eq!(output.status.code(), Some(0));
    let steps: Vec<serde_json::Value> = serde_json::from_str(&text).expect("JSON");
    let first = &steps[0];
    assert_eq!(first["event"], "optout-webhook/opt-out.json");
    assert_eq!(first["ends"], "listed");
    assert_eq!(first["sends"]["http"]["path"], "/webhook/opt-out");
    let of_kind = |kind| steps.iter().filter(|step| step["sends"][kind].is_object()).count();
    assert_eq!(of_kind("http") + of_kind("queue") + of_kind("schedule"), steps.len());
}

#[test]
fn the_demo_comes_out_the_same_with_the_rest_services_of_cxone() {
    let (output, text) = run(&["demo", "--cxone-api", "acd"]);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("58 of 58 events came out right."), "{text}");
}

#[test]
fn the_demo_shows_the_result_of_each_event_in_80_columns_and_succeeds() {
    let (output, text) = run(&["demo"]);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("58 of 58 events came out right."), "{text}");
    let mut rows = text.lines().skip_while(|line| !line.contains("refused-by-cxone"));
    let row = rows.next().expect("its row");
    assert!(row.contains("200 accepted") && row.ends_with("dead-lettered"), "{row}");
    assert_eq!(rows.next().expect("its second line").trim(), "refused_by_cxone");
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "too wide for a terminal: {line}");
    }
    assert!(!text.contains('\u{1b}'), "no colors where there is no terminal");
    assert!(text.contains("Next:\n\ncargo sandbox demo --keep"), "{text}");
}

#[test]
fn the_demo_ends_with_what_to_try_next_and_is_json_for_programs() {
    let (output, text) = run(&["demo", "--json", "--fault", "addToDncList:503x1"]);
    assert_eq!(output.status.code(), Some(0), "{text}");
    let results: serde_json::Value = serde_json::from_str(&text).expect("JSON and nothing else");
    let events = results["events"].as_array().expect("a list");
    assert!(events.len() == 58 && events.iter().all(|event| event["isRight"] == true), "{text}");
    assert_eq!(events[0]["event"], "optout-webhook/opt-out.json");
    assert_eq!(
        (&events[0]["reply"], &events[0]["ends"]),
        (&"200 accepted".into(), &"listed".into())
    );
    let campaigns = results["campaigns"].as_array().expect("a list");
    assert!(campaigns.iter().all(|campaign| campaign["report"].is_string()), "{campaigns:?}");
    let strike = "fault addToDncList:503x1 (strike 1, 0 left): addToDncList: answered 503";
    let problems = String::from_utf8_lossy(&output.stderr);
    assert!(problems.contains(strike), "{problems}");
}

#[test]
fn the_demo_fails_when_an_event_does_not_come_out_right() {
    let (output, text) = run(&["--fault", "addToDncList:400"]);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("cargo sandbox demo --logs"), "it says how to see why: {text}");
    let words: Vec<&str> = text.split_whitespace().collect();
    assert!(words.join(" ").contains("dead-lettered refused_by_cxone (expected listed)"), "{text}");
}

#[test]
fn a_misspelled_fault_is_explained() {
    let output = sandbox(&["--fault", "fire@5%"]).output().expect("the sandbox runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.contains("`fire@5%` is not a fault; see `cargo sandbox faults`"), "{stderr}");
    let output = sandbox(&["--fault", "addToDncLst:503"]).output().expect("the sandbox runs");
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(stderr.lines().all(|line| line.chars().count() <= 80), "{stderr}");
    let words = stderr.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("is `addToDncList` meant?") && words.contains("sendSms"), "{stderr}");
    let (_, help) = run(&["faults"]);
    assert!(help.contains("429-date=3@10%") && help.contains("PutItem"), "{help}");
}

//! The command at a terminal, which `script` of util-linux provides.

use std::io::Write as _;

use super::*;

/// Runs a shell command at a terminal of 80 columns, and returns its exit code and what it shows.
fn at_a_terminal(command: &str, variables: &[(&str, &str)]) -> (Option<i32>, String) {
    let command = format!("stty cols 80; {command}");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command", &command, "/dev/null"]);
    script.env("TERM", "xterm-256color").env_remove("NO_COLOR").env_remove("CI");
    let output = script.envs(variables.iter().copied()).stdin(Stdio::null()).output();
    let output = output.expect("util-linux is installed");
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// A journey of which nothing came about.
const NOTHING: &str = r#"{"replies":{"optout-webhook/opt-out.json":"200 accepted"},
    "aftermath":{"cxone":{"view":{"listed":[],"callbacks":[],"texts":[],"called":{}}},
    "reports":[],"campaigns":[],"delivered":[[],[],[]],"deadLetters":[]}}"#;

#[test]
fn there_are_colors_at_a_terminal_unless_they_are_not_wanted() {
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/nothing.json");
    std::fs::write(file, NOTHING).expect("it is written");
    let judge = format!("{} judge < {file}", env!("CARGO_BIN_EXE_sandbox"));
    let (code, text) = at_a_terminal(&judge, &[]);
    assert!(text.contains("\u{1b}["), "{text}");
    assert_eq!(code, Some(1), "{text}");
    for (name, value) in [("NO_COLOR", "1"), ("TERM", "dumb")] {
        let (_, text) = at_a_terminal(&judge, &[(name, value)]);
        assert!(text.contains("opt-out") && !text.contains('\u{1b}'), "{name}: {text}");
        for line in text.lines() {
            assert!(line.trim_end().chars().count() <= 80, "{name}: {line}");
        }
    }
}

#[test]
fn ctrl_c_at_a_terminal_ends_it_and_every_process_in_it() {
    let serve = format!("exec {} serve --profile test", env!("CARGO_BIN_EXE_sandbox"));
    let mut script = Command::new("script")
        .args(["--quiet", "--return", "--flush", "--command", &serve, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("util-linux is installed");
    let mut lines = BufReader::new(script.stdout.take().expect("it is piped")).lines();
    let is_ready = |line: String| line.contains("Ctrl-C ends it.");
    assert!(lines.any(|line| line.is_ok_and(is_ready)), "it says how it is ended");
    let sandboxes = children_of(Pid::from_u32(script.id()));
    let functions: Vec<Pid> = sandboxes.iter().flat_map(|pid| children_of(*pid)).collect();
    let mut keyboard = script.stdin.take().expect("it is piped");
    keyboard.write_all(b"\x03").expect("a key is pressed");
    assert_eq!(script.wait().expect("it ends").code(), Some(130));
    wait_until_gone(&[sandboxes, functions].concat());
}

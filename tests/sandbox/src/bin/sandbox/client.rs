//! `send`, `tail` and `state`: a sandbox that serves, from another terminal.

use std::{collections::BTreeMap, io, path::Path, process::ExitCode};

use anyhow::{Context, bail};
use clap::Args;
use reqwest::{Response, Url};
use sandbox::{LogFormat, LogLine, events};
use serde_json::{Value, json};

use crate::output;

/// The sandbox to work with.
#[derive(Args)]
pub(crate) struct Target {
    /// Gateway of the sandbox. Without it, the one that runs.
    #[arg(long, value_name = "URL")]
    sandbox: Option<Url>,
}

/// Options of `send`.
#[derive(Args)]
pub(crate) struct Sending {
    /// A sample of `events/`, such as `optout-webhook/opt-out` or `opt-out`, or a file like those.
    what: String,
    #[command(flatten)]
    target: Target,
}

/// Options of `tail`.
#[derive(Args)]
pub(crate) struct Tailing {
    /// Begin with the first line, not with the next.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    target: Target,
}

/// Options of `state`.
#[derive(Args)]
pub(crate) struct Asking {
    /// Print all of it as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    target: Target,
}

impl Target {
    /// URL of a path of the sandbox's controls.
    fn url(&self, path: &str) -> anyhow::Result<Url> {
        let base = match &self.sandbox {
            Some(url) => url.clone(),
            None => running_sandboxes::the_only_one()?.gateway_url.parse()?,
        };
        base.join(path).context("the address of the sandbox")
    }
}

/// Sends an event and shows the answer. A failure if it was refused.
pub(crate) async fn send(sending: &Sending) -> anyhow::Result<ExitCode> {
    let Sending { what, target } = sending;
    let (function, event) = event(what)?;
    let mut url = target.url("/sandbox/send")?;
    url.query_pairs_mut().append_pair("function", &function);
    let request = reqwest::Client::new().post(url.clone());
    let sent: Value = answered(&url, request.body(event)).await?.json().await?;
    let (text, is_taken) = shown(&sent);
    output::print(&format!("{text}\n"))?;
    Ok(if is_taken { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The event and the function that it is for.
fn event(what: &str) -> anyhow::Result<(String, String)> {
    let path = Path::new(what);
    let (path, function) = if path.is_file() {
        let folder = path.parent().and_then(Path::file_name).unwrap_or_default();
        (path.to_owned(), folder.to_string_lossy().into_owned())
    } else if let Some(sample) = events::sample(what)? {
        let function = sample.split('/').next().unwrap_or_default().to_owned();
        (sandbox::workspace_root().join("events").join(sample), function)
    } else {
        let samples = events::samples()?.join(" ").replace(".json", "");
        bail!("there is no file and no sample `{what}`\n{}", output::wrapped(&samples));
    };
    let text = std::fs::read_to_string(&path);
    Ok((function, text.with_context(|| format!("cannot read {}", path.display()))?))
}

/// What was sent and answered, and whether it was taken.
fn shown(sent: &Value) -> (String, bool) {
    let (http, queue, schedule) = (&sent["http"], &sent["queue"], &sent["schedule"]);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if http.is_object() {
        let status = http["status"].as_u64().unwrap_or_default();
        let body = if http["body"].is_null() { String::new() } else { http["body"].to_string() };
        (format!("{}: {status} {body}", text(&http["route"])), (200..300).contains(&status))
    } else if queue.is_object() {
        (format!("{}: {} in the queue", text(&queue["queue"]), queue["messages"]), true)
    } else {
        let function = text(&schedule["function"]);
        match schedule["failure"].as_str() {
            Some(failure) => (format!("{function}: {failure}"), false),
            None => (format!("{function}: {}", schedule["answer"]), true),
        }
    }
}

/// Shows the log as it comes, until the sandbox or the reader ends.
pub(crate) async fn tail(tailing: &Tailing, format: LogFormat) -> anyhow::Result<ExitCode> {
    let url = tailing.target.url(&format!("/sandbox/log?all={}", tailing.all))?;
    let mut lines = answered(&url, reqwest::Client::new().get(url.clone())).await?;
    let mut rest = Vec::new();
    // The stream breaks off when the sandbox ends.
    while let Ok(Some(chunk)) = lines.chunk().await {
        rest.extend_from_slice(&chunk);
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=end).collect();
            let line = serde_json::from_slice::<LogLine>(&line).ok();
            let Some(text) = line.and_then(|line| line.shown(format)) else { continue };
            match output::write(&(text + "\n")) {
                Err(problem) if problem.kind() == io::ErrorKind::BrokenPipe => {
                    return Ok(ExitCode::SUCCESS);
                }
                written => written?,
            }
        }
    }
    output::say("The sandbox has ended.");
    Ok(ExitCode::SUCCESS)
}

/// Shows what the sandbox holds.
pub(crate) async fn state(asking: &Asking) -> anyhow::Result<ExitCode> {
    let url = asking.target.url("/sandbox/state")?;
    let state: Value =
        answered(&url, reqwest::Client::new().get(url.clone())).await?.json().await?;
    let text =
        if asking.json { serde_json::to_string_pretty(&state)? + "\n" } else { summary(&state) };
    output::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

async fn answered(url: &Url, request: reqwest::RequestBuilder) -> anyhow::Result<Response> {
    let answer = request.send().await;
    let answer = answer
        .map_err(reqwest::Error::without_url)
        .with_context(|| format!("no sandbox answers at {}", url.origin().ascii_serialization()))?;
    if answer.status().is_success() {
        return Ok(answer);
    }
    let status = answer.status();
    match answer.text().await {
        Ok(text) if !text.is_empty() => bail!("{text}"),
        _ => bail!("the sandbox answered {status}"),
    }
}

/// The parts of the state that are not empty.
fn summary(state: &Value) -> String {
    let (clock, view) = (&state["clock"], &state["cxone"]["view"]);
    let count = |value: &Value| {
        value.as_array().map(Vec::len).or(value.as_object().map(serde_json::Map::len)).unwrap_or(0)
    };
    let now =
        clock["now"].as_str().unwrap_or_default().get(..19).unwrap_or_default().replace('T', " ");
    let mut parts = vec![format!(
        "{now} UTC by the sandbox's clock, speed {}; {} functions at work\n\
         CXone: {} numbers listed, {} callbacks, {} texts; {} runs of campaigns, {} reports\n",
        clock["speed"],
        state["invocations"],
        count(&view["listed"]),
        count(&view["callbacks"]),
        count(&view["texts"]),
        count(&state["runs"]),
        count(&state["reports"]),
    )];
    let queues = rows(&state["queues"], |counts| {
        let (waiting, in_flight) = (&counts["waiting"], &counts["inFlight"]);
        (*waiting != 0 || *in_flight != 0).then(|| vec![waiting.to_string(), in_flight.to_string()])
    });
    parts.push(part(["QUEUE", "WAITING", "IN FLIGHT"], queues));
    let one = |count: &Value| (*count != 0).then(|| vec![count.to_string()]);
    parts.push(part(["TABLE", "ITEMS", ""], rows(&state["tables"], one)));
    parts.push(part(["CALL OF CXONE", "COUNT", ""], rows(&calls(&state["cxone"]["calls"]), one)));
    let always = |count: &Value| Some(vec![count.to_string()]);
    parts.push(part(["FAULT", "STRIKES", ""], rows(&state["faults"], always)));
    parts.retain(|part| !part.is_empty());
    parts.join("\n")
}

/// Number of calls by operation.
fn calls(calls: &Value) -> Value {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for call in calls.as_array().into_iter().flatten() {
        *counts.entry(call["operation"].as_str().unwrap_or_default()).or_default() += 1;
    }
    counts.into_iter().map(|(operation, count)| (operation.to_owned(), json!(count))).collect()
}

/// A row for each member, unless it is left out.
fn rows(members: &Value, cells: impl Fn(&Value) -> Option<Vec<String>>) -> Vec<Vec<String>> {
    let members = members.as_object().into_iter().flatten();
    let row = |(name, value): (&String, &Value)| Some([vec![name.clone()], cells(value)?].concat());
    members.filter_map(row).collect()
}

fn part(heads: [&str; 3], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let [name, first, second] = heads;
    let mut table = output::table([(name, 50), (first, 10), (second, 10)]);
    table.add_rows(rows);
    table.trim_fmt() + "\n"
}

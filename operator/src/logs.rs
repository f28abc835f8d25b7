//! `outbound logs`: one event through all functions.

use anyhow::{Context, bail};
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;
use serde::{Serialize, Serializer};

use crate::{
    output::{self, Format, Outcome, Verdict, duration},
    stack::{Stack, Target, failed},
};

/// Most lines that are read.
pub(crate) const LINES_MAX: usize = 5_000;

const EXIT: &str = "\
Exit status:
  0  there are lines
  1  there are none
  2  the command cannot be run

An event has the id that its sender gave it; of a call result and a callback it is the contact's, \
of an interaction its own. A request id, or a campaign, does as well.";

/// Shows what the functions logged about one event
#[derive(Args)]
#[command(after_help = EXIT)]
pub(crate) struct Question {
    /// Id of the event, such as evt-0001
    event_id: String,

    /// How far to look back, such as 90m, 2h or 3d
    #[arg(long, value_name = "AGE", value_parser = duration, default_value = "24h")]
    since: TimeDelta,

    #[command(flatten)]
    target: Target,
}

/// One line of the log.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LogLine {
    /// Id that CloudWatch Logs gave it.
    #[serde(skip)]
    pub(crate) id: String,
    pub(crate) at: DateTime<Utc>,
    /// The line as it was written, if it is no JSON a text.
    #[serde(serialize_with = "as_json")]
    pub(crate) line: log_lines::Line,
}

fn as_json<S: Serializer>(line: &log_lines::Line, serializer: S) -> Result<S::Ok, S::Error> {
    line.as_json().serialize(serializer)
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    if question.event_id.trim().is_empty() || question.event_id.contains(['"', '\\']) {
        bail!("an event id is not empty and has no quotes");
    }
    let stack = question.target.find().await?;
    let lines = read(&stack, question, ambient::now()).await?;
    let verdict = Verdict::bad_if(lines.is_empty());
    Outcome::report(format, &lines, |lines| text(lines, question), verdict)
}

async fn read(
    stack: &Stack,
    question: &Question,
    now: DateTime<Utc>,
) -> anyhow::Result<Vec<LogLine>> {
    let lines = since(stack, Some(&question.event_id), now - question.since).await?;
    if lines.len() > LINES_MAX {
        bail!("more than {LINES_MAX} lines hold this id: shorten --since");
    }
    Ok(lines)
}

/// The lines since an instant, the earliest first: all, or those that hold a text. Reading ends
/// when there are more than [`LINES_MAX`].
pub(crate) async fn since(
    stack: &Stack,
    text: Option<&str>,
    start: DateTime<Utc>,
) -> anyhow::Result<Vec<LogLine>> {
    let client = stack.logs();
    let filter = client
        .filter_log_events()
        .log_group_name(stack.physical_id("FunctionLogs")?)
        .set_filter_pattern(text.map(|text| format!("\"{text}\"")))
        .start_time(start.timestamp_millis());
    let mut pages = filter.into_paginator().send();
    let mut lines = Vec::new();
    while lines.len() <= LINES_MAX
        && let Some(page) = pages.next().await
    {
        let page = page.map_err(|error| failed("CloudWatch Logs", &error))?;
        for event in page.events.unwrap_or_default() {
            let at = event.timestamp.and_then(DateTime::from_timestamp_millis);
            let line = log_lines::Line::read(&event.message.unwrap_or_default());
            let id = event.event_id.unwrap_or_default();
            lines.push(LogLine { id, at: at.context("a log event without a time")?, line });
        }
    }
    lines.sort_by_key(|line| line.at);
    Ok(lines)
}

fn text(lines: &[LogLine], question: &Question) -> String {
    if lines.is_empty() {
        let since = output::span(question.since);
        return format!("No line of the last {since} holds it. Look further back with --since.\n");
    }
    let mut rows = output::table(&["TIME", "FUNCTION", "LEVEL", "WHAT"]);
    for LogLine { at, line, .. } in lines {
        let level = if line.is_record() { "" } else { line.field("level") };
        rows.add_row([
            at.format("%H:%M:%S%.3f").to_string(),
            line.field("function").to_owned(),
            level.to_owned(),
            line.what(),
        ]);
    }
    let day = lines.first().map(|line| line.at.format("%Y-%m-%d").to_string()).unwrap_or_default();
    format!("Since {day}, in UTC:\n\n{}", output::show(&rows))
}

//! `demo`: the sample events from end to end.

use std::{collections::BTreeMap, io::stdin, process::ExitCode, time::Duration};

use anyhow::Context;
use comfy_table::{
    Attribute, Cell, Color, ColumnConstraint, ContentArrangement, Table, Width, presets,
};
use indicatif::{ProgressBar, ProgressStyle};
use sandbox::{
    Options, Sandbox,
    campaigns::{self, Run},
    journey::{Aftermath, Journey, Played, Result as StepResult, Step},
    receiver::Delivery,
};

/// Width of the tables, in columns: that of a plain terminal.
const WIDTH: u16 = 80;

/// Plays the journey, watches its campaigns to their end, and shows the results.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    eprintln!("Building the functions …");
    let sandbox = Sandbox::start(options).await?;
    let journey = Journey::read()?;
    journey.prepare(&sandbox);

    let progress = ProgressBar::new(journey.steps.len() as u64)
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let mut replies = BTreeMap::new();
    for step in &journey.steps {
        progress.set_message(step.event.clone());
        replies.insert(step.event.clone(), journey.send(&sandbox, step).await?);
        progress.inc(1);
    }
    progress.set_message("sent; waiting for the queues to empty");
    progress.enable_steady_tick(Duration::from_millis(200));
    Journey::wait_until_idle(&sandbox).await?;
    progress.finish_and_clear();
    watch_campaigns(&sandbox).await?;

    let played = Played { replies, aftermath: Aftermath::of(&sandbox).await? };
    let results = journey.results(&played);
    let tables = [events(&results), runs(&journey, &sandbox)?];
    println!("{}\n", tables.map(|table| table.trim_fmt()).join("\n\n"));
    Ok(verdict(&results))
}

/// Judges a journey that was played elsewhere. It is read from the standard input.
pub(crate) fn judge() -> anyhow::Result<ExitCode> {
    let journey = Journey::read()?;
    let played = serde_json::from_reader(stdin().lock()).context("no journey to judge")?;
    let results = journey.results(&played);
    println!("{}\n", events(&results).trim_fmt());
    Ok(verdict(&results))
}

/// Says how many events came out right. Success if all did.
fn verdict(results: &[(&Step, StepResult)]) -> ExitCode {
    let right = results.iter().filter(|(step, result)| step.is_fulfilled_by(result)).count();
    println!("{right} of {} events came out right.", results.len());
    if right == results.len() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Takes the campaigns to their end by a clock that is put forward, with a bar for their calls.
async fn watch_campaigns(sandbox: &Sandbox) -> anyhow::Result<()> {
    let progress =
        ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    campaigns::run_to_the_end(sandbox, |runs, now| {
        let ended = runs.iter().filter(|run| run.state != "open").count();
        progress.set_length(runs.iter().map(|run| run.expected).sum());
        progress.set_position(runs.iter().map(|run| run.completed).sum());
        progress.set_message(format!(
            "calls; {ended} of {} campaigns ended by {}",
            runs.len(),
            now.format("%A %H:%M UTC")
        ));
    })
    .await?;
    progress.finish_and_clear();
    Ok(())
}

/// Table with these columns, each with its width. Longer texts are wrapped at spaces.
fn table<const N: usize>(columns: [(&str, u16); N]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH).set_header(columns.map(|(title, _)| bold(title)));
    for (column, (_, width)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 1));
        column.set_constraint(ColumnConstraint::Absolute(Width::Fixed(width + 1)));
    }
    table
}

fn bold(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// A line per event, below the name of its function.
fn events(results: &[(&Step, StepResult)]) -> Table {
    let mut table = table([("", 1), ("EVENT", 26), ("REPLY", 24), ("ENDS", 25)]);
    let mut function = "";
    for (step, result) in results {
        let (of, event) = step.event.split_once('/').unwrap_or(("", &step.event));
        if of != function {
            function = of;
            table.add_row([Cell::new(""), bold(function)]);
        }
        let mark = if step.is_fulfilled_by(result) {
            Cell::new("✓").fg(Color::Green)
        } else {
            Cell::new("✗").fg(Color::Red)
        };
        let reply = against(result.reply.as_deref(), step.reply.as_deref());
        let ends = against(Some(&result.ending.to_string()), Some(&step.ends.to_string()));
        table.add_row([
            mark,
            Cell::new(event.trim_end_matches(".json")),
            Cell::new(reply),
            Cell::new(ends),
        ]);
    }
    table
}

/// Each campaign from its cron expression to the report of its end.
fn runs(journey: &Journey, sandbox: &Sandbox) -> anyhow::Result<Table> {
    let (crons, reports) = (journey.crons()?, sandbox.receiver.deliveries());
    let mut table = table([
        ("CAMPAIGN", 20),
        ("CRON", 12),
        ("LOCAL START", 16),
        ("ZONES", 5),
        ("CALLS", 10),
        ("REPORT", 9),
    ]);
    for run in campaigns::runs(sandbox)? {
        let Run { campaign_id, local_start, completed, expected, submitted, .. } = run;
        let cron = crons.get(&campaign_id).map_or("-", String::as_str);
        let is_about = |report: &&Delivery| {
            let data = &report.body["data"];
            data["campaignId"] == campaign_id.as_str() && data["localStart"] == local_start.as_str()
        };
        let reported =
            reports.iter().rfind(is_about).and_then(|report| report.body["event"].as_str());
        let (calls, zones) = (format!("{completed} of {expected}"), submitted.len().to_string());
        let started = local_start.replace('T', " ");
        let reported = reported.map_or("-", |event| event.trim_start_matches("campaign."));
        table.add_row([&campaign_id, cron, &started, &zones, &calls, reported]);
    }
    Ok(table)
}

/// Actual text, with the expected one if they differ.
fn against(actual: Option<&str>, expected: Option<&str>) -> String {
    let shown = |text: Option<&str>| text.unwrap_or("-").to_owned();
    if actual == expected {
        shown(actual)
    } else {
        format!("{} (expected {})", shown(actual), shown(expected))
    }
}

//! `demo`: the sample events from end to end.

use std::{collections::BTreeMap, io::stdin, process::ExitCode, time::Duration};

use anyhow::Context;
use comfy_table::{Cell, Color, Table};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use sandbox::{
    Options, Sandbox,
    campaigns::{self, Run},
    journey::{Aftermath, Journey, Played, Result as StepResult, Step},
    receiver::Delivery,
};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    output::{bold, print, say, table},
    serve,
};

const NEXT: &str = "
Next:

cargo sandbox demo --keep    plays the same, and stays up to be looked at
cargo sandbox demo --fault 'addToDncList:503x2'    with a CXone that fails twice
cargo sandbox serve --logs   takes events of your own: docs/sandbox.md
";
const AFTER_A_FAILURE: &str = "
To see why:

cargo sandbox demo --logs    shows what the functions log
cargo sandbox demo --keep    stays up; then, elsewhere: cargo outbound status --sandbox
";

/// Time for which messages are gathered: nobody who watches wants to wait for more.
const WINDOW_MAX: Duration = Duration::from_secs(1);

/// Options of `demo`.
#[derive(Default, clap::Args)]
pub(crate) struct Arguments {
    /// Stay up afterwards, as `serve` does, with all that the events left behind.
    #[arg(long)]
    keep: bool,
    /// Print the results as JSON.
    #[arg(long, conflicts_with = "keep")]
    json: bool,
}

/// Plays the journey, watches its campaigns to their end, and shows the results.
pub(crate) async fn run(arguments: &Arguments, options: Options) -> anyhow::Result<ExitCode> {
    say("Building the functions …");
    let bars = options.echo.bars.clone();
    let sandbox = Sandbox::start(Options { window_max: Some(WINDOW_MAX), ..options }).await?;
    let journey = Journey::read_for(sandbox.cxone.api())?;
    journey.prepare(&sandbox)?;
    let replies = send(&journey, &sandbox, &bars).await?;
    watch_campaigns(&sandbox, &bars).await?;

    let played = Played { replies, aftermath: Aftermath::of(&sandbox).await? };
    let results = journey.results(&played);
    let runs = Campaign::all(&journey, &sandbox)?;
    let are_right = results.iter().all(|(step, result)| step.is_fulfilled_by(result));
    if arguments.json {
        print(&(serde_json::to_string_pretty(&as_json(&results, &runs))? + "\n"))?;
    } else {
        let tables = [events(&results), campaigns(&runs)];
        print(&format!("{}\n\n", tables.map(|table| table.trim_fmt()).join("\n\n")))?;
        print(&verdict(&results))?;
    }
    if arguments.keep {
        print("\n")?;
        return serve::stay(sandbox, 0, None).await;
    }
    if !arguments.json {
        print(if are_right { NEXT } else { AFTER_A_FAILURE })?;
    }
    Ok(if are_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends the events, with a bar, and waits until nothing is on its way any more.
async fn send(
    journey: &Journey,
    sandbox: &Sandbox,
    bars: &MultiProgress,
) -> anyhow::Result<BTreeMap<String, Option<String>>> {
    let progress = bar(bars, journey.steps.len() as u64)?;
    let mut replies = BTreeMap::new();
    for step in &journey.steps {
        progress.set_message(step.event.clone());
        replies.insert(step.event.clone(), journey.send(sandbox, step).await?);
        progress.inc(1);
    }
    progress.set_message("sent; waiting for the queues to empty");
    progress.enable_steady_tick(Duration::from_millis(200));
    Journey::wait_until_idle(sandbox).await?;
    progress.finish_and_clear();
    Ok(replies)
}

fn bar(bars: &MultiProgress, length: u64) -> anyhow::Result<ProgressBar> {
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?;
    Ok(bars.add(ProgressBar::new(length).with_style(style)))
}

/// Judges a journey that was played elsewhere. It is read from the standard input.
pub(crate) fn judge() -> anyhow::Result<ExitCode> {
    let journey = Journey::read()?;
    let played = serde_json::from_reader(stdin().lock()).context("no journey to judge")?;
    let results = journey.results(&played);
    print(&format!("{}\n\n{}", events(&results).trim_fmt(), verdict(&results)))?;
    let are_right = results.iter().all(|(step, result)| step.is_fulfilled_by(result));
    Ok(if are_right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Says how many events came out right.
fn verdict(results: &[(&Step, StepResult)]) -> String {
    let right = results.iter().filter(|(step, result)| step.is_fulfilled_by(result)).count();
    format!("{right} of {} events came out right.\n", results.len())
}

/// The results for programs.
fn as_json(results: &[(&Step, StepResult)], runs: &[Campaign]) -> Value {
    let event = |(step, result): &(&Step, StepResult)| {
        json!({
            "event": step.event,
            "reply": result.reply,
            "expectedReply": step.reply,
            "ends": result.ending,
            "expectedEnds": step.ends,
            "isRight": step.is_fulfilled_by(result),
        })
    };
    json!({ "events": results.iter().map(event).collect::<Vec<_>>(), "campaigns": runs })
}

/// Takes the campaigns to their end by a clock that is put forward, with a bar for their calls.
async fn watch_campaigns(sandbox: &Sandbox, bars: &MultiProgress) -> anyhow::Result<()> {
    let progress = bar(bars, 0)?;
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

/// A campaign from its cron expression to the report of its end.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Campaign {
    #[serde(rename = "campaign")]
    id: String,
    cron: Option<String>,
    local_start: String,
    zones: usize,
    completed: u64,
    expected: u64,
    report: Option<String>,
}

impl Campaign {
    fn all(journey: &Journey, sandbox: &Sandbox) -> anyhow::Result<Vec<Self>> {
        let (crons, reports) = (journey.crons()?, sandbox.receiver.deliveries());
        let campaign = |run: Run| {
            let Run { campaign_id: id, local_start, completed, expected, .. } = run;
            let is_about = |report: &&Delivery| {
                let data = &report.body["data"];
                data["campaignId"] == id.as_str() && data["localStart"] == local_start.as_str()
            };
            let report = reports.iter().rfind(is_about);
            let report = report.and_then(|report| report.body["event"].as_str().map(str::to_owned));
            let cron = crons.get(&id).cloned();
            let zones = run.submitted.len();
            Self { id, cron, local_start, zones, completed, expected, report }
        };
        Ok(campaigns::runs(sandbox)?.into_iter().map(campaign).collect())
    }
}

/// A line per campaign.
fn campaigns(runs: &[Campaign]) -> Table {
    let mut table = table([
        ("CAMPAIGN", 20),
        ("CRON", 12),
        ("LOCAL START", 16),
        ("ZONES", 5),
        ("CALLS", 10),
        ("REPORT", 9),
    ]);
    for Campaign { id, cron, local_start, zones, completed, expected, report } in runs {
        let report = report.as_deref().map_or("-", |event| event.trim_start_matches("campaign."));
        table.add_row([
            id.as_str(),
            cron.as_deref().unwrap_or("-"),
            &local_start.replace('T', " "),
            &zones.to_string(),
            &format!("{completed} of {expected}"),
            report,
        ]);
    }
    table
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

//! `demo`: the sample events from end to end.

use std::{process::ExitCode, time::Duration};

use comfy_table::{Attribute, Cell, Color, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use sandbox::{
    Options, Sandbox,
    campaigns::{self, Run},
    journey::{Journey, Result as StepResult},
};

/// Plays the journey, watches its campaigns to their end, and shows what came of everything.
pub(crate) async fn run(options: Options) -> anyhow::Result<ExitCode> {
    eprintln!("Building the functions …");
    let sandbox = Sandbox::start(options).await?;
    let journey = Journey::read()?;
    journey.prepare(&sandbox);

    let progress = ProgressBar::new(journey.steps.len() as u64)
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let mut replies = Vec::new();
    for step in &journey.steps {
        progress.set_message(step.event.clone());
        replies.push(journey.send(&sandbox, step).await?);
        progress.inc(1);
    }
    progress.set_message("sent; waiting for the queues to empty");
    progress.enable_steady_tick(Duration::from_millis(200));
    Journey::settle(&sandbox).await?;
    progress.finish_and_clear();
    watch_campaigns(&sandbox).await?;

    let endings = journey.endings(&sandbox).await?;
    let results: Vec<StepResult> = replies
        .into_iter()
        .zip(endings)
        .map(|(reply, ending)| StepResult { reply, ending })
        .collect();
    println!("{}\n\n{}\n", events(&journey, &results), runs(&sandbox)?);
    let total = results.len();
    let right = journey.steps.iter().zip(&results).filter(|(s, r)| s.is_fulfilled_by(r)).count();
    println!("{right} of {total} events came out right.");
    Ok(if right == total { ExitCode::SUCCESS } else { ExitCode::FAILURE })
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

fn titled<const N: usize>(titles: [&str; N]) -> Table {
    let mut table = Table::new();
    let title = |title| Cell::new(title).add_attribute(Attribute::Bold);
    table.load_style(presets::NOTHING).set_header(titles.map(title));
    table
}

fn events(journey: &Journey, results: &[StepResult]) -> Table {
    let mut table = titled(["", "EVENT", "REPLY", "ENDS"]);
    for (step, result) in journey.steps.iter().zip(results) {
        let mark = if step.is_fulfilled_by(result) {
            Cell::new("✓").fg(Color::Green)
        } else {
            Cell::new("✗").fg(Color::Red)
        };
        let reply = against(result.reply.as_deref(), step.reply.as_deref());
        let ends = against(Some(&result.ending.to_string()), Some(&step.ends.to_string()));
        table.add_row([mark, Cell::new(&step.event), Cell::new(reply), Cell::new(ends)]);
    }
    table
}

fn runs(sandbox: &Sandbox) -> anyhow::Result<Table> {
    let mut table = titled(["", "CAMPAIGN", "STARTED, LOCAL TIME", "ZONES", "CALLS", "ENDED"]);
    for run in campaigns::runs(sandbox)? {
        let Run { campaign_id, local_start, state, completed, expected, submitted, .. } = run;
        let calls = format!("{completed} of {expected}");
        let zones = submitted.len().to_string();
        table.add_row([" ", &campaign_id, &local_start.replace('T', " "), &zones, &calls, &state]);
    }
    Ok(table)
}

/// What there is, and what there should be if that is something else.
fn against(actual: Option<&str>, expected: Option<&str>) -> String {
    let shown = |text: Option<&str>| text.unwrap_or("-").to_owned();
    if actual == expected {
        shown(actual)
    } else {
        format!("{} (expected {})", shown(actual), shown(expected))
    }
}

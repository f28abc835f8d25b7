//! `outbound dead-letters`: messages that a person must look at.
//!
//! All messages of a queue are received, ten at a time, and hidden meanwhile; those that stay are
//! shown again at the end. A command that is interrupted leaves them hidden for ten minutes.

mod act;
mod letter;
mod receive;
mod selection;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::{
    output::{self, Format, Outcome, Verdict},
    queues::short_name,
    stack::Target,
};
pub(crate) use act::{Report, delete, redrive};
pub(crate) use letter::Letter;
pub(crate) use receive::Received;
pub(crate) use selection::Selection;

const RULES: &str = "\
Exit status:
  0  done
  1  there are dead letters that need a person, or some could not be moved
  2  the command cannot be run

Redriving sends a message to its queue before it deletes the dead letter: if it is interrupted, \
a message may be there twice, and is processed once. `doubtful_opt_out` moves only when it is \
named by --code or --id: redriven, it is an opt-out.";

/// Lists, shows, redrives or deletes dead letters
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Lists all, or those of a queue, a code, an age
    #[command(after_help = RULES)]
    List(Listing),
    /// Shows messages in full: why they failed, and their body
    #[command(after_help = RULES)]
    Show(Listing),
    /// Sends messages to their queue again
    #[command(after_help = RULES)]
    Redrive(Redriving),
    /// Deletes messages that are dealt with
    #[command(after_help = RULES)]
    Delete(Deleting),
}

#[derive(Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Redriving {
    #[command(flatten)]
    selection: Selection,
    /// Show what would be moved, and move nothing
    #[arg(long)]
    dry_run: bool,
    /// File with a corrected body, for the one message that --id names
    #[arg(long, value_name = "FILE", requires = "id")]
    body: Option<PathBuf>,
    #[command(flatten)]
    target: Target,
}

#[derive(Args)]
pub(crate) struct Deleting {
    #[command(flatten)]
    selection: Selection,
    /// Show what would be deleted, and delete nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Delete without asking
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    target: Target,
}

pub(crate) async fn run(command: &Command, format: Format) -> anyhow::Result<Outcome> {
    let now = ambient::now();
    match command {
        Command::List(listing) => {
            let letters = look(listing).await?;
            let verdict = Verdict::bad_if(!letters.is_empty());
            Outcome::report(format, &letters, |letters| list(letters, now), verdict)
        }
        Command::Show(listing) => {
            let letters = look(listing).await?;
            let verdict = Verdict::bad_if(letters.is_empty());
            Outcome::report(format, &letters, |letters| show(letters, now), verdict)
        }
        Command::Redrive(Redriving { selection, dry_run, body, target }) => {
            selection.require_one()?;
            let body = body.as_deref().map(corrected_body).transpose()?;
            let mut received = Received::all(&target.find().await?, selection).await?;
            if *dry_run {
                return preview(received, selection, format, now).await;
            }
            if let Some(body) = &body
                && let Err(problem) = received.correct(selection, body, now)
            {
                received.release().await?;
                return Err(problem);
            }
            act::finish(format, &act::redrive(received, selection, now).await?)
        }
        Command::Delete(Deleting { selection, dry_run, yes, target }) => {
            selection.require_one()?;
            let received = Received::all(&target.find().await?, selection).await?;
            if *dry_run {
                return preview(received, selection, format, now).await;
            }
            let confirmed =
                if *yes { Ok(true) } else { act::is_confirmed(&received, selection, now) };
            if matches!(confirmed, Ok(true)) {
                return act::finish(format, &act::delete(received, selection, now).await?);
            }
            received.release().await?;
            confirmed?;
            bail!("nothing was deleted. --dry-run shows what would be, --yes deletes it");
        }
    }
}

/// A body that the functions can read.
fn corrected_body(file: &Path) -> anyhow::Result<String> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("--body {name}"))?;
    serde_json::from_str::<Value>(&text).with_context(|| format!("--body {name} is no JSON"))?;
    Ok(text)
}

/// The letters that are selected, visible again.
async fn look(listing: &Listing) -> anyhow::Result<Vec<Letter>> {
    let received = Received::all(&listing.target.find().await?, &listing.selection).await?;
    let (selected, _) = listing.selection.split(received.release().await?, ambient::now())?;
    Ok(selected)
}

async fn preview(
    received: Received,
    selection: &Selection,
    format: Format,
    now: DateTime<Utc>,
) -> anyhow::Result<Outcome> {
    let letters = received.release().await?;
    let (selected, kept) = selection.split(letters, now)?;
    let (moved, doubtful) = selection.without_doubtful(selected);
    let report = json!({ "selected": moved, "kept": kept.len() + doubtful.len() });
    let text = format!("Nothing was changed. Selected:\n\n{}", list(&moved, now));
    Outcome::report(format, &report, |_| text, Verdict::Good)
}

/// A line per letter.
fn list(letters: &[Letter], now: DateTime<Utc>) -> String {
    if letters.is_empty() {
        return "No dead letters.\n".to_owned();
    }
    let mut table = output::table(&["ID", "QUEUE", "AGE", "CODE", "WHY"]);
    for letter in letters {
        table.add_row([
            letter.short_id(),
            short_name(&letter.queue),
            &output::span(now - letter.sent_at),
            letter.code(),
            letter.error_message.as_deref().unwrap_or("received too often"),
        ]);
    }
    let count = letters.len();
    let letters = if count == 1 { "dead letter" } else { "dead letters" };
    format!(
        "{}\n{count} {letters}. Next: outbound dead-letters show --id ID\n",
        output::show(&table)
    )
}

/// Everything about each letter.
fn show(letters: &[Letter], now: DateTime<Utc>) -> String {
    if letters.is_empty() {
        return "No such dead letter.\n".to_owned();
    }
    letters.iter().map(|letter| letter.shown(now)).collect::<Vec<_>>().join("\n")
}

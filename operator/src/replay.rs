//! `outbound replay`: what was lost, put back in its queue.

use anyhow::bail;
use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use chrono::{DateTime, TimeDelta, Utc};
use clap::{Args, Subcommand};
use futures::{StreamExt, TryStreamExt, stream};
use outbound::{DncReason, DncRequest};
use platform::ledger::{Entry, State};
use serde::Serialize;

use crate::{
    output::{Format, Outcome, Verdict, duration},
    stack::{Stack, Target, failed},
};

/// Messages of one call.
const BATCH_MAX: usize = 10;
/// Calls at once.
const CALLS_MAX: usize = 8;

const RULES: &str = "\
Exit status:
  0  done
  2  the command cannot be run

Listing a number twice is harmless. CXone takes 5,000 numbers a minute.";

/// Puts back in a queue what was lost
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Queues numbers of the opt-out ledger that were never listed
    #[command(after_help = RULES)]
    Ledger(Replay),
}

#[derive(Args)]
pub(crate) struct Replay {
    /// All numbers, also those that are listed: the DNC list was lost in CXone
    #[arg(long)]
    all: bool,

    /// Also numbers that CXone refused
    #[arg(long)]
    refused: bool,

    /// Only numbers that have waited for so long, such as 90m, 2h or 3d
    #[arg(long, value_name = "AGE", value_parser = duration, default_value = "1h")]
    pending_for: TimeDelta,

    /// Count the numbers, and queue none
    #[arg(long)]
    dry_run: bool,

    #[command(flatten)]
    target: Target,
}

/// Numbers of the ledger, by what is done with them.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// Numbers that were put in the queue, or would be.
    queued: usize,
    /// Numbers that stay as they are.
    others: usize,
}

pub(crate) async fn run(command: &Command, format: Format) -> anyhow::Result<Outcome> {
    let Command::Ledger(replay) = command;
    let stack = replay.target.find().await?;
    let report = replay.run(&stack, ambient::now()).await?;
    let done = if replay.dry_run { "would be queued" } else { "are in the queue" };
    let text = |Report { queued, others }: &Report| {
        format!("{queued} numbers {done}, {others} others stay as they are.\n")
    };
    Outcome::report(format, &report, text, Verdict::Good)
}

impl Replay {
    async fn run(&self, stack: &Stack, now: DateTime<Utc>) -> anyhow::Result<Report> {
        let (client, queue) = (stack.sqs(), stack.physical_id("DncQueue")?);
        let mut report = Report::default();
        let mut pages = stack.ledger()?.pages();
        while let Some(page) = pages.next().await {
            let page = page?;
            let wanted: Vec<&Entry> = page.iter().filter(|entry| self.wants(entry, now)).collect();
            report.queued += wanted.len();
            report.others += page.len() - wanted.len();
            if !self.dry_run {
                stream::iter(wanted.chunks(BATCH_MAX))
                    .map(async |batch| send(&client, queue, batch).await)
                    .buffer_unordered(CALLS_MAX)
                    .try_collect::<()>()
                    .await?;
            }
        }
        Ok(report)
    }

    fn wants(&self, entry: &Entry, now: DateTime<Utc>) -> bool {
        let waits_since = entry.pending_since.unwrap_or(entry.first_requested_at);
        match entry.state {
            State::Pending => self.all || now - waits_since >= self.pending_for,
            State::Failed => self.all || self.refused,
            State::Listed => self.all,
        }
    }
}

/// Queues numbers as the opt-out webhook does, under the event that asked last.
async fn send(client: &Client, queue: &str, batch: &[&Entry]) -> anyhow::Result<()> {
    let mut entries = Vec::new();
    for (id, entry) in batch.iter().enumerate() {
        let request = DncRequest {
            phone_number: entry.phone_number.clone(),
            reason: DncReason::of_event_type(&entry.event_type),
            event_id: entry.latest_event_id.clone(),
            requested_at: entry.pending_since.unwrap_or(entry.latest_requested_at),
        };
        let body = serde_json::to_string(&request)?;
        let message = SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(body);
        entries.push(message.build()?);
    }
    let sent = client.send_message_batch().queue_url(queue).set_entries(Some(entries)).send().await;
    let sent = sent.map_err(|error| failed("SQS", &error))?;
    match sent.failed().first() {
        None => Ok(()),
        Some(first) => bail!(
            "SQS did not take {} of {} numbers ({}): run the command again",
            sent.failed().len(),
            batch.len(),
            first.code()
        ),
    }
}

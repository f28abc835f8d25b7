//! Moves dead letters to their queues, and deletes them.

use anyhow::bail;
use chrono::{DateTime, Utc};
use futures::{StreamExt, stream};
use serde::Serialize;

use super::{Letter, Received, Selection, list};
use crate::{
    output::{self, Format, Outcome, Verdict},
    queues::short_name,
    stack::failed,
};

/// The attribute that says how a body is encoded.
const ENCODING: &str = "body_encoding";
/// Messages that are moved at once.
const AT_ONCE: usize = 8;

/// Result of moving or deleting dead letters.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    /// Messages that were sent to their queue.
    redriven: usize,
    /// Messages that are no dead letters any more.
    deleted: usize,
    /// Messages of the same queues that were not selected.
    others: usize,
    /// Messages that need a decision each.
    doubtful: usize,
    /// Messages of scheduled events, which have no queue.
    without_queue: usize,
    /// Messages that are still dead letters, with the reason.
    failed: Vec<Failed>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Failed {
    id: String,
    queue: String,
    reason: String,
}

/// Letters by what becomes of them.
struct Sorted {
    selected: Vec<Letter>,
    others: Vec<Letter>,
    /// Selected, but not by name.
    doubtful: Vec<Letter>,
}

/// Sorts the letters; a selection that is ambiguous leaves none hidden.
async fn sort(
    received: &mut Received,
    selection: &Selection,
    now: DateTime<Utc>,
) -> anyhow::Result<Sorted> {
    let letters = std::mem::take(&mut received.letters);
    let (selected, others) = match selection.split(letters.clone(), now) {
        Ok(sorted) => sorted,
        Err(ambiguous) => {
            received.show_again(&letters.iter().collect::<Vec<_>>()).await?;
            return Err(ambiguous);
        }
    };
    let (selected, doubtful) = selection.without_doubtful(selected);
    Ok(Sorted { selected, others, doubtful })
}

/// Sends the selected letters to their queues, and deletes each only then.
pub(crate) async fn redrive(
    mut received: Received,
    selection: &Selection,
    now: DateTime<Utc>,
) -> anyhow::Result<Report> {
    let Sorted { selected, others, doubtful } = sort(&mut received, selection, now).await?;
    let has_queue = |letter: &Letter| received.queues[&letter.queue].source.is_some();
    let (moving, without_queue): (Vec<_>, Vec<_>) = selected.into_iter().partition(has_queue);
    let moved: Vec<_> = stream::iter(&moving)
        .map(async |letter| (letter, received.redrive(letter).await))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut report = Report {
        others: others.len(),
        doubtful: doubtful.len(),
        without_queue: without_queue.len(),
        ..Report::default()
    };
    let mut staying: Vec<&Letter> = others.iter().chain(&doubtful).chain(&without_queue).collect();
    for (letter, moved) in moved {
        report.redriven += usize::from(moved.is_sent);
        match moved.failure {
            None => report.deleted += 1,
            Some(reason) => {
                report.failed.push(Failed::of(letter, reason));
                staying.push(letter);
            }
        }
    }
    received.show_again(&staying).await?;
    Ok(report)
}

/// Deletes the selected letters.
pub(crate) async fn delete(
    mut received: Received,
    selection: &Selection,
    now: DateTime<Utc>,
) -> anyhow::Result<Report> {
    let Sorted { selected, others, doubtful } = sort(&mut received, selection, now).await?;
    let deleted: Vec<_> = stream::iter(&selected)
        .map(async |letter| (letter, received.delete(letter).await))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut report = Report { others: others.len(), doubtful: doubtful.len(), ..Report::default() };
    let mut staying: Vec<&Letter> = others.iter().chain(&doubtful).collect();
    for (letter, deleted) in deleted {
        match deleted {
            Ok(()) => report.deleted += 1,
            Err(reason) => {
                report.failed.push(Failed::of(letter, reason));
                staying.push(letter);
            }
        }
    }
    received.show_again(&staying).await?;
    Ok(report)
}

/// Asks whether to delete the selected letters.
pub(super) fn is_confirmed(
    received: &Received,
    selection: &Selection,
    now: DateTime<Utc>,
) -> anyhow::Result<bool> {
    let (selected, _) = selection.split(received.letters.clone(), now)?;
    let (selected, _) = selection.without_doubtful(selected);
    output::is_confirmed(&format!("{}\nDelete these?", list(&selected, now)))
}

/// How far a letter came.
struct Moved {
    is_sent: bool,
    failure: Option<String>,
}

impl Received {
    /// Gives the one letter that is selected another body.
    pub(super) fn correct(
        &mut self,
        selection: &Selection,
        body: &str,
        now: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let (selected, _) = selection.split(self.letters.clone(), now)?;
        let [selected] = &selected[..] else {
            bail!("--body is for one message; --id names {}", selected.len());
        };
        for letter in self.letters.iter_mut().filter(|letter| letter.id == selected.id) {
            body.clone_into(&mut letter.stored_body);
            letter.attributes.remove(ENCODING);
        }
        Ok(())
    }

    async fn redrive(&self, letter: &Letter) -> Moved {
        let source = self.queues[&letter.queue].source.as_deref().unwrap_or_default();
        let send = self.client.send_message().queue_url(source).message_body(&letter.stored_body);
        let send = send.set_message_attributes(Some(letter.attributes.clone()));
        if let Err(error) = send.send().await {
            let failure = Some(failed("SQS", &error).to_string());
            return Moved { is_sent: false, failure };
        }
        Moved { is_sent: true, failure: self.delete(letter).await.err() }
    }

    async fn delete(&self, letter: &Letter) -> Result<(), String> {
        let delete = self.client.delete_message().queue_url(&self.queues[&letter.queue].url);
        let deleted = delete.receipt_handle(&letter.receipt_handle).send().await;
        deleted.map(drop).map_err(|error| failed("SQS", &error).to_string())
    }
}

impl Failed {
    fn of(letter: &Letter, reason: String) -> Self {
        Self { id: letter.id.clone(), queue: letter.queue.clone(), reason }
    }
}

/// Tells a person, or a script, what was done.
pub(super) fn finish(format: Format, report: &Report) -> anyhow::Result<Outcome> {
    let is_bad = !report.failed.is_empty() || report.doubtful + report.without_queue > 0;
    Outcome::report(format, report, explain, Verdict::bad_if(is_bad))
}

fn explain(report: &Report) -> String {
    let mut text = String::new();
    let Report { redriven, deleted, others, doubtful, without_queue, failed } = report;
    for (count, what) in [
        (redriven, "sent to their queue again"),
        (deleted, "no longer among the dead letters"),
        (others, "of the same queues were not selected, and stay"),
        (doubtful, "may be opt-outs: decide on each; show, then redrive --id or delete --id"),
        (
            without_queue,
            "of scheduled events have no queue: the next one did their work; delete them",
        ),
    ] {
        if *count > 0 {
            output::line(&mut text, "", &format!("{count:>5}  {what}"));
        }
    }
    for Failed { id, queue, reason } in failed {
        let queue = short_name(queue);
        output::line(&mut text, "", &format!("{queue} {id} is still a dead letter: {reason}"));
    }
    if text.is_empty() { "No such dead letter.\n".to_owned() } else { text }
}

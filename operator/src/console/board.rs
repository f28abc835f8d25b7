//! What the page shows, section by section, and what it asks for.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context;
use outbound::E164;
use serde_json::Value;
use tokio::sync::{mpsc, oneshot, watch};

use super::changes::{Change, Named};

/// Requests that wait at once.
const JOBS_MAX: usize = 32;

/// Sections, each as JSON, by their names.
pub(super) type Sections = BTreeMap<&'static str, Arc<str>>;

/// Answer to a request, as the page may show it.
pub(super) type Reply = oneshot::Sender<anyhow::Result<Value>>;

/// What a [`super::reader::Reader`] does beside reading, one after the other: no dead letter is
/// read while it is moved.
pub(super) enum Job {
    /// Reads the sections at once.
    Look,
    /// Finds all that is stored about a number.
    Explain(E164, Reply),
    /// Changes a dead letter.
    Change(Change, Named, Reply),
}

/// The sections that were read last, and the way to the reader.
pub(super) struct Board {
    pub(super) sections: watch::Sender<Sections>,
    jobs: mpsc::Sender<Job>,
}

impl Board {
    /// A board, and the jobs for its reader.
    pub(super) fn new() -> (Self, mpsc::Receiver<Job>) {
        let (jobs, received) = mpsc::channel(JOBS_MAX);
        (Self { sections: watch::Sender::default(), jobs }, received)
    }

    /// The sections, as they change.
    pub(super) async fn subscribe(&self) -> watch::Receiver<Sections> {
        let mut sections = self.sections.subscribe();
        sections.mark_changed();
        self.look().await;
        sections
    }

    /// Has the sections read at once.
    pub(super) async fn look(&self) {
        // Without a reader the process ends.
        self.jobs.send(Job::Look).await.ok();
    }

    /// Has a job done, and returns its answer.
    pub(super) async fn ask(&self, job: impl FnOnce(Reply) -> Job) -> anyhow::Result<Value> {
        let (reply, answer) = oneshot::channel();
        // Without a reader there is no answer.
        self.jobs.send(job(reply)).await.ok();
        answer.await.context("the console has ended")?
    }
}

//! Warm invocations: one event after another, each with numbers that are new.

use std::time::Instant;

use anyhow::Context;
use axum::body::Bytes;
use sandbox::Surroundings;
use serde_json::Value;

use crate::{
    artifacts::Subject,
    process::{self, Process},
    report::{self, Row},
    statistics::milliseconds,
};

/// Events for one function.
pub(crate) struct Load {
    pub(crate) function: &'static str,
    /// Makes an event.
    pub(crate) event: fn(usize) -> Value,
    /// Invocations before the first that is measured.
    pub(crate) warm_up: usize,
}

/// A warm process and what it works with.
struct Warm<'a> {
    row: Row<'a>,
    process: Process,
    surroundings: Surroundings,
}

/// Invokes the function and its peer so many times, in turns.
pub(crate) async fn invocations<'a>(
    subjects: &'a [Subject],
    load: &Load,
    count: usize,
) -> anyhow::Result<Vec<Row<'a>>> {
    let mut all = Vec::new();
    for subject in subjects.iter().filter(|subject| subject.function.name == load.function) {
        all.push(Warm::up(subject, load).await?);
    }
    for index in load.warm_up..load.warm_up + count {
        for warm in &mut all {
            warm.invoke((load.event)(index)).await?;
        }
    }
    all.into_iter().map(Warm::finish).collect()
}

impl<'a> Warm<'a> {
    async fn up(subject: &'a Subject, load: &Load) -> anyhow::Result<Self> {
        let surroundings = Surroundings::start().await?;
        let process = Process::start(subject, &surroundings).await?;
        let row = Row::of(subject);
        let mut warm = Self { row, process, surroundings };
        for index in 0..load.warm_up {
            warm.invoke((load.event)(index)).await?;
        }
        warm.row = Row::of(subject);
        report::drain_calls(&warm.surroundings);
        Ok(warm)
    }

    async fn invoke(&mut self, event: Value) -> anyhow::Result<()> {
        let event = Bytes::from(event.to_string());
        let (started, cpu_before) = (Instant::now(), self.process.cpu_time()?);
        let answer = self.process.invoke(event).await;
        let answer = answer.with_context(|| self.row.subject.name.clone())?;
        self.row.wall_ms.push(milliseconds(started.elapsed()));
        self.row.cpu_ms.push(milliseconds(self.process.cpu_time()?.saturating_sub(cpu_before)));
        process::check(&answer)
    }

    fn finish(mut self) -> anyhow::Result<Row<'a>> {
        self.row.peak_memory_mb.push(self.process.peak_memory_mb()?);
        self.row.add_calls(report::drain_calls(&self.surroundings));
        Ok(self.row)
    }
}

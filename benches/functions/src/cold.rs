//! Cold starts: from the start of a process to its first answer.

use anyhow::Context;
use axum::body::Bytes;
use sandbox::{Surroundings, events};

use crate::{
    artifacts::Subject,
    process::{self, Process},
    report::{self, Row},
    statistics::milliseconds,
};

/// Starts every subject so many times, in turns. Each start meets empty services. The first round
/// only fills the page cache.
pub(crate) async fn starts(subjects: &[Subject], count: usize) -> anyhow::Result<Vec<Row<'_>>> {
    let mut rows: Vec<Row> = subjects.iter().map(Row::of).collect();
    for round in 0..=count {
        for row in &mut rows {
            let mut thrown_away = Row::of(row.subject);
            let row = if round == 0 { &mut thrown_away } else { row };
            start(row).await.with_context(|| row.subject.name.clone())?;
        }
    }
    Ok(rows)
}

async fn start(row: &mut Row<'_>) -> anyhow::Result<()> {
    let surroundings = Surroundings::start().await?;
    let event = Bytes::from(events::moved_to_now(row.subject.function.sample)?);
    let mut process = Process::start(row.subject, &surroundings).await?;
    let answer = process.invoke(event).await?;
    row.wall_ms.push(milliseconds(process.age()));
    row.cpu_ms.push(milliseconds(process.cpu_time()?));
    row.peak_memory_mb.push(process.peak_memory_mb()?);
    row.add_calls(report::drain_calls(&surroundings));
    process::check(&answer)?;
    process.end().await
}

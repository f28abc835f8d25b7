//! Tables of results, in Markdown.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::ensure;
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use sandbox::Surroundings;

use crate::{artifacts::Subject, statistics::Sample};

/// Calls of AWS and CXone by operation.
pub(crate) type Calls = BTreeMap<String, usize>;

/// Measurements of one subject.
pub(crate) struct Row<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) wall_ms: Sample,
    pub(crate) cpu_ms: Sample,
    pub(crate) peak_memory_mb: Sample,
    /// In all measured invocations.
    calls: Calls,
}

impl<'a> Row<'a> {
    pub(crate) fn of(subject: &'a Subject) -> Self {
        Self {
            subject,
            wall_ms: Sample::default(),
            cpu_ms: Sample::default(),
            peak_memory_mb: Sample::default(),
            calls: Calls::new(),
        }
    }

    pub(crate) fn add_calls(&mut self, calls: Calls) {
        for (operation, count) in calls {
            *self.calls.entry(operation).or_default() += count;
        }
    }

    /// Wall time, CPU time and memory in multiples of those of our function.
    fn ratios(&self, ours: &Row) -> String {
        let ratio = |sample: for<'r> fn(&'r Row<'_>) -> &'r Sample| {
            sample(self).median() / sample(ours).median()
        };
        let (wall, cpu) = (ratio(|row| &row.wall_ms), ratio(|row| &row.cpu_ms));
        format!("{wall:.1}, {cpu:.1}, {:.1}", ratio(|row| &row.peak_memory_mb))
    }

    fn calls_per_event(&self) -> String {
        let events = self.wall_ms.len();
        let per_event = |(operation, count): (&String, &usize)| match count / events {
            1 if count % events == 0 => operation.clone(),
            times if count % events == 0 => format!("{times} {operation}"),
            _ => format!("{count} in {events} {operation}"),
        };
        self.calls.iter().map(per_event).collect::<Vec<_>>().join(", ")
    }
}

/// Measurements of all subjects, a Node peer in multiples of our function.
pub(crate) fn measurements(rows: &[Row]) -> Table {
    let mut table =
        table(&["", "wall ms", "CPU ms", "peak MB", "÷ ours: wall, CPU, peak", "calls per event"]);
    for row in rows {
        let is_ours = |other: &&Row| other.subject.name == row.subject.function.name;
        let ours = rows.iter().find(is_ours).filter(|_| row.subject.runtime.is_some());
        table.add_row([
            row.subject.name.clone(),
            row.wall_ms.to_string(),
            row.cpu_ms.to_string(),
            format!("{:.1}", row.peak_memory_mb.median()),
            ours.map(|ours| row.ratios(ours)).unwrap_or_default(),
            row.calls_per_event(),
        ]);
    }
    table
}

/// Sizes of all artifacts.
pub(crate) fn sizes(subjects: &[Subject]) -> anyhow::Result<Table> {
    let mut table = table(&["", "artifact MB", "zipped MB"]);
    for subject in subjects {
        let size = fs::metadata(&subject.artifact)?.len();
        let megabytes = [size, zipped_size(&subject.artifact)?].map(megabytes);
        let [size, zipped] = megabytes.map(|size| format!("{size:.2}"));
        table.add_row([subject.name.clone(), size, zipped]);
    }
    Ok(table)
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(head);
    table
}

/// Size of a file that `gzip` compressed: an archive deflates it alike, and adds a hundred bytes.
fn zipped_size(file: &Path) -> anyhow::Result<u64> {
    let output = Command::new("gzip").arg("-9c").arg(file).stderr(Stdio::inherit()).output()?;
    ensure!(output.status.success(), "gzip fails for {}", file.display());
    Ok(output.stdout.len() as u64)
}

#[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52 bytes")]
pub(crate) fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}

/// Calls since the last time.
pub(crate) fn drain_calls(surroundings: &Surroundings) -> Calls {
    let (aws, cxone) = (surroundings.aws.drain_calls(), surroundings.cxone.drain_calls());
    aws.into_iter().chain(cxone).collect()
}

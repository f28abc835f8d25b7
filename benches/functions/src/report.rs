//! Tables of results, in Markdown.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use comfy_table::{Table, presets::ASCII_MARKDOWN};
use sandbox::{Surroundings, workspace_root};

use crate::{artifacts::Subject, statistics::Sample};

/// Where the tables stand in PERFORMANCE.md.
const BEGINNING: &str = "<!-- results of `cargo bench-functions --record` -->\n";
const END: &str = "<!-- end of the results -->";

/// Calls of AWS and CXone by operation.
pub(crate) type Calls = BTreeMap<String, usize>;

/// Measurements of one subject.
pub(crate) struct Row<'a> {
    pub(crate) subject: &'a Subject,
    name: String,
    pub(crate) wall_ms: Sample,
    pub(crate) cpu_ms: Sample,
    pub(crate) peak_memory_mb: Sample,
    /// In all measured invocations.
    calls: Calls,
}

impl<'a> Row<'a> {
    pub(crate) fn of(subject: &'a Subject) -> Self {
        Self::named(&subject.name, subject)
    }

    /// Measurements of something else than the subject does.
    pub(crate) fn named(name: &str, subject: &'a Subject) -> Self {
        Self {
            subject,
            name: name.to_owned(),
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

    /// Wall time, CPU time and memory in multiples of those of another row.
    fn ratios(&self, other: &Row) -> String {
        let ratio = |sample: for<'r> fn(&'r Row<'_>) -> &'r Sample| {
            sample(self).median() / sample(other).median()
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

/// Everything that was printed so far.
#[derive(Default)]
pub(crate) struct Results(String);

impl Results {
    /// Prints a table below its title.
    pub(crate) fn add(&mut self, title: &str, table: &Table) {
        println!("{title}\n\n{table}\n");
        self.0.extend(["\n", title, "\n\n", &table.to_string(), "\n"]);
    }

    /// Writes the tables into the document, in place of those of an earlier run.
    pub(crate) fn record(&self) -> anyhow::Result<()> {
        let path = workspace_root().join("PERFORMANCE.md");
        let document = fs::read_to_string(&path)?;
        let parts = document.split_once(BEGINNING).and_then(|(before, rest)| {
            let (_, after) = rest.split_once(END)?;
            Some((before, after))
        });
        let (before, after) = parts.context("PERFORMANCE.md has no place for results")?;
        fs::write(path, format!("{before}{BEGINNING}{}\n{END}{after}", self.0))?;
        Ok(())
    }
}

/// Measurements of all subjects, with those of Node in multiples of them.
pub(crate) fn measurements(rows: &[Row]) -> Table {
    let mut table = table(&[
        "",
        "wall ms",
        "CPU ms",
        "peak MB",
        "Node ÷ this: wall, CPU, peak",
        "calls per event",
    ]);
    let of_node = || rows.iter().filter(|row| row.subject.runtime.is_some());
    for row in rows {
        let is_peer = |other: &&Row| other.subject.function.name == row.subject.function.name;
        // A function without a peer is compared with the first one.
        let node = of_node().find(is_peer).or_else(|| of_node().next());
        let node = node.filter(|_| row.subject.runtime.is_none());
        table.add_row([
            row.name.clone(),
            row.wall_ms.to_string(),
            row.cpu_ms.to_string(),
            format!("{:.1}", row.peak_memory_mb.median()),
            node.map(|node| node.ratios(row)).unwrap_or_default(),
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

//! Tables of what was measured, in Markdown and at most 80 columns wide, and what is wrong in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use comfy_table::{Table, presets::ASCII_MARKDOWN};

use crate::{
    bounds::{self, Check, Course},
    items::Items,
    load::Times,
    processes::Measured,
};

/// Number of answers by stream and word.
pub(crate) type Answers = BTreeMap<(&'static str, String), usize>;

/// Makes the tables, and holds which of their bounds are broken.
#[derive(Debug, Default)]
pub(crate) struct Report {
    broken: Vec<String>,
}

impl Report {
    /// The bounds that are broken.
    pub(crate) fn broken(&self) -> &[String] {
        &self.broken
    }

    pub(crate) fn checks(&mut self, title: &str, checks: &[Check]) -> Table {
        let mut table = table(&[title, "expected", "found", ""]);
        for Check { what, expected, found, is_kept } in checks {
            let verdict = self.judged(what, *is_kept);
            table.add_row([*what, &expected.to_string(), &found.to_string(), verdict]);
        }
        table
    }

    /// Memory and handles of each function: means of the second and of the last quarter of the day.
    pub(crate) fn functions(&mut self, hours: &[BTreeMap<String, Measured>]) -> Table {
        let mut table = table(&["function", "MB", "later", "%", "handles", "later", ""]);
        let functions: BTreeSet<&String> = hours.iter().flat_map(BTreeMap::keys).collect();
        for function in functions {
            let measured = hours.iter().filter_map(|hour| hour.get(function)).copied();
            let course = Course::of(&measured.collect::<Vec<_>>());
            let verdict = self.judged(function, course.is_some_and(|course| course.is_flat()));
            let figures = course.map(figures).unwrap_or_default();
            table.add_row([&[function.clone()][..], &figures, &[verdict.to_owned()]].concat());
        }
        table
    }

    /// The largest items at half of the day and at its end.
    pub(crate) fn items(
        &mut self,
        half: &BTreeMap<String, Items>,
        end: &BTreeMap<String, Items>,
    ) -> Table {
        let mut table = table(&["table", "items", "largest, bytes", "at the end", ""]);
        for (name, items) in end {
            let before = half.get(name).copied().unwrap_or_default();
            let verdict = self.judged(name, bounds::are_bounded(before, *items));
            let counts = [items.count, before.largest_bytes, items.largest_bytes];
            let [count, before, largest] = counts.map(|count| count.to_string());
            table.add_row([name, &count, &before, &largest, verdict]);
        }
        table
    }

    fn judged(&mut self, what: &str, is_kept: bool) -> &'static str {
        if is_kept {
            return "ok";
        }
        self.broken.push(what.to_owned());
        "BROKEN"
    }
}

/// Figures of the load.
pub(crate) fn load(times: &Times, latencies: &[Duration]) -> Table {
    let mut table = table(&["load", ""]);
    table.add_rows(times.rows(latencies));
    table
}

/// Answers to the events of the day.
pub(crate) fn answers(title: &str, answers: &Answers) -> Table {
    let mut table = table(&[title, "answer", "times"]);
    for ((stream, word), times) in answers {
        table.add_row([*stream, word, &times.to_string()]);
    }
    let total: usize = answers.values().sum();
    table.add_row(["all", "", &total.to_string()]);
    table
}

/// Prints a table.
pub(crate) fn show(table: &Table) {
    println!("{table}\n");
}

fn figures(course: Course) -> [String; 5] {
    let Course { memory_mb, handles, .. } = course;
    [
        format!("{:.1}", memory_mb.second),
        format!("{:.1}", memory_mb.last),
        format!("{:+.1}", memory_mb.growth()),
        format!("{:.1}", handles.second),
        format!("{:.1}", handles.last),
    ]
}

fn table(head: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(ASCII_MARKDOWN).set_header(head);
    table
}

#[cfg(test)]
mod tests {
    use sysinfo::Pid;

    use super::*;

    const WIDTH: usize = 80;

    #[track_caller]
    fn assert_fits(table: &Table) {
        let text = table.to_string();
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH), "{text}");
    }

    #[test]
    fn tables_fit_into_a_terminal_and_broken_bounds_are_named() {
        let mut report = Report::default();
        let measured =
            |memory_mb| Measured { process: Pid::from_u32(1), memory_mb, handles: 1_000 };
        let hour = |hour| BTreeMap::from([("disposition-handler".to_owned(), measured(hour))]);
        assert_fits(&report.functions(&[1e3, 1e3, 2e3, 3e3].map(hour)));
        let items = |largest_bytes| Items { count: 100_000, largest_bytes };
        let items = |bytes| BTreeMap::from([("CalledPartiesTable".to_owned(), items(bytes))]);
        assert_fits(&report.items(&items(1_000), &items(400_000)));
        let check = Check::counts("contacts with their newest category", 10_000, 9_999);
        assert_fits(&report.checks("what came of them", &[check]));
        let answer = ("call results of one contact", "422 too_many_attempts".to_owned());
        assert_fits(&answers("day of 24.0 h", &Answers::from([(answer, 10_000)])));
        let broken =
            ["disposition-handler", "CalledPartiesTable", "contacts with their newest category"];
        assert_eq!(report.broken(), broken);
    }

    #[test]
    fn what_holds_is_not_broken() {
        let mut report = Report::default();
        report.checks("", &[Check::counts("dead letters", 0, 0)]);
        assert!(report.broken().is_empty());
    }
}

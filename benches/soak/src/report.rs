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

/// Prints what was measured, and holds which bounds are broken.
#[derive(Debug, Default)]
pub(crate) struct Report {
    broken: Vec<String>,
}

impl Report {
    /// The bounds that are broken.
    pub(crate) fn broken(&self) -> &[String] {
        &self.broken
    }

    pub(crate) fn load(&self, times: &Times, latencies: &[Duration]) {
        let mut table = table(&["load", ""]);
        table.add_rows(times.rows(latencies));
        println!("{table}\n");
    }

    pub(crate) fn answers(&self, title: &str, answers: &Answers) {
        let mut table = table(&[title, "answer", "times"]);
        for ((stream, word), times) in answers {
            table.add_row([*stream, word, &times.to_string()]);
        }
        let total: usize = answers.values().sum();
        table.add_row(["all", "", &total.to_string()]);
        println!("{table}\n");
    }

    pub(crate) fn checks(&mut self, title: &str, checks: &[Check]) {
        let mut table = table(&[title, "expected", "found", ""]);
        for Check { what, expected, found, is_kept } in checks {
            let verdict = self.judged(what, *is_kept);
            table.add_row([*what, &expected.to_string(), &found.to_string(), verdict]);
        }
        println!("{table}\n");
    }

    /// Memory and handles of each function: means of the second and of the last quarter of the day.
    pub(crate) fn functions(&mut self, hours: &[BTreeMap<String, Measured>]) {
        let mut table = table(&["function", "MB", "later", "%", "handles", "later", ""]);
        let functions: BTreeSet<&String> = hours.iter().flat_map(BTreeMap::keys).collect();
        for function in functions {
            let measured = hours.iter().filter_map(|hour| hour.get(function)).copied();
            let course = Course::of(&measured.collect::<Vec<_>>());
            let verdict = self.judged(function, course.is_some_and(|course| course.is_flat()));
            let figures = course.map(figures).unwrap_or_default();
            table.add_row([&[function.clone()][..], &figures, &[verdict.to_owned()]].concat());
        }
        println!("{table}\n");
    }

    /// The largest items at half of the day and at its end.
    pub(crate) fn items(&mut self, half: &BTreeMap<String, Items>, end: &BTreeMap<String, Items>) {
        let mut table = table(&["table", "items", "largest, bytes", "at the end", ""]);
        for (name, items) in end {
            let before = half.get(name).copied().unwrap_or_default();
            let verdict = self.judged(name, bounds::are_bounded(before, *items));
            let counts = [items.count, before.largest_bytes, items.largest_bytes];
            let [count, before, largest] = counts.map(|count| count.to_string());
            table.add_row([name, &count, &before, &largest, verdict]);
        }
        println!("{table}\n");
    }

    fn judged(&mut self, what: &str, is_kept: bool) -> &'static str {
        if is_kept {
            return "ok";
        }
        self.broken.push(what.to_owned());
        "BROKEN"
    }
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

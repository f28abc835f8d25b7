//! Output of the commands: tables and text for people, JSON for scripts.

use std::{
    env,
    fmt::Write as _,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use comfy_table::{Cell, Color, ContentArrangement, Table, presets};
use outbound::is_obeyed;
use serde::Serialize;
use textwrap::{Options, WordSeparator, WordSplitter, fill};

/// Columns of a pipe, and of a terminal that does not tell its width.
const COLUMNS: usize = 80;
/// Sequences around a cell in color, as the tables write them.
const COLORS: [&str; 2] = ["\u{1b}[38;5;9m", "\u{1b}[39m"];

/// Form of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// Text for people.
    Text,
    /// JSON for scripts.
    Json,
}

/// Output and exit code of a command.
pub(crate) struct Outcome {
    pub(crate) text: String,
    pub(crate) code: ExitCode,
}

/// The answer of a command to its question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All is well, or done.
    Good,
    /// Something needs a person.
    Bad,
    /// What was given cannot be judged.
    Unreadable,
}

impl Verdict {
    /// Bad if anything needs a person.
    pub(crate) fn bad_if(needs_a_person: bool) -> Self {
        if needs_a_person { Self::Bad } else { Self::Good }
    }
}

impl From<Verdict> for ExitCode {
    fn from(verdict: Verdict) -> Self {
        Self::from(match verdict {
            Verdict::Good => 0,
            Verdict::Bad => 1,
            Verdict::Unreadable => 2,
        })
    }
}

impl Outcome {
    /// A report in the form that was asked for.
    pub(crate) fn report<T: Serialize>(
        format: Format,
        report: &T,
        text: impl FnOnce(&T) -> String,
        verdict: Verdict,
    ) -> anyhow::Result<Self> {
        let text = match format {
            Format::Text => text(report),
            Format::Json => {
                serde_json::to_string_pretty(report).context("the answer is no JSON")? + "\n"
            }
        };
        Ok(Self { text, code: verdict.into() })
    }
}

/// A text with escapes for what a terminal would obey, except for lines and colors of ours: senders
/// choose ids and bodies. In JSON the escapes are those of JSON, and the value stays the same.
pub(crate) fn escaped(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let ours = COLORS.into_iter().find(|color| rest.starts_with(color));
        let piece = ours.unwrap_or(&rest[..first.len_utf8()]);
        if ours.is_none() && is_obeyed(first) && !matches!(first, '\n' | '\t') {
            // Writing to a String cannot fail. None of these characters needs a pair of escapes.
            let _ = write!(shown, "\\u{:04x}", u32::from(first));
        } else {
            shown.push_str(piece);
        }
        rest = &rest[piece.len()..];
    }
    shown
}

/// A table as wide as the terminal, or of 80 columns where there is none.
pub(crate) fn table(heads: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(columns().try_into().unwrap_or(u16::MAX))
        .set_header(heads);
    table
}

/// The text of a table, each line without blanks at its end.
pub(crate) fn show(table: &Table) -> String {
    let lines = table.lines();
    let mut text = String::new();
    for line in lines {
        text.push_str(line.strip_prefix(' ').unwrap_or(&line).trim_end());
        text.push('\n');
    }
    text
}

/// A cell that needs a person, in color where there are colors.
pub(crate) fn alert(content: impl ToString) -> Cell {
    let cell = Cell::new(content);
    if has_colors() { cell.fg(Color::Red) } else { cell }
}

/// Asks at a terminal whether to go on. Elsewhere the answer is no.
pub(crate) fn is_confirmed(question: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    eprint!("{} Type yes: ", escaped(question));
    io::stderr().flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).context("no answer")?;
    Ok(answer.trim() == "yes")
}

fn has_colors() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

fn columns() -> usize {
    Table::new().width().map_or(COLUMNS, usize::from)
}

/// Adds one wrapped paragraph. A word that is too long, such as an address, stays whole.
pub(crate) fn line(text: &mut String, indent: &str, content: &str) {
    let further = format!("{indent}  ");
    let options = Options::new(columns().min(100))
        .initial_indent(indent)
        .subsequent_indent(&further)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation);
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}", fill(content, options));
}

/// An instant in UTC, to the second.
pub(crate) fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// A span of time in its two largest units: `3 d 4 h`, `12 min`, `5 s`.
pub(crate) fn span(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let units = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];
    let first = units.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(3);
    let (unit, name) = units[first];
    let text = format!("{} {name}", seconds / unit);
    let rest = units.get(first + 1).filter(|(_, name)| *name != "s");
    match rest.map(|(smaller, name)| (seconds % unit / smaller, name)) {
        Some((count, name)) if count > 0 => format!("{text} {count} {name}"),
        _ => text,
    }
}

/// A span of time as it is written in an option: `30s`, `15m`, `2h`, `3d`.
pub(crate) fn duration(text: &str) -> Result<TimeDelta, String> {
    let unit = text.chars().last().and_then(|unit| match unit {
        's' => Some(TimeDelta::seconds(1)),
        'm' => Some(TimeDelta::minutes(1)),
        'h' => Some(TimeDelta::hours(1)),
        'd' => Some(TimeDelta::days(1)),
        _ => None,
    });
    let count =
        text.get(..text.len().saturating_sub(1)).and_then(|count| count.parse::<u16>().ok());
    match (unit, count) {
        (Some(unit), Some(count)) => Ok(unit * i32::from(count)),
        _ => Err("must be a number with s, m, h or d, such as 15m or 2d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_shown_in_its_two_largest_units() {
        for (seconds, shown) in [
            (-5, "0 s"),
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_599, "59 min"),
            (3_600, "1 h"),
            (8_100, "2 h 15 min"),
            (86_400, "1 d"),
            (273_600, "3 d 4 h"),
        ] {
            assert_eq!(span(TimeDelta::seconds(seconds)), shown);
        }
    }

    #[test]
    fn a_duration_needs_its_unit() {
        assert_eq!(duration("90s"), Ok(TimeDelta::seconds(90)));
        assert_eq!(duration("15m"), Ok(TimeDelta::minutes(15)));
        assert_eq!(duration("2h"), Ok(TimeDelta::hours(2)));
        assert_eq!(duration("3d"), Ok(TimeDelta::days(3)));
        for wrong in ["", "d", "15", "-1h", "1.5h", "99999d", "2µ"] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn nothing_that_a_sender_wrote_is_obeyed_by_the_terminal() {
        let hostile = "id\u{1b}[2J\u{1b}]52;c;bHM=\u{7}\r\u{9b}31m\u{202e}x\ny\tz";
        assert_eq!(
            escaped(hostile),
            "id\\u001b[2J\\u001b]52;c;bHM=\\u0007\\u000d\\u009b31m\\u202ex\ny\tz"
        );
        let json = serde_json::to_string_pretty(&[hostile, "\\u001b", "ü"]).expect("JSON");
        let read: Vec<String> = serde_json::from_str(&escaped(&json)).expect("JSON");
        assert_eq!(read, [hostile, "\\u001b", "ü"], "no value has changed");
    }

    #[test]
    fn the_colors_of_a_table_stay() {
        let mut table = table(&["STATE"]);
        table.enforce_styling().add_row([Cell::new("stuck").fg(Color::Red)]);
        let text = show(&table);
        assert!(text.contains(COLORS[0]) && text.contains(COLORS[1]), "{text:?}");
        assert_eq!(escaped(&text), text);
    }

    #[test]
    fn a_table_fits_the_width() {
        let mut table = table(&["ONE", "OTHER"]);
        table.add_row(["a word ".repeat(30), "another ".repeat(30)]);
        assert!(show(&table).lines().all(|line| line.chars().count() <= COLUMNS));
    }
}

//! The terminal: what is logged, shown as it comes.

use std::io::Write as _;

use anstyle::{AnsiColor, Style};
use clap::ValueEnum;
use indicatif::MultiProgress;
use log_lines::{Level, Line};

use super::{LogLine, Source};

/// Form of the functions' logs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people: the time, the function, and what happened. Idle polls are left out.
    Text,
    /// As the functions write them.
    Json,
}

/// What is shown on standard error as it comes: nothing, unless it is asked for.
#[derive(Debug, Clone, Default)]
pub struct Echo {
    /// Form of the functions' logs; without one they are not shown.
    pub logs: Option<LogFormat>,
    /// True to show the notices of the sandbox: faults that strike, functions that do not start.
    pub notices: bool,
    /// Progress bars that make way for a line.
    pub bars: MultiProgress,
}

impl Echo {
    pub(super) fn show(&self, line: &LogLine) {
        let format = match (line.source, self.logs) {
            (Source::Sandbox, _) if self.notices => LogFormat::Text,
            (Source::Function, Some(format)) => format,
            _ => return,
        };
        if let Some(text) = line.shown(format) {
            // A terminal that is gone is no reason to end, nor to panic.
            let write = || writeln!(anstream::stderr().lock(), "{text}").ok();
            self.bars.suspend(write);
        }
    }
}

impl LogLine {
    /// The line in this form; `None` for one that says nothing to a person.
    pub fn shown(&self, format: LogFormat) -> Option<String> {
        let Self { function, text, at, .. } = self;
        if self.source == Source::Platform {
            return None;
        }
        if format == LogFormat::Json {
            return Some(format!("{function}: {text}"));
        }
        let line = Line::read(text);
        if line.is_idle() || text.trim().is_empty() {
            return None;
        }
        let (style, label) = if self.source == Source::Sandbox {
            (AnsiColor::Cyan.on_default(), "")
        } else {
            match line.level() {
                Level::Plain => (Style::new(), ""),
                Level::Warning => (AnsiColor::Yellow.on_default(), "WARN "),
                Level::Error => (AnsiColor::Red.on_default(), "ERROR "),
            }
        };
        Some(format!("{} {function} {style}{label}{line}{style:#}", at.format("%H:%M:%S")))
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn line(text: &str, source: Source) -> LogLine {
        let at = DateTime::from_timestamp(1_772_426_812, 0).expect("a time");
        LogLine { function: "dnc-batcher".to_owned(), text: text.to_owned(), at, source }
    }

    fn plain(line: &LogLine) -> Option<String> {
        line.shown(LogFormat::Text).map(|text| anstream::adapter::strip_str(&text).to_string())
    }

    #[test]
    fn a_line_has_its_time_its_function_and_what_happened() {
        let record = r#"{"_aws":{},"outcome":"completed","numbers_listed":1,"cxone_calls":1}"#;
        let shown = plain(&line(record, Source::Function)).expect("it is shown");
        assert_eq!(shown, "04:46:52 dnc-batcher 1 number listed (1 call)");
        let warning = r#"{"level":"WARN","message":"numbers go back to the queue"}"#;
        let shown = plain(&line(warning, Source::Function)).expect("it is shown");
        assert_eq!(shown, "04:46:52 dnc-batcher WARN numbers go back to the queue");
        let shown = plain(&line("does not start", Source::Sandbox)).expect("it is shown");
        assert_eq!(shown, "04:46:52 dnc-batcher does not start");
    }

    #[test]
    fn idle_polls_are_left_out_except_in_json() {
        let poll = r#"{"_aws":{},"function":"analytics-poller","outcome":"polled"}"#;
        assert_eq!(plain(&line(poll, Source::Function)), None);
        let shown = line(poll, Source::Function).shown(LogFormat::Json).expect("it is shown");
        assert_eq!(shown, format!("dnc-batcher: {poll}"));
    }

    #[test]
    fn reports_of_lambda_are_not_shown() {
        let report = line("REPORT RequestId: a\tMax Memory Used: 12 MB", Source::Platform);
        for format in [LogFormat::Text, LogFormat::Json] {
            assert_eq!(report.shown(format), None);
        }
    }
}

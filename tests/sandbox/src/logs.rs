//! Everything the functions wrote to their standard output and error, and notices of the sandbox
//! about itself between the lines.

mod echo;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    sync::watch,
    task::JoinHandle,
};

pub use echo::{Echo, LogFormat};

/// The log of all functions, in the order the lines came.
pub struct Logs {
    lines: Mutex<Vec<LogLine>>,
    /// Number of lines, for those who wait for more.
    count: watch::Sender<usize>,
    echo: Echo,
}

/// One line a function wrote, or a notice.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogLine {
    /// Name of the function; of a notice, the part of the sandbox that it comes from.
    pub function: String,
    /// The line, without its end.
    pub text: String,
    /// Time at which it came.
    pub at: DateTime<Utc>,
    /// Where it comes from.
    pub source: Source,
}

/// Where a line of the log comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Source {
    /// The function wrote it.
    Function,
    /// Lambda reports an invocation, which CloudWatch Logs alone shows.
    Platform,
    /// The sandbox writes about itself.
    Sandbox,
}

impl Default for Logs {
    fn default() -> Self {
        Self::new(Echo::default())
    }
}

impl Logs {
    pub(crate) fn new(echo: Echo) -> Self {
        Self { lines: Mutex::default(), count: watch::Sender::new(0), echo }
    }

    /// All lines of functions so far.
    pub fn lines(&self) -> Vec<LogLine> {
        self.of(&[Source::Function])
    }

    /// All notices so far.
    pub fn notices(&self) -> Vec<LogLine> {
        self.of(&[Source::Sandbox])
    }

    /// What CloudWatch Logs holds: the lines of functions, and Lambda's reports.
    pub(crate) fn of_cloudwatch(&self) -> Vec<LogLine> {
        self.of(&[Source::Function, Source::Platform])
    }

    fn of(&self, sources: &[Source]) -> Vec<LogLine> {
        self.all().iter().filter(|line| sources.contains(&line.source)).cloned().collect()
    }

    /// Lines and notices from a position on; waits for the first of them.
    pub(crate) async fn since(&self, position: usize) -> Vec<LogLine> {
        let mut count = self.count.subscribe();
        // The sender lives as long as this does.
        count.wait_for(|count| *count > position).await.ok();
        self.all().get(position..).unwrap_or_default().to_vec()
    }

    /// Number of lines and notices so far.
    pub(crate) fn position(&self) -> usize {
        *self.count.borrow()
    }

    /// Adds a line, as a function writes it.
    pub fn add(&self, function: &str, text: String) {
        self.push(function, text, Source::Function);
    }

    /// Adds a notice of the sandbox.
    pub(crate) fn notice(&self, from: &str, text: String) {
        self.push(from, text, Source::Sandbox);
    }

    /// Adds Lambda's report of an invocation.
    pub fn report(&self, function: &str, text: String) {
        self.push(function, text, Source::Platform);
    }

    fn push(&self, function: &str, text: String, source: Source) {
        let line = LogLine { function: function.to_owned(), text, at: Utc::now(), source };
        self.echo.show(&line);
        let mut lines = self.all();
        lines.push(line);
        self.count.send_replace(lines.len());
    }

    /// Collects a stream of a process until it ends, and returns its last lines.
    pub(crate) fn collect(
        self: &Arc<Self>,
        function: &str,
        stream: impl AsyncRead + Unpin + Send + 'static,
    ) -> JoinHandle<Vec<String>> {
        const KEPT: usize = 20;
        let logs = Arc::clone(self);
        let function = function.to_owned();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            let mut last = Vec::new();
            while let Ok(Some(line)) = lines.next_line().await {
                if last.len() == KEPT {
                    last.remove(0);
                }
                last.push(line.clone());
                logs.add(&function, line);
            }
            last
        })
    }

    fn all(&self) -> MutexGuard<'_, Vec<LogLine>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Everything the functions wrote to their standard output and error.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    task::JoinHandle,
};

/// The log of all functions, in the order the lines came.
#[derive(Default)]
pub struct Logs {
    lines: Mutex<Vec<LogLine>>,
    echoed: bool,
}

/// One line a function wrote.
#[derive(Debug, Clone)]
pub struct LogLine {
    /// Name of the function.
    pub function: String,
    /// The line, without its end.
    pub text: String,
}

impl Logs {
    pub(crate) fn new(echoed: bool) -> Self {
        Self { lines: Mutex::default(), echoed }
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<LogLine> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, function: &str, text: String) {
        if self.echoed {
            eprintln!("{function}: {text}");
        }
        let line = LogLine { function: function.to_owned(), text };
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
    }

    /// Collects a stream of a process until it ends.
    pub(crate) fn collect(
        self: &Arc<Self>,
        function: &str,
        stream: impl AsyncRead + Unpin + Send + 'static,
    ) -> JoinHandle<()> {
        let logs = Arc::clone(self);
        let function = function.to_owned();
        tokio::spawn(async move {
            let mut lines = BufReader::new(stream).lines();
            while let Ok(Some(line)) = lines.next_line().await {
                logs.add(&function, line);
            }
        })
    }
}

//! A signal that asks the command to end.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use tokio::{
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};

use super::finding::Findings;

/// Why something is not checked.
pub(super) const INTERRUPTED: &str = "interrupted";

/// Whether Ctrl-C or SIGTERM has come. What was begun is then put back before the command ends.
#[derive(Debug)]
pub(super) struct Interrupt {
    has_come: Arc<AtomicBool>,
    watch: Option<JoinHandle<()>>,
}

impl Interrupt {
    /// Watches for signals from now on, which no longer end the process by themselves.
    pub(super) fn watched() -> Self {
        let has_come = Arc::new(AtomicBool::default());
        let signals =
            signal(SignalKind::interrupt()).ok().zip(signal(SignalKind::terminate()).ok());
        let watch = signals.map(|(mut interrupt, mut terminate)| {
            let has_come = Arc::clone(&has_come);
            tokio::spawn(async move {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                has_come.store(true, Ordering::Relaxed);
                eprintln!("Interrupted: what was written is being put back.");
            })
        });
        Self { has_come, watch }
    }

    /// Returns whether a check may begin. If not, the findings say why.
    pub(super) fn lets_begin(&self, check: &'static str, findings: &mut Findings) -> bool {
        let has_come = self.has_come();
        if has_come {
            findings.not_checked(check, INTERRUPTED);
        }
        !has_come
    }

    pub(super) fn has_come(&self) -> bool {
        self.has_come.load(Ordering::Relaxed)
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        if let Some(watch) = &self.watch {
            watch.abort();
        }
    }
}

//! One process of a function, from its start to its end.

use std::{
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use axum::body::Bytes;
use tokio::{
    process::{Child, Command},
    sync::{mpsc, oneshot, watch},
    task::JoinHandle,
};

use super::{
    FunctionSpec, report,
    runtime_api::{Invocation, Registration, Replied, RuntimeApi},
};
use crate::logs::Logs;

/// One process of a function. It is killed when this is dropped.
pub(super) struct Instance {
    invocations: mpsc::Sender<Invocation>,
    has_exited: watch::Receiver<bool>,
    /// Dropping it ends the process.
    kill: Option<oneshot::Sender<()>>,
    registration: Registration,
    process: Option<u32>,
}

impl Instance {
    pub(super) fn start(
        spec: &FunctionSpec,
        api: &Arc<RuntimeApi>,
        logs: &Arc<Logs>,
    ) -> anyhow::Result<Self> {
        let (registration, invocations) = api.register(&spec.name);
        let mut child = Command::new(&spec.executable)
            .env_clear()
            .env("AWS_LAMBDA_FUNCTION_NAME", &spec.name)
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", spec.memory_size.to_string())
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .env("AWS_LAMBDA_RUNTIME_API", registration.endpoint())
            .envs(&spec.environment)
            // AWS selects the role by it.
            .env("AWS_ACCESS_KEY_ID", &spec.name)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", spec.executable.display()))?;
        let process = child.id();
        let stdout = child.stdout.take().map(|stream| logs.collect(&spec.name, stream));
        let stderr = child.stderr.take().map(|stream| logs.collect(&spec.name, stream));
        let (kill, killed) = oneshot::channel();
        let (exit, has_exited) = watch::channel(false);
        let watched = Watched {
            function: spec.name.clone(),
            output: [stdout, stderr],
            has_started: registration.has_started(),
            logs: Arc::clone(logs),
        };
        tokio::spawn(watched.until_it_ends(child, killed, exit));
        Ok(Self { invocations, has_exited, kill: Some(kill), registration, process })
    }

    /// Ends when the process asks for its first event, or has ended before.
    pub(super) async fn started(&mut self) {
        let mut has_started = self.registration.has_started();
        tokio::select! {
            // An error means that its endpoint is gone.
            _ = has_started.wait_for(|started| *started) => {}
            () = self.exited() => {}
        }
    }

    /// Hands an event over. The answer never comes when the process ends first.
    pub(super) fn invoke(
        &self,
        payload: Bytes,
        timeout: Duration,
    ) -> anyhow::Result<oneshot::Receiver<Replied>> {
        let (reply, replied) = oneshot::channel();
        let invocation = Invocation { payload, timeout, reply };
        self.invocations.try_send(invocation).context("the process is busy or gone")?;
        Ok(replied)
    }

    /// The most memory that the process has used so far, in MB, where the system says.
    pub(super) fn memory_used(&self) -> Option<u64> {
        self.process.and_then(report::memory_used)
    }

    pub(super) fn is_alive(&self) -> bool {
        !*self.has_exited.borrow()
    }

    /// Ends when the process has.
    pub(super) async fn exited(&mut self) {
        // An error means that the watcher is gone, and the process with it.
        self.has_exited.wait_for(|exited| *exited).await.ok();
    }

    /// Kills the process and waits until it is gone.
    pub(super) async fn end(&mut self) {
        self.kill.take();
        self.exited().await;
    }
}

/// A process that is watched until its end.
struct Watched {
    function: String,
    output: [Option<JoinHandle<Vec<String>>>; 2],
    has_started: watch::Receiver<bool>,
    logs: Arc<Logs>,
}

impl Watched {
    async fn until_it_ends(
        self,
        mut child: Child,
        killed: oneshot::Receiver<()>,
        exit: watch::Sender<bool>,
    ) {
        tokio::select! {
            status = child.wait() => {
                let has_started = *self.has_started.borrow();
                if let Some(status) = status.ok().filter(|_| !has_started) {
                    self.report(status).await;
                }
            }
            _ = killed => {
                // It may have ended by itself a moment ago: then there is nothing left to kill.
                child.kill().await.ok();
            }
        }
        exit.send_replace(true);
    }

    /// Shows the last words of a process that ended before it asked for an event.
    async fn report(self, status: ExitStatus) {
        let Self { function, output, logs, .. } = self;
        let mut words = Vec::new();
        for lines in output.into_iter().flatten() {
            words.extend(lines.await.unwrap_or_default());
        }
        if words.is_empty() {
            words.push("it said nothing".to_owned());
        }
        logs.notice(&function, format!("does not start ({status}): {}", words.join("\n  ")));
    }
}

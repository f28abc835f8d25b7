//! One process of a function, from its start to its end.

use std::{process::Stdio, sync::Arc, time::Duration};

use anyhow::Context;
use axum::body::Bytes;
use tokio::{
    process::{Child, Command},
    sync::{mpsc, oneshot, watch},
};

use super::{
    FunctionSpec,
    runtime_api::{Invocation, Registration, Reply, RuntimeApi},
};
use crate::logs::Logs;

/// One process of a function. It is killed when this is dropped.
pub(super) struct Instance {
    invocations: mpsc::Sender<Invocation>,
    has_exited: watch::Receiver<bool>,
    /// Dropping it ends the process.
    kill: Option<oneshot::Sender<()>>,
    _registration: Registration,
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
        if let Some(stdout) = child.stdout.take() {
            logs.collect(&spec.name, stdout);
        }
        if let Some(stderr) = child.stderr.take() {
            logs.collect(&spec.name, stderr);
        }
        let (kill, killed) = oneshot::channel();
        let (exit, has_exited) = watch::channel(false);
        tokio::spawn(watch_over(child, killed, exit));
        Ok(Self { invocations, has_exited, kill: Some(kill), _registration: registration })
    }

    /// Hands an event over. The answer never comes when the process ends first.
    pub(super) fn invoke(
        &self,
        payload: Bytes,
        timeout: Duration,
    ) -> anyhow::Result<oneshot::Receiver<Reply>> {
        let (reply, replied) = oneshot::channel();
        let invocation = Invocation { payload, timeout, reply };
        self.invocations.try_send(invocation).context("the process is busy or gone")?;
        Ok(replied)
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

async fn watch_over(mut child: Child, killed: oneshot::Receiver<()>, exit: watch::Sender<bool>) {
    tokio::select! {
        _ = child.wait() => {}
        _ = killed => {
            // It may have ended by itself a moment ago: then there is nothing left to kill.
            child.kill().await.ok();
        }
    }
    exit.send_replace(true);
}

//! The operator's console on a sandbox: `outbound console` as a process of its own.

use std::process::Stdio;

use anyhow::Context;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{Sandbox, binaries};

/// A console that runs. It ends when this is dropped.
pub struct Console {
    /// The line that it prints, with its address.
    pub introduction: String,
    _process: Child,
}

impl Console {
    /// Starts the console of a sandbox, and waits for its address. Port 0 takes a free one.
    pub async fn start(sandbox: &Sandbox, port: u16) -> anyhow::Result<Self> {
        let profile = sandbox.profile;
        let executable =
            tokio::task::spawn_blocking(move || binaries::operator_command(profile)).await??;
        let mut process = Command::new(&executable)
            .arg("console")
            .arg(format!("--sandbox={}", sandbox.gateway_url))
            .arg(format!("--port={port}"))
            // It ends with the pipe, and so with this process, however that ends.
            .arg("--until-input-ends")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("cannot start {}", executable.display()))?;
        let output = process.stdout.take().context("the console has no output")?;
        let introduction = BufReader::new(output).lines().next_line().await?;
        let introduction = introduction.context("the console did not start")?;
        Ok(Self { introduction, _process: process })
    }
}

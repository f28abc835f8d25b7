//! The functions' binaries, built by cargo from this workspace.

use std::{
    collections::BTreeMap,
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use serde::Deserialize;

/// Where this workspace lies.
pub fn workspace_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// How the functions are compiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Profile {
    /// Quick to build, as for the tests.
    #[default]
    Dev,
    /// As deployed.
    Release,
}

/// A line of cargo's JSON output.
#[derive(Deserialize)]
struct CargoMessage {
    executable: Option<PathBuf>,
    target: Option<CargoTarget>,
}

#[derive(Deserialize)]
struct CargoTarget {
    name: String,
}

/// Builds binaries and returns where each lies. Cargo's progress goes to standard error.
pub(crate) fn build(
    names: &[String],
    profile: Profile,
) -> anyhow::Result<BTreeMap<String, PathBuf>> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace_root())
        // The whole workspace, so that features are the same as in the build of this sandbox,
        // and nothing is compiled twice.
        .args(["build", "--workspace", "--bins", "--message-format", "json-render-diagnostics"])
        .stderr(Stdio::inherit());
    if profile == Profile::Release {
        command.arg("--release");
    }
    let output = command.output().context("cannot run cargo")?;
    ensure!(output.status.success(), "the functions do not build");
    let executable = |line: &str| {
        let message: CargoMessage = serde_json::from_str(line).ok()?;
        Some((message.target?.name, message.executable?))
    };
    let built: BTreeMap<_, _> =
        String::from_utf8_lossy(&output.stdout).lines().filter_map(executable).collect();
    for name in names {
        ensure!(built.contains_key(name), "the workspace has no binary `{name}`");
    }
    Ok(built)
}

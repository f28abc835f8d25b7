//! The functions' binaries, built by cargo from this workspace.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    env,
    path::PathBuf,
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use anyhow::{Context, ensure};
use clap::ValueEnum;
use serde::Deserialize;

/// Folder of this workspace, from Cargo at run time: the path at compile time is wrong once the
/// checkout has been moved.
pub fn workspace_root() -> PathBuf {
    let compiled_in = || env!("CARGO_MANIFEST_DIR").into();
    let package: PathBuf = env::var_os("CARGO_MANIFEST_DIR").map_or_else(compiled_in, Into::into);
    let root = package.ancestors().find(|folder| folder.join("template.yaml").exists());
    root.map_or(package.clone(), PathBuf::from)
}

/// Cargo profile of the functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, ValueEnum)]
pub enum Profile {
    /// Quick to build.
    #[default]
    Dev,
    /// Optimized, as they are deployed.
    Release,
    /// As `cargo test --workspace` builds them: what it has built is not compiled again.
    Test,
}

/// A line of cargo's JSON output.
#[derive(Deserialize)]
struct CargoMessage {
    executable: Option<PathBuf>,
    target: Option<CargoTarget>,
    profile: Option<CargoProfile>,
}

#[derive(Deserialize)]
struct CargoTarget {
    name: String,
}

#[derive(Deserialize)]
struct CargoProfile {
    test: bool,
}

/// Path of each binary, by name.
type Executables = BTreeMap<String, PathBuf>;

/// Builds the workspace's binaries, once in the life of this process.
pub(crate) fn build(profile: Profile) -> anyhow::Result<Executables> {
    static BUILT: Mutex<BTreeMap<Profile, Executables>> = Mutex::new(BTreeMap::new());
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    match built.entry(profile) {
        Entry::Occupied(executables) => Ok(executables.get().clone()),
        Entry::Vacant(place) => Ok(place.insert(run_cargo(profile)?).clone()),
    }
}

/// Path of the operator's command.
pub(crate) fn operator_command(profile: Profile) -> anyhow::Result<PathBuf> {
    build(profile)?.remove("outbound").context("the workspace has no binary `outbound`")
}

/// Cargo's progress goes to standard error.
fn run_cargo(profile: Profile) -> anyhow::Result<Executables> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .current_dir(workspace_root())
        // The whole workspace, so that features are the same as in the build of this sandbox,
        // and nothing is compiled twice.
        .args(["build", "--workspace", "--bins", "--message-format", "json-render-diagnostics"])
        .args(match profile {
            Profile::Dev => None,
            Profile::Release => Some("--release"),
            // Tests ask for features of their own, and get them in every crate they share.
            Profile::Test => Some("--tests"),
        })
        .stderr(Stdio::inherit());
    let output = command.output().context("cannot run cargo")?;
    ensure!(output.status.success(), "the functions do not build");
    let executable = |line: &str| {
        let message: CargoMessage = serde_json::from_str(line).ok()?;
        // The tests of a binary are a binary of the same name.
        let is_itself = !message.profile?.test;
        is_itself.then_some((message.target?.name, message.executable?))
    };
    Ok(String::from_utf8_lossy(&output.stdout).lines().filter_map(executable).collect())
}

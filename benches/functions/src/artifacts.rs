//! Programs that are measured: the functions as they are deployed, the Node peers, and the floor.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, ensure};
use sandbox::workspace_root;
use serde_json::Value;

/// Functions of the template, each with a sample event.
pub(crate) const FUNCTIONS: [Function; 7] = [
    Function { name: "optout-webhook", sample: "optout-webhook/opt-out.json" },
    Function { name: "dnc-batcher", sample: "dnc-batcher/queued-numbers.json" },
    Function { name: "callback-intake", sample: "callback-intake/callback.json" },
    Function {
        name: "campaign-scheduler",
        sample: "campaign-scheduler/contacts-in-the-request.json",
    },
    Function { name: "analytics-poller", sample: "analytics-poller/poll.json" },
    Function { name: "disposition-handler", sample: "disposition-handler/qualified-lead.json" },
    Function { name: "interaction-router", sample: "interaction-router/voice.json" },
];
/// Functions that have a peer for Node.
const PEERS: [&str; 2] = ["optout-webhook", "dnc-batcher"];
/// The function that does nothing. It gets the events of the first one.
const FLOOR: &str = "hello-world";

/// A function of the template.
#[derive(Clone, Copy)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    /// Its first event, below `events/`.
    pub(crate) sample: &'static str,
}

/// A program that is measured in the place of a function.
pub(crate) struct Subject {
    /// Its name in the tables.
    pub(crate) name: String,
    /// The function whose environment and events it gets.
    pub(crate) function: Function,
    /// The file that is deployed.
    pub(crate) artifact: PathBuf,
    /// The Node script that the artifact runs in.
    pub(crate) runtime: Option<PathBuf>,
}

/// Builds the functions with these names, or all if there are none, the floor and, if there is
/// Node, the peers.
pub(crate) fn build(names: &[String]) -> anyhow::Result<Vec<Subject>> {
    let is_wanted =
        |function: &Function| names.is_empty() || names.iter().any(|name| name == function.name);
    let functions: Vec<Function> = FUNCTIONS.into_iter().filter(is_wanted).collect();
    let programs = functions.iter().map(|function| (function.name, *function));
    let programs: Vec<_> = programs.chain([(FLOOR, FUNCTIONS[0])]).collect();
    let executables = release_build(programs.iter().map(|program| program.0))?;
    let ours = |(name, function): (&str, Function)| {
        let artifact = executables.iter().find(|path| path.ends_with(name));
        let artifact = artifact.with_context(|| format!("cargo built no {name}"))?.clone();
        Ok(Subject { name: name.to_owned(), function, artifact, runtime: None })
    };
    let mut subjects = programs.into_iter().map(ours).collect::<anyhow::Result<Vec<_>>>()?;
    match build_peers() {
        Ok(node) => subjects.extend(functions.into_iter().filter_map(|it| peer(it, &node))),
        Err(error) => eprintln!("measuring without the Node peers: {error:#}"),
    }
    Ok(subjects)
}

fn peer(function: Function, node: &Path) -> Option<Subject> {
    PEERS.contains(&function.name).then(|| Subject {
        name: format!("{} (Node)", function.name),
        function,
        artifact: node.join("dist").join(function.name).with_extension("cjs"),
        runtime: Some(node.join("runtime.mjs")),
    })
}

/// Builds binaries as they are deployed and returns their paths. The packages are always the same,
/// and so are the features of what they share: none that only tests or the sandbox ask for.
fn release_build<'a>(binaries: impl Iterator<Item = &'a str>) -> anyhow::Result<Vec<PathBuf>> {
    let packages = FUNCTIONS.iter().map(|function| function.name).chain([FLOOR]);
    let output = Command::new("cargo")
        .current_dir(workspace_root())
        .args(["build", "--release", "--message-format", "json-render-diagnostics"])
        .args(packages.flat_map(|package| ["--package", package]))
        .args(binaries.flat_map(|binary| ["--bin", binary]))
        .stderr(Stdio::inherit())
        .output()
        .context("cannot run cargo")?;
    ensure!(output.status.success(), "the functions do not build");
    let messages = String::from_utf8_lossy(&output.stdout);
    Ok(messages.lines().filter_map(executable).collect())
}

/// The binary that one of cargo's messages is about.
fn executable(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    message["executable"].as_str().map(PathBuf::from)
}

/// Bundles the peers and returns their folder.
fn build_peers() -> anyhow::Result<PathBuf> {
    let folder = fs::canonicalize(workspace_root().join("benches/node"))?;
    for arguments in [["ci", "--silent"], ["run", "build"]] {
        let output = Command::new("npm").current_dir(&folder).args(arguments).output();
        let output = output.context("cannot run npm")?;
        let errors = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "npm {}: {errors}", arguments.join(" "));
    }
    Ok(folder)
}

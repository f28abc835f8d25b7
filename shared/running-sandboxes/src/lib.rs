//! Sandboxes that run on this machine: `cargo sandbox serve` announces itself, and the command
//! `outbound` finds it.
//!
//! Each sandbox has a file of its own in a folder of the user, and holds a lock on it as long as it
//! runs. The system releases the lock however the process ends, so a file that can be locked is
//! stale. A process id would not do: another process gets the same one some day.

use std::{
    env,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
    process,
};

use serde::{Deserialize, Serialize};

/// A sandbox that runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunningSandbox {
    /// Base URL of its gateway, which answers calls of AWS as well.
    pub gateway_url: String,
    /// Its process.
    pub process_id: u32,
}

/// The announcement of a sandbox; it ends when this is dropped.
#[derive(Debug)]
pub struct Announcement {
    path: PathBuf,
    /// Keeps the lock.
    _file: File,
}

/// Announces the sandbox of this process.
pub fn announce(gateway_url: &str) -> io::Result<Announcement> {
    announce_in(&folder()?, gateway_url)
}

/// All sandboxes that run now. Files of those that ended without removing theirs are removed.
pub fn running() -> io::Result<Vec<RunningSandbox>> {
    running_in(&folder()?)
}

/// Why there is no single sandbox to work with.
#[derive(Debug, thiserror::Error)]
pub enum NotOne {
    /// The announcements cannot be read.
    #[error("running sandboxes cannot be listed")]
    Unlisted(#[from] io::Error),
    /// None runs.
    #[error("no sandbox runs; start one: cargo sandbox serve")]
    Absent,
    /// Several run.
    #[error("several sandboxes run; choose: {}", choices(.0))]
    Several(Vec<RunningSandbox>),
}

fn choices(running: &[RunningSandbox]) -> String {
    let options = running.iter().map(|it| format!("--sandbox={}", it.gateway_url));
    options.collect::<Vec<_>>().join(", ")
}

/// The only sandbox that runs.
pub fn the_only_one() -> Result<RunningSandbox, NotOne> {
    only(running()?)
}

fn only(mut running: Vec<RunningSandbox>) -> Result<RunningSandbox, NotOne> {
    match (running.pop(), running.is_empty()) {
        (None, _) => Err(NotOne::Absent),
        (Some(one), true) => Ok(one),
        (Some(last), false) => {
            running.push(last);
            Err(NotOne::Several(running))
        }
    }
}

/// The folder of this user: the one for the time of a login, where there is one.
fn folder() -> io::Result<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_RUNTIME_DIR")
        .or_else(|| set("XDG_CACHE_HOME"))
        .or_else(|| env::home_dir().map(|home| home.join(".cache")));
    let base = base.ok_or_else(|| io::Error::other("there is no home folder"))?;
    Ok(base.join("cxone-outbound").join("sandboxes"))
}

fn announce_in(folder: &Path, gateway_url: &str) -> io::Result<Announcement> {
    fs::create_dir_all(folder)?;
    let process_id = process::id();
    // A process may hold several sandboxes, each at a port of its own.
    let port = gateway_url.rsplit(':').next().unwrap_or_default();
    let path = folder.join(format!("{process_id}-{port}.json"));
    let unfinished = path.with_extension("new");
    let file = File::create(&unfinished)?;
    // Before it has its name: without a lock it would be taken for stale.
    file.lock()?;
    let sandbox = RunningSandbox { gateway_url: gateway_url.to_owned(), process_id };
    fs::write(&unfinished, serde_json::to_vec(&sandbox)?)?;
    fs::rename(&unfinished, &path)?;
    Ok(Announcement { path, _file: file })
}

fn running_in(folder: &Path) -> io::Result<Vec<RunningSandbox>> {
    let files = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        files => files?,
    };
    let mut running = Vec::new();
    for path in files.map(|file| file.map(|file| file.path())) {
        let path = path?;
        if path.extension().is_some_and(|extension| extension == "json") {
            running.extend(read(&path)?);
        }
    }
    running.sort();
    Ok(running)
}

/// The sandbox of a file, unless it has ended.
fn read(path: &Path) -> io::Result<Option<RunningSandbox>> {
    let file = match File::open(path) {
        // It ended just now.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Ok(serde_json::from_slice(&fs::read(path)?).ok()),
        Err(TryLockError::Error(error)) => Err(error),
        Ok(()) => {
            // Another reader may have removed it.
            fs::remove_file(path).ok();
            Ok(None)
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // What cannot be removed is stale, and recognized as such.
        fs::remove_file(&self.path).ok();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GATEWAY: &str = "http://127.0.0.1:9000";

    #[test]
    fn a_sandbox_is_found_from_its_announcement_to_its_end() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(running_in(&folder.path().join("none")).expect("no sandbox"), []);
        let announcement = announce_in(folder.path(), GATEWAY).expect("it is announced");
        let expected = RunningSandbox { gateway_url: GATEWAY.into(), process_id: process::id() };
        assert_eq!(running_in(folder.path()).expect("one sandbox"), [expected]);
        drop(announcement);
        assert_eq!(running_in(folder.path()).expect("no sandbox"), []);
    }

    #[test]
    fn one_that_runs_needs_no_name_and_of_several_each_is_offered() {
        let at = |port: u16| RunningSandbox {
            gateway_url: format!("http://127.0.0.1:{port}"),
            process_id: 1,
        };
        assert_eq!(only(vec![at(9000)]).expect("it is the only one"), at(9000));
        let none = only(Vec::new()).expect_err("none runs").to_string();
        assert_eq!(none, "no sandbox runs; start one: cargo sandbox serve");
        let several = only(vec![at(9000), at(9001)]).expect_err("two run").to_string();
        assert_eq!(
            several,
            "several sandboxes run; choose: --sandbox=http://127.0.0.1:9000, \
             --sandbox=http://127.0.0.1:9001"
        );
    }

    #[test]
    fn a_file_that_a_killed_sandbox_left_is_recognized_and_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let stale = folder.path().join("1-9000.json");
        let left = RunningSandbox { gateway_url: GATEWAY.into(), process_id: 1 };
        fs::write(&stale, serde_json::to_vec(&left).expect("JSON")).expect("it is written");
        assert_eq!(running_in(folder.path()).expect("none runs"), []);
        assert!(!stale.exists());
    }
}

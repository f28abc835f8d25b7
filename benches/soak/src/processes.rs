//! Memory and file handles of the functions' processes.

use std::{collections::BTreeMap, ffi::OsStr};

use anyhow::Context;
use sysinfo::{Pid, Process, ProcessRefreshKind, ProcessesToUpdate, System, UpdateKind};

/// A process of a function at one time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Measured {
    pub(crate) process: Pid,
    /// Resident memory.
    pub(crate) memory_mb: f64,
    /// Open files, sockets among them.
    pub(crate) handles: u32,
}

/// The functions' processes, by function. There is one of each.
pub(crate) fn measure() -> anyhow::Result<BTreeMap<String, Measured>> {
    let mut system = System::new().context("the system does not list its processes")?;
    let what = ProcessRefreshKind::nothing().with_memory().with_exe(UpdateKind::Always);
    system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
    let own = sysinfo::get_current_pid().map_err(anyhow::Error::msg)?;
    let is_child =
        |process: &&Process| process.parent() == Some(own) && process.thread_kind().is_none();
    system.processes().values().filter(is_child).filter_map(measured).collect()
}

/// `None` for one that has just ended.
fn measured(process: &Process) -> Option<anyhow::Result<(String, Measured)>> {
    // The name of a process is cut off.
    let function = process.exe()?.file_name().and_then(OsStr::to_str)?.to_owned();
    let handles = process.open_files().and_then(|count| u32::try_from(count).ok());
    let handles = handles.context("the system does not count open files");
    Some(handles.map(|handles| {
        #[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
        let memory_mb = process.memory() as f64 / 1e6;
        (function, Measured { process: process.pid(), memory_mb, handles })
    }))
}

//! What Lambda writes about an invocation: how long it took, and how much memory the process used.

use std::{fs, time::Duration};

use uuid::Uuid;

/// Kilobytes of a megabyte.
const MB: u64 = 1024;

/// Report of an invocation.
pub(super) struct Report {
    pub(super) request_id: Uuid,
    pub(super) duration: Duration,
    /// Memory that the function may use, in MB.
    pub(super) memory_size: u32,
    /// The most that its process has used so far, in MB.
    pub(super) memory_used: u64,
}

impl Report {
    /// The line, as Lambda writes it.
    pub(super) fn line(&self) -> String {
        let Self { request_id, duration, memory_size, memory_used } = self;
        let (ms, billed) = (duration.as_secs_f64() * 1e3, duration.as_micros().div_ceil(1000));
        format!(
            "REPORT RequestId: {request_id}\tDuration: {ms:.2} ms\tBilled Duration: {billed} ms\t\
             Memory Size: {memory_size} MB\tMax Memory Used: {memory_used} MB\t"
        )
    }
}

/// The most memory that a process has used so far, in MB, rounded up. `None` where the system does
/// not say: Linux alone does.
pub(super) fn memory_used(process: u32) -> Option<u64> {
    in_status(&fs::read_to_string(format!("/proc/{process}/status")).ok()?)
}

fn in_status(status: &str) -> Option<u64> {
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = peak.trim().strip_suffix("kB")?.trim_end().parse().ok()?;
    Some(kilobytes.div_ceil(MB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_a_process_is_read_from_its_status() {
        let status =
            "Name:\toptout-webhook\nVmPeak:\t  999999 kB\nVmHWM:\t   12289 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(in_status(status), Some(13));
        for other in ["", "VmHWM:\n", "VmHWM: 12 MB\n", "VmRSS: 12 kB\n"] {
            assert_eq!(in_status(other), None, "{other}");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_that_this_process_touches_counts() {
        const MEGABYTES: usize = 64;
        let touched = vec![1_u8; MEGABYTES << 20];
        let used = memory_used(std::process::id()).expect("Linux says it");
        assert!(used >= MEGABYTES as u64, "{used} MB of {} bytes", touched.len());
        assert_eq!(memory_used(u32::MAX), None, "there is no such process");
    }

    #[test]
    fn the_line_is_as_lambda_writes_it() {
        let report = Report {
            request_id: Uuid::nil(),
            duration: Duration::from_micros(14_591),
            memory_size: 256,
            memory_used: 31,
        };
        let line = "REPORT RequestId: 00000000-0000-0000-0000-000000000000\tDuration: 14.59 ms\t\
                    Billed Duration: 15 ms\tMemory Size: 256 MB\tMax Memory Used: 31 MB\t";
        assert_eq!(report.line(), line);
    }
}

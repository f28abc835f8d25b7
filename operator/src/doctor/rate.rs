//! Whether the tenant limits requests: many cheap reads, which end with the first that is refused.

use std::time::Duration;

use ambient::Instant;
use chrono::TimeDelta;
use cxone::{Error, Inspection, Probe, Seen};
use futures::{StreamExt as _, stream};

use super::{
    finding::Finding,
    interrupt::{INTERRUPTED, Interrupt},
};
use crate::{output::span, tenant::deadline};

/// Reads: those of half a minute.
const READS: u64 = 600;
/// Pause between two.
pub(super) const PAUSE: Duration = Duration::from_millis(50);
/// Most that are under way.
const AT_ONCE: usize = 20;

pub(super) async fn check(
    inspection: Inspection<'_>,
    pause: Duration,
    interrupt: &Interrupt,
) -> Finding {
    const CHECK: &str = "reads";
    let begun = Instant::now();
    let reads = stream::iter(1..=READS).then(async |read| {
        tokio::time::sleep(pause).await;
        read
    });
    let answers = reads
        .map(async |read| (read, inspection.probe(Probe::Cheap, deadline()).await))
        .buffer_unordered(AT_ONCE);
    let answers = answers.filter_map(async |(read, answer)| {
        let interrupted = || Finding::not_checked(CHECK, INTERRUPTED);
        interrupt.has_come().then(interrupted).or_else(|| ended(read, answer))
    });
    let refused = Box::pin(answers).next().await;
    let took = TimeDelta::from_std(begun.elapsed()).unwrap_or_default();
    refused.unwrap_or_else(|| {
        Finding::ok(CHECK, format!("{READS} in {}, and none was refused", span(took)))
    })
}

/// What ends the reads, if this answer does.
fn ended(read: u64, answer: Result<Seen, Error>) -> Option<Finding> {
    const CHECK: &str = "reads";
    match answer {
        Ok(seen) if seen.is_success() => None,
        Ok(seen) if seen.status == 429 => {
            let limits = match &seen.limits[..] {
                [] => "no header tells for how long".to_owned(),
                limits => limits.join(", "),
            };
            Some(Finding::look(CHECK, format!("read {read} is refused with 429: {limits}")))
        }
        Ok(seen) => Some(Finding::look(CHECK, format!("read {read} fails: {seen}"))),
        Err(error) => Some(Finding::look(CHECK, format!("read {read} fails: {error}"))),
    }
}

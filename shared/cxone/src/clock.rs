//! Time that passes while the process is frozen.
//!
//! Lambda freezes a process between invocations, and its monotonic clock may stop with it: what was
//! ten seconds old may still seem so a day later. The wall clock goes on, but it may be set back.
//! So elapsed time is that of the clock that has moved further.

use std::time::{Duration, SystemTime};

use ambient::Instant;

/// Reading of the monotonic and the wall clock.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timestamp {
    monotonic: Instant,
    wall: SystemTime,
}

impl Timestamp {
    pub(crate) fn now() -> Self {
        Self { monotonic: Instant::now(), wall: ambient::system_time() }
    }

    /// Time since `earlier`, by the clock that shows more.
    pub(crate) fn since(self, earlier: Self) -> Duration {
        self.monotonic_since(earlier).max(self.wall_since(earlier))
    }

    /// Time since `earlier` by the clock that may stop.
    pub(crate) fn monotonic_since(self, earlier: Self) -> Duration {
        self.monotonic.saturating_duration_since(earlier.monotonic)
    }

    /// Time since `earlier` by the clock that may be set back.
    fn wall_since(self, earlier: Self) -> Duration {
        self.wall.duration_since(earlier.wall).unwrap_or_default()
    }
}

#[cfg(test)]
impl Timestamp {
    /// A later reading in a process that runs.
    pub(crate) fn after(self, time: Duration) -> Self {
        Self { monotonic: self.monotonic + time, wall: self.wall + time }
    }

    /// A later reading in a process whose monotonic clock was stopped.
    pub(crate) fn thawed_after(self, time: Duration) -> Self {
        Self { wall: self.wall + time, ..self }
    }

    /// The same reading after the wall clock was set back.
    pub(crate) fn set_back_by(self, time: Duration) -> Self {
        Self { wall: self.wall - time, ..self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn time_passes_whichever_clock_stops_or_is_set_back(
            ran_ms in 0_u64..1_000_000,
            frozen_ms in 0_u64..1_000_000,
            set_back_ms in 0_u64..1_000_000,
        ) {
            let [ran, frozen, set_back] =
                [ran_ms, frozen_ms, set_back_ms].map(Duration::from_millis);
            let start = Timestamp::now();
            prop_assert_eq!(start.after(ran).thawed_after(frozen).since(start), ran + frozen);
            prop_assert_eq!(start.after(ran).set_back_by(set_back).since(start), ran);
            prop_assert_eq!(start.since(start.after(ran)), Duration::ZERO);
        }
    }
}

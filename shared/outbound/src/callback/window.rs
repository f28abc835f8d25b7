//! The stretch of time in which a customer wants to be called.

use chrono::{DateTime, TimeDelta, Utc};

/// The shortest window. Within less, an outage of minutes would miss the customer.
const LENGTH_MIN: TimeDelta = TimeDelta::hours(1);
/// The longest window a customer can be asked to wait in.
const LENGTH_MAX: TimeDelta = TimeDelta::hours(4);

/// One to four hours. The start belongs to it, the end does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    start: DateTime<Utc>,
    end: DateTime<Utc>,
}

impl Window {
    /// The window from `start` to `end`.
    pub fn new(start: DateTime<Utc>, end: DateTime<Utc>) -> Result<Self, InvalidWindow> {
        let length = end - start;
        if length <= TimeDelta::zero() {
            Err(InvalidWindow::EndsBeforeItStarts)
        } else if (LENGTH_MIN..=LENGTH_MAX).contains(&length) {
            Ok(Self { start, end })
        } else {
            Err(InvalidWindow::Length)
        }
    }

    /// The first instant in it.
    pub fn start(&self) -> DateTime<Utc> {
        self.start
    }

    /// The first instant after it.
    pub fn end(&self) -> DateTime<Utc> {
        self.end
    }
}

/// Reason why two instants are not a valid window. The texts speak of the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWindow {
    /// The end is the start, or lies before it.
    #[error("must be after requestedStart")]
    EndsBeforeItStarts,
    /// It is too short or too long.
    #[error("must be 1 to 4 hours after requestedStart")]
    Length,
}

//! What goes wrong, how often, and until when. All of it follows from the seed.

use std::time::Duration;

use fastrand::Rng;

/// Rates of faults of a run: none at all, rare, common, a storm.
const LEVELS: [f64; 5] = [0.0, 0.01, 0.04, 0.12, 0.3];
/// Of so many runs, one has no faults.
const CALM_ONE_OF: u8 = 8;
/// Longest latency of a call without a fault, in milliseconds.
const LATENCY_MS_MAX: u64 = 40;

/// Crashes right after a booking, in multiples of other crashes.
const BOOKING_CRASHES: f64 = 8.0;

/// Fate of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is answered.
    Answered,
    /// There is no connection.
    NotSent,
    /// It is answered with a refusal, without effect.
    Refused(u16),
    /// It has an effect, and its answer is lost.
    AnswerLost,
    /// It has an effect, after the caller has given up.
    Late,
    /// It has an effect, and is answered with a page of a proxy.
    OddAnswer,
    /// The caller dies before it has an effect.
    CrashBefore,
    /// The caller dies after it had an effect.
    CrashAfter,
}

/// Faults of one run.
#[derive(Debug)]
pub(crate) struct Weather {
    /// Rate of faults of calls to AWS, before they end.
    aws: f64,
    /// Rate of faults of calls to CXone.
    cxone: f64,
    /// Rate of crashes at a call.
    crashes: f64,
    /// Rate of messages that are delivered twice, or visible too early.
    pub(crate) duplicates: f64,
    /// Rate of instances whose clock is wrong, or steps.
    pub(crate) clocks: f64,
    /// Receives before a message is moved to the dead letters, if fewer than the template has.
    pub(crate) receives_max: Option<u32>,
    /// Outage of CXone, from and until.
    outage: Option<(Duration, Duration)>,
    /// Time after which nothing goes wrong any more.
    pub(crate) ends_at: Duration,
}

impl Weather {
    pub(crate) fn of(random: &mut Rng) -> Self {
        let is_calm = random.u8(..CALM_ONE_OF) == 0;
        let mut level = || LEVELS[random.usize(..LEVELS.len())];
        let duplicates = level();
        let mut level = || if is_calm { 0.0 } else { level() };
        let (aws, cxone, crashes, clocks) = (level() / 2.0, level(), level() / 4.0, level());
        let ends_at = Duration::from_secs(random.u64(600..5_400));
        let outage = (!is_calm && random.u8(..4) == 0).then(|| {
            let from = Duration::from_secs(random.u64(..1_200));
            (from, from + Duration::from_secs(random.u64(60..3_600)))
        });
        let receives_max = (!is_calm && random.u8(..5) == 0).then(|| random.u32(2..8));
        Self { aws, cxone, crashes, duplicates, clocks, receives_max, outage, ends_at }
    }

    /// Fate of a call to an AWS service.
    pub(crate) fn aws_fate(&self, at: Duration, random: &mut Rng) -> Fate {
        if at >= self.ends_at {
            return Fate::Answered;
        }
        if let Some(crash) = self.crash(random) {
            return crash;
        }
        if random.f64() >= self.aws {
            return Fate::Answered;
        }
        match random.u8(..6) {
            0 => Fate::NotSent,
            1 => Fate::Late,
            2 | 3 => Fate::AnswerLost,
            4 => Fate::Refused(500),
            _ => Fate::Refused(400),
        }
    }

    /// Returns whether the caller dies right after CXone booked a callback. It is the moment that
    /// matters most, so it is more common than other crashes.
    pub(crate) fn strikes_booking(&self, at: Duration, random: &mut Rng) -> bool {
        at < self.ends_at && random.f64() < self.crashes * BOOKING_CRASHES
    }

    /// Fate of a call to CXone, or to a receiver of webhooks.
    pub(crate) fn http_fate(&self, at: Duration, random: &mut Rng) -> Fate {
        if at >= self.ends_at {
            return Fate::Answered;
        }
        if let Some(crash) = self.crash(random) {
            return crash;
        }
        if self.outage.is_some_and(|(from, until)| (from..until).contains(&at)) {
            return [Fate::Refused(503), Fate::NotSent, Fate::Late][random.usize(..3)];
        }
        if random.f64() >= self.cxone {
            return Fate::Answered;
        }
        match random.u8(..8) {
            0 => Fate::NotSent,
            1 => Fate::Late,
            2 | 3 => Fate::AnswerLost,
            4 => Fate::Refused(429),
            5 => Fate::Refused([500, 503, 408, 401][random.usize(..4)]),
            6 => Fate::OddAnswer,
            _ => Fate::Refused(502),
        }
    }

    fn crash(&self, random: &mut Rng) -> Option<Fate> {
        let strikes = random.f64() < self.crashes;
        strikes.then(|| if random.bool() { Fate::CrashBefore } else { Fate::CrashAfter })
    }
}

/// Latency of a call.
pub(crate) fn latency(random: &mut Rng) -> Duration {
    Duration::from_millis(random.u64(1..LATENCY_MS_MAX))
}

//! The sandbox's clock. It starts with the real time, can run faster and be put forward, and never
//! goes back.

use std::time::Duration;

use ambient::Instant;
use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::watch, time};

/// A clock that many can share.
pub struct Clock {
    pace: watch::Sender<Pace>,
}

/// Time at the last change of the clock, and its speed since.
#[derive(Clone, Copy)]
struct Pace {
    touched: Instant,
    shown: DateTime<Utc>,
    speed: f64,
}

impl Default for Clock {
    fn default() -> Self {
        let pace = Pace { touched: Instant::now(), shown: ambient::now(), speed: 1.0 };
        Self { pace: watch::Sender::new(pace) }
    }
}

impl Clock {
    /// Current time.
    pub fn now(&self) -> DateTime<Utc> {
        // Under the lock: the clock cannot change after the real time is read.
        self.pace.borrow().now()
    }

    /// Seconds that it advances in a real one.
    pub fn speed(&self) -> f64 {
        self.pace.borrow().speed
    }

    /// Has it run faster or slower from now on. It never runs slower than real time.
    pub fn set_speed(&self, speed: f64) -> anyhow::Result<()> {
        ensure!(speed.is_finite() && speed >= 1.0, "speed must be a number of at least 1");
        self.touch(|pace| pace.speed = speed);
        Ok(())
    }

    /// Puts it forward. A negative time changes nothing.
    pub fn advance(&self, by: TimeDelta) {
        self.touch(|pace| pace.shown = later(pace.shown, by.max(TimeDelta::zero())));
    }

    /// Puts it forward to an instant. One that has passed changes nothing.
    pub fn advance_to(&self, at: DateTime<Utc>) {
        self.touch(|pace| pace.shown = pace.shown.max(at));
    }

    /// Waits until it shows an instant, whatever is done to it meanwhile.
    pub async fn reach(&self, at: DateTime<Utc>) {
        let mut pace = self.pace.subscribe();
        loop {
            let current = *pace.borrow_and_update();
            let Some(wait) = current.wait_for(at) else { return };
            tokio::select! {
                () = time::sleep(wait) => {}
                _ = pace.changed() => {}
            }
        }
    }

    fn touch(&self, change: impl FnOnce(&mut Pace)) {
        self.pace.send_modify(|pace| {
            let touched = Instant::now();
            *pace = Pace { touched, shown: pace.at(touched), speed: pace.speed };
            change(pace);
        });
    }
}

impl Pace {
    fn now(&self) -> DateTime<Utc> {
        self.at(Instant::now())
    }

    fn at(&self, real: Instant) -> DateTime<Utc> {
        let seconds = real.duration_since(self.touched).as_secs_f64() * self.speed;
        let passed = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
        later(self.shown, TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX))
    }

    /// Real time until a future instant.
    fn wait_for(&self, at: DateTime<Utc>) -> Option<Duration> {
        let ahead = (at - self.now()).to_std().ok()?;
        (!ahead.is_zero()).then(|| ahead.div_f64(self.speed))
    }
}

/// The calendar has an end, and the clock stops there.
fn later(instant: DateTime<Utc>, by: TimeDelta) -> DateTime<Utc> {
    instant.checked_add_signed(by).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: TimeDelta = TimeDelta::days(1);

    #[test]
    fn it_starts_with_the_real_time_at_real_speed() {
        let before = Utc::now();
        let clock = Clock::default();
        assert!(clock.now() >= before);
        assert!(clock.now() < before + DAY);
        assert!((clock.speed() - 1.0).abs() < f64::EPSILON);
    }

    #[test]
    fn it_is_put_forward_and_never_back() {
        let clock = Clock::default();
        let start = clock.now();
        clock.advance(DAY);
        assert!(clock.now() >= start + DAY);
        clock.advance(-DAY);
        clock.advance_to(start);
        assert!(clock.now() >= start + DAY);
        clock.advance_to(start + DAY * 2);
        assert!(clock.now() >= start + DAY * 2);
    }

    #[test]
    fn a_speed_below_one_or_beyond_numbers_is_refused() {
        let clock = Clock::default();
        clock.set_speed(60.0).expect("a speed");
        for speed in [0.99, 0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(clock.set_speed(speed).is_err(), "{speed}");
        }
        assert!((clock.speed() - 60.0).abs() < f64::EPSILON);
    }

    #[test]
    fn it_stops_at_the_end_of_the_calendar() {
        let clock = Clock::default();
        clock.set_speed(f64::MAX).expect("a speed");
        clock.advance(TimeDelta::MAX);
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC);
    }

    #[tokio::test]
    async fn what_has_passed_is_reached_at_once() {
        let clock = Clock::default();
        clock.reach(clock.now()).await;
        clock.reach(DateTime::UNIX_EPOCH).await;
    }

    #[tokio::test]
    async fn whoever_waits_notices_that_it_is_put_forward() {
        let clock = Clock::default();
        let at = clock.now() + DAY;
        tokio::join!(clock.reach(at), async {
            clock.advance(DAY / 2);
            tokio::task::yield_now().await;
            clock.advance_to(at);
        });
        assert!(clock.now() >= at);
    }

    #[tokio::test]
    async fn whoever_waits_notices_that_it_runs_faster() {
        let clock = Clock::default();
        let at = clock.now() + DAY;
        tokio::join!(clock.reach(at), async { clock.set_speed(1e9).expect("a speed") });
        assert!(clock.now() >= at);
    }

    #[derive(Debug, Clone)]
    enum Touch {
        Speed(f64),
        Advance(i64),
        AdvanceTo(i64),
    }

    fn touches() -> impl Strategy<Value = Vec<Touch>> {
        let touch = prop_oneof![
            any::<f64>().prop_map(Touch::Speed),
            (1.0..1e6).prop_map(Touch::Speed),
            any::<i64>().prop_map(Touch::Advance),
            (-100_000_i64..100_000).prop_map(Touch::Advance),
            any::<i64>().prop_map(Touch::AdvanceTo),
        ];
        proptest::collection::vec(touch, 0..50)
    }

    proptest! {
        #[test]
        fn it_never_goes_back_whatever_is_done_to_it(touches in touches()) {
            let clock = Clock::default();
            let mut seen = clock.now();
            for touch in touches {
                match touch {
                    Touch::Speed(speed) => drop(clock.set_speed(speed)),
                    Touch::Advance(seconds) => {
                        clock.advance(TimeDelta::try_seconds(seconds).unwrap_or_default());
                    }
                    Touch::AdvanceTo(seconds) => {
                        clock.advance_to(DateTime::from_timestamp(seconds, 0).unwrap_or_default());
                    }
                }
                let now = clock.now();
                prop_assert!(now >= seen, "{seen} came before {now}");
                seen = now;
            }
        }
    }
}

#![doc = include_str!("../README.md")]

mod network;

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use uuid::{Builder, Uuid};

pub use network::{Exchange, Network, Unanswered};
/// Monotonic clock: tokio's, so that a paused runtime stops it.
pub use tokio::time::Instant;

tokio::task_local! {
    static AMBIENCE: Ambience;
}

/// Wall clock.
pub fn now() -> DateTime<Utc> {
    AMBIENCE.try_with(Ambience::now).unwrap_or_else(|_| Utc::now())
}

/// Wall clock, as the standard library represents it.
pub fn system_time() -> SystemTime {
    now().into()
}

/// Random id (UUID version 4).
pub fn id() -> Uuid {
    AMBIENCE.try_with(Ambience::id).unwrap_or_else(|_| Uuid::new_v4())
}

/// Random number from 0 to 1, to spread retries. It is not unpredictable.
pub fn chance() -> f64 {
    rng().f64()
}

/// Random generator for a task that needs many numbers. It is not unpredictable.
pub fn rng() -> Rng {
    AMBIENCE.try_with(Ambience::fork).unwrap_or_default()
}

/// The network of a simulated process. `None` outside a simulation, and in one without a network.
pub fn network() -> Option<Arc<dyn Network>> {
    AMBIENCE.try_with(|ambience| ambience.network.clone()).ok().flatten()
}

/// Clock, ids, randomness and network of one simulated process. A clone is the same process.
#[derive(Debug, Clone)]
pub struct Ambience {
    /// Start of the clock; none if it is stopped.
    started: Option<Instant>,
    started_at: DateTime<Utc>,
    random: Arc<Mutex<Rng>>,
    network: Option<Arc<dyn Network>>,
}

impl Ambience {
    /// Simulated process whose wall clock shows `started_at` now.
    pub fn new(started_at: DateTime<Utc>, seed: u64) -> Self {
        let random = Arc::new(Mutex::new(Rng::with_seed(seed)));
        Self { started: Some(Instant::now()), started_at, random, network: None }
    }

    /// The same process, whose requests go to `network`.
    #[must_use]
    pub fn on(self, network: Arc<dyn Network>) -> Self {
        Self { network: Some(network), ..self }
    }

    /// The same process with a wall clock that was set forward, or back.
    #[must_use]
    pub fn shifted(self, by: TimeDelta) -> Self {
        Self { started_at: self.started_at + by, ..self }
    }

    /// The same process with a wall clock that stands still.
    #[must_use]
    pub fn stopped(self) -> Self {
        Self { started: None, ..self }
    }

    /// Runs a future as this process.
    pub async fn scope<F: Future>(self, future: F) -> F::Output {
        AMBIENCE.scope(self, future).await
    }

    /// Runs what does not wait as this process.
    pub fn within<T>(&self, work: impl FnOnce() -> T) -> T {
        AMBIENCE.sync_scope(self.clone(), work)
    }

    fn now(&self) -> DateTime<Utc> {
        self.started_at + self.started.map(|started| started.elapsed()).unwrap_or_default()
    }

    fn id(&self) -> Uuid {
        Builder::from_random_bytes(self.fork().u128(..).to_ne_bytes()).into_uuid()
    }

    fn fork(&self) -> Rng {
        self.random.lock().unwrap_or_else(PoisonError::into_inner).fork()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn noon() -> DateTime<Utc> {
        "2026-11-26T12:00:00Z".parse().expect("an instant")
    }

    #[tokio::test(start_paused = true)]
    async fn a_simulated_clock_follows_that_of_the_runtime() {
        let shown = Ambience::new(noon(), 1)
            .scope(async {
                tokio::time::sleep(Duration::from_hours(3)).await;
                now()
            })
            .await;
        assert_eq!(shown, noon() + Duration::from_hours(3));
    }

    #[tokio::test]
    async fn each_process_has_its_own_ids_and_the_same_seed_gives_the_same() {
        let ids = |seed| Ambience::new(noon(), seed).scope(async { [id(), id()] });
        let [first, second] = ids(1).await;
        assert_ne!(first, second);
        assert_eq!([first, second], ids(1).await);
        assert_ne!(first, ids(2).await[0]);
        assert_eq!(first.get_version_num(), 4);
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_that_is_set_back_belongs_to_the_same_process() {
        let process = Ambience::new(noon(), 1);
        let shifted = process.clone().shifted(TimeDelta::minutes(-1));
        assert_eq!(shifted.clone().scope(async { now() }).await, noon() - TimeDelta::minutes(1));
        let ids = [process.scope(async { id() }).await, shifted.scope(async { id() }).await];
        assert_ne!(ids[0], ids[1], "one source of randomness");
    }

    #[test]
    fn outside_a_simulation_the_clock_is_that_of_the_system() {
        let before = Utc::now();
        let shown = now();
        assert!(before <= shown && shown <= Utc::now());
        assert_ne!(id(), id());
        assert!((0.0..1.0).contains(&chance()));
        assert!(network().is_none());
    }
}

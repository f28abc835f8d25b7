#![doc = include_str!("faults.md")]

#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt, future,
    str::FromStr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::Context;
use tokio::sync::broadcast::{self, error::RecvError};

/// Kills that may be under way at once.
const KILLS_MAX: usize = 64;

/// Syntax of faults, for a person to read.
pub const HELP: &str = include_str!("faults.md");

/// One thing that goes wrong, where, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    operation: Option<String>,
    effect: Effect,
    frequency: Frequency,
    text: String,
    strikes: u64,
}

/// Effect of a fault.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Effect {
    TooManyRequests(RetryAfter),
    Status(u16),
    Drop,
    DropAfter,
    Html,
    Delay(Duration),
    Choke(String),
    ExpireTokens,
    Kill { function: String },
}

/// Form of the wait in a 429.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum RetryAfter {
    Absent,
    Seconds(u64),
    Date(u64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Frequency {
    Chance(f64),
    Times(u32),
}

impl FromStr for Fault {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let wrong = || format!("`{text}` is not a fault; see `cargo sandbox faults`");
        let (operation, rest) = match text.split_once(':') {
            Some((operation, rest)) => (Some(operation.to_owned()), rest),
            None => (None, text),
        };
        let (what, frequency) = frequency(rest).with_context(wrong)?;
        let (name, argument) = match what.split_once('=') {
            Some((name, argument)) => (name, Some(argument)),
            None => (what, None),
        };
        let effect = effect(name, argument).with_context(wrong)?;
        Ok(Self { operation, effect, frequency, text: text.to_owned(), strikes: 0 })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn frequency(text: &str) -> Option<(&str, Frequency)> {
    if let Some((what, percent)) = text.split_once('@') {
        let percent: f64 = percent.strip_suffix('%')?.parse().ok()?;
        let valid = (0.0..=100.0).contains(&percent);
        return valid.then_some((what, Frequency::Chance(percent / 100.0)));
    }
    match text.rsplit_once('x') {
        Some((what, times)) if times.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some((what, Frequency::Times(times.parse().ok()?)))
        }
        _ => Some((text, Frequency::Chance(1.0))),
    }
}

fn effect(name: &str, argument: Option<&str>) -> Option<Effect> {
    let seconds = || argument.unwrap_or("1").parse::<u64>().ok();
    Some(match name {
        "429" => Effect::TooManyRequests(RetryAfter::Seconds(seconds()?)),
        "429-date" => Effect::TooManyRequests(RetryAfter::Date(seconds()?)),
        "429-bare" => Effect::TooManyRequests(RetryAfter::Absent),
        "drop" => Effect::Drop,
        "drop-after" => Effect::DropAfter,
        "html" => Effect::Html,
        "delay" => Effect::Delay(Duration::from_secs(seconds()?)),
        "choke" => Effect::Choke(argument?.to_owned()),
        "expire-tokens" => Effect::ExpireTokens,
        "kill" => Effect::Kill { function: argument?.to_owned() },
        status => {
            let status = status.parse().ok().filter(|status| (400..=599).contains(status))?;
            Effect::Status(status)
        }
    })
}

/// The faults in force. Chance comes from a seeded generator, so a run can be repeated.
pub struct Faults {
    state: Mutex<State>,
    /// Names of functions whose running processes must die now.
    kills: broadcast::Sender<String>,
}

struct State {
    faults: Vec<Fault>,
    chance: fastrand::Rng,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        let state = Mutex::new(State { faults, chance: fastrand::Rng::with_seed(seed) });
        Self { state, kills: broadcast::Sender::new(KILLS_MAX) }
    }

    /// Adds a fault to those in force.
    pub fn add(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.state().faults.clear();
    }

    /// The faults in force, as they were written, and how often each has struck.
    pub fn strikes(&self) -> BTreeMap<String, u64> {
        self.state().faults.iter().map(|fault| (fault.to_string(), fault.strikes)).collect()
    }

    /// Effect on this call of CXone, if any. At most one fault strikes a call.
    pub(crate) fn strike(&self, operation: &str, body: &[u8]) -> Option<Effect> {
        let body = String::from_utf8_lossy(body);
        self.state().strike(|fault| match (&fault.operation, &fault.effect) {
            (Some(only), _) if only != operation => false,
            (_, Effect::Choke(text)) => body.contains(text),
            (None, Effect::Kill { .. }) => false,
            _ => true,
        })
    }

    /// Effect on a call of an AWS service, if any. Only faults that name the call strike it: by its
    /// service, its operation, or its operation and what that is about.
    pub(crate) fn strike_aws(
        &self,
        service: &str,
        operation: &str,
        resources: &[String],
    ) -> Option<Effect> {
        let names_a_resource = |named: &str| {
            let (of, resource) = named.split_once('/').unwrap_or_default();
            of == operation && resources.iter().any(|it| it == resource)
        };
        self.state().strike(|fault| {
            fault.operation.as_deref().is_some_and(|named| {
                named == "AWS" || named == service || named == operation || names_a_resource(named)
            })
        })
    }

    /// Fraction of its usual duration after which this invocation is killed, if it is.
    pub(crate) fn strike_invocation(&self, invoked: &str) -> Option<f64> {
        let mut state = self.state();
        state.strike(|fault| {
            fault.operation.is_none()
                && matches!(&fault.effect, Effect::Kill { function } if function == invoked)
        })?;
        Some(state.chance.f64())
    }

    /// Ends all running processes of a function, at once and without warning.
    pub fn kill(&self, function: &str) {
        // Nobody listens when no function is running.
        self.kills.send(function.to_owned()).ok();
    }

    /// Ends when a process of the function that runs from now on is killed.
    pub(crate) fn killed(&self, function: &str) -> impl Future<Output = ()> + use<> {
        let mut kills = self.kills.subscribe();
        let function = function.to_owned();
        async move {
            loop {
                match kills.recv().await {
                    Ok(killed) if killed == function => return,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => future::pending().await,
                }
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn strike(&mut self, applies: impl Fn(&Fault) -> bool) -> Option<Effect> {
        let Self { faults, chance } = self;
        faults.iter_mut().filter(|fault| applies(fault)).find_map(|fault| {
            let strikes = match &mut fault.frequency {
                Frequency::Chance(probability) => chance.f64() < *probability,
                Frequency::Times(0) => false,
                Frequency::Times(left) => {
                    *left -= 1;
                    true
                }
            };
            fault.strikes += u64::from(strikes);
            strikes.then(|| fault.effect.clone())
        })
    }
}

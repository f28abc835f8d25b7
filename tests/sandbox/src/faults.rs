#![doc = include_str!("faults.md")]

mod effect;
mod names;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeMap,
    fmt, future,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Context;
use tokio::sync::broadcast::{self, error::RecvError};

pub(crate) use effect::{Effect, RetryAfter};
pub(crate) use names::Names;

use crate::{Logs, cxone::Api, template::Template, workspace_root};

/// Kills that may be under way at once.
const KILLS_MAX: usize = 64;

/// Syntax of faults, for a person to read.
pub const HELP: &str = include_str!("faults.md");

/// What a fault may name with this API of CXone, a line for each kind.
pub fn known_names(api: Api) -> anyhow::Result<Vec<String>> {
    let template = Template::read(&workspace_root().join("template.yaml"))?;
    Ok(Names::of(&template, api).listed())
}

/// One thing that goes wrong, where, and how often.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    operation: Option<String>,
    effect: Effect,
    frequency: Frequency,
    text: String,
    strikes: u64,
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
        let effect = Effect::read(name, argument).with_context(wrong)?;
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

/// The faults in force. Chance comes from a seeded generator, so a run can be repeated.
pub struct Faults {
    state: Mutex<State>,
    /// What a fault may name; without it, anything.
    names: Option<Names>,
    /// Where strikes are written down.
    logs: Arc<Logs>,
    /// Names of functions whose running processes must die now.
    kills: broadcast::Sender<String>,
}

struct State {
    faults: Vec<Fault>,
    chance: fastrand::Rng,
}

/// A fault that struck.
struct Strike {
    effect: Effect,
    /// The fault as it was written, and which of its strikes this is.
    fault: String,
}

impl Faults {
    pub(crate) fn new(faults: Vec<Fault>, seed: u64) -> Self {
        let state = Mutex::new(State { faults, chance: fastrand::Rng::with_seed(seed) });
        let kills = broadcast::Sender::new(KILLS_MAX);
        Self { state, names: None, logs: Arc::default(), kills }
    }

    /// The same, but a fault must name what exists, and its strikes are logged.
    pub(crate) fn known(self, names: Names, logs: Arc<Logs>) -> anyhow::Result<Self> {
        self.state().faults.iter().try_for_each(|fault| names.check(fault))?;
        Ok(Self { names: Some(names), logs, ..self })
    }

    /// Adds a fault to those in force.
    ///
    /// # Panics
    ///
    /// If it names what does not exist.
    pub fn add(&self, fault: Fault) {
        self.try_add(fault).expect("a fault that can strike");
    }

    /// Adds a fault to those in force, unless it names what does not exist.
    pub(crate) fn try_add(&self, fault: Fault) -> anyhow::Result<()> {
        self.names.as_ref().map_or(Ok(()), |names| names.check(&fault))?;
        self.state().faults.push(fault);
        Ok(())
    }

    /// Ends all faults.
    pub fn clear(&self) {
        self.state().faults.clear();
    }

    /// The faults in force, as they were written, and how often each has struck.
    pub fn strikes(&self) -> BTreeMap<String, u64> {
        self.state().faults.iter().map(|fault| (fault.to_string(), fault.strikes)).collect()
    }

    /// Effect on this call of CXone, whose operation has these names, its own first, if any. At most
    /// one fault strikes a call.
    pub(crate) fn strike(&self, names: &[&str], body: &[u8]) -> Option<Effect> {
        let body = String::from_utf8_lossy(body);
        let strike = self.state().strike(|fault| match (&fault.operation, &fault.effect) {
            (Some(only), _) if !names.contains(&only.as_str()) => false,
            (_, Effect::Choke(text)) => body.contains(text),
            (None, Effect::Kill { .. }) => false,
            _ => true,
        });
        self.report(strike, names.first().copied().unwrap_or_default())
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
        let strike = self.state().strike(|fault| {
            fault.operation.as_deref().is_some_and(|named| {
                named == "AWS" || named == service || named == operation || names_a_resource(named)
            })
        });
        self.report(strike, &format!("{operation} {}", resources.join(", ")))
    }

    /// Fraction of its usual duration after which this invocation is killed, if it is.
    pub(crate) fn strike_invocation(&self, invoked: &str) -> Option<f64> {
        let (strike, fraction) = {
            let mut state = self.state();
            let strike = state.strike(|fault| {
                fault.operation.is_none()
                    && matches!(&fault.effect, Effect::Kill { function } if function == invoked)
            });
            (strike?, state.chance.f64())
        };
        self.logs.notice("fault", format!("{}: {invoked} dies at its work", strike.fault));
        Some(fraction)
    }

    /// Writes down what a fault did to a call, and returns its effect.
    fn report(&self, strike: Option<Strike>, call: &str) -> Option<Effect> {
        let Strike { effect, fault } = strike?;
        self.logs.notice("fault", format!("{fault}: {}: {effect}", call.trim_end()));
        Some(effect)
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
    fn strike(&mut self, applies: impl Fn(&Fault) -> bool) -> Option<Strike> {
        let Self { faults, chance } = self;
        faults.iter_mut().filter(|fault| applies(fault)).find_map(|fault| {
            let (strikes, left) = match &mut fault.frequency {
                Frequency::Chance(probability) => (chance.f64() < *probability, None),
                Frequency::Times(0) => (false, None),
                Frequency::Times(left) => {
                    *left -= 1;
                    (true, Some(*left))
                }
            };
            fault.strikes += u64::from(strikes);
            let left = left.map(|left| format!(", {left} left")).unwrap_or_default();
            strikes.then(|| Strike {
                effect: fault.effect.clone(),
                fault: format!("{fault} (strike {}{left})", fault.strikes),
            })
        })
    }
}

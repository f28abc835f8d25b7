//! The end of every world, without faults: those whose newest wish permits calls are taken off the DNC
//! list and ask for a call, and then opt out. Whatever came before, and in which order, they are listed
//! again, and nobody is called.

use std::rc::Rc;

use chrono::TimeDelta;

use crate::{
    lambda::Lambda,
    promises::{self, Outcome},
    scenario::{self, CALLBACKS},
    senders::{Event, Sent},
    settle,
};

/// Time from the start of the world until the week in which agents are free again.
const LATER: TimeDelta = TimeDelta::weeks(1);
/// What is asked for there: from its second hour on, for as long as may be.
const HOUR: TimeDelta = TimeDelta::hours(1);
const WINDOW: TimeDelta = TimeDelta::hours(4);

/// Sends the last words, and returns what became of them that should not.
pub(crate) async fn broken(lambda: &Rc<Lambda>, outcome: &Outcome<'_>) -> Vec<String> {
    let services = &lambda.services;
    let agents = outcome.agents.iter().map(|(hour, count)| (*hour + LATER, *count)).collect();
    // The ACD services have a plan for every week.
    services.cxone.0.forecast(CALLBACKS, &agents, services.stack.0);
    let Some(first) = agents.keys().next().copied() else { return Vec::new() };
    let numbers = promises::newest_wishes(outcome);
    let mut broken = Vec::new();
    for (index, (number, barred)) in numbers.iter().enumerate() {
        if !barred.calls {
            services.cxone.0.take_off(number);
        }
        // A booking notes the consent: without one it must be known as well.
        if index % 2 == 0 {
            deliver(lambda, scenario::request_between(number, first + HOUR, WINDOW)).await;
        }
        let opt_out = scenario::last_opt_out(number);
        let name = opt_out.name.clone();
        if !deliver(lambda, opt_out).await {
            broken.push(format!("{name} is not accepted"));
        }
    }
    broken.extend(settle(lambda).await);
    for number in numbers.keys() {
        broken.extend(promises::ignored(outcome, number));
    }
    broken
}

/// Returns whether an event is accepted.
async fn deliver(lambda: &Rc<Lambda>, event: Event) -> bool {
    let answer = Sent::new(event).deliver_once(Rc::clone(lambda)).await;
    answer.is_some_and(|answer| (200..300).contains(&answer.status))
}

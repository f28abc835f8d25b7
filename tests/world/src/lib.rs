#![doc = include_str!("../README.md")]

mod campaigns;
mod contact_center;
mod event_source;
mod lambda;
mod last_words;
mod network;
mod operator;
mod partial;
mod planted;
mod promises;
mod queues;
mod scenario;
mod senders;
mod services;
mod stack;
mod story;
mod weather;

use std::{rc::Rc, sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use fastrand::Rng;
use sandbox::cxone::Api;
use tokio::{
    task::{LocalSet, spawn_local},
    time::sleep,
};

pub use planted::Planted;
pub use story::Story;

use lambda::Lambda;
use promises::{Barred, Outcome};
use scenario::Scenario;
use senders::Sent;
use services::Services;
use stack::Stack;
use weather::Weather;

/// A Monday morning in New York.
const STARTED_AT: &str = "2026-03-02T15:00:00Z";
/// Of so many worlds, one has batches that are carried out in part, and indexes that are stale. So have
/// those with long faults.
const PARTIAL_ONE_OF: u64 = 7;
/// Of so many worlds, one has wishes that do not cover everything, or end.
const SCOPED_ONE_OF: u64 = 10;
/// Of so many worlds, one has faults until its campaign is over and reported.
const LONG_ONE_OF: u64 = 13;
const LONG_REST: u64 = 6;
const LONG: Duration = Duration::from_hours(30);
/// Longest time, after the faults, until all is done.
const SETTLED_WITHIN: Duration = Duration::from_hours(72);
/// Time for which a callback may be on its way to an agent, so that nobody knows whether it is made.
const UNDER_WAY: Duration = Duration::from_mins(61);
/// Interval between two looks at whether all is done.
const LOOK: Duration = Duration::from_mins(1);

/// Result of a run.
#[derive(Debug)]
pub struct Run {
    /// Its seed.
    pub seed: u64,
    /// What happened.
    pub story: Story,
    /// Broken promises.
    pub broken: Vec<String>,
}

/// Runs a world. The same seed, with the same planted bug, is the same run.
///
/// # Panics
///
/// When the template cannot be read.
pub fn run(seed: u64, planted: Option<Planted>) -> Run {
    fastrand::seed(seed); // The SDK's jitter.
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().expect("a runtime");
    let world = LocalSet::new();
    let (story, broken) = runtime.block_on(world.run_until(live(seed, planted)));
    Run { seed, story, broken }
}

/// The API that the functions of a world speak: one world in three has the ACD services.
fn api(seed: u64) -> Api {
    if seed.is_multiple_of(3) { Api::Acd } else { Api::V2 }
}

async fn live(seed: u64, planted: Option<Planted>) -> (Story, Vec<String>) {
    let mut random = Rng::with_seed(seed);
    // What people decide, apart from that.
    let mut fate = Rng::with_seed(!seed);
    let stack = Stack::of(api(seed));
    let mut weather = Weather::of(&mut random);
    let is_long = seed % LONG_ONE_OF == LONG_REST;
    if is_long {
        weather.ends_at = LONG;
    }
    let started_at: DateTime<Utc> = STARTED_AT.parse().expect("a time");
    // Apart from all else: what is left out of batches in one world moves nothing in others.
    let is_partial = is_long || seed.is_multiple_of(PARTIAL_ONE_OF);
    let leaves_out = is_partial.then(|| Rng::with_seed(seed.swap_bytes()));
    let services =
        Services::start(stack, started_at, weather, planted, random.fork(), leaves_out).await;
    let services = Arc::new(services);
    services.tell("weather", story::Weight::Turn, format!("{:?}", services.weather));
    if let Some(varied) = fate.bool().then(|| services.cxone.0.vary(&mut fate)).flatten() {
        services.tell("tenant", story::Weight::Turn, varied);
    }
    let are_scoped = seed.is_multiple_of(SCOPED_ONE_OF);
    let scenario = Scenario::of(&mut random, &mut fate, &services, started_at, are_scoped);
    let Scenario { events, agents, campaign, settings } = scenario;
    let sent: Vec<Rc<Sent>> = events.into_iter().map(Sent::new).collect();
    let lambda = Lambda::new(Arc::clone(&services), settings);
    for (function, source) in stack.event_sources() {
        spawn_local(event_source::run(Rc::clone(&lambda), function, source));
    }
    let schedules = campaign.map(|it| spawn_local(campaigns::run(Rc::clone(&lambda), it)));
    let deliver = |it: &Rc<Sent>| spawn_local(Rc::clone(it).deliver(Rc::clone(&lambda)));
    let works = operator::plan(&mut fate).into_iter();
    let works = works.map(|(at, it)| spawn_local(operator::work(Rc::clone(&lambda), at, it)));
    let works: Vec<_> = works.collect();
    let senders: Vec<_> = sent.iter().map(deliver).chain(schedules).chain(works).collect();
    for sender in senders {
        sender.await.expect("a sender does not panic");
    }
    let outcome = Outcome { services: &services, sent: &sent, agents: &agents, campaign };
    let broken = aftermath(&lambda, &outcome).await;
    (services.drain_story(), broken)
}

/// Waits for the end, has everything sent and redriven once more, and returns the broken promises.
async fn aftermath(lambda: &Rc<Lambda>, outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = settle(lambda).await;
    broken.extend(promises::broken_before_encore(outcome));
    broken.extend(encore(lambda, outcome.sent).await);
    for is_interrupted in [true, false] {
        broken.extend(settle(lambda).await);
        operator::redrive(&lambda.services, is_interrupted);
    }
    broken.extend(settle(lambda).await);
    broken.extend(promises::broken(outcome));
    broken.extend(wishes_obeyed(lambda, outcome).await);
    broken.extend(last_words::broken(lambda, outcome).await);
    broken.append(&mut lambda.broken.borrow_mut());
    broken
}

/// Sends every event once more. By now nothing is blocked, and each request has an answer.
async fn encore(lambda: &Rc<Lambda>, sent: &[Rc<Sent>]) -> Vec<String> {
    let mut broken = Vec::new();
    for sent in sent {
        let before = sent.success();
        let mut answer = Rc::clone(sent).deliver_once(Rc::clone(lambda)).await;
        if answer.as_ref().is_some_and(|it| it.status == 503) {
            sleep(UNDER_WAY).await;
            answer = Rc::clone(sent).deliver_once(Rc::clone(lambda)).await;
        }
        let name = &sent.event.name;
        let Some(answer) = answer else {
            broken.push(format!("{name} has no answer in the end"));
            continue;
        };
        // A callback may find no agent, or come too late; there is no reason to refuse the others.
        let is_blocked = match sent.event.function {
            "callback-intake" => answer.status == 409 && answer.body["code"] != "no_capacity",
            _ => answer.status >= 300,
        };
        if answer.status >= 500 || is_blocked {
            broken.push(format!("{name} is answered {} {} in the end", answer.status, answer.body));
        }
        let is_same =
            |before: &senders::Answer| before.body["contactId"] == answer.body["contactId"];
        if answer.status < 300 && before.is_some_and(|before| !is_same(&before)) {
            broken.push(format!("{name} is answered with another contact in the end"));
        }
    }
    broken
}

/// Asks for a callback to each number whose owner had wishes: whether it is refused, and confirmed by
/// a text, is as the newest wish about each says.
async fn wishes_obeyed(lambda: &Rc<Lambda>, outcome: &Outcome<'_>) -> Vec<String> {
    let mut broken = Vec::new();
    let texts_to =
        |number: &str| lambda.services.cxone.0.texted().iter().filter(|to| *to == number).count();
    for (number, Barred { calls, texts }) in promises::newest_wishes(outcome) {
        let texts_before = texts_to(&number);
        let request = Sent::new(scenario::request(&number, lambda.services.now()));
        let answer = request.deliver_once(Rc::clone(lambda)).await;
        let is_refused = answer.as_ref().is_some_and(|it| it.body["code"] == "opted_out");
        if is_refused != calls {
            let answer = answer.as_ref().map(|it| &it.body);
            broken.push(format!("{number}, barred from calls: {calls}, is answered {answer:?}"));
        }
        if texts && texts_to(&number) > texts_before {
            broken.push(format!("{number} is barred from texts and gets one"));
        }
    }
    broken
}

/// Waits until the faults are over and nothing is left to do.
async fn settle(lambda: &Lambda) -> Vec<String> {
    let services = &lambda.services;
    let left = || -> Vec<String> {
        let queues = services.queues();
        let sources = services.stack.0.event_sources().into_iter();
        let waiting = sources.flat_map(|(_, source)| {
            let waiting = queues.messages(&source.queue).iter();
            waiting.map(|it| format!("{} in {}", it.id, source.queue)).collect::<Vec<_>>()
        });
        waiting.collect()
    };
    loop {
        sleep(LOOK).await;
        let is_over = services.elapsed() > services.weather.ends_at + SETTLED_WITHIN;
        match left() {
            left if left.is_empty() && lambda.running() == 0 && !services.is_stormy() => {
                return Vec::new();
            }
            left if is_over => {
                return left.iter().map(|it| format!("{it} is never done")).collect();
            }
            _ => {}
        }
    }
}

//! Random sequences of operations, on the ledger and on a model of it that fits on a page.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use platform::ledger::{Entry, Place, Recorded, State};
use proptest::prelude::*;

use super::{DAY, after, event, ledger, number, request};

#[derive(Debug, Clone)]
enum Step {
    Record { event: u8, hours: i64 },
    MarkQueued { newest_first: usize },
    MarkListed,
    MarkFailed,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..6_u8, 0..60_i64).prop_map(|(event, hours)| Step::Record { event, hours }),
        3 => (0..3_usize).prop_map(|newest_first| Step::MarkQueued { newest_first }),
        2 => Just(Step::MarkListed),
        1 => Just(Step::MarkFailed),
    ]
}

/// What the ledger should know. Every event is remembered with its time.
#[derive(Default)]
struct Model {
    events: BTreeMap<String, DateTime<Utc>>,
    state: Option<State>,
    rounds: u64,
    pending_since: Option<DateTime<Utc>>,
    queued_at: Option<DateTime<Utc>>,
    attempts: u64,
    listed_at: Option<DateTime<Utc>>,
}

impl Model {
    fn record(&mut self, id: &str, requested_at: DateTime<Utc>, now: DateTime<Utc>) -> Answer {
        let is_news = !self.events.contains_key(id);
        self.events.entry(id.to_owned()).or_insert(requested_at);
        let is_old = |at: DateTime<Utc>| (now - at).num_hours() >= 24;
        let is_stale = self.listed_at.is_some_and(is_old);
        let is_stuck = self.queued_at.is_some_and(is_old);
        let reopens = match self.state {
            None | Some(State::Failed) => true,
            Some(State::Listed) => is_news && is_stale,
            Some(State::Pending) => false,
        };
        if reopens {
            self.state = Some(State::Pending);
            self.rounds += 1;
            self.pending_since = Some(requested_at);
            self.queued_at = None;
        }
        match self.state {
            Some(State::Listed) => Answer::AlreadyListed,
            _ if self.queued_at.is_some() && !(is_news && is_stuck) => Answer::AlreadyPending,
            _ => Answer::SendSince(self.pending_since),
        }
    }

    fn has_evidence(&mut self) {
        if self.events.is_empty() {
            let request = request();
            self.events.insert(request.event_id, request.requested_at);
        }
    }

    fn assert_describes(&self, entry: Option<&Entry>) {
        let Some(entry) = entry else {
            assert_eq!(self.state, None);
            return;
        };
        assert_eq!(Some(entry.state), self.state);
        assert_eq!(entry.requests, self.events.len() as u64);
        assert!(entry.event_ids.iter().eq(self.events.keys()));
        assert_eq!(Some(&entry.first_requested_at), self.events.values().min());
        assert_eq!(Some(&entry.latest_requested_at), self.events.values().max());
        assert_eq!(self.events.get(&entry.first_event_id), Some(&entry.first_requested_at));
        assert_eq!(self.events.get(&entry.latest_event_id), Some(&entry.latest_requested_at));
        assert_eq!(entry.rounds, self.rounds);
        assert_eq!(entry.pending_since, self.pending_since);
        assert_eq!(entry.queued_at, self.queued_at);
        assert_eq!(entry.attempts, self.attempts);
        assert_eq!(entry.listed_at, self.listed_at);
        assert_eq!(entry.failure.is_some(), self.state == Some(State::Failed));
    }
}

#[derive(Debug, PartialEq)]
enum Answer {
    SendSince(Option<DateTime<Utc>>),
    AlreadyPending,
    AlreadyListed,
}

/// Walks the steps an hour apart on a fresh ledger and compares after each.
async fn walk(steps: Vec<Step>) {
    let ledger = ledger().await;
    let mut model = Model::default();
    let mut places: Vec<(Place, u64)> = Vec::new();
    for (step, hour) in steps.into_iter().zip((100..).step_by(5)) {
        let now = after(hour);
        match step {
            Step::Record { event: id, hours } => {
                let event = event(&id.to_string(), hours);
                let recorded = ledger.record(&event, DAY, now).await.expect("an answer");
                let expected = model.record(&event.event_id, event.requested_at, now);
                let answer = match recorded {
                    Recorded::AlreadyPending => Answer::AlreadyPending,
                    Recorded::AlreadyListed => Answer::AlreadyListed,
                    Recorded::Send(place) => {
                        let since = place.pending_since;
                        places.push((place, model.rounds));
                        Answer::SendSince(Some(since))
                    }
                };
                assert_eq!(answer, expected);
            }
            Step::MarkQueued { newest_first } => {
                if let Some((place, round)) = places.iter().rev().nth(newest_first) {
                    ledger.mark_queued(&number(), place, now).await.expect("an answer");
                    let is_current = *round == model.rounds;
                    if is_current && model.state == Some(State::Pending) {
                        model.queued_at = Some(now);
                    }
                }
            }
            Step::MarkListed => {
                ledger.mark_listed(&request(), now).await.expect("an answer");
                model.has_evidence();
                model.attempts += 1;
                model.state = Some(State::Listed);
                model.listed_at = Some(now);
            }
            Step::MarkFailed => {
                ledger.mark_failed(&request(), "no").await.expect("an answer");
                model.has_evidence();
                if model.state != Some(State::Listed) {
                    model.attempts += 1;
                    model.state = Some(State::Failed);
                }
            }
        }
        let entry = ledger.entry(&number()).await.expect("an answer");
        model.assert_describes(entry.as_ref());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..Default::default() })]

    #[test]
    fn the_ledger_does_what_its_model_does(steps in prop::collection::vec(step(), 1..25)) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(walk(steps));
    }
}

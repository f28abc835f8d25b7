//! Random days of one number over the real tables, while answers of DynamoDB are lost: what senders
//! and regulators are promised, whatever happened.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use platform::ledger::{DncResult, Record, Recorded, State};
use proptest::prelude::*;

use super::{
    DAY, after, concluded, entry, event, history, ledger_in, losing_ledger_tables, mark_queued,
};

#[derive(Debug, Clone)]
enum Step {
    /// An event is delivered; the function may die before the send, or before it notes the send.
    Deliver {
        event: u8,
        dies: Option<Death>,
    },
    List,
    Refuse,
    Postpone,
    Wait,
}

#[derive(Debug, Clone, Copy)]
enum Death {
    BeforeSend,
    BeforeMark,
}

fn step() -> impl Strategy<Value = Step> {
    let death = prop_oneof![
        3 => Just(None),
        1 => Just(Some(Death::BeforeSend)),
        1 => Just(Some(Death::BeforeMark)),
    ];
    prop_oneof![
        6 => (0..5_u8, death).prop_map(|(event, dies)| Step::Deliver { event, dies }),
        3 => Just(Step::List),
        1 => Just(Step::Refuse),
        1 => Just(Step::Postpone),
        2 => Just(Step::Wait),
    ]
}

/// Facts so far, as an observer would record them.
#[derive(Default)]
struct Facts {
    in_queue: u32,
    dead_letters: u32,
    is_listed: bool,
    first_listing: Option<DateTime<Utc>>,
    /// Time of each event's first delivery.
    events: BTreeMap<String, DateTime<Utc>>,
}

#[expect(clippy::too_many_lines, reason = "one walk")]
async fn walk(steps: Vec<Step>, every: usize) {
    let loses = move |index: usize| index % every == every - 1;
    let ledger = ledger_in(losing_ledger_tables("TransactWriteItems", loses).await);
    let (mut facts, mut hour) = (Facts::default(), 100);
    for step in steps {
        hour += 5;
        let now = after(hour);
        match step {
            Step::Deliver { event: id, dies } => {
                let event = event(&id.to_string(), hour);
                let recorded = ledger.record(&event, DAY, now).await.expect("an answer");
                facts.events.entry(event.event_id).or_insert(event.requested_at);
                if let Recorded::Send(position) = recorded {
                    if let Some(Death::BeforeSend) = dies {
                        continue;
                    }
                    facts.in_queue += 1;
                    if dies.is_none() {
                        mark_queued(&ledger, &position, now).await;
                    }
                }
                let is_safe = facts.in_queue + facts.dead_letters > 0 || facts.is_listed;
                assert!(is_safe, "the sender got 200, and the number is nowhere");
            }
            Step::List if facts.in_queue > 0 => {
                facts.in_queue -= 1;
                facts.is_listed = true;
                facts.first_listing.get_or_insert(now);
                concluded(&ledger, DncResult::Listed, now).await;
            }
            Step::Refuse if facts.in_queue > 0 => {
                facts.in_queue -= 1;
                facts.dead_letters += 1;
                concluded(&ledger, DncResult::Refused { reason: "no".into() }, now).await;
            }
            Step::Postpone if facts.in_queue > 0 => {
                concluded(&ledger, DncResult::Postponed, now).await;
            }
            Step::Wait => hour += 20,
            Step::List | Step::Refuse | Step::Postpone => {}
        }
    }
    if facts.events.is_empty() {
        return;
    }
    let entry = entry(&ledger).await;
    assert!(entry.state != State::Listed || facts.is_listed);
    assert_eq!(entry.first_listed_at, facts.first_listing);
    assert_eq!(entry.requests, facts.events.len() as u64);
    assert_eq!(Some(&entry.first_requested_at), facts.events.values().min());
    assert_eq!(Some(&entry.latest_requested_at), facts.events.values().max());
    let history = history(&ledger).await;
    let events: BTreeMap<_, _> = history
        .iter()
        .filter_map(|record| match record {
            Record::Event(event) => Some((event.event_id.clone(), event.requested_at)),
            Record::Generation(_) | Record::Fact(_) => None,
        })
        .collect();
    assert_eq!(events, facts.events);
    assert_eq!(history.len() as u64, entry.requests + entry.generation - 1);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn what_was_promised_holds_whatever_answers_are_lost(
        steps in prop::collection::vec(step(), 1..16),
        every in 2_usize..5,
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(walk(steps, every));
    }
}

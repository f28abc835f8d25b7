use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use platform::idempotency::{Claim, ClaimGuard, IdempotencyError, IdempotencyStore, Lease, key};
use serde_json::{Value, json};

use embedded::{at, losing_table, table_with_key};

const HOUR: Duration = Duration::from_hours(1);
const LEASE: TimeDelta = TimeDelta::seconds(30);

struct Requests {
    store: IdempotencyStore,
    start: DateTime<Utc>,
}

impl Requests {
    async fn new() -> Self {
        Self {
            store: IdempotencyStore::new(table_with_key("id").await, "table"),
            start: at("2026-03-02T10:00:00Z"),
        }
    }

    /// Claims the one request of this test, so many seconds after the start.
    async fn claim(&self, seconds: i64) -> Claim {
        self.claim_with(seconds, &json!({ "phone": "+12025550198" })).await
    }

    async fn claim_with(&self, seconds: i64, payload: &Value) -> Claim {
        let from = self.start + TimeDelta::seconds(seconds);
        let lease = Lease { from, until: from + LEASE };
        let key = key("callback-intake", &json!("key-1"));
        self.store.claim(&key, payload, lease, HOUR).await.expect("the table answers")
    }
}

fn won(claim: Claim) -> ClaimGuard {
    match claim {
        Claim::Won(guard) => guard,
        other => panic!("the claim was to be won: {other:?}"),
    }
}

fn replayed(claim: Claim) -> Value {
    match claim {
        Claim::Replay(answer) => answer,
        other => panic!("an answer was to be replayed: {other:?}"),
    }
}

#[tokio::test]
async fn of_twenty_claims_at_once_one_wins() {
    let requests = Requests::new().await;
    let claims = join_all((0..20).map(|_| requests.claim(0))).await;
    let winners = claims.iter().filter(|claim| matches!(claim, Claim::Won(_))).count();
    let waiting = claims.iter().filter(|claim| {
        matches!(claim, Claim::InProgress { retry_after } if *retry_after == Duration::from_secs(30))
    });
    assert_eq!((winners, waiting.count()), (1, 19));
}

#[tokio::test]
async fn a_completed_request_replays_its_answer_as_it_was() {
    let requests = Requests::new().await;
    let answer = json!({ "z": 1, "a": [9_007_199_254_740_993_u64, null, 0.1], "text": "ü" });
    won(requests.claim(0).await).complete(&answer).await.expect("it is ours");
    assert_eq!(replayed(requests.claim(1).await), answer);
    assert_eq!(replayed(requests.claim(3_599).await), answer);
}

#[tokio::test]
async fn another_payload_under_the_same_key_is_a_mismatch() {
    let requests = Requests::new().await;
    let guard = won(requests.claim(0).await);
    let other = json!({ "phone": "+12025550199" });
    assert!(matches!(requests.claim_with(1, &other).await, Claim::Mismatch));
    assert!(matches!(requests.claim_with(31, &other).await, Claim::Mismatch), "lapsed");
    guard.complete(&json!({})).await.expect("it is ours");
    assert!(matches!(requests.claim_with(2, &other).await, Claim::Mismatch));
}

#[tokio::test]
async fn a_claim_holds_until_its_lease_lapses() {
    let requests = Requests::new().await;
    let _dead = won(requests.claim(0).await);
    let Claim::InProgress { retry_after } = requests.claim(29).await else {
        panic!("the lease has a second left");
    };
    assert_eq!(retry_after, Duration::from_secs(1));
    assert_eq!(won(requests.claim(30).await).progress(), None);
}

#[tokio::test]
async fn a_late_worker_cannot_touch_what_its_successor_does() {
    let requests = Requests::new().await;
    let mut late = won(requests.claim(0).await);
    let successor = won(requests.claim(30).await);

    let lost = late.save_progress(json!("late")).await;
    assert!(matches!(lost, Err(IdempotencyError::Lost)));
    let lost = late.complete(&json!("late")).await;
    assert!(matches!(lost, Err(IdempotencyError::Lost)));

    successor.complete(&json!("in time")).await.expect("it is ours");
    assert_eq!(replayed(requests.claim(31).await), json!("in time"));
}

#[tokio::test]
async fn a_late_worker_cannot_give_back_what_is_no_longer_its_own() {
    let requests = Requests::new().await;
    let late = won(requests.claim(0).await);
    let _successor = won(requests.claim(30).await);
    assert!(matches!(late.release().await, Err(IdempotencyError::Lost)));
    assert!(matches!(requests.claim(31).await, Claim::InProgress { .. }));
}

#[tokio::test]
async fn a_worker_that_is_late_without_a_successor_still_completes() {
    let requests = Requests::new().await;
    let late = won(requests.claim(0).await);
    late.complete(&json!("late")).await.expect("no other worker took over");
    assert_eq!(replayed(requests.claim(60).await), json!("late"));
}

#[tokio::test]
async fn a_retry_resumes_where_the_progress_was_stored() {
    let requests = Requests::new().await;
    let mut first = won(requests.claim(0).await);
    first.save_progress(json!({ "contactId": "c-1" })).await.expect("it is ours");
    first.save_progress(json!({ "contactId": "c-1", "sms": 1 })).await.expect("it is ours");

    let second = won(requests.claim(30).await);
    assert_eq!(second.progress(), Some(&json!({ "contactId": "c-1", "sms": 1 })));
    assert!(matches!(first.release().await, Err(IdempotencyError::Lost)));
    second.release().await.expect("it is ours");

    let third = won(requests.claim(31).await);
    assert_eq!(third.progress(), Some(&json!({ "contactId": "c-1", "sms": 1 })));
    third.complete(&json!("done")).await.expect("it is ours");
    assert_eq!(replayed(requests.claim(32).await), json!("done"));
}

#[tokio::test]
async fn of_twenty_retries_at_once_one_resumes() {
    let requests = Requests::new().await;
    let mut dead = won(requests.claim(0).await);
    dead.save_progress(json!("step 1")).await.expect("it is ours");

    let claims = join_all((0..20).map(|_| requests.claim(30))).await;
    let resumed: Vec<_> = claims
        .iter()
        .filter_map(|claim| match claim {
            Claim::Won(guard) => Some(guard.progress()),
            _ => None,
        })
        .collect();
    assert_eq!(resumed, [Some(&json!("step 1"))]);
}

#[tokio::test]
async fn a_request_given_back_untouched_is_forgotten() {
    let requests = Requests::new().await;
    won(requests.claim(0).await).release().await.expect("it is ours");
    let _guard = won(requests.claim_with(1, &json!("repaired")).await);
}

#[tokio::test]
async fn an_expired_record_counts_as_none_before_the_table_deletes_it() {
    let requests = Requests::new().await;
    let mut guard = won(requests.claim(0).await);
    guard.save_progress(json!("old")).await.expect("it is ours");

    let other = json!("another payload");
    let next = won(requests.claim_with(3_600, &other).await);
    assert_eq!(next.progress(), None, "what expired is not resumed");
    assert!(matches!(guard.complete(&json!("old")).await, Err(IdempotencyError::Lost)));
    next.complete(&json!("new")).await.expect("it is ours");
    assert_eq!(replayed(requests.claim_with(3_601, &other).await), json!("new"));
    let _guard = won(requests.claim(7_200).await);
}

#[tokio::test]
async fn a_lost_answer_of_any_write_changes_nothing() {
    for lost in 0..3 {
        for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
            let client = losing_table("id", operation, move |index| index == lost).await;
            let requests = Requests {
                store: IdempotencyStore::new(client, "table"),
                start: at("2026-03-02T10:00:00Z"),
            };
            won(requests.claim(0).await).release().await.expect("it is ours");
            let mut first = won(requests.claim(1).await);
            first.save_progress(json!(1)).await.expect("it is ours");
            first.save_progress(json!(2)).await.expect("it is ours");
            first.release().await.expect("it is ours");
            let second = won(requests.claim(2).await);
            assert_eq!(second.progress(), Some(&json!(2)), "{operation} {lost}");
            assert!(matches!(requests.claim(3).await, Claim::InProgress { .. }));
            second.complete(&json!("done")).await.expect("it is ours");
            assert_eq!(replayed(requests.claim(4).await), json!("done"));
        }
    }
}

/// A write without an answer leaves one of two items: the owner's next write fits both.
#[tokio::test]
async fn a_write_without_any_answer_does_not_lock_its_owner_out() {
    // Three attempts make one call.
    let client = losing_table("id", "UpdateItem", |index| index < 3).await;
    let requests = Requests {
        store: IdempotencyStore::new(client, "table"),
        start: at("2026-03-02T10:00:00Z"),
    };
    let mut guard = won(requests.claim(0).await);
    let unheard = guard.save_progress(json!(1)).await;
    assert!(matches!(unheard, Err(IdempotencyError::CallFailed(_))), "{unheard:?}");
    guard.save_progress(json!(2)).await.expect("it is ours");
    guard.complete(&json!("done")).await.expect("it is ours");
    assert_eq!(replayed(requests.claim(1).await), json!("done"));
}

/// Version 0.1 wrote no revisions.
#[tokio::test]
async fn a_claim_of_version_0_1_is_taken_over_with_its_progress() {
    let client = table_with_key("id").await;
    let requests = Requests {
        store: IdempotencyStore::new(client.clone(), "table"),
        start: at("2026-03-02T10:00:00Z"),
    };
    let mut old = won(requests.claim(0).await);
    old.save_progress(json!({ "is_listed": true })).await.expect("it is ours");
    let id = key("callback-intake", &json!("key-1")).to_string();
    client
        .update_item()
        .table_name("table")
        .key("id", AttributeValue::S(id))
        .update_expression("REMOVE revision")
        .send()
        .await
        .expect("the table answers");
    assert!(matches!(old.release().await, Err(IdempotencyError::Lost)));
    let mut next = won(requests.claim(30).await);
    assert_eq!(next.progress(), Some(&json!({ "is_listed": true })));
    next.save_progress(json!(2)).await.expect("it is ours");
    next.complete(&json!("done")).await.expect("it is ours");
    assert_eq!(replayed(requests.claim(31).await), json!("done"));
}

#[tokio::test]
async fn requests_of_other_keys_do_not_meet() {
    let requests = Requests::new().await;
    let _held = won(requests.claim(0).await);
    let lease = Lease { from: requests.start, until: requests.start + LEASE };
    let identity = json!("key-1");
    let other = key("interaction-router", &identity);
    let claim = requests.store.claim(&other, &identity, lease, HOUR).await;
    let _guard = won(claim.expect("the table answers"));
}

//! The metrics of dnc-batcher that alarms hang on.

use chrono::Utc;
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use system::{metrics_once, numbers, sandbox};

use super::{opt_out, sender};

/// Has one customer opt out.
async fn one_opts_out(sandbox: &Sandbox) {
    let event = opt_out(&numbers::number(0));
    assert_eq!(sender(sandbox).send_event(&event).await.word(), "200 accepted");
}

/// The metrics of all batches so far, once they are as they should be.
async fn batches_once(sandbox: &Sandbox, done: impl Fn(&[Value]) -> bool) -> Vec<Value> {
    metrics_once(sandbox, "dnc-batcher", done).await
}

/// The metrics of the batch with which the number was listed at last.
async fn listing(sandbox: &Sandbox) -> Value {
    let is_listing = |batch: &Value| batch["numbers_listed"] == 1;
    let mut batches = batches_once(sandbox, |batches| batches.iter().any(is_listing)).await;
    assert_eq!(sandbox.cxone.listed().len(), 1);
    batches.pop().expect("there is one")
}

fn waited_s(batch: &Value) -> f64 {
    batch["oldest_waiting_s"].as_f64().expect("each batch has its oldest wait")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_client_secret_counts_with_every_batch_until_it_is_mended() {
    // One process, so that what it remembers of the first refusal could hide the second.
    let sandbox = sandbox(Options { concurrency_max: 1, ..Options::default() }).await;
    sandbox.cxone.rotate_secret("the secret of another deployment");
    one_opts_out(&sandbox).await;
    for batch in batches_once(&sandbox, |batches| batches.len() >= 2).await {
        assert_eq!((&batch["cxone_refused"], &batch["cxone_calls"]), (&json!(1), &json!(0)));
        assert!(waited_s(&batch) > 0.0, "{batch}");
    }

    sandbox.rotate_client_secret("the secret of both");
    assert_eq!(listing(&sandbox).await["cxone_refused"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_wait_of_the_oldest_opt_out_grows_while_cxone_is_down_and_ends_with_it() {
    let fault = "addToDncList:503".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let before = Utc::now();
    one_opts_out(&sandbox).await;
    let batches = batches_once(&sandbox, |batches| batches.len() >= 2).await;
    let waits: Vec<f64> = batches.iter().map(waited_s).collect();
    let longest = (Utc::now() - before).as_seconds_f64();
    assert!(waits.is_sorted_by(|a, b| a < b), "{waits:?}");
    assert!(waits.iter().all(|wait| (0.0..=longest).contains(wait)), "{waits:?}");
    assert!(waits[0] > 0.0, "{waits:?}");
    assert!(batches.iter().all(|batch| batch["cxone_refused"] == 0), "it is down, no more");

    sandbox.faults.clear();
    assert!(waited_s(&listing(&sandbox).await) <= 0.0);
}

//! Answers of CXone's DNC list, and the outcome for the numbers.

use sandbox::{
    DNC_LIST, Options, Sandbox,
    aws::{Message, Queues},
    cxone::ConflictId,
};
use serde_json::{Value, json};
use system::{PATIENCE, metrics_once, numbers, sandbox};

use super::{DEAD_LETTERS, QUEUE, ledger_entry};

/// Queues the first so many numbers, as one batch.
async fn queue(sandbox: &Sandbox, count: usize) {
    for index in 0..count {
        let request = json!({
            "phoneNumber": numbers::number(index),
            "reason": "webhook_opt_out",
            "eventId": format!("event-{index}"),
            "requestedAt": "2026-03-02T10:00:00Z",
        });
        let sent = sandbox.aws.queues.send(QUEUE, &request.to_string()).await;
        sent.expect("the queue takes it");
    }
}

async fn dead_letters(sandbox: &Sandbox) -> Vec<Message> {
    sandbox.aws.queues.drain(DEAD_LETTERS).await.expect("the queue answers")
}

fn listed(sandbox: &Sandbox) -> usize {
    sandbox.cxone.listed().len()
}

/// Numbers that are listed for another reason, named in one way, among others that are not.
async fn assert_conflicts_are_resolved(named: ConflictId, calls_max: usize) {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.edit_dnc_list(DNC_LIST, |list| {
        list.conflicts = (0..50).step_by(10).map(|i| (numbers::number(i), named)).collect();
    });
    queue(&sandbox, 50).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    let list = sandbox.cxone.dnc_list(DNC_LIST);
    assert_eq!(list.contacts.len(), 50);
    assert!(list.unknown_upserts.is_empty(), "every conflict is resolved under CXone's id");
    assert!(list.contacts.values().all(|contact| contact.writes == 1), "each written once");
    let calls = sandbox.cxone.calls("addToDncList") + sandbox.cxone.calls("upsertDncContact");
    assert!(calls <= calls_max, "{calls} calls");
    assert!(dead_letters(&sandbox).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_named_by_number_take_one_call_each_in_v2() {
    assert_conflicts_are_resolved(ConflictId::Number, 2 + 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn conflicts_named_without_plus_take_one_call_each_in_v2() {
    assert_conflicts_are_resolved(ConflictId::NumberWithoutPlus, 2 + 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opaque_conflicts_that_tell_their_number_take_one_call_each_in_v2() {
    assert_conflicts_are_resolved(ConflictId::OpaqueWithNumber, 2 + 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn opaque_conflicts_that_tell_nothing_are_found_by_halving_in_v2() {
    // At most two calls for each of the six levels of halving of each of five, and five updates.
    assert_conflicts_are_resolved(ConflictId::Opaque, 5 * 2 * 6 + 5).await;
}

/// The log line about the only dead letter.
fn dead_letter_line(sandbox: &Sandbox) -> Value {
    let lines = sandbox.logs.lines().into_iter();
    let lines = lines.filter(|line| line.text.contains("a message was put among the dead letters"));
    let lines: Vec<String> = lines.map(|line| line.text).collect();
    let [line] = &lines[..] else { panic!("one line: {lines:?}") };
    serde_json::from_str(line).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_refused_number_is_dead_lettered_alone_and_listed_once_it_is_repaired_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    let refused = numbers::number(17);
    sandbox.cxone.edit_dnc_list(DNC_LIST, |list| {
        list.refused.insert(refused.clone(), "the carrier of this number is not served".into());
    });
    queue(&sandbox, 50).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");

    assert_eq!(listed(&sandbox), 49);
    assert_eq!(ledger_entry(&sandbox, &refused)["state"], "failed");
    let received = sandbox.aws.queues.receive(DEAD_LETTERS, 10).await.expect("the queue answers");
    let [dead_letter] = &received[..] else { panic!("one dead letter: {received:?}") };
    assert!(dead_letter.body.contains(&refused), "its body is whole");
    assert_eq!(dead_letter.attribute("error_code"), Some("refused_by_cxone"));
    let message = dead_letter.attribute("error_message").expect("its reason");
    assert!(message.contains("the carrier of this number is not served"), "{message}");
    assert_eq!(dead_letter.attribute("function"), Some("dnc-batcher"));
    assert!(dead_letter.attribute("failed_at").is_some());
    let event: Value = serde_json::from_str(&dead_letter.body).expect("JSON");
    assert_eq!(dead_letter_line(&sandbox)["event_id"], event["eventId"], "the log names it");
    let back = sandbox.aws.queues.hide(DEAD_LETTERS, dead_letter, std::time::Duration::ZERO).await;
    back.expect("it is visible again");

    sandbox.cxone.edit_dnc_list(DNC_LIST, |list| list.refused.clear());
    start_message_move_task(&sandbox).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(listed(&sandbox), 50);
    let entry = ledger_entry(&sandbox, &refused);
    assert_eq!((&entry["state"], &entry["attempts"]), (&json!("listed"), &json!(2)));
    assert!(dead_letters(&sandbox).await.is_empty());
}

/// Redrives the dead letters, as `aws sqs start-message-move-task` does.
async fn start_message_move_task(sandbox: &Sandbox) {
    let environment = sandbox.aws.environment();
    let key = &environment["AWS_ACCESS_KEY_ID"];
    let task = json!({
        "SourceArn": Queues::arn(DEAD_LETTERS),
        "DestinationArn": Queues::arn(QUEUE),
    });
    let response = reqwest::Client::new()
        .post(&environment["AWS_ENDPOINT_URL_SQS"])
        .header("authorization", format!("AWS4-HMAC-SHA256 Credential={key}/today"))
        .header("x-amz-target", "AmazonSQS.StartMessageMoveTask")
        .header("content-type", "application/x-amz-json-1.0")
        .json(&task)
        .send()
        .await
        .expect("SQS answers");
    assert_eq!(response.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_a_batch_may_be_refused_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.edit_dnc_list(DNC_LIST, |list| {
        list.refused = (0..8).map(|i| (numbers::number(i), "no".to_owned())).collect();
    });
    queue(&sandbox, 8).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(listed(&sandbox), 0);
    assert_eq!(dead_letters(&sandbox).await.len(), 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_number_that_cxone_chokes_on_holds_up_none_of_the_other_49() {
    let poison = numbers::number(17);
    // The REST services get a number without its plus sign, and without its country code.
    let fault = format!("addToDncList:choke={}", &poison["+1".len()..]).parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    queue(&sandbox, 50).await;
    let sum = |lines: &[Value], metric: &str| -> u64 {
        lines.iter().filter_map(|line| line[metric].as_u64()).sum()
    };
    let lines =
        metrics_once(&sandbox, "dnc-batcher", |lines| sum(lines, "numbers_listed") == 49).await;
    let needed = lines.iter().rposition(|line| line["numbers_listed"] != 0).expect("one listed");
    let needed = &lines[..=needed];
    assert!(needed.len() <= 2, "it took {} deliveries", needed.len());
    // Four attempts with all, eight parts, and the numbers of one of them.
    let calls = sum(needed, "cxone_calls");
    assert!(calls <= 2 * (4 + 8 + 7), "{calls} calls");
    let list = sandbox.cxone.dnc_list(DNC_LIST);
    assert!(!list.contacts.contains_key(&poison));
    assert!(list.contacts.values().all(|contact| contact.writes == 1), "each written once");

    sandbox.faults.clear();
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(listed(&sandbox), 50);
    assert!(dead_letters(&sandbox).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_retry_after_beyond_the_time_left_gives_the_batch_back_for_that_long() {
    let fault = "addToDncList:429=7x1".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    queue(&sandbox, 3).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(listed(&sandbox), 3);
    assert_eq!(sandbox.cxone.calls("addToDncList"), 2, "it waited in the queue, not in the client");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_client_secret_works_without_a_restart() {
    let sandbox = sandbox(Options { concurrency_max: 1, ..Options::default() }).await;
    queue(&sandbox, 1).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    sandbox.rotate_client_secret("the next secret");
    queue(&sandbox, 2).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(listed(&sandbox), 2);
    assert_eq!(sandbox.cxone.calls("token"), 2, "the first renewal has the new secret");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_credentials_keep_numbers_in_the_queue() {
    let fault = "token:401x1".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    queue(&sandbox, 3).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queue empties");
    assert_eq!(listed(&sandbox), 3);
    assert!(dead_letters(&sandbox).await.is_empty());
}

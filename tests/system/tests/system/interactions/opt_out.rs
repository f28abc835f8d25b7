//! A customer who writes STOP is left alone.

use sandbox::Options;
use serde_json::{Value, json};
use system::{PATIENCE, sandbox};

use super::{CONSUMERS, handed_to, interaction, sender};

const NUMBER: &str = "+12125550140";
const DNC_DEAD_LETTERS: &str = "DncDeadLetterQueue";

fn text(id: &str, words: &str) -> Value {
    let mut event = interaction(id, "sms", "interaction.message");
    event["data"]["message"]["body"] = json!(words);
    event
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_by_sms_ends_on_the_list_whatever_fails() {
    // The first answers of ledger and queue are errors: the sender has to come again.
    let faults = ["TransactWriteItems:500x3", "SendMessage/DncQueue:500x3"];
    let faults = faults.map(|fault| fault.parse().expect("a fault")).into();
    let sandbox = sandbox(Options { faults, ..Options::default() }).await;
    let sender = sender(&sandbox);
    let stop = text("i-1", "STOP");
    assert_eq!(sender.send_event(&stop).await.word(), "503 not_stored");
    assert_eq!(sender.deliver(&stop).await.word(), "200 processed");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(sandbox.cxone.is_listed(NUMBER));
    for queue in CONSUMERS {
        assert_eq!(handed_to(&sandbox, queue).await.1.len(), 1, "{queue}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_text_lists_no_one_until_a_person_redrives_it() {
    let sandbox = sandbox(Options::default()).await;
    let sender = sender(&sandbox);
    let doubtful = text("i-1", "please cancel my appointment");
    assert_eq!(sender.send_event(&doubtful).await.word(), "200 processed");
    assert_eq!(sender.send_event(&doubtful).await.word(), "200 duplicate");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(!sandbox.cxone.is_listed(NUMBER));
    let letters = sandbox.aws.queues.drain(DNC_DEAD_LETTERS).await.expect("the queue");
    let [letter] = &letters[..] else { panic!("one dead letter: {letters:?}") };
    assert_eq!(letter.attribute("error_code"), Some("doubtful_opt_out"));

    sandbox.aws.queues.send("DncQueue", &letter.body).await.expect("the queue");
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
    assert!(sandbox.cxone.is_listed(NUMBER));
}

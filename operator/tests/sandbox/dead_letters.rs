//! `outbound dead-letters`: nothing is lost, whatever fails on the way.

use super::*;

const DEAD: &str = "DncDeadLetterQueue";
const QUEUE: &str = "DncQueue";

async fn with_letters(count: usize) -> Surroundings {
    let sandbox = Surroundings::start().await.expect("it starts");
    for index in 0..count {
        let body = json!({ "eventId": format!("evt-{index}") });
        let code = if index % 2 == 0 { "refused_by_cxone" } else { "unreadable_message" };
        dead_letter(&sandbox, DEAD, &body, Some(code)).await;
    }
    sandbox
}

async fn list(sandbox: &Surroundings, more: &[&str]) -> Vec<Value> {
    let arguments = [&["dead-letters", "list", "--json"], more].concat();
    outbound(sandbox, &arguments).await.json().as_array().expect("a list").clone()
}

fn event_ids(bodies: impl IntoIterator<Item = String>) -> Vec<String> {
    let id = |body: String| {
        let body: Value = serde_json::from_str(&body).expect("JSON");
        body["eventId"].as_str().expect("an id").to_owned()
    };
    let mut ids: Vec<_> = bodies.into_iter().map(id).collect();
    ids.sort();
    ids
}

async fn in_queue(sandbox: &Surroundings, queue: &str) -> Vec<String> {
    let drained = sandbox.aws.queues.drain(queue).await.expect("the queue answers");
    event_ids(drained.into_iter().map(|message| message.body))
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_listed_and_not_ten_and_stay_visible() {
    let sandbox = with_letters(37).await;
    assert_eq!(list(&sandbox, &[]).await.len(), 37);
    assert_eq!(list(&sandbox, &["--code", "refused_by_cxone"]).await.len(), 19);
    assert_eq!(list(&sandbox, &["--older-than", "1h"]).await.len(), 0);
    let depth = sandbox.aws.queues.depth(DEAD).await.expect("it answers");
    assert_eq!((depth.visible, depth.in_flight), (37, 0));
    let ran = outbound(&sandbox, &["dead-letters", "list"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.says("37 dead letters."), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn none_stays_hidden_when_a_queue_does_not_answer() {
    let sandbox = with_letters(25).await;
    dead_letter(&sandbox, "CallbackDeadLetterQueue", &json!({}), None).await;
    let fault = "ReceiveMessage/CallbackDeadLetterQueue:400";
    sandbox.faults.add(fault.parse().expect("a fault"));
    let ran = outbound(&sandbox, &["dead-letters", "list"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let depth = sandbox.aws.queues.depth(DEAD).await.expect("it answers");
    assert_eq!((depth.visible, depth.in_flight), (25, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_is_shown_in_full_by_the_beginning_of_its_id() {
    let sandbox = with_letters(1).await;
    let id = list(&sandbox, &[]).await[0]["id"].as_str().expect("an id").to_owned();
    let ran = outbound(&sandbox, &["dead-letters", "show", "--id", &id[..8]]).await;
    assert_eq!(ran.code, Some(0));
    for expected in [&id[..], "refused_by_cxone", "CXone said no", "\"eventId\": \"evt-0\""] {
        assert!(ran.out.contains(expected), "{expected}: {}", ran.out);
    }
    let none = outbound(&sandbox, &["dead-letters", "show", "--id", "zzz"]).await;
    assert_eq!((none.code, none.out.as_str()), (Some(1), "No such dead letter.\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_selected_ones_are_redriven_with_their_attributes_and_the_others_stay() {
    let sandbox = with_letters(25).await;
    let redrive = ["dead-letters", "redrive", "--queue", "dnc", "--code", "refused_by_cxone"];
    let preview = outbound(&sandbox, &[&redrive[..], &["--dry-run"]].concat()).await;
    assert!(preview.out.starts_with("Nothing was changed."), "{}", preview.out);
    assert_eq!((depth(&sandbox, DEAD).await, depth(&sandbox, QUEUE).await), (25, 0));

    let ran = outbound(&sandbox, &redrive).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let redriven = sandbox.aws.queues.drain(QUEUE).await.expect("it answers");
    assert!(redriven.iter().all(|it| it.message_attributes.contains_key("error_code")));
    let even: Vec<_> = (0..25).step_by(2).map(|index| format!("evt-{index}")).collect();
    let mut even_sorted = even;
    even_sorted.sort();
    assert_eq!(event_ids(redriven.into_iter().map(|it| it.body)), even_sorted);
    // The others are visible at once.
    assert_eq!(in_queue(&sandbox, DEAD).await.len(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redrive_that_fails_on_the_way_loses_none() {
    // Sends that are refused, deletes that are refused, answers that are lost: each on its own. The
    // client of the command tries three times.
    for fault in [
        "SendMessage/DncQueue:500x30",
        "DeleteMessage:500x30",
        "SendMessage/DncQueue:drop-afterx30",
    ] {
        let sandbox = with_letters(12).await;
        sandbox.faults.add(fault.parse().expect("a fault"));
        let ran = outbound(&sandbox, &["dead-letters", "redrive", "--queue", "dnc"]).await;
        assert_eq!(ran.code, Some(1), "{fault}: {ran:?}");
        assert!(ran.says("is still a dead letter"), "{fault}: {ran:?}");
        sandbox.faults.clear();
        let again = outbound(&sandbox, &["dead-letters", "redrive", "--queue", "dnc"]).await;
        assert_eq!(again.code, Some(0), "{fault}: {again:?}");
        assert_eq!(depth(&sandbox, DEAD).await, 0, "{fault}");
        let mut ids = in_queue(&sandbox, QUEUE).await;
        ids.dedup();
        assert_eq!(ids.len(), 12, "{fault}: each is there, perhaps twice");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_doubtful_opt_out_is_decided_on_by_its_id() {
    let sandbox = with_letters(1).await;
    let words =
        json!({ "eventId": "doubt", "data": { "words": "I can't stop thinking about it" } });
    dead_letter(&sandbox, DEAD, &words, Some("doubtful_opt_out")).await;
    let ran = outbound(&sandbox, &["dead-letters", "redrive", "--queue", "dnc"]).await;
    assert_eq!(ran.code, Some(1), "it needs a person: {ran:?}");
    assert_eq!(in_queue(&sandbox, QUEUE).await, ["evt-0"]);
    let left = list(&sandbox, &[]).await;
    assert_eq!(left.len(), 1);
    let id = left[0]["id"].as_str().expect("an id");
    let ran = outbound(&sandbox, &["dead-letters", "redrive", "--id", id]).await;
    assert_eq!(ran.code, Some(0));
    assert_eq!(in_queue(&sandbox, QUEUE).await, ["doubt"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_deleted_without_a_yes_or_without_a_selection() {
    let sandbox = with_letters(12).await;
    let without_yes = outbound(&sandbox, &["dead-letters", "delete", "--queue", "dnc"]).await;
    assert_eq!(without_yes.code, Some(2));
    assert!(without_yes.says("--yes"), "{without_yes:?}");
    for command in [&["delete", "--yes"][..], &["redrive"]] {
        let all = outbound(&sandbox, &[&["dead-letters"], command].concat()).await;
        assert_eq!(all.code, Some(2), "{all:?}");
        assert!(all.says("--queue"), "{all:?}");
    }
    let typo = outbound(&sandbox, &["dead-letters", "list", "--queue", "dcn"]).await;
    assert_eq!(typo.code, Some(2));
    assert!(typo.says("there is no queue dcn; there are"), "{typo:?}");
    assert_eq!(depth(&sandbox, DEAD).await, 12);
    let visible = sandbox.aws.queues.depth(DEAD).await.expect("it answers").visible;
    assert_eq!(visible, 12, "and none stays hidden");

    let delete = ["dead-letters", "delete", "--code", "unreadable_message", "--yes", "--json"];
    let ran = outbound(&sandbox, &delete).await;
    assert_eq!((ran.code, &ran.json()["deleted"]), (Some(0), &json!(6)));
    assert_eq!(depth(&sandbox, DEAD).await, 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_corrected_body_goes_in_place_of_the_one_that_failed() {
    let sandbox = with_letters(2).await;
    let letters = list(&sandbox, &["--code", "refused_by_cxone"]).await;
    let id = letters[0]["id"].as_str().expect("an id");
    let file = concat!(env!("CARGO_TARGET_TMPDIR"), "/corrected.json");
    let redrive = ["dead-letters", "redrive", "--body", file, "--id"];
    std::fs::write(file, "{").expect("it is written");
    let ran = outbound(&sandbox, &[&redrive[..], &[id]].concat()).await;
    assert!(ran.code == Some(2) && ran.says("is no JSON"), "{ran:?}");
    std::fs::write(file, r#"{"eventId":"corrected"}"#).expect("it is written");
    let unknown = outbound(&sandbox, &[&redrive[..], &["unknown"]].concat()).await;
    assert_eq!(unknown.code, Some(2), "{unknown:?}");
    let ran = outbound(&sandbox, &[&redrive[..], &[id]].concat()).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(in_queue(&sandbox, QUEUE).await, ["corrected"]);
    assert_eq!(in_queue(&sandbox, DEAD).await, ["evt-1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn scheduled_events_have_no_queue_to_go_to() {
    let sandbox = Surroundings::start().await.expect("it starts");
    dead_letter(&sandbox, "ScheduleDeadLetterQueue", &json!({}), None).await;
    let ran = outbound(&sandbox, &["dead-letters", "redrive", "--queue", "schedule"]).await;
    assert_eq!(ran.code, Some(1));
    assert!(ran.says("delete them"), "{ran:?}");
    let ran = outbound(&sandbox, &["dead-letters", "delete", "--queue", "schedule", "--yes"]).await;
    assert_eq!((ran.code, depth(&sandbox, "ScheduleDeadLetterQueue").await), (Some(0), 0));
}

//! interaction-router: opt-outs in the words of customers.

use ambient::Ambience;
use chrono::TimeDelta;
use dnc_batcher::DncBatcher;
use interaction_router::InteractionRouter;
use optout_webhook::OptoutWebhook;
use outbound::called_party::{CalledParty, Channel};
use sandbox::{DNC_LIST, Surroundings};
use serde_json::{Value, json};

use crate::{
    bodies, handler,
    law::{at, lawful, post, request, with_parameters},
    surroundings,
};

const NUMBER: &str = "+12025550110";
const AT: &str = "2026-03-02T15:00:00Z";

fn message(text: &str) -> Value {
    json!({
        "eventType": "interaction.message",
        "timestamp": AT,
        "data": {
            "id": "i-1", "channelType": "sms", "direction": "inbound",
            "customer": { "phoneNumber": NUMBER }, "message": { "body": text },
        },
    })
}

fn entry(around: &Surroundings) -> Option<Value> {
    around.aws.tables.item("OptOutsTable", "phone_number", NUMBER).expect("a table")
}

/// The records of the ledger's history about the number.
fn history(around: &Surroundings) -> Vec<Value> {
    around.aws.tables.items("OptOutHistoryTable").expect("a table")
}

#[tokio::test]
async fn a_stop_is_recorded_with_its_words_and_queued_once() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    for status in ["processed", "duplicate"] {
        assert_eq!(router.post(&message(" Stop!")).await.body["status"], status);
    }
    let [queued] = &bodies(&around, "DncQueue").await[..] else { panic!("one message") };
    let queued: Value = serde_json::from_str(queued).expect("JSON");
    assert_eq!(queued["reason"], "message_opt_out");
    assert_eq!(queued["eventId"], "i-1@2026-03-02T15:00:00.000Z");
    let [record] = &history(&around)[..] else { panic!("one event") };
    assert_eq!((&record["words"], &record["channel"]), (&json!(" Stop!"), &json!("sms")));
    assert_eq!(record["requested_at"], "2026-03-02T15:00:00.000Z");
    assert_eq!(record.get("inferred"), None, "a keyword is exact");
    assert_eq!(bodies(&around, "AnalyticsQueue").await.len(), 1);
    assert!(bodies(&around, "DncDeadLetterQueue").await.is_empty());
}

#[tokio::test]
async fn a_request_in_other_words_is_marked() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    let mut chat = message("Please take me off your list");
    chat["data"]["channelType"] = json!("chat");
    assert_eq!(router.post(&chat).await.body["status"], "processed");
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    let [record] = &history(&around)[..] else { panic!("one event") };
    assert_eq!((&record["inferred"], &record["channel"]), (&json!(true), &json!("chat")));
    assert_eq!(record["words"], "Please take me off your list");
}

#[tokio::test]
async fn a_stop_comes_before_the_consumers_and_is_not_lost() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    for fault in ["TransactWriteItems:500x9", "SendMessage/DncQueue:500x9"] {
        around.faults.add(fault.parse().expect("a fault"));
        let answer = router.post(&message("STOP")).await;
        assert_eq!((answer.status, &answer.body["code"]), (503, &json!("not_stored")), "{fault}");
        around.faults.clear();
        assert!(bodies(&around, "AnalyticsQueue").await.is_empty(), "not before the opt-out");
    }
    // A redriven one likewise goes back to its queue.
    around.faults.add("SendMessage/DncQueue:500x9".parse().expect("a fault"));
    assert_eq!(router.batch(&[message("STOP").to_string()]).await, [0]);
    around.faults.clear();
    assert_eq!(router.post(&message("STOP")).await.body["status"], "processed");
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    assert_eq!(bodies(&around, "AnalyticsQueue").await.len(), 1);
    assert_eq!(history(&around).len(), 1, "one event, however often it came");
}

#[tokio::test]
async fn a_doubtful_one_goes_to_a_person_once_who_can_make_it_an_opt_out() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    let doubtful = message("I can't stop thinking about it");
    around.faults.add("SendMessage/CrmSyncQueue:500x3".parse().expect("a fault"));
    around.faults.add("SendMessage/InteractionQueue:500x3".parse().expect("a fault"));
    assert_eq!(router.post(&doubtful).await.status, 503, "a consumer lacks it");
    around.faults.clear();
    assert_eq!(router.post(&doubtful).await.body["status"], "processed");
    for queue in ["AnalyticsQueue", "CrmSyncQueue", "NotificationQueue"] {
        assert_eq!(bodies(&around, queue).await.len(), 1, "{queue}");
    }
    assert_eq!(entry(&around), None, "no one has decided yet");
    let letters = around.aws.queues.drain("DncDeadLetterQueue").await.expect("a queue");
    let [letter] = &letters[..] else { panic!("one dead letter") };
    assert_eq!(letter.attribute("error_code"), Some("doubtful_opt_out"));

    let batcher = handler::<DncBatcher>(&around).await;
    assert!(batcher.batch(std::slice::from_ref(&letter.body)).await.is_empty());
    let dnc_list = around.cxone.dnc_list(DNC_LIST);
    assert!(dnc_list.contacts.contains_key(NUMBER));
    assert_eq!(entry(&around).expect("an entry")["state"], "listed");
    let [record] = &history(&around)[..] else { panic!("one event") };
    assert_eq!(record["event_id"], "i-1@2026-03-02T15:00:00.000Z");
    assert_eq!(record["words"], "I can't stop thinking about it");
    assert_eq!(record["inferred"], true);
}

#[tokio::test]
async fn a_stop_of_no_readable_number_is_kept_whole() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    let mut unreadable = message("STOP");
    unreadable["data"]["customer"]["phoneNumber"] = json!("call me");
    let mut missing = message("unsubscribe");
    missing["data"]["customer"] = json!({ "email": "customer@example.com" });
    missing["data"]["id"] = json!("i-2");
    for (event, code) in [(&unreadable, "invalid_phone_number"), (&missing, "missing_phone_number")]
    {
        assert_eq!(router.post(event).await.body["status"], "processed");
        let letters = around.aws.queues.drain("DncDeadLetterQueue").await.expect("a queue");
        let [letter] = &letters[..] else { panic!("one dead letter") };
        assert_eq!(letter.attribute("error_code"), Some(code));
        let body: Value = serde_json::from_str(&letter.body).expect("JSON");
        assert_eq!(&body["data"]["interaction"], event);
    }
}

#[tokio::test]
async fn other_messages_are_left_alone() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    let mut ours = message("Reply STOP to opt out");
    ours["data"]["direction"] = json!("outbound");
    let mut call = message("STOP");
    call["data"]["channelType"] = json!("voice");
    for (at, event) in
        [message("Where is my order?"), message("START"), ours, call].into_iter().enumerate()
    {
        let mut event = event;
        event["data"]["id"] = json!(format!("i-{at}"));
        assert_eq!(router.post(&event).await.body["status"], "processed");
    }
    assert_eq!(entry(&around), None);
    assert!(bodies(&around, "DncDeadLetterQueue").await.is_empty());
    assert_eq!(bodies(&around, "AnalyticsQueue").await.len(), 4);
}

#[tokio::test]
async fn a_start_permits_messages_again_and_no_calls() {
    let around = lawful().await;
    let mut start = message("START");
    start["timestamp"] = json!("2026-12-01T11:30:00-05:00");
    start["data"]["id"] = json!("i-2");
    let work = async {
        let router = handler::<InteractionRouter>(&around).await;
        router.post(&message("STOP")).await;
        assert_eq!(router.post(&start).await.body["status"], "processed");
    };
    Ambience::new(at("2026-12-01T11:31:00-05:00"), 1).scope(Box::pin(work)).await;
    let item = around.aws.tables.item("CalledPartiesTable", "phone_number", NUMBER);
    let item = item.expect("a table").expect("an item");
    let party: CalledParty =
        serde_json::from_str(item["document"].as_str().expect("a document")).expect("JSON");
    let [fact] = &party.facts[..] else { panic!("one fact") };
    assert_eq!((fact.words.as_deref(), fact.scope.channel), (Some("START"), Some(Channel::Text)));
    assert!(entry(&around).expect("the opt-out stays").get("overruled_at").is_none());

    let answer = post(&around, &request(&around, NUMBER, "2026-12-01T13:00:00-05:00", 120)).await;
    assert_eq!(answer.body["code"], "opted_out", "{answer:?}");
}

const CONFIRMATION: (&str, &str) = ("OptOutConfirmation", "You will get no more messages.");

/// Has the customer opt out, and lists the number so many minutes later, with a message received
/// twice. Returns the texts that the customer got.
async fn confirmed(around: &Surroundings, minutes: i64) -> Vec<String> {
    let received = at(AT) + TimeDelta::seconds(1);
    let stop = async {
        let router = handler::<InteractionRouter>(around).await;
        assert_eq!(router.post(&message("STOP")).await.body["status"], "processed");
    };
    Ambience::new(received, 1).scope(Box::pin(stop)).await;
    let list = async {
        let queued = bodies(around, "DncQueue").await;
        let batcher = handler::<DncBatcher>(around).await;
        assert!(batcher.batch(&queued).await.is_empty());
        let sent = around.cxone.messages();
        let batcher = handler::<DncBatcher>(around).await;
        assert!(batcher.batch(&queued).await.is_empty());
        assert_eq!(around.cxone.messages(), sent, "a repeat sends nothing");
    };
    Ambience::new(at(AT) + TimeDelta::minutes(minutes), 2).scope(Box::pin(list)).await;
    assert!(around.cxone.dnc_list(DNC_LIST).contacts.contains_key(NUMBER));
    around.cxone.messages().into_iter().map(|message| message.message).collect()
}

#[tokio::test]
async fn an_opt_out_is_confirmed_once_if_the_house_wants_it() {
    let around = with_parameters(&[CONFIRMATION]).await;
    assert_eq!(confirmed(&around, 4).await, [CONFIRMATION.1]);
    let silent = lawful().await;
    assert_eq!(confirmed(&silent, 4).await, [""; 0]);
}

#[tokio::test]
async fn an_opt_out_is_not_confirmed_late_nor_after_a_failure() {
    let around = with_parameters(&[CONFIRMATION]).await;
    assert_eq!(confirmed(&around, 5).await, [""; 0], "47 CFR 64.1200(a)(12)");
    let around = with_parameters(&[CONFIRMATION]).await;
    around.faults.add("sendSms:503x4".parse().expect("a fault"));
    assert_eq!(confirmed(&around, 4).await, [""; 0], "and not with the repeat");
}

#[tokio::test]
async fn an_opt_out_that_is_no_message_is_not_confirmed() {
    let around = with_parameters(&[CONFIRMATION]).await;
    let document = json!({ "eventType": "contact.opt_out", "data": { "phoneNumber": NUMBER } });
    handler::<OptoutWebhook>(&around).await.post(&document).await;
    let queued = bodies(&around, "DncQueue").await;
    assert!(handler::<DncBatcher>(&around).await.batch(&queued).await.is_empty());
    assert!(around.cxone.dnc_list(DNC_LIST).contacts.contains_key(NUMBER));
    assert!(around.cxone.messages().is_empty());
}

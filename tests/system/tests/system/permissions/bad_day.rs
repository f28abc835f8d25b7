//! Permissions used only when something fails: to return messages, release claims and send dead
//! letters.

use std::time::Instant;

use chrono::TimeDelta;
use sandbox::{Outcome, Sandbox, WEBHOOK_TOKEN, campaigns};
use serde_json::{Value, json};
use system::{PATIENCE, Sender};

/// Lets something go wrong for every function, until each has done what it does then.
pub(crate) async fn have(sandbox: &Sandbox) {
    a_table_is_down_for_a_redriven_report(sandbox).await;
    two_polls_see_the_same_calls(sandbox).await;
    no_schedule_can_be_submitted(sandbox).await;
    queues_do_not_take_what_webhooks_bring(sandbox).await;
    scheduled_events_fail(sandbox).await;
    cxone_is_down_for_what_waits(sandbox).await;
}

async fn a_table_is_down_for_a_redriven_report(sandbox: &Sandbox) {
    let runs = campaigns::runs(sandbox).expect("runs");
    let ended = runs.iter().find(|run| run.state != "open").expect("a run that has ended");
    let id = format!("{}#{}", ended.local_start, ended.campaign_id);
    let url = format!("{}/again", sandbox.receiver.url());
    fault(sandbox, "UpdateItem/RunsTable:500");
    send(sandbox, "CampaignWebhookQueue", &json!({ "runId": id, "webhookUrl": url })).await;
    until_used(sandbox, "analytics-poller", "sqs:ChangeMessageVisibility CampaignWebhookQueue")
        .await;
    sandbox.faults.clear();
}

/// The slower one has to read what the faster one has written.
async fn two_polls_see_the_same_calls(sandbox: &Sandbox) {
    let zones = ["Europe/Paris", "America/New_York", "Asia/Tokyo", "Australia/Sydney"];
    plan(sandbox, "campaign-polled-twice", &zones).await;
    fault(sandbox, "queryAnalytics:delay=1");
    let started = Instant::now();
    while !is_used(sandbox, "analytics-poller", "dynamodb:GetItem RunsTable") {
        super::assert_nothing_is_missing(sandbox);
        assert!(started.elapsed() < PATIENCE, "no two polls get in each other's way");
        sandbox.clock.advance(TimeDelta::minutes(7));
        sandbox.cxone.make_calls("campaign-polled-twice", 5);
        let (one, other) = tokio::join!(
            sandbox.schedules.fire("analytics-poller"),
            sandbox.schedules.fire("analytics-poller"),
        );
        assert!(one.is_ok() && other.is_ok());
    }
    sandbox.faults.clear();
}

async fn no_schedule_can_be_submitted(sandbox: &Sandbox) {
    fault(sandbox, "createSchedule:503");
    plan(sandbox, "campaign-not-submitted", &["Europe/Paris"]).await;
    until_used(sandbox, "campaign-scheduler", "dynamodb:DeleteItem IdempotencyTable").await;
    sandbox.faults.clear();
}

/// Lambda dead-letters the events that it gives up.
async fn scheduled_events_fail(sandbox: &Sandbox) {
    for function in ["campaign-scheduler", "analytics-poller"] {
        fault(sandbox, &format!("kill={function}"));
        let started = Instant::now();
        // An invocation that has little to do may be over before it is killed.
        while !is_used(sandbox, function, "sqs:SendMessage ScheduleDeadLetterQueue") {
            assert!(started.elapsed() < PATIENCE, "{function} is never killed");
            sandbox.schedules.fire(function).await.expect("it fires");
        }
        sandbox.faults.clear();
    }
}

/// Senders get 503, and their retry finds the event unclaimed.
async fn queues_do_not_take_what_webhooks_bring(sandbox: &Sandbox) {
    fault(sandbox, "SendMessage/DncDeadLetterQueue:500");
    let unreadable = json!({
        "eventType": "contact.opt_out", "eventId": "bad-day", "data": { "phoneNumber": "none" },
    });
    post(sandbox, "/webhook/opt-out", &unreadable, 503).await;
    until_used(sandbox, "optout-webhook", "dynamodb:DeleteItem IdempotencyTable").await;

    fault(sandbox, "SendMessage/InteractionDeadLetterQueue:500");
    let unreadable = json!({ "eventType": "interaction.started", "data": { "id": "bad-day" } });
    post(sandbox, "/webhooks/cxone", &unreadable, 503).await;
    until_used(sandbox, "interaction-router", "dynamodb:DeleteItem IdempotencyTable").await;

    fault(sandbox, "SendMessage/AnalyticsQueue:500");
    let interaction = json!({
        "webhookId": "hook-1", "eventType": "interaction.started", "timestamp": sandbox.clock.now(),
        "data": { "id": "bad-day", "channelType": "voice" },
    });
    post(sandbox, "/webhooks/cxone", &interaction, 200).await;
    until_used(sandbox, "interaction-router", "sqs:SendMessage InteractionQueue").await;
    until_used(sandbox, "interaction-router", "sqs:ChangeMessageVisibility InteractionQueue").await;
    sandbox.faults.clear();
}

async fn cxone_is_down_for_what_waits(sandbox: &Sandbox) {
    for operation in ["addToDncList", "sendSms", "getContact", "updateContact"] {
        fault(sandbox, &format!("{operation}:503"));
    }
    let now = sandbox.clock.now();
    let number = json!({
        "phoneNumber": "+12025550199", "reason": "webhook_opt_out", "eventId": "bad-day",
        "requestedAt": now,
    });
    send(sandbox, "DncQueue", &number).await;
    let confirmation = json!({
        "contactId": "0b8f2f4e-54c5-5d8e-9d0c-3f1c2a7e6b99", "phoneNumber": "+12025550198",
        "text": "We will call you.", "dispatchTime": now + TimeDelta::days(7),
    });
    send(sandbox, "CallbackQueue", &confirmation).await;
    send(sandbox, "CallbackQueue", &json!("no confirmation")).await;
    let result = json!({
        "contactId": "4713001", "dispositionCode": "1001", "callResult": "completed",
        "timestamp": now,
    });
    send(sandbox, "DispositionQueue", &result).await;
    for (function, what) in [
        ("dnc-batcher", "sqs:ChangeMessageVisibility DncQueue"),
        ("callback-intake", "sqs:ChangeMessageVisibility CallbackQueue"),
        ("callback-intake", "sqs:SendMessage CallbackDeadLetterQueue"),
        ("disposition-handler", "sqs:ChangeMessageVisibility DispositionQueue"),
    ] {
        until_used(sandbox, function, what).await;
    }
    sandbox.faults.clear();
    // The number that only the queue has is listed in the end, and gets its evidence.
    until_used(sandbox, "dnc-batcher", "dynamodb:PutItem OptOutHistoryTable").await;
}

fn fault(sandbox: &Sandbox, text: &str) {
    sandbox.faults.add(text.parse().expect("a fault"));
}

async fn send(sandbox: &Sandbox, queue: &str, body: &Value) {
    sandbox.aws.queues.send(queue, &body.to_string()).await.expect("it is sent");
}

async fn post(sandbox: &Sandbox, path: &str, event: &Value, status: u16) {
    let sender = Sender::to(sandbox, path);
    let reply = sender.send_with_token("x-webhook-token", WEBHOOK_TOKEN, event).await;
    assert_eq!(reply.status, status, "{reply:?}");
}

/// Has the scheduler plan a campaign that starts in each zone at ten.
async fn plan(sandbox: &Sandbox, id: &str, zones: &[&str]) {
    let contact = |zone: &&str| json!({ "id": format!("{id}-{zone}"), "timezone": zone });
    let contacts: Vec<Value> = zones.iter().map(contact).collect();
    let campaign = json!({
        "campaignId": id, "cron": "0 10 * * *", "expectedCompleted": 400, "contacts": contacts,
        "purpose": "service",
    });
    let event = json!({ "time": sandbox.clock.now(), "campaigns": [campaign] });
    let outcome = sandbox.lambda.invoke("campaign-scheduler", event.to_string().into()).await;
    assert!(matches!(outcome, Ok(Outcome::Answer(_))), "{outcome:?}");
}

/// Returns whether a permission was used, such as `sqs:SendMessage DncQueue`.
fn is_used(sandbox: &Sandbox, who: &str, what: &str) -> bool {
    let used = sandbox.aws.permissions().used();
    used.iter().any(|used| used.who == who && super::in_words(used) == what)
}

async fn until_used(sandbox: &Sandbox, who: &str, what: &str) {
    let started = Instant::now();
    while !is_used(sandbox, who, what) {
        super::assert_nothing_is_missing(sandbox);
        assert!(started.elapsed() < PATIENCE, "{who} does not use {what}");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

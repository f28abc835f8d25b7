//! interaction-router.

use interaction_router::InteractionRouter;
use serde_json::{Value, json};

use crate::{bodies, handler, surroundings};

const QUEUES: [&str; 3] = ["AnalyticsQueue", "CrmSyncQueue", "NotificationQueue"];

fn event() -> Value {
    json!({
        "eventType": "interaction.created",
        "timestamp": "2026-03-02T15:00:00Z",
        "data": { "id": "i-1", "channelType": "voice", "customer": { "phoneNumber": "+12025550110" } },
    })
}

#[tokio::test]
async fn every_consumer_gets_an_event_once() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    for status in ["processed", "duplicate"] {
        let answer = router.post(&event()).await;
        assert_eq!(answer.body, json!({ "status": status, "interactionId": "i-1" }));
    }
    for queue in QUEUES {
        assert_eq!(bodies(&around, queue).await.len(), 1, "{queue}");
    }
}

#[tokio::test]
async fn a_consumer_whose_queue_fails_gets_the_event_later_and_the_others_once() {
    let around = surroundings().await;
    around.faults.add("SendMessage/CrmSyncQueue:500x9".parse().expect("a fault"));
    let router = handler::<InteractionRouter>(&around).await;
    assert_eq!(router.post(&event()).await.body["status"], "queued_for_retry");
    around.faults.clear();
    let queued = bodies(&around, "InteractionQueue").await;
    assert!(router.batch(&queued).await.is_empty());
    for queue in QUEUES {
        assert_eq!(bodies(&around, queue).await.len(), 1, "{queue}");
    }
}

#[tokio::test]
async fn an_event_without_an_id_is_kept_whole() {
    let around = surroundings().await;
    let router = handler::<InteractionRouter>(&around).await;
    let event = json!({ "eventType": "interaction.created", "data": { "channelType": "voice" } });
    assert_eq!(router.post(&event).await.body["status"], "dead_lettered");
    assert_eq!(bodies(&around, "InteractionDeadLetterQueue").await, [event.to_string()]);
}

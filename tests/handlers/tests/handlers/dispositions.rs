//! disposition-handler.

use disposition_handler::DispositionHandler;
use serde_json::json;

use crate::{bodies, handler, surroundings};

#[tokio::test]
async fn a_do_not_call_is_queued_first_and_then_listed_recorded_and_published() {
    let around = surroundings().await;
    around.cxone.add_contact("contact-1", Some("+12025550110"));
    let handler = handler::<DispositionHandler>(&around).await;
    let answer = handler
        .post(&json!({
            "contactId": "contact-1", "dispositionCode": "1001", "timestamp": "2026-03-02T15:00:00Z",
        }))
        .await;
    assert_eq!((answer.status, answer.body), (200, json!({ "status": "received" })));
    assert!(bodies(&around, "DncQueue").await.is_empty(), "the webhook only queues");

    let queued = bodies(&around, "DispositionQueue").await;
    assert!(handler.batch(&queued).await.is_empty());
    assert_eq!(bodies(&around, "DncQueue").await.len(), 1);
    assert_eq!(bodies(&around, "CriticalQueue").await.len(), 1);
    let contact = around.cxone.contact_record("contact-1").expect("a contact");
    assert_eq!(contact.category.as_deref(), Some("do_not_call"));

    assert!(handler.batch(&queued).await.is_empty());
    assert!(bodies(&around, "CriticalQueue").await.is_empty(), "a redelivery publishes nothing");
}

#[tokio::test]
async fn a_call_result_for_an_unknown_contact_is_a_dead_letter() {
    let around = surroundings().await;
    let handler = handler::<DispositionHandler>(&around).await;
    let event = json!({
        "contactId": "nobody", "dispositionCode": "3001", "timestamp": "2026-03-02T15:00:00Z",
    });
    assert!(handler.batch(&[event.to_string()]).await.is_empty());
    assert_eq!(bodies(&around, "DispositionDeadLetterQueue").await, [event.to_string()]);
}

use chrono::TimeDelta;

use super::*;

const LEAD: &str = "lead/7";
/// An id is percent-encoded in a path.
const LEAD_PATH: &str = "/api/v2/contacts/lead%2F7";

impl Caller {
    async fn record(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path)).await
    }

    async fn patch(&self, path: &str, update: &Value) -> (u16, Value) {
        answer(self.request(Method::PATCH, path).json(update)).await
    }
}

fn update() -> Value {
    json!({ "custom": {
        "disposition_category": "wrong_number",
        "last_audit_log": "[2024-05-20T10:00:00Z] Disposition 4001 mapped to wrong_number",
    } })
}

#[tokio::test]
async fn a_contact_is_returned_with_what_is_known_of_it() {
    let caller = Caller::new().await;
    caller.cxone.add_contact(LEAD, Some("+12025550110")).expect("an id");
    caller.cxone.add_contact("nameless", None).expect("an id");
    let with_phone = json!({ "id": LEAD, "phone": "+12025550110" });
    assert_eq!(caller.record(LEAD_PATH).await, (200, with_phone));
    let without = json!({ "id": "nameless" });
    assert_eq!(caller.record("/api/v2/contacts/nameless").await, (200, without));
}

#[tokio::test]
async fn a_patch_is_stored_returned_and_counted() {
    let caller = Caller::new().await;
    caller.cxone.add_contact(LEAD, Some("+12025550110")).expect("an id");
    let later = caller.cxone.clock.now() + TimeDelta::days(1);
    caller.cxone.clock.advance_to(later);
    let unclassified = json!("unclassified");
    let first = changed(&update(), "/custom/disposition_category", Some(unclassified));
    assert_eq!(caller.patch(LEAD_PATH, &first).await.0, 200);

    let (status, reply) = caller.patch(LEAD_PATH, &update()).await;
    assert_eq!((status, &reply["custom"]), (200, &update()["custom"]));
    assert_eq!((&reply["id"], &reply["phone"]), (&json!(LEAD), &json!("+12025550110")));
    assert_eq!(caller.record(LEAD_PATH).await, (200, reply.clone()));

    let record = caller.cxone.contact_record(LEAD).expect("it was added");
    assert_eq!((record.category.as_deref(), record.patches), (Some("wrong_number"), 2));
    assert_eq!(record.audit_log.as_deref(), update()["custom"]["last_audit_log"].as_str());
    let updated = record.updated.expect("it was patched");
    assert!(updated >= later);
    assert_eq!(reply["updatedDate"], json!(updated));
}

#[tokio::test]
async fn a_patch_that_breaks_the_contract_is_refused_with_the_reason() {
    let caller = Caller::new().await;
    caller.cxone.add_contact(LEAD, None).expect("an id");
    let before = caller.cxone.contact_record(LEAD);
    for (pointer, value, message) in [
        ("/custom", None, "custom"),
        ("/custom/disposition_category", None, "disposition_category"),
        ("/custom/disposition_category", Some(json!("busy")), "must be one of do_not_call"),
        ("/custom/last_audit_log", None, "last_audit_log"),
        ("/custom/last_audit_log", Some(json!(1001)), "last_audit_log"),
    ] {
        let (status, body) = caller.patch(LEAD_PATH, &changed(&update(), pointer, value)).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 400 && reply.contains(message), "{pointer}: {status} {reply}");
    }
    assert_eq!(caller.cxone.contact_record(LEAD), before);
}

#[tokio::test]
async fn a_contact_that_does_not_exist_is_not_found_and_not_made() {
    let caller = Caller::new().await;
    let not_found = (404, json!({ "message": "no such contact" }));
    assert_eq!(caller.record(LEAD_PATH).await, not_found);
    assert_eq!(caller.patch(LEAD_PATH, &update()).await, not_found);
    assert_eq!(caller.cxone.contact_record(LEAD), None);
}

#[tokio::test]
async fn the_state_contains_contacts_with_their_dispositions() {
    let caller = Caller::new().await;
    caller.cxone.add_contact(LEAD, None).expect("an id");
    caller.patch(LEAD_PATH, &update()).await;
    let (_, state) = answer(caller.request(Method::GET, "/simulator/state")).await;
    let reply = &state["contactRecords"][LEAD];
    assert_eq!((&reply["category"], &reply["patches"]), (&json!("wrong_number"), &json!(1)));
}

#[tokio::test]
async fn faults_strike_contacts_by_the_name_of_the_operation() {
    let caller = Caller::new().await;
    caller.cxone.add_contact(LEAD, None).expect("an id");
    for fault in ["getContact:503x1", "updateContact:429x1"] {
        caller.cxone.faults.add(fault.parse().expect(fault));
    }
    assert_eq!(caller.record(LEAD_PATH).await.0, 503);
    assert_eq!(caller.patch(LEAD_PATH, &update()).await.0, 429);
    assert_eq!(caller.patch(LEAD_PATH, &update()).await.0, 200);
}

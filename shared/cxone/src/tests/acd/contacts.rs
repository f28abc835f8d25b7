//! Contacts, and what is written back to them.

use super::*;

const CONTACT: &str = "30112233445";

fn call(is_outbound: &Value) -> Value {
    json!({ "contactId": 30_112_233_445_u64, "skillId": 9, "isOutbound": is_outbound,
        "toAddress": "+12025550142", "fromAddress": "+12025550199" })
}

fn nested(call: &Value) -> Value {
    json!({ "businessUnitId": 1, "lastPollTime": "2026-01-01T00:00:00Z", "contactId": call })
}

#[tokio::test]
async fn the_customer_is_whom_an_outbound_call_was_to_or_an_inbound_one_from() {
    for (answer, expected) in [
        (ok(nested(&call(&json!(true)))), Some("+12025550142")),
        (ok(nested(&call(&json!(false)))), Some("+12025550199")),
        (ok(call(&json!(true))).odd(), Some("+12025550142")),
        (ok(nested(&call(&json!("False")))).odd(), Some("+12025550199")),
        // It is not said which of the two is the customer.
        (ok(nested(&call(&json!(null)))).odd(), None),
        (ok(nested(&json!({ "isOutbound": true }))), None),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("contact", [answer.clone()]);
        let contact = tenant.client(&[]).contact(CONTACT, soon()).await.expect("a contact");
        assert_eq!(contact.phone.as_deref(), expected, "{answer:?}");
        assert_eq!(contact.id, CONTACT);
        assert_eq!(contact.is_caller, expected == Some("+12025550199"), "{answer:?}");
    }
}

#[tokio::test]
async fn a_contact_that_cxone_does_not_have_is_not_found_however_it_says_so() {
    for answer in [empty(404), empty(400).odd(), empty(204), empty(200), empty(410)] {
        let tenant = Tenant::new().await;
        tenant.script("contact", [answer.clone()]);
        let missing = tenant.client(&[]).contact(CONTACT, soon()).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{answer:?}: {missing:?}");
    }
    let tenant = Tenant::new().await;
    for id in ["c-7f", "", "-1", "1/2", "+1"] {
        let missing = tenant.client(&[]).contact(id, soon()).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{id}: {missing:?}");
    }
    assert!(tenant.operations().is_empty());
}

#[tokio::test]
async fn what_is_no_contact_is_not_shown() {
    let tenant = Tenant::new().await;
    tenant.script("contact", [empty(200).text("<p>+12025550142</p>")]);
    let error = tenant.client(&[]).contact(CONTACT, soon()).await.expect_err("it is no contact");
    assert_eq!(error, Error::Unexpected { status: 200, detail: "no contact".to_owned() });
}

fn record(contact: &str) -> DispositionRecord {
    DispositionRecord { contact: contact.to_owned(), ..super::super::contacts::record() }
}

async fn write(tenant: &Tenant, settings: &[(&str, &str)]) -> Result<(), Error> {
    tenant.client(settings).record_disposition(&record(CONTACT), soon()).await
}

const TAGS: [(&str, &str); 2] =
    [("CXONE_WRITE_BACK", "tags"), ("CXONE_TAGS", "do_not_call=71,sale=72")];
const BUSINESS_DATA: [(&str, &str); 1] = [("CXONE_WRITE_BACK", "business-data")];
const DISPOSITION: [(&str, &str); 2] =
    [("CXONE_WRITE_BACK", "disposition"), ("CXONE_DISPOSITIONS", "do_not_call=1001")];

#[tokio::test]
async fn by_default_nothing_is_written_back() {
    let tenant = Tenant::new().await;
    assert_eq!(write(&tenant, &[]).await, Ok(()));
    assert!(tenant.operations().is_empty());
}

#[tokio::test]
async fn a_category_is_written_where_the_tenant_wants_it() {
    let tenant = Tenant::new().await;
    tenant.script("tagContact", [ok(json!({ "resultSet": { "errorCount": "0" } }))]);
    assert_eq!(write(&tenant, &TAGS).await, Ok(()));
    let sent = body(&tenant.requests("tagContact")[0]);
    assert_eq!(sent, json!({ "tags": [{ "tagId": 71 }] }));

    tenant.script("updateBusinessData", [empty(200)]);
    assert_eq!(write(&tenant, &BUSINESS_DATA).await, Ok(()));
    let sent = body(&tenant.requests("updateBusinessData")[0]);
    assert_eq!(sent[0], json!({ "name": "disposition_category", "value": "do_not_call" }));

    tenant.script("contact", [ok(nested(&call(&json!(true))))]);
    tenant.script("setDisposition", [empty(200)]);
    assert_eq!(write(&tenant, &DISPOSITION).await, Ok(()));
    let sent = body(&tenant.requests("setDisposition")[0]);
    let expected = json!({ "dispositionInfo": { "skill": "9", "dispositionCode": "1001" } });
    assert_eq!(sent, expected);
}

#[tokio::test]
async fn a_category_that_is_not_mapped_is_not_written() {
    let tenant = Tenant::new().await;
    for settings in [
        [("CXONE_WRITE_BACK", "tags"), ("CXONE_TAGS", "sale=72")],
        [("CXONE_WRITE_BACK", "disposition"), ("CXONE_DISPOSITIONS", "sale=7")],
    ] {
        assert_eq!(write(&tenant, &settings).await, Ok(()));
    }
    assert!(tenant.operations().is_empty());
}

#[tokio::test]
async fn a_tag_is_taken_only_if_no_error_is_counted() {
    for (answer, expected) in [
        (ok(json!({ "resultSet": { "errorCount": 0 } })), true),
        (ok(json!({ "resultSet": { "errorCount": "0" } })), true),
        (ok(json!({})), true),
        (empty(204).odd(), true),
        (ok(json!({ "resultSet": { "errorCount": 1 } })), false),
        (ok(json!({ "resultSet": { "errorCount": "1" } })), false),
        (empty(409), false),
        (empty(412), false),
        (reply(400, json!({ "message": "ended" })), false),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("tagContact", [answer.clone()]);
        let written = write(&tenant, &TAGS).await;
        let is_right =
            if expected { written.is_ok() } else { matches!(written, Err(Error::Invalid { .. })) };
        assert!(is_right, "{answer:?}: {written:?}");
    }
}

#[tokio::test]
async fn a_contact_that_is_gone_is_not_found_and_never_unsupported() {
    for settings in [&TAGS[..], &BUSINESS_DATA, &DISPOSITION] {
        let tenant = Tenant::new().await;
        for operation in ["tagContact", "updateBusinessData", "contact"] {
            tenant.script(operation, [empty(404)]);
        }
        let missing = write(&tenant, settings).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        let client = tenant.client(settings);
        let missing = client.record_disposition(&record("c-7f"), soon()).await;
        assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
    }
}

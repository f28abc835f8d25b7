//! Text messages by way of Digital First Omnichannel.

use super::*;

const TEXT: &str = "Le llamaremos el lunes. Referencia: 6F0C3A52";

fn sms(text: &str) -> Sms {
    Sms { id: ID, text: text.to_owned(), ..super::super::sms::sms() }
}

async fn send(tenant: &Tenant, text: &str) -> Result<SmsSession, Error> {
    let settings = [
        ("CXONE_DFO_URL", &*tenant.uri()),
        ("CXONE_DFO_CHANNELS", "+1 (202) 555-0199=sms_sinch-1, +12025550198=other"),
    ];
    tenant.client(&settings).send_sms(&sms(text), soon()).await
}

fn session(id: &str) -> SmsSession {
    SmsSession { id: Some(id.to_owned()) }
}

fn sent() -> tenant::Answer {
    ok(json!({ "consumerContact": { "id": "case-1" }, "message": { "id": "m-1" } }))
}

#[tokio::test]
async fn a_message_goes_to_the_channel_of_its_sender() {
    let tenant = Tenant::new().await;
    tenant.script("sendOutbound", [sent()]);
    assert_eq!(send(&tenant, TEXT).await, Ok(session("case-1")));
    let [request] = &tenant.requests("sendOutbound")[..] else { panic!("one request") };
    assert_eq!(request.url.path(), "/dfo/3.0/channels/sms_sinch-1/outbound");
    assert_eq!(request.headers["x-trace-id"], ID.to_string().as_str());
    assert_eq!(
        body(request),
        json!({
            "messageContent": { "type": "TEXT", "payload": { "text": TEXT } },
            "recipients": [{ "idOnExternalPlatform": "+12025550000", "name": "+12025550000",
                "isPrimary": true, "isPrivate": false }],
            "contact": { "status": "resolved" },
        })
    );
}

#[tokio::test]
async fn a_success_is_one_whatever_its_body() {
    for (answer, expected) in [
        (ok(json!({ "message": { "id": "m-1" } })), Some("m-1")),
        (ok(json!({})), None),
        (empty(201), None),
        (empty(200).text("<html>"), None),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("sendOutbound", [answer]);
        let id = expected.map(str::to_owned);
        assert_eq!(send(&tenant, TEXT).await, Ok(SmsSession { id }));
    }
}

#[tokio::test]
async fn a_message_whose_answer_is_lost_is_looked_for_and_not_sent_again() {
    for unclear in [lost(), empty(504), empty(500)] {
        let tenant = Tenant::new().await;
        tenant.script("sendOutbound", [unclear.clone()]);
        tenant.script("dfoMessages", [ok(json!({ "hits": 1, "data": [{ "id": "m-1" }] }))]);
        assert_eq!(send(&tenant, TEXT).await, Ok(session("m-1")));
        assert_eq!(tenant.operations(), ["sendOutbound", "dfoMessages"]);
        let query: Vec<(String, String)> =
            tenant.requests("dfoMessages")[0].url.query_pairs().into_owned().collect();
        let expected = [
            ("direction", "outbound"),
            ("contentContains", REFERENCE),
            ("channel[]", "sms_sinch-1"),
        ];
        assert_eq!(query, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}

#[tokio::test]
async fn a_text_without_a_reference_is_not_taken_for_that_of_another_customer() {
    let tenant = Tenant::new().await;
    tenant.script("sendOutbound", [lost()]);
    let error = send(&tenant, "We will call you back.").await.expect_err("it may not be sent");
    assert!(matches!(error, Error::Transient { sent: true, .. }), "{error}");
    assert_eq!(tenant.operations(), ["sendOutbound"]);
}

#[tokio::test]
async fn a_message_that_cannot_be_found_is_to_be_sent_again() {
    for answer in
        [ok(json!({ "hits": 0, "data": [] })), empty(403), empty(200).text("<html>"), lost()]
    {
        let tenant = Tenant::new().await;
        tenant.script("sendOutbound", [lost()]);
        tenant.script("dfoMessages", [answer.clone()]);
        let error = send(&tenant, TEXT).await.expect_err("it cannot be found");
        assert!(matches!(error, Error::Transient { sent: true, .. }), "{answer:?}: {error}");
        assert_eq!(tenant.requests("sendOutbound").len(), 1);
    }
}

#[tokio::test]
async fn a_refusal_has_the_words_of_its_fields() {
    for status in [400, 422] {
        let tenant = Tenant::new().await;
        let errors = json!({ "errors": [
            { "field": "recipients", "message": "+12025550000 is not a number", "errorCode": "E1" },
            { "errorCode": "E2" },
        ], "uid": "u" });
        tenant.script("sendOutbound", [reply(status, errors)]);
        let detail = "recipients: +1202***0000 is not a number; E2".to_owned();
        assert_eq!(send(&tenant, TEXT).await, Err(Error::Invalid { detail }));
    }
}

#[tokio::test]
async fn a_sender_without_a_channel_is_a_refusal() {
    let tenant = Tenant::new().await;
    let refused = tenant.client(&[]).send_sms(&sms(TEXT), soon()).await;
    assert!(
        matches!(&refused, Err(Error::Invalid { detail }) if detail.contains("CXONE_DFO_CHANNELS"))
    );
    assert!(tenant.operations().is_empty());
}

//! Every operation against answers that no CXone should give.

use std::sync::Mutex;

use wiremock::Respond;

use super::*;

const ROUNDS: usize = 60;

const STATUSES: [u16; 14] = [200, 201, 200, 200, 400, 404, 409, 409, 413, 401, 302, 207, 299, 600];

const BODIES: [&str; 22] = [
    "",
    "{}",
    "[]",
    "null",
    "\u{FEFF}{}",
    r#"{"conflicts":[{"contactId":"+12025550000"}]}"#,
    r#"{"conflicts":[{"contactId":7},{},8]}"#,
    r#"{"conflicts":[{"contactId":".."}]}"#,
    r#"{"conflicts":{}}"#,
    r#"{"data":[],"page":1,"totalPages":0}"#,
    r#"{"data":[],"totalPages":4294967296}"#,
    r#"{"data":[{"id":"a","timezone":7}],"page":1,"totalPages":1}"#,
    r#"{"data":[{"campaignId":"a","callsCompleted":1e300,"connected":-3}],"page":1,"totalPages":1}"#,
    r#"{"data":[{"campaignId":"a","callsCompleted":18446744073709551615},{"campaignId":"a","callsCompleted":18446744073709551615}],"page":1,"totalPages":1}"#,
    r#"{"forecast":[{"hour":"2026-03-02T10:00:00Z","availableAgents":1e400}]}"#,
    r#"{"forecast":[{"hour":"+262142-12-31T23:59:59Z","availableAgents":3}]}"#,
    r#"{"forecast":[{"hour":"2026-03-02T10:00:60Z","availableAgents":-1}]}"#,
    r#"{"id":"x","phone":""}"#,
    r#"{"id":7}"#,
    r#"{"sessionId":"s"}"#,
    r#"{"sessionId":123456789012345678901234567890}"#,
    r#"{"access_token":"t","expires_in":-1e300}"#,
];

const WAITS: [&str; 12] = [
    "0",
    "-1",
    "+5",
    "18446744073709551615",
    "18446744073709551616",
    "1e9",
    "Wed, 21 Oct 2015 07:28:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 01 Jan 0000 00:00:00 GMT",
    " 3 ",
    "\t",
    "nan",
];

/// Answers one of the above, some bytes of it changed.
struct Anything(Mutex<fastrand::Rng>);

impl Respond for Anything {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut chance = self.0.lock().expect("no thread panicked");
        if request.url.path() == "/oauth/token" && chance.u8(..) > 5 {
            return granted(None);
        }
        if chance.u8(0..6) == 0 {
            return status(429).insert_header("retry-after", WAITS[chance.usize(0..WAITS.len())]);
        }
        let mut body = BODIES[chance.usize(0..BODIES.len())].as_bytes().to_vec();
        for _ in 0..chance.usize(0..3) {
            if !body.is_empty() {
                let at = chance.usize(0..body.len());
                body[at] = chance.u8(..);
            }
        }
        status(STATUSES[chance.usize(0..STATUSES.len())]).set_body_bytes(body)
    }
}

#[tokio::test]
async fn no_answer_makes_the_client_panic_or_lose_an_outcome() {
    let server = MockServer::builder().disable_request_recording().start().await;
    let chance = Mutex::new(fastrand::Rng::with_seed(7));
    Mock::given(wiremock::matchers::any()).respond_with(Anything(chance)).mount(&server).await;
    let client = client(&server);
    let window = callbacks::callback().window;
    let campaigns: Vec<String> = ('a'..='g').map(String::from).collect();
    for _ in 0..ROUNDS {
        // A wait of seconds is given back rather than waited for.
        let soon = || Instant::now() + Duration::from_millis(900);
        assert_eq!(add_until(&client, 9, soon()).await.len(), 9);
        assert_eq!(client.progress(&campaigns, &window, soon()).await.len(), 7);
        client.capacity("a", &window, soon()).await.ok();
        client.contact("a", soon()).await.ok();
        client.list_contacts("a", 1, soon()).await.ok();
        client.submit_schedule(&campaigns::schedule(), soon()).await.ok();
        client.send_sms(&sms::sms(), soon()).await.ok();
        client.granted_scopes(soon()).await.ok();
    }
    assert!(client.drain_usage().calls > 0);
}

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

const ACD_BODIES: [&str; 24] = [
    "",
    "{}",
    "[]",
    "[1]",
    "null",
    r#"{"resultSet":{"errorCount":"x","recordResults":[{"success":true},{"success":"True","formattedPhone":"(202) 555-0000"},7]}}"#,
    r#"{"resultSet":[],"recordResults":{}}"#,
    r#"{"recordResults":[{"success":false,"error":7,"formattedPhone":"+12025550001"}]}"#,
    r#"{"searchResults":[{"dncGroupId":"main","expiredDate":"9999-12-31T23:59:60Z"},null]}"#,
    r#"{"searchResults":{"dncGroupId":17}}"#,
    r#"{"callbacks":[{"callbackId":1e300,"notes":"ref 6f0c3a52-7c1e-5b0a-9d53-4f5f2f1d0198","callbackTime":"+262142-12-31"}]}"#,
    r#"{"callbacks":[{"lastName":"6F0C3A52","dialNumber":2025550000}]}"#,
    r#"{"timeZoneSettings":[{"name":"Eastern Standard Time","startTime":"00:00","endTime":"24:00","timeZoneActiveToCall":true}]}"#,
    r#"{"timeZoneSettings":[{"name":"Eastern Standard Time","startTime":"-1:00","endTime":"99:99:99","timeZoneActiveToCall":1}]}"#,
    r#"{"timeZoneSettings":[{"name":null},{"standardName":"\u0000","name":7}],"callingLists":[{"id":".."}]}"#,
    r#"{"skillSummaries":[{"skillId":4,"dials":18446744073709551615,"connects":1e300,"contactsActive":7}]}"#,
    r#"{"skillSummaries":[{"skillId":-4}],"totalRecords":"many","completedContacts":[{}]}"#,
    r#"{"totalRecords":18446744073709551615,"completedContacts":[{"contactId":1,"lastUpdateTime":"2026-01-01"}]}"#,
    r#"{"resultSet":{"finalizedRecords":18446744073709551615},"isRunning":"yes","skills":[]}"#,
    r#"{"contactId":{"contactId":7,"isOutbound":true,"toAddress":7}}"#,
    r#"{"contactId":"7","isOutbound":"maybe"}"#,
    r#"{"consumerContact":7,"message":{"id":[]},"data":[7]}"#,
    r#"{"skillActivity":[{"skillId":4,"agentsLoggedIn":99999999999}]}"#,
    r#"{"access_token":"t\n","expires_in":-1e300}"#,
];

/// Answers one of some bodies, some bytes of it changed.
struct Anything {
    chance: Mutex<fastrand::Rng>,
    bodies: &'static [&'static str],
}

impl Respond for Anything {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        let mut chance = self.chance.lock().expect("no thread panicked");
        if request.url.path() == "/oauth/token" && chance.u8(..) > 5 {
            return granted(None);
        }
        if chance.u8(0..6) == 0 {
            return status(429).insert_header("retry-after", WAITS[chance.usize(0..WAITS.len())]);
        }
        let mut body = self.bodies[chance.usize(0..self.bodies.len())].as_bytes().to_vec();
        for _ in 0..chance.usize(0..3) {
            if !body.is_empty() {
                let at = chance.usize(0..body.len());
                body[at] = chance.u8(..);
            }
        }
        status(STATUSES[chance.usize(0..STATUSES.len())]).set_body_bytes(body)
    }
}

async fn server_of(bodies: &'static [&'static str]) -> MockServer {
    let server = MockServer::builder().disable_request_recording().start().await;
    let chance = Mutex::new(fastrand::Rng::with_seed(7));
    let anything = Anything { chance, bodies };
    Mock::given(wiremock::matchers::any()).respond_with(anything).mount(&server).await;
    server
}

#[tokio::test]
async fn no_answer_makes_the_client_panic_or_lose_an_outcome() {
    let server = server_of(&BODIES).await;
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

#[tokio::test]
async fn no_answer_of_the_acd_services_does_either() {
    let server = server_of(&ACD_BODIES).await;
    let uri = server.uri();
    let token_url = format!("{uri}/oauth/token");
    for (schedule, completed) in [("verify", "contacts"), ("hours", "list"), ("verify", "dials")] {
        let settings = [
            ("CXONE_API", "acd"),
            ("CXONE_TOKEN_URL", token_url.as_str()),
            ("CXONE_SKILLS", "spring/2025=4+5"),
            ("CXONE_DFO_URL", uri.as_str()),
            ("CXONE_DFO_CHANNELS", "+12025550199=sms"),
            ("CXONE_SCHEDULE", schedule),
            ("CXONE_CURFEW", "00:00-24:00"),
            ("CXONE_COMPLETED", completed),
            ("CXONE_WRITE_BACK", "tags"),
            ("CXONE_TAGS", "do_not_call=7"),
            ("CXONE_CAPACITY", "4 mon-sun 00-24 UTC 3"),
        ];
        let client = acd::client_of(&uri, &settings);
        let now = chrono::Utc::now();
        let dispatch = now + chrono::TimeDelta::hours(1);
        let callback = Callback { dispatch, ..callbacks::callback() };
        let window = now..now + chrono::TimeDelta::hours(3);
        let campaigns = ["spring/2025".to_owned(), "4".to_owned(), "none".to_owned()];
        for _ in 0..ROUNDS / 3 {
            let soon = || Instant::now() + Duration::from_millis(900);
            assert_eq!(add_until(&client, 9, soon()).await.len(), 9);
            assert_eq!(client.progress(&campaigns, &window, soon()).await.len(), 3);
            client.capacity("spring/2025", &window, soon()).await.ok();
            client.schedule_callback(&callback, soon()).await.ok();
            client.withdraw_callback("4", callback.id, soon()).await.ok();
            client.contact("7", soon()).await.ok();
            let record = DispositionRecord { contact: "7".to_owned(), ..contacts::record() };
            client.record_disposition(&record, soon()).await.ok();
            client.list_contacts("4", 1, soon()).await.ok();
            client.submit_schedule(&campaigns::schedule(), soon()).await.ok();
            client.send_sms(&sms::sms(), soon()).await.ok();
            client.is_running("4", soon()).await.ok();
            client.start_skill("4", soon()).await.ok();
            client.ended_calls(window.start, 0, soon()).await.ok();
            client.granted_scopes(soon()).await.ok();
        }
        assert!(client.drain_usage().calls > 0);
    }
}

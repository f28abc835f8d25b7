//! The client against a CXone that is played by `wiremock`.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime},
};

use ambient::Instant;
use chrono::{DateTime, Utc};
use outbound::{
    CxoneUsage, DncReason,
    callback::dispatch::ForecastHour,
    campaign::{CampaignContact, Progress},
};
use serde_json::{Value, json};
use settings::{Credentials, Environment};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string, header, method, path},
};

use super::*;
use crate::{
    Scheduled,
    client::RECORDING_MARGIN,
    clock::Timestamp,
    retry::{Policy, Repeat},
    sender::{Answer, BODY_LENGTH_MAX, Http, Sender},
};

mod acd;
mod callbacks;
mod campaigns;
mod contacts;
mod contract;
mod fuzz;
mod refusals;
mod registrations;
mod scopes;
mod sms;

const SECRET: &str = "p:ss w%rd+";
const TOKEN: &str = "token-that-must-stay-secret";
const LIST: &str = "/api/v2/outbound/dnc-lists/main/contacts";

/// As patient as the default, but quick.
const QUICK: Policy = Policy {
    first_pause: Duration::from_millis(1),
    pause_max: Duration::from_millis(2),
    read_back_after: Duration::from_millis(1),
    ..Policy::DEFAULT
};

fn client_with(server: &MockServer, more: &[(&str, &str)]) -> Client {
    let base = server.uri();
    let pairs = [("CXONE_BASE_URL", base.as_str())];
    let config = Environment::from_pairs(pairs.into_iter().chain(more.iter().copied()))
        .read(Config::read)
        .expect("good settings");
    let config = Config { policy: QUICK, ..config };
    let credentials = Credentials::of_client("the:client", SECRET);
    Client::new(config, credentials).expect("a client")
}

fn client(server: &MockServer) -> Client {
    client_with(server, &[])
}

fn entries(count: u16) -> Vec<DncEntry> {
    (0..count)
        .map(|index| DncEntry {
            number: format!("+1202555{index:04}").parse().expect("a number"),
            reason: DncReason::WebhookOptOut,
        })
        .collect()
}

fn soon() -> Instant {
    Instant::now() + Duration::from_secs(20)
}

async fn add(client: &Client, count: u16) -> Vec<DncOutcome> {
    add_until(client, count, soon()).await
}

async fn add_until(client: &Client, count: u16, deadline: Instant) -> Vec<DncOutcome> {
    client.add_to_dnc("main", &entries(count), deadline).await
}

/// Cause for which the only number of a batch has to be retried.
async fn failure(client: &Client) -> Error {
    match add(client, 1).await.as_slice() {
        [DncOutcome::TryAgain { after, why, .. }] => {
            assert_eq!(*after, why.retry_after());
            why.clone()
        }
        outcomes => panic!("expected a failure, got {outcomes:?}"),
    }
}

fn granted(life: Option<u64>) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(match life {
        Some(life) => json!({ "access_token": TOKEN, "expires_in": life }),
        None => json!({ "access_token": TOKEN }),
    })
}

fn status(status: u16) -> ResponseTemplate {
    ResponseTemplate::new(status)
}

/// A CXone that hands out tokens.
async fn server() -> MockServer {
    let server = MockServer::start().await;
    answer_token(&server, granted(None)).await;
    server
}

async fn answer_token(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(path("/oauth/token")).respond_with(answer).mount(server).await;
}

/// Answers posts to the list, the given number of times or always.
async fn answer(server: &MockServer, answer: ResponseTemplate, times: Option<u64>) {
    answer_at(server, LIST, answer, times).await;
}

/// Answers requests to `to`, the given number of times or always.
async fn answer_at(server: &MockServer, to: &str, answer: ResponseTemplate, times: Option<u64>) {
    let mock = Mock::given(path(to)).respond_with(answer);
    match times {
        Some(times) => mock.up_to_n_times(times).mount(server).await,
        None => mock.mount(server).await,
    }
}

/// Loses the answer to the next request to `to`.
async fn lose_answer(server: &MockServer, to: &str) {
    Mock::given(path(to))
        .respond_with_err(|_: &Request| std::io::Error::other("cut"))
        .up_to_n_times(1)
        .mount(server)
        .await;
}

async fn requests(server: &MockServer, to: &str) -> Vec<Request> {
    let all = server.received_requests().await.expect("they are recorded");
    all.into_iter().filter(|request| request.url.path() == to).collect()
}

fn body(request: &Request) -> Value {
    request.body_json().expect("JSON")
}

fn assert_clean(shown: &str) {
    for hidden in [SECRET, TOKEN, "the:client", "the%3Aclient", "+12025550000"] {
        assert!(!shown.contains(hidden), "{hidden} in {shown}");
    }
}

mod tokens {
    use super::*;

    #[tokio::test]
    async fn twenty_callers_share_one_token_request() {
        let server = server().await;
        answer(&server, status(201), None).await;
        let client = client(&server);
        let calls = (0..20).map(|_| add(&client, 1));
        for outcomes in futures::future::join_all(calls).await {
            assert_eq!(outcomes, [DncOutcome::Listed]);
        }
        assert_eq!(requests(&server, "/oauth/token").await.len(), 1);
        assert_eq!(client.drain_usage().calls, 20);
    }

    #[tokio::test]
    async fn twenty_callers_share_one_refusal() {
        let server = MockServer::start().await;
        answer_token(&server, status(401)).await;
        let client = client(&server);
        let calls = (0..20).map(|_| failure(&client));
        for error in futures::future::join_all(calls).await {
            assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
        }
        assert_eq!(requests(&server, "/oauth/token").await.len(), 1);
    }

    #[tokio::test]
    async fn by_default_id_and_secret_go_into_the_header_encoded() {
        let server = MockServer::start().await;
        Mock::given(path("/oauth/token"))
            // the%3Aclient:p%3Ass+w%25rd%2B
            .and(header("authorization", "Basic dGhlJTNBY2xpZW50OnAlM0Fzcyt3JTI1cmQlMkI="))
            .and(body_string("grant_type=client_credentials"))
            .respond_with(granted(None))
            .mount(&server)
            .await;
        answer(&server, status(201), None).await;
        assert_eq!(add(&client(&server), 1).await, [DncOutcome::Listed]);
    }

    #[tokio::test]
    async fn id_secret_and_scope_can_go_into_the_body() {
        let server = MockServer::start().await;
        Mock::given(path("/elsewhere/token"))
            .and(body_string(
                "grant_type=client_credentials&scope=outbound%3Adnc%3Awrite+contact%3Aread\
                 &client_id=the%3Aclient&client_secret=p%3Ass+w%25rd%2B",
            ))
            .respond_with(granted(None))
            .mount(&server)
            .await;
        answer(&server, status(201), None).await;
        let token_url = format!("{}/elsewhere/token", server.uri());
        let client = client_with(
            &server,
            &[
                ("CXONE_TOKEN_URL", token_url.as_str()),
                ("CXONE_TOKEN_AUTH", "form"),
                ("CXONE_SCOPE", "outbound:dnc:write contact:read"),
            ],
        );
        assert_eq!(add(&client, 1).await, [DncOutcome::Listed]);
        let sent = requests(&server, "/elsewhere/token").await;
        assert!(!sent[0].headers.contains_key("authorization"));
    }

    #[tokio::test]
    async fn a_token_is_kept_while_it_lives_and_used_however_short_that_is() {
        for (life, tokens) in [(None, 1), (Some(1800), 1), (Some(u64::MAX), 1), (Some(0), 2)] {
            let server = MockServer::start().await;
            answer_token(&server, granted(life)).await;
            answer(&server, status(201), None).await;
            let client = client(&server);
            for _ in 0..2 {
                assert_eq!(add(&client, 1).await, [DncOutcome::Listed]);
            }
            let asked = requests(&server, "/oauth/token").await.len();
            assert_eq!(asked, tokens, "{life:?}");
        }
    }

    #[tokio::test]
    async fn refused_credentials_are_not_tried_again_and_not_shown() {
        for (status, code) in [(401, "invalid_client"), (400, "invalid_scope")] {
            let server = MockServer::start().await;
            let echo = json!({ "error": code, "error_description": SECRET });
            answer_token(&server, ResponseTemplate::new(status).set_body_json(echo)).await;
            let client = client(&server);
            let error = failure(&client).await;
            assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
            assert!(error.to_string().contains(code), "{error}");
            assert_clean(&format!("{error} {error:?}"));
            assert_eq!(requests(&server, "/oauth/token").await.len(), 1);
            assert_eq!(client.drain_usage().calls, 0);
        }
    }

    #[tokio::test]
    async fn an_unhealthy_token_endpoint_is_retried() {
        let server = MockServer::start().await;
        for answer in [status(503), status(429).insert_header("retry-after", "0")] {
            Mock::given(path("/oauth/token"))
                .respond_with(answer)
                .up_to_n_times(1)
                .mount(&server)
                .await;
        }
        answer_token(&server, granted(None)).await;
        answer(&server, status(201), None).await;
        assert_eq!(add(&client(&server), 1).await, [DncOutcome::Listed]);
        assert_eq!(requests(&server, "/oauth/token").await.len(), 3);
    }

    #[tokio::test]
    async fn the_life_of_a_token_may_be_written_in_any_way() {
        let odd = json!("soon");
        for (life, tokens) in [
            (json!("3600"), 1),
            (json!(3600.0), 1),
            (json!(1e300), 1),
            (json!(null), 1),
            (odd, 1),
            (json!("0"), 2),
            (json!(-1), 2),
        ] {
            let server = MockServer::start().await;
            let token =
                json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": life });
            answer_token(&server, status(200).set_body_json(token)).await;
            answer(&server, status(201), None).await;
            let client = client(&server);
            for _ in 0..2 {
                assert_eq!(add(&client, 1).await, [DncOutcome::Listed], "{life}");
            }
            assert_eq!(requests(&server, "/oauth/token").await.len(), tokens, "{life}");
        }
    }

    #[tokio::test]
    async fn an_answer_without_a_token_is_not_taken_for_one() {
        let server = MockServer::start().await;
        answer_token(&server, status(200).set_body_string("<html>")).await;
        let error = failure(&client(&server)).await;
        assert!(matches!(error, Error::Unexpected { status: 200, .. }), "{error}");
    }

    #[tokio::test]
    async fn a_refused_token_is_replaced_once() {
        let server = server().await;
        answer(&server, status(401), Some(1)).await;
        answer(&server, status(201), None).await;
        assert_eq!(add(&client(&server), 1).await, [DncOutcome::Listed]);
        assert_eq!(requests(&server, "/oauth/token").await.len(), 2);
    }

    #[tokio::test]
    async fn a_new_token_that_is_refused_as_well_ends_the_call() {
        let server = server().await;
        answer(&server, status(401).set_body_string(TOKEN), None).await;
        let client = client(&server);
        let error = failure(&client).await;
        assert!(matches!(error, Error::Unauthorized { .. }), "{error}");
        assert_clean(&error.to_string());
        assert_eq!(requests(&server, "/oauth/token").await.len(), 2);
        assert_eq!(client.drain_usage().calls, 2);
    }
}

mod calls {
    use super::*;

    #[tokio::test]
    async fn a_short_retry_after_is_waited_for_and_counted() {
        let server = server().await;
        let past = httpdate::fmt_http_date(SystemTime::UNIX_EPOCH);
        answer(&server, status(429).insert_header("retry-after", "0"), Some(1)).await;
        answer(&server, status(429).insert_header("retry-after", past), Some(1)).await;
        answer(&server, status(201), None).await;
        let client = client(&server);
        assert_eq!(add(&client, 1).await, [DncOutcome::Listed]);
        let used = CxoneUsage { calls: 3, throttled: 2, refused: 0 };
        assert_eq!(client.drain_usage(), used);
        assert_eq!(client.drain_usage(), CxoneUsage::default());
    }

    #[tokio::test]
    async fn a_long_retry_after_comes_back_at_once() {
        let hour = Duration::from_hours(1);
        let date = httpdate::fmt_http_date(SystemTime::now() + 2 * hour);
        for (value, at_least) in [("3600", hour), (date.as_str(), hour)] {
            let server = server().await;
            answer(&server, status(429).insert_header("retry-after", value), None).await;
            let client = client(&server);
            let error = failure(&client).await;
            assert!(matches!(error, Error::RateLimited { .. }), "{error}");
            assert!(error.retry_after() >= Some(at_least), "{error}");
            assert_eq!(client.drain_usage().calls, 1);
        }
    }

    #[tokio::test]
    async fn passing_trouble_is_retried() {
        for trouble in [408, 429, 500, 502, 503, 504] {
            let server = server().await;
            answer(&server, status(trouble), Some(2)).await;
            answer(&server, status(200), None).await;
            assert_eq!(add(&client(&server), 1).await, [DncOutcome::Listed]);
        }
    }

    #[tokio::test]
    async fn a_lost_connection_is_retried() {
        let server = server().await;
        lose_answer(&server, LIST).await;
        answer(&server, status(201), None).await;
        let client = client(&server);
        assert_eq!(add(&client, 1).await, [DncOutcome::Listed]);
        assert_eq!(client.drain_usage().calls, 2);
    }

    #[tokio::test]
    async fn a_lost_answer_to_what_must_not_be_repeated_is_ambiguous() {
        let server = server().await;
        Mock::given(path("/once"))
            .respond_with_err(|_: &Request| std::io::Error::other("cut"))
            .mount(&server)
            .await;
        let error = send(&server, "/once", Repeat::Harmful).await.expect_err("the answer is lost");
        assert!(matches!(error, Error::Ambiguous { .. }), "{error}");
        assert!(!error.to_string().contains("/once"), "{error}");
        assert_eq!(requests(&server, "/once").await.len(), 1);
    }

    #[tokio::test]
    async fn what_must_not_be_repeated_is_ambiguous_after_any_unclear_answer() {
        for code in [408, 500, 502, 503, 504] {
            let server = server().await;
            let answer = status(code).insert_header("retry-after", "0");
            answer_at(&server, "/once", answer, None).await;
            let error = send(&server, "/once", Repeat::Harmful).await.expect_err("it is unclear");
            assert!(matches!(error, Error::Ambiguous { .. }), "{code}: {error}");
            assert!(error.to_string().contains(&code.to_string()), "{error}");
            assert_eq!(requests(&server, "/once").await.len(), 1, "{code}");
        }
    }

    #[tokio::test]
    async fn what_must_not_be_repeated_is_sent_again_when_cxone_did_not_take_it() {
        let server = server().await;
        let limited = status(429).insert_header("retry-after", "0");
        answer_at(&server, "/once", limited, Some(1)).await;
        answer_at(&server, "/once", status(201), None).await;
        assert!(send(&server, "/once", Repeat::Harmful).await.is_ok());
        assert_eq!(requests(&server, "/once").await.len(), 2);
    }

    /// A server that promises a body and hangs up in the middle of it, on every request. Returns
    /// its address, and the number of requests.
    async fn cutting_off(head: &'static str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let read = stream.read(&mut request).await;
                assert!(read.is_ok_and(|length| length > 0), "a request");
                count.fetch_add(1, Ordering::SeqCst);
                let answer = format!("HTTP/1.1 {head}\r\ncontent-length: 100\r\n\r\n{{\"sess");
                stream.write_all(answer.as_bytes()).await.ok();
            }
        });
        (address, asked)
    }

    #[tokio::test]
    async fn a_write_is_done_by_its_status_even_if_the_body_is_cut_off() {
        for (repeat, head, attempts) in [
            (Repeat::Harmless, "201 Created", 1),
            (Repeat::Harmful, "201 Created", 1),
            (Repeat::Harmful, "400 Bad Request", 1),
            (Repeat::Reading, "200 OK", 4),
        ] {
            let (address, asked) = cutting_off(head).await;
            let answer = sender().send("test", repeat, soon(), |http| http.post(&address)).await;
            assert_eq!(answer.is_ok(), repeat != Repeat::Reading, "{repeat:?}: {answer:?}");
            assert_eq!(asked.load(Ordering::SeqCst), attempts, "{repeat:?} {head}");
        }
    }

    #[tokio::test]
    async fn connections_from_before_a_freeze_are_left_behind() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        let connections = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&connections);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    while stream.read(&mut request).await.is_ok_and(|length| length > 0) {
                        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await.ok();
                    }
                });
            }
        });
        let http = Http::new().expect("TLS");
        let start = Timestamp::now();
        let later = start.after(Duration::from_secs(1));
        let thawed = later.thawed_after(Duration::from_hours(1));
        for (at, expected) in [(start, 1), (later, 1), (thawed, 2), (thawed, 2)] {
            let client = http.at(at).expect("TLS");
            client.get(&address).send().await.expect("an answer");
            assert_eq!(connections.load(Ordering::SeqCst), expected);
        }
    }

    #[tokio::test]
    async fn an_endless_answer_is_read_up_to_a_limit() {
        let server = server().await;
        Mock::given(path("/endless"))
            .respond_with(status(200).set_body_bytes(vec![b'x'; BODY_LENGTH_MAX + 1]))
            .mount(&server)
            .await;
        let answer = send(&server, "/endless", Repeat::Harmless).await;
        assert_eq!(answer.expect("an answer").body.len(), BODY_LENGTH_MAX);
    }

    /// A few bytes that could become many stay as they are: no encoding is asked for, none undone.
    #[tokio::test]
    async fn a_compressed_answer_is_not_inflated() {
        let server = server().await;
        let bomb = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        let compressed =
            status(200).insert_header("content-encoding", "gzip").set_body_bytes(bomb.clone());
        Mock::given(path("/bomb")).respond_with(compressed).mount(&server).await;
        let answer = send(&server, "/bomb", Repeat::Harmless).await.expect("an answer");
        assert_eq!(answer.body, bomb);
        let sent = requests(&server, "/bomb").await;
        assert!(sent.iter().all(|request| !request.headers.contains_key("accept-encoding")));
    }

    fn sender() -> Sender {
        Sender::new(Arc::new(Http::new().expect("TLS")), QUICK)
    }

    async fn send(server: &MockServer, path: &str, repeat: Repeat) -> Result<Answer, Error> {
        let address = format!("{}{path}", server.uri());
        sender().send("test", repeat, soon(), |http| http.post(&address)).await
    }

    #[tokio::test]
    async fn a_host_that_cannot_be_reached_is_transient() {
        let server = server().await;
        let token_url = format!("{}/oauth/token", server.uri());
        let client = client_with(
            &server,
            &[
                ("CXONE_TOKEN_URL", &token_url),
                // Nothing listens on the port of tcpmux.
                ("CXONE_BASE_URL", "http://127.0.0.1:1"),
            ],
        );
        let error = failure(&client).await;
        assert!(matches!(error, Error::Transient { .. }), "{error}");
    }

    #[tokio::test]
    async fn other_refusals_are_never_retried_and_never_lose_an_opt_out() {
        type Expected = fn(&Error) -> bool;
        let kinds: [(u16, Expected); 5] = [
            (403, |it| matches!(it, Error::Forbidden { .. })),
            (404, |it| matches!(it, Error::NotFound { .. })),
            (410, |it| matches!(it, Error::NotFound { .. })),
            (302, |it| matches!(it, Error::Unexpected { status: 302, .. })),
            (415, |it| matches!(it, Error::Unexpected { status: 415, .. })),
        ];
        for (code, expected) in kinds {
            let server = server().await;
            let refusal = status(code)
                .insert_header("location", "/elsewhere")
                .set_body_string("message of CXone about +12025550000");
            answer(&server, refusal, None).await;
            let client = client(&server);
            let error = failure(&client).await;
            assert!(expected(&error), "{code}: {error}");
            assert!(error.to_string().contains("message of CXone"), "{error}");
            assert_clean(&format!("{error} {error:?}"));
            assert_eq!(client.drain_usage().calls, 1, "{code}");
        }
    }

    #[tokio::test]
    async fn without_time_nothing_is_sent() {
        let server = server().await;
        let client = client(&server);
        let outcomes = client.add_to_dnc("main", &entries(3), Instant::now()).await;
        assert_eq!(outcomes, vec![DncOutcome::try_again(Error::out_of_time()); 3]);
        let sent = server.received_requests().await.expect("they are recorded");
        assert!(sent.is_empty());
    }

    #[tokio::test]
    async fn a_slow_answer_is_given_up_in_time_for_the_deadline() {
        let server = server().await;
        answer(&server, status(201).set_delay(Duration::from_hours(1)), None).await;
        let client = client(&server);
        let deadline = Instant::now() + RECORDING_MARGIN + Duration::from_millis(500);
        let outcomes = client.add_to_dnc("main", &entries(1), deadline).await;
        assert!(
            matches!(outcomes[..], [DncOutcome::TryAgain { why: Error::Transient { .. }, .. }]),
            "{outcomes:?}"
        );
    }

    #[tokio::test]
    async fn the_breaker_stops_calls_to_an_unhealthy_cxone() {
        let server = server().await;
        answer(&server, status(503), None).await;
        let client = client(&server);
        for _ in 0..4 {
            failure(&client).await;
        }
        let error = failure(&client).await;
        assert!(matches!(error, Error::Transient { .. }), "{error}");
        assert!(error.retry_after().is_some(), "{error}");
        assert_eq!(client.drain_usage().calls, 5);
    }

    #[tokio::test]
    async fn nothing_secret_is_shown() {
        let server = server().await;
        answer(&server, status(201), None).await;
        let client = client(&server);
        assert_eq!(add(&client, 1).await, [DncOutcome::Listed]);
        assert_clean(&format!("{client:?}"));
        assert_clean(&format!("{:?}", entries(1)));
    }

    #[test]
    fn a_call_can_be_made_from_any_thread() {
        fn sendable(_: impl Send) {}
        async fn call(client: &Client) {
            client.add_to_dnc("main", &[], Instant::now()).await;
            let (callback, sms) = (callbacks::callback(), sms::sms());
            let _ = client.capacity("spring", &callback.window, Instant::now()).await;
            let _ = client.schedule_callback(&callback, Instant::now()).await;
            let _ = client.send_sms(&sms, Instant::now()).await;
            let schedule = campaigns::schedule();
            let _ = client.list_contacts("spring", 1, Instant::now()).await;
            let _ = client.submit_schedule(&schedule, Instant::now()).await;
            let _ = client.progress(&[], &callback.window, Instant::now()).await;
            let (record, url) = (contacts::record(), registrations::url());
            let _ = client.contact("1", Instant::now()).await;
            let _ = client.record_disposition(&record, Instant::now()).await;
            let _ = client.register_opt_outs(&url, Instant::now()).await;
            let _ = client.register_interactions(&url, Instant::now()).await;
            let _ = client.granted_scopes(Instant::now()).await;
        }
        let _ = |client: &Client| sendable(call(client));
    }
}

mod do_not_call {
    use super::*;

    #[tokio::test]
    async fn a_batch_is_one_post() {
        let server = server().await;
        answer(&server, status(201).set_body_json(json!({ "count": 2 })), None).await;
        let client = client(&server);
        assert_eq!(add(&client, 2).await, vec![DncOutcome::Listed; 2]);
        let sent = requests(&server, LIST).await;
        assert_eq!(sent.len(), 1);
        assert_eq!(sent[0].headers["x-cxone-version"], "2023-10-01");
        assert_eq!(sent[0].headers["authorization"], format!("Bearer {TOKEN}").as_str());
        assert_eq!(
            body(&sent[0]),
            json!({ "contacts": [
                {
                    "phoneNumber": "+12025550000",
                    "reason": "webhook_opt_out",
                    "source": "internal_system",
                },
                {
                    "phoneNumber": "+12025550001",
                    "reason": "webhook_opt_out",
                    "source": "internal_system",
                },
            ]})
        );
    }

    #[tokio::test]
    async fn a_number_in_conflict_is_updated_and_the_rest_posted_again() {
        let server = server().await;
        let conflicts = json!({ "conflicts": [{ "contactId": "+12025550001" }] });
        answer(&server, status(409).set_body_json(conflicts), Some(1)).await;
        answer(&server, status(201), None).await;
        let contact = format!("{LIST}/%2B12025550001");
        Mock::given(method("PUT"))
            .and(path(contact.as_str()))
            .respond_with(status(204))
            .mount(&server)
            .await;
        let client = client(&server);
        assert_eq!(add(&client, 3).await, vec![DncOutcome::Listed; 3]);
        assert_eq!(client.drain_usage().calls, 3);
        assert_eq!(
            body(&requests(&server, &contact).await[0]),
            json!({
                "phoneNumber": "+12025550001",
                "reason": "webhook_opt_out",
                "source": "internal_system",
            })
        );
        assert_eq!(requests(&server, &contact).await[0].headers["x-cxone-version"], "2023-10-01");
        let posts = requests(&server, LIST).await;
        let rest = body(&posts[1]);
        let rest: Vec<&str> = rest["contacts"]
            .as_array()
            .expect("an array")
            .iter()
            .filter_map(|contact| contact["phoneNumber"].as_str())
            .collect();
        assert_eq!(rest, ["+12025550000", "+12025550002"]);
    }

    #[tokio::test]
    async fn conflicts_that_cannot_be_read_are_found_by_halving() {
        let server = server().await;
        answer(&server, status(409).set_body_string("conflict"), Some(1)).await;
        answer(&server, status(201), None).await;
        let client = client(&server);
        assert_eq!(add(&client, 4).await, vec![DncOutcome::Listed; 4]);
        assert_eq!(client.drain_usage().calls, 3);
    }

    #[tokio::test]
    async fn a_conflict_may_name_its_number_without_quotes_beside_one_that_cannot_be_read() {
        let server = server().await;
        let conflicts = json!({ "conflicts": [7, { "contactId": 12_025_550_001_u64 }] });
        answer(&server, status(409).set_body_json(conflicts), Some(1)).await;
        answer(&server, status(201), None).await;
        let contact = format!("{LIST}/12025550001");
        answer_at(&server, &contact, status(204), None).await;
        assert_eq!(add(&client(&server), 2).await, vec![DncOutcome::Listed; 2]);
        assert_eq!(requests(&server, &contact).await.len(), 1);
        assert_eq!(requests(&server, LIST).await.len(), 2);
    }

    #[tokio::test]
    async fn a_batch_that_is_too_large_is_halved_until_it_fits() {
        let server = server().await;
        let too_many = |request: &Request| body(request)["contacts"].as_array().map_or(0, Vec::len);
        let limit = move |request: &Request| status(if too_many(request) > 2 { 413 } else { 201 });
        Mock::given(path(LIST)).respond_with(limit).mount(&server).await;
        assert_eq!(add(&client(&server), 7).await, vec![DncOutcome::Listed; 7]);
    }

    #[tokio::test]
    async fn a_single_number_that_is_too_large_is_not_rejected() {
        let server = server().await;
        answer(&server, status(413), None).await;
        let error = failure(&client(&server)).await;
        assert!(matches!(error, Error::Unexpected { status: 413, .. }), "{error}");
    }

    /// A CXone that fails whenever the fifth number is in a request.
    async fn choking() -> MockServer {
        let server = server().await;
        let chokes = |request: &Request| {
            let body = String::from_utf8_lossy(&request.body);
            status(if body.contains(entries(5)[4].number.as_str()) { 500 } else { 201 })
        };
        Mock::given(path(LIST)).respond_with(chokes).mount(&server).await;
        server
    }

    #[tokio::test]
    async fn a_number_that_cxone_chokes_on_holds_up_no_other_whatever_batch_it_is_in() {
        let server = choking().await;
        let client = client(&server);
        for count in [5, 9, 20, 50] {
            let mut outcomes = add(&client, count).await;
            let DncOutcome::TryAgain { why, alone, .. } = outcomes.remove(4) else {
                panic!("it cannot be listed");
            };
            assert!(alone, "{why}");
            assert_eq!(outcomes, vec![DncOutcome::Listed; usize::from(count) - 1]);
        }
    }

    #[tokio::test]
    async fn a_number_that_cxone_chokes_on_does_not_open_the_breaker_for_others() {
        let server = choking().await;
        let client = client(&server);
        for _ in 0..5 {
            add(&client, 50).await;
        }
        let others = entries(4);
        let outcomes = client.add_to_dnc("main", &others, soon()).await;
        assert_eq!(outcomes, vec![DncOutcome::Listed; 4]);
    }

    #[tokio::test]
    async fn a_cxone_that_is_down_is_asked_a_few_times_and_then_left_alone() {
        let server = server().await;
        answer(&server, status(503), None).await;
        let client = client(&server);
        let outcomes = add(&client, 50).await;
        let fails = |it: &DncOutcome| matches!(it, DncOutcome::TryAgain { .. });
        assert!(outcomes.iter().all(fails), "{outcomes:?}");
        // Four attempts with all, and fifteen parts.
        assert_eq!(client.drain_usage().calls, 19);
        // The fifth failure in a row, and one part.
        add(&client, 50).await;
        assert_eq!(client.drain_usage().calls, 2);
        add(&client, 50).await;
        assert_eq!(client.drain_usage().calls, 0);
    }

    #[tokio::test]
    async fn a_bad_number_is_rejected_in_the_words_of_cxone() {
        let server = server().await;
        let message = json!({ "message": "+12025550000 is not assignable" });
        answer(&server, status(400).set_body_json(message), None).await;
        let outcomes = add(&client(&server), 1).await;
        let reason = r#"{"message":"+1202***0000 is not assignable"}"#.to_owned();
        assert_eq!(outcomes, [DncOutcome::Rejected { reason }]);
    }
}

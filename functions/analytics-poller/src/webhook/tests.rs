use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use wiremock::{Mock, MockServer, Request, ResponseTemplate, matchers::any};

use super::*;

const NEW: &str = "whsec_dGhlIG5ldyBzZWNyZXQsIHRoZSBuZXcgc2VjcmV0IQ==";
const OLD: &str = "whsec_dGhlIG9sZCBzZWNyZXQsIHRoZSBvbGQgc2VjcmV0IQ==";

async fn receiver(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    server
}

fn message() -> Message {
    Message { id: "msg_1".to_owned(), body: r#"{"event":"campaign.completed"}"#.to_owned() }
}

/// A sender that is patient, but quick. Every name leads to this machine.
fn sender(targets: WebhookTargets) -> WebhookSender {
    let lookup: Lookup = |_| Box::pin(async { Ok(vec![([127, 0, 0, 1], 0).into()]) });
    WebhookSender::with(targets, lookup, Duration::from_secs(2)).expect("a sender")
}

async fn send_with(server: &MockServer, secrets: &[&str]) -> Result<(), DeliveryError> {
    let sender = sender(WebhookTargets::PublicAndLocal);
    let secrets: Vec<SecretString> = secrets.iter().copied().map(SecretString::from).collect();
    let url = format!("{}/hook?key=hidden", server.uri()).parse().expect("a URL");
    sender.send(&url, &message(), &secrets, Utc::now()).await
}

async fn send(server: &MockServer) -> Result<(), DeliveryError> {
    send_with(server, &[NEW, OLD]).await
}

async fn received(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.expect("requests are kept")
}

#[tokio::test]
async fn a_receiver_with_either_secret_can_verify_it() {
    let server = receiver(ResponseTemplate::new(204)).await;
    assert_eq!(send(&server).await, Ok(()));
    let received = received(&server).await;
    assert_eq!(received.len(), 1);
    assert_eq!(received[0].method, "POST");
    assert_eq!(received[0].headers["content-type"], "application/json");
    assert_eq!(received[0].headers["webhook-id"], "msg_1");
    assert_eq!(received[0].body, message().body.as_bytes());
    for secret in [NEW, OLD] {
        let webhook = Webhook::new(secret).expect("a secret");
        webhook.verify(&received[0].body, &received[0].headers).expect("it is authentic");
    }
    let stranger = Webhook::new(&NEW.replace('d', "e")).expect("a secret");
    assert!(stranger.verify(&received[0].body, &received[0].headers).is_err());
}

#[tokio::test]
async fn the_error_contains_what_the_receiver_answers() {
    for (status, expected) in [
        (200, Ok(())),
        (410, Err(DeliveryError::Gone)),
        (400, Err(DeliveryError::Refused { status: 400 })),
        (503, Err(DeliveryError::Refused { status: 503 })),
    ] {
        let server = receiver(ResponseTemplate::new(status)).await;
        assert_eq!(send(&server).await, expected);
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = receiver(ResponseTemplate::new(200)).await;
    let redirect = ResponseTemplate::new(307).insert_header("location", elsewhere.uri());
    let server = receiver(redirect).await;
    assert_eq!(send(&server).await, Err(DeliveryError::Refused { status: 307 }));
    assert_eq!(received(&elsewhere).await.len(), 0);
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_in_time_has_not_taken_it() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_mins(5));
    let error = send(&receiver(slow).await).await.expect_err("it is too slow");
    assert_eq!(error.to_string(), "the receiver did not answer: it takes too long");
}

#[tokio::test]
async fn the_error_about_an_absent_receiver_omits_its_address() {
    let sender = WebhookSender::new(WebhookTargets::PublicAndLocal).expect("a sender");
    // Port 9 discards, where anybody listens at all.
    let url = "http://127.0.0.1:9/hook?key=hidden".parse().expect("a URL");
    let sent = sender.send(&url, &message(), &[NEW.into()], Utc::now()).await;
    let error = sent.expect_err("nothing listens");
    assert!(matches!(error, DeliveryError::NoAnswer { .. }), "{error}");
    assert!(!error.to_string().contains("hidden"), "{error}");
}

/// A receiver that answers with these bytes, and then with more of the last ones without end. Returns
/// its address, and how much it got rid of.
async fn endless(head: &'static str, more: &'static str) -> (Url, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let written = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&written);
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let mut request = [0; 4096];
        let read = stream.read(&mut request).await.expect("a request");
        assert!(read > 0, "a request");
        let more = more.repeat(1000);
        let mut part = head.as_bytes();
        while let Ok(length) = stream.write(part).await {
            count.fetch_add(length, Ordering::SeqCst);
            part = if length < part.len() { &part[length..] } else { more.as_bytes() };
        }
    });
    (format!("http://{address}/").parse().expect("a URL"), written)
}

/// Buffers of the system and of the HTTP client, no more.
const BUFFERED_MAX: usize = 32 << 20;

#[tokio::test]
async fn an_answer_without_end_is_neither_read_nor_kept() {
    const OK: &str = "HTTP/1.1 200 OK\r\n";
    const BODY: &str = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\n\r\n";
    const BOMB: &str = "HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\n\r\n\x1f";
    for (head, more, is_delivered) in
        [(BODY, "0123456789", true), (BOMB, "\0\0\0\0", true), (OK, "x-more: 1\r\n", false)]
    {
        let (url, written) = endless(head, more).await;
        // Patient: it is the size that ends it.
        let sender = WebhookSender::new(WebhookTargets::PublicAndLocal).expect("a sender");
        let sent = sender.send(&url, &message(), &[NEW.into()], Utc::now()).await;
        assert_eq!(sent.is_ok(), is_delivered, "{more}: {sent:?}");
        assert!(written.load(Ordering::SeqCst) < BUFFERED_MAX, "{more}: {written:?}");
    }
}

#[tokio::test]
async fn nothing_is_sent_unsigned() {
    let server = receiver(ResponseTemplate::new(200)).await;
    for secrets in [&[][..], &["whsec_not base64"], &[NEW, "whsec_"], &["bm90IGJhc2U2NA=="]] {
        let error = send_with(&server, secrets).await.expect_err("it cannot be signed");
        assert!(matches!(error, DeliveryError::NotSent { .. }), "{error}");
        assert!(!error.to_string().contains("not base64"), "{error}");
    }
    assert_eq!(received(&server).await.len(), 0);
}

#[tokio::test]
async fn plain_http_goes_no_further_than_this_machine() {
    let sender = WebhookSender::new(WebhookTargets::PublicAndLocal).expect("a sender");
    for url in ["http://example.com/", "http://10.0.0.1/", "http://127.0.0.1.example.com/"] {
        let url = url.parse().expect("a URL");
        let sent = sender.send(&url, &message(), &[NEW.into()], Utc::now()).await;
        assert_eq!(sent, Err(DeliveryError::NotAllowed(ForbiddenTarget::NotHttps)), "{url}");
    }
}

/// DNS answers of an attacker: the second one is an internal address.
#[tokio::test]
async fn a_name_that_leads_to_this_machine_is_not_followed_in_production() {
    let server = receiver(ResponseTemplate::new(200)).await;
    let port = server.address().port();
    let url = format!("https://hooks.example.com:{port}/").parse().expect("a URL");
    let sent =
        sender(WebhookTargets::Public).send(&url, &message(), &[NEW.into()], Utc::now()).await;
    let error = sent.expect_err("it leads nowhere that may be reached");
    assert!(matches!(error, DeliveryError::NoAnswer { .. }), "{error}");
    assert!(error.to_string().contains("must be a public address"), "{error}");

    let url = format!("http://localhost:{port}/").parse().expect("a URL");
    let sender = sender(WebhookTargets::PublicAndLocal);
    assert_eq!(sender.send(&url, &message(), &[NEW.into()], Utc::now()).await, Ok(()));
    assert_eq!(received(&server).await.len(), 1);
}

use std::collections::BTreeSet;

use axum::{
    body::Bytes,
    http::HeaderMap,
    response::{IntoResponse, Response},
};
use proptest::prelude::*;
use tokio::{
    sync::mpsc::{self, UnboundedReceiver, UnboundedSender},
    task::JoinSet,
};

use super::*;
use crate::http::{self, HangUp};

/// A gateway that only takes what is signed, and traffic to it.
struct Gateway {
    traffic: Arc<Traffic>,
    url: String,
    taken: UnboundedReceiver<Value>,
    _tasks: JoinSet<()>,
}

impl Gateway {
    /// It answers each event like this.
    async fn answering(answer: fn(&Value) -> Response) -> Self {
        let (taken_by, taken) = mpsc::unbounded_channel();
        let (listener, address) = http::listen(0).await.expect("a free port");
        let url = format!("http://{address}");
        let traffic = Arc::new(Traffic::to(&url).expect("a good secret"));
        let router = Router::new()
            .route("/webhooks/cxone", post(take))
            .with_state((taken_by, answer))
            .merge(router(Arc::clone(&traffic)));
        let mut tasks = JoinSet::new();
        tasks.spawn(http::serve(listener, router));
        Self { traffic, url, taken, _tasks: tasks }
    }

    async fn new() -> Self {
        Self::answering(|_| Json(json!({ "status": "processed" })).into_response()).await
    }

    async fn generate(&self, query: &str) -> (u16, String) {
        let url = format!("{}/simulator/generate{query}", self.url);
        let response = reqwest::Client::new().post(url).send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("text"))
    }

    async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut events = Vec::new();
        assert_eq!(self.taken.recv_many(&mut events, count).await, events.len());
        while events.len() < count {
            events.push(self.taken.recv().await.expect("an event"));
        }
        events
    }
}

type Answering = (UnboundedSender<Value>, fn(&Value) -> Response);

async fn take(
    State((taken_by, answer)): State<Answering>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let key = Webhook::new(WEBHOOK_SECRET).expect("a good secret");
    if key.verify(&body, &headers).is_err() {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let event: Value = serde_json::from_slice(&body).expect("JSON");
    let response = answer(&event);
    taken_by.send(event).expect("the test is waiting");
    response
}

fn text<'a>(event: &'a Value, pointer: &str) -> &'a str {
    let text = event.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_else(|| panic!("{pointer} is missing: {event}"))
}

#[tokio::test]
async fn every_event_is_signed_and_arrives() {
    let mut gateway = Gateway::new().await;
    for channel in Channel::ALL {
        let sent = gateway.traffic.send(channel, 40).await;
        assert_eq!((sent.sent, &sent.replies["processed"]), (40, &40));
        let ids: BTreeSet<String> = sent.interaction_ids.iter().cloned().collect();
        let taken = gateway.take(40).await;
        assert_eq!(
            taken.iter().map(|it| text(it, "/data/id").to_owned()).collect::<BTreeSet<_>>(),
            ids
        );
    }
}

#[test]
fn each_channel_describes_the_customer_in_its_own_way() {
    for (channel, name, customer, about) in [
        (Channel::Voice, "voice", "/data/customer/phoneNumber", "/data/queue/name"),
        (Channel::Chat, "chat", "/data/customer/email", "/data/skill/name"),
        (Channel::Sms, "sms", "/data/customer/phoneNumber", "/data/message/body"),
    ] {
        for event in events(iter::repeat(channel)).take(100) {
            let id = text(&event, "/data/id").strip_prefix("sim-").expect("a simulated one");
            id.parse::<Uuid>().expect("a UUID");
            let timestamp = text(&event, "/timestamp");
            chrono::DateTime::parse_from_rfc3339(timestamp).expect("RFC 3339");
            assert_eq!(text(&event, "/data/channelType"), name);
            assert!(["inbound", "outbound"].contains(&text(&event, "/data/direction")));
            assert!(!text(&event, "/webhookId").is_empty() && !text(&event, about).is_empty());
            let customer = text(&event, customer);
            let is_fiction = customer.starts_with("+120255501") && customer.len() == 12;
            assert!(is_fiction || customer.ends_with("@example.com"), "{customer}");
        }
    }
}

#[test]
fn an_interaction_is_created_updated_and_completed() {
    let events: Vec<Value> = events(iter::repeat(Channel::Voice)).take(9).collect();
    let mut ids = BTreeSet::new();
    for interaction in events.chunks(3) {
        let types: Vec<&str> = interaction.iter().map(|it| text(it, "/eventType")).collect();
        assert_eq!(types, EVENT_TYPES);
        assert!(interaction.iter().all(|it| it["data"] == interaction[0]["data"]));
        ids.insert(text(&interaction[0], "/data/id"));
    }
    assert_eq!(ids.len(), 3);
}

#[tokio::test]
async fn replies_are_counted_by_their_words_or_else_by_their_status() {
    let gateway = Gateway::answering(|event| match text(event, "/eventType") {
        "interaction.created" => Json(json!({ "status": "duplicate" })).into_response(),
        "interaction.updated" => {
            let problem = Json(json!({ "status": 503, "code": "unavailable" }));
            (StatusCode::SERVICE_UNAVAILABLE, problem).into_response()
        }
        _ => {
            let mut response = Response::default();
            response.extensions_mut().insert(HangUp);
            response
        }
    });
    let sent = gateway.await.traffic.send(Channel::Sms, 5).await;
    let expected = [("503", 2), ("duplicate", 2), ("unanswered", 1)];
    assert_eq!(sent.replies, expected.map(|(word, count)| (word.to_owned(), count)).into());
}

#[tokio::test]
async fn a_person_gets_one_call_unless_they_ask_for_something_else() {
    let mut gateway = Gateway::new().await;
    for (query, channel, count) in
        [("", "voice", 1), ("?channel=chat", "chat", 1), ("?channel=sms&count=7", "sms", 7)]
    {
        let (status, body) = gateway.generate(query).await;
        let sent: Value = serde_json::from_str(&body).expect("JSON");
        let taken = gateway.take(count).await;
        assert!(taken.iter().all(|event| event["data"]["channelType"] == channel));
        assert_eq!((status, &sent["sent"]), (200, &json!(count)));
        assert_eq!(sent["replies"], json!({ "processed": count }));
        assert_eq!(sent["interactionIds"].as_array().map(Vec::len), Some(count));
        assert_eq!(sent["interactionIds"][0], taken[0]["data"]["id"]);
    }
}

#[tokio::test]
async fn what_cannot_be_generated_is_refused_with_the_reason() {
    let mut gateway = Gateway::new().await;
    for (query, message) in [
        ("?channel=fax", "expected one of `voice`, `chat`, `sms`"),
        ("?count=0", "from 1 to 1000"),
        ("?count=1001", "from 1 to 1000"),
        ("?count=many", "count"),
    ] {
        let (status, reply) = gateway.generate(query).await;
        assert!(status == 422 && reply.contains(message), "{query}: {status} {reply}");
    }
    assert!(gateway.taken.try_recv().is_err(), "nothing was sent");
}

#[tokio::test]
async fn traffic_goes_on_over_all_channels_until_it_is_dropped() {
    let mut gateway = Gateway::new().await;
    let traffic = Arc::clone(&gateway.traffic);
    let events = tokio::select! {
        () = traffic.keep_sending(NonZeroU16::MAX) => panic!("it has no end"),
        events = gateway.take(100) => events,
    };
    for channel in ["voice", "chat", "sms"] {
        let of_channel = events.iter().filter(|event| event["data"]["channelType"] == channel);
        assert!(of_channel.count() >= 20, "{channel}");
    }
}

proptest! {
    #[test]
    fn the_events_of_any_rate_fill_a_second(rate: NonZeroU16) {
        let (second, filled) = (Duration::from_secs(1), pause(rate) * u32::from(rate.get()));
        let rounding_max = Duration::from_nanos(rate.get().into());
        prop_assert!(filled <= second && second < filled + rounding_max);
    }
}

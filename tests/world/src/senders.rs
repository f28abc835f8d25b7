//! Senders of events: each posts its document to a route, again after a failure, and gives up at
//! last.

use std::{cell::RefCell, rc::Rc, time::Duration};

use sandbox::WEBHOOK_TOKEN;
use serde_json::{Value, json};
use tokio::{
    sync::oneshot,
    task::spawn_local,
    time::{sleep, timeout},
};

use crate::{lambda::Lambda, planted::Planted, story::Weight};

/// An event, and the way in which its sender delivers it.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    pub(crate) function: &'static str,
    /// Name in the story.
    pub(crate) name: String,
    pub(crate) document: Value,
    /// Header `Idempotency-Key`.
    pub(crate) key: Option<String>,
    /// Time of the first delivery.
    pub(crate) at: Duration,
    /// Time that the sender waits for an answer.
    pub(crate) patience: Duration,
    /// Deliveries before the sender gives up.
    pub(crate) deliveries_max: u32,
    /// Time after that until it comes again once more, if it does.
    pub(crate) again_after: Option<Duration>,
}

/// An event that was sent, with the answers that its sender received.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) event: Event,
    pub(crate) answers: RefCell<Vec<Answer>>,
}

/// An answer to a sender.
#[derive(Debug, Clone)]
pub(crate) struct Answer {
    pub(crate) at: Duration,
    pub(crate) status: u64,
    pub(crate) body: Value,
}

impl Sent {
    pub(crate) fn new(event: Event) -> Rc<Self> {
        Rc::new(Self { event, answers: RefCell::default() })
    }

    /// The first success.
    pub(crate) fn success(&self) -> Option<Answer> {
        self.answers.borrow().iter().find(|it| (200..300).contains(&it.status)).cloned()
    }

    /// Delivers the event, and perhaps again after a long time.
    pub(crate) async fn deliver(self: Rc<Self>, lambda: Rc<Lambda>) {
        sleep(self.event.at).await;
        Rc::clone(&self).insist(Rc::clone(&lambda)).await;
        if let Some(pause) = self.event.again_after {
            sleep(pause).await;
            // By now it may count as new.
            lambda.services.count_mishap(self.event.function);
            self.deliver_once(lambda).await;
        }
    }

    /// Delivers the event until it is answered for good, or the sender gives up.
    async fn insist(self: Rc<Self>, lambda: Rc<Lambda>) {
        for delivery in 0..self.event.deliveries_max {
            if lambda.services.strikes(lambda.services.weather.duplicates) {
                spawn_local(Rc::clone(&self).deliver_once(Rc::clone(&lambda)));
            }
            if let Some(answer) = Rc::clone(&self).deliver_once(Rc::clone(&lambda)).await
                && answer.status < 500
                && answer.status != 409
            {
                return;
            }
            let longest = 5_000 << delivery;
            let pause = lambda.services.random().u64(1_000..=longest);
            sleep(Duration::from_millis(pause)).await;
        }
    }

    /// Delivers the event once more and returns the answer, if it comes in time.
    pub(crate) async fn deliver_once(self: Rc<Self>, lambda: Rc<Lambda>) -> Option<Answer> {
        let services = Rc::clone(&lambda);
        let services = &services.services;
        let name = &self.event.name;
        services.tell(name, Weight::Turn, format!("sends {}", self.event.document));
        let (answer, answered) = oneshot::channel();
        let (function, request) = (self.event.function, self.request(services.planted));
        // The function goes on when its caller has hung up.
        spawn_local(async move { answer.send(lambda.invoke(function, request).await) });
        let answer = match timeout(self.event.patience, answered).await {
            Ok(Ok(Ok(answer))) => read(&answer, services.elapsed()),
            Ok(_) => Answer { at: services.elapsed(), status: 502, body: Value::Null },
            Err(_) => {
                services.tell(name, Weight::Turn, "hangs up".to_owned());
                return None;
            }
        };
        let told = format!("is answered {} {}", answer.status, answer.body);
        services.tell(name, Weight::Turn, told);
        self.answers.borrow_mut().push(answer.clone());
        Some(answer)
    }

    fn request(&self, planted: Option<Planted>) -> Value {
        let document = &self.event.document;
        let document = planted.map_or_else(|| document.clone(), |it| it.read(document));
        let mut headers =
            json!({ "content-type": "application/json", "x-webhook-token": WEBHOOK_TOKEN });
        if let Some(key) = &self.event.key {
            headers["idempotency-key"] = json!(key);
        }
        json!({
            "version": "2.0", "routeKey": "$default", "rawPath": "/", "rawQueryString": "",
            "headers": headers,
            "requestContext": { "http": { "method": "POST", "path": "/" }, "stage": "$default" },
            "body": document.to_string(), "isBase64Encoded": false,
        })
    }
}

fn read(answer: &Value, at: Duration) -> Answer {
    let body = answer["body"].as_str().and_then(|body| serde_json::from_str(body).ok());
    let status = answer["statusCode"].as_u64().unwrap_or(502);
    Answer { at, status, body: body.unwrap_or_default() }
}

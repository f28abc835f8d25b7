//! The simulator as its callers see it, over HTTP.

use std::time::Duration;

use chrono::TimeZone;
use reqwest::{Method, RequestBuilder};
use tokio::task::JoinSet;

use super::*;
use crate::{
    cxone::{Api, CLIENT_ID, CLIENT_SECRET},
    faults::Faults,
    traffic::Traffic,
};

mod analytics;
mod clock;
mod contact_lists;
mod contact_records;
mod registrations;
mod schedules;

const CONTACTS: &str = "/api/v2/outbound/contacts";
const FORECAST: &str = "/api/v2/outbound/forecast";
const SESSIONS: &str = "/api/v2/messaging/sessions";
const ID: &str = "6f0c3a52-7c1e-5b0a-9d53-4f5f2f1d0198";

/// A simulator and a caller with a token.
struct Caller {
    cxone: Arc<Cxone>,
    http: reqwest::Client,
    token: String,
    _tasks: JoinSet<()>,
}

impl Caller {
    async fn new() -> Self {
        let mut tasks = JoinSet::new();
        let faults = Arc::new(Faults::new(Vec::new(), 0));
        let (lifetime, clock) = (Duration::from_mins(30), Arc::default());
        let traffic = Arc::new(Traffic::to("http://127.0.0.1:9").expect("a generator"));
        let cxone = Cxone::start(Api::V2, 0, lifetime, clock, faults, traffic, &mut tasks).await;
        let cxone = cxone.expect("a free port");
        let http = reqwest::Client::new();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_id", CLIENT_ID),
            ("client_secret", CLIENT_SECRET),
        ];
        let answer = http.post(format!("{}/oauth/token", cxone.url())).form(&form).send().await;
        let body: Value = answer.expect("an answer").json().await.expect("JSON");
        let token = body["access_token"].as_str().expect("a token").to_owned();
        Self { cxone, http, token, _tasks: tasks }
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.cxone.url());
        self.http.request(method, url).bearer_auth(&self.token)
    }

    async fn create(&self, contact: &Value) -> (u16, Value) {
        let body = json!({ "contact": contact });
        answer(self.request(Method::POST, CONTACTS).json(&body)).await
    }

    async fn send(&self, message: &Value, key: Option<&str>) -> (u16, Value) {
        let mut request = self.request(Method::POST, SESSIONS).json(message);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }

    async fn forecast(&self, query: &str) -> (u16, Value) {
        answer(self.request(Method::GET, &format!("{FORECAST}?{query}"))).await
    }

    /// The hours of an answer and their agents.
    async fn hours(&self, campaign: &str, start: &str, end: &str) -> Vec<(String, f64)> {
        let query =
            format!("campaignId={campaign}&startTime={start}&endTime={end}&granularity=hourly");
        let (status, body) = self.forecast(&query).await;
        assert_eq!(status, 200, "{body}");
        let hours = body["forecast"].as_array().expect("an array").iter();
        hours
            .map(|it| {
                let hour = it["hour"].as_str().expect("an instant").to_owned();
                (hour, it["availableAgents"].as_f64().expect("a number"))
            })
            .collect()
    }
}

async fn answer(request: RequestBuilder) -> (u16, Value) {
    let response = request.send().await.expect("an answer");
    (response.status().as_u16(), response.json().await.unwrap_or_default())
}

/// An object with one of its fields, named by a JSON pointer, changed or taken away.
fn changed(object: &Value, pointer: &str, to: Option<Value>) -> Value {
    let mut object = object.clone();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    let fields = object.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
    match to {
        Some(value) => fields.insert(field.to_owned(), value),
        None => fields.remove(field),
    };
    object
}

fn contact() -> Value {
    json!({
        "contactId": ID,
        "campaignId": "spring",
        "phone": "+12025550198",
        "scheduledStartDateTime": "2025-11-03T10:00:00Z",
        "attributes": {
            "callback_requested_by": "ivr",
            "callback_language": "en-US",
            "callback_window_start": "2025-11-03T09:30:00Z",
            "callback_window_end": "2025-11-03T12:00:00Z",
        },
        "retry": { "retryCount": 3, "retryInterval": "PT15M" },
    })
}

fn message() -> Value {
    json!({
        "to": "+12025550198",
        "from": "+12025550199",
        "message": "See you at ten",
        "channels": ["sms"],
    })
}

#[tokio::test]
async fn no_request_is_served_without_a_token() {
    let mut caller = Caller::new().await;
    caller.token = "forged".to_owned();
    assert_eq!(caller.create(&json!({})).await.0, 401);
    assert_eq!(caller.send(&json!({}), None).await.0, 401);
    assert_eq!(caller.forecast("").await.0, 401);
    for operation in ["createContact", "sendSms", "forecast"] {
        assert_eq!(caller.cxone.calls(operation), 1, "{operation}");
    }
}

#[tokio::test]
async fn a_contact_is_stored_once_however_often_it_is_posted() {
    let caller = Caller::new().await;
    assert_eq!(caller.create(&contact()).await, (201, json!({ "contactId": ID })));
    assert_eq!(caller.create(&contact()).await.0, 409);
    let later = json!("2025-11-03T11:00:00Z");
    let other = changed(&contact(), "/scheduledStartDateTime", Some(later));
    assert_eq!(caller.create(&other).await.0, 409);
    let contacts = caller.cxone.contacts();
    assert_eq!(contacts.len(), 1);
    let stored = &contacts[ID];
    assert_eq!((stored.posts, stored.differing_posts), (3, 1));
    let ten = Utc.with_ymd_and_hms(2025, 11, 3, 10, 0, 0).single();
    assert_eq!(Some(stored.scheduled_start), ten);
}

#[tokio::test]
async fn a_contact_that_breaks_the_contract_is_refused_with_the_reason() {
    let caller = Caller::new().await;
    for (pointer, value, expected) in [
        ("/contactId", None, "contactId"),
        ("/contactId", Some(json!("one")), "contactId"),
        ("/campaignId", None, "campaignId"),
        ("/phone", None, "phone"),
        ("/phone", Some(json!("2025550198")), "E.164"),
        ("/scheduledStartDateTime", None, "scheduledStartDateTime"),
        ("/scheduledStartDateTime", Some(json!("ten")), "scheduledStartDateTime"),
        ("/attributes", None, "attributes"),
        ("/attributes/callback_language", None, "callback_language"),
        ("/attributes/callback_window_end", None, "callback_window_end"),
        ("/attributes/callback_requested_by", Some(json!("web")), "must be ivr"),
        ("/retry", None, "retry"),
        ("/retry/retryCount", Some(json!(5)), "must be 0 to 3"),
        ("/retry/retryInterval", Some(json!("PT1H")), "must be PT15M"),
    ] {
        let (status, body) = caller.create(&changed(&contact(), pointer, value)).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 400 && reply.contains(expected), "{pointer}: {status} {reply}");
    }
    assert!(caller.cxone.contacts().is_empty());
}

#[tokio::test]
async fn campaigns_and_numbers_are_refused_in_the_words_that_were_set() {
    let caller = Caller::new().await;
    caller.cxone.refuse_contacts("autumn", "campaign is closed");
    caller.cxone.refuse_contacts("+12025550197", "number is blocked");
    let closed = changed(&contact(), "/campaignId", Some(json!("autumn")));
    let blocked = changed(&contact(), "/phone", Some(json!("+12025550197")));
    for (contact, expected) in [(closed, "campaign is closed"), (blocked, "number is blocked")] {
        assert_eq!(caller.create(&contact).await, (400, json!({ "message": expected })));
    }
    assert_eq!(caller.create(&contact()).await.0, 201);
}

#[tokio::test]
async fn a_message_with_the_same_key_is_sent_once() {
    let caller = Caller::new().await;
    let (status, first) = caller.send(&message(), Some("a")).await;
    assert_eq!(status, 201);
    assert_eq!(caller.send(&message(), Some("a")).await, (200, first.clone()));
    let (status, second) = caller.send(&message(), Some("b")).await;
    assert_eq!(status, 201);
    assert_ne!(first, second);
    let sent = caller.cxone.messages();
    assert_eq!(sent.iter().map(|it| it.posts).collect::<Vec<_>>(), [2, 1]);
    assert_eq!(sent[0].message, "See you at ten");
    assert_eq!(sent[0].idempotency_key.as_deref(), Some("a"));
}

#[tokio::test]
async fn messages_without_a_key_are_all_sent() {
    let caller = Caller::new().await;
    for _ in 0..2 {
        assert_eq!(caller.send(&message(), None).await.0, 201);
    }
    assert_eq!(caller.cxone.messages().len(), 2);
}

#[tokio::test]
async fn a_message_that_breaks_the_contract_is_refused_with_the_reason() {
    let caller = Caller::new().await;
    for (pointer, value, expected) in [
        ("/to", None, "to"),
        ("/to", Some(json!("+1202")), "E.164"),
        ("/from", Some(json!("Shop")), "E.164"),
        ("/message", Some(json!("")), "message"),
        ("/channels", Some(json!(["sms", "fax"])), "channels"),
    ] {
        let (status, body) = caller.send(&changed(&message(), pointer, value), None).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 400 && reply.contains(expected), "{pointer}: {status} {reply}");
    }
    assert!(caller.cxone.messages().is_empty());
}

#[tokio::test]
async fn a_campaign_without_a_forecast_has_agents_in_every_hour_of_the_range() {
    let caller = Caller::new().await;
    let hours = caller.hours("any", "2025-11-03T09:30:00Z", "2025-11-03T12:00:00Z").await;
    let expected = [9, 10, 11].map(|hour| (format!("2025-11-03T{hour:02}:00:00Z"), 8.0));
    assert_eq!(hours, expected);
}

#[tokio::test]
async fn a_forecast_is_returned_as_far_as_it_overlaps_the_range() {
    let caller = Caller::new().await;
    let at = |hour| Utc.with_ymd_and_hms(2025, 11, 3, hour, 0, 0).single().expect("an instant");
    let hours = vec![(at(12), 5.0), (at(11), 4.5), (at(8), 1.0), (at(9), 2.0)];
    caller.cxone.set_forecast("spring", hours);
    caller.cxone.set_forecast("autumn", Vec::new());
    let (start, end) = ("2025-11-03T09:00:00Z", "2025-11-03T12:00:00Z");
    let expected =
        [("2025-11-03T11:00:00Z".to_owned(), 4.5), ("2025-11-03T09:00:00Z".to_owned(), 2.0)];
    assert_eq!(caller.hours("spring", start, end).await, expected);
    assert!(caller.hours("autumn", start, end).await.is_empty());
}

#[tokio::test]
async fn a_forecast_is_not_returned_for_an_invalid_range() {
    let caller = Caller::new().await;
    for (field, value, expected) in [
        ("campaignId", None, "campaignId"),
        ("startTime", None, "startTime"),
        ("startTime", Some("nine"), "startTime"),
        ("endTime", Some("2025-11-03T09:00:00Z"), "must come after"),
        ("endTime", Some("9999-11-03T09:00:00Z"), "31 days"),
        ("granularity", None, "granularity"),
        ("granularity", Some("daily"), "must be hourly"),
    ] {
        let good = [
            ("campaignId", "spring"),
            ("startTime", "2025-11-03T09:00:00Z"),
            ("endTime", "2025-11-03T12:00:00Z"),
            ("granularity", "hourly"),
        ];
        let fields = good.into_iter().filter(|(name, _)| *name != field);
        let fields = fields.chain(value.map(|value| (field, value)));
        let query: Vec<String> = fields.map(|(name, value)| format!("{name}={value}")).collect();
        let (status, body) = caller.forecast(&query.join("&")).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 400 && reply.contains(expected), "{field} {value:?}: {status} {reply}");
    }
}

#[tokio::test]
async fn faults_strike_by_the_name_of_the_operation() {
    let caller = Caller::new().await;
    for fault in ["createContact:503x1", "sendSms:429=7x1", "forecast:500x1"] {
        caller.cxone.faults.add(fault.parse().expect(fault));
    }
    assert_eq!(caller.create(&contact()).await.0, 503);
    assert_eq!(caller.send(&message(), None).await.0, 429);
    assert_eq!(caller.forecast("").await.0, 500);
    assert_eq!(caller.create(&contact()).await.0, 201);
}

#[tokio::test]
async fn the_state_contains_contacts_messages_and_forecasts() {
    let caller = Caller::new().await;
    caller.create(&contact()).await;
    caller.send(&message(), Some("a")).await;
    let nine = Utc.with_ymd_and_hms(2025, 11, 3, 9, 0, 0).single().expect("an instant");
    caller.cxone.set_forecast("spring", vec![(nine, 2.5)]);
    let (_, state) = answer(caller.request(Method::GET, "/simulator/state")).await;
    assert_eq!(state["contacts"][ID]["phone"], "+12025550198");
    assert_eq!(state["contacts"][ID]["posts"], 1);
    assert_eq!(state["messages"][0]["message"], "See you at ten");
    let hour = json!({ "hour": "2025-11-03T09:00:00Z", "availableAgents": 2.5 });
    assert_eq!(state["forecasts"], json!({ "spring": [hour] }));
}

//! The simulator as its callers see it, over HTTP. Every answer is held against the description.

use std::time::Duration;

use axum::http::Method;
use chrono::{TimeDelta, TimeZone, Utc};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::*;
use crate::{
    cxone::{Api, Cxone},
    faults::Faults,
    traffic::Traffic,
};

mod asks;
mod behavior;
mod described;
mod description;
mod dialer;
mod front;
mod refused;
mod zones;

/// A skill with calling lists.
const SKILL: i64 = 4_271_306;
/// A contact that has ended.
const CONTACT: i64 = 800_001;
/// The number of the callback and of the contact.
const NUMBER: &str = "+12025550142";

/// A simulator and a caller with a token.
struct Caller {
    cxone: Arc<Cxone>,
    http: reqwest::Client,
    token: String,
    _tasks: JoinSet<()>,
}

/// What is asked.
#[derive(Debug, Clone)]
struct Ask {
    method: Method,
    path: String,
    body: Option<Value>,
}

/// The answer.
#[derive(Debug, Clone)]
struct Reply {
    status: u16,
    /// The header `icStatusDescription`.
    description: Option<String>,
    body: Option<Value>,
}

impl Reply {
    /// A member of the body, by its pointer.
    fn at(&self, pointer: &str) -> Value {
        let body = self.body.as_ref();
        body.and_then(|body| body.pointer(pointer)).cloned().unwrap_or_default()
    }
}

fn get(path: &str) -> Ask {
    Ask { method: Method::GET, path: below(path), body: None }
}

fn post(path: &str, body: Value) -> Ask {
    with_body(Method::POST, path, body)
}

fn with_body(method: Method, path: &str, body: Value) -> Ask {
    Ask { method, path: below(path), body: Some(body) }
}

/// A path of the services at version 30; one that begins with two slashes is below the base.
fn below(path: &str) -> String {
    match path.strip_prefix('/') {
        Some(root) if root.starts_with('/') => root.to_owned(),
        _ => format!("/incontactapi/services/v30.0{path}"),
    }
}

impl Caller {
    async fn new() -> Self {
        let mut tasks = JoinSet::new();
        let faults = Arc::new(Faults::new(Vec::new(), 0));
        let (lifetime, clock) = (Duration::from_mins(30), Arc::default());
        let traffic = Arc::new(Traffic::to("http://127.0.0.1:9").expect("a generator"));
        let cxone = Cxone::start(Api::Acd, 0, lifetime, clock, faults, traffic, &mut tasks).await;
        let cxone = cxone.expect("a free port");
        let mut caller =
            Self { cxone, http: reqwest::Client::new(), token: String::new(), _tasks: tasks };
        caller.renew().await;
        caller
    }

    /// A caller whose tenant has one of everything.
    async fn prepared() -> Self {
        let caller = Self::new().await;
        caller.set_up();
        caller
    }

    fn set_up(&self) {
        let mut tenant = self.cxone.tenant();
        let number = Number::read(NUMBER).expect("a number");
        tenant.add_skill(SKILL, "Spring", &[]);
        tenant.add_contact(CONTACT, Some(number.clone()));
        let now = tenant.now;
        let contact = tenant.contacts.get_mut(&CONTACT).expect("it was added");
        (contact.skill, contact.disposition) = (SKILL, Some((3001, now)));
        tenant.add_list(SKILL, vec![(number.clone(), "Eastern Standard Time")]);
        tenant.channels.push(Channel::of(Number::read("2025550100").expect("a number")));
        tenant.actuals.push(Actual {
            skill: SKILL,
            agent: 1,
            half_hour: Utc.with_ymd_and_hms(2026, 3, 2, 15, 0, 0).single().expect("an instant"),
            handled: 4,
            handled_s: 600,
        });
    }

    async fn renew(&mut self) {
        let key = json!({ "accessKeyId": ACCESS_KEY_ID, "accessKeySecret": ACCESS_KEY_SECRET });
        let ask = post("//authentication/v1/token/access-key", key);
        let token = self.ask(&ask).await.at("/access_token");
        token.as_str().expect("a token").clone_into(&mut self.token);
    }

    fn request(&self, ask: &Ask) -> reqwest::RequestBuilder {
        let url = format!("{}{}", self.cxone.url(), ask.path);
        let mut request = self.http.request(ask.method.clone(), url);
        request = request.header("accept", "application/json");
        if !ask.path.starts_with("/auth") && !ask.path.starts_with("/.well-known") {
            request = request.bearer_auth(&self.token);
        }
        match &ask.body {
            Some(body) if ask.path.starts_with("/auth/token") => request.form(body),
            Some(body) => request.json(body),
            None => request,
        }
    }

    /// Asks, whatever comes.
    async fn ask(&self, ask: &Ask) -> Reply {
        reply(self.request(ask)).await
    }

    /// Asks, and holds the answer against the description.
    async fn ask_described(&self, ask: &Ask) -> Reply {
        let reply = self.ask(ask).await;
        let violation = description::violation(ask, &reply);
        assert_eq!(violation, None, "{ask:?} {reply:?}");
        reply
    }

    fn change_traits(&self, changes: &Value) {
        let mut tenant = self.cxone.tenant();
        tenant.traits = tenant.traits.changed(changes).expect("traits");
    }

    fn advance(&self, seconds: i64) {
        self.cxone.clock.advance(TimeDelta::seconds(seconds));
    }
}

async fn reply(request: reqwest::RequestBuilder) -> Reply {
    let response = request.send().await.expect("an answer");
    let description = response.headers().get("icStatusDescription");
    let description = description.map(|value| value.to_str().expect("text").to_owned());
    let status = response.status().as_u16();
    let body = response.bytes().await.expect("a body");
    let body = serde_json::from_slice(&body).ok();
    Reply { status, description, body }
}

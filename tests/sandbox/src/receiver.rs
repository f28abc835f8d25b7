//! Receiver of completion webhooks, per Standard Webhooks. It can be set to fail.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Json, Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;
use serde_json::Value;
use standardwebhooks::Webhook;
use tokio::{sync::Notify, task::JoinSet};

use crate::{SIGNING_SECRET, http};

/// The receiver.
pub struct Receiver {
    address: SocketAddr,
    book: Mutex<Book>,
}

#[derive(Default)]
struct Book {
    deliveries: Vec<Delivery>,
    answers: VecDeque<Answer>,
}

/// One webhook that arrived.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Delivery {
    /// The path it was sent to.
    pub path: String,
    /// Its `webhook-id`.
    pub id: String,
    /// True if its signature is valid by the Standard Webhooks library.
    pub is_authentic: bool,
    /// Content.
    pub body: Value,
    /// True if it was answered with 200.
    pub is_taken: bool,
}

/// Answer to a webhook.
#[derive(Debug, Clone)]
pub enum Answer {
    /// With a status and nothing else.
    Status(u16),
    /// With a redirect to another path of this receiver.
    Redirect(&'static str),
    /// Not before a test allows it.
    Held(Arc<Notify>),
}

impl Receiver {
    pub(crate) async fn start(port: u16, tasks: &mut JoinSet<()>) -> anyhow::Result<Arc<Self>> {
        let (listener, address) = http::listen(port).await?;
        let receiver = Arc::new(Self { address, book: Mutex::default() });
        let router = Router::new()
            .route("/deliveries", get(list))
            .fallback(take)
            .with_state(Arc::clone(&receiver));
        tasks.spawn(http::serve(listener, router));
        Ok(receiver)
    }

    /// Base URL. Every path below it takes webhooks.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Deliveries so far, in order, whatever was answered.
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.book().deliveries.clone()
    }

    /// Answers the next webhooks like this. After them, it takes all there are.
    pub fn answer_next(&self, answers: impl IntoIterator<Item = Answer>) {
        self.book().answers.extend(answers);
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn take(
    State(receiver): State<Arc<Receiver>>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let id = headers.get("webhook-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    let is_authentic =
        Webhook::new(SIGNING_SECRET).is_ok_and(|webhook| webhook.verify(&body, &headers).is_ok());
    let answer = {
        let mut book = receiver.book();
        let answer = book.answers.pop_front().unwrap_or(Answer::Status(200));
        book.deliveries.push(Delivery {
            path: uri.path().to_owned(),
            id: id.to_owned(),
            is_authentic,
            body: serde_json::from_slice(&body).unwrap_or_default(),
            is_taken: matches!(answer, Answer::Status(200)),
        });
        answer
    };
    match answer {
        Answer::Status(status) => StatusCode::from_u16(status).unwrap_or_default().into_response(),
        Answer::Redirect(path) => {
            (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, path)]).into_response()
        }
        Answer::Held(allowed) => {
            allowed.notified().await;
            StatusCode::OK.into_response()
        }
    }
}

async fn list(State(receiver): State<Arc<Receiver>>) -> Json<Vec<Delivery>> {
    Json(receiver.deliveries())
}

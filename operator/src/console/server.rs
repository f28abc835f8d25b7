//! The routes: the page, what it shows as server-sent events, and what it can do.

use std::{convert::Infallible, sync::Arc};

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header::CONTENT_TYPE},
    middleware,
    response::{
        Html, IntoResponse, Response,
        sse::{self, Sse},
    },
    routing::{get, post},
};
use futures::{Stream, StreamExt, stream};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{
    Access,
    board::{Board, Job, Sections},
    changes::{Change, Named},
    guard::{self, Guard},
    page,
    simulator::{Control, Refused, Simulator},
};
use crate::stack;

/// Everything a request needs.
pub(super) struct Console {
    /// Name of the stack.
    pub(super) stack: String,
    pub(super) simulator: Option<Simulator>,
    pub(super) access: Access,
    pub(super) guard: Guard,
    pub(super) board: Arc<Board>,
}

/// A request that is not carried out, with the reason in words for the page.
pub(super) struct Refusal {
    status: StatusCode,
    problem: String,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, problem: impl Into<String>) -> Self {
        Self { status, problem: problem.into() }
    }

    pub(super) fn forbidden(problem: &str) -> Self {
        Self::new(StatusCode::FORBIDDEN, problem)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        (self.status, Json(json!({ "problem": self.problem }))).into_response()
    }
}

/// What went wrong beyond this server.
impl From<anyhow::Error> for Refusal {
    fn from(error: anyhow::Error) -> Self {
        let is_refused = error.is::<Refused>();
        let status =
            if is_refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::BAD_GATEWAY };
        Self::new(status, format!("{error:#}"))
    }
}

type Answer = Result<Json<Value>, Refusal>;

/// All routes, behind the guard.
pub(super) fn router(console: Arc<Console>) -> Router {
    let files = page::FILES.iter().fold(Router::new(), |router, (path, media_type, content)| {
        router.route(path, get(async || ([(CONTENT_TYPE, *media_type)], *content)))
    });
    files
        .route("/", get(document))
        .route("/updates", get(updates))
        .route("/number", post(explain_number))
        .route("/dead-letters/redrive", post(redrive))
        .route("/dead-letters/delete", post(delete))
        .route("/sandbox", post(control))
        .layer(middleware::from_fn_with_state(Arc::clone(&console), guard::check))
        .with_state(console)
}

async fn document(State(console): State<Arc<Console>>) -> Html<String> {
    Html(page::DOCUMENT.replace(page::TOKEN, &console.guard.token))
}

/// An event whenever sections have changed: those that did, by their names.
async fn updates(
    State(console): State<Arc<Console>>,
) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let about = json!({
        "stack": console.stack, "isSandbox": console.simulator.is_some(),
        "canWrite": console.access == Access::Write,
    });
    let start = Sections::from([("about", about.to_string().into())]);
    let first = stream::once(std::future::ready(event(&start)));
    let sections = console.board.subscribe().await;
    let changes = stream::unfold((sections, Sections::new()), next_change);
    Sse::new(first.chain(changes).map(Ok)).keep_alive(sse::KeepAlive::default())
}

type Changes = (watch::Receiver<Sections>, Sections);

async fn next_change((mut sections, sent): Changes) -> Option<(sse::Event, Changes)> {
    sections.changed().await.ok()?;
    let current = sections.borrow_and_update().clone();
    let is_new = |(name, content): &(&&'static str, &Arc<str>)| sent.get(*name) != Some(content);
    let changed = current.iter().filter(is_new).map(|(name, it)| (*name, Arc::clone(it)));
    Some((event(&changed.collect()), (sections, current)))
}

/// Sections are JSON already.
fn event(sections: &Sections) -> sse::Event {
    let fields = sections.iter().map(|(name, content)| format!("\"{name}\":{content}"));
    let data = format!("{{{}}}", fields.collect::<Vec<_>>().join(","));
    sse::Event::default().data(data)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    number: String,
}

/// In the body: addresses are kept in a browser's history.
async fn explain_number(
    State(console): State<Arc<Console>>,
    Json(Asked { number }): Json<Asked>,
) -> Answer {
    let number = stack::number(&number);
    let number = number.map_err(|why| Refusal::new(StatusCode::UNPROCESSABLE_ENTITY, why))?;
    Ok(Json(console.board.ask(|reply| Job::Explain(number, reply)).await?))
}

async fn redrive(state: State<Arc<Console>>, named: Json<Named>) -> Answer {
    change(Change::Redrive, state, named).await
}

async fn delete(state: State<Arc<Console>>, named: Json<Named>) -> Answer {
    change(Change::Delete, state, named).await
}

async fn change(
    change: Change,
    State(console): State<Arc<Console>>,
    Json(named): Json<Named>,
) -> Answer {
    if console.access == Access::ReadOnly {
        let words = "this console only reads; `outbound console --write` can change dead letters";
        return Err(Refusal::forbidden(words));
    }
    Ok(Json(console.board.ask(|reply| Job::Change(change, named, reply)).await?))
}

async fn control(State(console): State<Arc<Console>>, Json(control): Json<Control>) -> Answer {
    let Some(simulator) = &console.simulator else {
        return Err(Refusal::new(StatusCode::NOT_FOUND, "this is no sandbox"));
    };
    let answered = simulator.control(&control).await;
    console.board.look().await;
    Ok(Json(answered?))
}

//! The Lambda Runtime API, as the runtime in each function's process polls it.
//!
//! Every process gets an endpoint of its own, identified by the first segment of the path.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use axum::{
    Router,
    body::{Body, Bytes},
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::Response,
    routing::{get, post},
};
use serde_json::Value;
use tokio::sync::{Mutex as AsyncMutex, mpsc, oneshot, watch};
use uuid::Uuid;

use crate::aws::{ACCOUNT, REGION};

/// An event on its way to a process.
pub(super) struct Invocation {
    pub(super) payload: Bytes,
    pub(super) timeout: Duration,
    pub(super) reply: oneshot::Sender<Replied>,
}

/// Id of a request, and the answer to it.
pub(super) type Replied = (Uuid, Reply);

/// Answer of the process.
#[derive(Debug)]
pub(super) enum Reply {
    Answer(Bytes),
    Error(Value),
}

/// The endpoints of all processes.
pub(super) struct RuntimeApi {
    address: SocketAddr,
    endpoints: Mutex<HashMap<Uuid, Arc<Endpoint>>>,
}

struct Endpoint {
    function: String,
    invocations: AsyncMutex<mpsc::Receiver<Invocation>>,
    pending: Mutex<Option<(Uuid, oneshot::Sender<Replied>)>>,
    /// True as soon as the process asks for its first event: then it has started.
    has_started: watch::Sender<bool>,
}

/// The endpoint of one process, for as long as this lives.
pub(super) struct Registration {
    api: Arc<RuntimeApi>,
    id: Uuid,
    has_started: watch::Receiver<bool>,
}

impl Registration {
    /// Value of `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn endpoint(&self) -> String {
        format!("http://{}/{}", self.api.address, self.id)
    }

    /// True if the process has asked for an event; false until then.
    pub(super) fn has_started(&self) -> watch::Receiver<bool> {
        self.has_started.clone()
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.api.endpoints().remove(&self.id);
    }
}

impl RuntimeApi {
    pub(super) fn new(address: SocketAddr) -> Self {
        Self { address, endpoints: Mutex::default() }
    }

    pub(super) fn register(
        self: &Arc<Self>,
        function: &str,
    ) -> (Registration, mpsc::Sender<Invocation>) {
        let (sender, receiver) = mpsc::channel(1);
        let (started, has_started) = watch::channel(false);
        let endpoint = Endpoint {
            function: function.to_owned(),
            invocations: AsyncMutex::new(receiver),
            pending: Mutex::default(),
            has_started: started,
        };
        let id = Uuid::new_v4();
        self.endpoints().insert(id, Arc::new(endpoint));
        (Registration { api: Arc::clone(self), id, has_started }, sender)
    }

    pub(super) fn router(api: &Arc<Self>) -> Router {
        const VERSION: &str = "/{process}/2018-06-01/runtime";
        Router::new()
            .route(&format!("{VERSION}/invocation/next"), get(next))
            .route(&format!("{VERSION}/invocation/{{id}}/response"), post(response))
            .route(&format!("{VERSION}/invocation/{{id}}/error"), post(error))
            // The process ends by itself after this; its message is in the log.
            .route(&format!("{VERSION}/init/error"), post(StatusCode::ACCEPTED))
            .layer(DefaultBodyLimit::max(6 * 1024 * 1024))
            .with_state(Arc::clone(api))
    }

    fn endpoint(&self, process: Uuid) -> Result<Arc<Endpoint>, StatusCode> {
        self.endpoints().get(&process).cloned().ok_or(StatusCode::GONE)
    }

    fn endpoints(&self) -> MutexGuard<'_, HashMap<Uuid, Arc<Endpoint>>> {
        self.endpoints.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Endpoint {
    fn pending(&self) -> MutexGuard<'_, Option<(Uuid, oneshot::Sender<Replied>)>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resolve(&self, id: Uuid, reply: Reply) -> StatusCode {
        match self.pending().take_if(|(pending, _)| *pending == id) {
            Some((_, waiting)) => {
                // No caller waits any more when the invocation has timed out.
                waiting.send((id, reply)).ok();
                StatusCode::ACCEPTED
            }
            None => StatusCode::BAD_REQUEST,
        }
    }
}

async fn next(
    State(api): State<Arc<RuntimeApi>>,
    Path(process): Path<Uuid>,
) -> Result<Response, StatusCode> {
    let endpoint = api.endpoint(process)?;
    endpoint.has_started.send_replace(true);
    let invocation = endpoint.invocations.lock().await.recv().await.ok_or(StatusCode::GONE)?;
    let id = Uuid::new_v4();
    *endpoint.pending() = Some((id, invocation.reply));
    let deadline = SystemTime::now() + invocation.timeout;
    let deadline_ms = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    let function = &endpoint.function;
    Response::builder()
        .header("lambda-runtime-aws-request-id", id.to_string())
        .header("lambda-runtime-deadline-ms", deadline_ms.to_string())
        .header(
            "lambda-runtime-invoked-function-arn",
            format!("arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}"),
        )
        .header("lambda-runtime-trace-id", format!("Root=1-{:08x}-{:024x};Sampled=0", 0, 0))
        .header("content-type", "application/json")
        .body(Body::from(invocation.payload))
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn response(
    State(api): State<Arc<RuntimeApi>>,
    Path((process, id)): Path<(Uuid, Uuid)>,
    payload: Bytes,
) -> Result<StatusCode, StatusCode> {
    Ok(api.endpoint(process)?.resolve(id, Reply::Answer(payload)))
}

async fn error(
    State(api): State<Arc<RuntimeApi>>,
    Path((process, id)): Path<(Uuid, Uuid)>,
    payload: Bytes,
) -> Result<StatusCode, StatusCode> {
    let error = serde_json::from_slice(&payload).unwrap_or_default();
    Ok(api.endpoint(process)?.resolve(id, Reply::Error(error)))
}

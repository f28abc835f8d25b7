//! API Gateway's HTTP API: routes of the template, payload format 2.0.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use chrono::Utc;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    aws::{ACCOUNT, REGION},
    lambda::{Lambda, Outcome},
    template::Route,
};

/// The largest body API Gateway passes on.
const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

struct Gateway {
    lambda: Arc<Lambda>,
    routes: Vec<(Route, String)>,
}

/// A router that answers the given routes with the functions named beside them.
pub(crate) fn router(lambda: Arc<Lambda>, routes: Vec<(Route, String)>) -> Router {
    Router::new().fallback(forward).with_state(Arc::new(Gateway { lambda, routes }))
}

async fn forward(State(gateway): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let (method, path) = (head.method.as_str(), head.uri.path());
    let route = |(route, _): &&(Route, String)| route.method == method && route.path == path;
    let Some((route, function)) = gateway.routes.iter().find(route) else {
        return message(StatusCode::NOT_FOUND, "Not Found");
    };
    let Ok(body) = axum::body::to_bytes(body, BODY_BYTES_MAX).await else {
        return message(StatusCode::PAYLOAD_TOO_LARGE, "Request Entity Too Large");
    };
    let query = head.uri.query().unwrap_or_default();
    let event = event(route, query, &head.headers, &body);
    match gateway.lambda.invoke(function, event.to_string().into()).await {
        Ok(Outcome::Answer(payload)) => reply(&payload),
        Ok(Outcome::Error(_) | Outcome::Exited) => {
            message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
        Ok(Outcome::TimedOut) => message(StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        Err(error) => message(StatusCode::BAD_GATEWAY, &format!("{error:#}")),
    }
}

/// The event a function sees, in payload format 2.0.
fn event(route: &Route, query: &str, headers: &HeaderMap, body: &Bytes) -> Value {
    let route_key = format!("{} {}", route.method, route.path);
    let named = |name: &header::HeaderName| {
        let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
        (name.as_str().to_owned(), values.collect::<Vec<_>>().join(","))
    };
    let headers_seen: BTreeMap<String, String> = headers.keys().map(named).collect();
    let text = std::str::from_utf8(body).ok().filter(|_| is_text(headers));
    let (body, is_base64) = match text {
        Some(text) => (text.to_owned(), false),
        None => (BASE64_STANDARD.encode(body), true),
    };
    json!({
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": route.path,
        "rawQueryString": query,
        "headers": headers_seen,
        "requestContext": {
            "accountId": ACCOUNT,
            "apiId": "sandbox",
            "domainName": format!("sandbox.execute-api.{REGION}.amazonaws.com"),
            "http": {
                "method": route.method, "path": route.path, "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers_seen.get("user-agent").cloned().unwrap_or_default(),
            },
            "requestId": Uuid::new_v4(),
            "routeKey": route_key,
            "stage": "$default",
            "time": Utc::now().format("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": Utc::now().timestamp_millis(),
        },
        "body": body,
        "isBase64Encoded": is_base64,
    })
}

/// Returns whether API Gateway passes the body on as text; it encodes everything else in base64.
fn is_text(headers: &HeaderMap) -> bool {
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let Some(content_type) = content_type else {
        return false;
    };
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    let is_text = media_type.starts_with("text/")
        || ["application/json", "application/javascript", "application/xml"].contains(&media_type);
    is_text && !headers.contains_key(header::CONTENT_ENCODING)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    status_code: u16,
    #[serde(default)]
    headers: BTreeMap<String, Value>,
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

/// Turns a function's answer into a response, or into the 500 a malformed one earns.
fn reply(payload: &[u8]) -> Response {
    let answered = serde_json::from_slice(payload).ok().and_then(response);
    let malformed = || message(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error");
    answered.unwrap_or_else(malformed)
}

fn response(answer: Answer) -> Option<Response> {
    let body = answer.body.unwrap_or_default();
    let body = if answer.is_base64_encoded {
        BASE64_STANDARD.decode(body).ok()?
    } else {
        body.into_bytes()
    };
    let mut response = Response::builder().status(answer.status_code);
    for (name, value) in &answer.headers {
        response = response.header(name, value.as_str()?);
    }
    response.body(Body::from(body)).ok()
}

fn message(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

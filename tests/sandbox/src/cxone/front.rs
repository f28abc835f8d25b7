//! What every request passes first: faults that strike, the check of its token, and the record of
//! calls.

use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

use axum::{
    Json,
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use serde_json::json;

use super::{Call, Cxone};
use crate::{
    faults::{Effect, RetryAfter},
    http::{HangUp, hang_up},
};

/// Page of a proxy that answers in place of CXone.
const PROXY_PAGE: &str = "<!doctype html><title>Welcome</title>";

/// Lets a fault strike, checks the token, and writes the call down.
pub(super) async fn misbehave(
    State(cxone): State<Arc<Cxone>>,
    request: Request,
    next: Next,
) -> Response {
    let operation = operation(&request);
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return hang_up() };
    let effect = cxone.faults.strike(operation, &body);
    let request = Request::from_parts(head, body.into());
    let response = match effect {
        Some(Effect::TooManyRequests(retry_after)) => too_many_requests(retry_after),
        Some(Effect::Status(status)) => {
            let status = StatusCode::from_u16(status).unwrap_or_default();
            (status, Json(json!({ "message": "scripted fault" }))).into_response()
        }
        Some(Effect::Choke(_)) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Some(Effect::Drop) => hang_up(),
        Some(Effect::DropAfter) => {
            cxone.serve(operation, request, next).await;
            hang_up()
        }
        Some(Effect::Html) => {
            let response = cxone.serve(operation, request, next).await;
            if response.status().is_success() { Html(PROXY_PAGE).into_response() } else { response }
        }
        Some(Effect::Delay(delay)) => {
            tokio::time::sleep(delay).await;
            cxone.serve(operation, request, next).await
        }
        Some(Effect::ExpireTokens) => {
            cxone.world().tokens.expire_all();
            cxone.serve(operation, request, next).await
        }
        Some(Effect::Kill { function }) => {
            cxone.serve(operation, request, next).await;
            cxone.faults.kill(&function);
            hang_up()
        }
        None => cxone.serve(operation, request, next).await,
    };
    let hung_up = response.extensions().get::<HangUp>().is_some();
    let status = (!hung_up).then(|| response.status().as_u16());
    cxone.world().calls.push(Call { operation, status });
    response
}

impl Cxone {
    async fn serve(&self, operation: &str, request: Request, next: Next) -> Response {
        let bearer = request.headers().get(header::AUTHORIZATION).and_then(|h| h.to_str().ok());
        let token = bearer.and_then(|bearer| bearer.strip_prefix("Bearer "));
        let allowed = operation == "token" || self.world().tokens.accepts(token);
        if !allowed {
            let body = Json(json!({ "error": "invalid_token" }));
            return (StatusCode::UNAUTHORIZED, body).into_response();
        }
        next.run(request).await
    }
}

/// The contract's name for what a request asks.
fn operation(request: &Request) -> &'static str {
    match (request.method().as_str(), request.uri().path()) {
        ("POST", "/oauth/token") => "token",
        ("POST", path) if path.contains("/dnc-lists/") => "addToDncList",
        ("PUT", path) if path.contains("/dnc-lists/") => "upsertDncContact",
        ("POST", "/api/v2/outbound/contacts") => "createContact",
        ("GET", "/api/v2/outbound/contacts") => "listContacts",
        ("POST", path) if path.starts_with("/api/v2/outbound/campaigns/") => "createSchedule",
        ("POST", "/api/v2/analytics/outbound/details/query") => "queryAnalytics",
        ("GET", "/api/v2/outbound/forecast") => "forecast",
        ("POST", "/api/v2/messaging/sessions") => "sendSms",
        ("GET", path) if path.starts_with("/api/v2/contacts/") => "getContact",
        ("PATCH", path) if path.starts_with("/api/v2/contacts/") => "updateContact",
        ("POST", "/api/v2/event-subscriptions") => "subscribeEvents",
        ("POST", "/api/v2/webhooks") => "registerWebhook",
        _ => "unknown",
    }
}

fn too_many_requests(retry_after: RetryAfter) -> Response {
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    let value = match retry_after {
        RetryAfter::Absent => return response,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => {
            httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(seconds))
        }
    };
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

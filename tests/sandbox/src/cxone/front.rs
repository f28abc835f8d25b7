//! What every request passes first, whatever its API: faults that strike, and the record of calls.

use std::{sync::Arc, time::Duration};

use super::{Api, Call, Cxone};
use crate::{
    faults::{Effect, RetryAfter},
    http::{HangUp, hang_up},
};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};

/// Page of a proxy that answers in place of CXone.
const PROXY_PAGE: &str = "<!doctype html><title>Welcome</title>";

/// Lets a fault strike, and writes the call down.
pub(super) async fn misbehave(
    State((cxone, api)): State<(Arc<Cxone>, Api)>,
    request: Request,
    next: Next,
) -> Response {
    let operation = api.operation(&request);
    let (head, body) = request.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else { return hang_up() };
    let effect = cxone.faults.strike(&api.names(operation), &body);
    let request = Request::from_parts(head, body.into());
    let refusal = |status| api.refusal(&cxone, operation, status);
    let mut response = match effect {
        Some(effect) => cxone.suffer(effect, request, next, refusal).await,
        None => next.run(request).await,
    };
    date(&mut response, cxone.tenant().traits.wire.clock_ahead_s);
    let hung_up = response.extensions().get::<HangUp>().is_some();
    let status = (!hung_up).then(|| response.status().as_u16());
    cxone.record().push(Call { operation, status });
    response
}

impl Cxone {
    /// Answers as a fault has it.
    async fn suffer(
        &self,
        effect: Effect,
        request: Request,
        next: Next,
        refusal: impl Fn(StatusCode) -> Response,
    ) -> Response {
        let refusal = |status| refusal(StatusCode::from_u16(status).unwrap_or_default());
        match effect {
            Effect::TooManyRequests(retry_after) => too_many_requests(retry_after),
            Effect::Status(status) => refusal(status),
            Effect::Choke(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
            Effect::Drop => hang_up(),
            Effect::DropAfter => {
                next.run(request).await;
                hang_up()
            }
            Effect::StatusAfter(status) => {
                next.run(request).await;
                refusal(status)
            }
            Effect::Html => {
                let response = next.run(request).await;
                let is_success = response.status().is_success();
                if is_success { Html(PROXY_PAGE).into_response() } else { response }
            }
            Effect::Delay(delay) => {
                tokio::time::sleep(delay).await;
                next.run(request).await
            }
            Effect::ExpireTokens => {
                self.expire_tokens();
                next.run(request).await
            }
            Effect::Kill { function } => {
                next.run(request).await;
                self.faults.kill(&function);
                hang_up()
            }
        }
    }
}

/// Dates an answer by a clock that is not right. Otherwise the server dates it.
fn date(response: &mut Response, ahead_s: i32) {
    if ahead_s == 0 {
        return;
    }
    let span = Duration::from_secs(ahead_s.unsigned_abs().into());
    let now = ambient::system_time();
    let at = if ahead_s > 0 { now + span } else { now - span };
    if let Ok(value) = HeaderValue::from_str(&httpdate::fmt_http_date(at)) {
        response.headers_mut().insert(header::DATE, value);
    }
}

fn too_many_requests(retry_after: RetryAfter) -> Response {
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    let value = match retry_after {
        RetryAfter::Absent => return response,
        RetryAfter::Seconds(seconds) => seconds.to_string(),
        RetryAfter::Date(seconds) => {
            httpdate::fmt_http_date(ambient::system_time() + Duration::from_secs(seconds))
        }
    };
    if let Ok(value) = HeaderValue::from_str(&value) {
        response.headers_mut().insert(header::RETRY_AFTER, value);
    }
    response
}

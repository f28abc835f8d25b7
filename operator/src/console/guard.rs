//! Who is answered: pages of this server alone, on this machine alone.
//!
//! Every page of the web can send requests to this machine. Three things keep them out. A request
//! must name this server in `Host`, or a name elsewhere could be pointed at this machine. A request
//! that changes or searches something must carry a token that only our page holds. And where the
//! deployment is a stack, every request needs the key in the address that was printed, or other
//! users of this machine could read it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use subtle::ConstantTimeEq;

use super::server::{Console, Refusal};

/// Header with the token of the page.
const TOKEN: &str = "x-console-token";
/// Headers of every answer.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::CACHE_CONTROL, "no-store"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The secrets of one server, and its address.
pub(super) struct Guard {
    address: SocketAddr,
    /// Proof that a request comes from our page. Version 4 UUIDs come from the system's randomness.
    pub(super) token: String,
    /// Part of the address that is printed, where one is needed.
    key: Option<String>,
}

impl Guard {
    pub(super) fn new(address: SocketAddr, needs_key: bool) -> Self {
        let key = needs_key.then(|| ambient::id().to_string());
        Self { address, token: ambient::id().to_string(), key }
    }

    /// The address to open.
    pub(super) fn address(&self) -> String {
        match &self.key {
            None => format!("http://{}/", self.address),
            Some(key) => format!("http://{}/?key={key}", self.address),
        }
    }

    /// A name of its own for each server: browsers send a cookie to all ports.
    fn cookie(&self) -> String {
        format!("console-{}", self.address.port())
    }

    /// Refuses requests that name another server, or whose page is one of another server.
    fn check_origin(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let port = self.address.port();
        let hosts = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
        let text = |name| headers.get(name).and_then(|it: &HeaderValue| it.to_str().ok());
        if !text(header::HOST).is_some_and(|host| hosts.iter().any(|own| own == host)) {
            return Err(Refusal::forbidden("the request is for another host"));
        }
        let origin = headers.get(header::ORIGIN);
        let own = |origin: &HeaderValue| {
            hosts.iter().any(|host| origin.as_bytes() == format!("http://{host}").as_bytes())
        };
        match origin {
            Some(origin) if !own(origin) => {
                Err(Refusal::forbidden("the request comes from the page of another host"))
            }
            _ => Ok(()),
        }
    }

    fn check_key(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let Some(key) = &self.key else { return Ok(()) };
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|it| it.to_str().ok());
        let mut cookies = cookies.flat_map(|it| it.split(';')).filter_map(|it| it.split_once('='));
        let name = self.cookie();
        if cookies.any(|(of, value)| of.trim() == name && is_same(value, key)) {
            return Ok(());
        }
        let words = "open the address that `outbound console` printed: it holds a key";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, words))
    }

    fn check_token(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let given = headers.get(TOKEN).and_then(|it| it.to_str().ok()).unwrap_or_default();
        if is_same(given, &self.token) {
            return Ok(());
        }
        Err(Refusal::forbidden("the request lacks the token of the page: load it again"))
    }

    fn check(&self, request: &Request) -> Result<(), Refusal> {
        self.check_origin(request.headers())?;
        self.check_key(request.headers())?;
        match *request.method() {
            Method::GET | Method::HEAD => Ok(()),
            _ => self.check_token(request.headers()),
        }
    }

    /// Takes the key out of the address and keeps it in the browser.
    fn admit(&self, request: &Request) -> Option<Response> {
        let key = self.key.as_deref()?;
        let given = request.uri().query()?.strip_prefix("key=")?;
        let is_valid = self.check_origin(request.headers()).is_ok() && is_same(given, key);
        let cookie = format!("{}={key}; Path=/; HttpOnly; SameSite=Strict", self.cookie());
        is_valid.then(|| ([(header::SET_COOKIE, cookie)], Redirect::to("/")).into_response())
    }
}

/// Compares in a time that says nothing about how much is right.
fn is_same(given: &str, expected: &str) -> bool {
    given.as_bytes().ct_eq(expected.as_bytes()).into()
}

/// Stands in front of all routes.
pub(super) async fn check(
    State(console): State<Arc<Console>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match (console.guard.admit(&request), console.guard.check(&request)) {
        (Some(admitted), _) => admitted,
        (None, Ok(())) => next.run(request).await,
        (None, Err(refusal)) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    headers.extend(HEADERS.map(|(name, value)| (name, HeaderValue::from_static(value))));
    response
}

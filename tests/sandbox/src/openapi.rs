//! The description of the HTTP API, with the address of the gateway.

use axum::{Router, http::header, routing::get};

/// The whole description.
const DOCUMENT: &str = include_str!("../../../openapi.yaml");
/// Its path at the gateway.
pub const PATH: &str = "/openapi.yaml";

/// `GET /openapi.yaml` answers with the description.
pub(crate) fn router() -> Router {
    Router::new().route(PATH, get(([(header::CONTENT_TYPE, "application/yaml")], DOCUMENT)))
}

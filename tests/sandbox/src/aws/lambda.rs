//! Lambda's `Invoke`: an event by hand.

use std::sync::Arc;

use axum::{
    body::Bytes,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde_json::json;

use super::error;
use crate::{Lambda, Outcome};

/// Header that says that the answer is an error of the function.
const FUNCTION_ERROR: (&str, &str) = ("x-amz-function-error", "Unhandled");

/// Invokes a function, and answers with what it answers.
pub(super) async fn invoke(lambda: Option<&Arc<Lambda>>, function: &str, event: Bytes) -> Response {
    let Some(lambda) = lambda else {
        return error("ResourceNotFoundException", "no functions run here");
    };
    // A function is named by its name or its ARN.
    let name = function.rsplit(':').next().unwrap_or_default();
    let failed = |error| (StatusCode::OK, [FUNCTION_ERROR], axum::Json(error)).into_response();
    match lambda.invoke(name, event).await {
        Ok(Outcome::Answer(answer)) => answer.into_response(),
        Ok(Outcome::Error(error)) => failed(error),
        Ok(other) => failed(json!({ "errorMessage": format!("{other:?}") })),
        Err(problem) => error("ResourceNotFoundException", &format!("{problem:#}")),
    }
}

//! Requests and responses of API Gateway in payload format 2.0.
//!
//! `lambda_http` builds the address of a request from headers that the sender chooses and panics
//! when they make none. No handler here reads the address, so the request is built without it:
//! whatever a sender writes into a header, it gets an answer, and no error that pages an operator.

use aws_lambda_events::apigw::{ApiGatewayV2httpRequest, ApiGatewayV2httpResponse};
use base64::{Engine, prelude::BASE64_STANDARD};
use lambda_http::{Body, Request, RequestExt, Response};
use lambda_runtime::{Context, Error};
use serde_json::Value;

use crate::problem::Problem;

/// Builds the request: method, headers, body and the invocation's context.
pub(super) fn request(event: Value, context: &Context) -> Result<Request, Problem> {
    let malformed = |what: &str| Problem::bad_request("malformed_request", what.to_owned());
    let event: ApiGatewayV2httpRequest = serde_json::from_value(event)
        .map_err(|_| malformed("a header or the method is malformed"))?;
    let body = match event.body {
        None => Body::Empty,
        Some(text) if event.is_base64_encoded => {
            let bytes = BASE64_STANDARD.decode(text);
            Body::Binary(
                bytes.map_err(|_| malformed("the body is not the base64 it claims to be"))?,
            )
        }
        Some(text) => Body::Text(text),
    };
    let mut request = Request::new(body);
    *request.method_mut() = event.request_context.http.method;
    *request.headers_mut() = event.headers;
    Ok(request.with_lambda_context(context.clone()))
}

/// Writes a response the way API Gateway reads it.
pub(super) fn response(answer: impl Into<Response<Body>>) -> Result<Value, Error> {
    let (head, body) = answer.into().into_parts();
    let mut response = ApiGatewayV2httpResponse::default();
    response.status_code = head.status.as_u16().into();
    response.headers = head.headers;
    response.is_base64_encoded = matches!(body, Body::Binary(_));
    response.body = Some(body);
    Ok(serde_json::to_value(response)?)
}

//! Functions with two doors: a route of the HTTP API, where work comes in, and a queue of their
//! own, where the rest of it waits.

use aws_lambda_events::{
    apigw::ApiGatewayV2httpResponse,
    sqs::{SqsBatchResponse, SqsEvent},
};
use lambda_http::{Body, Request, RequestExt, Response, request::LambdaRequest};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;

/// A function with two doors.
pub trait Intake {
    /// Answers a request.
    fn request(&self, request: Request) -> impl Future<Output = Response<Body>>;

    /// Works on a batch of messages and says which must come again.
    fn batch(&self, event: LambdaEvent<SqsEvent>) -> impl Future<Output = SqsBatchResponse>;
}

/// Serves both doors until Lambda ends the process.
pub async fn run(intake: &impl Intake) -> Result<(), Error> {
    // Boxed: futures that are nested any deeper are too much for the compiler.
    lambda_runtime::run(service_fn(async |event| Box::pin(dispatch(intake, event)).await)).await
}

async fn dispatch(intake: &impl Intake, event: LambdaEvent<Value>) -> Result<Value, Error> {
    let answer = match Door::of(event)? {
        Door::Queue(event) => serde_json::to_value(intake.batch(event).await)?,
        Door::Front(LambdaEvent { payload, context }) => {
            let request: LambdaRequest = serde_json::from_value(payload)?;
            let request = Request::from(request).with_lambda_context(context);
            serde_json::to_value(for_api_gateway(intake.request(request).await))?
        }
    };
    Ok(answer)
}

/// By which of two doors an event came in.
pub(crate) enum Door {
    /// As a batch of the function's queue.
    Queue(LambdaEvent<SqsEvent>),
    /// By the other one.
    Front(LambdaEvent<Value>),
}

impl Door {
    /// An event with records is a batch.
    pub(crate) fn of(event: LambdaEvent<Value>) -> Result<Self, serde_json::Error> {
        let LambdaEvent { payload, context } = event;
        if payload.get("Records").is_none() {
            return Ok(Self::Front(LambdaEvent::new(payload, context)));
        }
        let batch = serde_json::from_value(payload)?;
        Ok(Self::Queue(LambdaEvent::new(batch, context)))
    }
}

/// A response in payload format 2.0.
fn for_api_gateway(response: Response<Body>) -> ApiGatewayV2httpResponse {
    let (head, body) = response.into_parts();
    let mut answer = ApiGatewayV2httpResponse::default();
    answer.status_code = head.status.as_u16().into();
    answer.headers = head.headers;
    answer.is_base64_encoded = matches!(body, Body::Binary(_));
    answer.body = Some(body);
    answer
}

#[cfg(test)]
mod tests {
    use lambda_runtime::Context;
    use serde_json::json;

    use super::*;

    /// Says what came in at which door.
    struct Porter;

    impl Intake for Porter {
        async fn request(&self, request: Request) -> Response<Body> {
            let id = request.lambda_context().request_id;
            let body = String::from_utf8_lossy(request.body()).into_owned();
            let response = Response::builder().status(202).header("x-request-id", id);
            response.body(Body::from(format!("{} {body}", request.uri().path()))).expect("valid")
        }

        async fn batch(&self, event: LambdaEvent<SqsEvent>) -> SqsBatchResponse {
            let mut response = SqsBatchResponse::default();
            for record in event.payload.records {
                response.add_failure(record.message_id.unwrap_or_default());
            }
            response
        }
    }

    async fn answer(payload: Value) -> Result<Value, Error> {
        let mut context = Context::default();
        context.request_id = "request-1".into();
        dispatch(&Porter, LambdaEvent::new(payload, context)).await
    }

    #[tokio::test]
    async fn a_request_is_answered_in_the_form_api_gateway_reads() {
        let event = json!({
            "version": "2.0", "routeKey": "POST /callbacks", "rawPath": "/callbacks",
            "rawQueryString": "", "headers": { "content-type": "application/json" },
            "requestContext": {
                "http": { "method": "POST", "path": "/callbacks" }, "stage": "$default",
            },
            "body": "{}", "isBase64Encoded": false,
        });
        let answer = answer(event).await.expect("an answer");
        assert_eq!(answer["statusCode"], 202);
        assert_eq!(answer["headers"]["x-request-id"], "request-1");
        assert_eq!(
            (&answer["body"], &answer["isBase64Encoded"]),
            (&json!("/callbacks {}"), &json!(false))
        );
    }

    #[tokio::test]
    async fn a_batch_is_answered_with_what_must_come_again() {
        let event = json!({ "Records": [{ "messageId": "message-1" }] });
        let answer = answer(event).await.expect("an answer");
        assert_eq!(answer["batchItemFailures"], json!([{ "itemIdentifier": "message-1" }]));
    }

    #[tokio::test]
    async fn what_comes_to_neither_door_is_an_error() {
        assert!(answer(json!({ "detail-type": "Scheduled Event" })).await.is_err());
    }
}

use lambda_http::RequestExt;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::telemetry::{Count, Lines, about};

struct NoSettings;

impl Settings for NoSettings {
    fn read(_: &mut Environment) -> Option<Self> {
        Some(Self)
    }
}

/// Answers with its input.
struct Echo;

impl Function for Echo {
    const NAME: &'static str = "echo";
    type Config = NoSettings;

    async fn build(NoSettings: NoSettings, _: &Aws) -> Result<Self, Error> {
        Ok(Self)
    }

    async fn request(&self, request: &Request, record: &mut EventRecord) -> Result<Reply, Problem> {
        let body = String::from_utf8_lossy(request.body()).into_owned();
        record.event_id(&body);
        match body.as_str() {
            "panic" => panic!("+12025550198 is not expected"),
            "refuse" => Err(Problem::unprocessable("refused", "no")),
            _ => {
                let answer = json!({ "id": request.lambda_context().request_id, "body": body });
                Ok(Reply::created(&answer, "accepted", Count::Accepted))
            }
        }
    }

    async fn batch(
        &self,
        messages: Vec<SqsMessage>,
        _: &Context,
        _: &mut EventRecord,
    ) -> Result<SqsBatchResponse, Error> {
        let mut response = SqsBatchResponse::default();
        for message in messages {
            response.add_failure(message.message_id.unwrap_or_default());
        }
        Ok(response)
    }

    async fn scheduled(
        &self,
        event: Value,
        _: &Context,
        record: &mut EventRecord,
    ) -> Result<Value, Error> {
        about("run-1");
        match event["time"].as_str() {
            Some("panic") => panic!("no words"),
            Some(time) => {
                record.outcome("polled");
                Ok(json!({ "time": time }))
            }
            None => Err("the event has no time".into()),
        }
    }

    fn drain_usage(&self) -> CxoneUsage {
        CxoneUsage { calls: 3, throttled: 2, refused: 1 }
    }
}

/// A function that the template gives no trigger.
struct Nothing;

impl Function for Nothing {
    const NAME: &'static str = "nothing";
    type Config = NoSettings;

    async fn build(NoSettings: NoSettings, _: &Aws) -> Result<Self, Error> {
        Ok(Self)
    }
}

async fn invoked<F: Function>(function: F, payload: Value) -> (Result<Value, Error>, Lines) {
    let (telemetry, lines) = Telemetry::captured(F::NAME);
    let mut context = Context::default();
    context.request_id = "request-1".into();
    let event = LambdaEvent::new(payload, context);
    (Runner { function, telemetry }.invoke(event).await, lines)
}

fn request(body: &str) -> Value {
    json!({
        "version": "2.0", "routeKey": "POST /callbacks", "rawPath": "/callbacks",
        "rawQueryString": "", "headers": { "content-type": "application/json" },
        "requestContext": {
            "http": { "method": "POST", "path": "/callbacks" }, "stage": "$default",
        },
        "body": body, "isBase64Encoded": false,
    })
}

fn body(answer: &Value) -> Value {
    serde_json::from_str(answer["body"].as_str().expect("a text")).expect("JSON")
}

#[tokio::test]
async fn a_request_is_answered_in_the_form_api_gateway_reads_and_recorded() {
    let (answer, lines) = invoked(Echo, request("hello")).await;
    let answer = answer.expect("an answer");
    assert_eq!((&answer["statusCode"], &answer["isBase64Encoded"]), (&json!(201), &json!(false)));
    assert_eq!(answer["headers"]["content-type"], "application/json");
    assert_eq!(body(&answer), json!({ "id": "request-1", "body": "hello" }));

    let line = &lines.read()[0];
    let expected = json!(["echo", "accepted", "request-1", ["hello"], 1, 3, 2, 1]);
    let fields = [
        "function",
        "outcome",
        "request_id",
        "event_ids",
        "accepted",
        "cxone_calls",
        "cxone_throttled",
        "cxone_refused",
    ];
    assert_eq!(json!(fields.map(|field| &line[field])), expected);
}

#[tokio::test]
async fn a_problem_is_a_reply_and_its_code_the_outcome() {
    let (answer, lines) = invoked(Echo, request("refuse")).await;
    assert_eq!(answer.expect("an answer")["statusCode"], 422);
    assert_eq!(lines.read()[0]["outcome"], "refused");
}

#[tokio::test]
async fn a_panic_is_answered_and_recorded_and_shows_nothing() {
    let (answer, lines) = invoked(Echo, request("panic")).await;
    let answer = answer.expect("an answer");
    assert_eq!((&answer["statusCode"], &body(&answer)["code"]), (&json!(500), &json!("panicked")));
    assert!(!answer.to_string().contains("12025550198"));
    assert_eq!(lines.read()[0]["outcome"], "panicked");

    let (answer, lines) = invoked(Echo, json!({ "time": "panic" })).await;
    assert!(answer.is_err(), "a schedule is retried");
    assert_eq!(lines.read()[0]["outcome"], "panicked");
}

#[tokio::test]
async fn a_batch_is_answered_with_what_must_be_received_again() {
    let (answer, _) = invoked(Echo, json!({ "Records": [{ "messageId": "message-1" }] })).await;
    let failures = &answer.expect("an answer")["batchItemFailures"];
    assert_eq!(failures, &json!([{ "itemIdentifier": "message-1" }]));
}

#[tokio::test]
async fn a_schedule_that_fires_is_answered_with_what_was_done() {
    let (answer, lines) = invoked(Echo, json!({ "time": "ten" })).await;
    assert_eq!(answer.expect("an answer"), json!({ "time": "ten" }));
    assert_eq!(lines.read()[0]["outcome"], "polled");
    let (answer, lines) = invoked(Echo, json!({ "detail-type": "Scheduled Event" })).await;
    assert!(answer.is_err());
    assert_eq!(lines.read()[0]["outcome"], "failed");
}

#[tokio::test]
async fn a_trigger_that_a_function_lacks_is_refused() {
    let (answer, _) = invoked(Nothing, request("{}")).await;
    assert_eq!(answer.expect("an answer")["statusCode"], 404);
    for event in [json!({ "Records": [] }), json!({ "time": "ten" })] {
        assert!(invoked(Nothing, event).await.0.is_err());
    }
}

#[tokio::test]
async fn a_body_in_base64_is_decoded_and_one_that_is_none_is_a_400() {
    let mut event = request("aGVsbG8=");
    event["isBase64Encoded"] = json!(true);
    let (answer, _) = invoked(Echo, event.clone()).await;
    assert_eq!(body(&answer.expect("an answer"))["body"], "hello");
    event["body"] = json!("not base64!");
    let (answer, lines) = invoked(Echo, event).await;
    assert_eq!(answer.expect("an answer")["statusCode"], 400);
    assert_eq!(lines.read()[0]["outcome"], "malformed_request");
}

/// Headers and paths of which `lambda_http` cannot make an address.
#[tokio::test]
async fn no_header_or_path_of_a_sender_is_an_error() {
    for (pointer, value) in [
        ("/headers/x-forwarded-proto", json!("1")),
        ("/headers/host", json!("a b")),
        ("/headers/host", json!("[::1")),
        ("/rawPath", json!("//")),
        ("/rawPath", json!("/%zz\u{0}")),
        ("/rawQueryString", json!("a=\u{7f}b c")),
        ("/requestContext/stage", json!("?")),
    ] {
        let mut event = request("hello");
        event["headers"]["host"] = json!("example.com");
        event["headers"]["x-forwarded-proto"] = json!("https");
        *event.pointer_mut(pointer).expect(pointer) = value.clone();
        let (answer, _) = invoked(Echo, event).await;
        assert_eq!(answer.expect("an answer")["statusCode"], 201, "{pointer} {value}");
    }
    for (name, value) in [("x-odd", "a\u{0}b"), ("x-odd", "a\nb"), ("x odd", "a")] {
        let mut event = request("hello");
        event["headers"][name] = json!(value);
        let (answer, _) = invoked(Echo, event).await;
        assert_eq!(answer.expect("an answer")["statusCode"], 400, "{name} {value:?}");
    }
}

proptest! {
    #[test]
    fn whatever_a_sender_writes_there_is_an_answer(
        header in ".{0,20}", value in ".{0,20}", path in ".{0,20}", query in ".{0,20}",
    ) {
        let mut event = request("hello");
        event["headers"][header] = json!(value);
        event["rawPath"] = json!(path);
        event["rawQueryString"] = json!(query);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let (answer, _) = runtime.block_on(invoked(Echo, event));
        let status = answer.expect("an answer")["statusCode"].as_u64();
        prop_assert!(matches!(status, Some(201 | 400)), "{:?}", status);
    }
}

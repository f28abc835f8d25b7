//! CloudWatch on the wire: CBOR (Smithy's RPC protocol, version 2) or JSON, as the caller likes.

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use ciborium::Value;
use serde_json::{Map, Value as Json};

/// Header of the protocol, and its value.
const PROTOCOL: (&str, &str) = ("smithy-protocol", "rpc-v2-cbor");
/// Tag of an instant in seconds since 1970.
const EPOCH: u64 = 1;

/// Form of a request and of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Cbor,
    Json,
}

/// What is answered.
pub(super) type Answer = Result<Value, Refusal>;

/// An error: its kind and its message.
#[derive(Debug)]
pub(super) struct Refusal(pub(super) &'static str, pub(super) &'static str);

impl Encoding {
    /// Answers a request with what `handle` makes of it.
    pub(super) fn answer(self, body: &[u8], handle: impl FnOnce(&Value) -> Answer) -> Response {
        let request = match self {
            Self::Cbor => ciborium::from_reader(body).ok(),
            Self::Json => serde_json::from_slice(body).ok(),
        };
        let unreadable = Refusal("SerializationException", "the request cannot be read");
        match request.ok_or(unreadable).and_then(|request| handle(&request)) {
            Ok(answer) => self.response(StatusCode::OK, answer),
            Err(Refusal(kind, message)) => {
                let error = map([("__type", kind.into()), ("message", message.into())]);
                self.response(StatusCode::BAD_REQUEST, error)
            }
        }
    }

    fn response(self, status: StatusCode, answer: Value) -> Response {
        if self == Self::Json {
            return (status, axum::Json(json(answer))).into_response();
        }
        let mut bytes = Vec::new();
        match ciborium::into_writer(&answer, &mut bytes) {
            Ok(()) => {
                let headers = [(CONTENT_TYPE.as_str(), "application/cbor"), PROTOCOL];
                (status, headers, bytes).into_response()
            }
            Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        }
    }
}

/// The same in JSON, where an instant is its seconds.
fn json(value: Value) -> Json {
    match value {
        Value::Text(text) => text.into(),
        Value::Float(number) => number.into(),
        Value::Integer(number) => i64::try_from(number).unwrap_or_default().into(),
        Value::Bool(truth) => truth.into(),
        Value::Tag(_, value) => json(*value),
        Value::Array(values) => values.into_iter().map(json).collect(),
        Value::Map(members) => {
            let member =
                |(name, value): (Value, Value)| (name.into_text().unwrap_or_default(), json(value));
            Json::Object(members.into_iter().map(member).collect::<Map<_, _>>())
        }
        _ => Json::Null,
    }
}

/// An instant as the protocol has it.
pub(super) fn instant(at: DateTime<Utc>) -> Value {
    Value::Tag(EPOCH, Box::new(at.timestamp().into()))
}

/// A member of a map.
pub(super) fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    let members = value.as_map()?;
    members.iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

/// A map of these members.
pub(super) fn map<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

//! Parts of a request: parameters and bodies.

use std::collections::BTreeMap;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::schema::{check, validator};

pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) place: String,
    required: bool,
    kind: Kind,
    validator: Validator,
}

/// How a text is read before it is validated.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    /// A number or a boolean, as JSON writes it.
    Literal,
    List,
}

pub(super) struct Body {
    form: bool,
    pub(super) required: bool,
    validator: Validator,
}

impl Parameter {
    pub(super) fn read(parameter: &Value) -> Self {
        let text = |name: &str| parameter[name].as_str().unwrap_or_default().to_owned();
        let schema = &parameter["schema"];
        let kind = match schema["type"].as_str() {
            Some("integer" | "boolean" | "number") => Kind::Literal,
            Some("array") => Kind::List,
            _ => Kind::Text,
        };
        Self {
            name: text("name"),
            place: text("in"),
            required: parameter["required"] == true,
            kind,
            validator: validator(schema),
        }
    }

    /// Puts the value among the others.
    pub(super) fn put(
        &self,
        texts: Option<&[&str]>,
        values: &mut Map<String, Value>,
    ) -> Result<(), String> {
        let name = &self.name;
        let read = |text: &str| match self.kind {
            Kind::Literal => serde_json::from_str(text).unwrap_or_else(|_| json!(text)),
            _ => json!(text),
        };
        let in_path = values.get(name).and_then(Value::as_str).map(read);
        let value = match (texts, in_path) {
            (_, Some(value)) => value,
            (None, None) if self.required => return Err(format!("{name} is missing")),
            (None, None) => return Ok(()),
            (Some(texts), None) if self.kind == Kind::List => json!(texts),
            (Some([text]), None) => read(text),
            (Some(_), None) => return Err(format!("{name} is given more than once")),
        };
        check(&self.validator, &value).map_err(|error| format!("{name}: {error}"))?;
        values.insert(name.clone(), value);
        Ok(())
    }
}

impl Body {
    pub(super) fn read(body: &Value) -> Option<Self> {
        let (media, content) = body["content"].as_object()?.iter().next()?;
        Some(Self {
            form: media != "application/json",
            required: body["required"] == true,
            validator: validator(&content["schema"]),
        })
    }

    pub(super) fn read_sent(&self, is_json: bool, body: &[u8]) -> Result<Value, String> {
        let value = if self.form {
            json!(form(body)?)
        } else if is_json {
            serde_json::from_slice(body).map_err(|_| "the body is not JSON".to_owned())?
        } else {
            return Err("the Content-Type must be application/json".to_owned());
        };
        check(&self.validator, &value).map(|()| value)
    }
}

/// Reads a form by the same rules as a query.
fn form(body: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let text = std::str::from_utf8(body).map_err(|_| "the body is not text".to_owned())?;
    let mut url = reqwest::Url::parse("http://form").map_err(|error| error.to_string())?;
    url.set_query(Some(text));
    Ok(url.query_pairs().into_owned().collect())
}

//! A search for secrets and personal data in all that a run shows: log lines, metrics, notices, and
//! the reasons beside dead letters.

use std::collections::BTreeSet;

use base64::{Engine, prelude::BASE64_STANDARD_NO_PAD};
use outbound::{E164, Region};
use sandbox::{
    PREVIOUS_WEBHOOK_SECRET, SIGNING_SECRET, Sandbox, WEBHOOK_SECRET, WEBHOOK_TOKEN,
    cxone::{CLIENT_SECRET, acd::ACCESS_KEY_SECRET},
    template::Template,
    workspace_root,
};
use serde_json::Value;

/// Characters that people and machines write between the digits of a number.
const BETWEEN_DIGITS: &str = " -.()/\u{a0}\u{2010}\u{2011}\u{2013}";
/// Fields of events whose values are personal data as they are.
const PERSONAL: [&str; 4] = ["body", "email", "subject", "text"];
/// Fewer digits than these are found by chance.
const DIGITS_MIN: usize = 9;

/// What must not be shown.
#[derive(Debug, Default)]
pub struct Hidden {
    /// Found as they are.
    texts: BTreeSet<String>,
    /// Found however they are grouped.
    digits: BTreeSet<String>,
}

impl Hidden {
    /// Secrets of a sandbox, and the personal data that it has in its tables and in CXone.
    pub fn of(sandbox: &Sandbox) -> Self {
        let mut hidden = Self::default();
        let whsec = [WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET, SIGNING_SECRET];
        let keys = whsec.iter().filter_map(|secret| secret.strip_prefix("whsec_"));
        let keys = keys.chain([WEBHOOK_TOKEN, CLIENT_SECRET, ACCESS_KEY_SECRET]);
        hidden.texts.extend(keys.map(str::to_owned));
        hidden.texts.extend(sandbox.cxone.tokens());
        // What an SDK signs requests to AWS with begins so.
        hidden.texts.insert("AWS4-HMAC-SHA256".to_owned());
        for table in ["OptOutsTable", "CalledPartiesTable", "DecisionsTable"] {
            for item in sandbox.aws.tables.items(table).expect(table) {
                hidden.add("", &item);
            }
        }
        let calls = sandbox.cxone.callbacks().into_iter().map(|call| call.number);
        let texts = sandbox.cxone.texts().into_iter().map(|text| text.to);
        for number in sandbox.cxone.listed().into_iter().chain(calls).chain(texts) {
            hidden.add_number(&number);
        }
        hidden
    }

    /// Adds the personal data of a document, also of JSON in its texts. `field` is the name that it
    /// has in another.
    pub fn add(&mut self, field: &str, document: &Value) {
        match document {
            Value::Object(fields) => fields.iter().for_each(|(name, value)| self.add(name, value)),
            Value::Array(values) => values.iter().for_each(|value| self.add(field, value)),
            Value::Number(number) => self.add_number(&number.to_string()),
            Value::String(text) => self.add_text(field, text),
            Value::Null | Value::Bool(_) => {}
        }
    }

    fn add_text(&mut self, field: &str, text: &str) {
        if let Ok(inner @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            self.add(field, &inner);
            return;
        }
        if PERSONAL.contains(&field) && text.len() > "Stop!".len() {
            self.texts.insert(text.to_owned());
        }
        self.add_number(text);
    }

    /// Adds a number, if it is one, in every spelling.
    fn add_number(&mut self, text: &str) {
        let Ok(number) = E164::parse(text, Region::US) else { return };
        let digits = number.as_str().trim_start_matches('+');
        // Without the country code there may be another prefix, or none.
        let national = digits.strip_prefix('1').or_else(|| digits.get(2..)).unwrap_or(digits);
        let searched = if national.len() < DIGITS_MIN { digits } else { national };
        self.texts.extend((0..3).map(|offset| in_base64(searched, offset)));
        self.digits.insert(searched.to_owned());
    }

    /// Number of secrets and personal data.
    pub fn len(&self) -> usize {
        self.texts.len() + self.digits.len()
    }

    /// Returns whether there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a text shows and must not.
    pub fn found_in<'a>(&'a self, text: &str) -> Vec<&'a str> {
        let grouped: String = text.chars().filter(|c| !BETWEEN_DIGITS.contains(*c)).collect();
        let texts = self.texts.iter().filter(|hidden| text.contains(hidden.as_str()));
        let digits = self.digits.iter().filter(|hidden| grouped.contains(hidden.as_str()));
        texts.chain(digits).map(String::as_str).collect()
    }
}

/// The middle of a text in base64, when it begins so many bytes after a group of three.
fn in_base64(text: &str, offset: usize) -> String {
    let encoded = BASE64_STANDARD_NO_PAD.encode(["\0".repeat(offset).as_str(), text].concat());
    // Characters that do not depend on what stands before or behind.
    let (first, end) = ((offset * 8).div_ceil(6), (offset + text.len()) * 8 / 6);
    encoded[first..end].to_owned()
}

/// All that a run shows, each with its origin.
pub async fn shown(sandbox: &Sandbox) -> Vec<(String, String)> {
    let lines = sandbox.logs.lines().into_iter().chain(sandbox.logs.notices());
    let mut shown: Vec<_> = lines.map(|line| (line.function, line.text)).collect();
    let template = Template::read(&workspace_root().join("template.yaml")).expect("the template");
    for queue in template.queues.into_iter().map(|queue| queue.logical_id) {
        if !queue.contains("DeadLetter") {
            continue;
        }
        for letter in sandbox.aws.queues.peek(&queue).await.expect("the queue answers") {
            for name in ["error_code", "error_message", "function", "failed_at"] {
                let attribute = letter.attribute(name).unwrap_or_default().to_owned();
                shown.push((format!("{queue} {name}"), attribute));
            }
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_usual_spelling_is_found_and_a_mask_is_not() {
        let mut hidden = Hidden::default();
        let event =
            json!({ "data": "{\"phoneNumber\":\"(202) 555-0110\"}", "note": "+442079460018" });
        hidden.add("", &event);
        hidden.add("body", &json!("Where is my order?"));
        let spellings = crate::numbers::spellings("+12025550110").into_iter();
        let others = [
            "tel:+1(202)555.0110",
            "%2B12025550110",
            "no.12025550110/x",
            "020 7946 0018",
            "+44-20-7946-0018",
            "text=Where is my order?",
        ];
        for offset in 0..3 {
            let text = ["x".repeat(offset).as_str(), "+12025550110 and more"].concat();
            let encoded = BASE64_STANDARD_NO_PAD.encode(text);
            assert_eq!(hidden.found_in(&encoded).len(), 1, "{encoded}");
        }
        for text in spellings.chain(others.map(str::to_owned)) {
            assert_eq!(hidden.found_in(&text).len(), 1, "{text}");
        }
        for text in ["+1202***0110", "2026-03-02T10:00:00.025550Z", "2025550111", "***@***"] {
            assert_eq!(hidden.found_in(text), [""; 0], "{text}");
        }
    }
}

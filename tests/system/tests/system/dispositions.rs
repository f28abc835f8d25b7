//! The outcome of a call comes in, and ends in the contact, in the queue of its severity and, if
//! the customer wants to be left alone, on the DNC list.

mod flood;
mod one;

use sandbox::Sandbox;
use serde_json::{Value, json};
use system::Sender;

const DEAD_LETTERS: &str = "DispositionDeadLetterQueue";
const SEVERITIES: [&str; 3] = ["CriticalQueue", "MediumQueue", "LowQueue"];

fn sender(sandbox: &Sandbox) -> Sender {
    Sender::to(sandbox, "/webhook/call-result")
}

/// A contact, by an id that every API of CXone can have.
const CONTACT: &str = "4711001";

fn contact_id(index: usize) -> String {
    (4_711_100 + index).to_string()
}

/// A call result of a minute of an hour that is past.
fn call_result(contact: &str, code: &str, minute: usize) -> Value {
    json!({
        "contactId": contact,
        "dispositionCode": code,
        "callResult": "completed",
        "timestamp": format!("2026-03-02T09:{minute:02}:00Z"),
    })
}

/// Category of a contact.
fn category(sandbox: &Sandbox, contact: &str) -> Option<String> {
    sandbox.cxone.view().called.remove(contact)?.category
}

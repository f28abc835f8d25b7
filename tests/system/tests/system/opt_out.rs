//! An opt-out comes in over HTTP and ends on the DNC list, with evidence, whatever fails on the
//! way.

mod dnc_list;
mod evidence;
mod flood;
mod metrics;
mod refused;
mod webhook;

use sandbox::Sandbox;
use serde_json::{Value, json};
use system::Sender;
use uuid::Uuid;

/// The queue between the webhook and the batcher.
const QUEUE: &str = "DncQueue";
/// Dead-letter queue of opt-outs.
const DEAD_LETTERS: &str = "DncDeadLetterQueue";
/// The ledger.
const LEDGER: &str = "OptOutsTable";

fn sender(sandbox: &Sandbox) -> Sender {
    Sender::to(sandbox, "/webhook/opt-out")
}

/// An opt-out event of its own, with the number as it is given.
fn opt_out(phone_number: &str) -> Value {
    json!({
        "eventId": Uuid::new_v4(),
        "eventType": "contact.opt_out",
        "timestamp": "2026-03-02T10:00:00Z",
        "data": { "phoneNumber": phone_number },
    })
}

/// Ledger entry of a number.
fn ledger_entry(sandbox: &Sandbox, number: &str) -> Value {
    let entry = sandbox.aws.tables.item(LEDGER, "phone_number", number);
    entry.expect("the table answers").expect("the number is in the ledger")
}

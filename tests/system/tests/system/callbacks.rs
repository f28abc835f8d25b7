//! The customer is called when agents are free, and never twice.

mod capacity;
mod confirmation;
mod once;
mod opt_out;
mod request;
mod submitted;

use std::sync::OnceLock;

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use sandbox::Sandbox;
use serde_json::{Value, json};
use system::Sender;

/// Confirmations that could not be sent at once.
const QUEUE: &str = "CallbackQueue";
/// Confirmations that need a person.
const DEAD_LETTERS: &str = "CallbackDeadLetterQueue";
const CAMPAIGN: &str = "campaign-1";

fn sender(sandbox: &Sandbox) -> Sender {
    Sender::to(sandbox, "/callbacks")
}

/// A full hour, so many hours after one that lies more than an hour ahead. It is chosen once, so
/// that no test is disturbed by the clock striking.
fn hour(ahead: i64) -> DateTime<Utc> {
    static FIRST: OnceLock<DateTime<Utc>> = OnceLock::new();
    let first = FIRST.get_or_init(|| {
        let this_hour = Utc::now().duration_trunc(TimeDelta::hours(1)).expect("in this age");
        this_hour + TimeDelta::hours(2)
    });
    *first + TimeDelta::hours(ahead)
}

/// A request for four hours.
fn callback(phone_number: &str) -> Value {
    json!({
        "phoneNumber": phone_number,
        "requestedStart": hour(0),
        "requestedEnd": hour(4),
        "campaignId": CAMPAIGN,
        "language": "en-US",
    })
}

/// Sets the campaign's forecast for those hours.
fn forecast(sandbox: &Sandbox, agents: &[f64]) {
    let hours = (0..).zip(agents).map(|(ahead, agents)| (hour(ahead), *agents));
    sandbox.cxone.set_forecast(CAMPAIGN, hours.collect());
}

/// Total bookings of all hours.
fn booked(sandbox: &Sandbox) -> u64 {
    let hours = sandbox.aws.tables.items("ReservationsTable").expect("the table answers");
    hours.iter().filter_map(|hour| hour["booked"].as_u64()).sum()
}

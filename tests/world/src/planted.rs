//! Bugs that are planted to see whether they are found. Each breaks the world around the functions in
//! a way that is the same, for whoever looks at the outcome, as if their code had the bug.

use serde_json::{Map, Value, json};

use crate::weather::Fate;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Planted {
    /// A batch is deleted whole, whatever the function reports as failed.
    FailedMessagesDeleted,
    /// An hour is booked without a look at how many bookings it has.
    UncountedBookings,
    /// A contact is written whoever else writes it, and whatever is newer.
    ContactsUnlocked,
    /// A message counts as sent although SQS refused it.
    SendErrorsIgnored,
    /// A contact has another id in each attempt.
    ContactIdsByChance,
    /// Dead letters are cut short.
    DeadLettersCut,
    /// Dead letters carry no reason.
    DeadLettersWithoutReason,
}

impl Planted {
    /// Every bug.
    pub const ALL: [Self; 7] = [
        Self::FailedMessagesDeleted,
        Self::UncountedBookings,
        Self::ContactsUnlocked,
        Self::SendErrorsIgnored,
        Self::ContactIdsByChance,
        Self::DeadLettersCut,
        Self::DeadLettersWithoutReason,
    ];

    /// A request as code with this bug would write it.
    pub(crate) fn changed(self, call: &str, request: Vec<u8>) -> Vec<u8> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(&request) else {
            return request;
        };
        let is_dead_letter = call.starts_with("SendMessage") && call.ends_with("DeadLetterQueue");
        match (self, call) {
            (Self::UncountedBookings, "UpdateItem ReservationsTable")
            | (Self::ContactsUnlocked, "UpdateItem ContactEventsTable") => {
                drop_condition(&mut fields);
            }
            (Self::ContactIdsByChance, "POST /api/v2/outbound/contacts") => {
                fields["contact"]["contactId"] = json!(ambient::id());
            }
            (Self::DeadLettersCut, _) if is_dead_letter => {
                let body = fields["MessageBody"].as_str().unwrap_or_default();
                let half = body.chars().take(body.len() / 2).collect::<String>();
                fields.insert("MessageBody".to_owned(), json!(half));
            }
            (Self::DeadLettersWithoutReason, _) if is_dead_letter => {
                fields.remove("MessageAttributes");
            }
            _ => return request,
        }
        Value::Object(fields).to_string().into_bytes()
    }

    /// Returns whether code with this bug takes this fate of a call for a success.
    pub(crate) fn ignores(self, call: &str, fate: Fate) -> bool {
        let is_refused = matches!(fate, Fate::NotSent | Fate::Refused(_));
        self == Self::SendErrorsIgnored && call.starts_with("SendMessage") && is_refused
    }
}

/// Leaves out a condition, and the values that only it needs: others are refused.
fn drop_condition(write: &mut Map<String, Value>) {
    write.remove("ConditionExpression");
    let update = write.get("UpdateExpression").and_then(Value::as_str).unwrap_or_default();
    let words: Vec<String> = update
        .split(|c: char| !c.is_ascii_alphanumeric() && !"_:#".contains(c))
        .map(str::to_owned)
        .collect();
    for kind in ["ExpressionAttributeValues", "ExpressionAttributeNames"] {
        let Some(Value::Object(named)) = write.get_mut(kind) else { continue };
        named.retain(|name, _| words.contains(name));
        if named.is_empty() {
            write.remove(kind);
        }
    }
}

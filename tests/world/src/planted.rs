//! Bugs that are planted to see whether they are found. Each breaks the world around the functions in
//! a way that is the same, for whoever looks at the outcome, as if their code had the bug.

use clap::ValueEnum;
use serde_json::{Map, Value, json};

use crate::weather::Fate;

/// Table of claims.
const CLAIMS: &str = "IdempotencyTable";
/// Time by which a wrong clock ends a lease too early: no lease is longer.
const WRONG_CLOCK_MS: i64 = 15 * 60 * 1_000;

/// A bug.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
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
    /// A claim is written whoever else has one, and whether the request was answered or not.
    ClaimsUnconditional,
    /// What is written under a claim, or deleted, is written whoever owns it by now.
    OwnersIgnored,
    /// Leases end by a clock that is slow: they have lapsed when they are made.
    LeasesByWrongClock,
    /// A number is marked as sent to the list before it is sent.
    MarkedBeforeSent,
    /// Who loses a claim deletes it, as if it were its own.
    DeletedByLoser,
    /// A callback is booked without a look at those that the skill has. Of the ACD services.
    CallbacksNotLookedFor,
    /// Messages that are opt-outs are taken for others.
    MessagesUnread,
    /// What DynamoDB leaves of a batch is not there.
    LeftKeysIgnored,
    /// What is not done is not counted.
    FailuresUncounted,
    /// A consent is not noted beside the opt-outs that it overrules.
    ConsentsUnnoted,
}

impl Planted {
    /// Every bug.
    pub fn all() -> &'static [Self] {
        Self::value_variants()
    }

    /// A request as code with this bug would write it.
    pub(crate) fn changed(self, call: &str, request: Vec<u8>) -> Vec<u8> {
        let Ok(Value::Object(mut fields)) = serde_json::from_slice(&request) else {
            return request;
        };
        let is_dead_letter = call.starts_with("SendMessage") && call.ends_with("DeadLetterQueue");
        match (self, call) {
            (Self::UncountedBookings, "UpdateItem ReservationsTable")
            | (Self::ContactsUnlocked, "UpdateItem ContactEventsTable")
            | (Self::ClaimsUnconditional, "PutItem IdempotencyTable")
            | (Self::OwnersIgnored, "DeleteItem IdempotencyTable") => {
                drop_condition(&mut fields);
            }
            (Self::OwnersIgnored, "UpdateItem IdempotencyTable") if !is_claim(&fields) => {
                drop_condition(&mut fields);
            }
            (Self::LeasesByWrongClock, "PutItem IdempotencyTable") => {
                end_early(&mut fields["Item"]["lease_until_ms"]["N"]);
            }
            (Self::LeasesByWrongClock, "UpdateItem IdempotencyTable") if is_claim(&fields) => {
                end_early(&mut fields["ExpressionAttributeValues"][":lease_until_ms"]["N"]);
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
            (Self::ConsentsUnnoted, _) if call.starts_with("TransactWriteItems") => {
                let items = fields.get_mut("TransactItems").and_then(Value::as_array_mut);
                let updates = items.into_iter().flatten().filter_map(|it| it.get_mut("Update"));
                updates.for_each(forget_consent);
            }
            _ => return request,
        }
        Value::Object(fields).to_string().into_bytes()
    }

    /// A line of the log as code with this bug would write it.
    pub(crate) fn change_line(self, line: &mut Value) {
        if let (Self::FailuresUncounted, Some(line)) = (self, line.as_object_mut()) {
            line.retain(|field, _| !field.ends_with("_failed"));
        }
    }

    /// Returns whether code with this bug takes this fate of a call for a success.
    pub(crate) fn ignores(self, call: &str, fate: Fate) -> bool {
        let is_refused = matches!(fate, Fate::NotSent | Fate::Refused(_));
        self == Self::SendErrorsIgnored && call.starts_with("SendMessage") && is_refused
    }

    /// Returns whether code with this bug makes a call without a look at its answer, which is as if
    /// there were nothing.
    pub(crate) fn overlooks(self, call: &str) -> bool {
        let is_list = call.starts_with("GET") && call.ends_with("/scheduled-callbacks");
        self == Self::CallbacksNotLookedFor && is_list
    }

    /// An event as code with this bug reads it.
    pub(crate) fn read(self, document: &Value) -> Value {
        let mut document = document.clone();
        if self == Self::MessagesUnread && document["data"]["message"].is_object() {
            document["data"]["message"]["body"] = json!("Hello");
        }
        document
    }

    /// Returns whether code with this bug makes a call only when all else of its invocation is done.
    pub(crate) fn is_last(self, call: &str) -> bool {
        self == Self::MarkedBeforeSent && call == "SendMessage DncQueue"
    }

    /// The deletion that code with this bug makes after a write was refused.
    pub(crate) fn deletion(self, call: &str, refused: &[u8]) -> Option<Vec<u8>> {
        if self != Self::DeletedByLoser || call != "PutItem IdempotencyTable" {
            return None;
        }
        let refused: Value = serde_json::from_slice(refused).ok()?;
        let key = json!({ "id": refused["Item"]["id"] });
        Some(json!({ "TableName": CLAIMS, "Key": key }).to_string().into_bytes())
    }
}

/// Has an update of the ledger note a consent of long ago.
fn forget_consent(update: &mut Value) {
    if update["UpdateExpression"].as_str().is_some_and(|it| it.contains("overruled_at")) {
        update["ExpressionAttributeValues"][":at"]["S"] = json!("2000-01-01T00:00:00.000Z");
    }
}

/// Returns whether an update takes a claim over. Others are made under one.
fn is_claim(update: &Map<String, Value>) -> bool {
    update.get("ExpressionAttributeValues").is_some_and(|it| it[":abandoned"].is_object())
}

fn end_early(lease_until_ms: &mut Value) {
    let right: i64 = lease_until_ms.as_str().and_then(|it| it.parse().ok()).unwrap_or_default();
    *lease_until_ms = json!((right - WRONG_CLOCK_MS).to_string());
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

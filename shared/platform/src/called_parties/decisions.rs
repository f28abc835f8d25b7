//! Decisions on contacts, as evidence: what was decided, when, and why.
//!
//! The table's keys are `phone_number` (text) and `decision` (text: the instant and the contact's
//! id), its TTL attribute `expires_at` (epoch seconds). Decisions on the starts of a campaign are
//! under `campaign#<id>`, by start and zone, and the ids of those campaigns under `campaigns`.

mod starts;

use std::{collections::HashMap, fmt::Write};

use aws_sdk_dynamodb::{
    Client,
    types::{AttributeValue, Put, TransactWriteItem},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use hmac::{Hmac, KeyInit, Mac};
use outbound::{
    E164,
    called_party::{CapReached, Permission},
    law::Decision,
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::Sha256;

use super::{CalledPartyError, failed, text, unreadable};
pub use starts::DecidedStart;

type Item = HashMap<String, AttributeValue>;

/// Days that a decision is kept unless a setting says otherwise: the five years for which the
/// Telemarketing Sales Rule (16 CFR 310.5) has records kept, with two leap days.
pub const DECISIONS_KEPT_DAYS: u32 = 5 * 365 + 2;

/// A decision on a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Decided {
    /// The number, or the keyed hash that has replaced it.
    pub called_party: String,
    /// Time of the decision.
    pub at: DateTime<Utc>,
    /// Id of the contact, or the keyed hash that has replaced it.
    pub contact_id: String,
    /// Outcome.
    pub outcome: Outcome,
    /// Answer of the consent ledger.
    pub permission: Permission,
    /// Decision of the law, at the time of the call or at the start of the window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub law: Option<Decision>,
    /// The limit on attempts that leaves none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cap: Option<CapReached>,
    /// Most attempts that were arranged; none for a refusal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Evidence of the request: what the called party asked for, as it was received.
    pub request: serde_json::Value,
}

impl Decided {
    /// The same decision with keyed hashes in place of the number and of the ids that lead to it, and
    /// without the called party's words.
    fn erased(&self, key: &[u8]) -> Self {
        let mut permission = self.permission.clone();
        if let Permission::OptedOut { by } | Permission::Granted { by: Some(by) } = &mut permission
        {
            by.words = None;
            by.event_id = keyed_hash(&by.event_id, key);
        }
        Self {
            called_party: keyed_hash(&self.called_party, key),
            contact_id: keyed_hash(&self.contact_id, key),
            permission,
            request: serde_json::Value::Null,
            ..self.clone()
        }
    }
}

/// Outcome of a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The contact is arranged.
    Arranged,
    /// The called party opted out.
    RefusedOptedOut,
    /// No time of the window is allowed.
    RefusedByLaw,
    /// A limit on attempts is reached.
    RefusedByLimit,
    /// An opt-out withdrew an arranged call.
    Withdrawn,
}

/// The decisions: one DynamoDB table.
#[derive(Debug, Clone)]
pub struct Decisions {
    client: Client,
    table: String,
    kept: TimeDelta,
}

impl Decisions {
    /// The decisions in `table`, each kept for that many days.
    pub fn new(client: Client, table: impl Into<String>, kept_days: u32) -> Self {
        Self { client, table: table.into(), kept: TimeDelta::days(kept_days.into()) }
    }

    /// Stores a decision.
    pub async fn keep(&self, decided: &Decided) -> Result<(), CalledPartyError> {
        self.put(self.item(decided)?).await
    }

    async fn put(&self, item: Item) -> Result<(), CalledPartyError> {
        let put = self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await;
        put.map(drop).map_err(|error| failed(&error.into_service_error()))
    }

    /// The write of a decision, for a transaction.
    pub fn write(&self, decided: &Decided) -> Result<TransactWriteItem, CalledPartyError> {
        let put = Put::builder().table_name(&self.table).set_item(Some(self.item(decided)?));
        let put = put.build().map_err(|error| failed(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// All decisions on a number, the earliest first.
    pub async fn export(&self, number: &E164) -> Result<Vec<Decided>, CalledPartyError> {
        self.all(number.as_str(), None).await
    }

    /// What is stored under a key, in order: all of it, or what lies in a range.
    async fn all<T: DeserializeOwned>(
        &self,
        about: &str,
        range: Option<[String; 2]>,
    ) -> Result<Vec<T>, CalledPartyError> {
        let query = self.client.query().table_name(&self.table).consistent_read(true);
        let query = query.expression_attribute_values(":about", text(about));
        let query = match range {
            None => query.key_condition_expression("phone_number = :about"),
            Some([from, until]) => query
                .key_condition_expression(
                    "phone_number = :about AND decision BETWEEN :from AND :until",
                )
                .expression_attribute_values(":from", text(&from))
                .expression_attribute_values(":until", text(&until)),
        };
        let mut items = query.into_paginator().items().send();
        let mut decisions = Vec::new();
        while let Some(item) = items.next().await {
            let item = item.map_err(|error| failed(&error.into_service_error()))?;
            let document = item.get("document").and_then(|document| document.as_s().ok());
            let document = document.map(String::as_str).unwrap_or_default();
            decisions.push(serde_json::from_str(document).map_err(|error| unreadable(&error))?);
        }
        Ok(decisions)
    }

    /// Replaces a number, the ids of its contacts and those of the events behind the decisions by keyed
    /// hashes in all decisions on it. Who has the key and the number finds them again. Repeating it is
    /// harmless.
    pub async fn erase(&self, number: &E164, key: &[u8]) -> Result<usize, CalledPartyError> {
        let decisions = self.export(number).await?;
        for decided in &decisions {
            self.keep(&decided.erased(key)).await?;
            let delete = self.client.delete_item().table_name(&self.table);
            let delete =
                delete.set_key(Some(keys(&decided.called_party, &decision(decided)))).send().await;
            delete.map_err(|error| failed(&error.into_service_error()))?;
        }
        Ok(decisions.len())
    }

    fn item(&self, decided: &Decided) -> Result<Item, CalledPartyError> {
        self.stored(&decided.called_party, &decision(decided), decided, decided.at)
    }

    fn stored(
        &self,
        about: &str,
        decision: &str,
        decided: &impl Serialize,
        at: DateTime<Utc>,
    ) -> Result<Item, CalledPartyError> {
        let document = serde_json::to_string(decided).map_err(|error| unreadable(&error))?;
        let expires_at = (at + self.kept).timestamp();
        let mut item = keys(about, decision);
        item.insert("document".into(), text(&document));
        item.insert("expires_at".into(), AttributeValue::N(expires_at.to_string()));
        Ok(item)
    }
}

fn decision(decided: &Decided) -> String {
    let at = decided.at.to_rfc3339_opts(SecondsFormat::Millis, true);
    format!("{at}#{}", decided.contact_id)
}

fn keys(about: &str, decision: &str) -> Item {
    HashMap::from([
        ("phone_number".to_owned(), text(about)),
        ("decision".to_owned(), text(decision)),
    ])
}

/// HMAC-SHA-256 of a text, in hexadecimal.
fn keyed_hash(text: &str, key: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    let mac = mac.finalize().into_bytes();
    mac.iter().fold("hmac-sha256:".to_owned(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Computed with `printf %s +12025550110 | openssl dgst -sha256 -hmac key`.
    #[test]
    fn the_hash_is_that_of_openssl() {
        assert_eq!(keyed_hash("+12025550110", b"key"), OPENSSL);
        assert_ne!(keyed_hash("+12025550110", b"another key"), OPENSSL);
    }

    #[test]
    fn a_decision_is_kept_for_five_years_and_a_day_too_many_at_most() {
        for year in 2024..2036 {
            let [decided, five_years_later] = [year, year + 5].map(|year| {
                format!("{year}-03-01T00:00:00Z").parse::<DateTime<Utc>>().expect("an instant")
            });
            let kept_until = decided + TimeDelta::days(DECISIONS_KEPT_DAYS.into());
            let too_long = kept_until - five_years_later;
            assert!((0..=1).contains(&too_long.num_days()), "{year}: {too_long}");
        }
    }

    const OPENSSL: &str =
        "hmac-sha256:4b19567b844029f96a274be6ec3553a3c9cf06fa163825dcb4cf65a3a7ed78ff";
}

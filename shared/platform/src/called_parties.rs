//! What is known of each called party, and the decisions on contacts.
//!
//! One read answers whether a number may be contacted: it returns, strongly consistent and in one
//! call, the opt-out ledger's entry and what else is known of the number. A change of the latter is
//! one transaction on condition that neither has changed since: an opt-out that is recorded
//! meanwhile makes it fail, and the caller decides anew. So either an arranged call sees the
//! opt-out, or the opt-out sees the arranged call and withdraws it.
//!
//! The table's key is `phone_number` (text, E.164). Each item holds a document as JSON and the
//! `revision` of the last write.

mod decisions;
mod reading;

use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::transact_write_items::{
        TransactWriteItemsError, builders::TransactWriteItemsFluentBuilder,
    },
    types::{AttributeValue, ConditionCheck, Put, TransactWriteItem, Update},
};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use outbound::{
    E164,
    called_party::{CalledParty, Channel, Fact, Scope, Wish},
};
use settings::settings;

use crate::{
    aws::CallFailed,
    ledger::{Entry, Ledger, LedgerError, State},
};
pub use decisions::{DECISIONS_KEPT_DAYS, Decided, DecidedStart, Decisions, Outcome};

/// Longest time that a number is taken to be on its way to the DNC list.
const ON_ITS_WAY_MAX: TimeDelta = TimeDelta::days(1);
/// Most attempts against others who write about the same number.
const TRIES_MAX: usize = 10;

settings! { env;
    /// The names of the tables.
    #[derive(Clone)]
    pub struct Tables {
        /// The opt-out ledger's entries.
        pub opt_outs: String = env.required("OPT_OUTS_TABLE"),
        /// What else is known of a number.
        pub called_parties: String = env.required("CALLED_PARTIES_TABLE"),
    }
}

/// The table of called parties beside the ledger.
#[derive(Debug, Clone)]
pub struct CalledParties {
    client: Client,
    tables: Tables,
}

/// A number as both tables had it at one time.
#[derive(Debug, Clone)]
pub struct Known {
    /// What is known of the called party.
    pub party: CalledParty,
    /// The ledger's entry, if there is one.
    pub entry: Option<Entry>,
    revision: Option<String>,
}

impl Known {
    /// Returns whether CXone keeps the number from being called, or is about to: it is on the DNC
    /// list or on its way there. After a consent an operator may have taken it off, and what has
    /// been on its way for long may never arrive.
    pub fn is_on_the_way_to_the_list(&self, now: DateTime<Utc>) -> bool {
        self.entry.as_ref().is_some_and(|entry| match entry.state {
            State::Listed => !entry.is_overruled(),
            State::Pending => entry.pending_since.is_some_and(|since| now - since < ON_ITS_WAY_MAX),
            State::Failed => false,
        })
    }

    /// The ledger's entry, with the consent that overrules it. The entry does not know one that arrived
    /// before its opt-out.
    pub fn overruled_entry(&self, now: DateTime<Utc>) -> Option<Entry> {
        let mut entry = self.entry.clone()?;
        entry.overruled_at = entry.overruled_at.max(self.overruled_by(&self.party, now));
        Some(entry)
    }

    /// Time of a consent of the party that overrules the ledger's opt-out, unless that is known there.
    pub fn overruled_by(&self, party: &CalledParty, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let entry = self.entry.as_ref()?;
        let is_news = |at: &DateTime<Utc>| {
            entry.latest_requested_at < *at && entry.overruled_at.is_none_or(|known| known < *at)
        };
        party.consented_at(now).filter(is_news)
    }

    /// The opt-out from everything, if there is one.
    pub fn opt_out(&self) -> Option<Fact> {
        self.entry.as_ref().map(opt_out)
    }
}

/// A change of what is known of a number.
#[derive(Debug, Clone)]
pub struct Change {
    /// What is known from now on.
    pub party: CalledParty,
    /// What is written in the same transaction, such as a decision: 98 items at most, beside the
    /// number and the ledger's entry.
    pub beside: Vec<TransactWriteItem>,
    /// Time of a consent that overrules the opt-out in the ledger's entry, if there is one. Only some
    /// roles allow to note it.
    pub overruled_at: Option<DateTime<Utc>>,
}

/// Failure to read or change what is known. No contact is permitted then.
#[derive(Debug, thiserror::Error)]
pub enum CalledPartyError {
    /// The number has changed since it was read. Read it again, and decide again.
    #[error("the number has changed since it was read")]
    Changed,
    /// The table holds something that this code did not write.
    #[error("what is known of a number cannot be read: {0}")]
    Unreadable(String),
    /// What was to be written beside the change is there already, and so is the change.
    #[error("the change has been made before")]
    AlreadyWritten,
    /// A fact cannot be written to the history.
    #[error(transparent)]
    History(#[from] LedgerError),
    /// DynamoDB left out the same items again and again.
    #[error("DynamoDB is too busy to return what is known of a number")]
    Busy,
    /// DynamoDB refused or did not answer.
    #[error(transparent)]
    CallFailed(#[from] CallFailed),
}

impl CalledParties {
    /// The called parties in these tables.
    pub fn new(client: Client, tables: Tables) -> Self {
        Self { client, tables }
    }

    /// Adds a fact to what is known of a number, and to the ledger's append-only history, once
    /// however often its event is delivered. A consent to calls overrules an older opt-out that the
    /// ledger holds, so that the next opt-out lists the number anew.
    pub async fn learn(
        &self,
        ledger: &Ledger,
        number: &E164,
        fact: &Fact,
    ) -> Result<(), CalledPartyError> {
        let now = ambient::now();
        let is_consent_to_calls =
            fact.wish == Wish::Consent && fact.scope.channel != Some(Channel::Text);
        let learn = |known: &Known| {
            let mut party = known.party.clone();
            party.learn(fact.clone());
            let overruled_at = known.overruled_by(&party, now).filter(|_| is_consent_to_calls);
            let beside = vec![ledger.write_fact(number, fact)?];
            Ok((Some(Change { party, beside, overruled_at }), ()))
        };
        match self.change(self.read(number).await?, learn).await {
            Err(CalledPartyError::AlreadyWritten) => Ok(()),
            learned => learned,
        }
    }

    /// Makes a change as soon as no other writer interferes. `decide` is called again for every
    /// state that is found; its answer to the last one is returned.
    pub async fn change<T>(
        &self,
        mut known: Known,
        decide: impl Fn(&Known) -> Result<(Option<Change>, T), CalledPartyError>,
    ) -> Result<T, CalledPartyError> {
        for _ in 0..TRIES_MAX {
            let (change, answer) = decide(&known)?;
            let Some(change) = change else { return Ok(answer) };
            match self.store(&known, change).await {
                Ok(()) => return Ok(answer),
                Err(CalledPartyError::Changed) => {
                    known = self.read(&known.party.phone_number).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Err(CalledPartyError::Changed)
    }

    /// Makes a change, unless the number has changed since it was read.
    pub async fn store(&self, known: &Known, change: Change) -> Result<(), CalledPartyError> {
        let Change { party, beside, overruled_at } = change;
        let writes = self.client.transact_write_items().transact_items(self.put(known, &party)?);
        let entry = match (&known.entry, overruled_at) {
            (Some(entry), Some(at)) => self.overrule(entry, at)?,
            _ => self.entry_is_unchanged(known)?,
        };
        let writes = writes.transact_items(entry);
        let writes =
            beside.into_iter().fold(writes, TransactWriteItemsFluentBuilder::transact_items);
        match writes.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                let reasons = canceled.cancellation_reasons();
                let codes: Vec<_> = reasons.iter().map(|reason| reason.code()).collect();
                let is = |code: &str| codes.contains(&Some(code));
                if codes.iter().skip(2).any(|code| *code == Some("ConditionalCheckFailed")) {
                    return Err(CalledPartyError::AlreadyWritten);
                }
                if is("ConditionalCheckFailed") || is("TransactionConflict") {
                    return Err(CalledPartyError::Changed);
                }
                Err(CallFailed::new("DynamoDB", &canceled).into())
            }
            Err(error) => Err(failed(&error)),
        }
    }

    fn put(
        &self,
        known: &Known,
        party: &CalledParty,
    ) -> Result<TransactWriteItem, CalledPartyError> {
        let document = serde_json::to_string(party).map_err(|error| unreadable(&error))?;
        let put = Put::builder()
            .table_name(&self.tables.called_parties)
            .item("phone_number", text(party.phone_number.as_str()))
            .item("document", text(&document))
            .item("revision", text(&ambient::id().simple().to_string()));
        let put = match &known.revision {
            Some(revision) => put
                .condition_expression("revision = :revision")
                .expression_attribute_values(":revision", text(revision)),
            None => put.condition_expression("attribute_not_exists(phone_number)"),
        };
        let put = put.build().map_err(|error| failed(&error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    fn overrule(
        &self,
        entry: &Entry,
        at: DateTime<Utc>,
    ) -> Result<TransactWriteItem, CalledPartyError> {
        let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
        let update = Update::builder()
            .table_name(&self.tables.opt_outs)
            .key("phone_number", text(entry.phone_number.as_str()))
            .update_expression("SET overruled_at = :at, revision = :new")
            .expression_attribute_values(":at", text(&at))
            .expression_attribute_values(":new", text(&ambient::id().simple().to_string()));
        let update = match entry.revision() {
            Some(revision) => update
                .condition_expression("revision = :revision")
                .expression_attribute_values(":revision", text(revision)),
            None => update.condition_expression("attribute_not_exists(revision)"),
        };
        let update = update.build().map_err(|error| failed(&error))?;
        Ok(TransactWriteItem::builder().update(update).build())
    }

    /// Condition that no opt-out was recorded since.
    fn entry_is_unchanged(&self, known: &Known) -> Result<TransactWriteItem, CalledPartyError> {
        let check = ConditionCheck::builder()
            .table_name(&self.tables.opt_outs)
            .key("phone_number", text(known.party.phone_number.as_str()));
        let check = match known.entry.as_ref().map(Entry::revision) {
            Some(Some(revision)) => check
                .condition_expression("revision = :revision")
                .expression_attribute_values(":revision", text(revision)),
            // Version 0.1 wrote none.
            Some(None) => check.condition_expression("attribute_not_exists(revision)"),
            None => check.condition_expression("attribute_not_exists(phone_number)"),
        };
        let check = check.build().map_err(|error| failed(&error))?;
        Ok(TransactWriteItem::builder().condition_check(check).build())
    }
}

/// The opt-out that an entry of the ledger stands for, whatever came of its listing.
fn opt_out(entry: &Entry) -> Fact {
    Fact {
        wish: Wish::OptOut,
        scope: Scope::default(),
        at: entry.latest_requested_at,
        event_id: entry.latest_event_id.clone(),
        event_type: entry.event_type.clone(),
        words: None,
        expires_at: None,
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn unreadable(error: &serde_json::Error) -> CalledPartyError {
    CalledPartyError::Unreadable(error.to_string())
}

fn failed(error: &(dyn std::error::Error + 'static)) -> CalledPartyError {
    CallFailed::new("DynamoDB", error).into()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn at(time: &str) -> DateTime<Utc> {
        time.parse().expect("an instant")
    }

    /// A number that opted out at noon, with these attributes of its entry beside.
    fn opted_out(state: &str, attributes: Value) -> Known {
        let phone_number: E164 = "+12125550110".parse().expect("a number");
        let mut entry = json!({
            "phone_number": phone_number.as_str(), "state": state, "event_type": "contact.opt_out",
            "first_requested_at": "2026-03-02T12:00:00Z", "first_event_id": "evt-1",
            "latest_requested_at": "2026-03-02T12:00:00Z", "latest_event_id": "evt-1",
            "requests": 1, "event_ids": ["evt-1"],
        });
        if let (Value::Object(entry), Value::Object(attributes)) = (&mut entry, attributes) {
            entry.extend(attributes);
        }
        let entry = Some(serde_json::from_value(entry).expect("an entry"));
        Known { party: CalledParty::unknown(phone_number), entry, revision: None }
    }

    #[test]
    fn a_number_is_on_its_way_to_the_list_for_a_day_and_then_may_never_arrive() {
        let pending = opted_out("pending", json!({ "pending_since": "2026-03-02T12:00:00Z" }));
        for (now, is_on_its_way) in [
            ("2026-03-02T12:00:00Z", true),
            ("2026-03-03T11:59:59Z", true),
            ("2026-03-03T12:00:00Z", false),
        ] {
            assert_eq!(pending.is_on_the_way_to_the_list(at(now)), is_on_its_way, "{now}");
        }
        let listed = json!({ "listed_at": "2026-03-02T12:05:00Z" });
        let now = at("2026-03-02T13:00:00Z");
        assert!(opted_out("listed", listed).is_on_the_way_to_the_list(now));
        assert!(!opted_out("failed", json!({})).is_on_the_way_to_the_list(now));
    }
}

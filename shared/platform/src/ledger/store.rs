//! Reads and conditional writes of the ledger's two tables.
//!
//! An entry is written on condition that it is unchanged since it was read, in one transaction with
//! the records of the history if the change has any: a transaction costs twice as much. A refused
//! write returns what is stored, so the first try needs no read. Each write carries a revision of its
//! own: a write that was carried out and whose answer was lost is distinguished from another
//! writer's by it, and one that arrives late is refused.

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{put_item::PutItemError, transact_write_items::TransactWriteItemsError},
    types::{
        AttributeValue, CancellationReason, Put, ReturnValuesOnConditionCheckFailure::AllOld,
        TransactWriteItem,
    },
};
use outbound::E164;
use serde::Serialize;

use super::{
    Entry, Ledger, LedgerError, Record, failed,
    transition::{Change, Seen},
};

/// Most attempts to write against other writers of the same number. Each refusal means that another
/// one succeeded, so running out takes that many deliveries of one number at once.
const TRIES_MAX: u32 = 20;

/// Most items that one transaction may write.
pub(super) const ITEMS_MAX: usize = 100;

type Item = HashMap<String, AttributeValue>;

/// A change, on condition that the entry is still the one seen.
struct Write<'a> {
    seen: Option<&'a Entry>,
    change: Change,
}

impl<'a> Write<'a> {
    fn new(seen: Option<&'a Entry>, mut change: Change) -> Self {
        change.entry.revision = Some(ambient::id().simple().to_string());
        Self { seen, change }
    }

    /// The parts of a transaction: first the entry, then its records.
    fn parts(&self, ledger: &Ledger) -> Result<Vec<TransactWriteItem>, LedgerError> {
        let (condition, values) = unchanged(self.seen);
        let mut puts = vec![put(&ledger.tables.opt_outs, &self.change.entry, condition, values)?];
        for record in &self.change.records {
            puts.push(put(&ledger.tables.history, record, IS_NEW, HashMap::new())?);
        }
        Ok(puts.into_iter().map(|put| TransactWriteItem::builder().put(put).build()).collect())
    }

    /// State that a refused transaction returned for this write. `None` when it was carried out
    /// before.
    fn canceled(&self, reasons: &[CancellationReason]) -> Result<Option<Seen>, LedgerError> {
        let mut records = self.change.records.iter().zip(reasons.iter().skip(1));
        let is_recorded = records.any(|(record, reason)| {
            let is_refused = reason.code.as_deref() == Some("ConditionalCheckFailed");
            is_refused && matches!(record, Record::Event(_))
        });
        self.refused(reasons.first().and_then(|reason| reason.item.clone()), is_recorded)
    }

    /// State after a refusal that returned this item. `None` when the write was carried out before.
    fn refused(&self, item: Option<Item>, is_recorded: bool) -> Result<Option<Seen>, LedgerError> {
        let found = item.map(read_entry).transpose()?;
        if found.as_ref().is_some_and(|found| found.revision == self.change.entry.revision) {
            return Ok(None);
        }
        let entry = found.or_else(|| self.seen.cloned());
        Ok(Some(Seen { entry, is_recorded }))
    }
}

/// The condition of an item that is not there yet.
const IS_NEW: &str = "attribute_not_exists(phone_number)";

/// The condition that an entry is unchanged since it was read. The counters are those that version
/// 0.1 changes with every write: it writes no revision.
fn unchanged(seen: Option<&Entry>) -> (&'static str, HashMap<String, AttributeValue>) {
    let Some(entry) = seen else { return (IS_NEW, HashMap::new()) };
    let counters = [(":attempts", entry.attempts), (":requests", entry.requests)]
        .map(|(name, count)| (name.to_owned(), AttributeValue::N(count.to_string())));
    let mut values = HashMap::from(counters);
    let Some(revision) = &entry.revision else {
        return (
            "attribute_not_exists(revision) AND requests = :requests \
             AND (attribute_not_exists(attempts) OR attempts = :attempts)",
            values,
        );
    };
    values.insert(":revision".to_owned(), AttributeValue::S(revision.clone()));
    ("revision = :revision AND requests = :requests AND attempts = :attempts", values)
}

fn put(
    table: &str,
    item: &impl Serialize,
    condition: &str,
    values: HashMap<String, AttributeValue>,
) -> Result<Put, LedgerError> {
    let item = serde_dynamo::to_item(item).map_err(|error| unreadable(&error))?;
    Put::builder()
        .table_name(table)
        .set_item(Some(item))
        .condition_expression(condition)
        .set_expression_attribute_values((!values.is_empty()).then_some(values))
        .return_values_on_condition_check_failure(AllOld)
        .build()
        .map_err(|error| failed(&error))
}

/// The write of a record that is not in the history yet.
pub(super) fn put_record(table: &str, record: &Record) -> Result<TransactWriteItem, LedgerError> {
    let put = put(table, record, IS_NEW, HashMap::new())?;
    Ok(TransactWriteItem::builder().put(put).build())
}

impl Ledger {
    /// Makes a change as soon as no other writer interferes. `decide` is called again for every
    /// state that is found. Returns its answer, and the entry as it is stored then.
    pub(super) async fn change<T>(
        &self,
        mut seen: Seen,
        decide: impl Fn(&Seen) -> (Option<Change>, T),
    ) -> Result<(T, Option<Entry>), LedgerError> {
        for tries in 0..TRIES_MAX {
            let (change, answer) = decide(&seen);
            let Some(change) = change else { return Ok((answer, seen.entry)) };
            let write = Write::new(seen.entry.as_ref(), change);
            let Some(found) = self.write(&write).await? else {
                return Ok((answer, Some(write.change.entry)));
            };
            seen = Seen { is_recorded: seen.is_recorded || found.is_recorded, ..found };
            // The first try is a guess; after that others are at the same number.
            if tries > 0 {
                let longest_ms = 4_u64 << tries.min(6);
                tokio::time::sleep(Duration::from_millis(ambient::rng().u64(0..longest_ms))).await;
            }
        }
        Err(LedgerError::Contended)
    }

    /// Makes a change, unless it is refused. Returns what was found then.
    async fn write(&self, write: &Write<'_>) -> Result<Option<Seen>, LedgerError> {
        if write.change.records.is_empty() {
            return self.put(write).await;
        }
        match self.transact(write.parts(self)?).await? {
            Some(reasons) => write.canceled(&reasons),
            None => Ok(None),
        }
    }

    /// Makes a change without records.
    async fn put(&self, write: &Write<'_>) -> Result<Option<Seen>, LedgerError> {
        let (condition, values) = unchanged(write.seen);
        let item =
            serde_dynamo::to_item(&write.change.entry).map_err(|error| unreadable(&error))?;
        let put = self
            .client
            .put_item()
            .table_name(&self.tables.opt_outs)
            .set_item(Some(item))
            .condition_expression(condition)
            .set_expression_attribute_values((!values.is_empty()).then_some(values))
            .return_values_on_condition_check_failure(AllOld);
        match put.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(None),
            Err(PutItemError::ConditionalCheckFailedException(refused)) => {
                write.refused(refused.item, false)
            }
            // Somebody else's transaction is writing the entry.
            Err(PutItemError::TransactionConflictException(_)) => write.refused(None, false),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Makes changes of different numbers in one transaction. False when any was refused: then
    /// none is made.
    pub(super) async fn change_together(
        &self,
        changes: Vec<(Option<&Entry>, Change)>,
    ) -> Result<bool, LedgerError> {
        let mut parts = Vec::new();
        for (seen, change) in changes {
            parts.extend(Write::new(seen, change).parts(self)?);
        }
        match parts.len() {
            0 => Ok(true),
            1..=ITEMS_MAX => Ok(self.transact(parts).await?.is_none()),
            _ => Ok(false),
        }
    }

    /// Writes all items or none. Returns the reasons when it is none.
    async fn transact(
        &self,
        parts: Vec<TransactWriteItem>,
    ) -> Result<Option<Vec<CancellationReason>>, LedgerError> {
        let written = self.client.transact_write_items().set_transact_items(Some(parts));
        match written.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(None),
            Err(TransactWriteItemsError::TransactionCanceledException(canceled)) => {
                let reasons = canceled.cancellation_reasons.unwrap_or_default();
                let code = |reason: &CancellationReason| reason.code.clone().unwrap_or_default();
                let others: Vec<String> = reasons.iter().map(code).collect();
                let is_expected = |code: &str| {
                    ["None", "ConditionalCheckFailed", "TransactionConflict"].contains(&code)
                };
                if others.iter().all(|code| is_expected(code)) {
                    return Ok(Some(reasons));
                }
                Err(LedgerError::Canceled(others.join(", ")))
            }
            Err(error) => Err(failed(&error)),
        }
    }
}

pub(super) fn key(number: &E164) -> HashMap<String, AttributeValue> {
    HashMap::from([("phone_number".to_owned(), AttributeValue::S(number.as_str().to_owned()))])
}

pub(crate) fn read_entry(item: HashMap<String, AttributeValue>) -> Result<Entry, LedgerError> {
    serde_dynamo::from_item(item).map_err(|error| unreadable(&error))
}

pub(super) fn unreadable(error: &serde_dynamo::Error) -> LedgerError {
    LedgerError::Unreadable(error.to_string())
}

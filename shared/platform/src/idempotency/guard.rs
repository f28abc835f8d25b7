//! The right to work on one request.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{delete_item::DeleteItemError, update_item::UpdateItemError},
    types::{AttributeValue, ReturnValuesOnConditionCheckFailure::AllOld},
};
use serde_json::Value;

use super::{
    IdempotencyError, IdempotencyStore, failed,
    item::{Item, JsonText, Phase, number, text},
};

/// Exclusive claim on one request, with the right to store its result.
///
/// Dropping it leaves the request in progress until the lease lapses, as a crash would.
#[derive(Debug)]
#[must_use = "a request that is neither completed nor released is blocked until its lease lapses"]
pub struct ClaimGuard {
    store: IdempotencyStore,
    item: Box<Item>,
    /// The names of our last write, and of those after it that were not answered: any of them may
    /// be what is stored.
    revisions: Vec<String>,
}

impl ClaimGuard {
    pub(super) fn new(store: &IdempotencyStore, item: Item) -> Self {
        let revisions = vec![item.revision.clone()];
        Self { store: store.clone(), item: Box::new(item), revisions }
    }

    /// Progress of an earlier attempt.
    pub fn progress(&self) -> Option<&Value> {
        self.item.progress.as_ref().map(|progress| &progress.0)
    }

    /// Stores what has been done so far, so that a retry goes on from there.
    pub async fn save_progress(&mut self, progress: Value) -> Result<(), IdempotencyError> {
        self.update("SET progress = :value", [(":value", text(&progress.to_string()))]).await?;
        self.item.progress = Some(JsonText(progress));
        Ok(())
    }

    /// Stores the answer that is replayed from now on.
    pub async fn complete(mut self, answer: &Value) -> Result<(), IdempotencyError> {
        let values =
            [(":value", text(&answer.to_string())), (":completed", text(Phase::COMPLETED))];
        self.update("SET phase = :completed, answer = :value REMOVE progress", values).await
    }

    /// Gives the request back, for the next attempt to claim at once.
    ///
    /// Progress is kept for it. Without any, nothing happened yet and the record is deleted: even
    /// another payload may come under the same key.
    pub async fn release(mut self) -> Result<(), IdempotencyError> {
        if self.item.progress.is_some() {
            return self.update("SET lease_until_ms = :value", [(":value", number(0))]).await;
        }
        self.discard().await
    }

    /// Deletes the record of the request and its steps: a retry starts anew.
    pub async fn discard(self) -> Result<(), IdempotencyError> {
        let delete = self
            .store
            .client
            .delete_item()
            .table_name(&self.store.table)
            .key("id", text(&self.item.id))
            // An item that is gone was deleted by an earlier try of this very call.
            .condition_expression("attribute_not_exists(id) OR claimed_by = :ours")
            .expression_attribute_values(":ours", text(&self.item.claimed_by));
        match delete.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(DeleteItemError::ConditionalCheckFailedException(_)) => Err(IdempotencyError::Lost),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Changes the item while it is ours and as we wrote it last.
    async fn update<const N: usize>(
        &mut self,
        expression: &str,
        values: [(&str, AttributeValue); N],
    ) -> Result<(), IdempotencyError> {
        let next = ambient::id().to_string();
        let seen: Vec<String> = (0..self.revisions.len()).map(|it| format!(":seen{it}")).collect();
        let update = self
            .store
            .client
            .update_item()
            .table_name(&self.store.table)
            .key("id", text(&self.item.id))
            .update_expression(expression.replacen("SET ", "SET revision = :next, ", 1))
            .condition_expression(format!(
                "claimed_by = :ours AND revision IN ({})",
                seen.join(", ")
            ))
            .expression_attribute_values(":ours", text(&self.item.claimed_by))
            .expression_attribute_values(":next", text(&next))
            .return_values_on_condition_check_failure(AllOld);
        let values = values.into_iter().map(|(name, value)| (name.to_owned(), value));
        let seen = seen.into_iter().zip(self.revisions.iter().map(|revision| text(revision)));
        let update = values
            .chain(seen)
            .fold(update, |update, (name, value)| update.expression_attribute_values(name, value));
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => {}
            Err(UpdateItemError::ConditionalCheckFailedException(failure)) => {
                let found = failure.item.map(Item::from_attributes).transpose()?;
                // The write arrived, its answer was lost, and the SDK wrote again.
                if found.is_none_or(|found| found.revision != next) {
                    return Err(IdempotencyError::Lost);
                }
            }
            Err(error) => {
                self.revisions.push(next);
                return Err(failed(&error));
            }
        }
        self.revisions = vec![next];
        Ok(())
    }
}

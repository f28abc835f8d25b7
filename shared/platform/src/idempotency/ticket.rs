//! The right to work on one request.

use aws_sdk_dynamodb::{
    error::SdkError,
    operation::{delete_item::DeleteItemError, update_item::UpdateItemError},
    types::AttributeValue,
};
use serde_json::Value;

use super::{
    IdempotencyError, IdempotencyStore, failed,
    item::{Item, JsonText, Phase, number, text},
};

/// The right to work on one request, and to say what came of it.
///
/// Dropping it leaves the request in progress until the lease lapses, as a crash would.
#[derive(Debug)]
#[must_use = "a request that is neither completed nor released is blocked until its lease lapses"]
pub struct Ticket {
    store: IdempotencyStore,
    item: Item,
}

impl Ticket {
    pub(super) fn new(store: &IdempotencyStore, item: Item) -> Self {
        Self { store: store.clone(), item }
    }

    /// What an earlier attempt has done already.
    pub fn progress(&self) -> Option<&Value> {
        self.item.progress.as_ref().map(|progress| &progress.0)
    }

    /// Stores what has been done so far, so that a retry goes on from there.
    pub async fn save_progress(&mut self, progress: Value) -> Result<(), IdempotencyError> {
        self.update("SET progress = :value", &[(":value", text(&progress.to_string()))]).await?;
        self.item.progress = Some(JsonText(progress));
        Ok(())
    }

    /// Stores the answer that is replayed from now on.
    pub async fn complete(self, answer: &Value) -> Result<(), IdempotencyError> {
        let values =
            [(":value", text(&answer.to_string())), (":completed", text(Phase::COMPLETED))];
        self.update("SET phase = :completed, answer = :value REMOVE progress", &values).await
    }

    /// Gives the request back, for the next attempt to claim at once.
    ///
    /// Progress is kept for it. Without any, nothing happened yet and the record is deleted: even
    /// another payload may come under the same key.
    pub async fn release(self) -> Result<(), IdempotencyError> {
        if self.item.progress.is_some() {
            let values = [(":value", number(0))];
            return self.update("SET lease_until_ms = :value", &values).await;
        }
        self.discard().await
    }

    /// Forgets the request and what was done for it: asked for again, it starts anew.
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

    /// Changes the item while it is ours. Repeating an update is harmless.
    async fn update(
        &self,
        expression: &str,
        values: &[(&str, AttributeValue)],
    ) -> Result<(), IdempotencyError> {
        let update = self
            .store
            .client
            .update_item()
            .table_name(&self.store.table)
            .key("id", text(&self.item.id))
            .update_expression(expression)
            .condition_expression("claimed_by = :ours")
            .expression_attribute_values(":ours", text(&self.item.claimed_by));
        let update = values.iter().fold(update, |update, (name, value)| {
            update.expression_attribute_values(*name, value.clone())
        });
        match update.send().await.map_err(SdkError::into_service_error) {
            Ok(_) => Ok(()),
            Err(UpdateItemError::ConditionalCheckFailedException(_)) => Err(IdempotencyError::Lost),
            Err(error) => Err(failed(&error)),
        }
    }
}

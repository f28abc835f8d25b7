//! What the page can change in a deployment.

use serde::Deserialize;

use crate::{
    dead_letters::{self, Received, Report, Selection},
    stack::Stack,
};

/// One dead letter.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Named {
    queue: String,
    id: String,
}

/// A change of dead letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Redrive,
    Delete,
}

/// Redrives or deletes a dead letter, by the rules of `outbound dead-letters`.
pub(super) async fn change(stack: &Stack, change: Change, named: Named) -> anyhow::Result<Report> {
    let selection = Selection::of_one(named.queue, named.id);
    let received = Received::all(stack, &selection).await?;
    match change {
        Change::Redrive => dead_letters::redrive(received, &selection, ambient::now()).await,
        Change::Delete => dead_letters::delete(received, &selection, ambient::now()).await,
    }
}

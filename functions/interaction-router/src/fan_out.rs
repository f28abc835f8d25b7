//! One event for three consumers. What fails for one of them is done again for that one only.

use futures::future;
use platform::{
    queue::{Queue, QueueError},
    telemetry::shown,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Consumer of all interactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Consumer {
    Analytics,
    CrmSync,
    Notification,
}

impl Consumer {
    pub(crate) const ALL: [Self; 3] = [Self::Analytics, Self::CrmSync, Self::Notification];
}

/// The consumers' queues.
#[derive(Debug, Clone)]
pub(crate) struct Consumers {
    pub(crate) analytics: Queue,
    pub(crate) crm_sync: Queue,
    pub(crate) notification: Queue,
}

/// Message on the interaction queue: an event that one consumer lacks.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Missing {
    pub(crate) consumer: Consumer,
    pub(crate) key: String,
    /// An [`Interaction`](outbound::interaction::Interaction) as it was written: read, it could nest
    /// too deep in here.
    pub(crate) interaction: Box<RawValue>,
}

impl Consumers {
    /// Sends an interaction to these consumers at once. Returns those whose queue did not take it:
    /// the SDK has tried three times, with jitter.
    pub(crate) async fn send(
        &self,
        consumers: &[Consumer],
        interaction: &RawValue,
        key: &str,
    ) -> Vec<Consumer> {
        let sent = consumers.iter().map(async |consumer| {
            let sent = self.send_to(*consumer, interaction, key).await;
            sent.err().map(|error| {
                let key = shown(key);
                tracing::warn!(%error, ?consumer, key, "a consumer's queue did not take an event");
                *consumer
            })
        });
        future::join_all(sent).await.into_iter().flatten().collect()
    }

    /// Sends an interaction to one consumer.
    pub(crate) async fn send_to(
        &self,
        consumer: Consumer,
        interaction: &RawValue,
        key: &str,
    ) -> Result<(), QueueError> {
        let queue = match consumer {
            Consumer::Analytics => &self.analytics,
            Consumer::CrmSync => &self.crm_sync,
            Consumer::Notification => &self.notification,
        };
        queue.send_keyed(interaction, key).await
    }
}

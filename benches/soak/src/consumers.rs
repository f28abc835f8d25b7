//! The consumers behind the queues that the functions fill: they take what there is every hour.

use std::collections::{BTreeMap, BTreeSet};

use sandbox::Sandbox;
use serde_json::Value;

/// Queues of the consumers of interactions.
const INTERACTIONS: [&str; 3] = ["AnalyticsQueue", "CrmSyncQueue", "NotificationQueue"];
/// Queues of the consumers of call results, by severity.
const CALL_RESULTS: [&str; 3] = ["CriticalQueue", "MediumQueue", "LowQueue"];

/// What they got.
#[derive(Debug, Default)]
pub(crate) struct Consumed {
    /// Ids of the interactions, by queue.
    pub(crate) interactions: BTreeMap<&'static str, BTreeSet<String>>,
    /// Number of call results.
    pub(crate) call_results: usize,
}

impl Consumed {
    /// Takes everything that waits.
    pub(crate) async fn take(&mut self, sandbox: &Sandbox) -> anyhow::Result<()> {
        for queue in INTERACTIONS {
            let messages = sandbox.aws.queues.drain(queue).await?;
            let ids = messages.iter().filter_map(|message| id(&message.body));
            self.interactions.entry(queue).or_default().extend(ids);
        }
        for queue in CALL_RESULTS {
            self.call_results += sandbox.aws.queues.drain(queue).await?.len();
        }
        Ok(())
    }
}

fn id(body: &str) -> Option<String> {
    let interaction: Value = serde_json::from_str(body).ok()?;
    Some(interaction["interactionId"].as_str()?.to_owned())
}

//! The whole bundle on one machine: the functions as real processes behind a gateway, with the
//! AWS services and the CXone they talk to inside this process.
//!
//! ```text
//!  gateway ──▶ Lambda ──▶ functions (processes) ──▶ DynamoDB, SQS, Secrets Manager (aws)
//!                 ▲                │
//!   event_source ─┤                ├──────────────▶ CXone (cxone)
//!   schedules ────┘                └──────────────▶ consumers of reports (receiver)
//! ```

mod assembly;
pub mod aws;
mod binaries;
pub mod campaigns;
pub mod clock;
mod console;
mod control;
pub mod cxone;
mod event_source;
pub mod events;
pub mod faults;
mod gateway;
mod http;
pub mod journey;
mod lambda;
mod logs;
pub mod openapi;
mod options;
pub mod receiver;
mod samples;
pub mod schedules;
mod senders;
mod surroundings;
pub mod template;
pub mod traffic;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::bail;
use tokio::{task::JoinSet, time};

pub use aws::OPERATOR_ACTIONS;
pub use binaries::{Profile, workspace_root};
pub use console::Console;
pub use lambda::{Lambda, Outcome};
pub use logs::{Echo, LogFormat, LogLine, Logs, Source};
pub use options::Options;
pub use surroundings::Surroundings;

use crate::{
    aws::Aws, clock::Clock, cxone::Cxone, faults::Faults, receiver::Receiver, schedules::Schedules,
    senders::Senders, traffic::Traffic,
};

/// The DNC list the sandbox is configured with.
pub const DNC_LIST: &str = "dnc-main";
/// The number that text messages come from.
pub const SMS_SENDER: &str = "+12025550100";
/// The secret webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_c2FuZGJveCBzZWNyZXQsIGN1cnJlbnQgb25l";
/// The secret webhooks were signed with before, still accepted during a rotation.
pub const PREVIOUS_WEBHOOK_SECRET: &str = "whsec_c2FuZGJveCBzZWNyZXQsIHRoZSBvbGRlciBvbmU=";
/// The secret that our own webhooks are signed with.
pub const SIGNING_SECRET: &str = "whsec_c2FuZGJveCBzZWNyZXQsIGZvciBzaWduaW5nISE=";
/// The shared token for senders that cannot sign.
pub const WEBHOOK_TOKEN: &str = "sandbox-webhook-token";

/// All that senders may use at the start, the newest first.
const WEBHOOK_SECRETS: [&str; 3] = [WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET, WEBHOOK_TOKEN];

/// A running sandbox. Everything in it ends when it is dropped.
pub struct Sandbox {
    /// Base URL of the gateway.
    pub gateway_url: String,
    /// The AWS services.
    pub aws: Arc<Aws>,
    /// The CXone simulator.
    pub cxone: Arc<Cxone>,
    /// The functions.
    pub lambda: Arc<Lambda>,
    /// Schedules that start functions by the clock.
    pub schedules: Arc<Schedules>,
    /// The clock of the schedules and of CXone.
    pub clock: Arc<Clock>,
    /// Receiver of completion webhooks.
    pub receiver: Arc<Receiver>,
    /// Interactions of customers, as CXone reports them.
    pub traffic: Arc<Traffic>,
    /// Senders of events.
    pub(crate) senders: Arc<Senders>,
    profile: Profile,
    /// Faults in force.
    pub faults: Arc<Faults>,
    /// Logs of the functions.
    pub logs: Arc<Logs>,
    /// Environments of the functions, merged, with the access key of a person.
    pub environment: BTreeMap<String, String>,
    /// The queues that feed a function.
    fed_queues: Vec<String>,
    tasks: JoinSet<()>,
}

impl Sandbox {
    /// From now on schedules fire on time, not only on demand.
    pub fn fire_on_time(&mut self) {
        self.schedules.run(&mut self.tasks);
        let is_supervised = !self.schedules.has(campaigns::SKILL_CONTROL);
        if self.cxone.api() == cxone::Api::Acd && is_supervised {
            let (aws, cxone) = (Arc::clone(&self.aws), Arc::clone(&self.cxone));
            self.tasks.spawn(campaigns::keep_supervising(aws, cxone, Arc::clone(&self.clock)));
        }
    }

    /// Rotates the client secret in CXone and in Secrets Manager, as an operator does.
    pub fn rotate_client_secret(&self, client_secret: &str) {
        self.cxone.rotate_secret(client_secret);
        surroundings::store_client_secret(&self.aws, client_secret);
    }

    /// Replaces the secrets of webhooks in Secrets Manager, as an operator does.
    pub fn rotate_webhook_secrets(&self, webhook_secrets: &[&str]) {
        surroundings::store_webhook_secrets(&self.aws, webhook_secrets);
    }

    /// Number of messages in the queues that feed functions, waiting or in flight.
    pub async fn backlog(&self) -> anyhow::Result<usize> {
        let mut backlog = 0;
        for queue in &self.fed_queues {
            let depth = self.aws.queues.depth(queue).await?;
            backlog += depth.visible + depth.in_flight;
        }
        Ok(backlog)
    }

    /// Waits until every queue that feeds a function is empty and no function is running. Fails if
    /// a function was refused anything: many go on without, and it would not be noticed.
    pub async fn wait_until_idle(&self, limit: Duration) -> anyhow::Result<()> {
        let gives_up_at = Instant::now() + limit;
        loop {
            if let Some(refusal) = self.aws.permissions().refused().into_iter().next() {
                bail!(refusal);
            }
            let backlog = self.backlog().await?;
            let in_flight = self.lambda.in_flight();
            if backlog == 0 && in_flight == 0 {
                return Ok(());
            }
            if Instant::now() > gives_up_at {
                bail!("after {limit:?} {backlog} messages and {in_flight} invocations are left");
            }
            time::sleep(Duration::from_millis(50)).await;
        }
    }
}

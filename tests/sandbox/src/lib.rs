//! The whole bundle on one machine: the functions as real processes behind a gateway, with the
//! AWS services and the CXone they talk to inside this process.
//!
//! ```text
//!  gateway ──▶ Lambda ──▶ functions (processes) ──▶ DynamoDB, SQS, Secrets Manager (aws)
//!                 ▲                │
//!   event_source ─┘                └──────────────▶ CXone (cxone)
//! ```

pub mod aws;
mod binaries;
pub mod clock;
pub mod cxone;
mod event_source;
pub mod events;
pub mod faults;
mod gateway;
mod http;
pub mod journey;
mod lambda;
mod logs;
pub mod template;

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use serde_json::json;
use tokio::{task::JoinSet, time};

pub use binaries::{Profile, workspace_root};
pub use lambda::{Lambda, Outcome};
pub use logs::{LogLine, Logs};

use crate::{
    aws::Aws,
    clock::Clock,
    cxone::Cxone,
    event_source::Mapping,
    faults::{Fault, Faults},
    lambda::FunctionSpec,
    template::{Function, Scope, Template, Trigger},
};

/// The DNC list the sandbox is configured with.
pub const DNC_LIST: &str = "dnc-main";
/// The number that text messages come from.
pub const SMS_SENDER: &str = "+12025550100";
/// The secret webhooks are signed with.
pub const WEBHOOK_SECRET: &str = "whsec_c2FuZGJveCBzZWNyZXQsIGN1cnJlbnQgb25l";
/// The secret webhooks were signed with before, still accepted during a rotation.
pub const PREVIOUS_WEBHOOK_SECRET: &str = "whsec_c2FuZGJveCBzZWNyZXQsIHRoZSBvbGRlciBvbmU=";
/// The shared token for senders that cannot sign.
pub const WEBHOOK_TOKEN: &str = "sandbox-token";

/// How a sandbox is set up.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port of the gateway; 0 takes a free one.
    pub gateway_port: u16,
    /// Port of the CXone simulator; 0 takes a free one.
    pub cxone_port: u16,
    /// What goes wrong from the start.
    pub faults: Vec<Fault>,
    /// Seed of the chance with which faults strike.
    pub seed: u64,
    /// How long CXone's tokens live.
    pub token_lifetime: Duration,
    /// When a batch comes back whose function died or failed as a whole. `None` waits for the
    /// queue's visibility timeout, as AWS does.
    pub redelivery: Option<Duration>,
    /// Processes of one function that may run at once.
    pub concurrency_max: usize,
    /// Whether the functions' logs are shown as they come.
    pub logs_echoed: bool,
    /// How the functions are compiled.
    pub profile: Profile,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            gateway_port: 0,
            cxone_port: 0,
            faults: Vec::new(),
            seed: 0,
            token_lifetime: Duration::from_mins(30),
            redelivery: None,
            concurrency_max: 4,
            logs_echoed: false,
            profile: Profile::Dev,
        }
    }
}

/// A running sandbox. Everything in it ends when it is dropped.
pub struct Sandbox {
    /// Base URL of the gateway.
    pub gateway_url: String,
    /// The AWS services.
    pub aws: Arc<Aws>,
    /// The CXone simulator.
    pub cxone: Arc<Cxone>,
    /// The clock of CXone.
    pub clock: Arc<Clock>,
    /// The functions.
    pub lambda: Arc<Lambda>,
    /// What goes wrong.
    pub faults: Arc<Faults>,
    /// What the functions wrote.
    pub logs: Arc<Logs>,
    /// What the functions are told, put together: no two of them are told different things.
    pub environment: BTreeMap<String, String>,
    /// The queues that feed a function.
    fed_queues: Vec<String>,
    _tasks: JoinSet<()>,
}

impl Sandbox {
    /// Builds the functions and starts everything `template.yaml` holds.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let template = Template::read(&workspace_root().join("template.yaml"))?;
        let mut tasks = JoinSet::new();
        let faults = Arc::new(Faults::new(options.faults, options.seed));
        let logs = Arc::new(Logs::new(options.logs_echoed));
        let clock = Arc::new(Clock::default());
        let aws = Aws::start(&template, Arc::clone(&faults), &mut tasks).await?;
        let cxone = Cxone::start(
            options.cxone_port,
            options.token_lifetime,
            Arc::clone(&clock),
            Arc::clone(&faults),
            &mut tasks,
        )
        .await?;

        let scope = scope(&template, &aws, &cxone);
        let specs = specs(&template, &scope, &aws, options.profile).await?;
        let environment = specs.iter().flat_map(|spec| spec.environment.clone()).collect();
        let lambda = Lambda::start(
            specs,
            options.concurrency_max,
            Arc::clone(&faults),
            Arc::clone(&logs),
            &mut tasks,
        )
        .await?;

        let mut routes = Vec::new();
        let mut fed_queues = Vec::new();
        for Function { name, triggers, .. } in &template.functions {
            for trigger in triggers {
                match trigger.clone() {
                    Trigger::Http(route) => routes.push((route, name.clone())),
                    Trigger::Queue(source) => {
                        fed_queues.push(source.queue.clone());
                        tasks.spawn(event_source::run(Mapping {
                            source,
                            function: name.clone(),
                            redelivery: options.redelivery,
                            aws: Arc::clone(&aws),
                            lambda: Arc::clone(&lambda),
                        }));
                    }
                }
            }
        }
        let (listener, address) = http::listen(options.gateway_port).await?;
        tasks.spawn(http::serve(listener, gateway::router(Arc::clone(&lambda), routes)));
        let gateway_url = format!("http://{address}");
        Ok(Self {
            gateway_url,
            aws,
            cxone,
            clock,
            lambda,
            faults,
            logs,
            environment,
            fed_queues,
            _tasks: tasks,
        })
    }

    /// Rotates the client secret in CXone and in Secrets Manager, as an operator does.
    pub fn rotate_client_secret(&self, client_secret: &str) {
        self.cxone.rotate_secret(client_secret);
        store_secret(&self.aws, client_secret);
    }

    /// How many messages wait in, or are being taken from, the queues that feed functions.
    pub async fn backlog(&self) -> anyhow::Result<usize> {
        let mut backlog = 0;
        for queue in &self.fed_queues {
            let depth = self.aws.queues.depth(queue).await?;
            backlog += depth.visible + depth.in_flight;
        }
        Ok(backlog)
    }

    /// Waits until every queue that feeds a function is empty and no function is running.
    pub async fn settled(&self, limit: Duration) -> anyhow::Result<()> {
        let gives_up_at = Instant::now() + limit;
        loop {
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

/// Stores the secret of the deployment and returns its ARN.
fn store_secret(aws: &Aws, client_secret: &str) -> String {
    aws.store_secret(
        "cxone-outbound",
        &json!({
            "clientId": cxone::CLIENT_ID,
            "clientSecret": client_secret,
            "webhookSecrets": [WEBHOOK_SECRET, PREVIOUS_WEBHOOK_SECRET, WEBHOOK_TOKEN],
        }),
    )
}

/// What the template's parameters and resources stand for in this sandbox.
fn scope(template: &Template, aws: &Aws, cxone: &Cxone) -> Scope {
    let mut scope = Scope::new(template.parameter_defaults());
    scope.set("CxoneBaseUrl", cxone.url());
    scope.set("CxoneDncListId", DNC_LIST);
    scope.set("SmsSender", SMS_SENDER);
    scope.set("CxoneSecretArn", store_secret(aws, cxone::CLIENT_SECRET));
    aws.define_resources(template, &mut scope);
    scope
}

/// Builds the functions and gathers what each needs to run.
async fn specs(
    template: &Template,
    scope: &Scope,
    aws: &Aws,
    profile: Profile,
) -> anyhow::Result<Vec<FunctionSpec>> {
    let executables = tokio::task::spawn_blocking(move || binaries::build(profile)).await??;
    let spec = |function: &Function| {
        let mut environment = template.environment(function, scope)?;
        environment.extend(aws.environment().into_iter().map(|(n, v)| (n.to_owned(), v)));
        let executable = executables.get(&function.name).cloned();
        anyhow::Ok(FunctionSpec {
            name: function.name.clone(),
            executable: executable
                .with_context(|| format!("the workspace has no binary `{}`", function.name))?,
            environment,
            timeout: function.timeout,
            memory_size: function.memory_size,
        })
    };
    template.functions.iter().map(spec).collect()
}

//! The whole bundle on one machine: the functions as real processes behind a gateway, with the
//! AWS services and the CXone they talk to inside this process.
//!
//! ```text
//!  gateway ──▶ Lambda ──▶ functions (processes) ──▶ DynamoDB, SQS, Secrets Manager (aws)
//!                 ▲                │
//!   event_source ─┤                ├──────────────▶ CXone (cxone)
//!   schedules ────┘                └──────────────▶ whoever is told (receiver)
//! ```

pub mod aws;
mod binaries;
pub mod campaigns;
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
pub mod openapi;
mod options;
pub mod receiver;
pub mod schedules;
mod surroundings;
pub mod template;
pub mod traffic;

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
pub use options::Options;
pub use surroundings::Surroundings;

use crate::{
    aws::{Aws, Permissions},
    clock::Clock,
    cxone::Cxone,
    event_source::Mapping,
    faults::Faults,
    lambda::FunctionSpec,
    receiver::Receiver,
    schedules::{Scheduled, Schedules},
    template::{EventSource, Function, Route, Scope, Template, Trigger},
    traffic::Traffic,
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
    /// Faults in force.
    pub faults: Arc<Faults>,
    /// Logs of the functions.
    pub logs: Arc<Logs>,
    /// Environments of the functions, merged: no variable differs between two of them.
    pub environment: BTreeMap<String, String>,
    /// The queues that feed a function.
    fed_queues: Vec<String>,
    tasks: JoinSet<()>,
}

impl Sandbox {
    /// Builds the functions and starts everything `template.yaml` holds.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let template = Template::read(&workspace_root().join("template.yaml"))?;
        let mut tasks = JoinSet::new();
        let faults = Arc::new(Faults::new(options.faults, options.seed));
        let logs = Arc::new(Logs::new(options.logs_echoed));
        let clock = Arc::new(Clock::default());
        let receiver = Receiver::start(options.receiver_port, &mut tasks).await?;
        let aws = Aws::start(&template, Arc::clone(&faults), &mut tasks).await?;
        // Before anything that sends to the gateway: its address must be known.
        let (listener, address) = http::listen(options.gateway_port).await?;
        let gateway_url = format!("http://{address}");
        let traffic = Arc::new(Traffic::to(&gateway_url)?);
        let cxone = Cxone::start(
            options.cxone_port,
            options.token_lifetime,
            Arc::clone(&clock),
            Arc::clone(&faults),
            Arc::clone(&traffic),
            &mut tasks,
        )
        .await?;

        let mut scope = scope(&template, &aws, &cxone);
        scope.set("Campaigns", options.campaigns);
        aws.enforce(Permissions::of(&template, &scope)?);
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

        let Triggers { routes, timetable, sources } = triggers(&template, &scope)?;
        let fed_queues = sources.iter().map(|(source, _)| source.queue.clone()).collect();
        for (source, function) in sources {
            tasks.spawn(event_source::run(Mapping {
                source,
                function,
                redelivery: options.redelivery,
                aws: Arc::clone(&aws),
                lambda: Arc::clone(&lambda),
            }));
        }
        let schedules =
            Schedules::new(timetable, Arc::clone(&clock), Arc::clone(&lambda), Arc::clone(&aws));
        let gateway = gateway::router(Arc::clone(&lambda), routes);
        let front = schedules::router(Arc::clone(&schedules))
            .merge(openapi::router())
            .fallback_service(gateway);
        tasks.spawn(http::serve(listener, front));
        Ok(Self {
            gateway_url,
            aws,
            cxone,
            lambda,
            schedules,
            clock,
            receiver,
            traffic,
            faults,
            logs,
            environment,
            fed_queues,
            tasks,
        })
    }

    /// From now on schedules fire on time, not only on demand.
    pub fn fire_on_time(&mut self) {
        self.schedules.run(&mut self.tasks);
    }

    /// Rotates the client secret in CXone and in Secrets Manager, as an operator does.
    pub fn rotate_client_secret(&self, client_secret: &str) {
        self.cxone.rotate_secret(client_secret);
        store_client_secret(&self.aws, client_secret);
    }

    /// Replaces the secrets of webhooks in Secrets Manager, as an operator does.
    pub fn rotate_webhook_secrets(&self, webhook_secrets: &[&str]) {
        store_webhook_secrets(&self.aws, webhook_secrets);
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
    /// a function was refused anything: many go on without, and nobody would notice.
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

/// Stores the credentials of the deployment and returns their ARN.
fn store_client_secret(aws: &Aws, client_secret: &str) -> String {
    let secret = json!({ "clientId": cxone::CLIENT_ID, "clientSecret": client_secret });
    aws.store_secret("cxone-outbound/cxone", &secret)
}

/// Stores the secrets of senders and returns their ARN.
fn store_webhook_secrets(aws: &Aws, webhook_secrets: &[&str]) -> String {
    aws.store_secret("cxone-outbound/webhooks", &json!({ "webhookSecrets": webhook_secrets }))
}

/// Stores the secrets of the reports and returns their ARN.
fn store_signing_secrets(aws: &Aws) -> String {
    aws.store_secret("cxone-outbound/signing", &json!({ "signingSecrets": [SIGNING_SECRET] }))
}

/// Values of the template's parameters and resources in this sandbox.
fn scope(template: &Template, aws: &Aws, cxone: &Cxone) -> Scope {
    let mut scope = Scope::new(template.parameter_defaults());
    scope.set("CxoneBaseUrl", cxone.url());
    scope.set("CxoneDncListId", DNC_LIST);
    scope.set("SmsSender", SMS_SENDER);
    scope.set("CxoneSecretArn", store_client_secret(aws, cxone::CLIENT_SECRET));
    scope.set("WebhookSecretArn", store_webhook_secrets(aws, &WEBHOOK_SECRETS));
    scope.set("SigningSecretArn", store_signing_secrets(aws));
    aws.define_resources(template, &mut scope);
    scope
}

/// Triggers, each with the name of its function.
#[derive(Default)]
struct Triggers {
    routes: Vec<(Route, String)>,
    timetable: Vec<Scheduled>,
    sources: Vec<(EventSource, String)>,
}

fn triggers(template: &Template, scope: &Scope) -> anyhow::Result<Triggers> {
    let mut all = Triggers::default();
    for Function { name, triggers, on_failure, .. } in &template.functions {
        for trigger in triggers {
            match trigger.clone() {
                Trigger::Http(route) => all.routes.push((route, name.clone())),
                Trigger::Queue(source) => all.sources.push((source, name.clone())),
                Trigger::Schedule(schedule) => all.timetable.push(Scheduled {
                    function: name.clone(),
                    rate: schedule.rate,
                    input: scope.text(&schedule.input)?,
                    on_failure: on_failure.clone(),
                }),
            }
        }
    }
    Ok(all)
}

/// The environment of each function, by its name: as the template says, and where AWS is.
fn environments(
    template: &Template,
    scope: &Scope,
    aws: &Aws,
) -> anyhow::Result<BTreeMap<String, BTreeMap<String, String>>> {
    let environment = |function: &Function| {
        let mut environment = template.environment(function, scope)?;
        environment.extend(aws.environment().into_iter().map(|(n, v)| (n.to_owned(), v)));
        // Permissions are those of the role, which the access key names.
        environment.insert("AWS_ACCESS_KEY_ID".to_owned(), function.name.clone());
        // The receiver of completion webhooks is on this machine.
        environment.insert("WEBHOOK_TARGETS".to_owned(), "local".to_owned());
        Ok((function.name.clone(), environment))
    };
    template.functions.iter().map(environment).collect()
}

/// Builds the functions and gathers what each needs to run.
async fn specs(
    template: &Template,
    scope: &Scope,
    aws: &Aws,
    profile: Profile,
) -> anyhow::Result<Vec<FunctionSpec>> {
    let executables = tokio::task::spawn_blocking(move || binaries::build(profile)).await??;
    let environments = environments(template, scope, aws)?;
    let spec = |function: &Function| {
        let executable = executables.get(&function.name).cloned();
        anyhow::Ok(FunctionSpec {
            name: function.name.clone(),
            executable: executable
                .with_context(|| format!("the workspace has no binary `{}`", function.name))?,
            environment: environments.get(&function.name).cloned().unwrap_or_default(),
            timeout: function.timeout,
            memory_size: function.memory_size,
        })
    };
    template.functions.iter().map(spec).collect()
}

//! The sandbox without its functions: what they call, and the environment that tells them where it
//! is. Tests that call a handler in their own process need nothing else.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use tokio::task::JoinSet;

use crate::{
    DNC_LIST, Options, SIGNING_SECRET, SMS_SENDER, WEBHOOK_SECRETS,
    aws::{Aws, Permissions},
    binaries::workspace_root,
    clock::Clock,
    cxone::{self, Cxone},
    faults::Faults,
    receiver::Receiver,
    template::{Function, Scope, Template},
    traffic::Traffic,
};

/// The AWS services, CXone and the receiver of reports, set up as in the template.
pub struct Surroundings {
    /// The AWS services.
    pub aws: Arc<Aws>,
    /// The CXone simulator.
    pub cxone: Arc<Cxone>,
    /// The receiver of campaign webhooks.
    pub receiver: Arc<Receiver>,
    /// Faults to inject.
    pub faults: Arc<Faults>,
    /// The clock of CXone.
    pub clock: Arc<Clock>,
    /// The environment of each function, by its name.
    pub environments: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) traffic: Arc<Traffic>,
    pub(crate) template: Template,
    pub(crate) scope: Scope,
    pub(crate) tasks: JoinSet<()>,
}

impl Surroundings {
    /// Starts the services; they end when this is dropped.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with(Options::default()).await
    }

    /// Starts the services with these options.
    pub async fn with(options: Options) -> anyhow::Result<Self> {
        // There is no gateway that traffic could go to.
        Self::around("http://127.0.0.1:1", options).await
    }

    /// Starts the services around a gateway at this address.
    pub(crate) async fn around(gateway_url: &str, options: Options) -> anyhow::Result<Self> {
        let template = Template::read(&workspace_root().join("template.yaml"))?;
        let mut tasks = JoinSet::new();
        let faults = Arc::new(Faults::new(options.faults.clone(), options.seed));
        let clock = Arc::new(Clock::default());
        let traffic = Arc::new(Traffic::to(gateway_url)?);
        let receiver = Receiver::start(options.receiver_port, &mut tasks).await?;
        let aws = Aws::start(&template, Arc::clone(&faults), &mut tasks).await?;
        let cxone = Cxone::start(
            options.cxone_port,
            options.token_lifetime,
            Arc::clone(&clock),
            Arc::clone(&faults),
            Arc::clone(&traffic),
            &mut tasks,
        )
        .await?;
        let scope = scope(&template, &aws, &cxone, &options);
        aws.enforce(Permissions::of(&template, &scope)?);
        let environments = environments(&template, &scope, &aws)?;
        Ok(Self {
            aws,
            cxone,
            receiver,
            faults,
            clock,
            environments,
            traffic,
            template,
            scope,
            tasks,
        })
    }
}

/// Stores the credentials of the deployment and returns their ARN.
pub(crate) fn store_client_secret(aws: &Aws, client_secret: &str) -> String {
    let secret = json!({ "clientId": cxone::CLIENT_ID, "clientSecret": client_secret });
    aws.store_secret("cxone-outbound/cxone", &secret)
}

/// Stores the secrets of senders and returns their ARN.
pub(crate) fn store_webhook_secrets(aws: &Aws, webhook_secrets: &[&str]) -> String {
    aws.store_secret("cxone-outbound/webhooks", &json!({ "webhookSecrets": webhook_secrets }))
}

/// Stores the secrets of the reports and returns their ARN.
fn store_signing_secrets(aws: &Aws) -> String {
    aws.store_secret("cxone-outbound/signing", &json!({ "signingSecrets": [SIGNING_SECRET] }))
}

/// Values of the template's parameters and resources in this sandbox.
fn scope(template: &Template, aws: &Aws, cxone: &Cxone, options: &Options) -> Scope {
    let mut scope = Scope::new(template.parameter_defaults());
    scope.set("CxoneBaseUrl", cxone.url());
    scope.set("CxoneDncListId", DNC_LIST);
    scope.set("SmsSender", SMS_SENDER);
    scope.set("CxoneSecretArn", store_client_secret(aws, cxone::CLIENT_SECRET));
    scope.set("WebhookSecretArn", store_webhook_secrets(aws, &WEBHOOK_SECRETS));
    scope.set("SigningSecretArn", store_signing_secrets(aws));
    scope.set("Campaigns", &options.campaigns);
    for (name, value) in &options.parameters {
        scope.set(name, value);
    }
    aws.define_resources(template, &mut scope);
    scope
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

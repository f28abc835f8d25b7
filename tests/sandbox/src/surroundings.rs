//! The sandbox without its functions: what they call, and the environment that tells them where it
//! is. Tests that call a handler in their own process need nothing else.

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, sync::Arc};

use outbound::Tz;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::{
    DNC_LIST, Logs, Options, SIGNING_SECRET, SMS_SENDER, WEBHOOK_SECRETS,
    aws::{Aws, Permissions, Stack, Subscription},
    binaries::workspace_root,
    clock::Clock,
    cxone::{
        self, Api, Cxone,
        acd::{self, Zone},
    },
    events,
    faults::{self, Faults},
    receiver::Receiver,
    template::{Function, Scope, Template},
    traffic::Traffic,
};

/// Receiver of alarms, who has confirmed the subscription.
const ALARM_EMAIL: &str = "on-call@example.com";

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
    /// The log of the functions.
    pub logs: Arc<Logs>,
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
        let logs = Arc::new(Logs::new(options.echo.clone()));
        let names = faults::Names::of(&template, options.cxone_api);
        let faults = Faults::new(options.faults.clone(), options.seed);
        let faults = Arc::new(faults.known(names, Arc::clone(&logs))?);
        let clock = Arc::new(Clock::default());
        let traffic = Arc::new(Traffic::to(gateway_url)?);
        let receiver = Receiver::start(options.receiver_port, &mut tasks).await?;
        let (shared_faults, shared_logs) = (Arc::clone(&faults), Arc::clone(&logs));
        let aws =
            Aws::start(&template, options.aws_port, shared_faults, shared_logs, &mut tasks).await?;
        let cxone = Cxone::start(
            options.cxone_api,
            options.cxone_port,
            options.token_lifetime,
            Arc::clone(&clock),
            Arc::clone(&faults),
            Arc::clone(&traffic),
            &mut tasks,
        )
        .await?;
        let scope = scope(&template, &aws, &cxone, &options)?;
        let template = template.deployed(&scope)?;
        aws.enforce(Permissions::of(&template, &scope)?);
        aws.watch(template.alarms(&scope)?);
        let subscribed = Subscription { email: ALARM_EMAIL.to_owned(), is_confirmed: true };
        aws.alarm_topic.subscriptions().push(subscribed);
        aws.describe(Stack::of(&template, &scope, gateway_url));
        let environments = environments(&template, &scope, &aws)?;
        Ok(Self {
            aws,
            cxone,
            receiver,
            faults,
            clock,
            environments,
            logs,
            traffic,
            template,
            scope,
            tasks,
        })
    }
}

/// Stores the credentials of the deployment and returns their ARN.
pub(crate) fn store_client_secret(aws: &Aws, client_secret: &str) -> String {
    let mut secret = json!({ "clientId": cxone::CLIENT_ID, "clientSecret": client_secret });
    for (name, value) in acd::CREDENTIALS {
        secret[name] = json!(value);
    }
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

/// Id of the DNC list.
fn dnc_list(cxone: &Cxone) -> String {
    match cxone.api() {
        Api::V2 => DNC_LIST.to_owned(),
        Api::Acd => acd::DNC_GROUP.to_string(),
    }
}

/// Parameters that lead to the REST services, if the functions speak them; sets these up.
pub(crate) fn to_tenant(
    cxone: &Cxone,
    options: &Options,
) -> anyhow::Result<Vec<(&'static str, String)>> {
    if cxone.api() == Api::V2 {
        return Ok(Vec::new());
    }
    let planned: Vec<Value> = serde_json::from_str(&options.campaigns)?;
    let id = |campaign: &Value| campaign["campaignId"].as_str().map(str::to_owned);
    let campaigns = events::campaigns()?.into_iter().chain(planned.iter().filter_map(id));
    let skills = acd::skills_of(campaigns.chain(options.skilled_campaigns.iter().cloned()));
    cxone.set_up_tenant(&skills);
    for campaign in &planned {
        let contacts = campaign["contacts"].as_array().into_iter().flatten();
        let zones = contacts.filter_map(|it| it["timezone"].as_str()?.parse::<Tz>().ok());
        let zones: Vec<&Zone> = zones.filter_map(Zone::of).collect();
        let id = campaign["campaignId"].as_str().unwrap_or_default();
        cxone.tenant().plan_calls(id, &zones, None);
    }
    Ok(cxone.tenant_settings(&options.token_auth, &skills))
}

/// Values of the template's parameters and resources in this sandbox.
fn scope(
    template: &Template,
    aws: &Aws,
    cxone: &Cxone,
    options: &Options,
) -> anyhow::Result<Scope> {
    let mut scope = Scope::new(template.parameter_defaults());
    scope.set("CxoneBaseUrl", cxone.url());
    scope.set("CxoneDncListId", dnc_list(cxone));
    scope.set("SmsSender", SMS_SENDER);
    scope.set("CxoneSecretArn", store_client_secret(aws, cxone::CLIENT_SECRET));
    scope.set("WebhookSecretArn", store_webhook_secrets(aws, &WEBHOOK_SECRETS));
    scope.set("SigningSecretArn", store_signing_secrets(aws));
    scope.set("Campaigns", &options.campaigns);
    scope.set("AlarmEmail", ALARM_EMAIL);
    for (name, value) in to_tenant(cxone, options)? {
        scope.set(name, value);
    }
    for (name, value) in &options.parameters {
        scope.set(name, value);
    }
    // The API is the gateway, and nothing in the sandbox asks for its id but its addresses.
    scope.set("HttpApi", "sandbox");
    aws.define_resources(template, &mut scope);
    Ok(scope)
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

//! The stack as the template has it: functions with their environments and triggers, queues, tables.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use sandbox::{
    Options, Surroundings, WEBHOOK_TOKEN,
    cxone::{CLIENT_ID, CLIENT_SECRET},
    template::{EventSource, Template, Trigger},
    workspace_root,
};
use serde_json::{Value, json};

/// Variables of an environment.
pub(crate) type Environment = BTreeMap<String, String>;

/// What all worlds of this process have in common.
pub(crate) struct Stack {
    pub(crate) template: Template,
    environments: BTreeMap<String, Environment>,
    /// Secrets, by what the environments call them.
    secrets: BTreeMap<String, String>,
}

impl Stack {
    /// Reads the template, once in a process.
    pub(crate) fn shared() -> &'static Self {
        static STACK: OnceLock<Stack> = OnceLock::new();
        STACK.get_or_init(|| std::thread::spawn(Self::read).join().expect("a stack"))
    }

    fn read() -> Self {
        let template = Template::read(&workspace_root().join("template.yaml"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let options = Options { parameters: BTreeMap::new(), ..Options::default() };
        // Only for the names of things: nothing is ever sent to these surroundings.
        let around = runtime.expect("a runtime").block_on(Surroundings::with(options));
        let around = around.expect("the surroundings start");
        let mut secrets = BTreeMap::new();
        for environment in around.environments.values() {
            for (name, arn) in environment.iter().filter(|(name, _)| name.ends_with("SECRET_ARN")) {
                secrets.insert(arn.clone(), secret(name));
            }
        }
        let template = template.expect("the template can be read");
        Self { template, environments: around.environments.clone(), secrets }
    }

    /// Environment of a function.
    pub(crate) fn environment(&self, function: &str) -> Environment {
        self.environments[function].clone()
    }

    /// Time limit of an invocation.
    pub(crate) fn timeout(&self, function: &str) -> Duration {
        let known = self.template.functions.iter().find(|it| it.name == function);
        known.expect("a function of the template").timeout
    }

    /// Event source mappings, with the name of each function.
    pub(crate) fn event_sources(&self) -> Vec<(String, EventSource)> {
        let of = |function: &sandbox::template::Function| {
            let sources = function.triggers.iter().filter_map(|trigger| match trigger {
                Trigger::Queue(source) => Some(source.clone()),
                _ => None,
            });
            let name = function.name.clone();
            sources.map(move |source| (name.clone(), source)).collect::<Vec<_>>()
        };
        self.template.functions.iter().flat_map(of).collect()
    }

    /// Answer of Secrets Manager.
    pub(crate) fn secret_value(&self, request: &Value) -> Value {
        let id = request["SecretId"].as_str().unwrap_or_default();
        json!({ "ARN": id, "Name": id, "SecretString": self.secrets.get(id) })
    }
}

/// Value of the secret that a variable names.
fn secret(variable: &str) -> String {
    let value = match variable {
        "WEBHOOK_SECRET_ARN" => json!({ "webhookSecrets": [WEBHOOK_TOKEN] }),
        "SIGNING_SECRET_ARN" => json!({ "signingSecrets": [sandbox::SIGNING_SECRET] }),
        _ => json!({ "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET }),
    };
    value.to_string()
}

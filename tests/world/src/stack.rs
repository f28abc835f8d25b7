//! The stack as the template has it: functions with their environments and triggers, queues, tables.

use std::{collections::BTreeMap, sync::OnceLock, time::Duration};

use sandbox::{
    Options, Surroundings, WEBHOOK_TOKEN,
    cxone::{
        Api, CLIENT_ID, CLIENT_SECRET,
        acd::{ACCESS_KEY_ID, ACCESS_KEY_SECRET},
    },
    template::{EventSource, Template, Trigger},
    workspace_root,
};
use serde_json::{Value, json};

use crate::scenario::{CALLBACKS, Campaign};

/// Variables of an environment.
pub(crate) type Environment = BTreeMap<String, String>;

/// What all worlds of an API have in common in this process.
pub(crate) struct Stack {
    /// What it was made with.
    pub(crate) options: Options,
    pub(crate) template: Template,
    environments: BTreeMap<String, Environment>,
    /// Secrets, by what the environments call them.
    secrets: BTreeMap<String, String>,
}

impl Stack {
    /// The stack of an API. The template is read once in a process for each.
    pub(crate) fn of(api: Api) -> &'static Self {
        static STACKS: [OnceLock<Stack>; 2] = [OnceLock::new(), OnceLock::new()];
        let stack = &STACKS[usize::from(api == Api::Acd)];
        let read = move || Self::read(options(api));
        stack.get_or_init(|| std::thread::spawn(read).join().expect("a stack"))
    }

    fn read(options: Options) -> Self {
        let template = Template::read(&workspace_root().join("template.yaml"));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        // Only for the names of things: nothing is ever sent to these surroundings.
        let around = Surroundings::with(options.clone());
        let around = runtime.expect("a runtime").block_on(around);
        let around = around.expect("the surroundings start");
        let mut secrets = BTreeMap::new();
        for environment in around.environments.values() {
            for (name, arn) in environment.iter().filter(|(name, _)| name.ends_with("SECRET_ARN")) {
                secrets.insert(arn.clone(), secret(name));
            }
        }
        let template = template.expect("the template can be read");
        Self { options, template, environments: around.environments.clone(), secrets }
    }

    /// Environment of a function.
    pub(crate) fn environment(&self, function: &str) -> Environment {
        self.environments[function].clone()
    }

    /// Number of the skill of a campaign, where campaigns have some.
    pub(crate) fn skill(&self, campaign: &str) -> &str {
        let skills = self.environments.values().find_map(|it| it.get("CXONE_SKILLS"));
        let mut skills = skills.into_iter().flat_map(|skills| skills.split(','));
        let skill = skills.find_map(|it| it.strip_prefix(campaign)?.strip_prefix('='));
        skill.expect("a skill of the campaign")
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

/// A stack that speaks an API. With the ACD services it starts and stops skills by itself.
fn options(api: Api) -> Options {
    let own = [("CxoneSchedule", "hours"), ("CxoneSkillControl", "start-stop")];
    let own = own.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Options {
        cxone_api: api,
        skilled_campaigns: vec![CALLBACKS.to_owned()],
        campaigns: Campaign::default().document().to_string(),
        parameters: if api == Api::Acd { BTreeMap::from(own) } else { BTreeMap::new() },
        ..Options::default()
    }
}

/// Value of the secret that a variable names.
fn secret(variable: &str) -> String {
    let value = match variable {
        "WEBHOOK_SECRET_ARN" => json!({ "webhookSecrets": [WEBHOOK_TOKEN] }),
        "SIGNING_SECRET_ARN" => json!({ "signingSecrets": [sandbox::SIGNING_SECRET] }),
        _ => json!({
            "clientId": CLIENT_ID, "clientSecret": CLIENT_SECRET,
            "accessKeyId": ACCESS_KEY_ID, "accessKeySecret": ACCESS_KEY_SECRET,
        }),
    };
    value.to_string()
}

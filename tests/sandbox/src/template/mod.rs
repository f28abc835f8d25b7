//! `template.yaml`, read far enough to run it: functions with their environment and triggers,
//! queues with their redrive policies, tables. What the template does not hold does not exist in
//! the sandbox, so the deployment cannot drift from what is tested.

mod alarm;
mod conditions;
mod for_each;
mod intrinsics;
mod role;
mod storage;
mod trigger;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    time::Duration,
};

use anyhow::{Context, bail};
use serde::{Deserialize, de::DeserializeOwned};
use serde_yaml_ng::{Mapping, Value};

pub(crate) use alarm::{Alarm, Metric};
pub use intrinsics::Scope;
pub use role::{Role, Statement};
pub use storage::{Index, Queue, Redrive, Table};
pub use trigger::{EventSource, OnFailure, Route, Schedule, Trigger};

use conditions::Conditions;
use trigger::Event;

/// Resources that do not change how events are handled: the dashboard, log groups, keys.
const PASSED_OVER: [&str; 7] = [
    "AWS::CloudWatch::Dashboard",
    "AWS::KMS::Key",
    "AWS::Logs::LogGroup",
    "AWS::Logs::MetricFilter",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::Scheduler::ScheduleGroup",
];

/// A parsed template. Values that depend on where it is deployed are resolved with a [`Scope`].
pub struct Template {
    document: Value,
    /// The functions, by logical id.
    pub functions: Vec<Function>,
    /// The queues, by logical id.
    pub queues: Vec<Queue>,
    /// The tables, by logical id.
    pub tables: Vec<Table>,
    /// The roles, and the policies they share, by logical id.
    pub roles: Vec<Role>,
    /// The other resources, with the kind of each.
    pub others: Vec<(String, String)>,
    /// Schedules that are no event of their function, with the logical id of the function.
    schedules: Vec<(String, Schedule)>,
    /// Resources that are there under a condition only, with its name.
    conditional: Vec<(String, String)>,
    /// All resources, with the kind of each.
    pub(crate) kinds: Vec<(String, String)>,
    alarms: Vec<(String, Value)>,
}

/// One `AWS::Serverless::Function`.
#[derive(Debug)]
pub struct Function {
    /// Its name in the template.
    pub logical_id: String,
    /// The cargo binary it is built from, also the name people call it by.
    pub name: String,
    /// Time limit of an invocation.
    pub timeout: Duration,
    /// In MiB.
    pub memory_size: u32,
    /// Logical id of the role it runs with.
    pub role: String,
    /// Triggers of the function.
    pub triggers: Vec<Trigger>,
    /// Handling of an asynchronous event when the function fails.
    pub on_failure: Option<OnFailure>,
}

impl Template {
    /// Reads a template from a file.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        Self::parse(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    /// Reads a template from text.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let document: Value = serde_yaml_ng::from_str(text).context("it is not YAML")?;
        let mut template = Self {
            document,
            functions: Vec::new(),
            queues: Vec::new(),
            tables: Vec::new(),
            roles: Vec::new(),
            others: Vec::new(),
            schedules: Vec::new(),
            conditional: Vec::new(),
            kinds: Vec::new(),
            alarms: Vec::new(),
        };
        let resources = template.document.get("Resources").and_then(Value::as_mapping);
        for (id, resource) in for_each::expand(resources.context("it has no Resources")?)? {
            let id = id.as_str().context("a resource's name is not a text")?;
            template.add(id, &resource).with_context(|| format!("resource {id}"))?;
        }
        Ok(template)
    }

    /// The template as it is deployed with these parameters: without what their conditions exclude,
    /// and with schedules and policies at what they are for.
    pub(crate) fn deployed(mut self, scope: &Scope) -> anyhow::Result<Self> {
        let conditions = Conditions::of(&self.document);
        let mut absent = BTreeSet::new();
        for (id, condition) in &self.conditional {
            if !conditions.hold(condition, scope)? {
                absent.insert(id.clone());
            }
        }
        let is_there = |id: &String| !absent.contains(id);
        self.kinds.retain(|(id, _)| is_there(id));
        self.others.retain(|(id, _)| is_there(id));
        self.alarms.retain(|(id, _)| is_there(id));
        self.roles.retain(|role| is_there(&role.logical_id));
        for (function, schedule) in std::mem::take(&mut self.schedules) {
            let known = self.functions.iter_mut().find(|known| known.logical_id == function);
            let known = known.with_context(|| format!("there is no function {function}"))?;
            if schedule.logical_id.as_ref().is_none_or(is_there) {
                known.triggers.push(Trigger::Schedule(schedule));
            }
        }
        let attached = self.roles.iter().flat_map(|policy| {
            policy.attached_to.iter().map(|role| (role.clone(), policy.logical_id.clone()))
        });
        for (role, policy) in attached.collect::<Vec<_>>() {
            let known = self.roles.iter_mut().find(|known| known.logical_id == role);
            let known = known.with_context(|| format!("there is no role {role}"))?;
            known.managed_policies.push(policy);
        }
        Ok(self)
    }

    /// The environment of a function: the globals, then its own.
    pub fn environment(
        &self,
        function: &Function,
        scope: &Scope,
    ) -> anyhow::Result<BTreeMap<String, String>> {
        let own = ["Resources", &function.logical_id, "Properties"];
        let mut variables = BTreeMap::new();
        for place in [&["Globals", "Function"][..], &own] {
            let section = lookup(&self.document, place)
                .and_then(|section| lookup(section, &["Environment", "Variables"]));
            for (name, value) in section.and_then(Value::as_mapping).into_iter().flatten() {
                let name = name.as_str().context("a variable's name is not a text")?;
                let value = scope
                    .text(value)
                    .with_context(|| format!("variable {name} of {}", function.logical_id))?;
                variables.insert(name.to_owned(), value);
            }
        }
        Ok(variables)
    }

    /// The parameters that have a default, with it.
    pub fn parameter_defaults(&self) -> BTreeMap<String, String> {
        let parameters = self.document.get("Parameters").and_then(Value::as_mapping);
        let default = |(name, parameter): (&Value, &Value)| {
            Some((name.as_str()?.to_owned(), intrinsics::plain_text(parameter.get("Default")?)?))
        };
        parameters.into_iter().flatten().filter_map(default).collect()
    }

    /// The names of the parameters.
    pub(crate) fn parameters(&self) -> Vec<String> {
        let parameters = self.document.get("Parameters").and_then(Value::as_mapping);
        let names = parameters.into_iter().flat_map(Mapping::keys);
        names.filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// The outputs, with the value of each.
    pub(crate) fn outputs(&self) -> Vec<(String, &Value)> {
        let outputs = self.document.get("Outputs").and_then(Value::as_mapping);
        let output = |(name, output): (&Value, _)| {
            Some((name.as_str()?.to_owned(), Value::get(output, "Value")?))
        };
        outputs.into_iter().flatten().filter_map(output).collect()
    }

    /// The alarms, as they are in one deployment.
    pub(crate) fn alarms(&self, scope: &Scope) -> anyhow::Result<Vec<Alarm>> {
        let alarm = |(id, resource): &(String, Value)| {
            Alarm::read(id, resource, scope).with_context(|| format!("alarm {id}"))
        };
        self.alarms.iter().map(alarm).collect()
    }

    /// The roles that schedules fire with, each once.
    pub(crate) fn schedule_roles(&self) -> BTreeSet<&str> {
        self.functions
            .iter()
            .flat_map(|function| &function.triggers)
            .filter_map(|trigger| match trigger {
                Trigger::Schedule(schedule) => Some(schedule.role.as_str()),
                _ => None,
            })
            .collect()
    }

    fn add(&mut self, id: &str, resource: &Value) -> anyhow::Result<()> {
        let kind = resource.get("Type").and_then(Value::as_str).context("it has no Type")?;
        self.kinds.push((id.to_owned(), kind.to_owned()));
        if let Some(condition) = resource.get("Condition").and_then(Value::as_str) {
            self.conditional.push((id.to_owned(), condition.to_owned()));
        }
        match kind {
            "AWS::Serverless::Function" => self.functions.push(self.function(id, resource)?),
            "AWS::SQS::Queue" => self.queues.push(storage::queue(id, resource)?),
            "AWS::DynamoDB::Table" => self.tables.push(storage::table(id, resource)?),
            // The gateway is always there; its routes come from the functions' events.
            "AWS::Serverless::HttpApi" => {}
            "AWS::IAM::Role" => self.roles.push(role::role(id, resource)?),
            "AWS::IAM::ManagedPolicy" => self.roles.push(role::managed_policy(id, resource)?),
            "AWS::CloudWatch::Alarm" => {
                self.alarms.push((id.to_owned(), resource.clone()));
                self.others.push((id.to_owned(), kind.to_owned()));
            }
            "AWS::Scheduler::Schedule" => {
                self.schedules.push(trigger::own_schedule(id, resource)?);
            }
            other if PASSED_OVER.contains(&other) => {
                self.others.push((id.to_owned(), other.to_owned()));
            }
            other => bail!("the sandbox does not know how to run {other}"),
        }
        Ok(())
    }

    fn function(&self, id: &str, resource: &Value) -> anyhow::Result<Function> {
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Properties {
            timeout: Option<u64>,
            memory_size: Option<u32>,
            role: Option<Value>,
            event_invoke_config: Option<Value>,
            #[serde(default)]
            events: BTreeMap<String, Event>,
        }
        let globals: Properties = part(&self.document, &["Globals", "Function"])?;
        let own: Properties = part(resource, &["Properties"])?;
        let role = own.role.as_ref().and_then(intrinsics::arn_of);
        let role = role.context("Role must be a !GetAtt ….Arn of a role in the template")?;
        let name: String = part(resource, &["Metadata", "BuildProperties", "Binary"])?;
        Ok(Function {
            logical_id: id.to_owned(),
            name,
            timeout: Duration::from_secs(own.timeout.or(globals.timeout).unwrap_or(3)),
            role,
            on_failure: own.event_invoke_config.as_ref().map(trigger::on_failure).transpose()?,
            memory_size: own.memory_size.or(globals.memory_size).unwrap_or(128),
            triggers: own.events.values().map(Event::trigger).collect::<anyhow::Result<_>>()?,
        })
    }
}

fn lookup<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// Deserializes what lies at a path; a section that is absent reads as an empty one.
fn part<T: DeserializeOwned>(value: &Value, path: &[&str]) -> anyhow::Result<T> {
    let empty = Value::Mapping(Mapping::new());
    let section = lookup(value, path).unwrap_or(&empty);
    serde_yaml_ng::from_value(section.clone()).with_context(|| path.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: &str = "
Parameters:
  Region: { Type: String, Default: US }
Globals:
  Function:
    Timeout: 5
    Environment: { Variables: { REGION: !Ref Region, LEVEL: info } }
Resources:
  WorkFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: work } }
    Properties:
      Role: !GetAtt WorkRole.Arn
      Environment: { Variables: { LEVEL: debug, QUEUE: !Ref WorkQueue } }
      Events:
        Route: { Type: HttpApi, Properties: { Method: POST, Path: /work } }
        Queue:
          Type: SQS
          Properties:
            Queue: !GetAtt WorkQueue.Arn
            BatchSize: 7
            FunctionResponseTypes: [ReportBatchItemFailures]
  WorkQueue:
    Type: AWS::SQS::Queue
    Properties:
      RedrivePolicy: { deadLetterTargetArn: !GetAtt DeadQueue.Arn, maxReceiveCount: 3 }
  DeadQueue: { Type: AWS::SQS::Queue }
";

    #[test]
    fn functions_queues_and_their_wiring_are_read() {
        let template = Template::parse(SMALL).expect("a template");
        let [function] = &template.functions[..] else { panic!("one function") };
        assert_eq!((function.name.as_str(), function.timeout.as_secs()), ("work", 5));
        let [Trigger::Queue(source), Trigger::Http(route)] = &function.triggers[..] else {
            panic!("two triggers: {:?}", function.triggers)
        };
        assert_eq!((source.queue.as_str(), source.batch_size), ("WorkQueue", 7));
        assert!(source.reports_failures);
        assert_eq!((route.method.as_str(), route.path.as_str()), ("POST", "/work"));
        let redrive = template.queues[0].redrive.as_ref().expect("a redrive policy");
        assert_eq!((redrive.dead_letter_queue.as_str(), redrive.receives_max), ("DeadQueue", 3));
    }

    #[test]
    fn a_functions_own_variables_win_over_the_globals() {
        let template = Template::parse(SMALL).expect("a template");
        let mut scope = Scope::new(template.parameter_defaults());
        scope.define("WorkQueue", "http://queue", "arn:queue");
        let variables = template.environment(&template.functions[0], &scope).expect("variables");
        let expected = [("LEVEL", "debug"), ("QUEUE", "http://queue"), ("REGION", "US")];
        assert!(variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).eq(expected));
    }

    #[test]
    fn what_cannot_be_run_is_named() {
        let unknown = "Resources: { Bus: { Type: AWS::Events::EventBus } }";
        let error = Template::parse(unknown).err().expect("it is refused");
        assert_eq!(
            format!("{error:#}"),
            "resource Bus: the sandbox does not know how to run AWS::Events::EventBus"
        );
    }
}

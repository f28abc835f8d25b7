//! `template.yaml`, read far enough to run it: functions with their environment and triggers,
//! queues with their redrive policies, tables. What the template does not hold does not exist in
//! the sandbox, so the deployment cannot drift from what is tested.

mod intrinsics;

use std::{collections::BTreeMap, path::Path, time::Duration};

use anyhow::{Context, bail};
use serde::{Deserialize, de::DeserializeOwned};
use serde_yaml_ng::{Mapping, Value};

pub use intrinsics::Scope;

/// A parsed template. Values that depend on where it is deployed are resolved with a [`Scope`].
pub struct Template {
    document: Value,
    /// The functions, by logical id.
    pub functions: Vec<Function>,
    /// The queues, by logical id.
    pub queues: Vec<Queue>,
    /// The tables, by logical id.
    pub tables: Vec<Table>,
}

/// One `AWS::Serverless::Function`.
#[derive(Debug)]
pub struct Function {
    /// Its name in the template.
    pub logical_id: String,
    /// The cargo binary it is built from, also the name people call it by.
    pub name: String,
    /// How long one invocation may take.
    pub timeout: Duration,
    /// In MiB.
    pub memory_size: u32,
    /// What makes it run.
    pub triggers: Vec<Trigger>,
}

/// What makes a function run.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A route of the HTTP API.
    Http(Route),
    /// An SQS event source mapping.
    Queue(EventSource),
}

/// A route of the HTTP API.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Route {
    /// `POST` and the like.
    pub method: String,
    /// An exact path.
    pub path: String,
}

/// An SQS event source mapping.
#[derive(Debug, Clone)]
pub struct EventSource {
    /// Logical id of the queue.
    pub queue: String,
    /// The most messages handed over at once.
    pub batch_size: usize,
    /// How long to gather a batch.
    pub window: Duration,
    /// The most invocations at once.
    pub concurrency_max: usize,
    /// Whether the function reports which messages failed.
    pub reports_failures: bool,
}

/// One `AWS::SQS::Queue`.
#[derive(Debug)]
pub struct Queue {
    /// Its name in the template and in the sandbox.
    pub logical_id: String,
    /// How long a received message stays hidden.
    pub visibility_timeout: Duration,
    /// Where messages go that were received too often.
    pub redrive: Option<Redrive>,
}

/// A queue's redrive policy.
#[derive(Debug)]
pub struct Redrive {
    /// Logical id of the dead-letter queue.
    pub dead_letter_queue: String,
    /// Receives before a message moves there.
    pub receives_max: u32,
}

/// One `AWS::DynamoDB::Table`, with a single hash key of type string.
#[derive(Debug)]
pub struct Table {
    /// Its name in the template and in the sandbox.
    pub logical_id: String,
    /// Name of the hash key.
    pub hash_key: String,
    /// Attribute that holds the time to live, if any.
    pub time_to_live: Option<String>,
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
        let mut template =
            Self { document, functions: Vec::new(), queues: Vec::new(), tables: Vec::new() };
        let resources = template.document.get("Resources").and_then(Value::as_mapping).cloned();
        for (id, resource) in resources.context("it has no Resources")? {
            let id = id.as_str().context("a resource's name is not a text")?;
            template.add(id, &resource).with_context(|| format!("resource {id}"))?;
        }
        Ok(template)
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

    fn add(&mut self, id: &str, resource: &Value) -> anyhow::Result<()> {
        let kind = resource.get("Type").and_then(Value::as_str).context("it has no Type")?;
        match kind {
            "AWS::Serverless::Function" => self.functions.push(self.function(id, resource)?),
            "AWS::SQS::Queue" => self.queues.push(queue(id, resource)?),
            "AWS::DynamoDB::Table" => self.tables.push(table(id, resource)?),
            // The gateway is always there; its routes come from the functions' events.
            "AWS::Serverless::HttpApi" => {}
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
            #[serde(default)]
            events: BTreeMap<String, Event>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "PascalCase")]
        struct Event {
            r#type: String,
            properties: Value,
        }
        let globals: Properties = part(&self.document, &["Globals", "Function"])?;
        let own: Properties = part(resource, &["Properties"])?;
        let name: String = part(resource, &["Metadata", "BuildProperties", "Binary"])?;
        let trigger = |event: &Event| match event.r#type.as_str() {
            "HttpApi" => part(&event.properties, &[]).map(Trigger::Http),
            "SQS" => event_source(&event.properties).map(Trigger::Queue),
            other => bail!("the sandbox does not know events of type {other}"),
        };
        Ok(Function {
            logical_id: id.to_owned(),
            name,
            timeout: Duration::from_secs(own.timeout.or(globals.timeout).unwrap_or(3)),
            memory_size: own.memory_size.or(globals.memory_size).unwrap_or(128),
            triggers: own.events.values().map(trigger).collect::<anyhow::Result<_>>()?,
        })
    }
}

fn event_source(properties: &Value) -> anyhow::Result<EventSource> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Properties {
        queue: Value,
        batch_size: Option<usize>,
        #[serde(default)]
        maximum_batching_window_in_seconds: u64,
        #[serde(default)]
        function_response_types: Vec<String>,
        scaling_config: Option<ScalingConfig>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct ScalingConfig {
        maximum_concurrency: usize,
    }
    let source: Properties = part(properties, &[])?;
    Ok(EventSource {
        queue: intrinsics::arn_of(&source.queue).context("Queue must be a !GetAtt ….Arn")?,
        batch_size: source.batch_size.unwrap_or(10),
        window: Duration::from_secs(source.maximum_batching_window_in_seconds),
        concurrency_max: source.scaling_config.map_or(1000, |config| config.maximum_concurrency),
        reports_failures: source
            .function_response_types
            .iter()
            .any(|kind| kind == "ReportBatchItemFailures"),
    })
}

fn queue(id: &str, resource: &Value) -> anyhow::Result<Queue> {
    #[derive(Default, Deserialize)]
    #[serde(default, rename_all = "PascalCase")]
    struct Properties {
        visibility_timeout: Option<u64>,
        redrive_policy: Option<RedrivePolicy>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct RedrivePolicy {
        dead_letter_target_arn: Value,
        max_receive_count: u32,
    }
    let properties: Properties = part(resource, &["Properties"])?;
    let redrive = |policy: RedrivePolicy| {
        let dead_letter_queue = intrinsics::arn_of(&policy.dead_letter_target_arn)
            .context("deadLetterTargetArn must be a !GetAtt ….Arn")?;
        anyhow::Ok(Redrive { dead_letter_queue, receives_max: policy.max_receive_count })
    };
    Ok(Queue {
        logical_id: id.to_owned(),
        visibility_timeout: Duration::from_secs(properties.visibility_timeout.unwrap_or(30)),
        redrive: properties.redrive_policy.map(redrive).transpose()?,
    })
}

fn table(id: &str, resource: &Value) -> anyhow::Result<Table> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Properties {
        key_schema: Vec<Key>,
        time_to_live_specification: Option<TimeToLive>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Key {
        attribute_name: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct TimeToLive {
        attribute_name: String,
    }
    let properties: Properties = part(resource, &["Properties"])?;
    let [key] = &properties.key_schema[..] else {
        bail!("the sandbox only knows tables with a hash key and no range key");
    };
    Ok(Table {
        logical_id: id.to_owned(),
        hash_key: key.attribute_name.clone(),
        time_to_live: properties.time_to_live_specification.map(|ttl| ttl.attribute_name),
    })
}

fn lookup<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

/// Deserialises what lies at a path; a section that is absent reads as an empty one.
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

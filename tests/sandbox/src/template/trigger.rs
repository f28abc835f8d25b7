//! Triggers of functions: routes, queues, schedules.

use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_yaml_ng::Value;

use super::{intrinsics, lookup, part};

/// Trigger of a function.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// A route of the HTTP API.
    Http(Route),
    /// An SQS event source mapping.
    Queue(EventSource),
    /// A schedule of EventBridge Scheduler.
    Schedule(Schedule),
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
    /// Time to gather a batch.
    pub window: Duration,
    /// The most invocations at once.
    pub concurrency_max: usize,
    /// True if the function reports partial failures.
    pub reports_failures: bool,
}

/// A schedule of EventBridge Scheduler.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// Its name in the template, if it is not an event of its function.
    pub logical_id: Option<String>,
    /// Interval between two events.
    pub rate: Duration,
    /// Logical id of the role it fires with.
    pub role: String,
    /// The event as the template has it, for a [`Scope`](super::Scope) to resolve.
    pub(crate) input: Value,
}

/// Handling of an asynchronous event when the function fails.
#[derive(Debug, Clone)]
pub struct OnFailure {
    /// Number of retries.
    pub retries: u32,
    /// Logical id of the queue where the event goes then.
    pub queue: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Event {
    r#type: String,
    properties: Value,
}

impl Event {
    pub(super) fn trigger(&self) -> anyhow::Result<Trigger> {
        match self.r#type.as_str() {
            "HttpApi" => part(&self.properties, &[]).map(Trigger::Http),
            "SQS" => event_source(&self.properties).map(Trigger::Queue),
            "ScheduleV2" => schedule(&self.properties).map(Trigger::Schedule),
            other => bail!("the sandbox does not know events of type {other}"),
        }
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

fn schedule(properties: &Value) -> anyhow::Result<Schedule> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Properties {
        schedule_expression: String,
        role_arn: Value,
        input: Value,
    }
    let Properties { schedule_expression, role_arn, input } = part(properties, &[])?;
    timed(None, &schedule_expression, &role_arn, input)
}

fn timed(
    logical_id: Option<String>,
    expression: &str,
    role_arn: &Value,
    input: Value,
) -> anyhow::Result<Schedule> {
    let role = intrinsics::arn_of(role_arn).context("RoleArn must be a !GetAtt ….Arn")?;
    let rate = rate(expression);
    let rate = rate.with_context(|| format!("the sandbox does not know {expression}"))?;
    Ok(Schedule { logical_id, rate, role, input })
}

/// An `AWS::Scheduler::Schedule`, and the logical id of the function that it invokes.
pub(super) fn own_schedule(id: &str, resource: &Value) -> anyhow::Result<(String, Schedule)> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Properties {
        schedule_expression: String,
        target: Target,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Target {
        arn: Value,
        role_arn: Value,
        input: Value,
    }
    let Properties { schedule_expression, target } = part(resource, &["Properties"])?;
    let function = intrinsics::arn_of(&target.arn).context("Arn must be a !GetAtt ….Arn")?;
    let id = Some(id.to_owned());
    Ok((function, timed(id, &schedule_expression, &target.role_arn, target.input)?))
}

pub(super) fn on_failure(config: &Value) -> anyhow::Result<OnFailure> {
    let retries: Option<u32> = lookup(config, &["MaximumRetryAttempts"])
        .map(|retries| serde_yaml_ng::from_value(retries.clone()))
        .transpose()
        .context("MaximumRetryAttempts")?;
    let destination = lookup(config, &["DestinationConfig", "OnFailure", "Destination"]);
    let queue = destination.and_then(intrinsics::arn_of);
    let queue = queue.context("OnFailure.Destination must be a !GetAtt ….Arn of a queue")?;
    Ok(OnFailure { retries: retries.unwrap_or(2), queue })
}

/// `rate(5 minutes)` and the like.
fn rate(expression: &str) -> Option<Duration> {
    let (count, unit) = expression.strip_prefix("rate(")?.strip_suffix(')')?.split_once(' ')?;
    let minutes = match unit {
        "minute" | "minutes" => 1,
        "hour" | "hours" => 60,
        "day" | "days" => 24 * 60,
        _ => return None,
    };
    let count: u64 = count.parse().ok().filter(|count| *count > 0)?;
    Some(Duration::from_mins(count * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_read_in_every_unit() {
        for (expression, minutes) in
            [("rate(1 minute)", 1), ("rate(5 minutes)", 5), ("rate(2 hours)", 120)]
        {
            assert_eq!(rate(expression), Some(Duration::from_mins(minutes)), "{expression}");
        }
        for expression in ["rate(0 minutes)", "rate(5)", "rate(5 weeks)", "cron(0 9 * * ? *)"] {
            assert_eq!(rate(expression), None, "{expression}");
        }
    }
}

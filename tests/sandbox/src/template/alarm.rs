//! Alarms of CloudWatch.

use anyhow::Context;
use serde_yaml_ng::Value;

use super::{Scope, intrinsics::call};

/// One `AWS::CloudWatch::Alarm`.
#[derive(Debug, Clone)]
pub(crate) struct Alarm {
    /// Its name in the template and in the sandbox.
    pub(crate) name: String,
    /// What it watches. Of several metrics the largest value counts.
    pub(crate) metrics: Vec<Metric>,
    /// Seconds of one datapoint.
    pub(crate) period_s: i64,
    /// Datapoints that are looked at.
    pub(crate) periods: u32,
    /// Those among them that must breach.
    pub(crate) breaches: u32,
    /// True if values below the threshold breach, false if those above do.
    pub(crate) is_below: bool,
    /// The value that is still good.
    pub(crate) threshold: f64,
    /// True if a period without a value breaches.
    pub(crate) is_missing_bad: bool,
}

/// A metric, of one queue or function, or of all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Metric {
    /// Such as `AWS/SQS`.
    pub(crate) namespace: String,
    /// Such as `Errors`.
    pub(crate) name: String,
    /// Name of the queue or the function; `None` for the sum of all.
    pub(crate) of: Option<String>,
    /// True if it is how many values there are, whatever they are.
    pub(crate) is_count: bool,
}

impl Alarm {
    /// Reads an alarm. Metrics of what the sandbox has no name for are left out.
    pub(super) fn read(name: &str, resource: &Value, scope: &Scope) -> anyhow::Result<Self> {
        let properties = resource.get("Properties").context("it has no Properties")?;
        let text = |field: &str| properties.get(field).and_then(|value| scope.text(value).ok());
        let number = |field: &str| text(field).and_then(|text| text.parse::<u32>().ok());
        let metrics = properties.get("Metrics").and_then(Value::as_sequence);
        let seconds = |metric: &Value| {
            let stat = metric.get("MetricStat").unwrap_or(metric);
            stat.get("Period").and_then(Value::as_i64)
        };
        let period_s =
            number("Period").map(i64::from).or_else(|| metrics?.iter().find_map(seconds));
        let evaluated = number("EvaluationPeriods").context("EvaluationPeriods")?;
        Ok(Self {
            name: name.to_owned(),
            metrics: match metrics {
                Some(metrics) => metrics.iter().filter_map(|it| part(it, scope)).collect(),
                None => metric(properties, scope).into_iter().collect(),
            },
            period_s: period_s.context("Period")?,
            periods: evaluated,
            breaches: number("DatapointsToAlarm").unwrap_or(evaluated),
            is_below: text("ComparisonOperator").is_some_and(|it| it == "LessThanThreshold"),
            // Those that are looked up are of metrics which the sandbox does not measure.
            threshold: text("Threshold").and_then(|it| it.parse().ok()).unwrap_or_default(),
            is_missing_bad: text("TreatMissingData").is_some_and(|it| it == "breaching"),
        })
    }
}

/// One of several metrics: a metric itself, or the sum of one over all functions.
fn part(part: &Value, scope: &Scope) -> Option<Metric> {
    if let Some(stat) = part.get("MetricStat") {
        return metric(stat.get("Metric")?, scope);
    }
    let expression = scope.text(part.get("Expression")?).ok()?;
    let (name, rest) = expression.strip_prefix("SELECT SUM(")?.split_once(") FROM \"")?;
    let namespace = rest.strip_suffix('"')?.to_owned();
    Some(Metric { namespace, name: name.to_owned(), of: None, is_count: false })
}

fn metric(stat: &Value, scope: &Scope) -> Option<Metric> {
    let text = |field: &str| scope.text(stat.get(field)?).ok();
    let [dimension] = &stat.get("Dimensions")?.as_sequence()?[..] else { return None };
    let of = Some(named(dimension.get("Value")?, scope)?);
    let is_count = text("Statistic").is_some_and(|it| it == "SampleCount");
    Some(Metric { namespace: text("Namespace")?, name: text("MetricName")?, of, is_count })
}

/// Name of a queue or a function. In a loop, the name of the resource is made of a variable.
fn named(value: &Value, scope: &Scope) -> Option<String> {
    match call(value) {
        Some(("GetAtt", path)) => {
            let [id, attribute] = &path.as_sequence()?[..] else { return None };
            (attribute == "QueueName").then(|| scope.text(id).ok()).flatten()
        }
        Some(("Ref", id)) => scope.reference(&scope.text(id).ok()?).ok(),
        _ => scope.text(value).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Else a schedule that fires and has nothing to report would be taken for silent.
    #[test]
    fn an_alarm_of_a_silent_schedule_looks_at_how_many_values_there_are() {
        let read = |statistic: &str| {
            let resource = format!(
                "Properties: {{ Namespace: Own, MetricName: failed, Statistic: {statistic}, Period: 900, \
                 EvaluationPeriods: 2, Dimensions: [{{ Name: function, Value: work }}] }}"
            );
            let resource = serde_yaml_ng::from_str(&resource).expect("YAML");
            Alarm::read("Alarm", &resource, &Scope::default()).expect("an alarm")
        };
        assert!(read("SampleCount").metrics[0].is_count);
        assert!(!read("Sum").metrics[0].is_count);
    }
}

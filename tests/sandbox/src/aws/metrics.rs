//! CloudWatch's metrics of queues and functions.

use chrono::{DateTime, TimeDelta, Utc};
use ciborium::Value;
use serde_json::Value as Json;

use super::{
    Queues,
    cloudwatch::{instant, map, member},
};
use crate::{LogLine, template::Metric};

/// Time over which calls of functions are counted.
const COUNTED: TimeDelta = TimeDelta::hours(1);
/// Namespaces of AWS, and the beginning of that of the functions.
const SQS: &str = "AWS/SQS";
const LAMBDA: &str = "AWS/Lambda";
const OWN: &str = "CxoneOutbound/";

/// What is measured now: queues, and the lines that functions wrote.
pub(super) struct Meter<'a> {
    pub(super) queues: &'a Queues,
    pub(super) lines: &'a [LogLine],
    pub(super) now: DateTime<Utc>,
}

impl Meter<'_> {
    /// Returns whether a metric is measured here at all.
    pub(super) fn knows(metric: &Metric) -> bool {
        match metric.namespace.as_str() {
            SQS => ["ApproximateNumberOfMessagesVisible", "ApproximateAgeOfOldestMessage"]
                .contains(&metric.name.as_str()),
            LAMBDA => ["Invocations", "Errors", "Throttles"].contains(&metric.name.as_str()),
            namespace => namespace.starts_with(OWN),
        }
    }

    /// Value of a metric in a span of time: of a queue what it is now, of a function a sum. `None`
    /// where there is none.
    #[expect(clippy::cast_precision_loss, reason = "counts are small")]
    pub(super) fn value(
        &self,
        metric: &Metric,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Option<f64> {
        let Metric { namespace, name, of, is_count } = metric;
        if namespace == SQS {
            let queue = of.as_deref().filter(|_| to >= self.now)?;
            return match name.as_str() {
                "ApproximateNumberOfMessagesVisible" => Some(self.queues.population(queue) as f64),
                "ApproximateAgeOfOldestMessage" => {
                    let age = self.queues.oldest(queue).map(|sent| self.now - sent);
                    Some(age.map_or(0, |age| age.num_seconds().max(0)) as f64)
                }
                _ => None,
            };
        }
        let records = self.records(of.as_deref(), from, to);
        let is_failed = |line: &&Json| ["failed", "panicked"].contains(&text(line, "outcome"));
        match (namespace.as_str(), name.as_str()) {
            (LAMBDA, _) if records.is_empty() => None,
            (LAMBDA, "Invocations") => Some(records.len() as f64),
            (LAMBDA, "Errors") => Some(records.iter().filter(is_failed).count() as f64),
            (LAMBDA, "Throttles") => Some(0.0),
            (own, field) if own.starts_with(OWN) => statistic(&records, field, *is_count),
            _ => None,
        }
    }

    /// Records of the invocations of a function, or of all.
    fn records(&self, of: Option<&str>, from: DateTime<Utc>, to: DateTime<Utc>) -> Vec<Json> {
        let is_meant = |line: &&LogLine| {
            of.is_none_or(|of| line.function == of) && from < line.at && line.at <= to
        };
        let lines = self.lines.iter().filter(is_meant);
        let lines = lines.filter_map(|line| serde_json::from_str::<Json>(&line.text).ok());
        lines.filter(|line| line["_aws"].is_object()).collect()
    }

    /// Answers `GetMetricData`.
    pub(super) fn data(&self, request: &Value) -> Value {
        let asked = member(request, "MetricDataQueries").and_then(Value::as_array);
        let series = asked.into_iter().flatten().filter_map(|query| {
            let id = member(query, "Id")?.as_text()?;
            let metric = member(member(query, "MetricStat")?, "Metric")?;
            let field = |of, name| Some(member(of, name)?.as_text()?.to_owned());
            let dimension = member(metric, "Dimensions")?.as_array()?.first()?;
            let metric = Metric {
                namespace: field(metric, "Namespace")?,
                name: field(metric, "MetricName")?,
                of: Some(field(dimension, "Value")?),
                is_count: false,
            };
            Some((id, self.value(&metric, self.now - COUNTED, self.now)))
        });
        let series = series.map(|(id, value)| {
            let values: Vec<Value> = value.map(Value::Float).into_iter().collect();
            let at = values.iter().map(|_| instant(self.now)).collect();
            map([
                ("Id", id.into()),
                ("StatusCode", "Complete".into()),
                ("Timestamps", Value::Array(at)),
                ("Values", Value::Array(values)),
            ])
        });
        map([("MetricDataResults", Value::Array(series.collect()))])
    }
}

/// The sum of a field, or in how many records it is. `None` where it is in none.
fn statistic(records: &[Json], field: &str, is_count: bool) -> Option<f64> {
    let values = records.iter().filter_map(|line| line[field].as_f64());
    let counted = values.map(|value| if is_count { 1.0 } else { value });
    counted.reduce(|a, b| a + b)
}

fn text<'a>(line: &'a Json, field: &str) -> &'a str {
    line[field].as_str().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_zero_is_counted_and_adds_nothing() {
        let records = [json!({ "failed": 0 }), json!({ "failed": 0 }), json!({ "other": 7 })];
        assert_eq!(statistic(&records, "failed", true), Some(2.0));
        assert_eq!(statistic(&records, "failed", false), Some(0.0));
        assert_eq!(statistic(&records, "other", false), Some(7.0));
        assert_eq!(statistic(&records, "nothing", true), None);
    }
}

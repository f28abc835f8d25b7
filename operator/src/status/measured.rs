//! What CloudWatch measured: ages of queues, and the calls of functions.

use std::collections::BTreeMap;

use aws_sdk_cloudwatch::{
    primitives::DateTime as AwsTime,
    types::{Dimension, Metric, MetricDataQuery, MetricStat},
};
use chrono::{DateTime, TimeDelta, Utc};

use super::report::FunctionCalls;
use crate::{
    queues::Queue,
    stack::{Stack, failed},
};

/// Time over which calls of functions are counted.
const COUNTED: TimeDelta = TimeDelta::hours(1);
/// Most series of one call.
const QUERIES_MAX: usize = 500;
/// Counts of a function.
const COUNTS: [&str; 3] = ["Invocations", "Errors", "Throttles"];

/// What CloudWatch measured.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Seconds since the oldest message of a queue was sent, by its name in the template.
    pub(crate) ages: BTreeMap<String, u64>,
    /// Calls of each function within an hour.
    pub(crate) functions: Vec<FunctionCalls>,
}

/// Asks CloudWatch.
pub(crate) async fn measure(
    stack: &Stack,
    queues: &[Queue],
    now: DateTime<Utc>,
) -> anyhow::Result<Measured> {
    let functions: Vec<(&str, &str)> = stack.of_kind("AWS::Lambda::Function").collect();
    let values = ask(stack, &queries(queues, &functions), now).await?;
    let value = |kind: &str, at: usize| values.get(&format!("{kind}{at}")).copied();
    let ages = queues.iter().enumerate();
    let ages = ages.filter_map(|(at, queue)| Some((queue.name.clone(), whole(value("age", at)?))));
    let calls = functions.iter().enumerate().map(|(at, (name, _))| FunctionCalls {
        function: function_name(name),
        counts: COUNTS.map(|count| whole(value(&count.to_lowercase(), at).unwrap_or_default())),
    });
    Ok(Measured { ages: ages.collect(), functions: calls.collect() })
}

/// `OptoutWebhookFunction` to `OptoutWebhook`.
fn function_name(logical_id: &str) -> String {
    logical_id.strip_suffix("Function").unwrap_or(logical_id).to_owned()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "counts are whole")]
fn whole(value: f64) -> u64 {
    value.max(0.0) as u64
}

fn queries(queues: &[Queue], functions: &[(&str, &str)]) -> Vec<MetricDataQuery> {
    let ages = queues.iter().enumerate().map(|(at, queue)| {
        let name = queue.url.rsplit('/').next().unwrap_or_default();
        let metric = ("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", name);
        query(format!("age{at}"), metric, ("Maximum", TimeDelta::minutes(5)))
    });
    let counts = functions.iter().enumerate().flat_map(|(at, (_, name))| {
        COUNTS.map(|count| {
            let metric = ("AWS/Lambda", count, "FunctionName", *name);
            query(format!("{}{at}", count.to_lowercase()), metric, ("Sum", COUNTED))
        })
    });
    ages.chain(counts).collect()
}

fn query(
    id: String,
    (namespace, name, dimension, value): (&str, &str, &str, &str),
    (stat, period): (&str, TimeDelta),
) -> MetricDataQuery {
    let dimension = Dimension::builder().name(dimension).value(value).build();
    let metric = Metric::builder().namespace(namespace).metric_name(name).dimensions(dimension);
    let stat = MetricStat::builder()
        .metric(metric.build())
        .stat(stat)
        .period(period.num_seconds().try_into().unwrap_or(i32::MAX));
    MetricDataQuery::builder().id(id).metric_stat(stat.build()).build()
}

/// The newest value of each series.
async fn ask(
    stack: &Stack,
    queries: &[MetricDataQuery],
    now: DateTime<Utc>,
) -> anyhow::Result<BTreeMap<String, f64>> {
    let client = stack.cloudwatch();
    let mut values = BTreeMap::new();
    for queries in queries.chunks(QUERIES_MAX) {
        let get = client
            .get_metric_data()
            .set_metric_data_queries(Some(queries.to_vec()))
            .start_time(AwsTime::from_secs((now - COUNTED).timestamp()))
            .end_time(AwsTime::from_secs(now.timestamp()));
        let got = get.send().await.map_err(|error| failed("CloudWatch", &error))?;
        for series in got.metric_data_results.unwrap_or_default() {
            // The newest comes first.
            let newest = series.values.unwrap_or_default().first().copied();
            values.extend(series.id.zip(newest));
        }
    }
    Ok(values)
}

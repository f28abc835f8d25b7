//! CloudWatch's alarms: the template's, judged by what the sandbox measures, whenever somebody asks.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};
use ciborium::Value;

use super::{
    ACCOUNT, REGION,
    cloudwatch::{Answer, Refusal, instant, map, member},
    metrics::Meter,
};
use crate::template::Alarm;

/// Time that a state lasts which a person set: until the next evaluation.
const SET_FOR: TimeDelta = TimeDelta::minutes(1);

const FIRING: &str = "ALARM";
const RESTING: &str = "OK";
const UNKNOWN: &str = "INSUFFICIENT_DATA";

/// The alarms of the template.
#[derive(Debug)]
pub(super) struct Alarms {
    all: Vec<Alarm>,
    /// Time at which measuring began.
    began: DateTime<Utc>,
    states: Mutex<BTreeMap<String, State>>,
}

/// State of an alarm, and the time since which it is in it.
#[derive(Debug, Clone)]
struct State {
    value: String,
    reason: String,
    since: DateTime<Utc>,
    is_set: bool,
}

impl Alarms {
    pub(super) fn new(all: Vec<Alarm>) -> Self {
        Self { all, began: Utc::now(), states: Mutex::default() }
    }

    /// Answers `DescribeAlarms`.
    pub(super) fn describe(&self, request: &Value, meter: &Meter) -> Value {
        let names = member(request, "AlarmNames").and_then(Value::as_array);
        let only = member(request, "StateValue").and_then(Value::as_text);
        let is_named = |alarm: &&Alarm| {
            names.is_none_or(|names| names.iter().any(|it| it.as_text() == Some(&alarm.name)))
        };
        let states = self.all.iter().filter(is_named).map(|it| (it, self.state(it, meter)));
        let states = states.filter(|(_, state)| only.is_none_or(|only| only == state.value));
        let alarms: Vec<Value> = states
            .map(|(Alarm { name, threshold, .. }, State { value, reason, since, .. })| {
                let arn = format!("arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}");
                map([
                    ("AlarmName", name.as_str().into()),
                    ("AlarmArn", arn.into()),
                    ("StateValue", value.into()),
                    ("StateReason", reason.into()),
                    ("StateUpdatedTimestamp", instant(since)),
                    ("Threshold", Value::Float(*threshold)),
                ])
            })
            .collect();
        let none = Value::Array(Vec::new());
        map([("MetricAlarms", Value::Array(alarms)), ("CompositeAlarms", none)])
    }

    /// Answers `SetAlarmState`.
    pub(super) fn set(&self, request: &Value, now: DateTime<Utc>) -> Answer {
        let text = |name| member(request, name).and_then(Value::as_text).unwrap_or_default();
        let (name, value) = (text("AlarmName"), text("StateValue"));
        if !self.all.iter().any(|alarm| alarm.name == name) {
            return Err(Refusal("ResourceNotFound", "there is no such alarm"));
        }
        if ![FIRING, RESTING, UNKNOWN].contains(&value) {
            let values = "StateValue must be OK, ALARM or INSUFFICIENT_DATA";
            return Err(Refusal("ValidationError", values));
        }
        let (value, reason) = (value.to_owned(), text("StateReason").to_owned());
        let state = State { value, reason, since: now, is_set: true };
        self.states.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), state);
        Ok(map([]))
    }

    /// State of an alarm now. One that is still the same is so since the earlier time.
    fn state(&self, alarm: &Alarm, meter: &Meter) -> State {
        let mut states = self.states.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = states.get(&alarm.name).cloned();
        if let Some(set) = earlier.clone().filter(|it| it.is_set && meter.now < it.since + SET_FOR)
        {
            return set;
        }
        let (value, reason) = self.judged(alarm, meter);
        let since = earlier.filter(|it| it.value == value).map_or(meter.now, |it| it.since);
        let state = State { value: value.to_owned(), reason, since, is_set: false };
        states.insert(alarm.name.clone(), state.clone());
        state
    }

    fn judged(&self, alarm: &Alarm, meter: &Meter) -> (&'static str, String) {
        if !alarm.metrics.iter().any(Meter::knows) {
            return (UNKNOWN, "the sandbox does not measure it".to_owned());
        }
        let points: Vec<Point> =
            (0..alarm.periods).map(|at| self.point(alarm, at, meter)).collect();
        let breaches = points.iter().filter(|point| point.is_bad).count();
        let judged = points.iter().filter(|point| point.is_judged).count();
        let needed = alarm.breaches as usize;
        if breaches >= needed {
            let values: Vec<String> =
                points.iter().filter_map(|it| it.value).map(|it| it.to_string()).collect();
            let side = if alarm.is_below { "below" } else { "above" };
            let (values, threshold) = (values.join(", "), alarm.threshold);
            return (FIRING, format!("{breaches} datapoints [{values}] are {side} {threshold}"));
        }
        if alarm.is_missing_bad && judged < needed {
            return (UNKNOWN, "it has not been measured for long enough".to_owned());
        }
        (RESTING, format!("{breaches} of {needed} datapoints breach the threshold"))
    }

    /// The datapoint of a period: 0 is the one that ends now.
    fn point(&self, alarm: &Alarm, at: u32, meter: &Meter) -> Point {
        let period = TimeDelta::seconds(alarm.period_s);
        let to = meter.now - period * i32::try_from(at).unwrap_or(i32::MAX);
        let from = to - period;
        let values = alarm.metrics.iter().filter_map(|metric| meter.value(metric, from, to));
        let value = values.reduce(f64::max);
        // Before the sandbox began there was nothing to measure: that is no sign of anything.
        let is_whole = self.began <= from;
        let is_bad = match value {
            Some(value) if alarm.is_below => is_whole && value < alarm.threshold,
            Some(value) => value > alarm.threshold,
            None => is_whole && alarm.is_missing_bad,
        };
        Point { value, is_bad, is_judged: is_whole }
    }
}

/// One datapoint of an alarm.
struct Point {
    value: Option<f64>,
    is_bad: bool,
    is_judged: bool,
}

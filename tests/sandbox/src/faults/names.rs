//! What a fault may name: functions, operations of CXone, and AWS.

use std::collections::BTreeSet;

use anyhow::bail;

use super::{Effect, Fault};
use crate::{aws::AwsNames, cxone::Api, template::Template};

/// Likeness of a name from which it is suggested, of 1.
const ALIKE: f64 = 0.7;

/// The names that exist.
#[derive(Debug)]
pub(crate) struct Names {
    functions: BTreeSet<String>,
    operations: Vec<&'static str>,
    aws: AwsNames,
}

impl Names {
    /// The functions, tables and queues of a template, the operations of an API of CXone, and those
    /// of AWS.
    pub(crate) fn of(template: &Template, api: Api) -> Self {
        Self {
            functions: template.functions.iter().map(|function| function.name.clone()).collect(),
            operations: api.operations(),
            aws: AwsNames::of(template),
        }
    }

    /// What may be named, a line for each kind.
    pub(super) fn listed(&self) -> Vec<String> {
        let functions: Vec<&str> = self.functions.iter().map(String::as_str).collect();
        vec![
            format!("Functions: {}", functions.join(", ")),
            format!("Operations of CXone: {}", self.operations.join(", ")),
            format!("Of AWS: {}", AwsNames::operations().join(", ")),
            format!("Tables and queues: {}", self.aws.resources().join(", ")),
        ]
    }

    /// Refuses a fault that could never strike, and lists what there is.
    pub(super) fn check(&self, fault: &Fault) -> anyhow::Result<()> {
        if let Effect::Kill { function } = &fault.effect
            && !self.functions.contains(function)
        {
            let known: Vec<&str> = self.functions.iter().map(String::as_str).collect();
            let absent = absent("function", function, &known);
            bail!("`{fault}`: {absent}; there is {}", known.join(", "));
        }
        let Some(named) = &fault.operation else { return Ok(()) };
        if self.operations.contains(&named.as_str()) {
            return Ok(());
        }
        if !self.aws.has(named) {
            bail!("`{fault}`: {}", self.unknown_operation(named));
        }
        if matches!(fault.effect, Effect::Html | Effect::ExpireTokens | Effect::Choke(_)) {
            bail!("`{fault}`: this effect is one of CXone, and changes nothing at AWS");
        }
        Ok(())
    }

    /// The operations go on lines of their own: there are many.
    fn unknown_operation(&self, named: &str) -> String {
        let (of, resource) = named.split_once('/').unwrap_or((named, ""));
        let aws = AwsNames::operations();
        if !resource.is_empty() && aws.contains(&of) {
            let known = self.aws.resources();
            let absent = absent("table or queue", resource, &known);
            return format!("{absent}; there is {}", known.join(", "));
        }
        let known = [&self.operations[..], &aws].concat();
        format!(
            "{}\nof CXone: {}\nof AWS, also with a table or queue as in PutItem/RunsTable: {}",
            absent("operation", named, &known),
            self.operations.join(", "),
            aws.join(", ")
        )
    }
}

/// Says that there is no such thing, and which one may be meant.
fn absent(kind: &str, name: &str, known: &[&str]) -> String {
    let likeness = |known: &str| strsim::jaro_winkler(&name.to_lowercase(), &known.to_lowercase());
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    let meant = nearest.filter(|it| likeness(it) > ALIKE);
    let meant = meant.map(|it| format!("; is `{it}` meant?")).unwrap_or_default();
    format!("there is no {kind} `{name}`{meant}")
}

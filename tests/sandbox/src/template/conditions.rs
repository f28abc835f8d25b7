//! `Conditions`: what a template holds with these parameters only.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde_yaml_ng::{Mapping, Value};

use super::{Scope, intrinsics::call};

/// The conditions of a template, by their names.
#[derive(Debug, Default)]
pub(super) struct Conditions(BTreeMap<String, Value>);

impl Conditions {
    pub(super) fn of(document: &Value) -> Self {
        let section = document.get("Conditions").and_then(Value::as_mapping);
        let named = section.into_iter().flat_map(Mapping::iter);
        Self(named.filter_map(|(name, it)| Some((name.as_str()?.to_owned(), it.clone()))).collect())
    }

    /// Returns whether a condition holds with the parameters of a deployment.
    pub(super) fn hold(&self, name: &str, scope: &Scope) -> anyhow::Result<bool> {
        let condition =
            self.0.get(name).with_context(|| format!("there is no condition {name}"))?;
        self.is_true(condition, scope).with_context(|| format!("condition {name}"))
    }

    fn is_true(&self, condition: &Value, scope: &Scope) -> anyhow::Result<bool> {
        let (function, argument) = call(condition).context("expected an intrinsic")?;
        if function == "Condition" {
            return self.hold(argument.as_str().context("Condition takes a name")?, scope);
        }
        let parts = argument.as_sequence().map(Vec::as_slice).context("expected a list")?;
        let mut truths = parts.iter().map(|part| self.is_true(part, scope));
        match (function, parts) {
            ("Equals", [one, other]) => Ok(scope.text(one)? == scope.text(other)?),
            ("Not", [part]) => Ok(!self.is_true(part, scope)?),
            ("And", _) => truths.try_fold(true, |all, truth| Ok(all && truth?)),
            ("Or", _) => truths.try_fold(false, |any, truth| Ok(any || truth?)),
            _ => bail!("the sandbox does not know the condition {function}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_function_of_conditions_is_known() {
        let yaml = "
Conditions:
  IsA: !Equals [!Ref Kind, a]
  IsNotA: !Not [!Condition IsA]
  Both: !And [!Condition IsA, !Equals [!Ref Mode, on]]
  One: !Or [!Condition IsNotA, { Fn::Equals: [!Ref Mode, 'on'] }]
";
        let conditions = Conditions::of(&serde_yaml_ng::from_str(yaml).expect("YAML"));
        let scope = |kind: &str, mode: &str| {
            let parameters = [("Kind", kind), ("Mode", mode)];
            Scope::new(parameters.map(|(name, value)| (name.to_owned(), value.to_owned())).into())
        };
        let held = |kind, mode| {
            ["IsA", "IsNotA", "Both", "One"]
                .map(|name| conditions.hold(name, &scope(kind, mode)).expect(name))
        };
        assert_eq!(held("a", "on"), [true, false, true, true]);
        assert_eq!(held("a", "off"), [true, false, false, false]);
        assert_eq!(held("b", "off"), [false, true, false, true]);
        assert!(conditions.hold("Other", &scope("a", "on")).is_err());
    }
}

//! The intrinsic functions the template uses: `Ref`, `GetAtt` and `Sub`, short and long form.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use serde_yaml_ng::Value;

/// The functions that have a short form.
const KNOWN: [&str; 8] = ["Ref", "GetAtt", "Sub", "Equals", "And", "Or", "Not", "Condition"];

/// Values of the names in a template in one deployment.
#[derive(Debug, Default)]
pub struct Scope {
    references: BTreeMap<String, String>,
    arns: BTreeMap<String, String>,
}

impl Scope {
    /// A scope that knows parameters only.
    pub fn new(parameters: BTreeMap<String, String>) -> Self {
        Self { references: parameters, arns: BTreeMap::new() }
    }

    /// Gives a parameter a value.
    pub fn set(&mut self, parameter: &str, value: impl Into<String>) {
        self.references.insert(parameter.to_owned(), value.into());
    }

    /// Makes a resource known: what `Ref` returns for it, and its ARN.
    pub fn define(&mut self, id: &str, reference: impl Into<String>, arn: impl Into<String>) {
        self.references.insert(id.to_owned(), reference.into());
        self.arns.insert(id.to_owned(), arn.into());
    }

    /// The ARN of a resource.
    pub fn arn(&self, id: &str) -> anyhow::Result<String> {
        self.arns.get(id).cloned().with_context(|| format!("{id} is not a resource"))
    }

    /// The text a template value stands for.
    pub fn text(&self, value: &Value) -> anyhow::Result<String> {
        if let Some(text) = plain_text(value) {
            return Ok(text);
        }
        let (function, argument) = call(value).context("expected a text or an intrinsic")?;
        match function {
            "Ref" => self.reference(argument.as_str().context("Ref takes a name")?),
            "GetAtt" => {
                let id = arn_of(value).context("only the Arn attribute is known")?;
                self.arn(&id)
            }
            "Sub" => self.substitute(argument.as_str().context("Sub takes a text here")?),
            other => bail!("the sandbox does not know the intrinsic {other}"),
        }
    }

    /// What `Ref` returns for a resource or a parameter.
    pub(crate) fn reference(&self, name: &str) -> anyhow::Result<String> {
        let known = self.references.get(name).cloned();
        known.with_context(|| format!("{name} is neither a resource nor a parameter with a value"))
    }

    fn substitute(&self, text: &str) -> anyhow::Result<String> {
        let mut parts = text.split("${");
        let mut result = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (name, rest) = part.split_once('}').context("a ${ is not closed")?;
            let value = match name.strip_suffix(".Arn") {
                Some(id) => self.arn(id)?,
                None => self.reference(name)?,
            };
            result.push_str(&value);
            result.push_str(rest);
        }
        Ok(result)
    }
}

/// The text of a scalar.
pub(super) fn plain_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// The resource or parameter that a value refers to.
pub(super) fn id_in_ref(value: &Value) -> Option<String> {
    match call(value)? {
        ("Ref", argument) => argument.as_str().map(str::to_owned),
        _ => None,
    }
}

/// The resource whose ARN a value asks for.
pub(super) fn arn_of(value: &Value) -> Option<String> {
    let ("GetAtt", argument) = call(value)? else {
        return None;
    };
    match argument {
        Value::String(path) => path.strip_suffix(".Arn").map(str::to_owned),
        Value::Sequence(path) => match &path[..] {
            [id, attribute] if attribute == "Arn" => id.as_str().map(str::to_owned),
            _ => None,
        },
        _ => None,
    }
}

/// `!Name argument` or `{ Fn::Name: argument }`.
pub(super) fn call(value: &Value) -> Option<(&str, &Value)> {
    if let Value::Tagged(tagged) = value {
        // A tag displays with its exclamation mark but compares equal without it.
        let name = KNOWN.into_iter().find(|name| tagged.tag == *name)?;
        return Some((name, &tagged.value));
    }
    let mapping = value.as_mapping().filter(|mapping| mapping.len() == 1)?;
    let (name, argument) = mapping.iter().next()?;
    let name = name.as_str()?;
    Some((name.strip_prefix("Fn::").unwrap_or(name), argument))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope() -> Scope {
        let mut scope = Scope::new([("Stage".to_owned(), "test".to_owned())].into());
        scope.define("Work", "http://work", "arn:work");
        scope
    }

    fn text(yaml: &str) -> anyhow::Result<String> {
        scope().text(&serde_yaml_ng::from_str(yaml).expect("YAML"))
    }

    #[test]
    fn every_form_of_every_intrinsic_is_resolved() {
        for (yaml, expected) in [
            ("plain", "plain"),
            ("24", "24"),
            ("!Ref Work", "http://work"),
            ("{ Ref: Stage }", "test"),
            ("!GetAtt Work.Arn", "arn:work"),
            ("{ Fn::GetAtt: [Work, Arn] }", "arn:work"),
            ("!Sub 'x-${Stage}-${Work.Arn}'", "x-test-arn:work"),
        ] {
            assert_eq!(text(yaml).expect(yaml), expected);
        }
    }

    #[test]
    fn an_unknown_name_is_named() {
        let error = text("!Ref Wrok").expect_err("it is misspelled");
        assert_eq!(error.to_string(), "Wrok is neither a resource nor a parameter with a value");
        assert!(text("!GetAtt Work.QueueName").is_err());
    }
}

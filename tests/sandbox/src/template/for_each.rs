//! `Fn::ForEach` of the transform `AWS::LanguageExtensions`: resources that are alike, said once.

use anyhow::Context;
use serde_yaml_ng::{
    Mapping, Value,
    value::{Tag, TaggedValue},
};

const PREFIX: &str = "Fn::ForEach::";

/// The resources with every loop replaced by what it stands for.
pub(super) fn expand(resources: &Mapping) -> anyhow::Result<Mapping> {
    let mut expanded = Mapping::new();
    for (key, value) in resources {
        match key.as_str().and_then(|key| key.strip_prefix(PREFIX)) {
            Some(name) => {
                expanded.extend(repeat(value).with_context(|| format!("{PREFIX}{name}"))?);
            }
            None => {
                expanded.insert(key.clone(), value.clone());
            }
        }
    }
    Ok(expanded)
}

/// `[identifier, [item, …], {template}]`: the template once for each item.
fn repeat(value: &Value) -> anyhow::Result<Mapping> {
    let parts = value.as_sequence().map(Vec::as_slice);
    let Some([Value::String(identifier), Value::Sequence(items), Value::Mapping(body)]) = parts
    else {
        anyhow::bail!("expected an identifier, a list and what to repeat");
    };
    let mut repeated = Mapping::new();
    for item in items {
        let item = item.as_str().context("an item of the list is not a text")?;
        let identifier = Identifier { name: identifier, item };
        for (key, value) in body {
            let key = key.as_str().context("a name is not a text")?;
            repeated.insert(identifier.filled_in(key).into(), identifier.replaced_in(value));
        }
    }
    Ok(repeated)
}

/// Value of a loop's identifier in one iteration.
struct Identifier<'a> {
    name: &'a str,
    item: &'a str,
}

impl Identifier<'_> {
    fn filled_in(&self, text: &str) -> String {
        text.replace(&format!("${{{}}}", self.name), self.item)
    }

    fn substituted_in(&self, text: &Value) -> Value {
        let filled_in = self.filled_in(text.as_str().unwrap_or_default());
        if filled_in.contains("${") {
            Value::Tagged(Box::new(TaggedValue { tag: Tag::new("Sub"), value: filled_in.into() }))
        } else {
            filled_in.into()
        }
    }

    /// The value with `!Ref Name`, and `${Name}` in every `!Sub`, replaced by the item.
    fn replaced_in(&self, value: &Value) -> Value {
        match value {
            Value::Tagged(tagged) if tagged.tag == "Ref" && tagged.value == self.name => {
                self.item.into()
            }
            Value::Tagged(tagged) if tagged.tag == "Sub" && tagged.value.is_string() => {
                self.substituted_in(&tagged.value)
            }
            Value::Tagged(tagged) => {
                let mut tagged = tagged.clone();
                tagged.value = self.replaced_in(&tagged.value);
                Value::Tagged(tagged)
            }
            Value::Mapping(mapping) => {
                let replaced =
                    |(key, value): (&Value, &Value)| (key.clone(), self.replaced_in(value));
                Value::Mapping(mapping.iter().map(replaced).collect())
            }
            Value::Sequence(items) => items.iter().map(|item| self.replaced_in(item)).collect(),
            scalar => scalar.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(yaml: &str) -> anyhow::Result<Value> {
        let resources: Mapping = serde_yaml_ng::from_str(yaml).expect("YAML");
        expand(&resources).map(Value::Mapping)
    }

    #[test]
    fn what_is_repeated_stands_there_once_for_each_item() {
        let actual = expanded(
            "
            Before: { Type: A }
            Fn::ForEach::Queues:
              - Name
              - [Low, High]
              - ${Name}Queue:
                  Ref: !Ref Name
                  Arn: !GetAtt [!Sub '${Name}DeadLetterQueue', Arn]
                  Elsewhere: [!Sub '${Name} in ${AWS::Region}', '${Name}', !Ref Other]
            ",
        );
        let expected: Value = serde_yaml_ng::from_str(
            "
            Before: { Type: A }
            LowQueue:
              Ref: Low
              Arn: !GetAtt [LowDeadLetterQueue, Arn]
              Elsewhere: [!Sub 'Low in ${AWS::Region}', '${Name}', !Ref Other]
            HighQueue:
              Ref: High
              Arn: !GetAtt [HighDeadLetterQueue, Arn]
              Elsewhere: [!Sub 'High in ${AWS::Region}', '${Name}', !Ref Other]
            ",
        )
        .expect("YAML");
        assert_eq!(actual.expect("it is expanded"), expected);
    }

    #[test]
    fn a_loop_of_another_form_is_named() {
        let error = expanded("Fn::ForEach::Queues: [Name, {}]").expect_err("a list is missing");
        assert!(format!("{error:#}").starts_with("Fn::ForEach::Queues: expected"), "{error:#}");
    }
}

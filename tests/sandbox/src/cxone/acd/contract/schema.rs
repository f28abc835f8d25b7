//! Schemas of the description.

use jsonschema::Validator;
use serde_json::{Value, json};

pub(super) fn check(validator: &Validator, value: &Value) -> Result<(), String> {
    match validator.iter_errors(value).next() {
        None => Ok(()),
        Some(error) => Err(format!("{}: {error}", error.instance_path())),
    }
}

/// A validator that lets an object have no other members than those that are described.
pub(in super::super) fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(&strict(schema.clone()))
        .expect("the description has schemas")
}

fn strict(mut schema: Value) -> Value {
    let described = schema.get("properties").or(schema.get("patternProperties")).is_some();
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            *property = strict(property.take());
        }
    }
    if described {
        schema["additionalProperties"] = json!(false);
    }
    if let Some(items) = schema.get_mut("items") {
        *items = strict(items.take());
    }
    if let Some(variants) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        for variant in variants {
            *variant = strict(variant.take());
        }
    }
    schema
}

/// A part of the document with what it refers to in place of the references.
pub(super) fn resolved(part: &Value, document: &Value) -> Value {
    match part {
        Value::Object(members) => match members.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let target = document.pointer(reference.trim_start_matches('#'));
                resolved(target.expect("the description refers to what it has"), document)
            }
            None => members.iter().map(|(k, v)| (k.clone(), resolved(v, document))).collect(),
        },
        Value::Array(items) => items.iter().map(|item| resolved(item, document)).collect(),
        _ => part.clone(),
    }
}

pub(super) fn object(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

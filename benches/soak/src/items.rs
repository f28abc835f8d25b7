//! Sizes of the items in the tables.

use std::collections::BTreeMap;

use sandbox::{Sandbox, template::Template, workspace_root};
use serde_json::Value;

/// The items of a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Items {
    pub(crate) count: usize,
    /// Size of the largest one.
    pub(crate) largest_bytes: usize,
}

/// The items of each table of the template.
pub(crate) fn of(sandbox: &Sandbox) -> anyhow::Result<BTreeMap<String, Items>> {
    let template = Template::read(&workspace_root().join("template.yaml"))?;
    let measured = |name: String| {
        let items = sandbox.aws.tables.items(&name)?;
        let largest_bytes = items.iter().map(bytes).max().unwrap_or_default();
        Ok((name, Items { count: items.len(), largest_bytes }))
    };
    template.tables.into_iter().map(|table| measured(table.logical_id)).collect()
}

/// Size of an item, as DynamoDB counts it: names and values, and three bytes for a list or a map
/// with one for each of its elements. A set counts here as the list that it is shown as.
fn bytes(item: &Value) -> usize {
    let attributes = item.as_object().into_iter().flatten();
    attributes.map(|(name, value)| name.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 1,
        // Two digits in a byte, one byte more, and one for a sign.
        Value::Number(number) => number.to_string().len().div_ceil(2) + 1,
        Value::String(text) => text.len(),
        Value::Array(list) => 3 + list.iter().map(|value| 1 + value_bytes(value)).sum::<usize>(),
        Value::Object(map) => 3 + map.len() + bytes(value),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_item_is_as_large_as_its_names_and_values() {
        let item = json!({ "id": "é", "n": 1234, "is": true });
        assert_eq!(bytes(&item), (2 + 2) + (1 + 3) + (2 + 1));
    }

    #[test]
    fn lists_and_maps_take_a_byte_for_each_element() {
        assert_eq!(bytes(&json!({ "l": ["ab", "c"] })), 1 + 3 + (1 + 2) + (1 + 1));
        assert_eq!(bytes(&json!({ "m": { "ab": "c" } })), 1 + 3 + 1 + (2 + 1));
    }
}

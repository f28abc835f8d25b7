//! DynamoDB: an embedded engine with the template's tables in it.

use std::iter;

use anyhow::Context;
use dynoxide::{Database, DynoxideError};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};
use tokio::{net::TcpListener, task::JoinSet};

use super::{ACCOUNT, REGION};
use crate::template::{Index, Table};

/// The template's tables, by logical id.
#[derive(Clone)]
pub struct Tables(Database);

impl Tables {
    /// Creates tables, in a service of their own.
    pub fn create(tables: &[Table]) -> anyhow::Result<Self> {
        let database = Database::memory().context("the embedded DynamoDB does not start")?;
        for table in tables {
            let name = &table.logical_id;
            let request = typed(definition(table))?;
            database.create_table(request).with_context(|| format!("table {name}"))?;
            if let Some(attribute) = &table.time_to_live {
                let request = typed(json!({
                    "TableName": name,
                    "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
                }))?;
                database.update_time_to_live(request).with_context(|| format!("TTL of {name}"))?;
            }
        }
        Ok(Self(database))
    }

    /// Performs an operation of a function as the service does: returns the status of the answer and
    /// its document.
    pub fn perform(&self, operation: &str, request: &[u8]) -> (u16, String) {
        let Self(database) = self;
        let answer = match operation {
            "BatchGetItem" => answer(request, |it| database.batch_get_item(it)),
            "DeleteItem" => answer(request, |it| database.delete_item(it)),
            "GetItem" => answer(request, |it| database.get_item(it)),
            "PutItem" => answer(request, |it| database.put_item(it)),
            "Query" => answer(request, |it| database.query(it)),
            "Scan" => answer(request, |it| database.scan(it)),
            "TransactWriteItems" => answer(request, |it| database.transact_write_items(it)),
            "UpdateItem" => answer(request, |it| database.update_item(it)),
            _ => Err(DynoxideError::SerializationException(operation.to_owned())),
        };
        match answer {
            Ok(document) => (200, document),
            Err(error) => (error.status_code(), error.to_json()),
        }
    }

    pub(super) fn serve(&self, listener: TcpListener, tasks: &mut JoinSet<()>) {
        tasks.spawn(dynoxide::server::serve_on(listener, self.0.clone()));
    }

    /// Every item of a table, as plain JSON.
    pub fn items(&self, table: &str) -> anyhow::Result<Vec<Value>> {
        let mut items = Vec::new();
        let mut start = Value::Null;
        loop {
            let request = typed(json!({ "TableName": table, "ExclusiveStartKey": start }))?;
            let page = serde_json::to_value(self.0.scan(request)?)?;
            items.extend(page["Items"].as_array().into_iter().flatten().map(plain_item));
            start = page["LastEvaluatedKey"].clone();
            if start.is_null() {
                return Ok(items);
            }
        }
    }

    /// Lets every item of a table lapse, as if its time to live were over. DynamoDB deletes late,
    /// so the items stay.
    pub fn lapse(&self, table: &str, key: &str) -> anyhow::Result<()> {
        for item in self.items(table)? {
            let request = typed(json!({
                "TableName": table,
                "Key": { key: { "S": item[key] } },
                "UpdateExpression": "SET expires_at = :past",
                "ExpressionAttributeValues": { ":past": { "N": "0" } },
            }))?;
            self.0.update_item(request)?;
        }
        Ok(())
    }

    /// Sets a text of an item, as a version before may have left it.
    pub fn set_text(
        &self,
        table: &str,
        key: (&str, &str),
        name: &str,
        text: &str,
    ) -> anyhow::Result<()> {
        let request = typed(json!({
            "TableName": table,
            "Key": { key.0: { "S": key.1 } },
            "UpdateExpression": "SET #name = :text",
            "ExpressionAttributeNames": { "#name": name },
            "ExpressionAttributeValues": { ":text": { "S": text } },
        }))?;
        self.0.update_item(request)?;
        Ok(())
    }

    /// One item of a table, as plain JSON.
    pub fn item(&self, table: &str, key: &str, value: &str) -> anyhow::Result<Option<Value>> {
        let key = json!({ key: { "S": value } });
        let request = typed(json!({ "TableName": table, "Key": key, "ConsistentRead": true }))?;
        let found = serde_json::to_value(self.0.get_item(request)?)?;
        Ok(found.get("Item").map(plain_item))
    }
}

/// The ARN of a table.
pub(super) fn arn(table: &str) -> String {
    format!("arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{table}")
}

/// A table, or an index of it, and what is done to it.
pub(super) struct Use {
    pub(super) action: String,
    pub(super) table: String,
    index: Option<String>,
}

impl Use {
    /// The ARN of the table, or of the index.
    pub(super) fn arn(&self) -> String {
        let table = arn(&self.table);
        match &self.index {
            Some(index) => format!("{table}/index/{index}"),
            None => table,
        }
    }
}

/// Actions of a request, with their tables. A transaction is allowed by the names of what it
/// consists of.
pub(super) fn uses(action: &str, request: &Value) -> Vec<Use> {
    let one = |action: &str, request: &Value| Use {
        action: action.to_owned(),
        table: request["TableName"].as_str().unwrap_or_default().to_owned(),
        index: request["IndexName"].as_str().map(str::to_owned),
    };
    if let Some(tables) = request["RequestItems"].as_object() {
        return tables.keys().map(|table| one(action, &json!({ "TableName": table }))).collect();
    }
    let Some(items) = request["TransactItems"].as_array() else {
        return vec![one(action, request)];
    };
    let items = items.iter().filter_map(Value::as_object).flatten();
    items
        .map(|(kind, item)| match kind.as_str() {
            "ConditionCheck" => one("ConditionCheckItem", item),
            kind => one(&format!("{kind}Item"), item),
        })
        .collect()
}

/// Request of `CreateTable`.
fn definition(table: &Table) -> Value {
    let key = |hash: &str, range: Option<&String>| {
        let range = range.map(|name| json!({ "AttributeName": name, "KeyType": "RANGE" }));
        let hash = json!({ "AttributeName": hash, "KeyType": "HASH" });
        Value::Array(iter::once(hash).chain(range).collect())
    };
    let index = |index: &Index| {
        json!({
            "IndexName": index.name,
            "KeySchema": key(&index.hash_key, None),
            "Projection": { "ProjectionType": "ALL" },
        })
    };
    let indexes: Vec<Value> = table.indexes.iter().map(index).collect();
    let keys = table.indexes.iter().map(|index| &index.hash_key);
    let keys = keys.chain([&table.hash_key]).chain(&table.range_key);
    let attributes: Vec<Value> =
        keys.map(|name| json!({ "AttributeName": name, "AttributeType": "S" })).collect();
    json!({
        "TableName": table.logical_id,
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": key(&table.hash_key, table.range_key.as_ref()),
        "GlobalSecondaryIndexes": if indexes.is_empty() { Value::Null } else { indexes.into() },
    })
}

fn answer<Q: DeserializeOwned, A: Serialize>(
    request: &[u8],
    perform: impl FnOnce(Q) -> dynoxide::Result<A>,
) -> dynoxide::Result<String> {
    let wrong = |error: serde_json::Error| DynoxideError::SerializationException(error.to_string());
    let answer = perform(serde_json::from_slice(request).map_err(wrong)?)?;
    serde_json::to_string(&answer).map_err(wrong)
}

fn typed<T: DeserializeOwned>(request: impl Serialize) -> anyhow::Result<T> {
    let request = serde_json::to_value(request)?;
    // An absent member, not a null one, means "none" on the wire.
    let request = match request {
        Value::Object(members) => {
            Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect())
        }
        other => other,
    };
    Ok(serde_json::from_value(request)?)
}

fn plain_item(item: &Value) -> Value {
    let attributes = item.as_object().into_iter().flatten();
    Value::Object(
        attributes.map(|(name, value)| (name.clone(), plain(value))).collect::<Map<_, _>>(),
    )
}

/// `{"S": "x"}` to `"x"`, and so on for every type of attribute.
fn plain(attribute: &Value) -> Value {
    let Some((kind, value)) = attribute.as_object().and_then(|object| object.iter().next()) else {
        return Value::Null;
    };
    match (kind.as_str(), value) {
        ("N", Value::String(number)) => serde_json::from_str(number).unwrap_or_default(),
        ("NULL", _) => Value::Null,
        ("M", map) => plain_item(map),
        ("L", Value::Array(list)) => list.iter().map(plain).collect(),
        (_, value) => value.clone(),
    }
}

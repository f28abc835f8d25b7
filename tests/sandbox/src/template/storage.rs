//! Queues and tables.

use std::time::Duration;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_yaml_ng::Value;

use super::{intrinsics, part};

/// Default limit of a queue's messages: the longest that any took before 2025.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;

/// One `AWS::SQS::Queue`.
#[derive(Debug)]
pub struct Queue {
    /// Its name in the template and in the sandbox.
    pub logical_id: String,
    /// Time that a received message stays hidden.
    pub visibility_timeout: Duration,
    /// The longest message that it takes, with its attributes.
    pub message_bytes_max: usize,
    /// Dead-letter queue, and the number of receives before it.
    pub redrive: Option<Redrive>,
    /// Logical id of the key it is encrypted with.
    pub key: Option<String>,
}

/// A queue's redrive policy.
#[derive(Debug)]
pub struct Redrive {
    /// Logical id of the dead-letter queue.
    pub dead_letter_queue: String,
    /// Receives before a message moves there.
    pub receives_max: u32,
}

/// One `AWS::DynamoDB::Table`, with keys of type string.
#[derive(Debug)]
pub struct Table {
    /// Its name in the template and in the sandbox.
    pub logical_id: String,
    /// Name of the hash key.
    pub hash_key: String,
    /// Name of the range key, if there is one.
    pub range_key: Option<String>,
    /// Its global secondary indexes, each with all attributes.
    pub indexes: Vec<Index>,
    /// Attribute that holds the time to live, if any.
    pub time_to_live: Option<String>,
    /// Logical id of the key it is encrypted with.
    pub key: Option<String>,
}

/// A global secondary index, with a single hash key of type string.
#[derive(Debug)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Name of its hash key.
    pub hash_key: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct QueueProperties {
    visibility_timeout: Option<u64>,
    maximum_message_size: Option<usize>,
    redrive_policy: Option<RedrivePolicy>,
    kms_master_key_id: Option<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RedrivePolicy {
    dead_letter_target_arn: Value,
    max_receive_count: u32,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TableProperties {
    key_schema: Vec<Attribute>,
    #[serde(default)]
    global_secondary_indexes: Vec<IndexProperties>,
    time_to_live_specification: Option<Attribute>,
    #[serde(rename = "SSESpecification")]
    encryption: Option<Encryption>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct IndexProperties {
    index_name: String,
    key_schema: Vec<Attribute>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    attribute_name: String,
}

#[derive(Deserialize)]
struct Encryption {
    #[serde(rename = "KMSMasterKeyId")]
    key: Option<Value>,
}

pub(super) fn queue(id: &str, resource: &Value) -> anyhow::Result<Queue> {
    let properties: QueueProperties = part(resource, &["Properties"])?;
    Ok(Queue {
        logical_id: id.to_owned(),
        visibility_timeout: Duration::from_secs(properties.visibility_timeout.unwrap_or(30)),
        message_bytes_max: properties.maximum_message_size.unwrap_or(MESSAGE_BYTES_MAX),
        redrive: properties.redrive_policy.map(redrive).transpose()?,
        key: properties.kms_master_key_id.map(key).transpose()?,
    })
}

#[expect(clippy::needless_pass_by_value, reason = "it is mapped over options")]
fn redrive(policy: RedrivePolicy) -> anyhow::Result<Redrive> {
    let dead_letter_queue = intrinsics::arn_of(&policy.dead_letter_target_arn)
        .context("deadLetterTargetArn must be a !GetAtt ….Arn")?;
    Ok(Redrive { dead_letter_queue, receives_max: policy.max_receive_count })
}

pub(super) fn table(id: &str, resource: &Value) -> anyhow::Result<Table> {
    let properties: TableProperties = part(resource, &["Properties"])?;
    let (hash_key, range_key) = match &properties.key_schema[..] {
        [hash] => (hash.attribute_name.clone(), None),
        [hash, range] => (hash.attribute_name.clone(), Some(range.attribute_name.clone())),
        _ => bail!("a key has a hash and perhaps a range"),
    };
    let indexes = properties.global_secondary_indexes.into_iter().map(index);
    Ok(Table {
        logical_id: id.to_owned(),
        hash_key,
        range_key,
        indexes: indexes.collect::<anyhow::Result<_>>()?,
        time_to_live: properties.time_to_live_specification.map(|ttl| ttl.attribute_name),
        key: properties.encryption.and_then(|encryption| encryption.key).map(key).transpose()?,
    })
}

fn index(index: IndexProperties) -> anyhow::Result<Index> {
    match &index.key_schema[..] {
        [hash] => Ok(Index { hash_key: hash.attribute_name.clone(), name: index.index_name }),
        _ => bail!("the sandbox only reads indexes without a range"),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is mapped over options")]
fn key(id: Value) -> anyhow::Result<String> {
    intrinsics::arn_of(&id).context("the key must be a !GetAtt ….Arn")
}

//! The embedded services.

use aws_sdk_dynamodb::{
    Client as DynamoDb,
    config::{BehaviorVersion, Credentials, Region},
    operation::create_table::builders::CreateTableFluentBuilder,
    types::{
        AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
        Projection, ProjectionType, ScalarAttributeType,
    },
};
use aws_sdk_sqs::{
    Client as Sqs,
    types::{Message, MessageSystemAttributeName, QueueAttributeName},
};
use chrono::{DateTime, Utc};
use dynoxide::{Database, server};
use winterbaume_core::MockAws;
use winterbaume_sqs::SqsService;

pub(crate) fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

/// A table of its own, on a server of its own, with one text key.
pub(crate) async fn table_with_key(key: &str) -> DynamoDb {
    let client = dynamodb().await;
    let table = client.create_table().attribute_definitions(text(key)).key_schema(hash(key));
    create(table).await;
    client
}

/// The same with an index over another text attribute.
pub(crate) async fn table_with_index(key: &str, name: &str, indexed: &str) -> DynamoDb {
    let client = dynamodb().await;
    let all = Projection::builder().projection_type(ProjectionType::All).build();
    let index = GlobalSecondaryIndex::builder()
        .index_name(name)
        .key_schema(hash(indexed))
        .projection(all)
        .build()
        .expect("an index");
    let table = client
        .create_table()
        .attribute_definitions(text(key))
        .attribute_definitions(text(indexed))
        .key_schema(hash(key))
        .global_secondary_indexes(index);
    create(table).await;
    client
}

async fn dynamodb() -> DynamoDb {
    let database = Database::memory().expect("an in-memory database");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(server::serve_on(listener, database));
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(format!("http://{address}"))
        .build();
    DynamoDb::from_conf(config)
}

async fn create(table: CreateTableFluentBuilder) {
    let table = table.table_name("table").billing_mode(BillingMode::PayPerRequest);
    table.send().await.expect("a table");
}

fn text(attribute: &str) -> AttributeDefinition {
    AttributeDefinition::builder()
        .attribute_name(attribute)
        .attribute_type(ScalarAttributeType::S)
        .build()
        .expect("an attribute")
}

fn hash(attribute: &str) -> KeySchemaElement {
    KeySchemaElement::builder()
        .attribute_name(attribute)
        .key_type(KeyType::Hash)
        .build()
        .expect("a key")
}

/// An SQS of its own.
pub(crate) fn sqs() -> Sqs {
    let mock = MockAws::builder().with_service(SqsService::new()).build();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .credentials_provider(mock.credentials_provider())
        .http_client(mock.http_client())
        .build();
    Sqs::from_conf(config)
}

/// A new queue's URL. Its messages stay hidden for an hour once received.
pub(crate) async fn queue(sqs: &Sqs, name: &str) -> String {
    let created = sqs
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::VisibilityTimeout, "3600")
        .send()
        .await
        .expect("a queue");
    created.queue_url.expect("its URL")
}

/// What is visible in a queue, up to ten messages.
pub(crate) async fn receive(sqs: &Sqs, url: &str) -> Vec<Message> {
    let received = sqs
        .receive_message()
        .queue_url(url)
        .max_number_of_messages(10)
        .message_attribute_names("All")
        .message_system_attribute_names(MessageSystemAttributeName::All)
        .send()
        .await
        .expect("an answer");
    received.messages.unwrap_or_default()
}

//! Embedded DynamoDB and SQS for tests of single crates, with the real SDK clients, and a network that
//! loses answers.

#![expect(clippy::missing_panics_doc, reason = "a test fails by a panic")]

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

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
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use winterbaume_core::MockAws;
use winterbaume_sqs::SqsService;

/// Reads an RFC 3339 time.
pub fn at(time: &str) -> DateTime<Utc> {
    time.parse().expect("a time")
}

/// Decides by its index whether an answer is lost.
pub trait IsLost: Fn(usize) -> bool + Send + Sync + 'static {}

impl<F: Fn(usize) -> bool + Send + Sync + 'static> IsLost for F {}

/// New server with the table `table`, which has one text key.
pub async fn table_with_key(key: &str) -> DynamoDb {
    let (client, _) = dynamodb().await;
    create_with_key(&client, key).await;
    client
}

/// [`table_with_key`] through a network that loses answers to an operation.
pub async fn losing_table(key: &str, operation: &'static str, is_lost: impl IsLost) -> DynamoDb {
    let (client, address) = dynamodb().await;
    create_with_key(&client, key).await;
    losing(address, operation, is_lost).await
}

async fn create_with_key(client: &DynamoDb, key: &str) {
    let table = client.create_table().attribute_definitions(text(key)).key_schema(hash(key));
    create(table, "table").await;
}

/// New server with the two tables of a ledger: `table` and `history`.
pub async fn ledger_tables() -> DynamoDb {
    let (client, _) = dynamodb().await;
    create_ledger(&client).await;
    client
}

/// [`ledger_tables`] through a network that loses answers to an operation.
pub async fn losing_ledger_tables(operation: &'static str, is_lost: impl IsLost) -> DynamoDb {
    let (client, address) = dynamodb().await;
    create_ledger(&client).await;
    losing(address, operation, is_lost).await
}

async fn create_ledger(client: &DynamoDb) {
    create_with_key(client, "phone_number").await;
    create_with_keys(client, ["phone_number", "record"], "history").await;
}

/// New server with the table `table`, which has two text keys.
pub async fn table_with_keys(keys: [&str; 2]) -> DynamoDb {
    let (client, _) = dynamodb().await;
    create_with_keys(&client, keys, "table").await;
    client
}

async fn create_with_keys(client: &DynamoDb, [key, range]: [&str; 2], name: &str) {
    let sort = KeySchemaElement::builder().attribute_name(range).key_type(KeyType::Range);
    let table = client
        .create_table()
        .attribute_definitions(text(key))
        .attribute_definitions(text(range))
        .key_schema(hash(key))
        .key_schema(sort.build().expect("a key"));
    create(table, name).await;
}

/// New server with the table `table` and an index over another text attribute.
pub async fn table_with_index(key: &str, name: &str, indexed: &str) -> DynamoDb {
    let (client, _) = dynamodb().await;
    create_with_index(&client, key, name, indexed).await;
    client
}

/// [`table_with_index`] through a network that loses answers to an operation.
pub async fn losing_table_with_index(
    [key, name, indexed]: [&str; 3],
    operation: &'static str,
    is_lost: impl IsLost,
) -> DynamoDb {
    let (client, address) = dynamodb().await;
    create_with_index(&client, key, name, indexed).await;
    losing(address, operation, is_lost).await
}

async fn create_with_index(client: &DynamoDb, key: &str, name: &str, indexed: &str) {
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
    create(table, "table").await;
}

async fn dynamodb() -> (DynamoDb, SocketAddr) {
    let database = Database::memory().expect("an in-memory database");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    tokio::spawn(server::serve_on(listener, database));
    (client(address), address)
}

fn client(address: SocketAddr) -> DynamoDb {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::for_tests())
        .endpoint_url(format!("http://{address}"))
        .build();
    DynamoDb::from_conf(config)
}

/// Client whose network loses answers: the calls are carried out. `is_lost` gets the index of each
/// answer to an operation, from 0.
async fn losing(upstream: SocketAddr, operation: &'static str, is_lost: impl IsLost) -> DynamoDb {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("bound");
    let (count, is_lost) = (Arc::new(AtomicUsize::new(0)), Arc::new(is_lost));
    tokio::spawn(async move {
        while let Ok((mut caller, _)) = listener.accept().await {
            let (count, is_lost) = (Arc::clone(&count), Arc::clone(&is_lost));
            tokio::spawn(async move {
                while let Some(request) = message(&mut caller).await {
                    let mut service = TcpStream::connect(upstream).await.expect("it listens");
                    service.write_all(&request).await.expect("it reads");
                    let answer = message(&mut service).await.expect("it answers");
                    let target = format!("DynamoDB_20120810.{operation}");
                    let is_meant = String::from_utf8_lossy(&request).contains(&target);
                    if is_meant && is_lost(count.fetch_add(1, Ordering::SeqCst)) {
                        return;
                    }
                    caller.write_all(&answer).await.ok();
                }
            });
        }
    });
    client(address)
}

/// One HTTP message with a `Content-Length`. `None` when the connection ends first.
async fn message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut bytes, mut chunk) = (Vec::new(), vec![0_u8; 65_536]);
    loop {
        if let Some(head) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
            let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.and_then(|it| it.trim().parse().ok()).unwrap_or_default();
            if bytes.len() >= head + 4 + length {
                return Some(bytes);
            }
        }
        match stream.read(&mut chunk).await {
            Ok(0) | Err(_) => return None,
            Ok(read) => bytes.extend_from_slice(&chunk[..read]),
        }
    }
}

async fn create(table: CreateTableFluentBuilder, name: &str) {
    let table = table.table_name(name).billing_mode(BillingMode::PayPerRequest);
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

/// New, empty SQS.
pub fn sqs() -> Sqs {
    let mock = MockAws::builder().with_service(SqsService::new()).build();
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(aws_sdk_sqs::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_sqs::config::Region::new("us-east-1"))
        .credentials_provider(mock.credentials_provider())
        .http_client(mock.http_client())
        .build();
    Sqs::from_conf(config)
}

/// Creates a queue and returns its URL. Messages stay hidden for an hour once received.
pub async fn queue(sqs: &Sqs, name: &str) -> String {
    let created = sqs
        .create_queue()
        .queue_name(name)
        .attributes(QueueAttributeName::VisibilityTimeout, "3600")
        .send()
        .await
        .expect("a queue");
    created.queue_url.expect("its URL")
}

/// Receives the visible messages of a queue, up to ten.
pub async fn receive(sqs: &Sqs, url: &str) -> Vec<Message> {
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

//! Faults of AWS: what is carried out, and what its caller hears of it.

use super::*;

const TEMPLATE: &str = "
Resources:
  Work: { Type: AWS::SQS::Queue }
  Claims:
    Type: AWS::DynamoDB::Table
    Properties: { KeySchema: [{ AttributeName: id, KeyType: HASH }] }
";

struct Call {
    target: &'static str,
    body: serde_json::Value,
}

/// Makes a call while a fault is in force. Returns the status, if there was an answer.
async fn call_under(aws: &Aws, fault: &str, one: &Call) -> Option<u16> {
    aws.faults.add(fault.parse().expect("a fault"));
    let status = call(aws, one).await;
    aws.faults.clear();
    status
}

async fn call(aws: &Aws, call: &Call) -> Option<u16> {
    let signature = "AWS4-HMAC-SHA256 Credential=sandbox/20260101/us-east-1/dynamodb/aws4_request, \
                     SignedHeaders=host, Signature=00";
    let request = reqwest::Client::new()
        .post(format!("http://{}", aws.address))
        .header("x-amz-target", call.target)
        .header("x-amz-date", "20260101T000000Z")
        .header("content-type", "application/x-amz-json-1.0")
        .header("authorization", signature)
        .body(call.body.to_string());
    request.send().await.ok().map(|response| response.status().as_u16())
}

/// Number of calls that were carried out: messages in the queue, and items in the table.
async fn done(aws: &Aws) -> usize {
    let items = aws.tables.items("Claims").expect("the table answers");
    aws.queues.depth("Work").await.expect("the queue answers").visible + items.len()
}

async fn aws(tasks: &mut JoinSet<()>) -> Arc<Aws> {
    let template = Template::parse(TEMPLATE).expect("a template");
    let faults = Arc::new(Faults::new(Vec::new(), 0));
    Aws::start(&template, 0, faults, Arc::default(), tasks).await.expect("the services start")
}

fn calls(aws: &Aws, id: usize) -> [Call; 3] {
    let item = |id: String| json!({ "TableName": "Claims", "Item": { "id": { "S": id } } });
    let put = item(format!("put-{id}"));
    let transact = json!({ "TransactItems": [{ "Put": item(format!("transact-{id}")) }] });
    let send = json!({ "QueueUrl": aws.queues.url("Work"), "MessageBody": "{}" });
    [
        Call { target: "DynamoDB_20120810.PutItem", body: put },
        Call { target: "DynamoDB_20120810.TransactWriteItems", body: transact },
        Call { target: "AmazonSQS.SendMessage", body: send },
    ]
}

#[tokio::test]
async fn a_lost_answer_is_lost_after_the_work_was_done() {
    let mut tasks = JoinSet::new();
    let aws = aws(&mut tasks).await;
    for (id, (effect, status, is_done)) in [
        ("drop-after", None, true),
        ("kill=work", None, true),
        ("drop", None, false),
        ("500", Some(500), false),
        ("429", Some(400), false),
        ("delay=0", Some(200), true),
    ]
    .into_iter()
    .enumerate()
    {
        for one in calls(&aws, id) {
            let operation = one.target.split_once('.').expect("a target").1;
            let before = done(&aws).await;
            let fault = format!("{operation}:{effect}");
            assert_eq!(call_under(&aws, &fault, &one).await, status, "{fault}");
            assert_eq!(done(&aws).await, before + usize::from(is_done), "{fault}");
        }
    }
}

#[tokio::test]
async fn a_fault_of_one_table_or_queue_spares_the_others() {
    let mut tasks = JoinSet::new();
    let aws = aws(&mut tasks).await;
    let [put, transact, send] = calls(&aws, 0);
    assert_eq!(call_under(&aws, "PutItem/Other:500", &put).await, Some(200));
    assert_eq!(call_under(&aws, "TransactWriteItems/Claims:500", &transact).await, Some(500));
    assert_eq!(call_under(&aws, "SendMessage/Work:500", &send).await, Some(500));
    assert_eq!(call_under(&aws, "SQS:drop", &put).await, Some(200));
}

#[tokio::test]
async fn a_counted_loss_is_lost_so_many_times() {
    let mut tasks = JoinSet::new();
    let aws = aws(&mut tasks).await;
    let [put, ..] = calls(&aws, 0);
    aws.faults.add("PutItem/Claims:drop-afterx2".parse().expect("a fault"));
    for status in [None, None, Some(200)] {
        assert_eq!(call(&aws, &put).await, status);
    }
}

#[tokio::test]
async fn calls_are_counted_by_operation() {
    let mut tasks = JoinSet::new();
    let aws = aws(&mut tasks).await;
    let [put, _, send] = calls(&aws, 0);
    for one in [&put, &send, &put] {
        call(&aws, one).await;
    }
    let counted = [("PutItem".to_owned(), 2), ("SendMessage".to_owned(), 1)];
    assert_eq!(aws.drain_calls(), counted.into());
    assert!(aws.drain_calls().is_empty());
}

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::*;
use crate::{
    aws::{Aws, request::Service},
    faults::Faults,
};

const TEMPLATE: &str = "
Resources:
  WorkFunction:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: work } }
    Properties:
      Role: !GetAtt WorkRole.Arn
      EventInvokeConfig:
        DestinationConfig: { OnFailure: { Type: SQS, Destination: !GetAtt DeadQueue.Arn } }
      Events:
        Queue: { Type: SQS, Properties: { Queue: !GetAtt WorkQueue.Arn } }
        Schedule:
          Type: ScheduleV2
          Properties:
            ScheduleExpression: rate(1 minute)
            RoleArn: !GetAtt ScheduleRole.Arn
            Input: '{}'
  WorkRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Principal: { Service: lambda.amazonaws.com }, Action: sts:AssumeRole }
      ManagedPolicyArns: [!Ref SharedPolicy]
      Policies:
        - PolicyName: work
          PolicyDocument:
            Statement:
              - Effect: Allow
                Action: [sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes]
                Resource: !GetAtt WorkQueue.Arn
              - Effect: Allow
                Action: sqs:SendMessage
                Resource: [!GetAtt DeadQueue.Arn, !GetAtt PlainQueue.Arn]
              - Effect: Allow
                Action: [dynamodb:GetItem, dynamodb:BatchGetItem, dynamodb:PutItem]
                Resource: !GetAtt WorkTable.Arn
              - { Effect: Allow, Action: dynamodb:Scan, Resource: !Sub '${WorkTable.Arn}/index/Due' }
  ScheduleRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
          - { Effect: Allow, Principal: { Service: scheduler.amazonaws.com }, Action: sts:AssumeRole }
      Policies:
        - PolicyName: schedule
          PolicyDocument:
            Statement:
              - { Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt WorkFunction.Arn }
  SharedPolicy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Statement:
          - Effect: Allow
            Action: [kms:Decrypt, kms:GenerateDataKey]
            Resource: !GetAtt DataKey.Arn
            Condition: { StringEquals: { kms:ViaService: !Sub 'sqs.${AWS::Region}.amazonaws.com' } }
  DataKey: { Type: AWS::KMS::Key }
  WorkQueue: { Type: AWS::SQS::Queue, Properties: { KmsMasterKeyId: !GetAtt DataKey.Arn } }
  DeadQueue: { Type: AWS::SQS::Queue, Properties: { KmsMasterKeyId: !GetAtt DataKey.Arn } }
  PlainQueue: { Type: AWS::SQS::Queue }
  WorkTable:
    Type: AWS::DynamoDB::Table
    Properties: { KeySchema: [{ AttributeName: id, KeyType: HASH }] }
";

/// Permissions of the template after a replacement.
async fn edited(old: &str, new: &str) -> anyhow::Result<Permissions> {
    assert!(TEMPLATE.contains(old), "the template has {old}");
    let template = Template::parse(&TEMPLATE.replace(old, new))?;
    let (faults, mut tasks) = (Arc::new(Faults::new(Vec::new(), 0)), JoinSet::new());
    let aws = Aws::start(&template, 0, faults, Arc::default(), &mut tasks).await?;
    let mut scope = Scope::default();
    aws.define_resources(&template, &mut scope);
    Permissions::of(&template, &scope)
}

async fn permissions() -> Permissions {
    edited("", "").await.expect("a template")
}

/// Returns whether the function may send to a queue.
fn send(permissions: &Permissions, queue: &str) -> Result<(), String> {
    let body = json!({ "QueueUrl": format!("http://sandbox/{}/{queue}", crate::aws::ACCOUNT) });
    permissions.check_request("work", &request(Service::Sqs, "SendMessage", &body))
}

fn use_table(permissions: &Permissions, action: &str, body: &Value) -> Result<(), String> {
    permissions.check_request("work", &request(Service::DynamoDb, action, body))
}

fn request(service: Service, action: &str, body: &Value) -> Request {
    Request { service, action: action.to_owned(), body: body.clone() }
}

#[tokio::test]
async fn what_no_policy_allows_is_refused_in_the_words_of_aws() {
    let permissions = permissions().await;
    assert_eq!(send(&permissions, "PlainQueue"), Ok(()));
    assert!(permissions.refused().is_empty());
    let words = "User: arn:aws:sts::123456789012:assumed-role/WorkRole/work is not authorized to \
                 perform: sqs:SendMessage on resource: arn:aws:sqs:us-east-1:123456789012:WorkQueue \
                 because no identity-based policy allows the sqs:SendMessage action";
    assert_eq!(send(&permissions, "WorkQueue"), Err(words.to_owned()));
    assert_eq!(permissions.refused(), [words]);
}

#[tokio::test]
async fn other_roles_may_not_do_what_a_function_may() {
    let permissions = permissions().await;
    let request = request(Service::DynamoDb, "GetItem", &json!({ "TableName": "WorkTable" }));
    let asked = permissions.check_request("other", &request);
    assert!(asked.expect_err("it is refused").contains("assumed-role/nobody/other"));
}

#[tokio::test]
async fn only_what_was_done_counts_as_used() {
    let permissions = permissions().await;
    let is_used = |permissions: &Permissions| {
        permissions.used().iter().any(|used| used.resource.ends_with("PlainQueue"))
    };
    assert!(!is_used(&permissions));
    send(&permissions, "PlainQueue").expect("it is allowed");
    assert!(is_used(&permissions) && permissions.used().is_subset(permissions.granted()));
}

#[tokio::test]
async fn a_batch_of_messages_is_allowed_by_the_name_of_one() {
    let permissions = permissions().await;
    let body = json!({ "QueueUrl": "http://sandbox/1/PlainQueue" });
    let request = request(Service::Sqs, "SendMessageBatch", &body);
    assert_eq!(permissions.check_request("work", &request), Ok(()));
}

#[tokio::test]
async fn an_index_is_not_its_table_and_a_batch_of_reads_is_not_a_read() {
    let permissions = permissions().await;
    let table = json!({ "TableName": "WorkTable" });
    let index = json!({ "TableName": "WorkTable", "IndexName": "Due" });
    assert_eq!(use_table(&permissions, "GetItem", &table), Ok(()));
    assert_eq!(use_table(&permissions, "Scan", &index), Ok(()));
    assert!(use_table(&permissions, "Scan", &table).is_err());
    assert!(use_table(&permissions, "GetItem", &index).is_err());
    let batch = json!({ "RequestItems": { "WorkTable": {} } });
    assert_eq!(use_table(&permissions, "BatchGetItem", &batch), Ok(()));
    let batch = json!({ "RequestItems": { "WorkTable": {}, "OtherTable": {} } });
    assert!(use_table(&permissions, "BatchGetItem", &batch).is_err());
}

#[tokio::test]
async fn a_transaction_is_allowed_by_the_names_of_its_parts() {
    let permissions = permissions().await;
    let transact = |kind: &str, table: &str| {
        let items = json!({ "TransactItems": [{ kind: { "TableName": table } }] });
        use_table(&permissions, "TransactWriteItems", &items)
    };
    assert_eq!(transact("Put", "WorkTable"), Ok(()));
    for (kind, missing) in [
        ("Update", "dynamodb:UpdateItem"),
        ("Delete", "dynamodb:DeleteItem"),
        ("ConditionCheck", "dynamodb:ConditionCheckItem"),
    ] {
        let refusal = transact(kind, "WorkTable").expect_err(missing);
        assert!(refusal.contains(missing), "{refusal}");
    }
    assert!(transact("Put", "OtherTable").is_err());
}

#[tokio::test]
async fn whoever_sends_to_an_encrypted_queue_must_be_allowed_to_use_its_key() {
    assert_eq!(send(&permissions().await, "DeadQueue"), Ok(()));
    for (old, new, missing) in [
        ("[kms:Decrypt, kms:GenerateDataKey]", "[kms:Decrypt]", "kms:GenerateDataKey"),
        ("'sqs.${", "'dynamodb.${", "kms:Decrypt"),
    ] {
        let error = format!("{:#}", edited(old, new).await.expect_err(missing));
        assert!(error.contains(&format!("{missing} on resource: arn:aws:kms:")), "{error}");
    }
}

#[tokio::test]
async fn what_aws_would_not_deploy_does_not_start() {
    for (old, new, why) in [
        ("sqs:ReceiveMessage, ", "", "a trigger of work: User: "),
        ("sqs:DeleteMessage, ", "", "sqs:DeleteMessage on resource: "),
        (", sqs:GetQueueAttributes", "", "sqs:GetQueueAttributes on resource: "),
        ("[!GetAtt DeadQueue.Arn, ", "[", "the failures of work: User: "),
        ("lambda:InvokeFunction", "lambda:GetFunction", "lambda:InvokeFunction on resource: "),
        ("Service: lambda", "Service: ec2", "WorkRole does not trust lambda.amazonaws.com"),
        ("Service: scheduler", "Service: events", "ScheduleRole does not trust scheduler."),
        ("!Ref SharedPolicy", "!Ref LostPolicy", "there is no policy LostPolicy"),
        ("sts:AssumeRole", "sts:TagSession", "no one may assume it"),
    ] {
        let error = format!("{:#}", edited(old, new).await.expect_err(why));
        assert!(error.contains(why), "{error}");
    }
}

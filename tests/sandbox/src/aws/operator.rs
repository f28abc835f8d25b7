//! The identity of operators. They may do other things than the functions: read everything, and move
//! dead letters.

use super::request::Request;

/// Access key of the command `outbound`.
pub(super) const ACCESS_KEY: &str = "outbound";
/// Access key of its console, which reads all the time: it uses up no fault, and counts as no call.
pub(super) const OBSERVER_ACCESS_KEY: &str = "console";

/// Actions that an operator needs, as docs/operations.md lists them.
pub const ACTIONS: [&str; 19] = [
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "dynamodb:BatchGetItem",
    "dynamodb:DeleteItem",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:Scan",
    "logs:FilterLogEvents",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "sns:ListSubscriptionsByTopic",
    "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessage",
    "sqs:GetQueueAttributes",
    "sqs:ReceiveMessage",
    "sqs:SendMessage",
];

/// Lets an operator make a request, or returns AWS's reason for denying it.
pub(super) fn check(request: &Request) -> Result<(), String> {
    let uses = request.uses();
    let denied = uses.iter().find(|(action, _)| !ACTIONS.contains(&action.as_str()));
    denied.map_or(Ok(()), |(action, resource)| {
        Err(format!(
            "User: arn:aws:iam::{}:user/{ACCESS_KEY} is not authorized to perform: {action} on \
             resource: {resource} because no identity-based policy allows the {action} action",
            super::ACCOUNT
        ))
    })
}

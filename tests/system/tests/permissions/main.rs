//! Roles: nothing is missing, or no other test would pass, and nothing is allowed that is not
//! used.

mod bad_day;

use std::collections::BTreeSet;

use sandbox::{Options, Sandbox, aws::Permission, campaigns, journey::Journey};

/// What Lambda and the scheduler do in the name of a role, of which the sandbox sees nothing.
fn is_of_the_platform(permission: &Permission) -> bool {
    let Permission { who, action, resource, .. } = permission;
    let (_, resource) = resource.rsplit_once([':', '/']).unwrap_or(("", resource));
    match action.as_str() {
        "logs:CreateLogStream" | "logs:PutLogEvents" => resource == "FunctionLogs",
        "xray:PutTraceSegments" | "xray:PutTelemetryRecords" => resource == "*",
        // Firings that no function could be found for, and the key to encrypt them with.
        "sqs:SendMessage" => resource == "ScheduleDeadLetterQueue" && who == "ScheduleRole",
        "kms:Decrypt" | "kms:GenerateDataKey" => resource == "DataKey" && who == "ScheduleRole",
        _ => false,
    }
}

/// What is allowed and was not used so far.
fn unused(sandbox: &Sandbox) -> BTreeSet<Permission> {
    let permissions = sandbox.aws.permissions();
    permissions.granted().difference(&permissions.used()).cloned().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_allowed_that_is_not_used() {
    let sandbox = system::sandbox(Options::default()).await;
    let journey = Journey::read().expect("the journey");
    journey.prepare(&sandbox);
    for step in &journey.steps {
        journey.send(&sandbox, step).await.expect("an answer");
    }
    Journey::settle(&sandbox).await.expect("nothing is on its way any more");
    campaigns::run_to_the_end(&sandbox, |_, _| {}).await.expect("all campaigns end");
    bad_day::have(&sandbox).await;

    let unused = unused(&sandbox);
    let too_much: Vec<_> = unused.iter().filter(|unused| !is_of_the_platform(unused)).collect();
    assert!(too_much.is_empty(), "no function uses {too_much:#?}");
}

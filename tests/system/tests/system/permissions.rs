//! A whole run, good days and bad ones. Of roles nothing is missing, also of what functions go on
//! without, and nothing is allowed that is not used. Nothing is disclosed.

mod bad_day;
mod change_of_mind;
mod disclosure;

use std::collections::BTreeSet;

use sandbox::{Options, Sandbox, aws::Permission, campaigns, journey::Journey};

/// Permissions that Lambda uses in the name of each function, unseen by the sandbox.
const OF_LAMBDA: [&str; 4] = [
    "logs:CreateLogStream FunctionLogs",
    "logs:PutLogEvents FunctionLogs",
    "xray:PutTelemetryRecords *",
    "xray:PutTraceSegments *",
];
/// Permissions that the scheduler uses for events for which it finds no function.
const OF_THE_SCHEDULER: [&str; 3] = [
    "kms:Decrypt DataKey",
    "kms:GenerateDataKey DataKey",
    "sqs:SendMessage ScheduleDeadLetterQueue",
];

/// Campaigns beside those of the journey: each has a skill of the REST services.
const CAMPAIGNS: [&str; 3] = ["campaign-mind", "campaign-not-submitted", "campaign-polled-twice"];

/// Permissions that AWS uses in a role's name.
fn of_the_platform(who: &str) -> &'static [&'static str] {
    if who == "ScheduleRole" { &OF_THE_SCHEDULER } else { &OF_LAMBDA }
}

/// Such as `sqs:SendMessage DncQueue`.
fn in_words(Permission { action, resource, .. }: &Permission) -> String {
    let (_, resource) = resource.rsplit_once([':', '/']).unwrap_or(("", resource));
    format!("{action} {resource}")
}

fn assert_nothing_is_missing(sandbox: &Sandbox) {
    let refused = sandbox.aws.permissions().refused();
    assert!(refused.is_empty(), "{refused:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_allowed_that_is_used_and_nothing_else_and_nothing_is_disclosed() {
    let skilled_campaigns = CAMPAIGNS.map(str::to_owned).into();
    let mut options = Options { skilled_campaigns, ..Options::default() };
    let policy = ("OptedOutCallbacks".to_owned(), "one_call_with_evidence".to_owned());
    // The most that a log says.
    let debug = ("LogLevel".to_owned(), "debug".to_owned());
    options.parameters.extend([policy, debug]);
    let sandbox = system::sandbox(options).await;
    let journey = Journey::read_for(sandbox.cxone.api()).expect("the journey");
    journey.prepare(&sandbox).expect("the samples");
    for step in &journey.steps {
        journey.send(&sandbox, step).await.expect("an answer");
    }
    Journey::wait_until_idle(&sandbox).await.expect("nothing is on its way any more");
    campaigns::run_to_the_end(&sandbox, |_, _| {}).await.expect("all campaigns end");
    bad_day::have(&sandbox).await;
    change_of_mind::have(&sandbox).await;
    disclosure::attempt(&sandbox).await;
    disclosure::assert_none(&sandbox, &journey).await;

    assert_nothing_is_missing(&sandbox);
    let (granted, used) = (sandbox.aws.permissions().granted(), sandbox.aws.permissions().used());
    for who in granted.iter().map(|permission| &permission.who).collect::<BTreeSet<_>>() {
        let unused = granted.difference(&used).filter(|unused| unused.who == *who);
        let unused: Vec<String> = unused.map(in_words).collect();
        assert_eq!(unused, of_the_platform(who), "{who}: on the left what is allowed in vain");
    }
}

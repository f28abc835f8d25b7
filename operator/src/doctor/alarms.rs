//! Whether anybody is told of alarms.

use super::finding::Finding;
use crate::stack::{Stack, failed};

/// ARN of a subscription that nobody has confirmed.
const PENDING: &str = "PendingConfirmation";

/// Checks whether the topic of alarms has a receiver.
pub(super) async fn subscribed(stack: &Stack) -> Finding {
    const CHECK: &str = "subscribed";
    let topic = match stack.physical_id("AlarmTopic") {
        Ok(topic) => topic,
        Err(why) => return Finding::not_checked(CHECK, why),
    };
    let listed = stack.sns().list_subscriptions_by_topic().topic_arn(topic).send().await;
    let listed = match listed {
        Ok(listed) => listed.subscriptions.unwrap_or_default(),
        Err(error) => return Finding::not_checked(CHECK, failed("SNS", &error)),
    };
    let is_confirmed = |arn: Option<&str>| arn.is_some_and(|arn| arn != PENDING);
    let confirmed = listed.iter().filter(|it| is_confirmed(it.subscription_arn())).count();
    match (confirmed, listed.len()) {
        (0, 0) => {
            let advice = "Set AlarmEmail, or subscribe somebody to the output AlarmTopicArn.";
            Finding::wrong(CHECK, "nobody gets the alarms", advice)
        }
        (0, _) => {
            let advice = "Open the link in the email that SNS has sent to the receiver.";
            Finding::wrong(CHECK, "no receiver of alarms has confirmed it", advice)
        }
        (confirmed, _) => Finding::ok(CHECK, format!("{confirmed} get the alarms")),
    }
}

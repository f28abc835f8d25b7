//! The secrets of senders and of our own webhooks.

use platform::secrets::{SecretError, SigningSource, WebhookSource};

use super::{
    finding::{Finding, Findings},
    values::Values,
};
use crate::stack::Stack;

/// Checks whether the functions could start with them.
pub(super) async fn check(stack: &Stack, values: &Values, findings: &mut Findings) {
    let client = stack.secrets_manager();
    let advice = "Store {\"webhookSecrets\": [\"whsec_…\"]} at WebhookSecretArn.";
    findings.add(match values.environment().read(WebhookSource::read) {
        Err(problems) => Finding::wrong("webhook-secret", problems, advice),
        Ok(source) => judged("webhook-secret", source.load(&client).await, advice),
    });
    let advice = "Store {\"signingSecrets\": [\"whsec_…\"]} at SigningSecretArn.";
    findings.add(match values.environment().read(SigningSource::read) {
        Err(problems) => Finding::wrong("signing-secret", problems, advice),
        Ok(source) => judged("signing-secret", source.load(&client).await, advice),
    });
}

fn judged<T>(
    check: &'static str,
    loaded: Result<Vec<T>, SecretError>,
    advice: &'static str,
) -> Finding {
    match loaded {
        Ok(secrets) if secrets.is_empty() => Finding::wrong(check, "it holds no secret", advice),
        Ok(secrets) => Finding::ok(check, format!("it holds {}", secrets.len())),
        Err(why) => Finding::wrong(check, why, advice),
    }
}

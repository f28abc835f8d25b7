//! A function that is set up wrongly says all of what is wrong, and does not start.

use std::process::Command;

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let output = Command::new(env!("CARGO_BIN_EXE_analytics-poller"))
        .env_clear()
        .env("CXONE_BASE_URL", "https://api.example.com")
        .env("CXONE_CLIENT_ID", "outbound")
        .env("CXONE_CLIENT_SECRET", "must never be shown")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said.trim_end(),
        "Error: 4 settings are missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor is SIGNING_SECRETS\n  \
         RUNS_TABLE is not set\n  \
         CAMPAIGN_WEBHOOK_QUEUE_URL is not set\n  \
         CAMPAIGN_WEBHOOK_DEAD_LETTER_QUEUE_URL is not set"
    );
}

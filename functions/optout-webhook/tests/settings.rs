//! A function that is set up wrongly says all of what is wrong, and does not start.

use std::process::Command;

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let output = Command::new(env!("CARGO_BIN_EXE_optout-webhook"))
        .env_clear()
        .env("DEFAULT_REGION", "usa")
        .env("RELIST_AFTER_HOURS", "a day")
        .env("OPT_OUTS_TABLE", "opt-outs")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said.trim_end(),
        "Error: 6 settings are missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor is WEBHOOK_SECRETS\n  \
         DEFAULT_REGION is `usa`: expected an ISO 3166-1 alpha-2 code in capitals, such as US or GB\n  \
         RELIST_AFTER_HOURS is `a day`: expected a whole number of hours\n  \
         IDEMPOTENCY_TABLE is not set\n  \
         DNC_QUEUE_URL is not set\n  \
         DNC_DEAD_LETTER_QUEUE_URL is not set"
    );
}

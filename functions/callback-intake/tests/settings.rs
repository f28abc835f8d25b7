//! A function that is set up wrongly says all of what is wrong, and does not start.

use std::process::Command;

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let output = Command::new(env!("CARGO_BIN_EXE_callback-intake"))
        .env_clear()
        .env("CXONE_BASE_URL", "https://api.example.com")
        .env("CXONE_CLIENT_ID", "client")
        .env("CXONE_CLIENT_SECRET", "must never be shown")
        .env("WEBHOOK_SECRETS", "must never be shown")
        .env("SMS_SENDER", "555-0100")
        .env("IDEMPOTENCY_TABLE", "idempotency")
        .output()
        .expect("the binary runs");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        said.trim_end(),
        "Error: 4 settings are missing or malformed:\n  \
         SMS_SENDER is `555-0100`: it cannot be read as a phone number\n  \
         RESERVATIONS_TABLE is not set\n  \
         CALLBACK_QUEUE_URL is not set\n  \
         CALLBACK_DEAD_LETTER_QUEUE_URL is not set"
    );
}

//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let settings = [
        ("CXONE_BASE_URL", "https://api.example.com"),
        ("CXONE_CLIENT_ID", "client"),
        ("CXONE_CLIENT_SECRET", "must never be shown"),
        ("WEBHOOK_SECRETS", "must never be shown"),
        ("SMS_SENDER", "555-0100"),
        ("IDEMPOTENCY_TABLE", "idempotency"),
    ];
    assert_eq!(
        startup::complaint(env!("CARGO_BIN_EXE_callback-intake"), &settings),
        "Error: 4 settings are missing or malformed:\n  \
         SMS_SENDER is `555-0100`: it cannot be read as a phone number\n  \
         RESERVATIONS_TABLE is not set\n  \
         CALLBACK_QUEUE_URL is not set\n  \
         CALLBACK_DEAD_LETTER_QUEUE_URL is not set"
    );
}

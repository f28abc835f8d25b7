//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let settings = [
        ("CXONE_BASE_URL", "https://api.example.com"),
        ("CXONE_CLIENT_ID", "outbound"),
        ("CXONE_CLIENT_SECRET", "must never be shown"),
        ("WEBHOOK_SECRETS", "must never be shown"),
        ("DISPOSITION_MAP", "1001-1003=do_not_call,1002=wrong_number"),
        ("IDEMPOTENCY_TABLE", "idempotency"),
        ("DISPOSITION_QUEUE_URL", "https://sqs.example.com/dispositions"),
    ];
    assert_eq!(
        startup::complaint(env!("CARGO_BIN_EXE_disposition-handler"), &settings),
        "Error: 8 settings are missing or malformed:\n  \
         DISPOSITION_MAP is `1001-1003=do_not_call,1002=wrong_number`: column 23, \"1002=wrong_number\": the codes must not overlap those of 1001-1003=do_not_call\n  \
         CONTACT_EVENTS_TABLE is not set\n  \
         OPT_OUTS_TABLE is not set\n  \
         DISPOSITION_DEAD_LETTER_QUEUE_URL is not set\n  \
         DNC_QUEUE_URL is not set\n  \
         CRITICAL_QUEUE_URL is not set\n  \
         MEDIUM_QUEUE_URL is not set\n  \
         LOW_QUEUE_URL is not set"
    );
}

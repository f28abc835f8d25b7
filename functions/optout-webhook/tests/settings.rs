//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let settings = [
        ("DEFAULT_REGION", "usa"),
        ("RELIST_AFTER_HOURS", "a day"),
        ("OPT_OUTS_TABLE", "opt-outs"),
    ];
    assert_eq!(
        startup::complaint(env!("CARGO_BIN_EXE_optout-webhook"), &settings),
        "Error: 6 settings are missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor is WEBHOOK_SECRETS\n  \
         DEFAULT_REGION is `usa`: expected an ISO 3166-1 alpha-2 code in capitals, such as US or GB\n  \
         RELIST_AFTER_HOURS is `a day`: expected a whole number of hours\n  \
         IDEMPOTENCY_TABLE is not set\n  \
         DNC_QUEUE_URL is not set\n  \
         DNC_DEAD_LETTER_QUEUE_URL is not set"
    );
}

//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let settings = [
        ("CXONE_BASE_URL", "https://api.example.com"),
        ("CXONE_CLIENT_ID", "outbound"),
        ("CXONE_CLIENT_SECRET", "must never be shown"),
    ];
    assert_eq!(
        startup::complaint(env!("CARGO_BIN_EXE_analytics-poller"), &settings),
        "Error: 4 settings are missing or malformed:\n  \
         CXONE_SECRET_ARN is not set, nor is SIGNING_SECRETS\n  \
         RUNS_TABLE is not set\n  \
         CAMPAIGN_WEBHOOK_QUEUE_URL is not set\n  \
         CAMPAIGN_WEBHOOK_DEAD_LETTER_QUEUE_URL is not set"
    );
}

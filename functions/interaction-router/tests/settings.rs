//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let filters =
        r#"{"voice":{"customer":{"type":"phone","paths":["$.data.customer["]},"context":{}}}"#;
    let settings = [
        ("WEBHOOK_SECRETS", "must never be shown"),
        ("CHANNEL_FILTERS", filters),
        ("IDEMPOTENCY_TABLE", "idempotency"),
    ];
    let expected = format!(
        "Error: 6 settings are missing or malformed:\n  \
         CHANNEL_FILTERS is `{filters}`: voice.customer has \"$.data.customer[\", \
         which is no JSONPath (RFC 9535) from column 16 on\n  \
         INTERACTION_QUEUE_URL is not set\n  \
         INTERACTION_DEAD_LETTER_QUEUE_URL is not set\n  \
         ANALYTICS_QUEUE_URL is not set\n  \
         CRM_SYNC_QUEUE_URL is not set\n  \
         NOTIFICATION_QUEUE_URL is not set"
    );
    assert_eq!(startup::complaint(env!("CARGO_BIN_EXE_interaction-router"), &settings), expected);
}

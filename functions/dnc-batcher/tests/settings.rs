//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let settings = [
        ("CXONE_BASE_URL", "https://api.example.com"),
        ("CXONE_TOKEN_AUTH", "digest"),
        ("CXONE_CLIENT_SECRET", "must never be shown"),
    ];
    assert_eq!(
        startup::complaint(env!("CARGO_BIN_EXE_dnc-batcher"), &settings),
        "Error: 6 settings are missing or malformed:\n  \
         CXONE_TOKEN_AUTH is `digest`: expected basic or form\n  \
         CXONE_CLIENT_ID is not set\n  \
         CXONE_DNC_LIST_ID is not set\n  \
         OPT_OUTS_TABLE is not set\n  \
         DNC_QUEUE_URL is not set\n  \
         DNC_DEAD_LETTER_QUEUE_URL is not set"
    );
}

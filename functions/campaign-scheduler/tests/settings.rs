//! A function that is set up wrongly says all of what is wrong, and does not start.

#[test]
fn a_wrong_setup_is_reported_whole_and_ends_the_process() {
    let settings = [
        ("CXONE_CLIENT_ID", "outbound"),
        ("CXONE_CLIENT_SECRET", "must never be shown"),
        ("CALLING_HOURS", "22:00-06:00"),
    ];
    assert_eq!(
        startup::complaint(env!("CARGO_BIN_EXE_campaign-scheduler"), &settings),
        "Error: 4 settings are missing or malformed:\n  \
         CXONE_BASE_URL is not set\n  \
         CALLING_HOURS is `22:00-06:00`: must end on the day they start, at 24:00 at the latest\n  \
         RUNS_TABLE is not set\n  \
         IDEMPOTENCY_TABLE is not set"
    );
}

//! A function with wrong settings reports all of them at once and does not start.

use analytics_poller::AnalyticsPoller;
use callback_intake::CallbackIntake;
use campaign_scheduler::CampaignScheduler;
use disposition_handler::DispositionHandler;
use dnc_batcher::DncBatcher;
use interaction_router::InteractionRouter;
use optout_webhook::OptoutWebhook;
use platform::function::Function;
use settings::{Environment, Settings};

/// The complaint about these settings, without its headline.
fn complaint<F: Function>(settings: &[(&str, &str)]) -> Vec<String> {
    let problems = Environment::from_pairs(settings.iter().copied()).read(F::Config::read).err();
    let text = problems.expect("something is wrong").to_string();
    assert!(!text.contains("never be shown"), "{text}");
    let mut lines = text.lines().map(|line| line.trim().to_owned());
    let headline = lines.next().unwrap_or_default();
    let lines: Vec<String> = lines.collect();
    assert!(headline.starts_with(&lines.len().to_string()), "{headline}");
    lines
}

const CXONE: [(&str, &str); 3] = [
    ("CXONE_BASE_URL", "https://api.example.com"),
    ("CXONE_CLIENT_ID", "client"),
    ("CXONE_CLIENT_SECRET", "must never be shown"),
];
const SENDERS: (&str, &str) = ("WEBHOOK_SECRETS", "must never be shown");

#[test]
fn analytics_poller() {
    assert_eq!(
        complaint::<AnalyticsPoller>(&CXONE),
        [
            "SIGNING_SECRET_ARN is not set, nor is SIGNING_SECRETS",
            "RUNS_TABLE is not set",
            "CAMPAIGN_WEBHOOK_QUEUE_URL is not set",
            "CAMPAIGN_WEBHOOK_DEAD_LETTER_QUEUE_URL is not set",
        ]
    );
}

#[test]
fn callback_intake() {
    let more = [SENDERS, ("SMS_SENDER", "555-0100"), ("IDEMPOTENCY_TABLE", "idempotency")];
    assert_eq!(
        complaint::<CallbackIntake>(&[&CXONE[..], &more].concat()),
        [
            "SMS_SENDER is `555-0100`: it cannot be read as a phone number",
            "OPT_OUTS_TABLE is not set",
            "CALLED_PARTIES_TABLE is not set",
            "DECISIONS_TABLE is not set",
            "RESERVATIONS_TABLE is not set",
            "CALLBACK_QUEUE_URL is not set",
            "CALLBACK_DEAD_LETTER_QUEUE_URL is not set",
        ]
    );
}

#[test]
fn campaign_scheduler() {
    let settings = [&CXONE[1..], &[("CALLING_HOURS", "22:00-06:00")]].concat();
    assert_eq!(
        complaint::<CampaignScheduler>(&settings),
        [
            "CXONE_BASE_URL is not set",
            "CALLING_HOURS is `22:00-06:00`: must end on the day they start, at 24:00 at the latest",
            "OPT_OUTS_TABLE is not set",
            "CALLED_PARTIES_TABLE is not set",
            "DECISIONS_TABLE is not set",
            "RUNS_TABLE is not set",
            "IDEMPOTENCY_TABLE is not set",
        ]
    );
}

#[test]
fn disposition_handler() {
    let map = "1001-1003=do_not_call,1002=wrong_number";
    let more = [
        SENDERS,
        ("DISPOSITION_MAP", map),
        ("IDEMPOTENCY_TABLE", "idempotency"),
        ("DISPOSITION_QUEUE_URL", "https://sqs.example.com/dispositions"),
    ];
    let complaint = complaint::<DispositionHandler>(&[&CXONE[..], &more].concat());
    assert_eq!(complaint.len(), 10, "{complaint:?}");
    assert!(complaint[0].starts_with(&format!("DISPOSITION_MAP is `{map}`: column 23")));
}

#[test]
fn dnc_batcher() {
    let settings = [CXONE[0], ("CXONE_TOKEN_AUTH", "digest"), CXONE[2]];
    assert_eq!(
        complaint::<DncBatcher>(&settings),
        [
            "CXONE_TOKEN_AUTH is `digest`: expected basic or form",
            "CXONE_CLIENT_ID is not set",
            "CXONE_DNC_LIST_ID is not set",
            "OPT_OUTS_TABLE is not set",
            "OPT_OUT_HISTORY_TABLE is not set",
            "CALLED_PARTIES_TABLE is not set",
            "SMS_SENDER is not set",
            "CALLBACK_QUEUE_URL is not set",
            "DNC_QUEUE_URL is not set",
            "DNC_DEAD_LETTER_QUEUE_URL is not set",
        ]
    );
}

#[test]
fn interaction_router() {
    let filters =
        r#"{"voice":{"customer":{"type":"phone","paths":["$.data.customer["]},"context":{}}}"#;
    let settings = [SENDERS, ("CHANNEL_FILTERS", filters), ("IDEMPOTENCY_TABLE", "idempotency")];
    let complaint = complaint::<InteractionRouter>(&settings);
    assert_eq!(complaint.len(), 11, "{complaint:?}");
    assert!(complaint[0].contains("which is no JSONPath (RFC 9535) from column 16 on"));
}

#[test]
fn optout_webhook() {
    let settings = [
        ("DEFAULT_REGION", "usa"),
        ("RELIST_AFTER_HOURS", "a day"),
        ("OPT_OUTS_TABLE", "opt-outs"),
        ("OPT_OUT_HISTORY_TABLE", "opt-out-history"),
        ("WEBHOOK_SECRETS", "too short, whsec_never!be!shown"),
    ];
    let complaint = complaint::<OptoutWebhook>(&settings);
    assert_eq!(
        complaint[0],
        "WEBHOOK_SECRETS holds an unusable secret at position 1: a key must have at least 16 bytes"
    );
    assert!(
        complaint[1].starts_with("DEFAULT_REGION is `usa`: expected the ISO 3166-1 alpha-2 code")
    );
    assert_eq!(complaint[2], "RELIST_AFTER_HOURS is `a day`: expected a whole number of hours");
    assert_eq!(
        complaint[3..],
        [
            "CALLED_PARTIES_TABLE is not set",
            "IDEMPOTENCY_TABLE is not set",
            "DNC_QUEUE_URL is not set",
            "CALLBACK_QUEUE_URL is not set",
            "DNC_DEAD_LETTER_QUEUE_URL is not set",
        ]
    );
}

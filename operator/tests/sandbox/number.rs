//! `outbound number`, `export` and `erase`: what is known of a number.

use ambient::now;
use chrono::{DateTime, TimeDelta, Utc};
use outbound::{
    E164, Evidence,
    called_party::{ArrangedCall, Channel, DialedCall, Fact, Permission, Scope, Wish},
    campaign::Sites,
    law::{Call, Candidates, Kind, Kinds, Releases},
};
use platform::{
    aws::Aws,
    called_parties::{
        CalledParties, Change, Decided, DecidedStart, Decisions, Outcome, Tables as PartyTables,
    },
    ledger::{Ledger, OptOut, Recorded, RelistAfter, Tables},
};
use settings::Environment;
use uuid::Uuid;

use super::*;

const NUMBER: &str = "+12025550110";

/// The functions' own side of the tables.
pub(super) struct Stored {
    pub(super) ledger: Ledger,
    pub(super) parties: CalledParties,
    decisions: Decisions,
}

impl Stored {
    pub(super) fn in_(sandbox: &Surroundings) -> Self {
        let pairs = sandbox.aws.environment();
        let aws = Environment::from_pairs(pairs).read(Aws::read).expect("all is set");
        let client = aws.dynamodb();
        let tables =
            Tables { opt_outs: "OptOutsTable".into(), history: "OptOutHistoryTable".into() };
        let parties = PartyTables {
            opt_outs: "OptOutsTable".into(),
            called_parties: "CalledPartiesTable".into(),
        };
        Self {
            ledger: Ledger::new(client.clone(), tables),
            parties: CalledParties::new(client.clone(), parties),
            decisions: Decisions::new(client, "DecisionsTable", 10),
        }
    }
}

fn number() -> E164 {
    NUMBER.parse().expect("a number")
}

fn opt_out(number: &E164, event_id: &str) -> OptOut {
    OptOut {
        number: number.clone(),
        event_id: event_id.to_owned(),
        event_type: "contact.opt_out".to_owned(),
        requested_at: now() - TimeDelta::hours(3),
        received_at: now() - TimeDelta::hours(3),
        evidence: Evidence { channel: None, words: Some("please stop".into()), inferred: false },
    }
}

pub(super) async fn record(stored: &Stored, number: &E164, event_id: &str) {
    let opt_out = opt_out(number, event_id);
    let recorded = stored.ledger.record(&opt_out, RelistAfter::hours(24), now());
    let Recorded::Send(position) = recorded.await.expect("it is recorded") else {
        panic!("a first opt-out is sent")
    };
    stored.ledger.mark_queued(&position, now()).await.expect("it is marked");
}

fn consent() -> Fact {
    Fact {
        wish: Wish::Consent,
        scope: Scope { channel: Some(Channel::Voice), topic: Some("sales".into()) },
        at: now() - TimeDelta::hours(10),
        event_id: "evt-consent".into(),
        event_type: "contact.opt_in".into(),
        words: None,
        expires_at: None,
    }
}

/// A consent, a call that was arranged, its decision, then an opt-out whose event also is a dead
/// letter.
async fn prepared() -> (Surroundings, Stored) {
    let sandbox = Surroundings::start().await.expect("it starts");
    let stored = Stored::in_(&sandbox);
    let number = number();
    let consent = consent();
    stored.parties.learn(&stored.ledger, &number, &consent).await.expect("it is learned");
    let known = stored.parties.read(&number).await.expect("it is read");
    let contact_id = Uuid::from_u128(7);
    let mut party = known.party.clone();
    let call = ArrangedCall {
        contact_id,
        campaign_id: "campaign-1".into(),
        kinds: Kinds::default(),
        dispatch_at: now() + TimeDelta::hours(5),
        attempts: 3,
        arranged_at: now() - TimeDelta::hours(5),
        hour: now(),
        holder: "holder".into(),
        resubmitted_at: None,
        withdrawn_at: None,
    };
    party.arrange(call, now());
    let decided = Decided {
        called_party: NUMBER.into(),
        at: now() - TimeDelta::hours(5),
        contact_id: contact_id.to_string(),
        outcome: Outcome::Arranged,
        permission: Permission::Granted { by: None },
        law: None,
        cap: None,
        attempts: Some(3),
        request: json!({ "phoneNumber": NUMBER }),
    };
    let decision = stored.decisions.write(&decided).expect("it is written");
    let change = Change { party, beside: vec![decision], overruled_at: None };
    stored.parties.store(&known, change).await.expect("it is stored");
    record(&stored, &number, "evt-stop").await;
    let event = json!({ "eventId": "evt-dead", "data": { "phoneNumber": "(202) 555-0110" } });
    dead_letter(&sandbox, "DncDeadLetterQueue", &event, Some("refused_by_cxone")).await;
    let other = json!({ "eventId": "evt-other", "data": { "phoneNumber": "(202) 555-0111" } });
    dead_letter(&sandbox, "DncDeadLetterQueue", &other, Some("refused_by_cxone")).await;
    (sandbox, stored)
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_said_in_words_and_in_order() {
    let (sandbox, _) = prepared().await;
    let ran = outbound(&sandbox, &["number", "(202) 555-0110"]).await;
    assert_eq!(ran.code, Some(1), "it opted out: {ran:?}");
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(!words.contains("5550110"), "the number is masked: {words}");
    let mut rest = words.as_str();
    for expected in [
        "+1202***0110: calls are forbidden: the number opted out on",
        "It waits for the DNC list, queued since",
        "consent to calls about sales: contact.opt_in evt-consent",
        "call arranged for",
        "campaign campaign-1, 3 attempts at most",
        "decision: the contact may be arranged",
        "opt-out: contact.opt_out evt-stop, in the words \"please stop\"",
        "queued for the DNC list",
        "of Dnc: refused_by_cxone, CXone said no",
    ] {
        let at = rest.find(expected).unwrap_or_else(|| panic!("{expected} is not next in {rest}"));
        rest = &rest[at + expected.len()..];
    }
    let json = outbound(&sandbox, &["number", NUMBER, "--json"]).await.json();
    assert_eq!(
        (&json["state"], &json["calls"]["debt"]["kind"]),
        (&json!("pending"), &json!("optedOut"))
    );
    assert_eq!(json["events"].as_array().map(Vec::len), Some(6));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_unknown_may_be_called() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let ran = outbound(&sandbox, &["number", "+442079460123"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("Nothing is stored about this number."), "{ran:?}");
    let ran = outbound(&sandbox, &["number", "12"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_has_a_document_a_line_and_an_erasure_leaves_the_facts() {
    let (sandbox, stored) = prepared().await;
    let kinds = |ran: &Ran| -> Vec<String> {
        let documents = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        documents.map(|it: Value| it["kind"].as_str().expect("a kind").to_owned()).collect()
    };
    let ran = outbound(&sandbox, &["export", NUMBER]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let all = ["optOut", "optOutRecord", "optOutRecord", "calledParty", "decision", "deadLetter"];
    assert_eq!(kinds(&ran), all);

    let key = concat!(env!("CARGO_TARGET_TMPDIR"), "/erasure.key");
    std::fs::write(key, "a key of more than sixteen bytes\n").expect("it is written");
    let erase = ["erase", NUMBER, "--key-file", key];
    let unconfirmed = outbound(&sandbox, &erase).await;
    assert_eq!(unconfirmed.code, Some(2), "{unconfirmed:?}");
    assert!(unconfirmed.says("--yes"), "{unconfirmed:?}");
    assert_eq!(stored.decisions.export(&number()).await.expect("they are read").len(), 1);

    let ran = outbound(&sandbox, &[&erase[..], &["--yes"]].concat()).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(stored.decisions.export(&number()).await.expect("they are read").len(), 0);
    let items = sandbox.aws.tables.items("DecisionsTable").expect("they are read");
    assert_eq!(items.len(), 1, "the decision stays");
    // Computed apart: HMAC-SHA-256 with openssl, of the key without its line end.
    assert_eq!(items[0]["phone_number"], OPENSSL);
    assert!(!items[0].to_string().contains("5550110"));
    let ran = outbound(&sandbox, &["export", NUMBER]).await;
    assert_eq!(
        kinds(&ran),
        ["optOut", "optOutRecord", "optOutRecord", "calledParty", "deadLetter"]
    );
}

/// `printf %s +12025550110 | openssl dgst -sha256 -hmac 'a key of more than sixteen bytes'`
const OPENSSL: &str =
    "hmac-sha256:794189522c72163eac94c7602814e3bbafbfa6dba25e90d191b19d0b11e224da";

mod replay {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn numbers_that_were_never_listed_are_queued_again() {
        let sandbox = Surroundings::start().await.expect("it starts");
        let stored = Stored::in_(&sandbox);
        for index in 0..23 {
            let number = format!("+1202555{:04}", 100 + index).parse().expect("a number");
            record(&stored, &number, &format!("evt-{index}")).await;
        }
        // One is listed.
        let table = ("phone_number", "+12025550100");
        sandbox.aws.tables.set_text("OptOutsTable", table, "state", "listed").expect("it is set");
        let replay = ["replay", "ledger"];
        let dry = outbound(&sandbox, &[&replay[..], &["--dry-run"]].concat()).await;
        assert!(dry.says("22 numbers would be queued, 1 others stay"), "{dry:?}");
        assert_eq!(depth(&sandbox, "DncQueue").await, 0);
        let late = outbound(&sandbox, &[&replay[..], &["--pending-for", "4h"]].concat()).await;
        assert!(late.says("0 numbers are in the queue"), "{late:?}");

        let ran = outbound(&sandbox, &replay).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let messages = sandbox.aws.queues.drain("DncQueue").await.expect("it answers");
        assert_eq!(messages.len(), 22);
        for message in messages {
            let request: outbound::DncRequest =
                serde_json::from_str(&message.body).expect("as the batcher reads it");
            assert!(request.event_id.starts_with("evt-"));
            assert_ne!(request.phone_number.as_str(), "+12025550100");
        }
        let all = outbound(&sandbox, &[&replay[..], &["--all"]].concat()).await;
        assert!(all.says("23 numbers are in the queue"), "{all:?}");
    }
}

/// A start of a campaign in a zone, for a window of four hours.
fn start(campaign_id: &str, zone: &str, at: DateTime<Utc>, outcome: &str) -> DecidedStart {
    let start = at.fixed_offset();
    DecidedStart {
        campaign_id: campaign_id.to_owned(),
        time_zone: zone.to_owned(),
        start,
        end: (outcome == "submitted").then(|| start + TimeDelta::hours(4)),
        at: at - TimeDelta::hours(1),
        outcome: outcome.to_owned(),
        reasons: vec!["US-FL hours (Fla. Stat. 501.616(6)(a), (b))".to_owned()],
        sites: Sites::of_zone(),
        terms: Call::new(Candidates::default(), Kind::Sales),
        releases: Releases::CURRENT,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_of_a_campaign_is_explained_by_the_windows_that_were_open() {
    let (sandbox, stored) = prepared().await;
    let starts = [
        ("sales", "America/New_York", 3, "submitted"),
        // Closed a few minutes after the end, in a zone with the same clocks.
        ("service", "America/Detroit", 5, "submitted"),
        ("sales", "Asia/Tokyo", 3, "submitted"),
        ("sales", "America/New_York", 27, "submitted"),
        ("sales", "America/Toronto", 3, "refused_by_law"),
    ];
    let at = now();
    for (campaign, zone, hours, outcome) in starts {
        let start = start(campaign, zone, at - TimeDelta::hours(hours), outcome);
        stored.decisions.keep_start(&start).await.expect("it is kept");
    }
    let known = stored.parties.read(&number()).await.expect("it is read");
    let mut party = known.party.clone();
    let dialed =
        DialedCall { contact_id: "77".into(), at: at - TimeDelta::minutes(55), arranged: None };
    assert!(party.count_dialed(dialed, now()));
    let change = Change { party, beside: Vec::new(), overruled_at: None };
    stored.parties.store(&known, change).await.expect("it is stored");

    let ran = outbound(&sandbox, &["number", NUMBER]).await;
    let words = ran.out.split_whitespace().collect::<Vec<_>>().join(" ");
    for expected in [
        "decision: campaign sales may call America/New_York from",
        "sales; cut by US-FL hours (Fla. Stat. 501.616(6)(a), (b))",
        "decision: campaign service may call America/Detroit from",
        "called by CXone, contact 77",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    assert!(!words.contains("Tokyo") && !words.contains("Toronto"), "{words}");

    let exported = async |arguments: &[&str]| -> Vec<Value> {
        let ran = outbound(&sandbox, arguments).await;
        assert_eq!(ran.code, Some(0), "{ran:?}");
        let documents = ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        documents.filter(|it: &Value| it["kind"] == "campaignStart").collect()
    };
    let of_number = exported(&["export", NUMBER]).await;
    assert_eq!(of_number.len(), 2, "{of_number:?}");
    assert_eq!(of_number[1]["releases"], json!(Releases::CURRENT));
    let of_campaign = exported(&["export", "--campaign", "sales"]).await;
    let outcomes: Vec<_> = of_campaign.iter().map(|it| it["outcome"].clone()).collect();
    assert_eq!(outcomes, ["submitted", "submitted", "refused_by_law", "submitted"]);
    assert!(exported(&["export", "--campaign", "unknown"]).await.is_empty());
    assert_eq!(outbound(&sandbox, &["export"]).await.code, Some(2), "a number or a campaign");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_from_a_topic_forbids_calls_about_it_alone() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let stored = Stored::in_(&sandbox);
    let scope = Scope { channel: Some(Channel::Voice), topic: Some("service".into()) };
    let opt_out = Fact { wish: Wish::OptOut, scope, ..consent() };
    stored.parties.learn(&stored.ledger, &number(), &opt_out).await.expect("it is learned");
    let ran = outbound(&sandbox, &["number", NUMBER]).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.says("calls about service are forbidden: the number opted out on"), "{ran:?}");
    assert!(ran.says("texts may be made: no opt-out is in force"), "{ran:?}");
}

//! `outbound unlist`: a number leaves the DNC list for a consent, and for nothing less.

use std::{collections::HashMap, time::Duration};

use ambient::now;
use chrono::TimeDelta;
use outbound::{
    DncReason, DncRequest, E164, Evidence,
    called_party::{Channel, Fact, Scope, Wish},
};
use platform::ledger::{DncResult, OptOut, RelistAfter};
use sandbox::{
    Options,
    cxone::{Api, acd::DNC_GROUP},
};

use super::{
    number::{Stored, record},
    *,
};

const NUMBER: &str = "+12025550110";

fn number() -> E164 {
    NUMBER.parse().expect("a number")
}

/// A consent of an hour ago.
fn consent(scope: Scope) -> Fact {
    Fact {
        wish: Wish::Consent,
        scope,
        at: now() - TimeDelta::hours(1),
        event_id: "evt-consent".into(),
        event_type: "contact.opt_in".into(),
        words: None,
        expires_at: None,
    }
}

/// A number that opted out three hours ago, and was listed.
async fn listed(api: Api) -> (Surroundings, Stored) {
    let options = Options { cxone_api: api, ..Options::default() };
    let sandbox = Surroundings::with(options).await.expect("it starts");
    let stored = Stored::in_(&sandbox);
    record(&stored, &number(), "evt-1").await;
    conclude(&stored).await;
    if api == Api::Acd {
        let number = sandbox::cxone::acd::Number::read(NUMBER).expect("a number");
        sandbox.cxone.tenant().list(DNC_GROUP, number);
    }
    (sandbox, stored)
}

/// Notes that CXone lists the number now.
async fn conclude(stored: &Stored) {
    let request = DncRequest {
        phone_number: number(),
        reason: DncReason::WebhookOptOut,
        event_id: "evt-1".into(),
        requested_at: now() - TimeDelta::hours(3),
    };
    let entry = stored.ledger.entry(&number()).await.expect("it is read").expect("an entry");
    let known = HashMap::from([(number(), entry)]);
    let results = vec![(request, DncResult::Listed)];
    for (_, concluded) in stored.ledger.conclude(results, &known, now()).await {
        concluded.expect("it is written");
    }
}

async fn learn(stored: &Stored, fact: &Fact) {
    stored.parties.learn(&stored.ledger, &number(), fact).await.expect("it is learned");
}

async fn unlist(sandbox: &Surroundings) -> Ran {
    outbound(sandbox, &["unlist", NUMBER, "--yes"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_whose_owner_consents_leaves_the_list() {
    let (sandbox, stored) = listed(Api::Acd).await;
    learn(&stored, &consent(Scope::default())).await;
    let unsure = outbound(&sandbox, &["unlist", NUMBER]).await;
    assert_eq!(unsure.code, Some(2), "{unsure:?}");
    assert!(unsure.says("--yes") && sandbox.cxone.is_listed(NUMBER), "{unsure:?}");
    let ran = unlist(&sandbox).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("+1202***0110 is off the DNC list."), "{ran:?}");
    assert!(!sandbox.cxone.is_listed(NUMBER));
    // It lists the number again, as if it had never been there.
    record(&stored, &number(), "evt-2").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_consent_to_all_calls_for_good_it_stays() {
    let of = |channel, topic: Option<&str>| Scope { channel, topic: topic.map(str::to_owned) };
    let ending = Some(now() + TimeDelta::days(30));
    for (fact, why) in [
        (None, "its owner opted out of sales"),
        (Some(consent(of(None, Some("sales")))), "its owner opted out of service"),
        (Some(consent(of(Some(Channel::Text), None))), "its owner opted out of sales"),
        (
            Some(Fact { expires_at: ending, ..consent(Scope::default()) }),
            "no consent to calls about sales lasts",
        ),
        (
            Some(Fact { at: now() - TimeDelta::hours(4), ..consent(Scope::default()) }),
            "its owner opted out of sales",
        ),
    ] {
        let (sandbox, stored) = listed(Api::Acd).await;
        if let Some(fact) = &fact {
            learn(&stored, fact).await;
        }
        let ran = unlist(&sandbox).await;
        assert_eq!(ran.code, Some(1), "{fact:?}: {ran:?}");
        assert!(ran.says(&format!("+1202***0110 stays as it is: {why}")), "{fact:?}: {ran:?}");
        assert!(sandbox.cxone.is_listed(NUMBER), "{fact:?}");
        assert_eq!(sandbox.cxone.calls("expireDncRecords"), 0, "{fact:?}");
    }
}

/// A message that comes twice lists it after its consent. A later opt-out lists it again all the same.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_listed_after_its_consent_is_taken_off_until_the_next_opt_out() {
    let (sandbox, stored) = listed(Api::Acd).await;
    learn(&stored, &consent(Scope::default())).await;
    conclude(&stored).await;
    let ran = unlist(&sandbox).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!sandbox.cxone.is_listed(NUMBER));
    record(&stored, &number(), "evt-3").await;
}

/// The number is on CXone's list by someone else's doing.
#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_not_listed_before_its_consent_stays() {
    let options = Options { cxone_api: Api::Acd, ..Options::default() };
    let sandbox = Surroundings::with(options).await.expect("it starts");
    let stored = Stored::in_(&sandbox);
    learn(&stored, &consent(Scope::default())).await;
    let ran = unlist(&sandbox).await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.says("the ledger knows no listing that a consent overrules"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_opt_out_that_comes_meanwhile_is_listed_again() {
    let (sandbox, stored) = listed(Api::Acd).await;
    learn(&stored, &consent(Scope::default())).await;
    sandbox.faults.add("searchDnc:delay=5x1".parse().expect("a fault"));
    let opts_out = async {
        while sandbox.cxone.is_listed(NUMBER) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let opt_out = OptOut {
            number: number(),
            event_id: "evt-2".into(),
            event_type: "contact.opt_out".into(),
            requested_at: now(),
            received_at: now(),
            evidence: Evidence::default(),
        };
        let recorded = stored.ledger.record(&opt_out, RelistAfter::hours(24), now()).await;
        recorded.expect("it is recorded");
    };
    let (ran, ()) = tokio::join!(unlist(&sandbox), opts_out);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    assert!(ran.says("is on the list again, since its owner opted out meanwhile"), "{ran:?}");
    assert!(sandbox.cxone.is_listed(NUMBER));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cxone_refuses_is_an_error() {
    let (sandbox, stored) = listed(Api::Acd).await;
    learn(&stored, &consent(Scope::default())).await;
    sandbox.faults.add("expireDncRecords:403".parse().expect("a fault"));
    let ran = unlist(&sandbox).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.says("error: CXone forbids this operation"), "{ran:?}");
    assert!(sandbox.cxone.is_listed(NUMBER));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_api_v2_has_no_operation_for_it() {
    let (sandbox, stored) = listed(Api::V2).await;
    learn(&stored, &consent(Scope::default())).await;
    let ran = unlist(&sandbox).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.says("the API v2 takes no number off its list: do it in CXone"), "{ran:?}");
}

//! What the command reads of counts and answers, and of what else decides on calls.

use super::*;

/// Traits of a tenant, and the checks that ask a person to look, or find something wrong.
const TRAITS: &[(&str, &[&str], &[&str])] = &[
    (r#"{ "wire": { "badToken": "forbidden" } }"#, &["answers: bad-token"], &[]),
    (r#"{ "wire": { "errors": "message" } }"#, &[], &[]),
    (r#"{ "wire": { "errors": "headerAlone" } }"#, &[], &[]),
    (r#"{ "wire": { "errors": "page" } }"#, &["answers: bad-token", "answers: refusal"], &[]),
    (r#"{ "skills": { "unknown": "badRequest" } }"#, &[], &[]),
    (r#"{ "skills": { "unknown": "noContent" } }"#, &[], &[]),
    (r#"{ "skills": { "unknown": "forbidden" } }"#, &["answers: no-skill"], &[]),
    (r#"{ "contacts": { "unknown": "badRequest" } }"#, &[], &[]),
    (r#"{ "contacts": { "unknown": "noContent" } }"#, &[], &[]),
    (r#"{ "contacts": { "unknown": "forbidden" } }"#, &["answers: no-contact"], &[]),
    (r#"{ "dnc": { "nothing": "noContent" } }"#, &[], &[]),
    (r#"{ "contacts": { "total": "ofPage" } }"#, &[], &["counts: total"]),
    (r#"{ "contacts": { "total": "missing" } }"#, &[], &["counts: total"]),
    (r#"{ "contacts": { "summariesLagS": 86400 } }"#, &["counts: figures"], &[]),
    (r#"{ "contacts": { "order": "ignored" } }"#, &["counts: order"], &[]),
    (r#"{ "contacts": { "skip": "ignored" } }"#, &["counts: order"], &[]),
    (r#"{ "contacts": { "order": "ignored", "skip": "ignored" } }"#, &[], &["counts: order"]),
    (r#"{ "contacts": { "summariesDaysMax": 7 } }"#, &["counts: periods"], &[]),
    (r#"{ "contacts": { "daysMax": 7 } }"#, &["counts: periods"], &[]),
    (r#"{ "contacts": { "oddPeriods": "refused" } }"#, &[], &["counts: periods"]),
];

/// A change of a tenant, and the check that asks a person to look.
type Change = (fn(&mut Tenant), Option<&'static str>);

/// What else decides on calls.
const RESTRAINTS: &[Change] = &[
    (|it| of_campaign(it).week.is_scheduled = true, Some("hours: weekly-schedule")),
    (|it| of_campaign(it).cadences = 1, Some("hours: cadence")),
    (|it| of_campaign(it).suppression_script = Some(7), Some("hours: suppression")),
    (|it| it.business_unit.call_suppression = true, None),
];

fn names(checks: &[&str]) -> BTreeSet<String> {
    checks.iter().map(|check| (*check).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_unknown_of_a_tenant_that_reads_show_is_told() {
    for (change, look, wrong) in TRAITS {
        let sandbox = started(healthy()).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        let ran = outbound(&sandbox, &["doctor", "--json"]).await;
        let report = ran.json();
        let found = (in_state(&report, "look"), in_state(&report, "wrong"));
        assert_eq!(found, (names(look), names(wrong)), "{change}");
        assert_eq!(ran.code, Some(i32::from(!wrong.is_empty())), "{change}: looking is no fault");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_decides_on_calls_beside_the_hours_is_told() {
    for (index, (change, expected)) in RESTRAINTS.iter().enumerate() {
        let sandbox = started(healthy()).await;
        change(&mut sandbox.cxone.tenant());
        let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
        let expected = expected.map(str::to_owned).into_iter().collect();
        assert_eq!(in_state(&report, "look"), expected, "{index}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_is_in_the_report() {
    let sandbox = started(healthy()).await;
    let ran = outbound(&sandbox, &["doctor"]).await;
    for line in [
        "ok weekly-schedule: no skill has one that counts",
        "ok cadence: no skill has one",
        "ok suppression: no script suppresses calls",
        "ok attempts: 3 for each callback of 4271300, stale after 15 min",
        "ok total: totalRecords is that of all: 4",
        "ok figures: 4 dials, 4 calls, 4 connected: each dial is a call",
        "ok periods: of a minute, of 30 days, and from an odd time on",
        "ok order: by lastUpdateTime, and none comes twice",
        "ok bad-token: 401, its message in `errorDescription`, without icStatusDescription",
        "ok refusal: 400, its message in `errorDescription`, without icStatusDescription",
        "ok refusal-of-texts: 400, its message in `errors`, without icStatusDescription",
        "ok no-skill: 404 stands for it",
        "ok no-contact: 404 stands for it",
        "ok no-record: a list without the number stands for none",
    ] {
        assert!(ran.says(line), "{line}: {ran:?}");
    }
    set_trait(&sandbox, &json!({ "wire": { "errors": "headerAlone" } }));
    let ran = outbound(&sandbox, &["doctor"]).await;
    assert!(ran.says("ok refusal: 400, its message in the header icStatusDescription"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_that_fails_for_what_is_not_listed_is_wrong() {
    let sandbox = started(healthy()).await;
    sandbox.faults.add("searchDnc:404".parse().expect("a fault"));
    assert_eq!(wrong(&sandbox).await, names(&["answers: no-record"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_count_that_is_not_used_need_not_be_right() {
    let mut options = healthy();
    set(&mut options, "CxoneCompleted", "dials");
    let sandbox = started(options).await;
    set_trait(&sandbox, &json!({ "contacts": { "total": "ofPage" } }));
    assert_eq!(wrong(&sandbox).await, BTreeSet::new());
    let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
    assert_eq!(in_state(&report, "look"), names(&["counts: total"]));
}

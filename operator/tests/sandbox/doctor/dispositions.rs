//! Outcomes that agents choose, and their categories.

use super::*;

/// The report with a map of dispositions.
async fn with_map(map: &str, outcomes: &str) -> Ran {
    let mut options = healthy();
    set(&mut options, "DispositionMap", map);
    set(&mut options, "CxoneOutcomes", outcomes);
    let sandbox = started(options).await;
    outbound(&sandbox, &["doctor"]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_outcome_without_a_category_is_an_item_to_be_completed() {
    let ran = with_map(MAP, "poll").await;
    assert!(ran.says("ok of-skills: all 2 have some"), "{ran:?}");
    let told = "ok map: all 5 have a category; do_not_call: 3004 (Do not call)";
    assert!(ran.says(told), "{ran:?}");
    let ran = with_map("3001-3003=qualified_lead", "poll").await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let told = "look map: no category for 3004 (Do not call), 3009 (No answer): they are \
                unclassified.";
    assert!(ran.says(told), "{ran:?}");
    assert!(ran.says("with its category: 3004=unclassified,3009=unclassified"), "{ran:?}");
    let ran = with_map("1001=do_not_call", "poll").await;
    assert_eq!(ran.code, Some(1), "{ran:?}");
    let told = "WRONG map: no category for any outcome, do-not-call among them: 3001 (Sale)";
    assert!(ran.says(told), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn names_count_where_scripts_send_outcomes() {
    let names = "Sale=qualified_lead,Callback=callback_later,Wrong number=wrong_number,\
                 Do not call=do_not_call,No answer=unclassified";
    assert!(with_map(names, "scripts").await.says("ok map: all 5"));
    assert!(with_map(names, "poll").await.says("WRONG map: no category for any outcome"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_permission_for_dispositions_is_not_needed() {
    let sandbox = started(healthy()).await;
    forbid(&sandbox, &["dispositionsOfSkill"]);
    let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
    assert_eq!(in_state(&report, "look"), ["dispositions: of-skills".to_owned()].into());
    forbid(&sandbox, &["dispositions", "dispositionsOfSkill"]);
    let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
    let look = ["dispositions: map", "dispositions: of-skills"].map(str::to_owned);
    assert_eq!(in_state(&report, "look"), look.into());
    assert_eq!(in_state(&report, "wrong"), BTreeSet::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_without_outcomes_is_told() {
    let sandbox = started(healthy()).await;
    of_campaign(&mut sandbox.cxone.tenant()).dispositions = 0;
    let ran = outbound(&sandbox, &["doctor"]).await;
    assert!(ran.says("look of-skills: 4271901 have none: their calls have no outcome"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_skill_whose_outcomes_have_a_later_version_is_read_at_that() {
    let sandbox = started(healthy()).await;
    set_trait(&sandbox, &json!({ "wire": { "versionOldest": 13 } }));
    let ran = outbound(&sandbox, &["doctor"]).await;
    assert!(ran.says("ok of-skills: all 2 have some"), "{ran:?}");
}

//! Surveys of campaigns of which CXone refuses some, or fails.

use proptest::prelude::*;
use serde_json::{json, value::to_raw_value};

use super::*;

/// Room for finding one campaign among a hundred: the group, and two halves at each of seven steps.
const QUERIES_FOR_ONE: usize = 1 + 2 * 7;

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("c{index}")).collect()
}

fn invalid() -> Error {
    Error::Invalid { detail: "no".to_owned() }
}

/// Every campaign has completed one call.
fn counted<'a>(group: &[&'a str]) -> Totals<'a> {
    let mut totals = Totals::of(group);
    for id in group {
        let row = json!({ "campaignId": id, "callsCompleted": 1 });
        totals.add(&[to_raw_value(&row).expect("JSON")]);
    }
    totals
}

fn one() -> Progress {
    Progress { completed: 1, ..Progress::default() }
}

/// Sends queries until none is left. `refuses` returns CXone's answer to a group, if not the count.
/// Returns the outcomes and the sizes of the groups that were queried.
fn run(
    campaigns: &[String],
    refuses: impl Fn(&[&str]) -> Option<Error>,
) -> (Vec<Result<Progress, Error>>, Vec<usize>) {
    let mut survey = Survey::new(campaigns);
    let mut asked = Vec::new();
    while let Some(group) = survey.next() {
        asked.push(group.len());
        let answer = refuses(&group).map_or_else(|| Ok(counted(&group)), Err);
        survey.apply(group, answer);
    }
    (survey.outcomes(), asked)
}

#[test]
fn nothing_is_asked_about_no_campaigns() {
    assert_eq!(run(&[], |_| None), (vec![], vec![]));
}

#[test]
fn a_hundred_campaigns_share_a_query() {
    let (outcomes, asked) = run(&ids(250), |_| None);
    assert_eq!(outcomes, vec![Ok(one()); 250]);
    assert_eq!(asked, [100, 100, 50]);
}

#[test]
fn a_campaign_that_is_named_twice_is_asked_about_once() {
    let campaigns = ["a", "b", "a"].map(str::to_owned);
    let (outcomes, asked) = run(&campaigns, |_| None);
    assert_eq!(outcomes, vec![Ok(one()); 3]);
    assert_eq!(asked, [2]);
}

#[test]
fn one_refused_campaign_does_not_hold_up_the_other_99() {
    let campaigns = ids(100);
    for refused in [0, 41, 99] {
        let bad = campaigns[refused].as_str();
        let too_large = Error::Unexpected { status: 413, detail: "too large".to_owned() };
        for why in [invalid(), Error::NotFound { detail: "gone".to_owned() }, too_large] {
            let (mut outcomes, asked) =
                run(&campaigns, |group| group.contains(&bad).then(|| why.clone()));
            assert!(asked.len() <= QUERIES_FOR_ONE, "{asked:?}");
            assert_eq!(outcomes.remove(refused), Err(why));
            assert_eq!(outcomes, vec![Ok(one()); 99]);
        }
    }
}

#[test]
fn when_all_are_refused_the_queries_are_bounded() {
    let campaigns = ids(250);
    let (outcomes, asked) = run(&campaigns, |_| Some(invalid()));
    assert_eq!(outcomes, vec![Err(invalid()); 250]);
    assert_eq!(asked.len(), 3 + 2 * HALVINGS_MAX);
}

#[test]
fn a_group_full_of_refused_campaigns_leaves_the_others_their_turn() {
    let campaigns = ids(300);
    let in_the_first_group = &campaigns[..100];
    let bad = |id: &&str| in_the_first_group.iter().any(|campaign| campaign == id);
    let (outcomes, _) = run(&campaigns, |group| group.iter().any(bad).then(invalid));
    assert_eq!(outcomes[..100], vec![Err(invalid()); 100]);
    assert_eq!(outcomes[100..], vec![Ok(one()); 200]);
}

#[test]
fn a_failure_that_is_not_a_refusal_is_that_of_its_group_only() {
    let detail = "it answered 503".to_owned();
    let transient = Error::Transient { detail, retry_after: None, sent: true };
    let unexpected = Error::Unexpected { status: 200, detail: "<html>".to_owned() };
    for why in [transient, unexpected] {
        let (outcomes, asked) =
            run(&ids(250), |group| group.contains(&"c100").then(|| why.clone()));
        assert_eq!(asked, [100, 100, 50]);
        assert_eq!(outcomes[..100], vec![Ok(one()); 100]);
        assert_eq!(outcomes[100..200], vec![Err(why); 100]);
        assert_eq!(outcomes[200..], vec![Ok(one()); 50]);
    }
}

#[test]
fn what_every_query_would_meet_ends_the_asking() {
    for why in [
        Error::RateLimited { retry_after: None },
        Error::Unauthorized { detail: "no".to_owned() },
        Error::Forbidden { detail: "no".to_owned() },
    ] {
        let (outcomes, asked) =
            run(&ids(250), |group| group.contains(&"c100").then(|| why.clone()));
        assert_eq!(asked, [100, 100]);
        assert_eq!(outcomes[..100], vec![Ok(one()); 100]);
        assert_eq!(outcomes[100..], vec![Err(why); 150]);
    }
}

proptest! {
    #[test]
    fn every_campaign_gets_its_own_outcome_in_bounded_queries(
        picked in proptest::collection::vec(0_usize..400, 0..350),
        refused in proptest::collection::btree_set(0_usize..400, 0..4),
    ) {
        let known = ids(400);
        let campaigns: Vec<String> = picked.iter().map(|&at| known[at].clone()).collect();
        let is_bad = |id: &&str| refused.iter().any(|&at| known[at] == **id);
        let (outcomes, asked) = run(&campaigns, |group| group.iter().any(is_bad).then(invalid));
        prop_assert_eq!(outcomes.len(), campaigns.len());
        for (at, outcome) in picked.iter().zip(outcomes) {
            let expected = if refused.contains(at) { Err(invalid()) } else { Ok(one()) };
            prop_assert_eq!(outcome, expected);
        }
        prop_assert!(asked.len() <= 4 + 2 * HALVINGS_MAX);
        prop_assert!(asked.iter().all(|&size| (1..=CAMPAIGNS_MAX).contains(&size)));
    }
}

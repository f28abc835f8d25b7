//! Every operation with every trait, held against the description.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::cxone::acd::{contract::Contract, traits::Traits};

/// Operations that are not simulated, with the reason. There are none.
const LEFT_OUT: [(&str, &str); 0] = [];

#[test]
fn every_operation_is_served_or_left_out_for_a_reason() {
    let described: BTreeSet<&str> =
        Contract::get().operations.iter().map(|operation| operation.id.as_str()).collect();
    let served = SERVED.keys().copied();
    let known: BTreeSet<&str> = served.chain(LEFT_OUT.map(|(id, _)| id)).collect();
    assert_eq!(known, described);
    assert_eq!(described.len(), 54);
}

#[tokio::test]
async fn every_operation_answers_as_described() {
    let caller = Caller::prepared().await;
    let mut answered = BTreeSet::new();
    for ask in asks::all(&caller).await {
        let reply = caller.ask_described(&ask).await;
        let operation = &description::operation_of(&ask).id;
        // The contact has ended.
        let expected = if operation == "setDisposition" { 400..=400 } else { 200..=204 };
        assert!(expected.contains(&reply.status), "{ask:?} {reply:?}");
        answered.insert(operation.as_str());
    }
    assert!(answered.iter().eq(SERVED.keys()), "{answered:?}");
    for ask in asks::of_nothing() {
        caller.ask_described(&ask).await;
    }
}

/// Where a tenant departs from the description, because clients allow for it.
fn departures() -> BTreeMap<&'static str, Vec<&'static str>> {
    let of_skill = ["callbacksOfSkill", "skill", "skillAgents", "skillParameters"];
    BTreeMap::from([
        ("callbacks.created=\"created\"", vec!["createCallback"]),
        ("contacts.details=\"top\"", vec!["contact"]),
        ("contacts.unknown=\"badRequest\"", vec!["contact"]),
        ("contacts.unknown=\"noContent\"", vec!["tagContact"]),
        ("dnc.wrapped=false", vec!["addDncRecords", "dncGroup", "dncGroups", "dncRecords"]),
        ("hours.zoneKey=\"name\"", vec!["businessUnitTimeZones", "skillTimeZones"]),
        ("skills.single=\"inArray\"", vec!["skill"]),
        ("skills.unknown=\"badRequest\"", of_skill.to_vec()),
        ("skills.unknown=\"noContent\"", vec!["skill", "skillParameters"]),
        ("texts.created=\"accepted\"", vec!["sendOutbound"]),
        ("texts.created=\"created\"", vec!["sendOutbound"]),
        (
            "wire.errors=\"page\"",
            vec![
                "callList",
                "callbacksOfSkill",
                "contact",
                "dncGroup",
                "putSkillTimeZones",
                "setDisposition",
                "skill",
                "skillAgents",
                "skillParameters",
                "startSkill",
                "tagContact",
            ],
        ),
    ])
}

#[tokio::test]
async fn every_trait_answers_as_described_but_for_known_departures() {
    let mut found = BTreeMap::new();
    for (name, change) in Traits::variations() {
        let caller = Caller::prepared().await;
        caller.change_traits(&change);
        let mut departing = BTreeSet::new();
        let asks = asks::all(&caller).await;
        for ask in asks.into_iter().chain(asks::of_nothing()) {
            let reply = caller.ask(&ask).await;
            if description::violation(&ask, &reply).is_some() {
                departing.insert(description::operation_of(&ask).id.as_str());
            }
        }
        if !departing.is_empty() {
            found.insert(name, departing.into_iter().collect::<Vec<_>>());
        }
    }
    let known: BTreeMap<String, Vec<&str>> =
        departures().into_iter().map(|(name, operations)| (name.to_owned(), operations)).collect();
    assert_eq!(found, known);
}

//! The journey in the spelling of each API.

use std::collections::VecDeque;

use super::*;
use crate::{
    Options, Surroundings,
    cxone::acd::{DNC_GROUP, Number},
};

#[test]
fn the_api_with_numbered_contacts_spells_ids_its_own_way() {
    let journey = Journey::read_for(Api::Acd).expect("the journey");
    assert_eq!(journey.spelled(r#"{"contactId":"contact-2001"}"#), r#"{"contactId":"800002001"}"#);
    assert!(journey.cxone.contacts.keys().all(|id| id.parse::<i64>().is_ok()));
    let journey = Journey::read_for(Api::V2).expect("the journey");
    assert_eq!(journey.spelled("contact-2001"), "contact-2001");
}

#[test]
fn a_key_that_means_nothing_is_refused_wherever_it_stands() {
    let good = "{ cxone: { refused: {} }, steps: [{ event: a, marker: b, ends: listed }] }";
    Journey::parse(good).expect("a journey");
    for (right, misspelled) in
        [("cxone:", "cxon:"), ("refused:", "refusd:"), ("ends: listed", "ends: listed, replies: x")]
    {
        let error = Journey::parse(&good.replace(right, misspelled)).expect_err(misspelled);
        assert!(error.to_string().contains("unknown field"), "{error}");
    }
}

#[test]
fn every_campaign_of_a_schedule_has_its_zones() {
    let zones = Journey::read().expect("the journey").zones().expect("the samples");
    let spring = ["America/Los_Angeles", "America/New_York", "Europe/London"];
    assert!(zones["campaign-spring"].iter().eq(spring), "{zones:?}");
    assert!(zones["campaign-renewals"].is_empty(), "its contacts are in CXone");
}

#[tokio::test]
async fn the_tenant_is_prepared_as_the_other_api_is() {
    let options = Options { cxone_api: Api::Acd, ..Options::default() };
    let around = Surroundings::with(options).await.expect("the services start");
    let journey = Journey::read_for(Api::Acd).expect("the journey");
    let mut tenant = around.cxone.tenant();
    journey.cxone.prepare_tenant(&mut tenant, &journey.zones().expect("the samples"));
    let number = |text| Number::read(text).expect("a number");
    let skill = |name: &str| {
        let found = tenant.skills.iter().find(|(_, skill)| skill.name == name);
        found.expect("each campaign has one")
    };
    let zones = |name: &str| skill(name).1.hours.iter().map(|it| it.zone).collect::<Vec<_>>();
    let calls = |name: &str| {
        let lists = tenant.lists.values().filter(|list| list.skill == *skill(name).0);
        lists.flat_map(|list| list.waiting.values()).map(VecDeque::len).sum::<usize>()
    };
    assert_eq!(zones("campaign-renewals").len(), 4);
    assert!(!zones("campaign-winback").contains(&"Hawaiian Standard Time"));
    assert_eq!((calls("campaign-renewals"), calls("campaign-spring")), (120, 40));
    assert!(!skill("campaign-spring").1.is_running && skill("campaign-1").1.is_running);
    assert!(skill("campaign-closed").1.refuses_callbacks.is_some());
    assert!(tenant.refused.contains_key(&number("+12025550113")));
    assert!(tenant.groups[&DNC_GROUP].records.contains_key(&number("+12025550112")));
    let contact = &tenant.contacts[&800_002_001];
    assert_eq!(contact.number, Some(number("+12125550130")));
}

//! What a tenant shows of itself as a whole.

use std::collections::HashMap;

use super::*;
use crate::{AcceptHeader, Disposition, InspectedUnit, OfferedPath};

#[tokio::test]
async fn a_business_unit_is_as_cxone_describes_it() {
    let row = json!({ "businessUnitId": 4271, "businessUnitName": "Main",
        "defaultTimeZone": "Eastern Standard Time", "apiPublishedLimit": 9 });
    let described = InspectedUnit {
        id: Some("4271".to_owned()),
        name: Some("Main".to_owned()),
        zone: Some("Eastern Standard Time".to_owned()),
        clocks: Some(outbound::Tz::America__New_York),
        published_limit: Some(9),
    };
    let zone = |name: &str, clocks| InspectedUnit {
        zone: Some(name.to_owned()),
        clocks,
        ..InspectedUnit::default()
    };
    for (row, expected) in [
        (row, described),
        (json!({}), InspectedUnit::default()),
        (
            json!({ "defaultTimeZone": "Europe/Paris" }),
            zone("Europe/Paris", Some(outbound::Tz::Europe__Paris)),
        ),
        (json!({ "defaultTimeZone": "(GMT) Mars" }), zone("(GMT) Mars", None)),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("businessUnit", [ok(json!({ "businessUnits": [row] }))]);
        let client = tenant.client(&[]);
        let inspection = client.inspection().expect("the ACD services");
        assert_eq!(inspection.business_unit(soon()).await, Ok(expected));
    }
    let tenant = Tenant::new().await;
    tenant.script("businessUnit", [ok(json!({ "businessUnits": [] }))]);
    let client = tenant.client(&[]);
    assert!(client.inspection().expect("ACD").business_unit(soon()).await.is_err());
}

#[tokio::test]
async fn divisions_are_those_of_the_skills() {
    for (answer, expected) in [
        (json!({ "skillActivity": [{ "skillId": 1 }, { "skillId": 2 }] }), vec![]),
        (json!({ "skillActivity": [] }), vec![]),
        (json!({}), vec![]),
        (
            json!({ "skillActivity": [{ "skillId": 1, "divisionNo": 3 }, { "divisionNo": 3 }] }),
            vec![3],
        ),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("skillActivities", [ok(answer)]);
        let client = tenant.client(&[]);
        let divisions = client.inspection().expect("the ACD services").divisions(soon()).await;
        assert_eq!(divisions, Ok(expected.into_iter().collect()));
    }
}

#[tokio::test]
async fn the_accept_header_is_the_one_that_is_tried() {
    let server = server().await;
    Mock::given(path("/auth/token"))
        .respond_with(status(200).set_body_json(json!({ "access_token": TOKEN })))
        .mount(&server)
        .await;
    for (sent, answer) in [
        ("application/json", status(200).set_body_json(json!({ "businessUnits": [] }))),
        ("*/*", status(406).set_body_string("<html>")),
        ("", status(200).set_body_string("<html>")),
    ] {
        Mock::given(wiremock::matchers::header("accept", sent))
            .and(wiremock::matchers::method("GET"))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let token_url = format!("{}/auth/token", server.uri());
    let client =
        client_of(&server.uri(), &[("CXONE_API", "acd"), ("CXONE_TOKEN_URL", &*token_url)]);
    let inspection = client.inspection().expect("the ACD services");
    for (header, expected) in [
        (AcceptHeader::Json, (200, true)),
        (AcceptHeader::Anything, (406, false)),
        (AcceptHeader::Empty, (200, false)),
    ] {
        let (seen, is_json) = inspection.read_accepting(header, soon()).await.expect("an answer");
        assert_eq!((seen.status, is_json), expected, "{header:?}");
    }
}

/// The versions that are found of an operation, where each row of the list is this one.
async fn versions(operation: &str, row: Value) -> OfferedPath {
    let tenant = Tenant::new().await;
    tenant.script("apiVersions", [ok(json!({ "apiInfo": [row] }))]);
    let client = tenant.client(&[]);
    let paths = client.inspection().expect("the ACD services").offered_paths(soon()).await;
    paths.expect("paths").into_iter().find(|path| path.operation == operation).expect(operation)
}

#[tokio::test]
async fn the_versions_of_a_path_are_found_however_it_is_written() {
    for (uri, verb, version, is_found) in [
        ("/skills/{skillId}/start", "POST", json!(30), true),
        ("skills/{id}/start", "post", json!("30.0"), true),
        ("/incontactapi/services/v30.0/Skills/{skillId}/Start", "POST", json!("v30.0"), true),
        ("incontactapi/services/{version}/skills/:skill/start", "POST", json!(30.0), true),
        ("/skills/{skillId}/start?force={force}", "POST", json!(30), true),
        ("/skills/{skillId}/start", "GET", json!(30), false),
        ("/skills/{skillId}/stop", "POST", json!(30), false),
        ("/skills/{skillId}", "POST", json!(30), false),
        ("/campaigns/skills/{skillId}/start", "POST", json!(30), false),
        ("/skills/{skillId}/start", "POST", json!("newest"), false),
    ] {
        let row = json!({ "uri": uri, "verb": verb, "version": version });
        let path = versions("startSkill", row).await;
        assert_eq!(path.is_offered(), is_found, "{uri}: {path:?}");
        assert_eq!(path.offered.is_empty(), !is_found, "{uri}: {path:?}");
    }
    let row = json!({ "uri": "/skills/{skillId}", "verb": "GET", "version": 34 });
    assert!(!versions("skillActivities", row).await.is_offered(), "`activity` is no placeholder");
}

#[tokio::test]
async fn a_path_is_asked_for_by_its_first_word_and_has_a_setting() {
    let tenant = Tenant::new().await;
    tenant.script("apiVersions", [ok(json!({})), ok(json!({})), empty(204).odd()]);
    let own = "/incontactapi/services/v33.0/scheduled-callbacks";
    let client =
        tenant.client(&[("CXONE_PATH_CREATE_CALLBACK", own), ("CXONE_PATH_SKILL", "/s/{skillId}")]);
    let paths = client.inspection().expect("the ACD services").offered_paths(soon()).await;
    let paths = paths.expect("paths");
    let find = |operation: &str| paths.iter().find(|path| path.operation == operation);
    let create = find("createCallback").expect("it is called");
    assert_eq!((create.version, &*create.setting), (33, "CXONE_PATH_CREATE_CALLBACK"));
    assert_eq!(create.at(31), "/incontactapi/services/v31.0/scheduled-callbacks");
    assert!(find("skill").is_none(), "its path has no version");
    assert!(find("sendOutbound").is_none(), "it is of another service");
    let words: Vec<String> = tenant
        .requests("apiVersions")
        .iter()
        .map(|request| request.url.query().expect("a query").to_owned())
        .collect();
    let mut expected = words.clone();
    expected.sort();
    expected.dedup();
    assert_eq!(words.len(), expected.len(), "each word once: {words:?}");
    assert!(words.contains(&"searchUriText=scheduled-callbacks".to_owned()), "{words:?}");
}

#[tokio::test]
async fn the_list_of_versions_is_asked_for_at_a_version_that_the_tenant_has() {
    let tenant = Tenant::new().await;
    tenant.on("apiVersions", |request| {
        let is_offered = request.url.path().starts_with("/incontactapi/services/v25.0/");
        let row = json!({ "uri": "/scheduled-callbacks", "verb": "POST", "version": 25 });
        if is_offered { ok(json!({ "apiInfo": [row] })) } else { empty(404).odd() }
    });
    let client = tenant.client(&[]);
    let paths = client.inspection().expect("the ACD services").offered_paths(soon()).await;
    let paths = paths.expect("paths");
    assert!(paths.iter().any(|path| path.operation == "createCallback" && path.is_offered()));
    let tenant = Tenant::new().await;
    tenant.script("apiVersions", [empty(404).odd()]);
    let client = tenant.client(&[]);
    let none = client.inspection().expect("the ACD services").offered_paths(soon()).await;
    assert!(matches!(none, Err(Error::NotFound { .. })), "{none:?}");
}

#[test]
fn the_verb_of_an_operation_is_that_of_the_contract() {
    use crate::{acd::Operation, paths::Operation as _};
    for operation in Operation::ALL {
        let items = contract()["paths"].as_object().expect("paths").values();
        let found = items
            .flat_map(|item| item.as_object().expect("operations"))
            .find(|(_, described)| described["operationId"] == operation.id());
        let (verb, _) = found.expect("it is described");
        assert_eq!(crate::acd::verb(*operation), verb.to_ascii_uppercase(), "{operation:?}");
    }
}

fn disposition(id: u64) -> Value {
    json!({ "dispositionId": id, "dispositionName": format!("D{id}"), "isActive": true })
}

#[tokio::test]
async fn all_pages_of_dispositions_are_read_and_those_in_use_kept() {
    for (count, skips) in
        [(0_u64, true), (1, true), (100, true), (101, true), (250, true), (250, false)]
    {
        let tenant = Tenant::new().await;
        tenant.on("dispositions", move |request| {
            let query: HashMap<_, _> = request.url.query_pairs().into_owned().collect();
            let number = |name: &str| query[name].parse::<u64>().expect("a number");
            let skip = if skips { number("skip") } else { 0 };
            let rows: Vec<Value> =
                (skip..count.min(skip + number("top"))).map(disposition).collect();
            ok(json!({ "totalRecords": count, "dispositions": rows }))
        });
        let client = tenant.client(&[]);
        let found = client.inspection().expect("the ACD services").dispositions(soon()).await;
        let expected = if skips { count } else { 100 };
        assert_eq!(found.expect("dispositions").len() as u64, expected);
    }
    let tenant = Tenant::new().await;
    let off = json!({ "dispositionId": 8, "dispositionName": "Old", "isActive": false });
    let nameless = json!({ "dispositionId": 9 });
    let rows = json!({ "dispositions": [disposition(7), off, nameless, {}] });
    tenant.script("dispositions", [ok(rows)]);
    let client = tenant.client(&[]);
    let found = client.inspection().expect("the ACD services").dispositions(soon()).await;
    let named = |id: &str, name: Option<&str>| Disposition {
        id: id.to_owned(),
        name: name.map(str::to_owned),
    };
    assert_eq!(found, Ok(vec![named("7", Some("D7")), named("9", None)]));
}

#[tokio::test]
async fn dispositions_of_a_skill_are_read_at_a_later_version_if_need_be() {
    let rows = || ok(json!({ "dispositions": [{ "dispositionId": 7, "priority": 1 }] }));
    for (first, second, expected) in [
        (rows(), None, Some(1)),
        (empty(204), None, Some(0)),
        (empty(404), Some(rows()), Some(1)),
        (reply(403, json!({ "error": "no" })), Some(rows()), Some(1)),
        (empty(404), Some(empty(404)), None),
    ] {
        let tenant = Tenant::new().await;
        let is_tried_again = second.is_some();
        tenant.script("dispositionsOfSkill", [first].into_iter().chain(second));
        let client = tenant.client(&[]);
        let found = client.inspection().expect("the ACD services").dispositions_of(9, soon()).await;
        assert_eq!(found.ok().map(|found| found.len()), expected);
        let paths: Vec<String> = tenant
            .requests("dispositionsOfSkill")
            .iter()
            .map(|request| request.url.path().to_owned())
            .collect();
        assert_eq!(paths[0], "/incontactapi/services/v12.0/skills/9/dispositions");
        let later = "/incontactapi/services/v30.0/skills/9/dispositions";
        assert_eq!(paths.get(1).is_some_and(|path| path == later), is_tried_again);
    }
}

//! Requests checked against the description of CXone's operations: nothing that it requires is left
//! out, and nothing is sent that it does not describe.

use std::collections::{BTreeMap, BTreeSet};

use url::form_urlencoded;

use super::*;

fn contract() -> Value {
    serde_yaml_ng::from_str(include_str!("contract/cxone.openapi.yaml")).expect("YAML")
}

/// Lets an object have no other properties than those that are described.
fn strict(mut schema: Value) -> Value {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            *property = strict(property.take());
        }
        schema["additionalProperties"] = json!(false);
    }
    if let Some(items) = schema.get_mut("items") {
        *items = strict(items.take());
    }
    schema
}

fn assert_valid(schema: &Value, value: &Value, what: &str) {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&strict(schema.clone()))
        .expect("a schema");
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {errors:?} in {value}");
}

/// Returns whether a path matches a template such as `/contacts/{contactId}`.
pub(super) fn is_of(template: &str, path: &str) -> bool {
    let (template, path): (Vec<_>, Vec<_>) =
        (template.split('/').collect(), path.split('/').collect());
    template.len() == path.len()
        && template.iter().zip(path).all(|(expected, segment)| {
            expected.starts_with('{') && !segment.is_empty() || *expected == segment
        })
}

fn pairs<'a>(
    pairs: impl Iterator<Item = (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>)>,
) -> BTreeMap<String, Value> {
    pairs.map(|(name, value)| (name.into_owned(), json!(value))).collect()
}

fn assert_parameters(parameters: &[&Value], request: &Request, id: &str) {
    let mut query = pairs(request.url.query_pairs());
    for parameter in parameters {
        let name = parameter["name"].as_str().expect("a name");
        let sent = match parameter["in"].as_str() {
            Some("header") => {
                request.headers.get(name).map(|value| json!(value.to_str().expect("text")))
            }
            Some("query") => query.remove(name),
            _ => continue,
        };
        let Some(mut sent) = sent else {
            assert_ne!(parameter["required"], true, "{id}: {name} is not sent");
            continue;
        };
        if parameter["schema"]["type"] == "integer" {
            sent = serde_json::from_str(sent.as_str().expect("text")).expect("a number");
        }
        assert_valid(&parameter["schema"], &sent, &format!("{id}: {name}"));
    }
    assert!(query.is_empty(), "{id}: {query:?} is sent");
}

/// Asserts that a request is as the contract has it. Returns its operation.
fn assert_described(contract: &Value, request: &Request) -> String {
    let path = request.url.path();
    let paths = contract["paths"].as_object().expect("paths");
    let (_, item) = paths.iter().find(|(template, _)| is_of(template, path)).expect(path);
    let operation = &item[request.method.as_str().to_ascii_lowercase()];
    let id = operation["operationId"].as_str().expect("an operation").to_owned();
    let parameters = [&item["parameters"], &operation["parameters"]];
    let parameters: Vec<&Value> =
        parameters.into_iter().filter_map(Value::as_array).flatten().collect();
    assert_parameters(&parameters, request, &id);
    assert_eq!(operation["security"] != json!([]), request.headers.contains_key("authorization"));
    let content = &operation["requestBody"]["content"];
    let form = &content["application/x-www-form-urlencoded"]["schema"];
    let body = &content["application/json"]["schema"];
    if form.is_object() {
        let sent = json!(pairs(form_urlencoded::parse(&request.body)));
        assert_valid(form, &sent, &id);
    } else if body.is_object() {
        assert_eq!(request.headers["content-type"], "application/json", "{id}");
        assert_valid(body, &super::body(request), &id);
    } else {
        assert!(request.body.is_empty(), "{id}");
    }
    id
}

#[tokio::test]
async fn every_request_is_as_the_contract_has_it() {
    let server = server().await;
    let conflicts = json!({ "conflicts": [{ "contactId": "+12025550000" }] });
    answer(&server, status(409).set_body_json(conflicts), Some(1)).await;
    let page = json!({ "data": [], "page": 1, "totalPages": 1, "forecast": [], "id": "1" });
    Mock::given(wiremock::matchers::any())
        .respond_with(status(200).set_body_json(page))
        .mount(&server)
        .await;
    // Credentials in the body, so that the token request has no header.
    let client = client_with(
        &server,
        &[("CXONE_TOKEN_AUTH", "form"), ("CXONE_SCOPE", "outbound:dnc:write contact:read")],
    );
    let (callback, url) = (callbacks::callback(), registrations::url());
    assert_eq!(add(&client, 2).await, vec![DncOutcome::Listed; 2]);
    client.capacity("spring", &callback.window, soon()).await.expect("a forecast");
    callbacks::schedule_after(&client, &callback, -60).await.expect("a contact");
    client.send_sms(&sms::sms(), soon()).await.expect("a session");
    client.list_contacts("spring", 1, soon()).await.expect("a page");
    client.submit_schedule(&campaigns::schedule(), soon()).await.expect("a schedule");
    client.progress(&["spring".to_owned()], &callback.window, soon()).await;
    client.contact("1", soon()).await.expect("a contact");
    client.record_disposition(&contacts::record(), soon()).await.expect("it is written");
    client.register_opt_outs(&url, soon()).await.expect("it is registered");
    client.register_interactions(&url, soon()).await.expect("it is registered");

    let contract = contract();
    let sent = server.received_requests().await.expect("they are recorded");
    let sent: BTreeSet<String> =
        sent.iter().map(|request| assert_described(&contract, request)).collect();
    let items = contract["paths"].as_object().expect("paths").values();
    let described = items.flat_map(|item| item.as_object().expect("operations").values());
    let described: BTreeSet<String> = described
        .filter_map(|operation| operation["operationId"].as_str().map(str::to_owned))
        .collect();
    assert_eq!(sent, described, "all are used, and no others");
}

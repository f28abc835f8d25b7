//! Requests that are not as the description has them. Each is made from one that is, and refused.

use super::*;

/// Asks that differ from a good one in one respect that the description does not allow.
fn broken(ask: &Ask) -> Vec<(String, Ask)> {
    let document = &description::operation_of(ask).document;
    let mut broken = Vec::new();
    let separator = if ask.path.contains('?') { '&' } else { '?' };
    let path = format!("{}{separator}undescribed=1", ask.path);
    broken.push(("undescribed parameter".to_owned(), Ask { path, ..ask.clone() }));
    broken.extend(with_broken_parameters(ask, document));
    match (&ask.body, &document["requestBody"]["content"]) {
        (None, content) if content.is_null() => {
            let body = Some(json!({}));
            broken.push(("undescribed body".to_owned(), Ask { body, ..ask.clone() }));
        }
        (Some(body), content) => {
            let content = content.as_object().expect("media types").values().next();
            let schema = &content.expect("a media type")["schema"];
            let schema = if schema["oneOf"].is_array() { &schema["oneOf"][0] } else { schema };
            let mut bodies = Vec::new();
            break_value(body, schema, "", &mut |what, body| bodies.push((what, body)));
            let asks = bodies.into_iter();
            broken.extend(asks.map(|(what, body)| (what, Ask { body: Some(body), ..ask.clone() })));
        }
        _ => {}
    }
    broken
}

/// Without a required parameter; with values of another type; with one given twice.
fn with_broken_parameters(ask: &Ask, document: &Value) -> Vec<(String, Ask)> {
    let Some((path, query)) = ask.path.split_once('?') else { return Vec::new() };
    let mut broken = Vec::new();
    for parameter in document["parameters"].as_array().into_iter().flatten() {
        let name = parameter["name"].as_str().expect("a name");
        let own = format!("{name}=");
        let others: Vec<&str> = query.split('&').filter(|it| !it.starts_with(&own)).collect();
        if others.len() == query.split('&').count() {
            continue;
        }
        let mut push = |what: &str, more: &str| {
            let query = [others.join("&"), more.to_owned()].join("&");
            let path = format!("{path}?{}", query.trim_matches('&'));
            broken.push((format!("{what} {name}"), Ask { path, ..ask.clone() }));
        };
        if parameter["required"] == true {
            push("without", "");
        }
        let typed = matches!(parameter["schema"]["type"].as_str(), Some("integer" | "boolean"))
            || parameter["schema"]["format"] == "date-time";
        if typed {
            push("another type of", &format!("{name}=tomorrow"));
        }
        if parameter["schema"]["type"] != "array" {
            push("twice", &format!("{name}=1&{name}=1"));
        }
    }
    broken
}

/// Calls back with each value that is broken in one place.
fn break_value(value: &Value, schema: &Value, at: &str, push: &mut dyn FnMut(String, Value)) {
    if let Some(other) = of_another_type(schema) {
        push(format!("{at} of another type"), other);
    }
    if let (Some(members), true) = (value.as_object(), schema["properties"].is_object()) {
        let mut more = value.clone();
        more["undescribed"] = json!(1);
        push(format!("{at} with an undescribed member"), more);
        for (name, member) in members {
            if schema["required"].as_array().into_iter().flatten().any(|it| it == name) {
                let mut fewer = members.clone();
                fewer.remove(name);
                push(format!("without {at}/{name}"), fewer.into());
            }
            let at = format!("{at}/{name}");
            break_value(member, &schema["properties"][name], &at, &mut |what, broken| {
                let mut members = members.clone();
                members.insert(name.clone(), broken);
                push(what, members.into());
            });
        }
    }
    if let (Some([item, ..]), true) =
        (value.as_array().map(Vec::as_slice), schema["items"].is_object())
    {
        break_value(item, &schema["items"], &format!("{at}/0"), &mut |what, broken| {
            push(what, json!([broken]));
        });
    }
}

fn of_another_type(schema: &Value) -> Option<Value> {
    match schema["type"].as_str()? {
        "string" => Some(json!(7)),
        "integer" | "number" | "boolean" => Some(json!("seven")),
        "array" => Some(json!({})),
        _ => Some(json!([])),
    }
}

#[tokio::test]
async fn a_request_that_breaks_the_description_is_refused() {
    let caller = Caller::prepared().await;
    // Otherwise it would be refused as it is.
    caller.change_traits(&json!({ "contacts": { "dispositionOnEnded": "accepted" } }));
    let mut count = 0;
    for ask in asks::all(&caller).await {
        // A form has only texts, and another client is refused with 401.
        let is_form = ask.path.starts_with("/auth/token");
        for (what, broken) in broken(&ask) {
            if is_form && what.contains("of another type") {
                continue;
            }
            let reply = caller.ask(&broken).await;
            assert_eq!(reply.status, 400, "{what}: {broken:?} {reply:?}");
            count += 1;
        }
    }
    assert!(count > 150, "{count}");
}

#[tokio::test]
async fn what_is_refused_has_no_effect() {
    let caller = Caller::prepared().await;
    let asks = asks::all(&caller).await;
    let before = caller.cxone.state();
    for ask in asks {
        for (_, broken) in broken(&ask) {
            if !ask.path.starts_with("/auth") {
                caller.ask(&broken).await;
            }
        }
    }
    let mut after = caller.cxone.state();
    // The record of requests grows, and time passes.
    after["calls"] = before["calls"].clone();
    after["acd"]["now"] = before["acd"]["now"].clone();
    assert_eq!(after, before);
}

#[tokio::test]
async fn a_body_must_be_json_and_say_so() {
    let caller = Caller::prepared().await;
    let ask = post("/dnc-groups/1001/records", asks::records(&[2_025_550_142]));
    let text = ask.body.clone().expect("a body").to_string();
    let bare = Ask { body: None, ..ask };
    assert_eq!(reply(caller.request(&bare).body(text.clone())).await.status, 400);
    let json = "application/json; charset=utf-8";
    let said = |body: String| caller.request(&bare).header("content-type", json).body(body);
    assert_eq!(reply(said(text.clone())).await.status, 200);
    assert_eq!(reply(said(text.replace('}', ""))).await.status, 400);
}

#[tokio::test]
async fn a_path_that_is_not_described_is_not_found() {
    let caller = Caller::prepared().await;
    for path in ["//skills/1", "/skill", "//incontactapi/services/v30/skills", "//"] {
        assert_eq!(caller.ask(&get(path)).await.status, 404, "{path}");
    }
    let reply = caller.ask(&get("/contacts/one")).await;
    assert_eq!(reply.status, 400, "an id is a number");
}

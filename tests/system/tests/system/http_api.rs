//! `openapi.yaml` describes what the running functions do.

mod description;
mod problems;

use std::{collections::BTreeSet, fs};

use chrono::Utc;
use reqwest::Client;
use sandbox::{
    Options, Sandbox,
    events::{Event, HttpRequest},
    journey::Journey,
    template::{Template, Trigger},
    workspace_root,
};
use serde_json::Value;
use system::Reply;

use description::Description;

/// Sends a request as it is.
async fn send(sandbox: &Sandbox, request: &HttpRequest) -> Reply {
    let url = format!("{}{}", sandbox.gateway_url, request.path);
    let method = request.method.parse().expect("a method");
    let mut sent = Client::new().request(method, url).body(request.body.clone());
    for (name, value) in &request.headers {
        sent = sent.header(name, value);
    }
    Reply::of(sent.send().await.expect("the gateway answers")).await
}

/// The sample events that are requests, with their names.
fn samples() -> Vec<(String, HttpRequest)> {
    let now = Utc::now();
    let events = workspace_root().join("events");
    let folders = fs::read_dir(&events).expect("the samples").map(|entry| entry.expect("an entry"));
    let folders = folders.map(|entry| entry.path()).filter(|path| path.is_dir());
    let mut names: Vec<String> = folders
        .flat_map(|folder| fs::read_dir(folder).expect("a folder"))
        .map(|entry| entry.expect("an entry").path())
        .map(|path| path.strip_prefix(&events).expect("below").to_string_lossy().into_owned())
        .collect();
    names.sort();
    let request = |name: String| match Event::read(&name, now).expect("an event") {
        Event::Http(request) => Some((name, request)),
        _ => None,
    };
    names.into_iter().filter_map(request).collect()
}

#[test]
fn the_routes_are_those_of_the_template() {
    let template = Template::read(&workspace_root().join("template.yaml")).expect("the template");
    let triggers = template.functions.iter().flat_map(|function| &function.triggers);
    let routes: BTreeSet<String> = triggers
        .filter_map(|trigger| match trigger {
            Trigger::Http(route) => Some(format!("{} {}", route.method, route.path)),
            _ => None,
        })
        .collect();
    assert_eq!(Description::read().routes(), routes);
}

#[test]
fn every_example_of_a_request_is_a_good_one() {
    let description = Description::read();
    for route in description.routes() {
        let path = route.trim_start_matches("POST ");
        for example in description.examples(path) {
            assert_eq!(description.violations_of_request(path, example), [""; 0], "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_sample_is_answered_as_described() {
    let description = Description::read();
    let sandbox = system::sandbox(Options::default()).await;
    Journey::read().expect("the journey").prepare(&sandbox).expect("the samples");
    for (name, request) in samples() {
        let reply = send(&sandbox, &request).await;
        assert_eq!(description.violations(&request.path, &reply), [""; 0], "{name}: {reply:?}");
        // What is no interaction is not refused, but kept for a person.
        if reply.status < 300 && reply.body["status"] != "dead_lettered" {
            let body: Value = serde_json::from_slice(&request.body).expect("JSON");
            let violations = description.violations_of_request(&request.path, &body);
            assert_eq!(violations, [""; 0], "{name}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_of_the_sandbox_has_the_description() {
    let sandbox = system::sandbox(Options::default()).await;
    let url = format!("{}{}", sandbox.gateway_url, sandbox::openapi::PATH);
    let served = reqwest::get(url).await.expect("an answer").text().await.expect("a text");
    assert_eq!(
        served,
        fs::read_to_string(workspace_root().join("openapi.yaml")).expect("the file")
    );
}

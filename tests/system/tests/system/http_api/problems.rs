//! Every problem that is described can be had, and there are no others.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveTime, TimeDelta, Utc};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use system::{Delivery, PATIENCE, Sender, numbers, sandbox};

use super::description::Description;

/// Longer than what is taken in.
const BODY_BYTES: usize = 256 * 1024 + 1;

/// The problems of one path, as they are had.
struct Problems<'a> {
    description: Description,
    sandbox: &'a Sandbox,
    path: &'static str,
    had: BTreeSet<String>,
}

impl<'a> Problems<'a> {
    /// Those that all paths have in common.
    async fn common(sandbox: &'a Sandbox, path: &'static str) -> Self {
        let description = Description::read();
        let mut problems = Self { description, sandbox, path, had: BTreeSet::new() };
        problems.send(Delivery::of("{")).await;
        problems.send(Delivery::of("{}").unsigned()).await;
        problems.send(Delivery::of("{}").typed("text/plain")).await;
        problems.send(Delivery::of(" ".repeat(BODY_BYTES))).await;
        problems
    }

    /// Sends something, and holds the answer against the description.
    async fn send(&mut self, delivery: Delivery) {
        let reply = Sender::to(self.sandbox, self.path).send(&delivery).await;
        assert_eq!(self.description.violations(self.path, &reply), [""; 0], "{reply:?}");
        if reply.headers["content-type"] == "application/problem+json" {
            self.had.insert(reply.word());
        }
    }

    async fn send_event(&mut self, event: &Value) {
        self.send(Delivery::of(event.to_string())).await;
    }

    /// The same on a bad day.
    async fn send_despite(&mut self, faults: &[&str], event: &Value) {
        for fault in faults {
            self.sandbox.faults.add(fault.parse().expect("a fault"));
        }
        self.send_event(event).await;
        self.sandbox.faults.clear();
    }

    /// Asserts that every described problem was seen, except those that cannot be had here.
    fn assert_complete(&self, except: &[&str]) {
        let described = self.description.problems(self.path);
        let expected = described.into_iter().filter(|problem| !except.contains(&problem.as_str()));
        assert_eq!(self.had, expected.collect(), "{}", self.path);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_problems_of_opt_outs_are_as_described() {
    let sandbox = sandbox(Options::default()).await;
    let mut problems = Problems::common(&sandbox, "/webhook/opt-out").await;
    problems.send_event(&json!([])).await;
    problems.send_event(&json!({})).await;
    problems.send_event(&json!({ "eventType": "contact.created" })).await;
    let mut event = json!({ "eventType": "contact.opt_out", "data": {} });
    problems.send_event(&event).await;
    event["data"]["phoneNumber"] = numbers::number(0).into();
    problems.send_despite(&["SendMessage:500"], &event).await;
    event["eventType"] = json!("contact.opt_in");
    event["data"]["scope"] = json!("all");
    problems.send_event(&event).await;
    // Whoever works on it has ten seconds, which a slow machine may spend before the next event.
    problems.assert_complete(&["409 in_progress"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_problems_of_call_results_are_as_described() {
    let sandbox = sandbox(Options::default()).await;
    let mut problems = Problems::common(&sandbox, "/webhook/call-result").await;
    problems.send_event(&json!([])).await;
    problems.send_event(&json!({})).await;
    problems.send_event(&json!({ "contactId": "contact-1" })).await;
    let mut event = json!({ "contactId": "contact-1", "dispositionCode": ["1001"] });
    problems.send_event(&event).await;
    event["dispositionCode"] = "1001".into();
    problems.send_despite(&["SendMessage:500"], &event).await;
    problems.assert_complete(&["409 in_progress"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_problems_of_interactions_are_as_described() {
    let sandbox = sandbox(Options::default()).await;
    let mut problems = Problems::common(&sandbox, "/webhooks/cxone").await;
    // It is neither stored nor given back, as if the function had died.
    problems
        .send_despite(&["SendMessage:500", "UpdateItem:500", "DeleteItem:500"], &json!([1]))
        .await;
    problems.send_event(&json!([1])).await;
    problems.assert_complete(&[]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_problems_of_callbacks_are_as_described_in_v2() {
    let sandbox = sandbox(Options::default()).await;
    sandbox.cxone.set_forecast("campaign-unknown", Vec::new());
    let no_agents = vec![(Utc::now() + TimeDelta::hours(1), 0.0)];
    sandbox.cxone.set_forecast("campaign-full", no_agents);
    sandbox.cxone.refuse_contacts("campaign-closed", "the campaign is closed");

    let mut problems = Problems::common(&sandbox, "/callbacks").await;
    problems.send_event(&json!({})).await;
    for (index, campaign) in
        ["campaign-unknown", "campaign-full", "campaign-closed"].iter().enumerate()
    {
        problems.send_event(&callback(campaign, index)).await;
    }
    for (index, key) in ["two words", "key-1", "key-1"].into_iter().enumerate() {
        problems.send(Delivery::of(callback("campaign-1", index).to_string()).keyed(key)).await;
    }
    let event = callback("campaign-1", 9);
    problems.send_despite(&["forecast:kill=callback-intakex1"], &event).await;
    problems.send_event(&event).await;
    let event = callback("campaign-1", 10);
    problems.send_despite(&["PutItem:500"], &event).await;
    problems.send_despite(&["createContact:403"], &event).await;
    let event = callback("campaign-1", 12);
    problems.send_despite(&["createContact:503"], &event).await;
    // The last one may be in CXone: it is withdrawn when its customer opts out.
    opt_out(&sandbox, 12).await;
    for _ in ["withdrawn", "opted_out"] {
        problems.send_event(&event).await;
    }
    let mut event = callback("campaign-1", 13);
    event["phoneNumber"] = json!("+18005550110");
    problems.send_event(&event).await;
    problems.assert_complete(&["422 too_many_attempts"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limit_on_attempts_is_described_in_v2() {
    // Sales calls: those that Florida limits.
    let options = Options { parameters: BTreeMap::new(), ..Options::default() };
    let sandbox = sandbox(options).await;
    let mut problems = Problems::common(&sandbox, "/callbacks").await;
    let noon = NaiveTime::from_hms_opt(17, 0, 0).expect("a time");
    let start = (Utc::now() + TimeDelta::days(1)).date_naive().and_time(noon).and_utc();
    for campaign in ["campaign-1", "campaign-2"] {
        sandbox.cxone.set_forecast(campaign, vec![(start, 9.0)]);
        let mut event = callback(campaign, 0);
        event["phoneNumber"] = json!("+13055550110");
        event["requestedStart"] = json!(start);
        event["requestedEnd"] = json!(start + TimeDelta::hours(2));
        problems.send_event(&event).await;
    }
    assert!(problems.had.contains("422 too_many_attempts"), "{:?}", problems.had);
}

/// Has a number opt out, and waits until everything of it is done.
async fn opt_out(sandbox: &Sandbox, index: usize) {
    let event = json!({
        "eventType": "contact.opt_out", "data": { "phoneNumber": numbers::number(index) },
    });
    Sender::to(sandbox, "/webhook/opt-out").deliver(&event).await;
    sandbox.wait_until_idle(PATIENCE).await.expect("the queues empty");
}

/// A request for four hours from the next on.
fn callback(campaign: &str, index: usize) -> Value {
    let start = Utc::now() + TimeDelta::hours(1);
    json!({
        "phoneNumber": numbers::number(index),
        "requestedStart": start,
        "requestedEnd": start + TimeDelta::hours(4),
        "campaignId": campaign,
        "language": "en-US",
    })
}

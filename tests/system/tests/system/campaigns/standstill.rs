//! A campaign that cannot start, or starts in part, is counted where an alarm hangs on it.

use chrono::TimeDelta;
use sandbox::{Options, Sandbox, cxone::ContactList};
use serde_json::{Value, json};
use system::metrics_once;

use super::{advance_into, campaign, plan, poll, run, runs, sandbox};

/// A campaign whose contacts are in CXone.
fn in_cxone(id: &str) -> Value {
    json!({ "campaignId": id, "cron": "0 10 * * *", "expectedCompleted": 40, "purpose": "service" })
}

fn contact(index: usize) -> (String, Option<String>) {
    (format!("contact-{index}"), Some("Europe/London".to_owned()))
}

/// The last line of metrics of a function that was invoked so often.
async fn last_metrics(sandbox: &Sandbox, function: &str, invocations: usize) -> Value {
    let lines = metrics_once(sandbox, function, |lines| lines.len() >= invocations).await;
    lines.last().cloned().unwrap_or_default()
}

async fn assert_failed(sandbox: &Sandbox, report: &Value) {
    assert_eq!(report["campaigns"][0]["status"], "failed", "{report}");
    assert_eq!(report["campaigns"][1]["status"], "scheduled", "{report}");
    let metrics = last_metrics(sandbox, "campaign-scheduler", 1).await;
    assert_eq!(metrics["campaigns_failed"], 1, "{metrics}");
    assert_eq!(metrics["outcome"], "partly_scheduled", "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_whose_contacts_cannot_be_read_has_failed_and_the_others_go_on_in_v2() {
    for (fault, why) in [("404", "does not know"), ("400", "content"), ("html", "no page of")] {
        let fault = format!("listContacts:{fault}").parse().expect("a fault");
        let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
        let good = campaign(&sandbox, "good", &["Europe/London"]);
        let report = plan(&sandbox, &[in_cxone("spring"), good]).await;
        let reason = report["campaigns"][0]["reason"].as_str().expect("a reason");
        assert!(reason.contains(why), "{reason}");
        assert_failed(&sandbox, &report).await;

        sandbox.faults.clear();
        sandbox.cxone.set_contact_list("spring", ContactList::generated(3, contact));
        let report = plan(&sandbox, &[in_cxone("spring")]).await;
        assert_eq!(report["campaigns"][0]["status"], "scheduled", "{report}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn contacts_without_end_are_not_read_for_ever_in_v2() {
    let endless = ContactList::generated(usize::MAX, contact);
    let the_same_on_each_page = ContactList::generated(1_000_000, |index| contact(index % 1000));
    for (contacts, pages) in [(endless, 1), (the_same_on_each_page, 2)] {
        let sandbox = sandbox(Options::default()).await;
        sandbox.cxone.set_contact_list("spring", contacts);
        let good = campaign(&sandbox, "good", &["Europe/London"]);
        let report = plan(&sandbox, &[in_cxone("spring"), good]).await;
        assert_failed(&sandbox, &report).await;
        assert_eq!(sandbox.cxone.calls("listContacts"), pages);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_waits_for_an_hour_has_failed() {
    let fault = "listContacts:429=600".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    for status in ["postponed", "postponed", "postponed", "failed"] {
        let report = plan(&sandbox, &[in_cxone("spring")]).await;
        assert_eq!(report["campaigns"][0]["status"], status, "{report}");
        sandbox.clock.advance(TimeDelta::minutes(20));
    }
    let metrics = last_metrics(&sandbox, "campaign-scheduler", 4).await;
    assert_eq!(metrics["campaigns_failed"], 1, "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schedule_that_was_taken_is_submitted_once_whatever_the_answer_contains_in_v2() {
    let fault = "createSchedule:html".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let campaigns = [campaign(&sandbox, "spring", &["Europe/London", "Asia/Tokyo"])];
    for _ in 0..2 {
        let report = plan(&sandbox, &campaigns).await;
        assert_eq!(report["campaigns"][0]["status"], "scheduled", "{report}");
    }
    assert_eq!(sandbox.cxone.calls("createSchedule"), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_without_a_schedule_is_counted_before_and_after_it() {
    let fault = "createSchedule:503".parse().expect("a fault");
    let sandbox = sandbox(Options { faults: vec![fault], ..Options::default() }).await;
    let campaigns = [campaign(&sandbox, "spring", &["Europe/London"])];
    plan(&sandbox, &campaigns).await;
    let metrics = last_metrics(&sandbox, "campaign-scheduler", 1).await;
    assert_eq!(metrics["starts_failed"], 1, "{metrics}");

    advance_into(&sandbox, &run(&sandbox, "spring"), TimeDelta::minutes(5));
    poll(&sandbox).await;
    let metrics = last_metrics(&sandbox, "analytics-poller", 1).await;
    assert_eq!((&metrics["starts_failed"], &metrics["campaigns_failed"]), (&json!(1), &json!(0)));

    advance_into(&sandbox, &run(&sandbox, "spring"), TimeDelta::hours(1));
    poll(&sandbox).await;
    let metrics = last_metrics(&sandbox, "analytics-poller", 2).await;
    let counts = (&metrics["starts_failed"], &metrics["campaigns_failed"]);
    assert_eq!(counts, (&json!(0), &json!(1)), "it makes no calls: {metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_that_calls_is_not_counted() {
    let sandbox = sandbox(Options::default()).await;
    plan(&sandbox, &[campaign(&sandbox, "spring", &["Europe/London"])]).await;
    advance_into(&sandbox, &run(&sandbox, "spring"), TimeDelta::hours(1));
    sandbox.cxone.make_calls("spring", 20);
    poll(&sandbox).await;
    let metrics = last_metrics(&sandbox, "analytics-poller", 1).await;
    let counts = (&metrics["starts_failed"], &metrics["campaigns_failed"]);
    assert_eq!(counts, (&json!(0), &json!(0)), "{metrics}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_campaigns_nothing_is_scheduled() {
    let sandbox = sandbox(Options::default()).await;
    plan(&sandbox, &[]).await;
    let metrics = last_metrics(&sandbox, "campaign-scheduler", 1).await;
    assert_eq!(metrics["outcome"], "no_campaigns", "{metrics}");
    assert!(runs(&sandbox).is_empty());
}

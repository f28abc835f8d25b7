use chrono::{DateTime, TimeDelta};

use super::*;

const ANALYTICS: &str = "/api/v2/analytics/outbound/details/query";

/// A simulator in which it is the first of May 2101, midnight in UTC.
async fn caller() -> Caller {
    let caller = Caller::new().await;
    caller.cxone.clock.advance_to(at(0));
    caller
}

/// So many minutes after the simulator starts.
fn at(minute: i64) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2101, 5, 1, 0, 0, 0).single().expect("an instant")
        + TimeDelta::minutes(minute)
}

fn query(campaigns: &[&str], page: usize) -> Value {
    json!({
        "dateFrom": at(0),
        "dateTo": at(10_000),
        "groupBy": ["campaignId"],
        "metrics": ["callsCompleted", "callsAttempted", "connected"],
        "filter": { "campaignId": { "in": campaigns } },
        "page": page,
        "pageSize": 100,
    })
}

impl Caller {
    /// A schedule from one minute until another, in a zone that is always at UTC.
    async fn plan(&self, campaign: &str, from: i64, to: i64) {
        self.plan_in("Etc/UTC", campaign, at(from).to_rfc3339(), at(to)).await;
    }

    async fn plan_in(&self, zone: &str, campaign: &str, start: String, end: DateTime<Utc>) {
        let path = format!("/api/v2/outbound/campaigns/{campaign}/schedules");
        let body = json!({
            "campaignId": campaign, "startTime": start, "endTime": end,
            "timezone": zone, "scheduleType": "ONE_TIME",
        });
        let (status, reply) = answer(self.request(Method::POST, &path).json(&body)).await;
        assert_eq!(status, 201, "{reply}");
    }

    async fn ask(&self, query: &Value) -> (u16, Value) {
        answer(self.request(Method::POST, ANALYTICS).json(query)).await
    }

    /// The rows of a page: campaign, completed, attempted, connected.
    async fn rows(&self, query: &Value) -> Vec<(String, [u64; 3])> {
        let (status, body) = self.ask(query).await;
        assert_eq!(status, 200, "{body}");
        let row = |row: &Value| {
            let count = |metric: &str| row[metric].as_u64().expect("a count");
            let campaign = row["campaignId"].as_str().expect("a campaign").to_owned();
            (campaign, ["callsCompleted", "callsAttempted", "connected"].map(count))
        };
        body["data"].as_array().expect("an array").iter().map(row).collect()
    }

    /// Number of calls that a campaign has completed so far.
    async fn completed(&self, campaign: &str) -> u64 {
        let rows = self.rows(&query(&[campaign], 1)).await;
        rows.iter().map(|(_, [completed, ..])| completed).sum()
    }
}

#[tokio::test]
async fn forty_calls_complete_evenly_in_the_first_half_of_the_window() {
    let caller = caller().await;
    caller.plan("spring", 60, 300).await;
    // Every three minutes one. Between them the real time makes no difference.
    for (minute, completed) in
        [(59, 0), (61, 0), (64, 1), (121, 20), (178, 39), (181, 40), (299, 40)]
    {
        caller.cxone.clock.advance_to(at(minute));
        assert_eq!(caller.completed("spring").await, completed, "minute {minute}");
    }
    let rows = caller.rows(&query(&["spring"], 1)).await;
    assert_eq!(rows, [("spring".to_owned(), [40, 44, 30])]);
}

#[tokio::test]
async fn calls_outside_the_period_do_not_count() {
    let caller = caller().await;
    caller.plan("spring", 60, 300).await;
    caller.cxone.clock.advance_to(at(300));
    for (from, to, completed) in
        [(0, 120, 20), (120, 300, 21), (121, 300, 20), (0, 60, 0), (63, 63, 1)]
    {
        let asked = changed(&query(&["spring"], 1), "/dateFrom", Some(json!(at(from))));
        let asked = changed(&asked, "/dateTo", Some(json!(at(to))));
        let rows = caller.rows(&asked).await;
        assert_eq!(rows[0].1[0], completed, "{from} to {to}");
    }
}

#[tokio::test]
async fn zones_that_start_at_the_same_local_time_share_the_planned_calls() {
    let caller = caller().await;
    caller.cxone.plan_calls("spring", 25);
    for (zone, offset) in [("Etc/UTC", "Z"), ("Asia/Kolkata", "+05:30")] {
        let start = format!("2101-05-01T10:00:00{offset}");
        let end = start.parse::<DateTime<Utc>>().expect("an instant") + TimeDelta::hours(4);
        caller.plan_in(zone, "spring", start, end).await;
    }
    // In Kolkata ten o'clock is at 04:30.
    for (hour, completed) in [(4, 0), (7, 12), (10, 12), (12, 25)] {
        caller.cxone.clock.advance_to(at(hour * 60 + 1));
        assert_eq!(caller.completed("spring").await, completed, "hour {hour}");
    }
}

#[tokio::test]
async fn every_run_makes_the_planned_calls() {
    let caller = caller().await;
    caller.plan("spring", 60, 300).await;
    caller.plan("spring", 1500, 1740).await;
    for (minute, completed) in [(300, 40), (1740, 80)] {
        caller.cxone.clock.advance_to(at(minute));
        assert_eq!(caller.completed("spring").await, completed, "minute {minute}");
    }
}

#[tokio::test]
async fn campaigns_are_sorted_named_once_and_left_out_without_a_schedule() {
    let caller = caller().await;
    caller.plan("b", 60, 300).await;
    caller.plan("a", 60, 300).await;
    caller.cxone.script_progress("none", vec![7]);
    let rows = caller.rows(&query(&["b", "none", "a", "b"], 1)).await;
    assert_eq!(rows, [("a".to_owned(), [0; 3]), ("b".to_owned(), [0; 3])]);
    let nothing = json!({ "data": [], "page": 1, "totalPages": 1 });
    assert_eq!(caller.ask(&query(&["none"], 1)).await, (200, nothing));
}

#[tokio::test]
async fn scripted_counts_are_returned_one_after_another_and_the_last_one_stays() {
    let caller = caller().await;
    caller.plan("spring", 60, 300).await;
    caller.cxone.script_progress("spring", vec![30, 12, 35]);
    for expected in [30, 12, 35, 35] {
        assert_eq!(caller.completed("spring").await, expected);
        // Another page belongs to the same query.
        assert!(caller.rows(&query(&["spring"], 2)).await.is_empty());
    }
}

#[tokio::test]
async fn split_counts_come_in_many_rows_and_pages_and_sum_up() {
    let caller = caller().await;
    caller.plan("spring", 60, 300).await;
    caller.cxone.script_progress("spring", vec![1234]);
    caller.cxone.split_rows("spring", 250);
    let mut rows = Vec::new();
    for (page, count) in [(1, 100), (2, 100), (3, 50), (4, 0)] {
        let (_, body) = caller.ask(&query(&["spring"], page)).await;
        assert_eq!((&body["page"], &body["totalPages"]), (&json!(page), &json!(3)));
        let on_page = caller.rows(&query(&["spring"], page)).await;
        assert_eq!(on_page.len(), count, "page {page}");
        rows.extend(on_page);
    }
    let sum = |metric: usize| rows.iter().map(|(_, counts)| counts[metric]).sum::<u64>();
    assert_eq!([sum(0), sum(1), sum(2)], [1234, 1357, 925]);
}

#[tokio::test]
async fn a_query_that_names_a_refused_campaign_is_refused_in_the_words_that_were_set() {
    let caller = caller().await;
    caller.plan("good", 60, 300).await;
    caller.cxone.refuse_analytics("bad", "the campaign was deleted");
    let refused = (400, json!({ "message": "the campaign was deleted" }));
    assert_eq!(caller.ask(&query(&["good", "bad"], 1)).await, refused);
    assert_eq!(caller.ask(&query(&["good"], 1)).await.0, 200);
}

#[tokio::test]
async fn a_query_that_breaks_the_contract_is_refused_with_the_reason() {
    let caller = caller().await;
    for (pointer, value, message) in [
        ("/dateFrom", None, "dateFrom"),
        ("/dateTo", Some(json!("today")), "dateTo"),
        ("/dateTo", Some(json!(at(-1))), "must not come before"),
        ("/groupBy", Some(json!([])), "groupBy"),
        ("/metrics", Some(json!(["callsCompleted"])), "metrics"),
        ("/filter", None, "filter"),
        ("/filter/campaignId/in", Some(json!([])), "must not be empty"),
        ("/page", Some(json!(0)), "at least 1"),
        ("/pageSize", Some(json!(99)), "must be 100"),
    ] {
        let (status, body) = caller.ask(&changed(&query(&["a"], 1), pointer, value)).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 400 && reply.contains(message), "{pointer}: {status} {reply}");
    }
    assert_eq!(caller.cxone.calls("queryAnalytics"), 9);
}

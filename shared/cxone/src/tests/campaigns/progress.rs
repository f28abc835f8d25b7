//! Progress of campaigns, by the analytics of CXone.

use std::ops::Range;

use chrono::TimeZone;
use wiremock::matchers::body_partial_json;

use super::*;

const ANALYTICS: &str = "/api/v2/analytics/outbound/details/query";

fn period() -> Range<DateTime<Utc>> {
    let at = |hour| Utc.with_ymd_and_hms(2025, 11, 3, hour, 0, 0).single().expect("an instant");
    at(9)..at(12)
}

fn ids(count: usize) -> Vec<String> {
    (0..count).map(|index| format!("c{index}")).collect()
}

async fn progress(client: &Client, count: usize) -> Vec<Result<Progress, Error>> {
    client.progress(&ids(count), &period(), soon()).await
}

fn completed(calls: u64) -> Progress {
    Progress { completed: calls, ..Progress::default() }
}

fn row(id: &str, completed: u64) -> Value {
    json!({ "campaignId": id, "callsCompleted": completed })
}

fn page(rows: &[Value], number: u32, of: u32) -> ResponseTemplate {
    status(200).set_body_json(json!({ "data": rows, "page": number, "totalPages": of }))
}

/// Answers queries for one page with one call of `c0`.
async fn answer_page(server: &MockServer, number: u32, of: u32) {
    Mock::given(path(ANALYTICS))
        .and(body_partial_json(json!({ "page": number })))
        .respond_with(page(&[row("c0", 1)], number, of))
        .mount(server)
        .await;
}

/// The campaigns in a query.
fn asked(request: &Request) -> Vec<String> {
    let ids = body(request)["filter"]["campaignId"]["in"].take();
    serde_json::from_value(ids).expect("ids")
}

async fn queries(server: &MockServer) -> Vec<Request> {
    requests(server, ANALYTICS).await
}

#[tokio::test]
async fn a_query_is_as_the_contract_has_it() {
    let server = server().await;
    let rows = [
        json!({ "campaignId": "c1", "callsCompleted": 3.0, "callsAttempted": 9, "connected": 5 }),
        json!({ "campaignId": "c0", "callsCompleted": 1, "callsAttempted": 1, "connected": 1 }),
        json!({ "campaignId": "c1", "callsCompleted": 4, "callsAttempted": 4, "connected": 4.0 }),
    ];
    answer_at(&server, ANALYTICS, page(&rows, 1, 1), None).await;
    assert_eq!(
        progress(&client(&server), 3).await,
        [
            Ok(Progress { completed: 1, attempted: 1, connected: 1 }),
            Ok(Progress { completed: 7, attempted: 13, connected: 9 }),
            Ok(Progress::default()),
        ]
    );
    let sent = queries(&server).await;
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, "POST");
    assert_eq!(
        body(&sent[0]),
        json!({
            "dateFrom": "2025-11-03T09:00:00Z",
            "dateTo": "2025-11-03T12:00:00Z",
            "groupBy": ["campaignId"],
            "metrics": ["callsCompleted", "callsAttempted", "connected"],
            "filter": { "campaignId": { "in": ["c0", "c1", "c2"] } },
            "page": 1,
            "pageSize": 100,
        })
    );
}

#[tokio::test]
async fn pages_are_read_to_the_end_and_no_further() {
    // The page count that each page reports, and the number of pages read.
    for (page_counts, read) in [
        (vec![0], 1),
        (vec![1], 1),
        (vec![3, 3, 3], 3),
        // It grows.
        (vec![2, 3, 4, 4], 4),
        // It shrinks.
        (vec![3, 2, 2], 2),
        (vec![4, 1, 1, 1], 2),
    ] {
        let server = server().await;
        for (number, of) in (1..).zip(&page_counts) {
            answer_page(&server, number, *of).await;
        }
        assert_eq!(progress(&client(&server), 1).await, [Ok(completed(read))], "{page_counts:?}");
        let pages: Vec<Value> =
            queries(&server).await.iter().map(|request| body(request)["page"].take()).collect();
        assert_eq!(pages, (1..=read).map(Value::from).collect::<Vec<_>>(), "{page_counts:?}");
    }
}

#[tokio::test]
async fn pages_without_end_are_given_up() {
    let server = server().await;
    answer_at(&server, ANALYTICS, page(&[row("c0", 1)], 1, u32::MAX), None).await;
    let seen = progress(&client(&server), 1).await;
    assert!(matches!(seen[..], [Err(Error::Unsupported { .. })]), "{seen:?}");
    assert_eq!(queries(&server).await.len(), 100);
}

#[tokio::test]
async fn a_page_that_fails_leaves_nothing_half_counted() {
    let server = server().await;
    answer_page(&server, 1, 2).await;
    answer_at(&server, ANALYTICS, status(415).set_body_string("what"), None).await;
    let error = Error::Unexpected { status: 415, detail: "what".to_owned() };
    assert_eq!(progress(&client(&server), 2).await, vec![Err(error); 2]);
}

#[tokio::test]
async fn campaigns_are_asked_about_by_the_hundred() {
    let server = server().await;
    let rows = [row("c0", 1), row("c249", 3)];
    answer_at(&server, ANALYTICS, page(&rows, 1, 1), None).await;
    let seen = progress(&client(&server), 250).await;
    assert_eq!(seen.len(), 250);
    assert_eq!(seen[0], Ok(completed(1)));
    assert_eq!(seen[249], Ok(completed(3)));
    let asked: Vec<Vec<String>> = queries(&server).await.iter().map(asked).collect();
    assert_eq!(asked.iter().map(Vec::len).collect::<Vec<_>>(), [100, 100, 50]);
    assert_eq!(asked.concat(), ids(250));
}

#[tokio::test]
async fn nothing_is_sent_about_no_campaigns() {
    let server = server().await;
    assert_eq!(progress(&client(&server), 0).await, []);
    assert!(server.received_requests().await.expect("they are recorded").is_empty());
}

#[tokio::test]
async fn one_bad_campaign_does_not_hold_up_the_other_99() {
    for code in [400, 404, 422] {
        let server = server().await;
        let about_the_bad_one = |request: &Request| {
            request.url.path() == ANALYTICS && asked(request).iter().any(|id| id == "c41")
        };
        Mock::given(about_the_bad_one)
            .respond_with(status(code).set_body_string("c41 is bad"))
            .mount(&server)
            .await;
        answer_at(&server, ANALYTICS, page(&[row("c0", 5)], 1, 1), None).await;
        let mut seen = progress(&client(&server), 100).await;
        let error = seen.remove(41).expect_err("it is refused");
        assert!(error.to_string().contains("c41 is bad"), "{error}");
        assert_eq!(seen[0], Ok(completed(5)));
        assert!(seen[1..].iter().all(|seen| *seen == Ok(Progress::default())));
        assert!(queries(&server).await.len() <= 15);
    }
}

#[tokio::test]
async fn what_every_query_would_meet_ends_the_asking() {
    let retry_after = Some(Duration::from_hours(1));
    let detail = || "no".to_owned();
    for (answer, expected, sent) in [
        (status(429).insert_header("retry-after", "3600"), Error::RateLimited { retry_after }, 1),
        (status(403).set_body_string("no"), Error::Forbidden { detail: detail() }, 1),
        // Once more with a new token.
        (status(401).set_body_string("no"), Error::Unauthorized { detail: detail() }, 2),
    ] {
        let server = server().await;
        answer_at(&server, ANALYTICS, answer, None).await;
        assert_eq!(progress(&client(&server), 250).await, vec![Err(expected); 250]);
        assert_eq!(queries(&server).await.len(), sent);
    }
}

#[tokio::test]
async fn a_lost_answer_is_asked_for_again() {
    let server = server().await;
    lose_answer(&server, ANALYTICS).await;
    answer_page(&server, 1, 1).await;
    assert_eq!(progress(&client(&server), 1).await, [Ok(completed(1))]);
    assert_eq!(queries(&server).await.len(), 2);
}

#[tokio::test]
async fn an_answer_that_is_no_page_is_not_taken_for_one() {
    for response in ["", "<html>", "[]", r#"{"data": []}"#, r#"{"data": null, "totalPages": 1}"#] {
        let server = server().await;
        answer_at(&server, ANALYTICS, status(200).set_body_string(response), None).await;
        let seen = progress(&client(&server), 1).await;
        assert!(matches!(seen[..], [Err(Error::Unexpected { status: 200, .. })]), "{response}");
    }
}

#[tokio::test]
async fn without_time_nothing_is_sent() {
    let server = server().await;
    let seen = client(&server).progress(&ids(150), &period(), Instant::now()).await;
    assert_eq!(seen, vec![Err(Error::out_of_time()); 150]);
    assert!(server.received_requests().await.expect("they are recorded").is_empty());
}

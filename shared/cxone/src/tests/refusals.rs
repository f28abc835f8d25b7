//! Refused credentials: an alarm depends on the count.

use super::*;

fn refused(calls: u64, refused: u64) -> CxoneUsage {
    CxoneUsage { calls, throttled: 0, refused }
}

#[tokio::test]
async fn credentials_that_are_refused_count_for_as_long_as_they_are() {
    for code in [400, 401, 403] {
        let server = MockServer::start().await;
        answer_token(&server, status(code)).await;
        let client = client(&server);
        // More often than it takes to open the breaker.
        for _ in 0..10 {
            failure(&client).await;
            assert_eq!(client.drain_usage(), refused(0, 1), "{code}");
        }
    }
}

#[tokio::test]
async fn callers_that_share_one_refusal_count_each() {
    let server = MockServer::start().await;
    answer_token(&server, status(401)).await;
    let client = client(&server);
    futures::future::join_all((0..20).map(|_| failure(&client))).await;
    assert_eq!(client.drain_usage(), refused(0, 20));
}

#[tokio::test]
async fn a_new_token_that_is_refused_as_well_counts_once_for_both() {
    let server = server().await;
    answer(&server, status(401), None).await;
    let client = client(&server);
    for _ in 0..10 {
        failure(&client).await;
        assert_eq!(client.drain_usage(), refused(2, 1));
    }
}

#[tokio::test]
async fn a_refused_token_that_a_new_one_heals_does_not_count() {
    let server = server().await;
    answer(&server, status(401), Some(1)).await;
    answer(&server, status(201), None).await;
    let client = client(&server);
    assert_eq!(add(&client, 1).await, [DncOutcome::Listed]);
    assert_eq!(client.drain_usage(), refused(2, 0));
}

#[tokio::test]
async fn a_refused_token_that_cannot_be_replaced_counts() {
    let server = MockServer::start().await;
    answer_at(&server, "/oauth/token", granted(None), Some(1)).await;
    answer_token(&server, status(401)).await;
    answer(&server, status(401), None).await;
    let client = client(&server);
    failure(&client).await;
    assert_eq!(client.drain_usage(), refused(1, 1));
}

#[tokio::test]
async fn a_scope_that_is_missing_counts_once_for_a_whole_batch() {
    let server = server().await;
    answer(&server, status(403), None).await;
    let client = client(&server);
    add(&client, 20).await;
    assert_eq!(client.drain_usage(), refused(1, 1));
    assert_eq!(client.drain_usage(), CxoneUsage::default());
}

#[tokio::test]
async fn what_is_wrong_with_the_content_or_with_cxone_does_not_count() {
    for code in [400, 404, 409, 415, 422, 429, 500, 503] {
        let server = server().await;
        answer(&server, status(code), None).await;
        let client = client(&server);
        add(&client, 1).await;
        assert_eq!(client.drain_usage().refused, 0, "{code}");
    }
}

#[tokio::test]
async fn an_unhealthy_token_endpoint_does_not_count_as_a_refusal() {
    for code in [404, 429, 503] {
        let server = MockServer::start().await;
        answer_token(&server, status(code)).await;
        let client = client(&server);
        failure(&client).await;
        assert_eq!(client.drain_usage(), CxoneUsage::default(), "{code}");
    }
}

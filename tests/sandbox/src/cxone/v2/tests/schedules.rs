use chrono::TimeDelta;

use super::*;

const SPRING: &str = "/api/v2/outbound/campaigns/spring/schedules";

impl Caller {
    async fn schedule(&self, schedule: &Value, key: Option<&str>) -> (u16, Value) {
        let mut request = self.request(Method::POST, SPRING).json(schedule);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        answer(request).await
    }
}

/// New York leaves daylight saving time while the campaign calls.
fn schedule() -> Value {
    json!({
        "campaignId": "spring",
        "startTime": "2101-11-06T00:30:00-04:00",
        "endTime": "2101-11-06T04:30:00-05:00",
        "timezone": "America/New_York",
        "scheduleType": "ONE_TIME",
    })
}

#[tokio::test]
async fn a_schedule_is_stored_as_it_was_posted() {
    let caller = Caller::new().await;
    let (status, body) = caller.schedule(&schedule(), Some("a")).await;
    assert_eq!(status, 201);
    let schedules = caller.cxone.schedules();
    let [stored] = &schedules[..] else { panic!("one schedule: {schedules:?}") };
    assert_eq!(body, json!({ "id": stored.id }));
    assert_eq!((stored.campaign.as_str(), stored.posts), ("spring", 1));
    assert_eq!(stored.time_zone, "America/New_York");
    assert_eq!(stored.start.to_rfc3339(), "2101-11-06T00:30:00-04:00");
    assert_eq!(stored.end - stored.start, TimeDelta::hours(5));
    assert_eq!(stored.idempotency_key.as_deref(), Some("a"));
}

#[tokio::test]
async fn a_schedule_with_the_same_key_is_created_once() {
    let caller = Caller::new().await;
    let first = caller.schedule(&schedule(), Some("a")).await;
    // Even when its start has passed, or it would be refused by now.
    caller
        .cxone
        .clock
        .advance_to(Utc.with_ymd_and_hms(2102, 1, 1, 0, 0, 0).single().expect("an instant"));
    caller.cxone.refuse_schedules("spring", "the campaign is closed");
    assert_eq!(caller.schedule(&schedule(), Some("a")).await, first);
    assert_eq!(caller.cxone.schedules().len(), 1);
    assert_eq!(caller.cxone.schedules()[0].posts, 2);
}

#[tokio::test]
async fn schedules_with_other_keys_or_none_are_all_created() {
    let caller = Caller::new().await;
    for key in [Some("a"), Some("b"), None, None] {
        assert_eq!(caller.schedule(&schedule(), key).await.0, 201);
    }
    assert_eq!(caller.cxone.schedules().len(), 4);
}

#[tokio::test]
async fn a_schedule_that_breaks_the_contract_is_refused_with_the_reason() {
    let caller = Caller::new().await;
    for (pointer, value, message) in [
        ("/campaignId", None, "campaignId"),
        ("/campaignId", Some("autumn"), "that of the path"),
        ("/startTime", None, "startTime"),
        ("/startTime", Some("2101-11-06T00:30:00"), "startTime"),
        ("/startTime", Some("2101-11-06T00:30:00-05:00"), "offset of timezone"),
        ("/startTime", Some("2101-11-06T04:30:00Z"), "offset of timezone"),
        ("/startTime", Some("2001-07-04T00:30:00-04:00"), "in the future"),
        ("/endTime", None, "endTime"),
        ("/endTime", Some("2101-11-06T00:30:00-04:00"), "after startTime"),
        ("/timezone", None, "timezone"),
        ("/timezone", Some("EDT"), "IANA name"),
        ("/timezone", Some("Mars/Olympus_Mons"), "IANA name"),
        ("/timezone", Some("Europe/London"), "offset of timezone"),
        ("/scheduleType", None, "scheduleType"),
        ("/scheduleType", Some("RECURRING"), "must be ONE_TIME"),
    ] {
        let broken = changed(&schedule(), pointer, value.map(Value::from));
        let (status, body) = caller.schedule(&broken, None).await;
        let reply = body["message"].as_str().expect("a message");
        assert!(status == 422 && reply.contains(message), "{pointer}: {status} {reply}");
    }
    assert!(caller.cxone.schedules().is_empty());
}

#[tokio::test]
async fn the_simulators_clock_decides_what_lies_in_the_future() {
    let caller = Caller::new().await;
    let start = Utc.with_ymd_and_hms(2101, 11, 6, 4, 30, 0).single().expect("an instant");
    caller.cxone.clock.advance_to(start - TimeDelta::hours(1));
    assert_eq!(caller.schedule(&schedule(), None).await.0, 201);
    caller.cxone.clock.advance_to(start);
    assert_eq!(caller.schedule(&schedule(), None).await.0, 422);
}

#[tokio::test]
async fn campaigns_and_zones_are_refused_in_the_words_that_were_set() {
    for (what, message) in
        [("spring", "the campaign is closed"), ("America/New_York", "the zone is blocked")]
    {
        let caller = Caller::new().await;
        caller.cxone.refuse_schedules(what, message);
        let refused = (422, json!({ "message": message }));
        assert_eq!(caller.schedule(&schedule(), Some("a")).await, refused);
        assert!(caller.cxone.schedules().is_empty());
    }
}

#[tokio::test]
async fn the_state_contains_schedules() {
    let caller = Caller::new().await;
    caller.schedule(&schedule(), Some("a")).await;
    let (_, state) = answer(caller.request(Method::GET, "/simulator/state")).await;
    let reply = &state["schedules"][0];
    assert_eq!((&reply["campaign"], &reply["posts"]), (&json!("spring"), &json!(1)));
    assert_eq!(reply["start"], "2101-11-06T00:30:00-04:00");
    assert_eq!(reply["timeZone"], "America/New_York");
}

#[tokio::test]
async fn faults_strike_the_operations_of_campaigns() {
    let caller = Caller::new().await;
    for fault in ["createSchedule:503x1", "listContacts:500x1", "queryAnalytics:429x1"] {
        caller.cxone.faults.add(fault.parse().expect(fault));
    }
    assert_eq!(caller.schedule(&schedule(), None).await.0, 503);
    assert_eq!(answer(caller.request(Method::GET, CONTACTS)).await.0, 500);
    let analytics = "/api/v2/analytics/outbound/details/query";
    assert_eq!(answer(caller.request(Method::POST, analytics)).await.0, 429);
    assert_eq!(caller.cxone.calls("createSchedule"), 1);
}

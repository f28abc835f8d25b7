use chrono::TimeDelta;

use super::*;

const CLOCK: &str = "/simulator/clock";

impl Caller {
    async fn set_clock(&self, change: &Value) -> (u16, Value) {
        answer(self.request(Method::POST, CLOCK).json(change)).await
    }
}

fn shown(body: &Value) -> DateTime<Utc> {
    let now = body["now"].as_str().expect("an instant");
    now.parse().expect("RFC 3339")
}

#[tokio::test]
async fn the_clock_is_read_sped_up_and_put_forward() {
    let caller = Caller::new().await;
    let (status, before) = answer(caller.request(Method::GET, CLOCK)).await;
    assert_eq!((status, &before["speed"]), (200, &json!(1.0)));

    let (status, after) = caller.set_clock(&json!({ "speed": 60, "advanceSeconds": 3600 })).await;
    assert_eq!((status, &after["speed"]), (200, &json!(60.0)));
    assert!(shown(&after) >= shown(&before) + TimeDelta::hours(1));

    let (_, last) = caller.set_clock(&json!({ "advanceSeconds": 60 })).await;
    assert_eq!(last["speed"], json!(60.0));
    assert!(shown(&last) >= shown(&after) + TimeDelta::minutes(1));
}

#[tokio::test]
async fn a_change_that_makes_no_sense_is_refused_whole() {
    let caller = Caller::new().await;
    for change in [
        json!({ "speed": 0.5, "advanceSeconds": 86_400 }),
        json!({ "advanceSeconds": -1 }),
        json!({ "sped": 2 }),
    ] {
        let (status, _) = caller.set_clock(&change).await;
        assert_eq!(status, 422, "{change}");
    }
    let clock = &caller.cxone.clock;
    assert!((clock.speed() - 1.0).abs() < f64::EPSILON);
    assert!(clock.now() < Utc::now() + TimeDelta::hours(1));
}

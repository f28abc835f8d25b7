//! The lines of metrics that functions write.

use std::time::Duration;

use sandbox::Sandbox;
use serde_json::Value;
use tokio::time;

use crate::PATIENCE;

/// All lines of a function's metrics so far, the oldest first, once they are as they should be.
pub async fn metrics_once(
    sandbox: &Sandbox,
    function: &str,
    done: impl Fn(&[Value]) -> bool,
) -> Vec<Value> {
    let waiting = async {
        loop {
            let lines = sandbox.logs.lines().into_iter();
            let lines = lines.filter(|line| line.function == function);
            let lines = lines.filter_map(|line| serde_json::from_str(&line.text).ok());
            let metrics: Vec<Value> =
                lines.filter(|line: &Value| !line["_aws"].is_null()).collect();
            if done(&metrics) {
                return metrics;
            }
            time::sleep(Duration::from_millis(20)).await;
        }
    };
    time::timeout(PATIENCE, waiting).await.expect("the metrics are written")
}

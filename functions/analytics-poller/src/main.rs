//! Wires the analytics poller to Lambda.

use analytics_poller::{AnalyticsPoller, Config};
use lambda_runtime::Error;
use platform::{aws::Aws, scheduled, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("analytics-poller");
    let config = Environment::from_process().read(Config::read)?;
    scheduled::run(&AnalyticsPoller::new(config, &Aws::load().await, telemetry).await?).await
}

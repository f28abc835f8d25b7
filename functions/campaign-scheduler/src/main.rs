//! Wires the campaign scheduler to Lambda.

use campaign_scheduler::{CampaignScheduler, Config};
use lambda_runtime::{Error, run, service_fn};
use platform::{aws::Aws, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("campaign-scheduler");
    let config = Environment::from_process().read(Config::read)?;
    let scheduler = CampaignScheduler::new(config, &Aws::load().await, telemetry).await?;
    run(service_fn(async |event| Ok::<_, Error>(scheduler.handle(event).await))).await
}

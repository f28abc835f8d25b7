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
    // Boxed: futures that are nested any deeper are too much for the compiler.
    run(service_fn(async |event| Ok::<_, Error>(Box::pin(scheduler.handle(event)).await))).await
}

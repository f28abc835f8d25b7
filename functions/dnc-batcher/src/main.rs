//! Wires the DNC batcher to Lambda.

use dnc_batcher::{Config, DncBatcher};
use lambda_runtime::{Error, run, service_fn};
use platform::{aws::Aws, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("dnc-batcher");
    let config = Environment::from_process().read(Config::read)?;
    let batcher = DncBatcher::new(config, &Aws::load().await, telemetry).await?;
    // Boxed: futures that are nested any deeper are too much for the compiler.
    run(service_fn(async |event| Ok::<_, Error>(Box::pin(batcher.handle(event)).await))).await
}

//! Wires the interaction router to Lambda.

use interaction_router::{Config, InteractionRouter};
use lambda_runtime::Error;
use platform::{aws::Aws, intake, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("interaction-router");
    let config = Environment::from_process().read(Config::read)?;
    intake::run(&InteractionRouter::new(config, &Aws::load().await, telemetry).await?).await
}

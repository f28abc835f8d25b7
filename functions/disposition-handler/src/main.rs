//! Wires the disposition handler to Lambda.

use disposition_handler::{Config, DispositionHandler};
use lambda_runtime::Error;
use platform::{aws::Aws, intake, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("disposition-handler");
    let config = Environment::from_process().read(Config::read)?;
    intake::run(&DispositionHandler::new(config, &Aws::load().await, telemetry).await?).await
}

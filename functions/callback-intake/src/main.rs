//! Wires callback intake to Lambda.

use callback_intake::{CallbackIntake, Config};
use lambda_runtime::Error;
use platform::{aws::Aws, intake, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("callback-intake");
    let config = Environment::from_process().read(Config::read)?;
    intake::run(&CallbackIntake::new(config, &Aws::load().await, telemetry).await?).await
}

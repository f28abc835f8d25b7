//! Wires the opt-out webhook to Lambda.

use lambda_http::{Error, run, service_fn};
use optout_webhook::{Config, OptoutWebhook};
use platform::{aws::Aws, telemetry};
use settings::Environment;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let telemetry = telemetry::init("optout-webhook");
    let config = Environment::from_process().read(Config::read)?;
    let webhook = OptoutWebhook::new(config, &Aws::load().await, telemetry).await?;
    run(service_fn(async |request| Ok::<_, Error>(webhook.handle(request).await))).await
}

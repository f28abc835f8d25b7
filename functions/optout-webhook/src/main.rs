//! Runs the opt-out webhook in Lambda.

use lambda_runtime::Error;
use optout_webhook::OptoutWebhook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<OptoutWebhook>().await
}

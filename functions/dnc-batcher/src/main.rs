//! Runs the DNC batcher in Lambda.

use dnc_batcher::DncBatcher;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<DncBatcher>().await
}

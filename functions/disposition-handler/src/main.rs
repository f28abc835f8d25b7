//! Runs the disposition handler in Lambda.

use disposition_handler::DispositionHandler;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<DispositionHandler>().await
}

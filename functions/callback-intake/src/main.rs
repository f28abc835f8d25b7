//! Runs callback intake in Lambda.

use callback_intake::CallbackIntake;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<CallbackIntake>().await
}

//! Runs the interaction router in Lambda.

use interaction_router::InteractionRouter;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<InteractionRouter>().await
}

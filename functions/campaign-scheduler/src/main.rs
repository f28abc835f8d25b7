//! Runs the campaign scheduler in Lambda.

use campaign_scheduler::CampaignScheduler;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<CampaignScheduler>().await
}

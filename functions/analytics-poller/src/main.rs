//! Runs the analytics poller in Lambda.

use analytics_poller::AnalyticsPoller;
use lambda_runtime::Error;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    platform::function::run::<AnalyticsPoller>().await
}

//! The `cxone` command: for operators who connect a deployment of the bundle to CXone.

mod cli;
mod problem;
mod register;
mod scopes;
mod tenant;
mod whoami;

use std::process::ExitCode;

use clap::Parser;

use cli::{Cli, Command};
use problem::Problem;
use tenant::Tenant;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Cli::parse().command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> Result<(), Problem> {
    let tenant = Tenant::from_environment()?;
    match command {
        Command::Whoami => whoami::run(&tenant).await,
        Command::Register(webhooks) => register::run(&tenant, &webhooks).await,
    }
}

//! The `sandbox` binary: plays the sample events, or stays up for yours.

mod demo;
mod serve;

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use sandbox::{Options, Profile, events, faults::Fault, journey::Journey};
use tokio::signal::unix::{SignalKind, signal};

/// The outbound bundle on this machine: real functions, with AWS and CXone inside one process.
#[derive(Parser)]
#[command(name = "cargo sandbox", bin_name = "cargo sandbox", version)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum Command {
    /// Play the sample events and check what comes of each (the default).
    Demo,
    /// Stay up, for events of your own.
    Serve(serve::Arguments),
    /// Print a sample event with its times moved to now, for `cargo lambda invoke`.
    Event {
        /// Its path below `events/`, such as `callback-intake/callback.json`.
        path: String,
    },
    /// Print the journey of the sample events as JSON: what is sent, with its times moved to now,
    /// and what must come of it.
    Journey,
    /// Judge a journey that was played elsewhere: reads its replies and the state after it, as JSON,
    /// from the standard input.
    Judge,
    /// Explain how faults are written.
    Faults,
}

#[derive(Args)]
struct Common {
    /// Let something go wrong, such as `addToDncList:429=2@10%`. Can be given more than once.
    #[arg(long, global = true, value_name = "FAULT")]
    fault: Vec<Fault>,
    /// Seed of the chance with which faults strike.
    #[arg(long, global = true, default_value_t = 0)]
    seed: u64,
    /// Seconds a CXone token lives.
    #[arg(long, global = true, default_value_t = 1800)]
    token_lifetime: u64,
    /// Seconds until a batch comes back whose function died. Without it, the queue's visibility
    /// timeout decides, as in AWS.
    #[arg(long, global = true)]
    redelivery: Option<u64>,
    /// Show what the functions log.
    #[arg(long, global = true)]
    logs: bool,
    /// Cargo profile of the functions.
    #[arg(long, global = true, value_enum, default_value_t = Profile::Dev)]
    profile: Profile,
}

impl Common {
    fn into_options(self) -> Options {
        Options {
            faults: self.fault,
            seed: self.seed,
            token_lifetime: Duration::from_secs(self.token_lifetime),
            redelivery: self.redelivery.map(Duration::from_secs),
            logs_echoed: self.logs,
            profile: self.profile,
            ..Options::default()
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let work = async {
        match cli.command.unwrap_or(Command::Demo) {
            Command::Demo => demo::run(cli.common.into_options()).await,
            Command::Serve(arguments) => serve::run(arguments, cli.common.into_options()).await,
            Command::Event { path } => {
                println!("{}", events::moved_to_now(&path)?);
                Ok(ExitCode::SUCCESS)
            }
            Command::Journey => {
                println!("{}", serde_json::to_string_pretty(&Journey::read()?.sendings()?)?);
                Ok(ExitCode::SUCCESS)
            }
            Command::Judge => demo::judge(),
            Command::Faults => {
                print!("{}", sandbox::faults::HELP);
                Ok(ExitCode::SUCCESS)
            }
        }
    };
    // Dropping the work drops the sandbox, and every process in it.
    let ended = tokio::select! {
        ended = work => ended,
        interrupted = interrupted() => interrupted,
    };
    ended.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}

/// Ends when the user or the system asks this process to stop; with the exit code of a shell.
async fn interrupted() -> anyhow::Result<ExitCode> {
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map(|()| ExitCode::from(130)),
        _ = terminate.recv() => Ok(ExitCode::from(143)),
    }
    .context("cannot listen for signals")
}

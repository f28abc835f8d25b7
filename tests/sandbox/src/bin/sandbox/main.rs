//! The `sandbox` binary: plays the sample events, or stays up for yours.

mod client;
mod demo;
mod output;
mod serve;

use std::{process::ExitCode, time::Duration};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use sandbox::{
    Echo, LogFormat, Options, Profile, cxone::Api, events, faults, faults::Fault, journey::Journey,
};
use tokio::signal::unix::{SignalKind, signal};

const EXIT: &str = "\
Exit status:
  0    all came out as expected
  1    something did not
  2    the command cannot be run
  130  after Ctrl-C";

/// The outbound bundle on this machine: real functions, with AWS and CXone inside one process.
#[derive(Parser)]
#[command(name = "cargo sandbox", bin_name = "cargo sandbox", version)]
#[command(max_term_width = 80, after_help = EXIT)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    common: Common,
}

#[derive(Subcommand)]
enum Command {
    /// Play the sample events and check what comes of each (the default).
    Demo(demo::Arguments),
    /// Stay up, for events of your own.
    Serve(serve::Arguments),
    /// Send a sample event, or one of your own, to the sandbox that serves.
    Send(client::Sending),
    /// Show what the functions of the sandbox that serves log, and which faults strike.
    Tail(client::Tailing),
    /// Show what the sandbox that serves holds: queues, tables, calls of CXone, faults.
    State(client::Asking),
    /// Print a sample event with its times moved to now, for `cargo lambda invoke`.
    Event {
        /// Its path below `events/`, such as `callback-intake/callback`, or the name alone.
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
    /// API of CXone that the functions speak.
    #[arg(long, global = true, value_enum, default_value_t = Api::V2)]
    cxone_api: Api,
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
    /// Show what the functions log: for people, or with `--logs=json` as they write it.
    #[arg(long, global = true, value_enum, value_name = "FORMAT")]
    #[arg(num_args = 0..=1, require_equals = true, default_missing_value = "text")]
    logs: Option<LogFormat>,
    /// Cargo profile of the functions.
    #[arg(long, global = true, value_enum, default_value_t = Profile::Dev)]
    profile: Profile,
}

impl Common {
    fn into_options(self) -> Options {
        Options {
            cxone_api: self.cxone_api,
            faults: self.fault,
            seed: self.seed,
            token_lifetime: Duration::from_secs(self.token_lifetime),
            redelivery: self.redelivery.map(Duration::from_secs),
            echo: Echo { logs: self.logs, notices: true, ..Echo::default() },
            profile: self.profile,
            ..Options::default()
        }
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // Dropping the work drops the sandbox, and every process in it.
    let ended = tokio::select! {
        ended = run(cli.command, cli.common) => ended,
        interrupted = interrupted() => interrupted,
    };
    ended.unwrap_or_else(|error| {
        let lines: Vec<String> = format!("error: {error:#}").lines().map(output::wrapped).collect();
        output::say(&lines.join("\n"));
        ExitCode::from(2)
    })
}

async fn run(command: Option<Command>, common: Common) -> anyhow::Result<ExitCode> {
    match command.unwrap_or_else(|| Command::Demo(demo::Arguments::default())) {
        Command::Demo(arguments) => demo::run(&arguments, common.into_options()).await,
        Command::Serve(arguments) => serve::run(arguments, common.into_options()).await,
        Command::Send(sending) => client::send(&sending).await,
        Command::Tail(tailing) => {
            client::tail(&tailing, common.logs.unwrap_or(LogFormat::Text)).await
        }
        Command::State(asking) => client::state(&asking).await,
        Command::Event { path } => printed(&events::moved_to_now(&path)?),
        Command::Journey => printed(&serde_json::to_string_pretty(&Journey::read()?.sendings()?)?),
        Command::Judge => demo::judge(),
        Command::Faults => {
            let names = faults::known_names(common.cxone_api)?.into_iter();
            let names: Vec<String> = names.map(|line| output::wrapped(&line)).collect();
            printed(&format!("{}\n\n{}", output::page(faults::HELP.trim_end()), names.join("\n")))
        }
    }
}

fn printed(text: &str) -> anyhow::Result<ExitCode> {
    output::print(&format!("{text}\n"))?;
    Ok(ExitCode::SUCCESS)
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

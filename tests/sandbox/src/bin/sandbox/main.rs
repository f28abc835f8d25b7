//! The `sandbox` binary: plays the sample events, or stays up for yours.

use std::{
    io::IsTerminal,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::{Args, Parser, Subcommand};
use comfy_table::{Attribute, Cell, Color, Table, presets};
use indicatif::{ProgressBar, ProgressStyle};
use sandbox::{
    Options, Profile, Sandbox, WEBHOOK_SECRET, WEBHOOK_TOKEN, events,
    faults::Fault,
    journey::{Journey, Result as StepResult},
};
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
    Serve {
        /// Port of the HTTP gateway; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Port of the CXone simulator; 0 takes a free one.
        #[arg(long, default_value_t = 0)]
        cxone_port: u16,
        /// Write the functions' environment into this file, for `cargo lambda watch --env-file`.
        #[arg(long, value_name = "PATH")]
        env_file: Option<PathBuf>,
    },
    /// Print a sample event with its times moved to now, for `cargo lambda invoke`.
    Event {
        /// Its path below `events/`, such as `callback-intake/callback.json`.
        path: String,
    },
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
    /// How the functions are compiled.
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

const SAMPLE: &str = r#"{"eventType":"contact.opt_out","data":{"phoneNumber":"(202) 555-0110"}}"#;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let work = async {
        match cli.command.unwrap_or(Command::Demo) {
            Command::Demo => demo(cli.common.into_options()).await,
            Command::Serve { port, cxone_port, env_file } => {
                let options = cli.common.into_options();
                let options = Options { gateway_port: port, cxone_port, ..options };
                serve(options, env_file.as_deref()).await
            }
            Command::Event { path } => {
                println!("{}", events::moved_to_now(&path)?);
                Ok(ExitCode::SUCCESS)
            }
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

async fn demo(options: Options) -> anyhow::Result<ExitCode> {
    eprintln!("Building the functions …");
    let sandbox = Sandbox::start(options).await?;
    let journey = Journey::read()?;
    journey.prepare(&sandbox);

    let progress = ProgressBar::new(journey.steps.len() as u64)
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg}")?);
    let mut replies = Vec::new();
    for step in &journey.steps {
        progress.set_message(step.event.clone());
        replies.push(Journey::send(&sandbox, step).await?);
        progress.inc(1);
    }
    progress.set_message("sent; waiting for the queues to empty");
    progress.enable_steady_tick(Duration::from_millis(200));
    Journey::settle(&sandbox).await?;
    progress.finish_and_clear();

    let endings = journey.endings(&sandbox).await?;
    let results: Vec<StepResult> = replies
        .into_iter()
        .zip(endings)
        .map(|(reply, ending)| StepResult { reply, ending })
        .collect();
    println!("{}", table(&journey, &results));
    let total = results.len();
    let right = journey.steps.iter().zip(&results).filter(|(s, r)| s.is_fulfilled_by(r)).count();
    println!("{right} of {total} events came out right.");
    Ok(if right == total { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn table(journey: &Journey, results: &[StepResult]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(
        ["", "EVENT", "REPLY", "ENDS"].map(|name| Cell::new(name).add_attribute(Attribute::Bold)),
    );
    for (step, result) in journey.steps.iter().zip(results) {
        let mark = if step.is_fulfilled_by(result) {
            Cell::new("✓").fg(Color::Green)
        } else {
            Cell::new("✗").fg(Color::Red)
        };
        let reply = against(result.reply.as_deref(), step.reply.as_deref());
        let ends = against(Some(&result.ending.to_string()), Some(&step.ends.to_string()));
        table.add_row([mark, Cell::new(&step.event), Cell::new(reply), Cell::new(ends)]);
    }
    table
}

/// What there is, and what there should be if that is something else.
fn against(actual: Option<&str>, expected: Option<&str>) -> String {
    let shown = |text: Option<&str>| text.unwrap_or("-").to_owned();
    if actual == expected {
        shown(actual)
    } else {
        format!("{} (expected {})", shown(actual), shown(expected))
    }
}

async fn serve(options: Options, env_file: Option<&Path>) -> anyhow::Result<ExitCode> {
    eprintln!("Building the functions …");
    let sandbox = Sandbox::start(options).await?;
    if let Some(path) = env_file {
        let line = |(name, value): (&String, &String)| format!("{name}={value}\n");
        let lines: String = sandbox.environment.iter().map(line).collect();
        std::fs::write(path, lines).with_context(|| format!("cannot write {}", path.display()))?;
    }
    let gateway = &sandbox.gateway_url;
    let cxone = sandbox.cxone.url();
    println!("gateway  {gateway}");
    println!("cxone    {cxone}   state: GET /simulator/state, faults: /simulator/faults");
    println!("webhooks signed with {WEBHOOK_SECRET}, or token {WEBHOOK_TOKEN}");
    println!("\nTo reach the queues and tables with the AWS CLI:\n");
    for (name, value) in sandbox.aws.environment() {
        println!("export {name}={value}");
    }
    println!(
        "\nTry:\n\ncurl {gateway}/webhook/opt-out -H 'authorization: Bearer {WEBHOOK_TOKEN}' \
         -H 'content-type: application/json' \\\n  -d '{SAMPLE}'\n"
    );
    if std::io::stdout().is_terminal() {
        println!("Ctrl-C ends it.");
    }
    std::future::pending().await
}

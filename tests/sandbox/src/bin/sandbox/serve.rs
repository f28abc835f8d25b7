//! `serve`: a sandbox that stays up for events of your own.

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    num::NonZeroU16,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use sandbox::{Options, Sandbox, WEBHOOK_SECRET, WEBHOOK_TOKEN, journey::Journey, openapi};
use serde_json::Value;

const SAMPLE: &str = r#"{"eventType":"contact.opt_out","data":{"phoneNumber":"(202) 555-0110"}}"#;

/// Options of `serve`.
#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Port of the HTTP gateway; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port of the CXone simulator; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    cxone_port: u16,
    /// Port of the receiver that campaigns may report to; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    receiver_port: u16,
    /// Write the functions' environment into this file, for `cargo lambda watch --env-file`.
    #[arg(long, value_name = "PATH")]
    env_file: Option<PathBuf>,
    /// Campaigns for the scheduler: a file with a JSON array, as docs/sandbox.md explains.
    #[arg(long, value_name = "PATH")]
    campaigns: Option<PathBuf>,
    /// Factor by which the clock of the schedules and of CXone runs faster than usual.
    #[arg(long, default_value_t = 1.0)]
    speed: f64,
    /// Interaction events of all channels that keep being sent each second.
    #[arg(long, value_name = "EVENTS")]
    traffic: Option<NonZeroU16>,
    /// Allow callbacks at any hour, as the demo does. Otherwise the law decides.
    #[arg(long)]
    any_hour: bool,
    /// Begin as `events/journey.yaml` does: with what CXone knows before, in the evening.
    #[arg(long)]
    journey: bool,
}

/// Stays up until it is interrupted.
pub(crate) async fn run(arguments: Arguments, common: Options) -> anyhow::Result<ExitCode> {
    let options = Options {
        gateway_port: arguments.port,
        cxone_port: arguments.cxone_port,
        receiver_port: arguments.receiver_port,
        campaigns: campaigns(arguments.campaigns.as_deref())?,
        parameters: if arguments.any_hour { common.parameters.clone() } else { BTreeMap::new() },
        ..common
    };
    eprintln!("Building the functions …");
    let mut sandbox = Sandbox::start(options).await?;
    sandbox.clock.set_speed(arguments.speed)?;
    if arguments.journey {
        Journey::read()?.prepare(&sandbox);
    }
    sandbox.fire_on_time();
    if let Some(path) = &arguments.env_file {
        write_environment(&sandbox, path)?;
    }
    introduce(&sandbox, arguments.traffic);
    if let Some(rate) = arguments.traffic {
        sandbox.traffic.keep_sending(rate).await;
    }
    std::future::pending().await
}

/// The campaigns in a file, for the template's parameter; none without one.
fn campaigns(path: Option<&Path>) -> anyhow::Result<String> {
    let Some(path) = path else { return Ok("[]".to_owned()) };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let campaigns: Vec<Value> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a JSON array", path.display()))?;
    Ok(Value::from(campaigns).to_string())
}

/// Writes the functions' environment, a line for each variable.
fn write_environment(sandbox: &Sandbox, path: &Path) -> anyhow::Result<()> {
    let line = |(name, value): (&String, &String)| format!("{name}={value}\n");
    let lines: String = sandbox.environment.iter().map(line).collect();
    std::fs::write(path, lines).with_context(|| format!("cannot write {}", path.display()))
}

/// Prints where everything is, and a first command to try.
fn introduce(sandbox: &Sandbox, traffic: Option<NonZeroU16>) {
    let gateway = &sandbox.gateway_url;
    let cxone = sandbox.cxone.url();
    println!("gateway  {gateway}");
    println!("         described by {gateway}{}", openapi::PATH);
    println!("cxone    {cxone}   state: GET /simulator/state, faults: /simulator/faults");
    println!("         clock: /simulator/clock, interactions: POST /simulator/generate");
    if let Some(rate) = traffic {
        println!("traffic  {rate} events a second to {}", sandbox.traffic.url());
    }
    println!("receiver {}   of campaigns' webhooks: GET /deliveries", sandbox.receiver.url());
    println!("schedules fire on time; at once: POST {gateway}/schedules/campaign-scheduler");
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
}

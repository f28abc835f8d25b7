//! `serve`: a sandbox that stays up for events of your own.

use std::{io::IsTerminal, num::NonZeroU16, path::Path, process::ExitCode};

use anyhow::Context;
use sandbox::{Options, Sandbox, WEBHOOK_SECRET, WEBHOOK_TOKEN, journey::Journey, openapi};
use serde_json::Value;

const SAMPLE: &str = r#"{"eventType":"contact.opt_out","data":{"phoneNumber":"(202) 555-0110"}}"#;

/// The campaigns in a file, for the template's parameter; none without one.
pub(crate) fn campaigns(path: Option<&Path>) -> anyhow::Result<String> {
    let Some(path) = path else { return Ok("[]".to_owned()) };
    let text =
        std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let campaigns: Vec<Value> = serde_json::from_str(&text)
        .with_context(|| format!("{} is not a JSON array", path.display()))?;
    Ok(Value::from(campaigns).to_string())
}

/// Stays up until it is interrupted.
pub(crate) async fn run(
    options: Options,
    env_file: Option<&Path>,
    speed: f64,
    traffic: Option<NonZeroU16>,
    journey: bool,
) -> anyhow::Result<ExitCode> {
    eprintln!("Building the functions …");
    let mut sandbox = Sandbox::start(options).await?;
    sandbox.clock.set_speed(speed)?;
    if journey {
        Journey::read()?.prepare(&sandbox);
    }
    sandbox.fire_on_time();
    if let Some(path) = env_file {
        let line = |(name, value): (&String, &String)| format!("{name}={value}\n");
        let lines: String = sandbox.environment.iter().map(line).collect();
        std::fs::write(path, lines).with_context(|| format!("cannot write {}", path.display()))?;
    }
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
    if let Some(rate) = traffic {
        sandbox.traffic.keep_sending(rate).await;
    }
    std::future::pending().await
}

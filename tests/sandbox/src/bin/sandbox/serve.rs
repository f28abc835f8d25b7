//! `serve`: a sandbox that stays up for events of your own.

use std::{
    collections::BTreeMap,
    io::IsTerminal,
    num::NonZeroU16,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::Context;
use sandbox::{
    Console, Options, Sandbox, WEBHOOK_SECRET, WEBHOOK_TOKEN,
    cxone::{self, Api, acd},
    journey::Journey,
    openapi,
};
use serde_json::Value;

use crate::output::{print, say};

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
    /// Port of the AWS services; 0 takes a free one. The gateway answers their calls as well.
    #[arg(long, default_value_t = 0)]
    aws_port: u16,
    /// Port of the receiver that campaigns may report to; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    receiver_port: u16,
    /// Port of the console; 0 takes a free one.
    #[arg(long, default_value_t = 0)]
    console_port: u16,
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
        aws_port: arguments.aws_port,
        receiver_port: arguments.receiver_port,
        campaigns: campaigns(arguments.campaigns.as_deref())?,
        parameters: if arguments.any_hour { common.parameters.clone() } else { BTreeMap::new() },
        ..common
    };
    say("Building the functions …");
    let sandbox = Sandbox::start(options).await?;
    sandbox.clock.set_speed(arguments.speed)?;
    if arguments.journey {
        Journey::read_for(sandbox.cxone.api())?.prepare(&sandbox)?;
    }
    if let Some(path) = &arguments.env_file {
        write_environment(&sandbox, path)?;
    }
    stay(sandbox, arguments.console_port, arguments.traffic).await
}

/// Fires schedules on time, and stays up until it is interrupted.
pub(crate) async fn stay(
    mut sandbox: Sandbox,
    console_port: u16,
    traffic: Option<NonZeroU16>,
) -> anyhow::Result<ExitCode> {
    sandbox.fire_on_time();
    // Other terminals find it by this, as long as it runs.
    let _announcement = running_sandboxes::announce(&sandbox.gateway_url)
        .context("the sandbox cannot be announced")?;
    let console = Console::start(&sandbox, console_port).await?;
    print(&format!("{}\n", console.introduction))?;
    print(&introduction(&sandbox, traffic))?;
    sandbox.lambda.warm_up().await?;
    if let Some(rate) = traffic {
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
    let mut lines = String::new();
    for (name, value) in &sandbox.environment {
        let value = quoted(value).with_context(|| format!("{name} cannot be quoted"))?;
        lines.extend([name, "=", &value, "\n"]);
    }
    std::fs::write(path, lines).with_context(|| format!("cannot write {}", path.display()))
}

/// A value between quotes that it does not contain: `cargo lambda` reads hardly any other
/// characters than letters without them, and does not know how to escape one.
fn quoted(value: &str) -> Option<String> {
    let quote = ['\'', '"'].into_iter().find(|quote| !value.contains(*quote))?;
    Some(format!("{quote}{value}{quote}"))
}

/// Where everything is, and a first command to try.
fn introduction(sandbox: &Sandbox, traffic: Option<NonZeroU16>) -> String {
    let gateway = &sandbox.gateway_url;
    let cxone = sandbox.cxone.url();
    let mut lines = vec![
        format!("gateway  {gateway}"),
        format!("         described by {gateway}{}", openapi::PATH),
        format!("cxone    {cxone}   state: GET /simulator/state, faults: /simulator/faults"),
        "         clock: /simulator/clock, interactions: POST /simulator/generate".to_owned(),
        format!("         client id {}, client secret {}", cxone::CLIENT_ID, cxone::CLIENT_SECRET),
    ];
    if sandbox.cxone.api() == Api::Acd {
        let (id, secret) = (acd::ACCESS_KEY_ID, acd::ACCESS_KEY_SECRET);
        lines.push(format!("         access key {id}, secret {secret}"));
        lines.push("         traits of the tenant: /simulator/traits".to_owned());
    }
    if let Some(rate) = traffic {
        lines.push(format!("traffic  {rate} events a second to {}", sandbox.traffic.url()));
    }
    lines.extend([
        format!("receiver {}   of campaigns' webhooks: GET /deliveries", sandbox.receiver.url()),
        format!("schedules fire on time; at once: POST {gateway}/schedules/campaign-scheduler"),
        format!("webhooks signed with {WEBHOOK_SECRET}, or token {WEBHOOK_TOKEN}"),
        "\nTo reach its AWS with the AWS CLI:\n".to_owned(),
    ]);
    lines.extend(aws_cli(sandbox));
    lines.push(format!(
        "\nTry, in another terminal:\n\n\
         curl {gateway}/webhook/opt-out -H 'authorization: Bearer {WEBHOOK_TOKEN}' \
         -H 'content-type: application/json' \\\n  -d '{SAMPLE}'\n\
         cargo sandbox send optout-webhook/opt-out\n\
         cargo sandbox state\n\
         cargo outbound status --sandbox\n"
    ));
    if std::io::stdout().is_terminal() {
        lines.push("Ctrl-C ends it.".to_owned());
    }
    lines.join("\n") + "\n"
}

/// Lines that point the AWS CLI here. Versions before 1.29 and 2.13 read the address from an option
/// only.
fn aws_cli(sandbox: &Sandbox) -> Vec<String> {
    let environment = sandbox.aws.environment().into_iter();
    let environment = environment.filter(|(name, _)| !name.starts_with("AWS_ENDPOINT_URL"));
    let export = |(name, value)| format!("export {name}={value}");
    let mut lines: Vec<String> = environment.map(export).collect();
    lines.push(format!("export AWS_ENDPOINT_URL={}", sandbox.aws.url()));
    lines.push(r#"aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }"#.to_owned());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_between_quotes_that_it_does_not_contain() {
        assert_eq!(quoted(r#"[{"id":"a b"}]"#).expect("quotes"), r#"'[{"id":"a b"}]'"#);
        assert_eq!(quoted("it's").expect("quotes"), r#""it's""#);
        assert_eq!(quoted(""), Some("''".to_owned()));
        assert_eq!(quoted(r#"'""#), None);
    }
}

//! The command line.

use clap::{Args, ColorChoice, Parser, Subcommand};
use url::Url;

/// Text below the help of every command.
const SETTINGS: &str = "\
Settings are environment variables, the same as those of the functions:
  CXONE_BASE_URL                          the host of the tenant's region
  CXONE_CLIENT_ID, CXONE_CLIENT_SECRET    the credentials
  CXONE_TOKEN_URL, CXONE_TOKEN_AUTH, CXONE_SCOPE, CXONE_PATH_<OPERATION>
                                          where the tenant differs from the defaults

Exit codes: 0 when all is well, 1 when something is missing or failed, 2 when the command line
cannot be read.";

/// Connects a deployment of the outbound bundle to CXone.
#[derive(Parser)]
#[command(name = "cxone", version, color = ColorChoice::Never, after_help = SETTINGS)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Check the credentials, and which scopes they lack.
    #[command(after_help = SETTINGS)]
    Whoami,
    /// Have CXone send its events to the webhooks of a deployment.
    ///
    /// Needed once per deployment, and harmless to repeat.
    ///
    /// A registration that is there stays as it is, even if it names another address.
    #[command(after_help = SETTINGS)]
    Register(Webhooks),
}

/// The webhooks to register.
#[derive(Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Webhooks {
    /// Receiver of opt-outs: the address of `POST /webhook/opt-out`.
    #[arg(long, value_name = "URL", value_parser = webhook)]
    pub(crate) opt_out_url: Option<Url>,
    /// Receiver of interaction events: the address of `POST /webhooks/cxone`.
    #[arg(long, value_name = "URL", value_parser = webhook)]
    pub(crate) interactions_url: Option<Url>,
}

/// An address that CXone may send customers' data to.
fn webhook(text: &str) -> Result<Url, String> {
    let url: Url = text.parse().map_err(|error| format!("{error}"))?;
    if outbound::is_confidential(&url) { Ok(url) } else { Err("not an https address".to_owned()) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn events_are_sent_over_https_except_on_this_machine() {
        for (address, expected) in [
            ("https://example.com/webhook/opt-out", true),
            ("http://127.0.0.1:9000/webhook/opt-out", true),
            ("http://example.com/webhook/opt-out", false),
            ("example.com", false),
        ] {
            assert_eq!(webhook(address).is_ok(), expected, "{address}");
        }
    }
}

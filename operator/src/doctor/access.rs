//! Whether CXone lets the deployment in.

use std::time::Duration;

use chrono::{DateTime, TimeDelta};
use cxone::{Client, Config};
use platform::secrets::ClientSource;
use reqwest::header::{ACCEPT, DATE};
use url::Url;

use super::{
    Case,
    finding::{Finding, Findings},
};
use crate::{output::span, stack::Stack, tenant::settings};

/// Time in which CXone must answer a request for the time.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most that two clocks may differ: callbacks are booked to the minute.
const AHEAD_MAX: TimeDelta = TimeDelta::seconds(60);

/// The client that the settings make, and its address.
pub(super) async fn client(case: &Case<'_>, findings: &mut Findings) -> Option<(Client, Url)> {
    if let Some(stack) = case.stack {
        return of_stack(stack, case, findings).await;
    }
    let (config, credentials) = read(case.values.environment().read(settings), findings)?;
    connected(config, credentials, findings)
}

async fn of_stack(
    stack: &Stack,
    case: &Case<'_>,
    findings: &mut Findings,
) -> Option<(Client, Url)> {
    let settings = case.values.environment().read(|env| {
        let (config, source) = (Config::read(env), ClientSource::read(env));
        Some((config?, source?))
    });
    let (config, source) = read(settings, findings)?;
    match source.load(stack.secrets_manager()).await {
        Ok(credentials) => {
            let detail = "it holds what CxoneTokenAuth needs";
            findings.add(Finding::ok("cxone-secret", detail));
            connected(config, credentials, findings)
        }
        Err(why) => {
            let advice = "Store clientId and clientSecret there, with acd also accessKeyId and \
                          accessKeySecret; with CxoneTokenAuth access-key the last two are \
                          enough. CxoneSecretArn must name this secret, and no other.";
            findings.add(Finding::wrong("cxone-secret", why, advice));
            None
        }
    }
}

fn read<T>(settings: Result<T, settings::Problems>, findings: &mut Findings) -> Option<T> {
    match settings {
        Ok(settings) => {
            findings.add(Finding::ok("settings", "those of CXone can be read"));
            Some(settings)
        }
        Err(problems) => {
            let advice = "Correct these; docs/configuration.md says what each may be. The \
                          parameter of CXONE_DFO_URL is CxoneDfoUrl, and so on.";
            findings.add(Finding::wrong("settings", problems, advice));
            None
        }
    }
}

fn connected(
    config: Config,
    credentials: impl settings::CredentialSource + 'static,
    findings: &mut Findings,
) -> Option<(Client, Url)> {
    let address = config.base_url().clone();
    match Client::new(config, credentials) {
        Ok(client) => Some((client, address)),
        Err(why) => {
            findings.add(Finding::wrong("tls", why, "Install the certificates of the system."));
            None
        }
    }
}

/// Compares the clock of this machine with that of CXone. No credential is sent.
pub(super) async fn clock(address: &Url) -> Finding {
    const CHECK: &str = "clock";
    let ahead = match clock_ahead(address).await {
        Ok(ahead) => ahead,
        Err(why) => return Finding::not_checked(CHECK, why),
    };
    let by = span(ahead.abs());
    if ahead.abs() <= AHEAD_MAX {
        return Finding::ok(CHECK, format!("this machine and CXone differ by {by}"));
    }
    let direction = if ahead > TimeDelta::zero() { "ahead of" } else { "behind" };
    let advice = "Set the clock of this machine, by NTP. If it is right, the times that CXone \
                  reports are not.";
    Finding::wrong(CHECK, format!("this machine is {by} {direction} CXone"), advice)
}

/// Time by which this machine is ahead of CXone, as well as a header shows it.
async fn clock_ahead(address: &Url) -> Result<TimeDelta, String> {
    let http = cxone::https_client().map_err(|error| error.to_string())?;
    let http = http.redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build();
    let http = http.map_err(|error| error.to_string())?;
    let before = ambient::now();
    let answer = http.get(address.clone()).header(ACCEPT, "application/json").send().await;
    let answer =
        answer.map_err(|error| format!("CXone is not available: {}", error.without_url()))?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| DateTime::parse_from_rfc2822(date).ok());
    let date = date.ok_or("CXone's answer has no date")?;
    let middle = before + (ambient::now() - before) / 2;
    Ok(middle - date.to_utc())
}

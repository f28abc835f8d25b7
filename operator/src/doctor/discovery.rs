//! The settings of a tenant, from its public documents. They are printed for a person to judge; no
//! credential is ever sent to a host that a document names.

use std::{fmt::Write as _, str::FromStr, time::Duration};

use anyhow::Context as _;
use reqwest::header::ACCEPT;
use serde::Serialize;
use serde_json::Value;
use url::Url;

use crate::output::{Format, Outcome, Verdict};

/// Issuer of tokens for tenants that are not of a government.
const ISSUER: &str = "https://cxone.niceincontact.com";

/// Time for a document.
const PATIENCE: Duration = Duration::from_secs(10);

/// The host that is asked for the services of a tenant.
#[derive(Debug, Clone)]
pub(super) struct Host {
    url: Url,
    /// The issuer that belongs to it.
    issuer: Url,
}

impl FromStr for Host {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const RULE: &str = "must be an area, such as na1, or an https address";
        let is_area = !text.is_empty()
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        let address =
            if is_area { format!("https://{text}.nice-incontact.com") } else { text.to_owned() };
        let url: Url = address.parse().map_err(|_| RULE.to_owned())?;
        let issuer =
            if is_area { ISSUER.parse().map_err(|_| RULE.to_owned())? } else { url.clone() };
        if outbound::is_confidential(&url) {
            Ok(Self { url, issuer })
        } else {
            Err(RULE.to_owned())
        }
    }
}

/// What the documents say.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Settings {
    asked: [String; 2],
    base_url: Option<String>,
    token_url: Option<String>,
    /// The token endpoint for an access key alone.
    access_key_url: Option<String>,
    dfo_url: Option<String>,
}

pub(super) async fn answer(
    host: &Host,
    issuer: Option<&Url>,
    format: Format,
) -> anyhow::Result<Outcome> {
    let openid = below(issuer.unwrap_or(&host.issuer), "/.well-known/openid-configuration");
    let hosts = below(&host.url, "/.well-known/cxone-configuration");
    let settings =
        Settings::of(&openid, &document(&openid).await?, &hosts, &document(&hosts).await?);
    let found = [&settings.base_url, &settings.token_url, &settings.access_key_url];
    let verdict = Verdict::bad_if(found.iter().any(|setting| setting.is_none()));
    Outcome::report(format, &settings, Settings::shown, verdict)
}

fn below(host: &Url, path: &str) -> Url {
    let mut url = host.clone();
    url.set_path(path);
    url
}

async fn document(url: &Url) -> anyhow::Result<Value> {
    let http = cxone::https_client()?.timeout(PATIENCE).build()?;
    let asked = async {
        let answer = http.get(url.clone()).header(ACCEPT, "application/json").send().await?;
        answer.error_for_status()?.bytes().await
    };
    let body = asked.await.with_context(|| format!("{url} does not answer"))?;
    serde_json::from_slice(&body).with_context(|| format!("{url} is not JSON"))
}

impl Settings {
    fn of(openid: &Url, issuer: &Value, hosts: &Url, tenant: &Value) -> Self {
        let access_key = tenant["auth_endpoint"].as_str().map(|host| {
            format!("{}/authentication/v1/token/access-key", host.trim_end_matches('/'))
        });
        let dfo = tenant["area"].as_str().zip(tenant["domain"].as_str());
        let dfo = dfo.map(|(area, domain)| format!("https://api-de-{area}.{domain}"));
        Self {
            asked: [openid.to_string(), hosts.to_string()],
            base_url: tenant["api_endpoint"].as_str().and_then(address),
            token_url: issuer["token_endpoint"].as_str().and_then(address),
            access_key_url: access_key.as_deref().and_then(address),
            dfo_url: dfo.as_deref().and_then(address),
        }
    }

    /// Lines for a shell.
    fn shown(&self) -> String {
        let mut text =
            String::from("# Check that these are hosts of NICE before you use them. Asked:\n");
        let mut line = |line: &str| {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "{line}");
        };
        for asked in &self.asked {
            line(&format!("# {asked}"));
        }
        line("CXONE_API=acd");
        let settings = [
            ("CXONE_BASE_URL", &self.base_url),
            ("CXONE_TOKEN_URL", &self.token_url),
            ("CXONE_DFO_URL", &self.dfo_url),
        ];
        for (name, value) in settings {
            match value {
                Some(value) => line(&format!("{name}={value}")),
                None => line(&format!("# {name} is in none of the documents")),
            }
        }
        if let Some(url) = &self.access_key_url {
            line("# For an access key alone:");
            line("# CXONE_TOKEN_AUTH=access-key");
            line(&format!("# CXONE_TOKEN_URL={url}"));
        }
        line("# The parameter of CXONE_BASE_URL is CxoneBaseUrl, and so on. Without text");
        line("# messages CXONE_DFO_URL stays empty.");
        text
    }
}

/// An address that credentials may be sent to, and that is safe in a shell.
fn address(text: &str) -> Option<String> {
    let url: Url = text.parse().ok()?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || ":/._-".contains(letter);
    let is_usable = outbound::is_confidential(&url) && text.chars().all(is_plain);
    is_usable.then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_area_is_a_host_of_nice_and_an_address_is_itself() {
        let host =
            |text: &str| text.parse::<Host>().map(|host| [host.url, host.issuer].map(String::from));
        let of_area = ["https://na1.nice-incontact.com/", "https://cxone.niceincontact.com/"];
        assert_eq!(host("na1"), Ok(of_area.map(str::to_owned)));
        let itself = ["https://example.com/"; 2].map(str::to_owned);
        assert_eq!(host("https://example.com"), Ok(itself));
        for wrong in ["", "http://example.com", "na1.example.com", "na 1", "ftp://example.com"] {
            assert!(host(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_no_plain_https_address_is_not_a_setting() {
        for (text, expected) in [
            ("https://api-na1.example.com/", Some("https://api-na1.example.com")),
            ("http://api-na1.example.com", None),
            ("https://example.com/$(id)", None),
            ("https://example.com/;id", None),
            ("https://me:secret@example.com", None),
            ("", None),
        ] {
            assert_eq!(address(text).as_deref(), expected, "{text}");
        }
    }
}

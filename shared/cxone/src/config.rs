//! Configuration of the client, from environment variables.

use std::str::FromStr;

use settings::{Environment, Settings as _};
use url::Url;

use crate::{
    acd::AcdSettings,
    retry::Policy,
    token::{ClientAuth, Grant},
    transport::below,
    v2,
};

/// Address of CXone and the way to call it. Credentials have a source of their own.
///
/// | variable | default | meaning |
/// |---|---|---|
/// | `CXONE_BASE_URL` | required | the host of the tenant's region, with a path prefix if it has one |
/// | `CXONE_API` | `v2` | the API that is spoken: `v2` or `acd` |
/// | `CXONE_TOKEN_URL` | base + `/oauth/token`; required with `acd` | the token endpoint |
/// | `CXONE_TOKEN_AUTH` | `basic` | how the client authenticates there: `basic` or `form`; with `acd` also `access-key`, for an access key without a client |
/// | `CXONE_SCOPE` | none | the scopes requested, separated by spaces; not with `acd` |
/// | `CXONE_PATH_<OPERATION>` | as documented by CXone | the path of one operation, with its placeholders, such as `CXONE_PATH_ADD_TO_DNC_LIST=/api/v2/outbound/dnc-lists/{listId}/contacts` |
///
/// The README lists the settings that only `acd` has.
///
/// URLs are HTTPS. Plain HTTP is for a simulator on this machine: a loopback address,
/// `localhost`, or `host.docker.internal`.
#[derive(Debug, Clone)]
pub struct Config {
    pub(crate) base: Url,
    pub(crate) token_url: Url,
    pub(crate) grant: Grant,
    pub(crate) scope: Option<String>,
    pub(crate) backend: BackendConfig,
    pub(crate) policy: Policy,
}

/// Configuration of one backend.
#[derive(Debug, Clone)]
pub(crate) enum BackendConfig {
    V2(v2::Paths),
    Acd(Box<AcdSettings>),
}

impl Config {
    /// Reads the variables above and reports what is wrong with them.
    pub fn read(env: &mut Environment) -> Option<Self> {
        let base = env.required("CXONE_BASE_URL");
        let base = base.and_then(|url| usable("CXONE_BASE_URL", url, env));
        let api = env.optional("CXONE_API", Api::V2);
        let token_url = match (api, env.is_set(TOKEN_URL)) {
            (Some(Api::Acd), _) | (_, true) => {
                let url = env.required(TOKEN_URL);
                url.and_then(|url| usable(TOKEN_URL, url, env))
            }
            _ => base.as_ref().map(|base| below(base, "/oauth/token")),
        };
        let grant = grant(api.unwrap_or(Api::V2), env);
        let scope = env.optional(SCOPE, String::new()).filter(|scope| {
            let has_meaning = scope.is_empty() || api != Some(Api::Acd);
            if !has_meaning {
                env.report(SCOPE, "is set, and with CXONE_API=acd a role decides");
            }
            has_meaning
        });
        let backend = match api? {
            Api::V2 => v2::Paths::read(env).map(BackendConfig::V2),
            Api::Acd => AcdSettings::read(env).map(|acd| BackendConfig::Acd(Box::new(acd))),
        };
        Some(Self {
            base: base?,
            token_url: token_url?,
            grant: grant?,
            scope: Some(scope?).filter(|scope| !scope.is_empty()),
            backend: backend?,
            policy: Policy::DEFAULT,
        })
    }

    /// Codes of dispositions that are written back, each after its category. None unless they are
    /// written in the place of an agent's.
    pub fn dispositions_written(&self) -> impl Iterator<Item = (&str, &str)> {
        let acd = match &self.backend {
            BackendConfig::V2(_) => None,
            BackendConfig::Acd(acd) => Some(acd),
        };
        acd.into_iter().flat_map(|acd| acd.dispositions_written())
    }

    /// The host of the tenant's region, with its path prefix. Fit to be shown.
    pub fn base_url(&self) -> &Url {
        &self.base
    }
}

const TOKEN_URL: &str = "CXONE_TOKEN_URL";
const SCOPE: &str = "CXONE_SCOPE";

/// The APIs of CXone that this crate speaks.
#[derive(Clone, Copy, PartialEq)]
enum Api {
    V2,
    Acd,
}

impl FromStr for Api {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "v2" => Ok(Self::V2),
            "acd" => Ok(Self::Acd),
            _ => Err("expected v2 or acd"),
        }
    }
}

/// Reads the way to request a token.
fn grant(api: Api, env: &mut Environment) -> Option<Grant> {
    const SETTING: &str = "CXONE_TOKEN_AUTH";
    let style = env.optional(SETTING, "basic".to_owned())?;
    let (grant, expected): (fn(ClientAuth) -> Grant, _) = match api {
        Api::V2 => (Grant::Client, "expected basic or form"),
        Api::Acd => (Grant::Password, "expected basic, form or access-key"),
    };
    match (style.as_str(), api) {
        ("basic", _) => Some(grant(ClientAuth::Basic)),
        ("form", _) => Some(grant(ClientAuth::Form)),
        ("access-key", Api::Acd) => Some(Grant::AccessKey),
        _ => {
            env.report(SETTING, format!("is `{style}`: {expected}"));
            None
        }
    }
}

/// Lets through only an address that credentials may be sent to and that a log may show.
pub(crate) fn usable(name: &str, url: Url, env: &mut Environment) -> Option<Url> {
    let problem = if !outbound::is_confidential(&url) {
        "is not an https address"
    } else if !url.username().is_empty() || url.password().is_some() {
        "holds a user name or a password: credentials have their own settings"
    } else if url.query().is_some() || url.fragment().is_some() {
        "has a query or a fragment"
    } else {
        return Some(url);
    };
    env.report(name, problem);
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Config, String> {
        Environment::from_pairs(pairs.iter().copied())
            .read(Config::read)
            .map_err(|problems| problems.to_string())
    }

    #[test]
    fn the_base_url_is_all_it_needs() {
        let config = read(&[("CXONE_BASE_URL", "https://api.example.com")]).expect("it is set");
        assert_eq!(config.token_url.as_str(), "https://api.example.com/oauth/token");
        assert_eq!(config.grant, Grant::Client(ClientAuth::Basic));
        assert_eq!(config.scope, None);
    }

    #[test]
    fn a_path_prefix_of_the_base_url_is_kept() {
        let config = read(&[("CXONE_BASE_URL", "https://example.com/cxone/")]).expect("it is set");
        assert_eq!(config.token_url.as_str(), "https://example.com/cxone/oauth/token");
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let problems = read(&[
            ("CXONE_TOKEN_URL", "ftp://api.example.com/token"),
            ("CXONE_TOKEN_AUTH", "digest"),
            ("CXONE_PATH_ADD_TO_DNC_LIST", "/dnc/contacts"),
        ])
        .expect_err("four problems");
        for expected in [
            "4 settings are missing or malformed:",
            "CXONE_BASE_URL is not set",
            "CXONE_TOKEN_URL is not an https address",
            "CXONE_TOKEN_AUTH is `digest`: expected basic or form",
            "CXONE_PATH_ADD_TO_DNC_LIST lacks the placeholder {listId}",
        ] {
            assert!(problems.contains(expected), "{expected} in {problems}");
        }
    }

    #[test]
    fn an_unknown_api_is_a_problem() {
        let problems = read(&[("CXONE_BASE_URL", "https://api.example.com"), ("CXONE_API", "v3")]);
        let problems = problems.expect_err("there is no v3");
        assert!(problems.contains("CXONE_API is `v3`: expected v2 or acd"), "{problems}");
    }

    #[test]
    fn credentials_go_over_https_except_on_this_machine() {
        for url in [
            "https://api.example.com",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://localhost:8080",
            "http://host.docker.internal:8080",
        ] {
            assert!(read(&[("CXONE_BASE_URL", url)]).is_ok(), "{url}");
        }
        for url in [
            "http://api.example.com",
            "https://me:secret@api.example.com",
            "https://api.example.com/?key=1",
        ] {
            assert!(read(&[("CXONE_BASE_URL", url)]).is_err(), "{url}");
        }
    }
}

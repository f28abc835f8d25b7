//! Whether a token is granted. If not, the other styles of requesting one are tried, so that the report
//! says which setting or which half of the secret is wrong.

use chrono::TimeDelta;
use cxone::{Client, CredentialHalf, Error, TokenStyle, TokenTrial, TokenTrials};

use super::finding::{Finding, Findings};
use crate::{
    output::span,
    tenant::{Source, advice, deadline},
};

const CHECK: &str = "token";

/// Asks for a token. Returns whether there is one.
pub(super) async fn check(client: &Client, source: Source, findings: &mut Findings) -> bool {
    let error = match client.token_life(deadline()).await {
        Ok(life) => {
            let life = life.and_then(|life| TimeDelta::from_std(life).ok());
            let lasts = match life {
                Some(life) => format!("for {}", span(life)),
                None => "for a time that is not told, taken to be 30 min".to_owned(),
            };
            findings.add(Finding::ok(CHECK, format!("granted {lasts}")));
            return true;
        }
        Err(error) => error,
    };
    findings.add(match client.inspection() {
        Some(inspection) if is_refusal(&error) => {
            refused(&error, &inspection.token_trials(deadline()).await, source)
        }
        inspection => {
            let advice = advice(&error, inspection.is_some(), source);
            let advice = advice.unwrap_or("Try again later.");
            Finding::wrong(CHECK, error, advice)
        }
    });
    false
}

/// Returns whether the endpoint answered, and granted nothing.
fn is_refusal(error: &Error) -> bool {
    matches!(error, Error::Unauthorized { .. } | Error::Unexpected { .. })
}

fn refused(error: &Error, trials: &TokenTrials, source: Source) -> Finding {
    let tried: Vec<String> = trials.others.iter().map(TokenTrial::to_string).collect();
    let detail = match &tried[..] {
        [] => error.to_string(),
        tried => format!("{error}. Tried as well: {}", tried.join(", ")),
    };
    let granted = trials.others.iter().find(|trial| trial.is_granted());
    let halves = refused_halves(trials);
    let credentials = match (halves, granted) {
        ([true, _], Some(_)) => {
            "The client is refused, the access key is not: correct clientId and \
                                 clientSecret. "
        }
        ([true, true], None) => {
            "Both halves are refused: correct clientId, clientSecret, \
                                 accessKeyId and accessKeySecret. "
        }
        ([true, false], None) => "The client is refused: correct clientId and clientSecret. ",
        ([false, true], _) => {
            "The access key is refused: correct accessKeyId and accessKeySecret. "
        }
        ([false, false], _) => "",
    };
    let settings = match granted {
        Some(trial) => style(trial, !credentials.is_empty()),
        None if credentials.is_empty() => {
            advice(error, true, source).unwrap_or("Try again later.").into()
        }
        None => String::new(),
    };
    Finding::wrong(CHECK, detail, format!("{credentials}{settings}").trim())
}

/// The settings of a style that is granted a token.
fn style(granted: &TokenTrial, is_alternative: bool) -> String {
    let begin = if is_alternative { "Or set" } else { "Set" };
    let style = granted.style;
    if granted.is_elsewhere {
        format!("{begin} CxoneTokenAuth to {style} and CxoneTokenUrl to {}.", granted.url)
    } else {
        format!("{begin} CxoneTokenAuth to {style}.")
    }
}

/// Whether the client is refused, and whether the access key is. A client that is accepted in one place
/// is good.
fn refused_halves(trials: &TokenTrials) -> [bool; 2] {
    let others = trials.others.iter().filter_map(TokenTrial::half);
    let seen: Vec<CredentialHalf> = trials.refused.into_iter().chain(others).collect();
    let takes_client = |trial: &TokenTrial| {
        let is_of_client = trial.style != TokenStyle::AccessKey;
        is_of_client && (trial.is_granted() || trial.half() == Some(CredentialHalf::AccessKey))
    };
    let is_client_good = trials.others.iter().any(takes_client);
    let is_key_good = trials.others.iter().any(TokenTrial::is_granted);
    [
        seen.contains(&CredentialHalf::Client) && !is_client_good,
        seen.contains(&CredentialHalf::AccessKey) && !is_key_good,
    ]
}

#[cfg(test)]
mod tests {
    use cxone::TokenTrialOutcome;

    use super::*;
    use TokenStyle::{AccessKey, Form};
    use TokenTrialOutcome::{Granted, NotTried};

    const CLIENT: Option<CredentialHalf> = Some(CredentialHalf::Client);
    const KEY: Option<CredentialHalf> = Some(CredentialHalf::AccessKey);

    fn trial(style: TokenStyle, outcome: TokenTrialOutcome) -> TokenTrial {
        let is_elsewhere = style == TokenStyle::AccessKey;
        let path = if is_elsewhere { "access-key" } else { "auth/token" };
        let url = format!("https://example.com/{path}").parse().expect("an address");
        TokenTrial { style, url, is_elsewhere, outcome }
    }

    fn no(status: u16, half: Option<CredentialHalf>) -> TokenTrialOutcome {
        TokenTrialOutcome::Refused { status, code: None, half }
    }

    /// The advice when the configured style is refused for a half, and the others end so.
    fn advised(
        configured: Option<CredentialHalf>,
        others: impl IntoIterator<Item = (TokenStyle, TokenTrialOutcome)>,
    ) -> String {
        let error = Error::Unauthorized { detail: "the token endpoint answered 401".to_owned() };
        let others = others.into_iter().map(|(style, outcome)| trial(style, outcome));
        let trials = TokenTrials { refused: configured, others: others.collect() };
        refused(&error, &trials, Source::Stack).advice.expect("advice")
    }

    #[test]
    fn a_style_that_is_granted_a_token_is_the_setting() {
        let key = "Set CxoneTokenAuth to access-key and CxoneTokenUrl to \
                   https://example.com/access-key.";
        assert_eq!(advised(CLIENT, [(Form, Granted)]), "Set CxoneTokenAuth to form.");
        assert_eq!(advised(KEY, [(AccessKey, Granted)]), key);
        let advice = advised(CLIENT, [(Form, no(401, CLIENT)), (AccessKey, Granted)]);
        assert!(advice.starts_with("The client is refused, the access key is not: "), "{advice}");
        assert!(advice.ends_with(&key.replace("Set", "Or set")), "{advice}");
    }

    #[test]
    fn otherwise_the_half_that_is_refused_is_named() {
        let key = "The access key is refused: correct accessKeyId and accessKeySecret.";
        assert_eq!(advised(CLIENT, [(Form, no(400, KEY)), (AccessKey, no(401, KEY))]), key);
        assert_eq!(advised(KEY, [(AccessKey, no(404, None))]), key);
        let both = advised(CLIENT, [(Form, no(401, CLIENT)), (AccessKey, no(401, KEY))]);
        assert!(both.starts_with("Both halves are refused: "), "{both}");
        let client = advised(CLIENT, [(Form, no(401, CLIENT)), (AccessKey, no(404, None))]);
        assert_eq!(client, "The client is refused: correct clientId and clientSecret.");
        let neither = advised(None, [(AccessKey, NotTried("no answer".to_owned()))]);
        assert!(neither.starts_with("Check the access key"), "{neither}");
    }
}

//! The other styles of requesting a token, tried when the configured one is refused: where the
//! mistake is, in the style or in a half of the credentials.

use std::{fmt, sync::PoisonError};

use ambient::Instant;

use url::Url;

use super::{Body, ClientAuth, Grant, TokenSource, granted, oauth_error};
use crate::{Error, retry::Repeat};

/// Path of the endpoint for an access key alone.
const ACCESS_KEY_PATH: &str = "/authentication/v1/token/access-key";
/// Path of the token endpoint, as it has been seen.
const TOKEN_PATH: &str = "/auth/token";

/// Style of a token request, by its name in `CXONE_TOKEN_AUTH`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStyle {
    /// Client in the header, access key in the form.
    Basic,
    /// Client and access key in the form.
    Form,
    /// The access key alone.
    AccessKey,
}

/// A half of the credentials.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CredentialHalf {
    /// Id and secret of the client.
    Client,
    /// Id and secret of the access key.
    AccessKey,
}

/// What was tried after a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTrials {
    /// The half that the configured style was refused for, if the answer shows it.
    pub refused: Option<CredentialHalf>,
    /// The other styles, up to the first that is granted a token.
    pub others: Vec<TokenTrial>,
}

/// A style that was tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenTrial {
    /// The style.
    pub style: TokenStyle,
    /// The endpoint: that of `CXONE_TOKEN_URL`, or the other one on the same host.
    pub url: Url,
    /// True if the endpoint is not the configured one.
    pub is_elsewhere: bool,
    /// What came of it.
    pub outcome: TokenTrialOutcome,
}

/// What came of a token request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenTrialOutcome {
    /// A token.
    Granted,
    /// A refusal.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The error code of RFC 6749, if the answer has one.
        code: Option<&'static str>,
        /// The half of the credentials that is refused, if the answer shows it.
        half: Option<CredentialHalf>,
    },
    /// Nothing was answered, or nothing sent.
    NotTried(String),
}

impl TokenStyle {
    const ALL: [Self; 3] = [Self::Basic, Self::Form, Self::AccessKey];

    fn of(grant: Grant) -> Self {
        match grant {
            Grant::Client(ClientAuth::Basic) | Grant::Password(ClientAuth::Basic) => Self::Basic,
            Grant::Client(ClientAuth::Form) | Grant::Password(ClientAuth::Form) => Self::Form,
            Grant::AccessKey => Self::AccessKey,
        }
    }

    fn grant(self) -> Grant {
        match self {
            Self::Basic => Grant::Password(ClientAuth::Basic),
            Self::Form => Grant::Password(ClientAuth::Form),
            Self::AccessKey => Grant::AccessKey,
        }
    }

    /// The half of the credentials that a refusal is about.
    fn half(self, status: u16, code: Option<&str>) -> Option<CredentialHalf> {
        match (self, code) {
            (Self::AccessKey, _) => {
                matches!(status, 401 | 403).then_some(CredentialHalf::AccessKey)
            }
            (_, Some("invalid_client" | "unauthorized_client")) => Some(CredentialHalf::Client),
            (_, Some("invalid_grant")) => Some(CredentialHalf::AccessKey),
            _ => None,
        }
    }
}

impl fmt::Display for TokenStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Basic => "basic",
            Self::Form => "form",
            Self::AccessKey => "access-key",
        })
    }
}

impl fmt::Display for TokenTrial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.style)?;
        match &self.outcome {
            TokenTrialOutcome::Granted => write!(f, "granted"),
            TokenTrialOutcome::Refused { status, code: Some(code), .. } => {
                write!(f, "{status} ({code})")
            }
            TokenTrialOutcome::Refused { status, code: None, .. } => write!(f, "{status}"),
            TokenTrialOutcome::NotTried(why) => write!(f, "not tried, {why}"),
        }
    }
}

impl TokenTrial {
    /// The half of the credentials that is refused, if the answer shows it.
    pub fn half(&self) -> Option<CredentialHalf> {
        match self.outcome {
            TokenTrialOutcome::Refused { half, .. } => half,
            _ => None,
        }
    }

    /// Returns whether the client was accepted, or could not be sent.
    fn shows_client(&self) -> bool {
        self.half() == Some(CredentialHalf::AccessKey)
            || matches!(self.outcome, TokenTrialOutcome::NotTried(_))
    }

    /// Returns whether a token was granted.
    pub fn is_granted(&self) -> bool {
        self.outcome == TokenTrialOutcome::Granted
    }
}

impl TokenSource {
    /// Tries the styles that are not configured, each once, until one is granted a token. The
    /// credentials go to the configured host and to no other.
    pub(crate) async fn trials(&self, until: Instant) -> TokenTrials {
        let own = TokenStyle::of(self.grant);
        let answered = *self.answered.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = answered.and_then(|(status, code)| own.half(status, code));
        let mut others: Vec<TokenTrial> = Vec::new();
        let mut is_client_known =
            own != TokenStyle::AccessKey && refused == Some(CredentialHalf::AccessKey);
        for style in TokenStyle::ALL {
            let url = self.url_of(style);
            let is_own = style == own && url == self.url;
            // Another place for a client that was accepted, or that there is not, shows nothing.
            if is_own || (is_client_known && style != TokenStyle::AccessKey) {
                continue;
            }
            let is_elsewhere = url != self.url;
            let outcome = self.tried(style, &url, until).await;
            let trial = TokenTrial { style, url, is_elsewhere, outcome };
            is_client_known |= style != TokenStyle::AccessKey && trial.shows_client();
            let is_granted = trial.is_granted();
            others.push(trial);
            if is_granted {
                break;
            }
        }
        TokenTrials { refused, others }
    }

    async fn tried(&self, style: TokenStyle, url: &Url, until: Instant) -> TokenTrialOutcome {
        let sent = async {
            let credentials = self.credentials(until).await?;
            let body = Body::new(style.grant(), None, &credentials)?;
            let request = |http: &reqwest::Client| body.request(http.post(url.clone()));
            self.sender.once(Repeat::Reading, until, request).await
        };
        match sent.await {
            Ok((answer, _)) if granted(&answer).is_ok() => TokenTrialOutcome::Granted,
            Ok((answer, _)) => {
                let (status, code) = (answer.status.as_u16(), oauth_error(&answer.body));
                TokenTrialOutcome::Refused { status, code, half: style.half(status, code) }
            }
            Err(Error::Unauthorized { detail }) => TokenTrialOutcome::NotTried(detail),
            Err(error) => TokenTrialOutcome::NotTried(error.to_string()),
        }
    }

    /// The endpoint of a style: the configured one if it is of that kind, else the other one on the
    /// same host.
    fn url_of(&self, style: TokenStyle) -> Url {
        let is_for_key = self.url.path().ends_with("/access-key");
        let mut url = self.url.clone();
        match (style, is_for_key) {
            (TokenStyle::AccessKey, false) => url.set_path(ACCESS_KEY_PATH),
            (TokenStyle::Basic | TokenStyle::Form, true) => url.set_path(TOKEN_PATH),
            _ => {}
        }
        url
    }
}

//! The APIs of CXone that a client can speak.

use std::sync::Arc;

use settings::CredentialSource;

use crate::{
    Config, Error,
    acd::{self, Acd},
    config::BackendConfig,
    sender::{Http, Sender},
    token::TokenSource,
    transport::Transport,
    v2::{self, V2},
};

/// The APIs a client can speak. Each carries its own transport, because they authenticate in
/// different ways.
///
/// An enum and a macro rather than a trait: each operation is named in one place, and the compiler
/// checks that every backend has it, as with a trait. But an object would keep all operations of
/// all backends in the binary of a function that calls two of them.
#[derive(Debug)]
pub(crate) enum Backend {
    V2(Box<V2>),
    Acd(Box<Acd>),
}

impl Backend {
    /// The backend that the settings name. It has not talked to CXone yet.
    pub(crate) fn new(
        config: Config,
        credentials: Box<dyn CredentialSource>,
    ) -> Result<Self, Error> {
        let http = Arc::new(Http::new()?);
        let tokens = TokenSource::new(
            Sender::new(Arc::clone(&http), config.policy),
            config.token_url,
            config.grant,
            config.scope,
            credentials,
        );
        let sender = Sender::new(http, config.policy);
        let (base, pause) = (config.base, config.policy.read_back_after);
        Ok(match config.backend {
            BackendConfig::V2(paths) => {
                let transport = Transport::new(sender, tokens, v2::ERROR_MESSAGE);
                Backend::V2(Box::new(V2::new(transport, base, paths)))
            }
            BackendConfig::Acd(settings) => {
                let transport = Transport::new(sender, tokens, acd::ERROR_MESSAGE);
                Backend::Acd(Box::new(Acd::new(transport, base, *settings, pause)))
            }
        })
    }
}

use std::{fmt::Debug, pin::Pin};

use http::{Request, Response};

/// Answer to a request, some time later.
pub type Exchange = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, Unanswered>> + Send>>;

/// The network of a simulated process: HTTP requests go in, answers come out.
///
/// A client that speaks HTTP looks for one with [`network`](crate::network()) before it opens a
/// connection.
pub trait Network: Debug + Send + Sync {
    /// Exchanges a request for an answer.
    fn exchange(&self, request: Request<Vec<u8>>) -> Exchange;
}

/// A request without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unanswered {
    /// It was not sent.
    #[error("no connection")]
    NotSent,
    /// It was sent. Whether it had an effect is unknown.
    #[error("the connection was closed before an answer")]
    NoAnswer,
}

//! The load that a function puts on CXone.

/// Calls to CXone. Requests for tokens do not count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CxoneUsage {
    /// Requests that were made, retries and failed connections included.
    pub calls: u64,
    /// Requests that CXone answered with 429.
    pub throttled: u64,
    /// Calls that CXone did not accept because of the caller: the credentials are wrong, even a new
    /// token is refused, or a scope is missing. Calls that were not made for want of a token are
    /// among them.
    pub refused: u64,
}

//! The AWS side of the bundle: what a function needs to be called safely, more than once.
//!
//! | module | what it promises |
//! |---|---|
//! | [`aws`] | SDK clients from one configuration, with time limits that fit a Lambda |
//! | [`secrets`] | credentials and webhook secrets, from Secrets Manager or the environment |
//! | [`webhook`] | only a sender that knows a secret gets in, and only with JSON |
//! | [`newest`] | of all that is said about a subject, the newest stands |
//! | [`opt_outs`] | an opt-out is in the ledger before its number is queued |
//! | [`problem`] | HTTP replies; an error cannot look like a success |
//! | [`delivery`] | webhooks out, signed, and what became of them |
//! | [`idempotency`] | one request is worked on once, and its answer is replayed |
//! | [`ledger`] | every opt-out is kept as evidence and queued until it is listed |
//! | [`intake`] | one function, two doors: a route and a queue |
//! | [`scheduled`] | one function, a schedule and a queue |
//! | [`invocation`] | when the work takes place, and when Lambda ends it |
//! | [`queue`] | messages out, dead letters with the reason they died of |
//! | [`batch`] | one bad record fails alone |
//! | [`reservations`] | an hour of agents is never booked beyond its agents |
//! | [`runs`] | a campaign's run is opened, closed and reported once |
//! | [`telemetry`] | one line per event, nothing personal in it |

pub mod aws;
pub mod batch;
pub mod delivery;
pub mod idempotency;
pub mod intake;
pub mod invocation;
pub mod ledger;
pub mod newest;
pub mod once;
pub mod opt_outs;
pub mod problem;
pub mod queue;
pub mod reservations;
pub mod runs;
pub mod scheduled;
pub mod secrets;
pub mod telemetry;
pub mod webhook;

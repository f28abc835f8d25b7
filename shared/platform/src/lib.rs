#![doc = include_str!("../README.md")]

pub mod aws;
pub mod batch;
pub mod called_parties;
pub mod function;
pub mod idempotency;
pub mod invocation;
pub mod ledger;
pub mod once;
pub mod opt_outs;
pub mod problem;
pub mod queue;
pub mod runs;
pub mod secrets;
pub mod telemetry;
pub mod webhook;

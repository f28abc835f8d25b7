//! What the crate promises, against an embedded `DynamoDB` and SQS and the real SDK clients.

mod batch;
mod dead_letters;
mod idempotency;
mod ledger;
mod runs;

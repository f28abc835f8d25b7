//! Tests against an embedded `DynamoDB` and SQS with the real SDK clients.

mod batch;
mod dead_letters;
mod decisions;
mod idempotency;
mod ledger;
mod runs;

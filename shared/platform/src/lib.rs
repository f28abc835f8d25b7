//! The AWS side: idempotency, ledger, queues, batches, webhooks, telemetry.

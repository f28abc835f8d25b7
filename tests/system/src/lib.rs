//! End-to-end tests over the sandbox.

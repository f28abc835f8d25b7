//! Nothing but dependencies: those through which tests ask for features of crates that the programs
//! use as well.
//!
//! Cargo compiles a crate once for each set of its features. Without this package, `cargo test` and
//! `cargo sandbox` had different sets, and each compiled some 250 crates of its own. With it the
//! sets are the same in every build of the whole workspace. What is deployed is built package by
//! package and has none of these features.

//! What reads the words of others, given anything: it never panics, and keeps its promises, which
//! are said here once more by means of their own.
//!
//! `cargo test` tries each for a second. `cargo bolero test NAME` goes on for as long as it is let,
//! and looks for ways into the code that it has not yet been; what it finds is kept.

mod call_results;
mod callbacks;
mod campaigns;
mod interactions;
mod numbers;
mod opt_outs;
mod settings;
mod words;

use serde_json::Value;

/// The text of a field, if it is plain: visible ASCII, and not too long to be an id.
fn plain(value: &Value) -> Option<&str> {
    let is_plain = |text: &&str| {
        (1..=128).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
    };
    value.as_str().filter(is_plain)
}

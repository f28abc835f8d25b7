//! Answers held against the description.

use super::*;
use crate::cxone::acd::contract::{Contract, validator};

/// The operation that an ask is for.
pub(super) fn operation_of(ask: &Ask) -> &'static crate::cxone::acd::contract::Operation {
    let (path, _) = ask.path.split_once('?').unwrap_or((&ask.path, ""));
    Contract::get().find(&ask.method, path).expect("it is described").operation
}

/// What an answer has that the description does not, or lacks.
pub(super) fn violation(ask: &Ask, reply: &Reply) -> Option<String> {
    let operation = operation_of(ask);
    let described = &operation.document["responses"][reply.status.to_string()];
    if described.is_null() {
        return Some(format!("{}: {} is not described", operation.id, reply.status));
    }
    let content = &described["content"]["application/json"]["schema"];
    match (&reply.body, content.is_null()) {
        (None, true) => None,
        // An error may have nothing but its header.
        (None, false) if reply.description.is_some() && reply.status >= 400 => None,
        (None, false) => Some(format!("{}: no body for {}", operation.id, reply.status)),
        (Some(_), true) => Some(format!("{}: a body for {}", operation.id, reply.status)),
        (Some(body), false) => {
            let errors = validator(content);
            let mut errors = errors.iter_errors(body);
            errors.next().map(|it| format!("{}: {} {it}", operation.id, it.instance_path()))
        }
    }
}

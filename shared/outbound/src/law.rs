//! Calling law: whether a call may be made at an instant, by which rules, and when next.
//!
//! [`decide`] is a pure function of a [`Call`] and an instant. Its [`Decision`] is a value that
//! holds everything it rests on (the call, the clocks, every rule that spoke with its citation, the
//! releases of the data), so that it can be stored and made again.
//!
//! Three rules keep it safe. All rules of all candidate jurisdictions apply in all candidate zones,
//! so that one candidate more never allows a call. A rule from an unverified source never allows
//! one. A country without a verified rule is unknown, not free.
//!
//! The data is in `data/law`; its README states sources and limits. It is no legal advice.

mod basis;
mod calendar;
mod call;
mod candidates;
mod clock;
mod constraint;
mod decision;
mod engine;
mod kind;
mod limits;
mod number;
mod place;
mod policy;
mod rule;
mod words;

pub use self::{
    basis::{Basis, UnknownBasis},
    call::{Call, Interval},
    candidates::{Candidates, Doubt, Origin},
    clock::{LocalTime, Zone},
    decision::{Decision, Finding, Reason, Releases, Ruling},
    engine::{RANGE_DAYS_MAX, SEARCH_DAYS_MAX, allowed, decide},
    kind::{Kind, Kinds, UnknownKind},
    limits::{Limit, limits},
    place::{Jurisdiction, Place, UnknownPlace},
    policy::{
        Closure, Closures, HouseHours, HousePolicy, InvalidHouseHours, Strictness,
        UnknownStrictness,
    },
    rule::{Authority, Confidence, Presumption, presumption},
};

#[cfg(test)]
mod tests;

//! Decisions as they are stored.

use serde_json::json;

use super::{super::*, at, to};

#[test]
fn a_stored_decision_reads_back_and_can_be_made_again() {
    for number in ["+12125550110", "+33199000110", "+18005550110", "+351211234567"] {
        let mut call = to(number, Kind::Sales);
        call.bases.insert(Basis::Request);
        let start = at("2026-12-01T03:00:00Z");
        call.consent_for = Some(Interval { start, end: at("2026-12-01T04:00:00Z") });
        let decision = decide(&call, at("2026-12-01T08:00:00Z"));
        let stored = serde_json::to_string(&decision).expect("it serializes");
        let read: Decision = serde_json::from_str(&stored).expect("it reads back");
        assert_eq!(read, decision);
        assert_eq!(decide(&read.call, read.at), decision);
    }
}

/// Stored decisions outlive the code: this one must be read for as long as they are kept.
#[test]
#[expect(clippy::too_many_lines, reason = "one document")]
fn the_stored_shape_is_this_one() {
    let decision = decide(&to("+12125550110", Kind::Sales), at("2026-12-01T08:00:00Z"));
    let mut stored = serde_json::to_value(&decision).expect("it serializes");
    stored["findings"].as_array_mut().expect("findings").truncate(1);
    stored["releases"]["timeZones"] = "2026f".into();
    assert_eq!(
        stored,
        json!({
            "allowed": false,
            "at": "2026-12-01T08:00:00Z",
            "nextAllowed": "2026-12-01T13:00:00Z",
            "clocks": [{ "zone": "America/New_York", "time": "2026-12-01T03:00:00-05:00" }],
            "findings": [{
                "code": "US",
                "rule": "tcpa-hours",
                "ruling": "refuses",
                "reasons": [{
                    "kind": "hours",
                    "shown": { "zone": "America/New_York", "time": "2026-12-01T03:00:00-05:00" },
                    "hours": ["08:00-21:00"],
                }],
                "liftedBy": ["consent", "ebr", "request", "nonprofit"],
                "authority": {
                    "citation": "47 CFR 64.1200(c)(1), (f)(15)",
                    "source": decision.findings[0].authority.as_ref().expect("one").source,
                    "confidence": "secondary",
                    "note": decision.findings[0].authority.as_ref().expect("one").note,
                },
            }],
            "call": {
                "candidates": {
                    "jurisdictions": { "US": ["areaCode"], "US-NY": ["areaCode"] },
                    "zones": ["America/New_York"],
                    "doubts": [],
                },
                "kinds": ["sales"],
                "house": "08:00-21:00",
                "strictness": "verified",
            },
            "releases": {
                "rules": "2026-11-26",
                "holidays": "0.109",
                "areaCodes": "2025-11-26",
                "timeZones": "2026f",
            },
        }),
    );
}

#[test]
fn a_decision_holds_no_phone_number() {
    let decision = decide(&to("+12125550110", Kind::Sales), at("2026-12-01T08:00:00Z"));
    let stored = serde_json::to_string(&decision).expect("it serializes");
    assert!(!stored.contains("5550110"));
}

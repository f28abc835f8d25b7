//! How the tenant answers what has no good answer. None of it writes.

use cxone::{Error, Inspection, MessagePlace, Probe, Seen};

use super::finding::{Finding, Findings};
use crate::tenant::deadline;

/// The statuses that stand for "no such thing", beside an answer without content.
const ABSENT: [u16; 3] = [400, 404, 410];

pub(super) async fn check(inspection: Inspection<'_>, has_texts: bool, findings: &mut Findings) {
    let seen = async |probe| inspection.probe(probe, deadline()).await;
    findings.add(found("bad-token", seen(Probe::BadToken).await, bad_token));
    findings.add(found("refusal", seen(Probe::BackwardPeriod).await, refusal));
    if has_texts {
        let refused = seen(Probe::UnknownDirection).await;
        findings.add(found("refusal-of-texts", refused, refusal));
    }
    findings.add(found("no-skill", seen(Probe::UnknownSkill).await, absent));
    findings.add(found("no-contact", seen(Probe::UnknownContact).await, absent));
    findings.add(found("no-record", seen(Probe::UnlistedNumber).await, unlisted));
}

fn found(
    check: &'static str,
    seen: Result<Seen, Error>,
    judge: fn(&'static str, &Seen) -> Finding,
) -> Finding {
    seen.map_or_else(|error| Finding::not_checked(check, error), |seen| judge(check, &seen))
}

/// Only 401 has the product request a new token.
fn bad_token(check: &'static str, seen: &Seen) -> Finding {
    match seen.status {
        401 if is_read(seen) => Finding::ok(check, told(seen)),
        401 => Finding::look(check, format!("{}: causes cannot be told", told(seen))),
        _ => {
            let effect = "calls with a token that ended early fail until the next one is due";
            Finding::look(check, format!("{}, not 401: {effect}", seen.status))
        }
    }
}

fn refusal(check: &'static str, seen: &Seen) -> Finding {
    if seen.is_success() {
        let detail = "CXone takes what it has to refuse: mistakes in requests do not show";
        Finding::look(check, format!("{}: {detail}", seen.status))
    } else if is_read(seen) {
        Finding::ok(check, told(seen))
    } else {
        Finding::look(check, format!("{}: causes of refusals cannot be told", told(seen)))
    }
}

fn absent(check: &'static str, seen: &Seen) -> Finding {
    if ABSENT.contains(&seen.status) {
        Finding::ok(check, format!("{} stands for it", seen.status))
    } else if seen.is_success() && seen.is_empty {
        Finding::ok(check, format!("{} without content stands for it", seen.status))
    } else {
        let detail = format!("{seen} stands for it, which is read as something else");
        Finding::look(check, detail)
    }
}

/// A search that fails for a number that is not listed would never tell of one whether it is.
fn unlisted(check: &'static str, seen: &Seen) -> Finding {
    match seen.status {
        401 | 403 => Finding::not_checked(check, seen),
        _ if seen.is_success() && seen.is_empty => {
            Finding::ok(check, format!("{} without content stands for none", seen.status))
        }
        _ if seen.is_success() => Finding::ok(check, "a list without the number stands for none"),
        _ => {
            let advice = "Check CXONE_PATH_SEARCH_DNC. Until a search tells what is not listed, \
                          opt-outs whose result is in doubt stay in the queue.";
            Finding::wrong(check, format!("a search that finds nothing fails: {seen}"), advice)
        }
    }
}

/// Returns whether the error message is where the product reads it.
fn is_read(seen: &Seen) -> bool {
    matches!(seen.place, MessagePlace::Field(_) | MessagePlace::Header)
}

/// The status and the place of the message, and whether the header is there beside it.
fn told(seen: &Seen) -> String {
    let header = match (seen.place, seen.has_status_description) {
        (MessagePlace::Header, _) => "",
        (_, true) => ", with icStatusDescription",
        (_, false) => ", without icStatusDescription",
    };
    format!("{}, its message {}{header}", seen.status, seen.place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    fn seen(status: u16, place: MessagePlace) -> Seen {
        Seen {
            status,
            is_empty: place == MessagePlace::Nowhere,
            message: String::new(),
            place,
            has_status_description: false,
            limits: vec![],
        }
    }

    #[test]
    fn what_is_read_as_something_else_is_to_be_looked_at() {
        use MessagePlace::{Body, Field, Header, Nowhere};
        for (judge, status, place, expected) in [
            (bad_token as fn(&'static str, &Seen) -> Finding, 401, Field("message"), State::Ok),
            (bad_token, 401, Header, State::Ok),
            (bad_token, 401, Body, State::Look),
            (bad_token, 403, Field("message"), State::Look),
            (bad_token, 200, Nowhere, State::Look),
            (refusal, 400, Field("errors"), State::Ok),
            (refusal, 422, Nowhere, State::Look),
            (refusal, 200, Nowhere, State::Look),
            (absent, 404, Field("error"), State::Ok),
            (absent, 400, Nowhere, State::Ok),
            (absent, 204, Nowhere, State::Ok),
            (absent, 200, Body, State::Look),
            (absent, 403, Header, State::Look),
            (unlisted, 200, Body, State::Ok),
            (unlisted, 204, Nowhere, State::Ok),
            (unlisted, 403, Header, State::NotChecked),
            (unlisted, 404, Header, State::Wrong),
        ] {
            assert_eq!(judge("check", &seen(status, place)).state, expected, "{status} {place}");
        }
    }
}

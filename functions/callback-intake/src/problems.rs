//! Errors that the sender of a callback gets.

use std::time::Duration;

use outbound::{
    FieldProblem,
    callback::{CallbackRequest, dispatch::NoSlot},
    law::{Decision, Interval, Ruling},
    zone,
};
use platform::problem::Problem;

use crate::admission::Refusal;

/// `Retry-After` when CXone states none.
const COME_BACK_AFTER: Duration = Duration::from_secs(5);

pub(crate) fn invalid_request(problems: Vec<FieldProblem>) -> Problem {
    let detail = match problems.len() {
        1 => "1 field is not acceptable".to_owned(),
        count => format!("{count} fields are not acceptable"),
    };
    Problem::unprocessable("invalid_request", detail).with_errors(problems)
}

pub(crate) fn invalid_key() -> Problem {
    let detail = "Idempotency-Key must be 1 to 255 visible ASCII characters";
    Problem::bad_request("invalid_idempotency_key", detail)
}

pub(crate) fn no_slot(why: NoSlot) -> Problem {
    match why {
        NoSlot::NoForecast => Problem::unprocessable("no_forecast", why.to_string()),
        NoSlot::NoCapacity => Problem::conflict("no_capacity", why.to_string()),
    }
    .for_good()
}

pub(crate) fn refused(refusal: &Refusal, callback: &CallbackRequest) -> Problem {
    let problem = match refusal {
        Refusal::OptedOut(permission) => {
            let detail = format!("{permission}; only a new consent lifts that");
            Problem::unprocessable("opted_out", detail)
        }
        Refusal::Withdrawn => {
            let detail = "the customer opted out after the callback was arranged; it is withdrawn";
            Problem::unprocessable("withdrawn", detail)
        }
        Refusal::Law { decision, next } => {
            Problem::unprocessable("not_allowed", not_allowed(decision, *next, callback))
        }
        Refusal::Cap(cap) => Problem::unprocessable("too_many_attempts", cap.to_string()),
        Refusal::BookedOut => {
            let detail = "a hundred callbacks to the customer are ahead already";
            Problem::unprocessable("too_many_attempts", detail)
        }
    };
    problem.for_good()
}

/// The rules that refuse a call in a window, and the next time that is allowed.
fn not_allowed(decision: &Decision, next: Option<Interval>, callback: &CallbackRequest) -> String {
    let refusing = decision.findings.iter().filter(|it| it.ruling == Ruling::Refuses);
    let rules: Vec<String> = refusing.map(ToString::to_string).collect();
    // On the clock of the law, which may not be the one that the window was written by.
    let clock = decision.clocks.first().map(|clock| clock.zone.0);
    let local = |at| clock.map_or_else(|| callback.zone.local(at), |law| zone::local(law, at));
    let next = match next {
        Some(Interval { start, end }) => {
            let [start, end] = [start, end].map(|at| local(at).to_rfc3339());
            format!("calls are allowed again from {start} to {end}")
        }
        None => "no time within a year is allowed".to_owned(),
    };
    format!("no call is allowed in the requested window: {}; {next}", rules.join("; "))
}

pub(crate) fn cxone(error: cxone::Error) -> Problem {
    use cxone::Error;
    let wait = error.retry_after().unwrap_or(COME_BACK_AFTER);
    if let Error::Invalid { detail } = error {
        return Problem::unprocessable("refused_by_cxone", detail).for_good();
    }
    tracing::error!(why = %error, "CXone did not arrange a callback");
    match error {
        Error::RateLimited { .. } | Error::Transient { .. } | Error::Ambiguous { .. } => {
            Problem::unavailable("cxone_unavailable", "CXone is not available; send it again")
        }
        _ => Problem::bad_gateway("cxone_failed", "CXone did not take the request; send it again"),
    }
    .retry_after(wait)
}

//! Errors that the sender of a callback gets.

use std::time::Duration;

use outbound::{FieldProblem, callback::dispatch::NoSlot};
use platform::problem::Problem;

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

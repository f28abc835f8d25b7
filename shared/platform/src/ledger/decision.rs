//! What an opt-out means, given what the ledger knows about its number.

use chrono::{DateTime, Utc};

use super::{Entry, OptOut, Place, Recorded, RelistAfter, State, update::Update};

/// What to write, on condition that nothing has changed since the entry was read, and what to
/// answer once it is written.
pub(super) struct Decision {
    pub(super) update: Option<Update>,
    pub(super) recorded: Recorded,
}

pub(super) fn decide(
    entry: Option<&Entry>,
    opt_out: &OptOut,
    relist_after: RelistAfter,
    now: DateTime<Utc>,
) -> Decision {
    let Some(entry) = entry else {
        let place = Place { pending_since: opt_out.requested_at, round: 1 };
        return Decision {
            update: Some(Update::creating(opt_out).opening(&place)),
            recorded: Recorded::Send(place),
        };
    };
    let is_news = !entry.knows(&opt_out.event_id);
    let evidence = is_news.then(|| Update::while_unchanged(entry).with_event(entry, opt_out));
    let reopened = || {
        let update = evidence.clone().unwrap_or_else(|| Update::while_unchanged(entry));
        let place = Place { pending_since: opt_out.requested_at, round: entry.rounds + 1 };
        Decision { update: Some(update.opening(&place)), recorded: Recorded::Send(place) }
    };
    let must_be_sent =
        entry.queued_at.is_none() || is_news && is_older(entry.queued_at, relist_after, now);
    let recorded = match entry.state {
        State::Failed => return reopened(),
        State::Listed if is_news && is_older(entry.listed_at, relist_after, now) => {
            return reopened();
        }
        State::Listed => Recorded::AlreadyListed,
        State::Pending if !must_be_sent => Recorded::AlreadyPending,
        State::Pending => Recorded::Send(Place {
            pending_since: entry.pending_since.unwrap_or(entry.first_requested_at),
            round: entry.rounds,
        }),
    };
    Decision { update: evidence, recorded }
}

fn is_older(since: Option<DateTime<Utc>>, age: RelistAfter, now: DateTime<Utc>) -> bool {
    since.is_none_or(|at| (now - at).to_std().is_ok_and(|passed| passed >= age.0))
}

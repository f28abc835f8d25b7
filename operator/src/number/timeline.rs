//! What happened to a number, in words and in order.

use chrono::{DateTime, Utc};
use outbound::called_party::{ArrangedCall, Channel, DialedCall, Fact, Scope, Wish};
use platform::{
    called_parties::{Decided, DecidedStart, Outcome},
    ledger::{Entry, Record, State},
};
use serde::Serialize;

use super::Stored;
use crate::{dead_letters::Letter, output::instant, queues::short_name};

/// Something that happened.
#[derive(PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Event {
    pub(super) at: DateTime<Utc>,
    pub(super) what: String,
}

/// All that happened, the earliest first.
pub(super) fn of(stored: &Stored) -> Vec<Event> {
    let mut events: Vec<Event> = stored
        .history
        .iter()
        .map(of_record)
        .chain(stored.known.entry.iter().flat_map(of_entry))
        .chain(stored.known.party.facts.iter().map(of_fact))
        .chain(stored.known.party.calls.iter().flat_map(of_call))
        .chain(stored.known.party.dialed.iter().map(of_dialed))
        .chain(stored.decisions.iter().map(of_decision))
        .chain(stored.starts.iter().map(of_start))
        .chain(stored.letters.iter().map(of_letter))
        .collect();
    events.sort();
    // The newest facts are in the history as well.
    events.dedup();
    events
}

/// What is going on now with the DNC list.
pub(super) fn now(stored: &Stored) -> String {
    let Some(entry) = &stored.known.entry else {
        return "The opt-out ledger does not have it.".to_owned();
    };
    match (entry.state, entry.queued_at) {
        (State::Pending, Some(at)) => {
            format!("It waits for the DNC list, queued since {}.", instant(at))
        }
        (State::Pending, None) => "It opted out, and is not in the queue for the DNC list: \
             `outbound replay ledger` puts it there."
            .to_owned(),
        (State::Listed, _) => "It is on CXone's DNC list.".to_owned(),
        (State::Failed, _) => {
            let why = entry.failure.as_deref().unwrap_or("no reason is known");
            format!("CXone refused to list it: {why}")
        }
    }
}

fn event(at: DateTime<Utc>, what: String) -> Event {
    Event { at, what }
}

fn of_record(record: &Record) -> Event {
    match record {
        Record::Event(it) => {
            let words = it.words.as_ref().map(|words| format!(", in the words \"{words}\""));
            let inferred = if it.inferred { ", inferred" } else { "" };
            let what = format!(
                "opt-out: {} {}{}{inferred}; received {}",
                it.event_type,
                it.event_id,
                words.unwrap_or_default(),
                instant(it.received_at),
            );
            event(it.requested_at, what)
        }
        Record::Generation(it) => {
            let end = match (it.state, it.honored_at, &it.failure) {
                (State::Listed, Some(at), _) => format!("listed {}", instant(at)),
                (_, _, Some(why)) => format!("refused by CXone: {why}"),
                _ => "not listed".to_owned(),
            };
            event(
                it.closed_at,
                format!("generation {} ended, {end}; a new request begins one", it.generation),
            )
        }
        Record::Fact(it) => of_fact(&it.fact),
    }
}

fn of_entry(entry: &Entry) -> Vec<Event> {
    let mut events = Vec::new();
    let mut add = |at: Option<DateTime<Utc>>, what: &str| {
        events.extend(at.map(|at| event(at, what.to_owned())));
    };
    add(entry.queued_at, "queued for the DNC list");
    add(entry.first_listed_at, "on CXone's DNC list for the first time");
    add(
        entry.listed_at.filter(|at| Some(*at) != entry.first_listed_at),
        "on CXone's DNC list again",
    );
    add(entry.overruled_at, "a consent overrules the opt-out");
    events
}

fn of_dialed(call: &DialedCall) -> Event {
    event(call.at, format!("called by CXone, contact {}", call.contact_id))
}

fn of_fact(fact: &Fact) -> Event {
    let wish = match fact.wish {
        Wish::Consent => "consent",
        Wish::OptOut => "opt-out",
    };
    let Scope { channel, topic } = &fact.scope;
    let channel = match channel {
        Some(Channel::Voice) => " to calls",
        Some(Channel::Text) => " to texts",
        None => "",
    };
    let topic = topic.as_ref().map(|topic| format!(" about {topic}")).unwrap_or_default();
    let words = fact.words.as_ref().map(|words| format!(", in the words \"{words}\""));
    let until = fact.expires_at.map(|at| format!(", until {}", instant(at)));
    let (kind, id) = (&fact.event_type, &fact.event_id);
    let (words, until) = (words.unwrap_or_default(), until.unwrap_or_default());
    event(fact.at, format!("{wish}{channel}{topic}: {kind} {id}{words}{until}"))
}

fn of_call(call: &ArrangedCall) -> Vec<Event> {
    let attempts = if call.attempts == 1 { "attempt" } else { "attempts" };
    let arranged = format!(
        "call arranged for {}: campaign {}, {} {attempts} at most, {}",
        instant(call.dispatch_at),
        call.campaign_id,
        call.attempts,
        call.kinds,
    );
    let withdrawn = call
        .withdrawn_at
        .map(|at| event(at, format!("the call of {} is withdrawn", instant(call.dispatch_at))));
    [event(call.arranged_at, arranged)].into_iter().chain(withdrawn).collect()
}

fn of_decision(decided: &Decided) -> Event {
    let what = match decided.outcome {
        Outcome::Arranged => "decision: the contact may be arranged",
        Outcome::RefusedOptedOut => "decision: refused, the number opted out",
        Outcome::RefusedByLaw => "decision: refused by law",
        Outcome::RefusedByLimit => "decision: refused by a limit on attempts",
        Outcome::Withdrawn => "decision: withdrawn by an opt-out",
    };
    let why = match (&decided.cap, &decided.law) {
        (Some(cap), _) => format!("; {cap}"),
        (None, Some(law)) if !law.allowed => {
            let next = law.next_allowed.map_or("at no time".to_owned(), instant);
            format!("; next allowed {next}")
        }
        _ => String::new(),
    };
    event(decided.at, format!("{what} (contact {}){why}", decided.contact_id))
}

fn of_start(decided: &DecidedStart) -> Event {
    let DecidedStart { campaign_id, time_zone, start, end, reasons, .. } = decided;
    let end = end.map_or("nothing".to_owned(), |end| instant(end.to_utc()));
    let cut = match &reasons[..] {
        [] => String::new(),
        rules => format!("; cut by {}", rules.join(", ")),
    };
    let start = instant(start.to_utc());
    let what = format!(
        "decision: campaign {campaign_id} may call {time_zone} from {start} to {end}, {}{cut}",
        decided.terms.kinds
    );
    event(decided.at, what)
}

fn of_letter(letter: &Letter) -> Event {
    let why = letter.error_message.as_deref().unwrap_or("received too often");
    let (queue, code, id) = (short_name(&letter.queue), letter.code(), letter.short_id());
    event(letter.sent_at, format!("dead letter {id} of {queue}: {code}, {why}"))
}

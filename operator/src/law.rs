//! `outbound law`: one call, decided and explained.

mod report;
mod time;

use std::{fs, path::PathBuf};

use clap::Args;
use outbound::{
    E164,
    law::{
        Basis, Call, Candidates, Closure, Decision, HouseHours, Interval, Kind, Kinds, Limit,
        Place, Strictness, Zone, decide, limits,
    },
};
use serde::Serialize;

use self::time::{Stretch, TimeArgument};
use crate::{
    output::{Format, Outcome, Verdict},
    stack::number,
};

const EXAMPLES: &str = "\
Exit status:
  0  the call is allowed
  1  it is refused
  2  the question is wrong

Examples:
  outbound law --number +12125550110 --at 2026-12-01T03:00
  outbound law --number +14015550110 --place US-CA --basis request
  outbound law --place FR --purpose sales --at 2026-12-01T13:30+01:00 --json

The rules are those of shared/outbound/data/law. No legal advice.";

/// Explains whether a call may be made: by which rules, and when next
#[derive(Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Question {
    /// Number that is called; without a calling code one of the US
    #[arg(long, value_parser = number)]
    number: Option<E164>,

    /// Instant, with its offset or on the callee's clock [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<TimeArgument>,

    /// Kind of call: sales, service, debt, research, fundraising,
    /// automated, text; several at once with commas
    #[arg(long, value_name = "KIND", value_delimiter = ',', default_value = "sales")]
    purpose: Vec<Kind>,

    /// Basis that lifts rules, with evidence: request, consent, ebr, …
    #[arg(long, value_delimiter = ',')]
    basis: Vec<Basis>,

    /// Time that the called party consented to
    #[arg(long, value_name = "START/END")]
    consent_for: Option<Stretch>,

    /// IANA zone of the called party, such as America/Denver
    #[arg(long, value_parser = zone)]
    zone: Vec<Zone>,

    /// State, country or postal code: US-TX, FR, "US 79901"
    #[arg(long)]
    place: Vec<Place>,

    /// Hours of the house: 09:00-12:00,13:00-20:00
    #[arg(long, default_value_t)]
    hours: HouseHours,

    /// Strictness of unverified rules: warn (verified) or refuse (all)
    #[arg(long, value_name = "verified|all", default_value = "verified")]
    strictness: Strictness,

    /// File of closed days and emergencies: a JSON array of objects with
    /// code, from, until, emergency, reason
    #[arg(long, value_name = "FILE")]
    closures: Option<PathBuf>,
}

fn zone(text: &str) -> Result<Zone, String> {
    text.parse().map_err(|_| "must be an IANA zone, such as America/New_York".to_owned())
}

/// A decision beside what goes with it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    #[serde(flatten)]
    decision: Decision,
    limits: Vec<Limit>,
}

/// Decides and explains.
pub(crate) fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let number = question.number.as_ref();
    let answer = decided(question, number).map_err(anyhow::Error::msg)?;
    let verdict = Verdict::bad_if(!answer.decision.allowed);
    Outcome::report(format, &answer, |answer| report::write(answer, number), verdict)
}

fn decided(question: &Question, number: Option<&E164>) -> Result<Answer, String> {
    if number.is_none() && question.zone.is_empty() && question.place.is_empty() {
        return Err("no called party: give --number, --place or --zone".to_owned());
    }
    let candidates = Candidates::of(number, &question.zone, &question.place);
    let at = match &question.at {
        None => ambient::now(),
        Some(time) => time.on(&question.zone, &candidates).map_err(in_option("--at"))?,
    };
    let consent_for = question.consent_for.as_ref().map(|stretch| {
        let instant = |time: &TimeArgument| time.on(&question.zone, &candidates);
        let interval = Interval { start: instant(&stretch.start)?, end: instant(&stretch.end)? };
        let is_order = interval.start < interval.end;
        is_order.then_some(interval).ok_or_else(|| "the start must be before the end".to_owned())
    });
    let call = Call {
        bases: question.basis.iter().copied().collect(),
        consent_for: consent_for.transpose().map_err(in_option("--consent-for"))?,
        house: question.hours.clone(),
        strictness: question.strictness,
        closures: question.closures.as_ref().map(closures).transpose()?.unwrap_or_default(),
        ..Call::new(candidates, question.purpose.iter().copied().collect::<Kinds>())
    };
    Ok(Answer { decision: decide(&call, at), limits: limits(&call, at) })
}

fn in_option(option: &'static str) -> impl Fn(String) -> String {
    move |problem| format!("{option}: {problem}")
}

fn closures(file: &PathBuf) -> Result<Vec<Closure>, String> {
    let problem = |problem: String| format!("--closures: {}: {problem}", file.display());
    let text = fs::read_to_string(file).map_err(|error| problem(error.to_string()))?;
    serde_json::from_str(&text).map_err(|error| problem(error.to_string()))
}

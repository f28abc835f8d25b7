//! A decision as text, within 80 columns and without colors.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use outbound::{
    E164,
    law::{Decision, Finding, Limit, LocalTime, Origin, Ruling, Zone, presumption},
    zone,
};

use super::Answer;
use crate::output::line;

pub(super) fn write(answer: &Answer, number: Option<&E164>) -> String {
    let Answer { decision, limits } = answer;
    let mut text = String::new();
    let verdict = if decision.allowed { "ALLOWED" } else { "REFUSED" };
    let callee = number.map_or("this place".to_owned(), E164::to_string);
    let kinds = &decision.call.kinds;
    line(
        &mut text,
        "",
        &format!("{verdict}: a call ({kinds}) to {callee} at {}", decision.at.format("%FT%TZ")),
    );
    text.push('\n');
    facts(&mut text, decision);
    for (title, of_interest) in [
        ("Refused by", is_refusal as fn(&Finding) -> bool),
        ("Warnings", |finding| finding.ruling == Ruling::Warns),
        ("Lifted", |finding| matches!(finding.ruling, Ruling::LiftedBy(_))),
        ("Allowed by", |finding| finding.ruling == Ruling::Allows),
    ] {
        let findings = decision.findings.iter().filter(|finding| of_interest(finding));
        section(&mut text, title, findings.map(explain));
    }
    section(
        &mut text,
        "Limits on attempts, which this decision does not count",
        limits.iter().map(limit),
    );
    section(&mut text, "What an area code means", presumptions(decision));
    closing(&mut text, decision);
    text
}

fn is_refusal(finding: &Finding) -> bool {
    finding.ruling == Ruling::Refuses
}

fn facts(text: &mut String, decision: &Decision) {
    for clock in &decision.clocks {
        line(text, "", &format!("Clock         {clock}"));
    }
    for (code, origins) in decision.call.candidates.jurisdictions() {
        let origins: Vec<String> = origins.iter().map(ToString::to_string).collect();
        line(text, "", &format!("Jurisdiction  {code:<6} by {}", origins.join(" and ")));
    }
    let bases: Vec<String> = decision.call.bases.iter().map(ToString::to_string).collect();
    if !bases.is_empty() {
        line(text, "", &format!("Claimed       {}", bases.join(", ")));
    }
    match decision.next_allowed.filter(|_| !decision.allowed) {
        Some(next) => next_allowed(text, next, decision),
        None if decision.allowed => {}
        None => line(text, "", "Next allowed  at no time within a year"),
    }
}

fn next_allowed(text: &mut String, next: DateTime<Utc>, decision: &Decision) {
    for (index, clock) in decision.clocks.iter().enumerate() {
        let title = if index == 0 { "Next allowed" } else { "" };
        let shown = shown(clock.zone, next);
        line(text, "", &format!("{title:<12}  {shown}"));
    }
}

fn shown(zone: Zone, instant: DateTime<Utc>) -> LocalTime {
    LocalTime { zone, time: zone::local(zone.0, instant) }
}

/// A title and its entries, unless there are none.
fn section(text: &mut String, title: &str, entries: impl Iterator<Item = Vec<String>>) {
    for (index, entry) in entries.enumerate() {
        if index == 0 {
            // Writing to a String cannot fail.
            let _ = write!(text, "\n{title}\n");
        }
        for (index, content) in entry.iter().enumerate() {
            line(text, if index == 0 { "  " } else { "    " }, content);
        }
    }
}

/// Rule and citation, then its content, what lifts it and its source.
fn explain(finding: &Finding) -> Vec<String> {
    let mut lines = vec![format!("{} {}", finding.code, finding.rule)];
    if let Some(authority) = &finding.authority {
        // Writing to a String cannot fail.
        let _ = write!(lines[0], ": {}", authority.citation);
    }
    let reasons = finding.reasons.iter();
    if let Ruling::LiftedBy(basis) = finding.ruling {
        lines.push(format!("lifted by {basis}"));
        lines.extend(reasons.map(|reason| format!("otherwise: {reason}")));
    } else {
        lines.extend(reasons.map(ToString::to_string));
    }
    if finding.ruling <= Ruling::Warns {
        if !finding.lifted_by.is_empty() {
            let bases: Vec<String> = finding.lifted_by.iter().map(ToString::to_string).collect();
            lines.push(format!("would be lifted by {}", bases.join(", ")));
        }
        if let Some(authority) = &finding.authority {
            lines.push(format!("source ({}): {}", authority.confidence, authority.source));
            if !authority.note.is_empty() {
                lines.push(format!("note: {}", authority.note));
            }
        }
    }
    lines
}

fn limit(limit: &Limit) -> Vec<String> {
    let Limit { code, rule, max, within_hours, per, further, authority } = limit;
    let mut lines = vec![
        format!("{code} {rule}: {}", authority.citation),
        format!("at most {max} within {within_hours} hours, per {per}"),
    ];
    if !further.is_empty() {
        lines.push(further.clone());
    }
    lines
}

/// Of the states that the area code made candidates.
fn presumptions(decision: &Decision) -> impl Iterator<Item = Vec<String>> {
    let candidates = decision.call.candidates.jurisdictions();
    candidates.filter_map(|(code, origins)| {
        let found = presumption(code.as_str()).filter(|_| origins.contains(&Origin::AreaCode))?;
        Some(vec![format!("{code}: {}", found.authority.citation), found.says.to_owned()])
    })
}

fn closing(text: &mut String, decision: &Decision) {
    let releases = &decision.releases;
    text.push('\n');
    let content = format!(
        "Data: rules of {}, holidays {}, area codes of {}, time zones {}. No legal advice.",
        releases.rules, releases.holidays, releases.area_codes, releases.time_zones
    );
    line(text, "", &content);
}

//! The static tables, as Rust text. A word unknown to the engine fails to compile.

use std::fmt::Write as _;

use toml::value::Datetime;

use crate::source::{Attempts, Emergency, Presumption, Row, Rule};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const MINUTES_PER_DAY: u32 = 24 * 60;
const WHOLE_DAY: &str = "Span { from: 0, until: 1440 },";

/// The releases of the data, and the years of its holidays.
pub(crate) struct Versions {
    pub(crate) rules: String,
    pub(crate) holidays: String,
    pub(crate) first_year: String,
    pub(crate) last_year: String,
    pub(crate) area_codes: String,
}

pub(crate) fn write(
    rules: &[Rule],
    emergencies: &[Emergency],
    presumptions: &[Presumption],
    versions: &Versions,
) -> Result<String, String> {
    let mut text = String::new();
    list(&mut text, "RULES", "Rule", rules.iter().map(rule))?;
    list(&mut text, "COVERAGE", "Coverage", rules.iter().filter_map(coverage).map(Ok))?;
    list(&mut text, "EMERGENCIES", "Emergency", emergencies.iter().map(emergency))?;
    list(&mut text, "PRESUMPTIONS", "Presumption", presumptions.iter().map(presumption))?;
    for (name, version) in [
        ("RULES_VERSION", &versions.rules),
        ("HOLIDAYS_VERSION", &versions.holidays),
        ("AREA_CODES_VERSION", &versions.area_codes),
    ] {
        line(&mut text, &format!("pub(crate) const {name}: &str = {version:?};"));
    }
    let (first, last) = (&versions.first_year, &versions.last_year);
    line(&mut text, &format!("pub(crate) const HOLIDAY_YEARS: [i32; 2] = [{first}, {last}];"));
    Ok(text)
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn list(
    text: &mut String,
    name: &str,
    kind: &str,
    items: impl Iterator<Item = Result<String, String>>,
) -> Result<(), String> {
    line(text, &format!("pub(crate) static {name}: &[{kind}] = &["));
    for item in items {
        line(text, &format!("    {kind} {{ {} }},", item?));
    }
    line(text, "];");
    Ok(())
}

fn rule(rule: &Rule) -> Result<String, String> {
    let row = &rule.row;
    let name = |problem| format!("{} {}: {problem}", row.code, row.rule);
    let clock = row.clock.as_deref().map_or("None".to_owned(), |zone| {
        format!("Some(Tz::{})", zone.replace('/', "__").replace('-', "_"))
    });
    let attempts: String =
        rule.rows.iter().filter_map(|row| row.attempts.as_ref()).map(limits).collect();
    Ok(format!(
        "code: {:?}, name: {:?}, scopes: {}, lifted_by: {}, from: {}, until: {}, clock: {clock}, \
         hours: {}, holidays: {}, limits: &[{attempts}], authority: {}",
        row.code,
        row.rule,
        variants("Scope", &row.applies_to),
        variants("Basis", &row.lifted_by),
        day(row.effective_from.as_ref()).map_err(name)?,
        day(row.effective_until.as_ref()).map_err(name)?,
        hours(rule).map_err(name)?,
        holidays(row).map_err(name)?,
        authority(&row.citation, &row.source, &row.confidence, &row.note).map_err(name)?,
    ))
}

/// Coverage that a verified rule of a country adds.
fn coverage(rule: &Rule) -> Option<String> {
    let row = &rule.row;
    let national = !row.code.contains('-') && row.confidence != "unverified";
    national.then(|| {
        let bounds = [&row.effective_from, &row.effective_until]
            .map(|bound| day(bound.as_ref()).unwrap_or_else(|_| "None".to_owned()));
        let scopes = variants("Scope", &row.applies_to);
        let [from, until] = bounds;
        format!("country: {:?}, scopes: {scopes}, from: {from}, until: {until}", row.code)
    })
}

fn hours(rule: &Rule) -> Result<String, String> {
    if rule.rows.iter().all(|row| row.from.is_none() && row.until.is_none()) {
        let limits_alone = rule.rows.iter().all(|row| row.attempts.is_some());
        let free = rule.row.rule == "no-statutory-hours" || limits_alone;
        return Ok(if free { "Hours::Unrestricted" } else { "Hours::OptIn" }.to_owned());
    }
    let mut week = [const { String::new() }; 7];
    for row in &rule.rows {
        if row.days.is_empty() {
            return Err("`days` is missing beside `from` and `until`".to_owned());
        }
        for name in &row.days {
            let index = WEEKDAYS.iter().position(|weekday| weekday == name);
            let index = index.ok_or_else(|| format!("`days`: `{name}` is no weekday"))?;
            let span = span(row.from.as_deref(), row.until.as_deref())?;
            week[index].push_str(&span);
            week[index].push_str(", ");
        }
    }
    let rest = match rule.row.other_days.as_deref() {
        None => "",
        Some("free") => WHOLE_DAY,
        Some(other) => return Err(format!("`other_days`: `{other}` must be `free`")),
    };
    let days = week.map(|day| format!("&[{}]", if day.is_empty() { rest } else { &day }));
    Ok(format!("Hours::Weekly([{}])", days.join(", ")))
}

fn holidays(row: &Row) -> Result<String, String> {
    let eve = match &row.holidays_eve {
        None => "None".to_owned(),
        Some(eve) => format!("Some({})", span(Some(&eve.from), Some(&eve.until))?),
    };
    let (calendar, only) = match row.holidays.split_once(':') {
        None if row.holidays == "as-weekday" => return Ok("None".to_owned()),
        None if row.holidays == "unknown" => (row.code.as_str(), "None".to_owned()),
        Some(("ban", calendar)) => (calendar, "None".to_owned()),
        Some((hours, calendar)) => (calendar, holiday_hours(hours)?),
        None => return Err(format!("`holidays`: `{}` is not understood", row.holidays)),
    };
    let known = row.holidays != "unknown";
    Ok(format!(
        "Some(Holidays {{ calendar: {calendar:?}, only: {only}, eve: {eve}, known: {known} }})"
    ))
}

/// Reads `from-13-until-21`.
fn holiday_hours(text: &str) -> Result<String, String> {
    let hours = text.strip_prefix("from-").and_then(|rest| rest.split_once("-until-"));
    let (from, until) = hours.ok_or_else(|| format!("`holidays`: `{text}` is not understood"))?;
    Ok(format!("Some({})", span(Some(&format!("{from}:00")), Some(&format!("{until}:00")))?))
}

fn span(from: Option<&str>, until: Option<&str>) -> Result<String, String> {
    let [from, until] = [from, until].map(|time| time.ok_or("`from` and `until` go together"));
    let (from, until) = (minutes(from?)?, minutes(until?)?);
    if from < until {
        Ok(format!("Span {{ from: {from}, until: {until} }}"))
    } else {
        Err("`until` must be later than `from`".to_owned())
    }
}

fn minutes(time: &str) -> Result<u32, String> {
    time.split_once(':')
        .and_then(|(hour, minute)| Some((hour.parse::<u32>().ok()?, minute.parse::<u32>().ok()?)))
        .filter(|(_, minute)| *minute < 60)
        .map(|(hour, minute)| hour * 60 + minute)
        .filter(|minutes| *minutes <= MINUTES_PER_DAY)
        .ok_or_else(|| format!("`{time}` is no time of day from 00:00 to 24:00"))
}

fn day(date: Option<&Datetime>) -> Result<String, String> {
    let Some(written) = date else { return Ok("None".to_owned()) };
    let date = written.date.filter(|_| written.time.is_none());
    let date = date.ok_or_else(|| format!("`{written}` must be a day alone"))?;
    Ok(format!("NaiveDate::from_ymd_opt({}, {}, {})", date.year, date.month, date.day))
}

/// The limits of one row, a literal each.
fn limits(attempts: &Attempts) -> String {
    let hours = attempts.within_hours.or(attempts.within_days.map(|days| days * 24));
    let second = attempts.and_max.zip(attempts.and_within_days.map(|days| days * 24));
    let mut text = String::new();
    for (max, hours) in [hours.map(|hours| (attempts.max, hours)), second].into_iter().flatten() {
        let _ = write!(
            text,
            "AttemptLimit {{ max: {max}, within_hours: {hours}, per: {:?}, not_for: {}, \
             further: {:?} }}, ",
            attempts.per,
            variants("Basis", &attempts.not_for),
            further(attempts),
        );
    }
    text
}

fn further(attempts: &Attempts) -> String {
    let days =
        |days: Option<u32>, after: &str| days.map(|days| format!("{days} days after {after}"));
    [
        attempts.counts.as_ref().map(|what| format!("counted: {what}")),
        days(attempts.after_conversation_days, "a conversation"),
        days(attempts.after_refusal_days, "a refusal"),
        attempts.after_refusal.as_ref().map(|when| format!("after a refusal: {when}")),
        attempts.kind.as_ref().map(|kind| format!("a {kind}")),
        attempts.note.clone(),
    ]
    .into_iter()
    .flatten()
    .collect::<Vec<_>>()
    .join("; ")
}

fn emergency(emergency: &Emergency) -> Result<String, String> {
    let Emergency { code, scope, condition, citation, source, confidence, .. } = emergency;
    let note = format!("in force in a {scope} while {condition}");
    Ok(format!(
        "code: {code:?}, scopes: {}, lifted_by: {}, authority: {}",
        variants("Scope", &emergency.applies_to),
        variants("Basis", &emergency.lifted_by),
        authority(citation, source, confidence, &note)?,
    ))
}

fn presumption(presumption: &Presumption) -> Result<String, String> {
    let Presumption { code, says, citation, source, confidence, .. } = presumption;
    let authority = authority(citation, source, confidence, "")?;
    Ok(format!("codes: &{code:?}, says: {says:?}, authority: {authority}"))
}

fn authority(citation: &str, source: &str, confidence: &str, note: &str) -> Result<String, String> {
    if source.trim().is_empty() || citation.trim().is_empty() {
        return Err("a row must have a citation and a source".to_owned());
    }
    let confidence = variant(confidence);
    Ok(format!(
        "Authority {{ citation: Cow::Borrowed({citation:?}), source: Cow::Borrowed({source:?}), \
         confidence: Confidence::{confidence}, note: Cow::Borrowed({note:?}) }}"
    ))
}

fn variants(kind: &str, words: &[String]) -> String {
    let items: Vec<String> =
        words.iter().map(|word| format!("{kind}::{}", variant(word))).collect();
    format!("&[{}]", items.join(", "))
}

/// `ebr-12-months` is `Ebr12Months`.
fn variant(word: &str) -> String {
    word.split('-')
        .map(|part| {
            let (head, rest) = part.split_at(part.len().min(1));
            head.to_uppercase() + rest
        })
        .collect()
}

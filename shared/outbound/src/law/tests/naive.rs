//! A second reader of the data, as slow and plain as can be. It shares no code with the engine: it
//! reads the files itself, looks at one minute, and asks each rule alone.

use std::{
    cell::RefCell,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{TimeZone, TimeZoneDatabase},
};
use serde::Deserialize;

const TOML: &str = include_str!("../../../data/law/jurisdictions.toml");
const HOLIDAYS: &str = include_str!("../../../data/law/public_holidays.txt");
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

static LAW: LazyLock<File> = LazyLock::new(|| toml::from_str(TOML).expect("the rules are TOML"));

/// Calendar and day.
pub(super) static HOLIDAY_SET: LazyLock<HashSet<(String, String)>> = LazyLock::new(|| {
    let lines = HOLIDAYS.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let key = &line[..line.find('|').expect("a bar")];
            let (calendar, day) = key.split_once(' ').expect("a calendar and a day");
            (calendar.to_owned(), day.to_owned())
        })
        .collect()
});

#[derive(Deserialize)]
struct File {
    rule: Vec<Row>,
    emergency: Vec<Emergency>,
}

#[derive(Deserialize)]
struct Row {
    code: String,
    rule: String,
    days: Option<Vec<String>>,
    from: Option<String>,
    until: Option<String>,
    clock: Option<String>,
    holidays: Option<String>,
    holidays_eve: Option<Hours>,
    other_days: Option<String>,
    attempts: Option<toml::Value>,
    applies_to: Vec<String>,
    lifted_by: Option<Vec<String>>,
    effective_from: Option<toml::value::Datetime>,
    effective_until: Option<toml::value::Datetime>,
    confidence: String,
}

#[derive(Deserialize)]
struct Hours {
    from: String,
    until: String,
}

#[derive(Deserialize)]
struct Emergency {
    code: String,
    applies_to: Vec<String>,
    lifted_by: Vec<String>,
}

/// A call in plain words.
#[derive(Debug, Clone, Default)]
pub(super) struct NaiveCall {
    pub(super) codes: Vec<String>,
    pub(super) zones: Vec<String>,
    pub(super) kinds: Vec<String>,
    pub(super) bases: Vec<String>,
    /// Seconds since 1970.
    pub(super) consent_for: Option<(i64, i64)>,
    /// `08:00` and `21:00`.
    pub(super) house: Vec<(String, String)>,
    pub(super) strict: bool,
    pub(super) closures: Vec<NaiveClosure>,
    pub(super) is_placed: bool,
}

#[derive(Debug, Clone)]
pub(super) struct NaiveClosure {
    pub(super) code: String,
    pub(super) from: String,
    pub(super) until: Option<String>,
    pub(super) emergency: bool,
}

/// The names of those who refuse the call at an instant, each asked alone.
pub(super) fn refusals(call: &NaiveCall, seconds: i64) -> Vec<String> {
    let mut refusals = Vec::new();
    if !call.is_placed {
        refusals.push("place place-known".to_owned());
    }
    let local: Vec<DateTime> = call.zones.iter().map(|zone| local(zone, seconds)).collect();
    let mut names: Vec<(&str, &str)> =
        LAW.rule.iter().map(|row| (row.code.as_str(), row.rule.as_str())).collect();
    names.dedup();
    for (code, name) in names {
        if call.codes.iter().any(|candidate| candidate == code) {
            let rows: Vec<&Row> =
                LAW.rule.iter().filter(|row| row.code == code && row.rule == name).collect();
            if !rule_allows(&rows, call, &local, seconds) {
                refusals.push(format!("{code} {name}"));
            }
        }
    }
    for (country, known) in knowledge(call, &local) {
        if !known {
            refusals.push(country);
        }
    }
    if local.iter().any(|time| !call.house.iter().any(|(from, until)| is_within(time, from, until)))
    {
        refusals.push("house hours".to_owned());
    }
    for closure in &call.closures {
        if closed(closure, call, &local, seconds) {
            let name = if closure.emergency { "emergency" } else { "closed-day" };
            refusals.push(format!("{} {name}", closure.code));
        }
    }
    refusals.sort();
    refusals.dedup();
    refusals
}

fn rule_allows(rows: &[&Row], call: &NaiveCall, local: &[DateTime], seconds: i64) -> bool {
    let first = rows[0];
    let scopes = scopes(call);
    if !first.applies_to.iter().any(|scope| scopes.contains(&scope.as_str())) {
        return true;
    }
    if first.confidence == "unverified" && !call.strict {
        return true;
    }
    if is_lifted(first.lifted_by.as_deref().unwrap_or_default(), call, seconds) {
        return true;
    }
    match &first.clock {
        Some(zone) => allows_at(rows, &self::local(zone, seconds)),
        None => local.iter().all(|time| allows_at(rows, time)),
    }
}

fn allows_at(rows: &[&Row], time: &DateTime) -> bool {
    let rows: Vec<&&Row> = rows.iter().filter(|row| is_effective(row, time)).collect();
    let Some(first) = rows.first() else { return true };
    if first.from.is_none() {
        return first.rule == "no-statutory-hours" || first.attempts.is_some();
    }
    let weekday =
        WEEKDAYS[usize::try_from(time.weekday().to_monday_zero_offset()).expect("0 to 6")];
    let names_it = |row: &&Row| row.days.as_ref().expect("days").iter().any(|day| day == weekday);
    let is_named = rows.iter().any(|row| names_it(row));
    let free = !is_named && first.other_days.as_deref() == Some("free");
    let in_hours = rows.iter().filter(|row| names_it(row)).any(|row| {
        is_within(time, row.from.as_ref().expect("from"), row.until.as_ref().expect("until"))
    });
    (free || in_hours) && holidays_allow(first, time)
}

fn holidays_allow(row: &Row, time: &DateTime) -> bool {
    let policy = row.holidays.as_deref().unwrap_or("as-weekday");
    if policy == "as-weekday" {
        return true;
    }
    let calendar =
        if policy == "unknown" { &row.code } else { policy.rsplit(':').next().expect("one") };
    if !(2021..=2031).contains(&time.year()) {
        return false;
    }
    if is_holiday(calendar, time.date()) {
        return match policy.strip_prefix("from-") {
            Some(hours) => {
                let hours = hours.split(':').next().expect("hours");
                let (from, until) = hours.split_once("-until-").expect("hours");
                is_within(time, &format!("{from}:00"), &format!("{until}:00"))
            }
            None => false,
        };
    }
    let tomorrow = time.date().tomorrow().expect("a day");
    let is_eve = is_holiday(calendar, tomorrow) || tomorrow.year() > 2031;
    match &row.holidays_eve {
        Some(eve) if is_eve => is_within(time, &eve.from, &eve.until),
        _ => true,
    }
}

fn is_holiday(calendar: &str, day: Date) -> bool {
    HOLIDAY_SET.contains(&(calendar.to_owned(), day.to_string()))
}

fn is_effective(row: &Row, time: &DateTime) -> bool {
    let day = time.date().to_string();
    row.effective_from.as_ref().is_none_or(|from| from.to_string() <= day)
        && row.effective_until.as_ref().is_none_or(|until| day <= until.to_string())
}

fn is_within(time: &DateTime, from: &str, until: &str) -> bool {
    let clock = format!("{:02}:{:02}", time.hour(), time.minute());
    from <= clock.as_str() && clock.as_str() < until
}

fn is_lifted(by: &[String], call: &NaiveCall, seconds: i64) -> bool {
    by.iter().any(|basis| match basis.as_str() {
        "consent-for-time" => {
            call.consent_for.is_some_and(|(start, end)| start <= seconds && seconds < end)
        }
        basis => call.bases.iter().any(|claimed| claimed == basis),
    })
}

fn scopes(call: &NaiveCall) -> HashSet<&'static str> {
    let of_kind = |kind: &String| match kind.as_str() {
        "sales" => vec!["solicitation"],
        "service" => vec![],
        "debt" => vec!["debt"],
        "research" => vec!["research"],
        "fundraising" => vec!["fundraising"],
        "automated" => vec!["automated", "solicitation"],
        "text" => vec!["text"],
        other => panic!("{other}"),
    };
    call.kinds.iter().flat_map(of_kind).collect()
}

/// Of each country: whether it is known, and whether it is known for each kind where that counts.
fn knowledge(call: &NaiveCall, local: &[DateTime]) -> Vec<(String, bool)> {
    let mut known = Vec::new();
    let countries: HashSet<&str> = call.codes.iter().map(|code| &code[..2]).collect();
    for country in countries {
        let verified = |time: &DateTime| -> Vec<&Row> {
            let of_country = |row: &&Row| {
                row.code == country && row.confidence != "unverified" && is_effective(row, time)
            };
            LAW.rule.iter().filter(of_country).collect()
        };
        let is_known = local.iter().all(|time| !verified(time).is_empty());
        known.push((format!("{country} law-known"), is_known));
        for scope in scopes(call).into_iter().filter(|_| call.strict) {
            let speaks = |row: &&Row| row.applies_to.iter().any(|it| it == scope);
            let is_clear = |rows: Vec<&Row>| rows.is_empty() || rows.iter().any(speaks);
            let is_known = local.iter().all(|time| is_clear(verified(time)));
            known.push((format!("{country} kind-known"), is_known));
        }
    }
    known
}

fn closed(closure: &NaiveClosure, call: &NaiveCall, local: &[DateTime], seconds: i64) -> bool {
    if !call.codes.contains(&closure.code) {
        return false;
    }
    let law = LAW.emergency.iter().find(|law| closure.emergency && law.code == closure.code);
    if let Some(law) = law {
        let scopes = scopes(call);
        let applies = law.applies_to.iter().any(|scope| scopes.contains(scope.as_str()));
        if !applies || is_lifted(&law.lifted_by, call, seconds) {
            return false;
        }
    }
    local.iter().any(|time| {
        let day = time.date().to_string();
        closure.from <= day && closure.until.as_ref().is_none_or(|until| day <= *until)
    })
}

/// Local time of a zone.
fn local(zone: &str, seconds: i64) -> DateTime {
    thread_local! {
        static ZONES: RefCell<HashMap<String, TimeZone>> = RefCell::default();
    }
    let instant = Timestamp::from_second(seconds).expect("an instant");
    ZONES.with_borrow_mut(|zones| {
        let read = || TimeZoneDatabase::bundled().get(zone).expect("a zone");
        zones.entry(zone.to_owned()).or_insert_with(read).to_datetime(instant)
    })
}

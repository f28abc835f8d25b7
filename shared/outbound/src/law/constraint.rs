//! Constraints that can forbid a call, each by itself.

use std::{borrow::Cow, collections::BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    basis::Basis,
    calendar::{CalendarDay, Calendars},
    candidates::Doubt,
    clock::{Clock, Zone},
    decision::{Finding, Reason, Ruling},
    kind::Scope,
    policy::{Closure, HouseHours},
    rule::{Confidence, Coverage, Emergency, Holidays, Hours, Rule, Span, in_force},
};

/// One thing that can speak against a call.
#[derive(Debug, Clone, Copy)]
pub(super) enum Constraint<'a> {
    /// A rule of the data, with the holidays it may mean.
    Rule(&'a Rule, Calendars),
    /// A closed day, or an emergency with the law that governs it.
    Closure(&'a Closure, Option<&'a Emergency>),
    /// The hours of the house.
    House(&'a HouseHours),
    /// A country must be known.
    Country(&'a str, &'a [Coverage]),
    /// A country's law on such calls should be known.
    Kind(&'a str, Scope, &'a [Coverage]),
    /// A place must be known.
    Place(Doubt),
}

/// Result of a constraint on one clock.
#[derive(Debug)]
pub(super) struct Test {
    pub(super) verdict: Verdict,
    /// It says the same until then, at least.
    pub(super) until: DateTime<Utc>,
}

#[derive(Debug)]
pub(super) enum Verdict {
    /// It is not in force.
    Silent,
    Allows,
    Refuses(Reason),
}

impl Constraint<'_> {
    /// The zone whose clocks count instead of the called party's.
    pub(super) fn own_zone(&self) -> Option<Zone> {
        match self {
            Self::Rule(rule, _) => rule.clock.map(Zone),
            _ => None,
        }
    }

    pub(super) fn lifted_by(&self) -> &'static [Basis] {
        match self {
            Self::Rule(rule, _) => rule.lifted_by,
            Self::Closure(_, Some(emergency)) => emergency.lifted_by,
            _ => &[],
        }
    }

    /// Returns whether it only warns, unless doubtful rules refuse.
    pub(super) fn is_doubtful(&self) -> bool {
        match self {
            Self::Rule(rule, _) => rule.authority.confidence == Confidence::Unverified,
            Self::Kind(..) => true,
            _ => false,
        }
    }

    pub(super) fn test(&self, clock: &Clock) -> Test {
        match self {
            Self::Rule(rule, calendars) => test_rule(rule, *calendars, clock),
            Self::Closure(closure, _) => test_closure(closure, clock),
            Self::House(house) => test_hours(&house.spans(), None, clock),
            Self::Country(country, coverage) => {
                let reason = Reason::UnknownLaw { day: clock.day() };
                test_coverage(of_country(coverage, country), reason, clock)
            }
            Self::Kind(country, scope, coverage) => {
                let is_known = |it: &&Coverage| in_force(clock.day(), it.from, it.until);
                if of_country(coverage, country).any(|it| is_known(&it)) {
                    let calls = Cow::Borrowed(scope.calls());
                    let reason = Reason::UnknownForKind { calls, day: clock.day() };
                    let of_kind = |it: &&Coverage| it.scopes.contains(scope);
                    test_coverage(of_country(coverage, country).filter(of_kind), reason, clock)
                } else {
                    // The country itself is unknown, which refuses already.
                    Test { verdict: Verdict::Silent, until: clock.until_midnight() }
                }
            }
            Self::Place(doubt) => {
                refuse(Reason::UnknownPlace { doubt: *doubt }, clock.steady_until())
            }
        }
    }

    /// The finding, without what it says.
    pub(super) fn finding(&self, ruling: Ruling, reasons: Vec<Reason>) -> Finding {
        let (code, rule, authority) = match self {
            Self::Rule(rule, _) => {
                (rule.code.into(), rule.name.into(), Some(rule.authority.clone()))
            }
            Self::Closure(closure, emergency) => {
                let name = if closure.emergency { "emergency" } else { "closed-day" };
                let authority = emergency.map(|it| it.authority.clone());
                (closure.code.to_string().into(), name.into(), authority)
            }
            Self::House(_) => ("house".into(), "hours".into(), None),
            Self::Country(country, _) => ((*country).to_owned().into(), "law-known".into(), None),
            Self::Kind(country, ..) => ((*country).to_owned().into(), "kind-known".into(), None),
            Self::Place(_) => ("place".into(), "place-known".into(), None),
        };
        Finding { code, rule, ruling, reasons, lifted_by: self.lifted_by().to_vec(), authority }
    }
}

/// The scopes of a call among those of a rule.
pub(super) fn overlap(scopes: &[Scope], of_call: &BTreeSet<Scope>) -> bool {
    scopes.iter().any(|scope| of_call.contains(scope))
}

fn of_country<'a>(
    coverage: &'a [Coverage],
    country: &'a str,
) -> impl Iterator<Item = &'a Coverage> {
    coverage.iter().filter(move |it| it.country == country)
}

fn test_coverage<'a>(
    mut coverage: impl Iterator<Item = &'a Coverage>,
    reason: Reason,
    clock: &Clock,
) -> Test {
    let mut is_ever_known = false;
    let is_known = coverage.any(|it| {
        is_ever_known = true;
        in_force(clock.day(), it.from, it.until)
    });
    match (is_known, is_ever_known) {
        // There is nothing to report about what is known.
        (true, _) => Test { verdict: Verdict::Silent, until: clock.until_midnight() },
        (false, true) => refuse(reason, clock.until_midnight()),
        (false, false) => refuse(reason, clock.steady_until()),
    }
}

fn refuse(reason: Reason, until: DateTime<Utc>) -> Test {
    Test { verdict: Verdict::Refuses(reason), until }
}

fn test_rule(rule: &Rule, calendars: Calendars, clock: &Clock) -> Test {
    let day = clock.day();
    if !in_force(day, rule.from, rule.until) {
        return Test { verdict: Verdict::Silent, until: clock.until_midnight() };
    }
    // Midnight matters only if the rule ends some day.
    let lasting = if rule.until.is_none() { clock.steady_until() } else { clock.until_midnight() };
    match &rule.hours {
        Hours::Unrestricted => Test { verdict: Verdict::Allows, until: lasting },
        Hours::OptIn => refuse(Reason::NeedsBasis, lasting),
        Hours::Weekly(week) => {
            let hours = week[clock.weekday()];
            match &rule.holidays {
                None => test_hours(hours, None, clock),
                Some(holidays) => test_day(hours, holidays, calendars, clock),
            }
        }
    }
}

fn test_day(hours: &[Span], holidays: &Holidays, calendars: Calendars, clock: &Clock) -> Test {
    let (day, zone) = (clock.day(), clock.shows.zone);
    let look_up = |day| calendars.look_up(holidays.calendar, day);
    match look_up(day) {
        CalendarDay::Unknown => {
            return refuse(Reason::HolidayUnknown { zone, day }, clock.until_midnight());
        }
        CalendarDay::Holiday(name) => {
            let name = Cow::Borrowed(name);
            if let Some(only) = holidays.only {
                return test_hours(&within(hours, only), Some(name), clock);
            }
            let reason = Reason::Holiday { zone, day, name, known: holidays.known };
            return refuse(reason, clock.until_midnight());
        }
        CalendarDay::Ordinary => {}
    }
    match holidays.eve.zip(day.succ_opt().map(look_up)) {
        Some((eve, CalendarDay::Holiday(name))) => {
            test_hours(&within(hours, eve), Some(Cow::Borrowed(name)), clock)
        }
        Some((eve, CalendarDay::Unknown)) => test_hours(&within(hours, eve), None, clock),
        Some((_, CalendarDay::Ordinary)) | None => test_hours(hours, None, clock),
    }
}

/// The parts of the hours that lie within others: one holiday more never adds an hour.
fn within(hours: &[Span], others: Span) -> Vec<Span> {
    let cut = |span: &Span| Span {
        from: span.from.max(others.from),
        until: span.until.min(others.until),
    };
    hours.iter().map(cut).filter(|span| span.from < span.until).collect()
}

fn test_hours(hours: &[Span], holiday: Option<Cow<'static, str>>, clock: &Clock) -> Test {
    let minute = clock.minute();
    if let Some(span) = hours.iter().find(|span| span.from <= minute && minute < span.until) {
        return Test { verdict: Verdict::Allows, until: clock.until(span.until) };
    }
    let next = hours.iter().map(|span| span.from).filter(|from| *from > minute).min();
    let until = next.map_or_else(|| clock.until_midnight(), |from| clock.until(from));
    let hours = hours.iter().map(Span::to_string).collect();
    refuse(Reason::Hours { shown: clock.shows, hours, holiday }, until)
}

fn test_closure(closure: &Closure, clock: &Clock) -> Test {
    let (zone, day) = (clock.shows.zone, clock.day());
    if in_force(day, Some(closure.from), closure.until) {
        let reason = Reason::Closed { zone, day, reason: closure.reason.clone() };
        refuse(reason, clock.until_midnight())
    } else {
        Test { verdict: Verdict::Silent, until: clock.until_midnight() }
    }
}

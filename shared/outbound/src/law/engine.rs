//! Decides on calls: every constraint on every clock.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    calendar::Calendars,
    call::{Call, Interval},
    candidates::Doubt,
    clock::{Clock, Zone},
    constraint::{Constraint, Verdict, overlap},
    decision::{Decision, Finding, Reason, Releases, Ruling},
    policy::Strictness,
    rule::{COVERAGE, Coverage, EMERGENCIES, Emergency, RULES, Rule},
};

/// Most days in which the next allowed instant is searched.
pub const SEARCH_DAYS_MAX: i64 = 366;
/// The longest range of which the allowed parts are computed.
pub const RANGE_DAYS_MAX: i64 = 366;

/// The data that decisions rest on.
#[derive(Debug, Clone, Copy)]
pub(super) struct Law<'a> {
    pub(super) rules: &'a [Rule],
    pub(super) emergencies: &'a [Emergency],
    pub(super) coverage: &'a [Coverage],
    pub(super) calendars: Calendars,
}

pub(super) const CURRENT: Law<'static> = Law {
    rules: RULES,
    emergencies: EMERGENCIES,
    coverage: COVERAGE,
    calendars: Calendars::CURRENT,
};

/// Decides whether a call may be made at an instant.
pub fn decide(call: &Call, at: DateTime<Utc>) -> Decision {
    CURRENT.decide(call, at)
}

/// The parts of a range in which a call is allowed, in order and apart. A range is cut to
/// [`RANGE_DAYS_MAX`] days.
pub fn allowed(call: &Call, range: Interval) -> Vec<Interval> {
    CURRENT.allowed(call, range)
}

/// Result of one constraint on all its clocks.
struct Opinion {
    ruling: Option<Ruling>,
    reasons: Vec<Reason>,
    /// It says all of this until then.
    steady_until: DateTime<Utc>,
    /// It refuses until then, at least.
    refuses_until: Option<DateTime<Utc>>,
}

impl Law<'_> {
    pub(super) fn decide(&self, call: &Call, at: DateTime<Utc>) -> Decision {
        let constraints = self.constraints(call);
        let clocks = Clocks::new(call, &constraints, at, days_after(at, SEARCH_DAYS_MAX));
        let mut findings: Vec<Finding> = constraints
            .iter()
            .filter_map(|constraint| {
                let Opinion { ruling, reasons, .. } = opinion(constraint, &clocks);
                Some(constraint.finding(ruling?, reasons))
            })
            .collect();
        findings.sort_by_key(|finding| finding.ruling);
        let allowed = findings.iter().all(|finding| finding.ruling != Ruling::Refuses);
        Decision {
            allowed,
            at,
            clocks: clocks.of_callee().map(|clock| clock.shows).collect(),
            next_allowed: if allowed { Some(at) } else { next(&constraints, clocks) },
            findings,
            call: call.clone(),
            releases: Releases::CURRENT,
        }
    }

    pub(super) fn allowed(&self, call: &Call, range: Interval) -> Vec<Interval> {
        let constraints = self.constraints(call);
        let end = range.end.min(days_after(range.start, RANGE_DAYS_MAX));
        let mut intervals: Vec<Interval> = Vec::new();
        let mut clocks = Clocks::new(call, &constraints, range.start, end);
        while clocks.at < end {
            let at = clocks.at;
            let look = summarize(&constraints, &clocks);
            let until = look.refused_until.unwrap_or(look.steady_until).min(end);
            if look.refused_until.is_none() {
                match intervals.last_mut().filter(|last| last.end == at) {
                    Some(last) => last.end = until,
                    None => intervals.push(Interval { start: at, end: until }),
                }
            }
            clocks.move_to(until);
        }
        intervals
    }

    /// Everything that can speak against the call, at any time.
    fn constraints<'c>(&'c self, call: &'c Call) -> Vec<Constraint<'c>> {
        let scopes = call.kinds.scopes();
        let candidates = &call.candidates;
        let mut all: Vec<_> = candidates.doubts().map(Constraint::Place).collect();
        for country in candidates.countries() {
            all.push(Constraint::Country(country, self.coverage));
            let kind = |scope: &_| Constraint::Kind(country, *scope, self.coverage);
            all.extend(scopes.iter().map(kind));
        }
        for closure in &call.closures {
            if candidates.includes(closure.code.as_str()) {
                let governs = |it: &&Emergency| it.code == closure.code.as_str();
                let emergency = self.emergencies.iter().find(governs);
                let emergency = emergency.filter(|_| closure.emergency);
                if emergency.is_none_or(|emergency| overlap(emergency.scopes, &scopes)) {
                    all.push(Constraint::Closure(closure, emergency));
                }
            }
        }
        let applies =
            |rule: &&Rule| candidates.includes(rule.code) && overlap(rule.scopes, &scopes);
        let constrain = |rule| Constraint::Rule(rule, self.calendars);
        all.extend(self.rules.iter().filter(applies).map(constrain));
        all.push(Constraint::House(&call.house));
        all
    }
}

/// The clocks that matter to a call, at an instant.
struct Clocks<'a> {
    call: &'a Call,
    all: Vec<Clock>,
    /// The first of them are the called party's.
    callee: usize,
    at: DateTime<Utc>,
    /// End of the search, so that what lifts a rule for a time must not be overlooked either.
    end: DateTime<Utc>,
    search_end: DateTime<Utc>,
}

impl<'a> Clocks<'a> {
    fn new(
        call: &'a Call,
        constraints: &[Constraint],
        at: DateTime<Utc>,
        search_end: DateTime<Utc>,
    ) -> Self {
        let end = next_bound(call, at, search_end);
        let mut zones: Vec<Zone> = call.candidates.zones().collect();
        let callee = zones.len();
        zones.extend(constraints.iter().filter_map(Constraint::own_zone));
        let all = zones.into_iter().map(|zone| Clock::new(zone, at, end)).collect();
        Self { call, all, callee, at, end, search_end }
    }

    fn move_to(&mut self, at: DateTime<Utc>) {
        let end = next_bound(self.call, at, self.search_end);
        for clock in &mut self.all {
            *clock = clock.later(at, end);
        }
        (self.at, self.end) = (at, end);
    }

    fn of_callee(&self) -> impl Iterator<Item = &Clock> {
        self.all[..self.callee].iter()
    }

    /// Those on which a constraint is tested.
    fn of(&self, constraint: &Constraint) -> &[Clock] {
        let Some(zone) = constraint.own_zone() else { return &self.all[..self.callee] };
        let own = self.all.iter().position(|clock| clock.shows.zone == zone);
        own.map_or(&[], |index| &self.all[index..=index])
    }
}

/// The first bound of the time consented to, or else the end of the search.
fn next_bound(call: &Call, at: DateTime<Utc>, end: DateTime<Utc>) -> DateTime<Utc> {
    let bounds = call.consent_for.iter().flat_map(|time| [time.start, time.end]);
    bounds.filter(|bound| *bound > at).fold(end, DateTime::min)
}

fn opinion(constraint: &Constraint, clocks: &Clocks) -> Opinion {
    if let Constraint::Place(doubt) = constraint {
        return unplaced(*doubt, clocks.end);
    }
    let mut reasons = Vec::new();
    let (mut speaks, mut steady_until, mut refuses_until) = (false, clocks.end, None);
    for clock in clocks.of(constraint) {
        let test = constraint.test(clock);
        steady_until = test.until.min(steady_until);
        match test.verdict {
            Verdict::Silent => {}
            Verdict::Allows => speaks = true,
            Verdict::Refuses(reason) => {
                speaks = true;
                if !reasons.contains(&reason) {
                    reasons.push(reason);
                }
                refuses_until = refuses_until.max(Some(test.until));
            }
        }
    }
    let call = clocks.call;
    let lift = call.lift(constraint.lifted_by(), clocks.at);
    let is_doubtful = constraint.is_doubtful() && call.strictness != Strictness::All;
    let ruling = match lift {
        _ if !speaks => None,
        Some(basis) => Some(Ruling::LiftedBy(basis)),
        None if reasons.is_empty() => Some(Ruling::Allows),
        None if is_doubtful => Some(Ruling::Warns),
        None => Some(Ruling::Refuses),
    };
    let refuses_until = refuses_until.filter(|_| ruling == Some(Ruling::Refuses));
    Opinion { ruling, reasons, steady_until, refuses_until }
}

/// Result without a place, and so without a clock.
fn unplaced(doubt: Doubt, until: DateTime<Utc>) -> Opinion {
    Opinion {
        ruling: Some(Ruling::Refuses),
        reasons: vec![Reason::UnknownPlace { doubt }],
        steady_until: until,
        refuses_until: Some(until),
    }
}

/// Results of all constraints.
struct Summary {
    /// One refuses until then, at least; `None` if all allow.
    refused_until: Option<DateTime<Utc>>,
    /// All of them say the same until then.
    steady_until: DateTime<Utc>,
}

fn summarize(constraints: &[Constraint], clocks: &Clocks) -> Summary {
    let mut all = Summary { refused_until: None, steady_until: clocks.end };
    for constraint in constraints {
        let one = opinion(constraint, clocks);
        all.refused_until = all.refused_until.max(one.refuses_until);
        all.steady_until = all.steady_until.min(one.steady_until);
    }
    all
}

/// Leaps from the end of one refusal to the next, until nothing refuses. Whoever refused last is
/// asked first: a ban of many days is then walked through without asking the others.
fn next(constraints: &[Constraint], mut clocks: Clocks) -> Option<DateTime<Utc>> {
    let mut queue: Vec<&Constraint> = constraints.iter().collect();
    while clocks.at < clocks.search_end {
        let refusal = queue.iter().enumerate().find_map(|(index, constraint)| {
            Some((index, opinion(constraint, &clocks).refuses_until?))
        });
        let Some((index, until)) = refusal else { return Some(clocks.at) };
        queue.swap(0, index);
        clocks.move_to(until);
    }
    None
}

fn days_after(instant: DateTime<Utc>, days: i64) -> DateTime<Utc> {
    instant.checked_add_signed(TimeDelta::days(days)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

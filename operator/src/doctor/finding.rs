//! What a check found, and how a person reads it.

use std::fmt::Display;

use serde::Serialize;

use crate::output::line;

/// Result of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// As it should be.
    Ok,
    /// Not as is assumed, and good for all that: a person should know it.
    Look,
    /// Not as it should be: a person has to mend it.
    Wrong,
    /// Not known, and the detail says why.
    NotChecked,
}

/// What one check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    pub(super) group: &'static str,
    pub(super) check: &'static str,
    pub(super) state: State,
    pub(super) detail: String,
    /// How to mend what is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) advice: Option<String>,
}

impl Finding {
    pub(super) fn ok(check: &'static str, detail: impl Display) -> Self {
        Self::new(check, State::Ok, detail)
    }

    pub(super) fn wrong(
        check: &'static str,
        detail: impl Display,
        advice: impl Into<String>,
    ) -> Self {
        Self { advice: Some(advice.into()), ..Self::new(check, State::Wrong, detail) }
    }

    pub(super) fn look(check: &'static str, detail: impl Display) -> Self {
        Self::new(check, State::Look, detail)
    }

    pub(super) fn not_checked(check: &'static str, why: impl Display) -> Self {
        Self::new(check, State::NotChecked, why)
    }

    fn new(check: &'static str, state: State, detail: impl Display) -> Self {
        // Some errors have several lines.
        let detail = detail.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        Self { group: "", check, state, detail, advice: None }
    }

    pub(super) fn is_wrong(&self) -> bool {
        self.state == State::Wrong
    }
}

/// The findings so far, by groups.
#[derive(Debug, Default)]
pub(super) struct Findings {
    all: Vec<Finding>,
    group: &'static str,
}

impl Findings {
    /// Begins a group.
    pub(super) fn group(&mut self, group: &'static str) {
        self.group = group;
    }

    pub(super) fn add(&mut self, finding: Finding) {
        self.all.push(Finding { group: self.group, ..finding });
    }

    pub(super) fn not_checked(&mut self, check: &'static str, why: impl Display) {
        self.add(Finding::not_checked(check, why));
    }

    pub(super) fn into_all(self) -> Vec<Finding> {
        self.all
    }
}

/// All findings.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    #[serde(rename = "checks")]
    pub(super) findings: Vec<Finding>,
}

impl Report {
    fn count(&self, state: State) -> usize {
        self.findings.iter().filter(|finding| finding.state == state).count()
    }

    pub(super) fn count_wrong(&self) -> usize {
        self.count(State::Wrong)
    }

    pub(super) fn shown(&self) -> String {
        let mut text = String::new();
        let [ok, look, not_checked] =
            [State::Ok, State::Look, State::NotChecked].map(|state| self.count(state));
        let head = match self.count_wrong() {
            0 => "nothing is wrong".to_owned(),
            wrong => format!("{wrong} wrong"),
        };
        line(
            &mut text,
            "",
            &format!("{head}, {ok} ok, {look} to look at, {not_checked} not checked"),
        );
        let mut group = "";
        for finding in &self.findings {
            if finding.group != group {
                group = finding.group;
                text.push('\n');
                line(&mut text, "", group);
            }
            let Finding { check, detail, .. } = finding;
            let state = match finding.state {
                State::Ok => "ok         ",
                State::Look => "look       ",
                State::Wrong => "WRONG      ",
                State::NotChecked => "not checked",
            };
            line(&mut text, "  ", &format!("{state} {check}: {detail}"));
            if let Some(advice) = &finding.advice {
                line(&mut text, "      ", advice);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_has_a_line_for_each_check_and_advice_for_what_is_wrong() {
        let mut findings = Findings::default();
        findings.group("access");
        findings.add(Finding::ok("token", "granted"));
        findings.add(Finding::look("order", "none"));
        findings.add(Finding::wrong("clock", "5 min\n  behind", "Set the clock."));
        findings.group("texts");
        findings.not_checked("channel", "--without texts");
        let report = Report { findings: findings.into_all() };
        assert_eq!(report.count_wrong(), 1);
        insta::assert_snapshot!(report.shown(), @"
        1 wrong, 1 ok, 1 to look at, 1 not checked

        access
          ok          token: granted
          look        order: none
          WRONG       clock: 5 min behind
              Set the clock.

        texts
          not checked channel: --without texts
        ");
    }
}

//! Puts everything back as it was, and says what could not be.

use std::time::Duration;

use cxone::{Error, SkillHours, SkillWeek};

use super::{
    super::finding::{Finding, Findings},
    TestSkill,
};
use crate::tenant::deadline;

/// Attempts to put something back.
const ATTEMPTS_MAX: u32 = 4;
/// Waits between two: as long as CXone wishes, within these.
const WAIT_MIN: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_secs(30);

/// An attempt to put something back.
enum Attempt {
    /// It is as it was.
    Done,
    /// It is not, and another attempt may succeed.
    Again(Option<Error>),
    /// It is not, and another attempt would end likewise.
    Refused(Error),
}

impl TestSkill<'_> {
    /// Stops the skill first: nothing else is as urgent.
    pub(super) async fn undo(&mut self, findings: &mut Findings) {
        if self.written.start {
            let advice = format!("Stop skill {} in CXone now.", self.skill);
            let outcome = attempts(async || self.stop().await).await;
            findings.add(told("stopped", outcome, "the skill is stopped", advice));
        }
        if let Some(week) = self.written.week.take() {
            let advice = format!(
                "Set the weekly schedule of skill {} in CXone as it was: {}.",
                self.skill,
                week_shown(&week)
            );
            let outcome = attempts(async || self.put_week(&week).await).await;
            findings.add(told(
                "schedule-back",
                outcome,
                "the weekly schedule is as it was",
                advice,
            ));
        }
        if let Some(hours) = self.written.hours.take() {
            let advice = format!("Set them in CXone as they were: {hours}.");
            let outcome = attempts(async || self.put_hours(&hours).await).await;
            findings.add(told("hours-back", outcome, "the hours are as they were", advice));
        }
    }

    async fn stop(&self) -> Attempt {
        let stopped = self.client.stop_skill(&self.skill.to_string(), deadline()).await;
        match (stopped, self.follows(false).await) {
            // A start may show late: that it is not seen to run is not enough.
            (Ok(()), Ok(Some(_))) => Attempt::Done,
            (stopped, Ok(_)) => attempt_after(stopped),
            (_, Err(error)) => Attempt::Again(Some(error)),
        }
    }

    async fn put_week(&self, week: &SkillWeek) -> Attempt {
        let written = self.inspection.put_week(self.skill, week, deadline()).await;
        match self.inspection.week(self.skill, deadline()).await {
            Ok(now) if now == *week => Attempt::Done,
            Ok(_) => attempt_after(written),
            Err(error) => Attempt::Again(Some(error)),
        }
    }

    async fn put_hours(&self, hours: &SkillHours) -> Attempt {
        let written = self.inspection.put_hours(self.skill, hours, deadline()).await;
        match self.inspection.hours(self.skill, deadline()).await {
            Ok(now) if now == *hours => Attempt::Done,
            Ok(_) => attempt_after(written),
            Err(error) => Attempt::Again(Some(error)),
        }
    }
}

/// What comes after a write that did not come to what it should.
fn attempt_after(written: Result<(), Error>) -> Attempt {
    match written {
        Ok(()) => Attempt::Again(None),
        Err(error @ (Error::Forbidden { .. } | Error::Invalid { .. } | Error::NotFound { .. })) => {
            Attempt::Refused(error)
        }
        Err(error) => Attempt::Again(Some(error)),
    }
}

/// Tries until it is done, and otherwise returns why it is not.
async fn attempts(attempt: impl AsyncFn() -> Attempt) -> Result<(), String> {
    let mut why = None;
    for count in 1..=ATTEMPTS_MAX {
        match attempt().await {
            Attempt::Done => return Ok(()),
            Attempt::Refused(error) => return Err(error.to_string()),
            Attempt::Again(error) => why = error,
        }
        if count < ATTEMPTS_MAX {
            let wait = why.as_ref().and_then(Error::retry_after).unwrap_or(WAIT_MIN);
            tokio::time::sleep(wait.clamp(WAIT_MIN, WAIT_MAX)).await;
        }
    }
    Err(why.map_or_else(|| "CXone shows something else".to_owned(), |error| error.to_string()))
}

fn told(check: &'static str, outcome: Result<(), String>, done: &str, advice: String) -> Finding {
    match outcome {
        Ok(()) => Finding::ok(check, done),
        Err(why) => Finding::wrong(check, format!("not put back: {why}"), advice),
    }
}

/// A weekly schedule for a person who has to put it back.
fn week_shown(week: &SkillWeek) -> String {
    let days = week.days().map(|(day, start, end)| format!("{day} {start}-{end}"));
    let days: Vec<String> = days.collect();
    let counts = if week.is_scheduled() { "it counts" } else { "it does not count" };
    format!("{counts}; {}", days.join(", "))
}

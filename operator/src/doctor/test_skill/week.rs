//! A start outside of the weekly schedule.

use chrono::{DateTime, TimeDelta, Timelike as _, Utc};
use cxone::SkillWeek;

use super::{
    super::finding::{Finding, Findings},
    TestSkill,
};
use crate::tenant::deadline;

/// Time of the day that is now in no zone where people are called.
const AWAY: TimeDelta = TimeDelta::hours(12);

impl TestSkill<'_> {
    pub(super) async fn try_off_schedule(&mut self, findings: &mut Findings) {
        const CHECK: &str = "off-schedule";
        if !self.interrupt.lets_begin(CHECK, findings) {
            return;
        }
        let week = match self.inspection.week(self.skill, deadline()).await {
            Ok(week) if week.is_writable() => week,
            Ok(_) => {
                let why = "a day of its weekly schedule is off, so that it could not be put back";
                return findings.not_checked(CHECK, why);
            }
            Err(error) => return findings.not_checked(CHECK, error),
        };
        if let Err(why) = self.harmless().await {
            return findings.not_checked(CHECK, format!("not started: {why}"));
        }
        self.written.week = Some(week);
        let closed = closed_at(ambient::now());
        match self.inspection.try_week(self.skill, &closed, deadline()).await {
            Ok(seen) if seen.is_success() => findings.add(self.started_off_schedule().await),
            Ok(seen) => {
                let why = format!("the weekly schedule cannot be written: {seen}");
                findings.not_checked(CHECK, why);
            }
            Err(error) => findings.not_checked(CHECK, error),
        }
    }

    async fn started_off_schedule(&mut self) -> Finding {
        const CHECK: &str = "off-schedule";
        match self.switch(true).await {
            Ok(seen) if seen.is_success() => {
                let runs = matches!(self.follows(true).await, Ok(Some(_)));
                let effect = if runs { "it runs" } else { "it is not seen to run" };
                Finding::ok(
                    CHECK,
                    format!("a start then is taken with {}, and {effect}", seen.status),
                )
            }
            Ok(seen) => {
                let detail = "a start then is refused: a run outside of the weekly schedule fails";
                Finding::look(CHECK, format!("{detail}: {seen}"))
            }
            Err(error) => Finding::not_checked(CHECK, error),
        }
    }
}

/// A schedule that is closed at an instant: a minute a day, half a day away.
fn closed_at(now: DateTime<Utc>) -> SkillWeek {
    let away = now + AWAY;
    let (hour, minute) = (away.hour(), away.minute().min(58));
    let [start, end] = [minute, minute + 1].map(|minute| format!("{hour:02}:{minute:02}"));
    SkillWeek::daily([&start, &end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_is_closed_half_a_day_around_an_instant() {
        for (now, expected) in [
            ("2026-11-27T11:59:30Z", ["23:58", "23:59"]),
            ("2026-11-27T23:05:00Z", ["11:05", "11:06"]),
        ] {
            let now = now.parse().expect("an instant");
            assert_eq!(closed_at(now), SkillWeek::daily(expected));
        }
    }
}

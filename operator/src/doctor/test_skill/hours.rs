//! What becomes of hours that are written. Each step writes from what the skill had at first.

use cxone::{Error, Seen, SkillHours};

use super::{
    super::{
        finding::{Finding, Findings},
        writes::pause_before,
    },
    TestSkill, advice,
};
use crate::tenant::deadline;

/// Hours that a zone gets while all are sent: the first that it does not have.
const TRIED: [[&str; 2]; 2] = [["10:00", "12:00"], ["13:00", "15:00"]];
/// Hours that it gets while it is sent alone.
const ALONE: [&str; 2] = ["16:00", "18:00"];
/// Ends of a day that are tried, from this hour on.
const EVENING: &str = "20:00";
const ENDS: [&str; 3] = ["23:59", "24:00", "00:00"];
/// Times whose end comes before their start.
const BACKWARD: [&str; 2] = ["21:00", "09:00"];
/// Reads after a write until it shows.
const READS_MAX: u32 = 3;
/// Minutes by which hours are tried that go beyond those of the business unit.
const BEYOND: u16 = 60;
/// The last minute of a day.
const LAST: u16 = 24 * 60 - 1;

const PERMISSION: &str = "skills: edit";
const LEAVE: &str = "Leave CxoneSchedule at verify.";

/// What became of hours that were written.
enum Outcome {
    Refused(Seen),
    Now(SkillHours),
}

impl TestSkill<'_> {
    pub(super) async fn try_hours(&mut self, before: &SkillHours, findings: &mut Findings) {
        let Some(zone) = tried_zone(before) else {
            findings.not_checked("all-zones", "the skill has no zone with hours");
            return;
        };
        if !self.interrupt.lets_begin("all-zones", findings) {
            return;
        }
        let found = self.all_zones(before, &zone).await;
        let is_written = !found.is_wrong();
        findings.add(found);
        if !is_written {
            findings.not_checked("one-zone", "hours cannot be written");
            return;
        }
        if self.interrupt.lets_begin("one-zone", findings) {
            findings.add(self.one_zone(before, &zone).await);
        }
        if self.interrupt.lets_begin("ends", findings) {
            findings.add(self.ends(before, &zone).await);
        }
        if self.interrupt.lets_begin("override", findings) {
            findings.add(self.beyond(before, &zone).await);
        }
    }

    /// Writes all zones, one of them changed.
    async fn all_zones(&mut self, before: &SkillHours, zone: &str) -> Finding {
        const CHECK: &str = "all-zones";
        let wanted = before.with(zone, other_times(before, zone), None);
        match self.write(before, &wanted, |now| *now == wanted).await {
            Err(error) => Finding::wrong(CHECK, error, LEAVE),
            Ok(Outcome::Refused(seen)) => {
                let detail = format!("hours cannot be written: {seen}");
                Finding::wrong(CHECK, detail, advice(&seen, PERMISSION, LEAVE))
            }
            Ok(Outcome::Now(now)) if now == wanted => {
                let all = before.zones().count();
                Finding::ok(CHECK, format!("one of {all} changes, and no other"))
            }
            Ok(Outcome::Now(now)) if now.without(zone) != before.without(zone) => {
                let detail = "one changes, and others as well: see hours-back";
                Finding::wrong(CHECK, detail, LEAVE)
            }
            Ok(Outcome::Now(now)) => {
                let detail = format!("CXone takes them, and they read back {}", shown(&now, zone));
                Finding::wrong(CHECK, detail, LEAVE)
            }
        }
    }

    /// Writes one zone alone. The product always writes all, so either is good.
    async fn one_zone(&mut self, before: &SkillHours, zone: &str) -> Finding {
        const CHECK: &str = "one-zone";
        let wanted = before.with(zone, ALONE, None);
        let is_written = |now: &SkillHours| now.only(zone) == wanted.only(zone);
        match self.write(before, &wanted.only(zone), is_written).await {
            Err(error) => Finding::look(CHECK, error),
            Ok(Outcome::Refused(seen)) => {
                Finding::ok(CHECK, format!("refused, so that all have to be sent: {seen}"))
            }
            Ok(Outcome::Now(now)) if !is_written(&now) => {
                Finding::look(CHECK, format!("it reads back {}", shown(&now, zone)))
            }
            Ok(Outcome::Now(now)) if now == wanted => {
                Finding::ok(CHECK, "those that are not sent stay")
            }
            Ok(Outcome::Now(now)) if now.without(zone).is_empty() => {
                Finding::ok(CHECK, "those that are not sent are gone: all have to be sent")
            }
            Ok(Outcome::Now(_)) => Finding::look(CHECK, "those that are not sent change"),
        }
    }

    /// Tries how a day may end.
    async fn ends(&mut self, before: &SkillHours, zone: &str) -> Finding {
        const CHECK: &str = "ends";
        let (mut taken, mut refused) = (Vec::new(), Vec::new());
        let mut has_midnight = false;
        let ends = ENDS.into_iter().map(|end| (end, [EVENING, end]));
        for (name, times) in ends.chain([("an end before the start", BACKWARD)]) {
            let wanted = before.with(zone, times, None);
            match self.write(before, &wanted, |now| *now == wanted).await {
                Err(error) => return Finding::not_checked(CHECK, error),
                Ok(Outcome::Refused(_)) => refused.push(name.to_owned()),
                Ok(Outcome::Now(now)) => {
                    let is_same = now.times(zone) == wanted.times(zone);
                    has_midnight |= is_same && now.minutes(zone).is_some_and(|it| it.end > LAST);
                    let other = format!(" (reads back {})", shown(&now, zone));
                    taken.push(format!("{name}{}", if is_same { "" } else { &other }));
                }
            }
        }
        let list = |names: &[String]| match names {
            [] => "nothing".to_owned(),
            names => names.join(", "),
        };
        let detail = format!("taken: {}; refused: {}", list(&taken), list(&refused));
        if has_midnight {
            Finding::ok(CHECK, detail)
        } else {
            let effect = "With CxoneSchedule hours, no window can end at midnight";
            Finding::look(CHECK, format!("{detail}. {effect}"))
        }
    }

    /// Tries hours beyond those of the business unit, without and with `overrideTime`. The product
    /// writes it.
    async fn beyond(&mut self, before: &SkillHours, zone: &str) -> Finding {
        const CHECK: &str = "override";
        let business = match self.inspection.business_hours(deadline()).await {
            Ok(business) => business.minutes(zone),
            Err(error) => return Finding::not_checked(CHECK, error),
        };
        let Some(business) = business else {
            return Finding::not_checked(CHECK, "the business unit has no hours in the zone");
        };
        let start = business.start.saturating_sub(BEYOND);
        let end = (business.end + BEYOND).min(LAST);
        if start >= business.start && end <= business.end {
            return Finding::not_checked(CHECK, "the business unit is open all day");
        }
        let [start, end] = [start, end].map(|at| format!("{:02}:{:02}", at / 60, at % 60));
        let mut told = Vec::new();
        let mut is_kept = false;
        for overrides in [false, true] {
            let wanted = before.with(zone, [&start, &end], Some(overrides));
            let outcome = self.write(before, &wanted, |now| *now == wanted).await;
            is_kept = matches!(&outcome, Ok(Outcome::Now(now)) if *now == wanted);
            let outcome = match outcome {
                Err(error) => return Finding::not_checked(CHECK, error),
                Ok(Outcome::Refused(seen)) => format!("refused ({})", seen.status),
                Ok(Outcome::Now(_)) if is_kept => "kept".to_owned(),
                Ok(Outcome::Now(now)) => format!("read back {}", shown(&now, zone)),
            };
            told.push(format!("{} it {outcome}", if overrides { "with" } else { "without" }));
        }
        let detail = format!("beyond the business unit's hours: {}", told.join(", "));
        if is_kept { Finding::ok(CHECK, detail) } else { Finding::look(CHECK, detail) }
    }

    /// Writes hours once, and reads until they are as they should be, or for a few seconds.
    async fn write(
        &mut self,
        before: &SkillHours,
        wanted: &SkillHours,
        is_done: impl Fn(&SkillHours) -> bool,
    ) -> Result<Outcome, Error> {
        self.written.hours = Some(before.clone());
        let seen = self.inspection.try_hours(self.skill, wanted, deadline()).await?;
        if !seen.is_success() {
            return Ok(Outcome::Refused(seen));
        }
        let mut now = self.inspection.hours(self.skill, deadline()).await?;
        for read in 1..READS_MAX {
            if is_done(&now) {
                break;
            }
            pause_before(read).await;
            now = self.inspection.hours(self.skill, deadline()).await?;
        }
        Ok(Outcome::Now(now))
    }
}

/// The zone that is changed: an open one with hours that can be read, if there is one.
fn tried_zone(hours: &SkillHours) -> Option<String> {
    let is_good = |zone: &&str| hours.is_open(zone) && hours.minutes(zone).is_some();
    let found = hours.zones().find(is_good).or_else(|| hours.zones().next());
    found.map(str::to_owned)
}

/// Times that a zone does not have.
fn other_times(hours: &SkillHours, zone: &str) -> [&'static str; 2] {
    let has = |times: [&str; 2]| hours.with(zone, times, None) == *hours;
    if has(TRIED[0]) { TRIED[1] } else { TRIED[0] }
}

/// Hours of a zone as they read back.
fn shown(hours: &SkillHours, zone: &str) -> String {
    match hours.only(zone) {
        none if none.is_empty() => "without the zone".to_owned(),
        only => only.to_string(),
    }
}

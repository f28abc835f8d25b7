//! Schedules: hours of the skills that dial for a campaign. A run starts and ends when its skills
//! are started and stopped; the hours make sure that each zone is called in its window only.

use std::time::Duration;

use ambient::Instant;

use chrono::{DateTime, FixedOffset, Offset, SecondsFormat, TimeDelta, Utc};
use jiff::Timestamp;
use tokio::time::timeout_at;

use super::{
    Acd, Operation,
    hours::{NewHours, ScheduleMode, TimesOfDay, ZoneHours},
    settings::Skill,
    zones::equivalent,
};
use crate::{CallSchedule, Error};

/// Attempts to set hours that do not read back as written.
const WRITES_MAX: usize = 3;

/// Hours that a schedule needs in one skill.
struct Needed<'a> {
    schedule: &'a CallSchedule,
    window: TimesOfDay,
    skill: Skill,
}

impl Acd {
    pub(crate) async fn submit_schedule(
        &self,
        schedule: &CallSchedule,
        until: Instant,
    ) -> Result<Option<String>, Error> {
        let window = TimesOfDay::of(schedule.start, schedule.end)?;
        let mut id = None;
        for skill in self.settings.skills.of(&schedule.campaign)? {
            let needed = Needed { schedule, window, skill };
            let zones = match self.settings.schedule {
                ScheduleMode::Verify => self.verify(&needed, until).await?,
                ScheduleMode::Hours => self.set_hours(&needed, until).await?,
            };
            let named = zones.first().map(|zone| id_of(skill, zone, schedule.start));
            id = id.or(named);
        }
        let zone = &schedule.time_zone;
        let detail = || format!("no skill of the campaign has a zone with the clocks of {zone}");
        id.map(Some).ok_or_else(|| Error::Invalid { detail: detail() })
    }

    /// Checks that the hours of a skill enclose the window in each zone that the schedule means.
    /// Returns the names of these zones.
    async fn verify(&self, needed: &Needed<'_>, until: Instant) -> Result<Vec<String>, Error> {
        let rows = self.zone_hours(needed.skill, until).await?;
        let meant = needed.rows(&rows)?;
        for row in &meant {
            let hours =
                row.hours().ok_or_else(|| needed.unfit(row, "hours that cannot be read"))?;
            if !hours.encloses(needed.window) {
                return Err(needed.unfit(row, &format!("{hours}")));
            }
            if hours != needed.window {
                let (skill, zone, window) = (needed.skill, &row.standard_name, needed.window);
                tracing::warn!(
                    skill, zone, %hours, %window,
                    "the hours of a skill are wider than the window of its campaign"
                );
            }
        }
        Ok(names(&meant))
    }

    /// Sets the hours of a skill to the window in each zone that the schedule means. Returns the
    /// names of these zones.
    ///
    /// All zones are written, because it is not known whether those that are left out stay. One
    /// schedule at a time: each writes what it has read.
    async fn set_hours(&self, needed: &Needed<'_>, until: Instant) -> Result<Vec<String>, Error> {
        let curfew = self.settings.curfew;
        if !curfew.encloses(needed.window) {
            let detail =
                format!("the window {} is not within CXONE_CURFEW {curfew}", needed.window);
            return Err(Error::Invalid { detail });
        }
        let _turn = timeout_at(until, self.hours.lock()).await.map_err(|_| Error::out_of_time())?;
        for writes in 0..=WRITES_MAX {
            let rows = self.zone_hours(needed.skill, until).await?;
            let meant = needed.rows(&rows)?;
            if meant.iter().all(|row| row.hours() == Some(needed.window)) {
                return Ok(names(&meant));
            }
            match writes {
                0 => self.wait_for_rest(needed, &meant, until).await?,
                WRITES_MAX => break,
                _ => self.pause_before_reading_back(until).await,
            }
            let settings = rows.iter().map(|row| {
                if meant.contains(&row) { row.with(needed.window) } else { row.clone() }
            });
            self.put_hours(needed.skill, settings.collect(), until).await?;
        }
        let detail = "the hours of the skill are not as they were written".to_owned();
        Err(Error::Unexpected { status: 200, detail })
    }

    /// Refuses to change the hours of a skill that calls by them, for as long as it does.
    async fn wait_for_rest(
        &self,
        needed: &Needed<'_>,
        meant: &[&ZoneHours],
        until: Instant,
    ) -> Result<(), Error> {
        let Some(rests_at) = needed.rests_at(meant, ambient::now()) else { return Ok(()) };
        if !self.is_running(&needed.skill.to_string(), until).await? {
            return Ok(());
        }
        let wait = (rests_at - ambient::now()).to_std().unwrap_or(Duration::ZERO);
        let detail = "the skill calls by other hours until then";
        Err(Error::not_sent(detail, Some(wait)))
    }

    /// The hours of all zones of a skill. A zone without a name could not be written back.
    pub(super) async fn zone_hours(
        &self,
        skill: Skill,
        until: Instant,
    ) -> Result<Vec<ZoneHours>, Error> {
        let rows = self.skill_settings(skill, until).await?.time_zone_settings.unwrap_or_default();
        if rows.iter().any(|row| row.standard_name.is_empty()) {
            let detail = format!("skill {skill} has a time zone without a name");
            return Err(Error::Unexpected { status: 200, detail });
        }
        Ok(rows)
    }

    pub(super) async fn put_hours(
        &self,
        skill: Skill,
        time_zone_settings: Vec<ZoneHours>,
        until: Instant,
    ) -> Result<(), Error> {
        let body = NewHours { time_zone_settings };
        self.put(Operation::PutSkillTimeZones, skill, &body, until).await
    }
}

impl Needed<'_> {
    /// The zones of a skill that the schedule means. An inactive one is a refusal: the tenant has
    /// closed it.
    fn rows<'r>(&self, rows: &'r [ZoneHours]) -> Result<Vec<&'r ZoneHours>, Error> {
        let names: Vec<&str> = rows.iter().map(|row| row.standard_name.as_str()).collect();
        let now = Timestamp::from_second(ambient::now().timestamp()).unwrap_or(Timestamp::MIN);
        let names = equivalent(&self.schedule.time_zone, &names, now);
        let meant = rows.iter().filter(|row| names.contains(&row.standard_name.as_str()));
        let meant: Vec<&ZoneHours> = meant.collect();
        match meant.iter().find(|row| !row.is_active()) {
            Some(inactive) => Err(self.unfit(inactive, "a closed zone")),
            None => Ok(meant),
        }
    }

    /// The time until which calls are made by the hours that the zones have, or would be made by
    /// the new ones on a day before that of the schedule. `None` when it is past.
    fn rests_at(&self, meant: &[&ZoneHours], now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let start = self.schedule.start;
        let local = now.with_timezone(&start.offset().fix());
        let of_day = |day: DateTime<FixedOffset>, hours: TimesOfDay| {
            let midnight = day.naive_local().date().and_hms_opt(0, 0, 0)?;
            let end = (midnight + hours.end()).and_local_timezone(*day.offset()).single()?;
            Some(end.to_utc())
        };
        let present = meant.iter().filter_map(|row| row.hours());
        let present = present.filter(|hours| hours.contains(local.time()));
        let present = present.filter_map(|hours| of_day(local, hours));
        let day_before = of_day(start - TimeDelta::days(1), self.window);
        present.chain(day_before).filter(|rests_at| *rests_at > now).max()
    }

    fn unfit(&self, row: &ZoneHours, has: &str) -> Error {
        let Self { skill, window, .. } = self;
        let zone = &row.standard_name;
        let detail = format!("skill {skill} has {has} in {zone}, and the campaign needs {window}");
        Error::Invalid { detail }
    }
}

fn names(rows: &[&ZoneHours]) -> Vec<String> {
    rows.iter().map(|row| row.standard_name.clone()).collect()
}

/// Our name for a schedule, which CXone gives none.
fn id_of(skill: Skill, zone: &str, start: DateTime<FixedOffset>) -> String {
    format!("{skill}/{zone}/{}", start.to_utc().to_rfc3339_opts(SecondsFormat::Secs, true))
}

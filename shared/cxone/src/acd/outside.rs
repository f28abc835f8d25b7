//! Whether a skill that runs would call outside of the windows of its runs. A skill calls every
//! zone that it has hours for, and hours recur each day: those of a zone that is refused today, or of
//! one that belongs to no run, are as good to it as any others.

use std::ops::Range;

use ambient::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use jiff::Timestamp;
use outbound::{Tz, zone};

use super::{
    Acd,
    hours::ZoneHours,
    settings::number,
    zones::{equivalent, iana_name},
};
use crate::{Error, ZoneWindow};

impl Acd {
    pub(crate) async fn calls_outside(
        &self,
        skill: &str,
        running: &Range<DateTime<Utc>>,
        windows: &[ZoneWindow],
        until: Instant,
    ) -> Result<Option<String>, Error> {
        let skill = number(skill)
            .ok_or_else(|| Error::NotFound { detail: "a skill has a number".to_owned() })?;
        let rows = self.zone_hours(skill, until).await?;
        Ok(first_outside(&rows, running, windows))
    }
}

/// The first zone that is called outside of its windows while the skill runs, with its hours.
fn first_outside(
    rows: &[ZoneHours],
    running: &Range<DateTime<Utc>>,
    windows: &[ZoneWindow],
) -> Option<String> {
    let names: Vec<&str> = rows.iter().map(|row| row.standard_name.as_str()).collect();
    let from = Timestamp::from_second(running.start.timestamp()).unwrap_or(Timestamp::MIN);
    let mut open = rows.iter().filter(|row| !row.is_closed());
    let outside = open.find(|row| {
        let is_meant = |it: &&ZoneWindow| {
            equivalent(&it.time_zone, &names, from).contains(&&*row.standard_name)
        };
        let mut windows: Vec<_> = windows.iter().filter(is_meant).map(|it| &it.window).collect();
        windows.sort_by_key(|window| window.start);
        called(row, running).is_none_or(|called| !called.iter().all(|it| is_within(it, &windows)))
    });
    outside.map(|row| match row.hours() {
        Some(hours) => format!("{} at {hours}", row.standard_name),
        None => format!("{}, whose hours cannot be read", row.standard_name),
    })
}

/// Periods in which a zone is called. `None` when its hours or its clocks are not known.
fn called(row: &ZoneHours, running: &Range<DateTime<Utc>>) -> Option<Vec<Range<DateTime<Utc>>>> {
    let minutes = row.hours()?.minutes();
    let clocks: Tz = iana_name(&row.standard_name)?.parse().ok()?;
    let [first, last] = [running.start, running.end].map(|at| zone::local(clocks, at).date_naive());
    let of_day = |day: chrono::NaiveDate| {
        let [start, end] = [minutes.start, minutes.end].map(|minutes| {
            let civil = day.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minutes.into());
            zone::instant(clocks, civil).to_utc()
        });
        start.max(running.start)..end.min(running.end)
    };
    let days = first.iter_days().take_while(|day| *day <= last);
    Some(days.map(of_day).filter(|called| called.start < called.end).collect())
}

/// Returns whether windows, in the order of their starts, cover a period.
fn is_within(period: &Range<DateTime<Utc>>, windows: &[&Range<DateTime<Utc>>]) -> bool {
    let mut covered = period.start;
    for window in windows.iter().filter(|window| window.end > period.start) {
        if window.start > covered {
            break;
        }
        covered = covered.max(window.end);
    }
    covered >= period.end
}

#[cfg(test)]
mod tests {
    use chrono::Timelike;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const ZONES: [(&str, &str); 4] = [
        ("Eastern Standard Time", "America/New_York"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("Hawaiian Standard Time", "Pacific/Honolulu"),
    ];

    fn at(minute: i64) -> DateTime<Utc> {
        // Two hours before the clocks of the US go forward.
        let start: DateTime<Utc> = "2030-03-10T08:00:00Z".parse().expect("an instant");
        start + TimeDelta::minutes(minute)
    }

    fn row(zone: usize, hours: &Range<u16>, is_active: bool) -> ZoneHours {
        let clock = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
        let row = json!({
            "standardName": ZONES[zone].0, "startTime": clock(hours.start),
            "endTime": clock(hours.end), "timeZoneActiveToCall": is_active,
        });
        serde_json::from_value(row).expect("a row")
    }

    /// Minute by minute, by what clocks show, with another copy of their rules.
    fn naive(
        rows: &[(Range<u16>, bool)],
        running: &Range<i64>,
        windows: &[(usize, Range<i64>)],
    ) -> bool {
        running.clone().any(|minute| {
            rows.iter().enumerate().any(|(zone, (hours, is_active))| {
                let clocks: Tz = ZONES[zone].1.parse().expect("a zone");
                let shown = at(minute).with_timezone(&clocks);
                let shown = u16::try_from(shown.hour() * 60 + shown.minute()).expect("of a day");
                let is_open = windows.iter().any(|(of, it)| *of == zone && it.contains(&minute));
                *is_active && hours.contains(&shown) && !is_open
            })
        })
    }

    fn hours() -> impl Strategy<Value = Range<u16>> {
        (0_u16..1440, 1_u16..1440).prop_map(|(start, length)| start..(start + length).min(1440))
    }

    proptest! {
        #[test]
        fn it_is_what_the_clocks_show_minute_by_minute(
            rows in proptest::collection::vec((hours(), any::<bool>()), ZONES.len()),
            start in 0_i64..2000, length in 1_i64..1500,
            windows in proptest::collection::vec(
                (0..ZONES.len(), (0_i64..3000, 1_i64..1500).prop_map(|(from, length)| from..from + length)),
                0..8,
            ),
        ) {
            let running = start..start + length;
            let named: Vec<ZoneHours> =
                rows.iter().enumerate().map(|(zone, (hours, active))| row(zone, hours, *active)).collect();
            let of_zones: Vec<ZoneWindow> = windows
                .iter()
                .map(|(zone, it)| ZoneWindow {
                    time_zone: ZONES[*zone].1.to_owned(),
                    window: at(it.start)..at(it.end),
                })
                .collect();
            let found = first_outside(&named, &(at(running.start)..at(running.end)), &of_zones);
            prop_assert_eq!(found.is_some(), naive(&rows, &running, &windows), "{:?}", found);
        }
    }

    #[test]
    fn what_is_not_known_of_a_zone_may_call_at_any_time() {
        let unread = json!({ "standardName": "Tokyo Standard Time", "timeZoneActiveToCall": true });
        let perhaps = json!({
            "standardName": "Tokyo Standard Time", "startTime": "00:00", "endTime": "24:00",
        });
        let unknown = json!({
            "standardName": "Nowhere Standard Time", "startTime": "09:00", "endTime": "10:00",
            "timeZoneActiveToCall": true,
        });
        for (row, expected) in [
            (unread, "Tokyo Standard Time, whose hours cannot be read"),
            (perhaps, "Tokyo Standard Time at 00:00-24:00"),
            (unknown, "Nowhere Standard Time at 09:00-10:00"),
        ] {
            let rows = [serde_json::from_value(row).expect("a row")];
            let found = first_outside(&rows, &(at(0)..at(1)), &[]);
            assert_eq!(found.as_deref(), Some(expected));
        }
    }
}

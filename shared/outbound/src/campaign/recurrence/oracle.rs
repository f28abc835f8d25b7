//! Meaning of an expression, found by trying every minute. It shares no code with the rest: neither
//! the parser nor the calendar of the `cron` crate, nor the database of zones.

use chrono::{
    DateTime, Datelike, Days, FixedOffset, MappedLocalTime, NaiveDate, NaiveDateTime, Offset,
    TimeDelta, TimeZone, Timelike, Utc,
};
use chrono_tz::Tz;

const MONTHS: [&str; 13] =
    ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS: [&str; 8] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat", ""];

/// For each field, which numbers it names. The index is the number.
pub(super) struct Oracle {
    minutes: Vec<bool>,
    hours: Vec<bool>,
    days: Vec<bool>,
    months: Vec<bool>,
    weekdays: Vec<bool>,
    either_day: bool,
}

impl Oracle {
    pub(super) fn of(expression: &str) -> Self {
        let [minute, hour, day, month, weekday] =
            expression.split_whitespace().collect::<Vec<_>>()[..]
        else {
            panic!("five fields")
        };
        Self {
            minutes: named(minute, 0, 59, &[]),
            hours: named(hour, 0, 23, &[]),
            days: named(day, 1, 31, &[]),
            months: named(month, 1, 12, &MONTHS),
            weekdays: named(weekday, 0, 7, &WEEKDAYS),
            either_day: !day.starts_with('*') && !weekday.starts_with('*'),
        }
    }

    fn fires_on(&self, date: NaiveDate) -> bool {
        let number = date.weekday().num_days_from_sunday() as usize;
        let weekday = self.weekdays[number] || number == 0 && self.weekdays[7];
        let day = self.days[date.day() as usize];
        let fits = if self.either_day { day || weekday } else { day && weekday };
        fits && self.months[date.month() as usize]
    }

    pub(super) fn fires_at(&self, civil: NaiveDateTime) -> bool {
        self.minutes[civil.minute() as usize]
            && self.hours[civil.hour() as usize]
            && self.fires_on(civil.date())
    }

    /// Returns whether it ever fires. After 28 years, weekdays come back.
    pub(super) fn ever_fires(&self) -> bool {
        let first = NaiveDate::from_ymd_opt(2000, 1, 1).expect("a date");
        first.iter_days().take(28 * 366).any(|date| self.fires_on(date))
    }

    /// The first start after an instant, within eight years of 366 days.
    pub(super) fn next(
        &self,
        after: DateTime<Utc>,
        zone: Tz,
    ) -> Option<(NaiveDateTime, DateTime<FixedOffset>)> {
        let horizon = after + Days::new(8 * 366);
        let yesterday = after.with_timezone(&zone).date_naive() - Days::new(1);
        yesterday
            .iter_days()
            .take(8 * 366 + 3)
            .filter(|date| self.fires_on(*date))
            .flat_map(|date| (0..1440).map(move |minute| (date, minute)))
            .map(|(date, minute)| {
                date.and_time(chrono::NaiveTime::MIN) + TimeDelta::minutes(minute)
            })
            .filter(|civil| self.fires_at(*civil))
            .map(|civil| (civil, start(zone, civil)))
            .find(|(_, at)| *at > after)
            .filter(|(_, at)| *at <= horizon)
    }
}

/// The first instant at which clocks show a time; else the first minute that follows and exists.
fn start(zone: Tz, civil: NaiveDateTime) -> DateTime<FixedOffset> {
    match zone.from_local_datetime(&civil) {
        MappedLocalTime::Single(at) | MappedLocalTime::Ambiguous(at, _) => {
            at.with_timezone(&at.offset().fix())
        }
        MappedLocalTime::None => start(zone, civil + TimeDelta::minutes(1)),
    }
}

fn named(field: &str, low: usize, high: usize, names: &[&str]) -> Vec<bool> {
    (0..=high).map(|number| number >= low && names_it(field, number, low, high, names)).collect()
}

fn names_it(field: &str, wanted: usize, low: usize, high: usize, names: &[&str]) -> bool {
    let number = |text: &str| {
        let text = text.to_lowercase();
        let index = names.iter().position(|name| *name == text);
        index.unwrap_or_else(|| text.parse().expect("a number"))
    };
    field.split(',').any(|item| {
        let (base, step) = item.split_once('/').unwrap_or((item, "1"));
        let (from, to) = match base.split_once('-') {
            _ if base == "*" => (low, high),
            // A week that ends on Sunday.
            Some((from, to)) if to.eq_ignore_ascii_case("sun") && number(from) > 0 => {
                (number(from), 7)
            }
            Some((from, to)) => (number(from), number(to)),
            None => (number(base), number(base)),
        };
        from <= wanted && wanted <= to && (wanted - from).is_multiple_of(number(step))
    })
}

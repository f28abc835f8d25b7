//! Hours in which a skill may call: by the clocks of the called party, and by the week of the
//! skill.

use std::fmt;

use chrono::{DateTime, Datelike, NaiveTime, Timelike, Utc, Weekday};
use outbound::zone;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

use super::{
    answer::Refusal,
    traits::{Beyond, HourTraits, OverrideTime, Times, Verdict, ZoneKey},
    zones::Zone,
};

/// Seconds of a day.
const DAY_S: u32 = 24 * 60 * 60;

/// A time of day, the midnight at its end included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct DayTime {
    seconds: u32,
}

impl DayTime {
    /// Reads `HH:MM` or `HH:MM:SS`.
    pub fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(':').map(|part| {
            let is_number = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| part.parse::<u32>().ok()).flatten()
        });
        let (hours, minutes) = (parts.next()??, parts.next()??);
        let seconds = parts.next().unwrap_or(Some(0))?;
        let total = hours * 3600 + minutes * 60 + seconds;
        let is_time = minutes < 60 && seconds < 60 && total <= DAY_S && parts.next().is_none();
        is_time.then_some(Self { seconds: total })
    }

    /// Local time of a clock.
    fn of(time: NaiveTime) -> Self {
        Self { seconds: time.num_seconds_from_midnight() }
    }

    fn written(self, times: Times) -> String {
        match times {
            Times::Minutes => self.to_string()[..5].to_owned(),
            Times::Seconds | Times::SecondsAlone => self.to_string(),
        }
    }
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let minutes = self.seconds / 60;
        write!(f, "{:02}:{:02}:{:02}", minutes / 60, minutes % 60, self.seconds % 60)
    }
}

impl Serialize for DayTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Hours of a zone, every day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ZoneHours {
    /// The name that Windows gives the zone.
    pub zone: &'static str,
    /// The first moment.
    pub start: DayTime,
    /// The moment after the last one.
    pub end: DayTime,
    /// False if the zone is never called.
    pub active: bool,
    /// Whether the hours are meant to replace those of the business unit.
    pub override_time: bool,
}

impl ZoneHours {
    /// Hours of a zone that may be called, such as `09:00` to `21:00`.
    ///
    /// # Panics
    ///
    /// If one of them is not what it is named.
    pub fn of(zone: &str, start: &str, end: &str) -> Self {
        let time = |text| DayTime::read(text).expect("a time of day");
        let zone = Zone::named(zone).expect("a zone of the tenant").name;
        Self { zone, start: time(start), end: time(end), active: true, override_time: false }
    }

    /// Reads what a PUT has of a zone. What it leaves out is as it was.
    pub(super) fn read(sent: &Value, known: &[Self], traits: &HourTraits) -> Result<Self, Refusal> {
        let name = sent["standardName"].as_str().unwrap_or_default();
        let zone = Zone::named(name).ok_or_else(|| Refusal::invalid("unknown standardName"))?;
        let mut hours =
            known.iter().find(|it| it.zone == zone.name).cloned().unwrap_or_else(|| {
                let all_day = Self::of(zone.name, "00:00", "23:59");
                Self { active: false, ..all_day }
            });
        if let Some(start) = sent["startTime"].as_str() {
            hours.start = read_time(start, traits)?;
        }
        if let Some(end) = sent["endTime"].as_str() {
            hours.end = read_time(end, traits)?;
        }
        if let Some(active) = sent["timeZoneActiveToCall"].as_bool() {
            hours.active = active;
        }
        if let Some(override_time) = sent["overrideTime"].as_bool() {
            hours.override_time = override_time;
        }
        if hours.end <= hours.start && traits.end_before_start == Verdict::Refused {
            return Err(Refusal::invalid("endTime must come after startTime"));
        }
        Ok(hours)
    }

    /// Returns whether the business unit lets a skill have these hours.
    pub(super) fn are_allowed(&self, business_unit: &[Self], beyond: Beyond) -> bool {
        let of_zone = business_unit.iter().find(|it| it.zone == self.zone);
        let is_within = of_zone.is_none_or(|it| it.start <= self.start && self.end <= it.end);
        match beyond {
            Beyond::Accepted => true,
            Beyond::Overriding => is_within || self.override_time,
            Beyond::Refused => is_within,
        }
    }

    /// As the operations of a zone's hours return it.
    pub(super) fn written(&self, traits: &HourTraits) -> Value {
        let key = match traits.zone_key {
            ZoneKey::StandardName => "standardName",
            ZoneKey::Name => "name",
        };
        let mut written = self.times(traits);
        written.insert(key.to_owned(), json!(self.zone));
        written.into()
    }

    /// As the parameters of a skill have it.
    pub(super) fn among_parameters(&self, traits: &HourTraits) -> Value {
        let mut written = self.times(traits);
        written.insert("name".to_owned(), json!(self.zone));
        written.insert("description".to_owned(), json!(format!("Clocks of {}", self.zone)));
        written.into()
    }

    fn times(&self, traits: &HourTraits) -> Map<String, Value> {
        let times = json!({
            "startTime": self.start.written(traits.times),
            "endTime": self.end.written(traits.times),
            "timeZoneActiveToCall": self.active,
            "overrideTime": self.override_time,
        });
        times.as_object().cloned().unwrap_or_default()
    }

    /// Returns whether a clock of the zone shows a time within the hours.
    fn include(&self, at: DateTime<Utc>) -> bool {
        Zone::named(self.zone).is_some_and(|zone| {
            let time = DayTime::of(zone::local(zone.clocks, at).time());
            within(time, self.start, self.end)
        })
    }
}

/// A zone without hours at the business unit is bound by those of the skill alone.
pub(super) fn is_open(
    skill: &ZoneHours,
    business_unit: Option<&ZoneHours>,
    traits: &HourTraits,
    at: DateTime<Utc>,
) -> bool {
    if !skill.active || business_unit.is_some_and(|hours| !hours.active) {
        return false;
    }
    let replaces = traits.override_time == OverrideTime::ReplacesBusinessUnit;
    let unbound = replaces && skill.override_time;
    skill.include(at) && (unbound || business_unit.is_none_or(|hours| hours.include(at)))
}

fn within(time: DayTime, start: DayTime, end: DayTime) -> bool {
    if start < end { start <= time && time < end } else { start <= time || time < end }
}

fn read_time(text: &str, traits: &HourTraits) -> Result<DayTime, Refusal> {
    let form = match traits.times {
        Times::Minutes => text.len() == 5,
        Times::Seconds => true,
        Times::SecondsAlone => text.len() == 8,
    };
    let time = DayTime::read(text).filter(|_| form);
    let time = time.filter(|time| time.seconds < DAY_S || traits.midnight == Verdict::Accepted);
    time.ok_or_else(|| Refusal::invalid("a time of day has another form"))
}

/// The names of the days, as the members of a weekly schedule begin.
const DAYS: [(&str, Weekday); 7] = [
    ("sunday", Weekday::Sun),
    ("monday", Weekday::Mon),
    ("tuesday", Weekday::Tue),
    ("wednesday", Weekday::Wed),
    ("thursday", Weekday::Thu),
    ("friday", Weekday::Fri),
    ("saturday", Weekday::Sat),
];

/// The weekly schedule of a skill: the hours of each day, from Sunday on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Week {
    /// False if it does not count.
    pub is_scheduled: bool,
    /// First and last moment of each day.
    pub days: [(DayTime, DayTime); 7],
}

impl Default for Week {
    fn default() -> Self {
        let all_day = (DayTime { seconds: 0 }, DayTime { seconds: DAY_S - 60 });
        Self { is_scheduled: false, days: [all_day; 7] }
    }
}

impl Week {
    /// Reads a schedule. Every day must be active and have a length, or it is refused.
    pub(super) fn read(sent: &Value) -> Result<Self, Refusal> {
        let mut week = Self {
            is_scheduled: sent["isScheduled"].as_bool().unwrap_or_default(),
            ..Self::default()
        };
        for ((name, _), day) in DAYS.iter().zip(&mut week.days) {
            let time = |what: &str| DayTime::read(sent[format!("{name}{what}")].as_str()?);
            let hours = time("StartTime").zip(time("EndTime")).filter(|(start, end)| start < end);
            let is_active = sent[format!("{name}IsActive")] == true;
            *day = hours.filter(|_| is_active).ok_or(Refusal::invalid("InvalidParameter"))?;
        }
        Ok(week)
    }

    /// Members for each day.
    pub(super) fn written(&self) -> Value {
        let mut written = json!({ "isScheduled": self.is_scheduled });
        for ((name, _), (start, end)) in DAYS.iter().zip(self.days) {
            written[format!("{name}IsActive")] = json!(true);
            written[format!("{name}StartTime")] = json!(start.written(Times::Minutes));
            written[format!("{name}EndTime")] = json!(end.written(Times::Minutes));
        }
        written
    }

    /// An entry for each day, as the parameters of a skill have it.
    pub(super) fn among_parameters(&self) -> Value {
        let day = |((name, _), (start, end)): (&(&str, Weekday), (DayTime, DayTime))| {
            let (start, end) = (start.written(Times::Minutes), end.written(Times::Minutes));
            json!({ "day": name, "active": true, "startTime": start, "endTime": end })
        };
        let schedules: Vec<Value> = DAYS.iter().zip(self.days).map(day).collect();
        json!({ "isScheduled": self.is_scheduled, "schedules": schedules })
    }

    /// Returns whether it lets the skill call when the clocks of this zone decide.
    pub(super) fn allows(&self, zone: &Zone, at: DateTime<Utc>) -> bool {
        let local = zone::local(zone.clocks, at);
        let day = DAYS.iter().zip(self.days).find(|((_, day), _)| *day == local.weekday());
        !self.is_scheduled
            || day.is_some_and(|(_, (start, end))| within(DayTime::of(local.time()), start, end))
    }
}

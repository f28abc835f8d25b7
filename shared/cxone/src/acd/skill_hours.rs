//! The hours of a skill as a whole, to be tried out and put back.

use std::{fmt, ops::Range};

use super::hours::{TimesOfDay, ZoneHours};

/// Hours of all zones of a skill, or of a tenant. Two are equal if they have the same zones with the
/// same hours, in whatever order.
#[derive(Debug, Clone)]
pub struct SkillHours(Vec<ZoneHours>);

impl SkillHours {
    pub(super) fn new(rows: Vec<ZoneHours>) -> Self {
        Self(rows)
    }

    pub(super) fn rows(&self) -> &[ZoneHours] {
        &self.0
    }

    /// Returns whether there are no zones.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Names of the zones.
    pub fn zones(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|row| row.standard_name.as_str())
    }

    /// Returns whether a zone may be called.
    pub fn is_open(&self, zone: &str) -> bool {
        self.of(zone).is_some_and(ZoneHours::is_active)
    }

    /// Times of day in which a zone is called, in minutes after midnight. `None` when they cannot be
    /// read.
    pub fn minutes(&self, zone: &str) -> Option<Range<u16>> {
        self.of(zone)?.hours().map(TimesOfDay::minutes)
    }

    /// Start and end of a zone's hours, as CXone writes them.
    pub fn times(&self, zone: &str) -> Option<(&str, &str)> {
        self.of(zone)?.times()
    }

    /// The member `overrideTime` of a zone.
    pub fn overrides(&self, zone: &str) -> Option<bool> {
        self.of(zone)?.overrides()
    }

    /// The same hours but for a zone, which gets these times of day, such as `09:00` and `24:00`, and
    /// another `overrideTime`, if one is given.
    #[must_use]
    pub fn with(&self, zone: &str, times: [&str; 2], override_time: Option<bool>) -> Self {
        let mut changed = self.clone();
        for row in changed.0.iter_mut().filter(|row| row.standard_name == zone) {
            *row = row.spelled(times, override_time);
        }
        changed
    }

    /// A zone by itself.
    #[must_use]
    pub fn only(&self, zone: &str) -> Self {
        Self(self.0.iter().filter(|row| row.standard_name == zone).cloned().collect())
    }

    /// All zones but this one.
    #[must_use]
    pub fn without(&self, zone: &str) -> Self {
        Self(self.0.iter().filter(|row| row.standard_name != zone).cloned().collect())
    }

    fn of(&self, zone: &str) -> Option<&ZoneHours> {
        self.0.iter().find(|row| row.standard_name == zone)
    }

    fn sorted(&self) -> Vec<&ZoneHours> {
        let mut rows: Vec<&ZoneHours> = self.0.iter().collect();
        rows.sort_by(|one, other| one.standard_name.cmp(&other.standard_name));
        rows
    }
}

impl PartialEq for SkillHours {
    fn eq(&self, other: &Self) -> bool {
        self.sorted() == other.sorted()
    }
}

impl Eq for SkillHours {}

/// All that is written of each zone, for a person who has to put it back.
impl fmt::Display for SkillHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, row) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            let (start, end) = row.times().unwrap_or(("?", "?"));
            let open = if row.is_active() { "open" } else { "closed" };
            let overrides = match row.overrides() {
                Some(true) => ", override",
                Some(false) => ", no override",
                None => "",
            };
            write!(f, "{separator}{} {start}-{end} ({open}{overrides})", row.standard_name)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn zone(name: &str, start: &str, end: &str) -> Value {
        json!({ "name": name, "startTime": start, "endTime": end, "timeZoneActiveToCall": true,
            "overrideTime": false })
    }

    fn hours(zones: &[Value]) -> SkillHours {
        let rows = zones.iter().map(|zone| serde_json::from_value(zone.clone()).expect("a zone"));
        SkillHours::new(rows.collect())
    }

    #[test]
    fn one_zone_changes_and_the_others_stay() {
        let (one, other) = (zone("A", "08:00:00", "21:00:00"), zone("B", "09:00:00", "20:00:00"));
        let before = hours(&[one.clone(), other.clone()]);
        let after = before.with("A", ["10:00", "24:00"], Some(true));
        assert_eq!(after.times("A"), Some(("10:00:00", "24:00:00")), "in the tenant's spelling");
        assert_eq!((after.minutes("A"), after.overrides("A")), (Some(600..1440), Some(true)));
        assert_eq!(after.without("A"), before.without("A"));
        assert_eq!(after.only("A").zones().collect::<Vec<_>>(), ["A"]);
        assert_ne!(after, before);
        assert_eq!(hours(&[other, one]), before, "the order does not count");
        assert!(before.is_open("A") && !before.is_open("C") && !before.is_empty());
    }

    #[test]
    fn a_person_reads_all_that_has_to_be_put_back() {
        let mut closed = zone("Hawaiian Standard Time", "08:00", "21:00");
        closed["timeZoneActiveToCall"] = json!(false);
        closed["overrideTime"] = json!(null);
        let shown = hours(&[zone("Eastern Standard Time", "08:00", "21:00"), closed]).to_string();
        assert_eq!(
            shown,
            "Eastern Standard Time 08:00-21:00 (open, no override); \
             Hawaiian Standard Time 08:00-21:00 (closed)"
        );
    }
}

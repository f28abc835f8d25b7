//! Zones of a skill that stand for several IANA zones. A skill has one pair of times for each of its
//! zones, so these can only be called at the same times.

use std::collections::BTreeMap;

use ambient::Instant;

use chrono::{DateTime, Utc};
use jiff::Timestamp;

use super::{Acd, hours::ZoneHours, zones::equivalent};
use crate::{Error, SharedZone};

impl Acd {
    pub(crate) async fn shared_zones(
        &self,
        campaign: &str,
        time_zones: &[&str],
        until: Instant,
    ) -> Result<Vec<SharedZone>, Error> {
        let mut shared = Vec::new();
        for skill in self.settings.skills.of(campaign)? {
            let rows = self.zone_hours(skill, until).await?;
            shared.extend(shared_by(&rows, time_zones, ambient::now()));
        }
        Ok(shared)
    }
}

fn shared_by(rows: &[ZoneHours], time_zones: &[&str], now: DateTime<Utc>) -> Vec<SharedZone> {
    let names: Vec<&str> = rows.iter().map(|row| row.standard_name.as_str()).collect();
    let now = Timestamp::from_second(now.timestamp()).unwrap_or(Timestamp::MIN);
    let mut meant: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for time_zone in time_zones {
        for name in equivalent(time_zone, &names, now) {
            meant.entry(name).or_default().push((*time_zone).to_owned());
        }
    }
    let shared = meant.into_iter().filter(|(_, time_zones)| time_zones.len() > 1);
    shared.map(|(name, time_zones)| SharedZone { name: name.to_owned(), time_zones }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shared(names: &[&str], time_zones: &[&str]) -> Vec<SharedZone> {
        let row = |name: &&str| serde_json::from_value(json!({ "standardName": name }));
        let rows: Vec<ZoneHours> =
            names.iter().map(row).collect::<Result<_, _>>().expect("rows with names");
        shared_by(&rows, time_zones, "2026-07-01T00:00:00Z".parse().expect("an instant"))
    }

    fn zone(name: &str, time_zones: &[&str]) -> SharedZone {
        let time_zones = time_zones.iter().map(|&zone| zone.to_owned()).collect();
        SharedZone { name: name.to_owned(), time_zones }
    }

    const EASTERN: &str = "Eastern Standard Time";
    const INDIANA: &str = "US Eastern Standard Time";

    #[test]
    fn zones_that_one_zone_of_a_skill_stands_for_are_found() {
        let zones =
            ["America/New_York", "America/Detroit", "America/Chicago", "America/Indianapolis"];
        let all = ["America/New_York", "America/Detroit", "America/Indianapolis"];
        assert_eq!(shared(&[EASTERN], &zones), [zone(EASTERN, &all)]);
        // New York has a zone of its own then, and so has Indianapolis; Detroit is in both.
        assert_eq!(
            shared(&[EASTERN, INDIANA, "Central Standard Time"], &zones),
            [
                zone(EASTERN, &["America/New_York", "America/Detroit"]),
                zone(INDIANA, &["America/Detroit", "America/Indianapolis"]),
            ]
        );
        assert_eq!(shared(&[EASTERN], &zones[..1]), []);
        assert_eq!(shared(&[], &zones), []);
    }
}

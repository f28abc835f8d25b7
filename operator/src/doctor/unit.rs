//! The tenant as a whole: who it is, what it answers in, and which versions of its services it offers.

use std::collections::BTreeSet;

use cxone::{AcceptHeader, InspectedUnit, Inspection, OfferedPath, Seen};

use super::{
    acd::some_of,
    finding::{Finding, Findings},
};
use crate::tenant::deadline;

/// The first version for tenants with divisions.
const OF_DIVISIONS: u32 = 33;
/// Status of a refusal of the header `Accept`.
const NOT_ACCEPTABLE: u16 = 406;

pub(super) async fn check(inspection: Inspection<'_>, findings: &mut Findings) {
    findings.add(match inspection.business_unit(deadline()).await {
        Ok(unit) => business_unit(&unit),
        Err(error) => Finding::not_checked("business-unit", error),
    });
    findings.add(accept(inspection).await);
    let paths = inspection.offered_paths(deadline()).await;
    findings.add(match &paths {
        Ok(paths) => versions(paths),
        Err(error) => Finding::not_checked("versions", error),
    });
    findings.add(match inspection.divisions(deadline()).await {
        Ok(seen) => divisions(&seen, paths.as_deref().unwrap_or_default()),
        Err(error) => Finding::not_checked("divisions", error),
    });
}

fn business_unit(unit: &InspectedUnit) -> Finding {
    const CHECK: &str = "business-unit";
    let InspectedUnit { id, name, zone, clocks, published_limit } = unit;
    let name = name.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    let limit = published_limit.map_or("not told".to_owned(), |limit| limit.to_string());
    let who = format!("{}{name}", id.as_deref().unwrap_or("without an id"));
    let shown = |zone: &str| format!("{who}, apiPublishedLimit {limit}, zone {zone}");
    match (zone, clocks) {
        (Some(zone), Some(_)) => Finding::ok(CHECK, shown(zone)),
        (Some(zone), None) => {
            let detail = format!("{}: no such zone is known, capacity-plan needs one", shown(zone));
            Finding::look(CHECK, detail)
        }
        (None, _) => Finding::look(CHECK, shown("not told: capacity-plan needs one")),
    }
}

/// Compares what is answered to the header of all requests, to that of other tools, and to none.
async fn accept(inspection: Inspection<'_>) -> Finding {
    const CHECK: &str = "accept";
    let mut seen = Vec::new();
    for header in [AcceptHeader::Json, AcceptHeader::Anything, AcceptHeader::Empty] {
        match inspection.read_accepting(header, deadline()).await {
            Ok(answer) => seen.push(answer),
            Err(error) => return Finding::not_checked(CHECK, error),
        }
    }
    accepted(&seen)
}

/// Judges the answers to `application/json`, to `*/*` and to an empty header.
fn accepted(seen: &[(Seen, bool)]) -> Finding {
    const CHECK: &str = "accept";
    let told = |(seen, is_json): &(Seen, bool)| match is_json {
        true => "JSON".to_owned(),
        false if seen.is_success() => "no JSON".to_owned(),
        false => seen.status.to_string(),
    };
    let [json, anything, empty] = seen else { return Finding::not_checked(CHECK, "no answers") };
    let (with, any, without) = (told(json), told(anything), told(empty));
    let detail = format!("application/json: {with}, */*: {any}, empty: {without}");
    if !json.0.is_success() && json.0.status != NOT_ACCEPTABLE {
        Finding::not_checked(CHECK, &json.0)
    } else if !json.1 {
        let advice = "See that CxoneBaseUrl is the tenant's api_endpoint: --discover prints it. No \
                      answer can be read otherwise.";
        Finding::wrong(CHECK, detail, advice)
    } else if anything.1 {
        Finding::ok(CHECK, detail)
    } else {
        Finding::look(CHECK, format!("{detail}: curl has to send accept: application/json"))
    }
}

/// Compares the versions that are called with those that the tenant lists.
fn versions(paths: &[OfferedPath]) -> Finding {
    const CHECK: &str = "versions";
    let unlisted: Vec<&str> =
        paths.iter().filter(|it| it.offered.is_empty()).map(|it| it.operation).collect();
    if unlisted.len() == paths.len() {
        return Finding::look(CHECK, "CXone lists no version of any path: it is not known");
    }
    let other = |path: &OfferedPath| {
        let newest = path.offered.last().filter(|_| !path.is_offered())?;
        let detail = format!("{} at {} (newest {newest})", path.operation, path.version);
        Some((detail, format!("{}={}", path.setting, path.at(*newest))))
    };
    let (absent, settings): (Vec<String>, Vec<String>) = paths.iter().filter_map(other).unzip();
    if !absent.is_empty() {
        let detail = format!("not offered: {}", some_of(&absent));
        let advice = "Set these variables of the functions, and of this command:";
        Finding::wrong(CHECK, detail, format!("{advice} {}", settings.join(" ")))
    } else if unlisted.is_empty() {
        Finding::ok(CHECK, format!("all {} paths are offered at theirs", paths.len()))
    } else {
        let detail = format!("CXone lists no version of {}", some_of(&unlisted));
        Finding::look(CHECK, detail)
    }
}

fn divisions(seen: &BTreeSet<u64>, paths: &[OfferedPath]) -> Finding {
    const CHECK: &str = "divisions";
    if seen.is_empty() {
        return Finding::ok(CHECK, "no skill has one: the tenant is not segmented");
    }
    let numbers: Vec<u64> = seen.iter().copied().collect();
    let offered = paths.iter().filter(|path| path.offered.contains(&OF_DIVISIONS)).count();
    let detail = format!(
        "skills are in {}: the tenant is segmented. Where a check fails, CXONE_PATH_<OPERATION> may \
         need version {OF_DIVISIONS}, which CXone lists for {offered} paths",
        some_of(&numbers)
    );
    Finding::look(CHECK, detail)
}

#[cfg(test)]
mod tests {
    use cxone::MessagePlace;

    use super::*;
    use crate::doctor::finding::State;

    fn path(version: u32, offered: &[u32]) -> OfferedPath {
        OfferedPath {
            operation: "createCallback",
            setting: "CXONE_PATH_CREATE_CALLBACK".to_owned(),
            path: format!("/incontactapi/services/v{version}.0/scheduled-callbacks"),
            version,
            offered: offered.iter().copied().collect(),
        }
    }

    #[test]
    fn a_version_that_is_not_offered_is_wrong_and_the_newest_is_the_setting() {
        for (paths, expected) in [
            (vec![path(25, &[24, 25]), path(30, &[30])], State::Ok),
            (vec![path(25, &[25]), path(30, &[])], State::Look),
            (vec![path(25, &[]), path(30, &[])], State::Look),
            (vec![path(25, &[20, 24, 9]), path(30, &[30])], State::Wrong),
            (vec![path(25, &[20, 24, 9]), path(30, &[])], State::Wrong),
        ] {
            let found = versions(&paths);
            assert_eq!(found.state, expected, "{found:?}");
            let setting =
                "CXONE_PATH_CREATE_CALLBACK=/incontactapi/services/v24.0/scheduled-callbacks";
            let advice = found.advice.as_deref().unwrap_or_default();
            assert_eq!(advice.ends_with(setting), expected == State::Wrong, "{found:?}");
        }
    }

    #[test]
    fn json_is_needed_for_what_is_sent_and_told_of_the_rest() {
        let answer = |status, is_json| {
            let seen = Seen {
                status,
                is_empty: false,
                message: String::new(),
                place: MessagePlace::Nowhere,
                has_status_description: false,
                limits: vec![],
            };
            (seen, is_json)
        };
        let (yes, no) = (answer(200, true), answer(406, false));
        let (page, forbidden) = (answer(200, false), answer(403, false));
        for (seen, expected) in [
            ([&yes, &yes, &yes], State::Ok),
            ([&yes, &yes, &no], State::Ok),
            ([&yes, &no, &no], State::Look),
            ([&no, &yes, &yes], State::Wrong),
            ([&page, &yes, &yes], State::Wrong),
            ([&forbidden, &forbidden, &forbidden], State::NotChecked),
        ] {
            let found = accepted(&seen.map(Clone::clone));
            assert_eq!(found.state, expected, "{found:?}");
        }
    }

    #[test]
    fn a_zone_that_no_clock_knows_is_told() {
        let unit = |zone: Option<&str>| InspectedUnit {
            id: Some("4271".to_owned()),
            zone: zone.map(str::to_owned),
            clocks: zone.and_then(|zone| zone.parse().ok()),
            ..InspectedUnit::default()
        };
        for (zone, expected) in
            [(Some("Europe/Paris"), State::Ok), (Some("Mars"), State::Look), (None, State::Look)]
        {
            assert_eq!(business_unit(&unit(zone)).state, expected, "{zone:?}");
        }
    }
}

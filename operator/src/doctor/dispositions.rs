//! Whether each outcome that agents can choose has a category.

use std::collections::{BTreeMap, BTreeSet};

use cxone::{Disposition, Error, Inspection};
use outbound::disposition::{Category, DispositionMap};

use super::{
    Case,
    acd::some_of,
    finding::{Finding, Findings},
};
use crate::tenant::deadline;

/// Dispositions of a skill, as far as they can be read.
type OfSkills = BTreeMap<u64, Result<Vec<Disposition>, Error>>;

pub(super) async fn check(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    skills: BTreeSet<u64>,
    findings: &mut Findings,
) {
    let mut of_skills = OfSkills::new();
    for skill in skills {
        of_skills.insert(skill, inspection.dispositions_of(skill, deadline()).await);
    }
    findings.add(chosen(&of_skills));
    let all = inspection.dispositions(deadline()).await;
    let map = case.values.parsed("DISPOSITION_MAP", DispositionMap::default());
    let is_polled = case.values.get("CXONE_OUTCOMES") == Some("poll");
    findings.add(match in_use(&of_skills, all) {
        Ok(dispositions) => mapped(&dispositions, &map, is_polled),
        Err(error) => unreadable("map", &error),
    });
}

/// Checks that each skill has dispositions: without any, its calls have no outcome.
fn chosen(of_skills: &OfSkills) -> Finding {
    const CHECK: &str = "of-skills";
    let exists = |outcome: &Result<_, Error>| !matches!(outcome, Err(Error::NotFound { .. }));
    let known: Vec<_> = of_skills.iter().filter(|(_, outcome)| exists(outcome)).collect();
    if known.is_empty() {
        return Finding::not_checked(CHECK, "no skill with dispositions is known");
    }
    if let Some(error) = known.iter().find_map(|(_, outcome)| outcome.as_ref().err()) {
        return unreadable(CHECK, error);
    }
    let is_bare = |outcome: &Result<Vec<_>, Error>| outcome.as_ref().is_ok_and(Vec::is_empty);
    let bare: Vec<u64> =
        known.iter().filter(|(_, outcome)| is_bare(outcome)).map(|(skill, _)| **skill).collect();
    if bare.is_empty() {
        Finding::ok(CHECK, format!("all {} have some", known.len()))
    } else {
        let detail = format!("{} have none: their calls have no outcome", some_of(&bare));
        Finding::look(CHECK, detail)
    }
}

/// The role needs no permission for dispositions: a person can read them in CXone.
fn unreadable(check: &'static str, error: &Error) -> Finding {
    match error {
        Error::Forbidden { .. } => {
            let detail = "the role may not read dispositions: see in CXone that each is in \
                          DispositionMap";
            Finding::look(check, detail)
        }
        error => Finding::not_checked(check, error),
    }
}

/// The dispositions of the skills, or those of the tenant where the skills show none.
fn in_use(
    of_skills: &OfSkills,
    all: Result<Vec<Disposition>, Error>,
) -> Result<Vec<Disposition>, Error> {
    let mut ids = BTreeSet::new();
    let chosen = of_skills.values().filter_map(|outcome| outcome.as_ref().ok()).flatten();
    let chosen: Vec<Disposition> = chosen.filter(|it| ids.insert(it.id.clone())).cloned().collect();
    if chosen.is_empty() { all } else { Ok(chosen) }
}

/// Checks that each has a category. Calls that are polled have the ids of dispositions, and scripts
/// may send names.
fn mapped(dispositions: &[Disposition], map: &DispositionMap, is_polled: bool) -> Finding {
    const CHECK: &str = "map";
    let category = |it: &Disposition| {
        let by_name = it.name.as_deref().filter(|_| !is_polled);
        map.mapped(&it.id).or_else(|| map.mapped(by_name?))
    };
    let without: Vec<&Disposition> =
        dispositions.iter().filter(|it| category(it).is_none()).collect();
    if dispositions.is_empty() {
        return Finding::not_checked(CHECK, "the tenant has no disposition");
    }
    if !without.is_empty() {
        return unmapped(&without, without.len() == dispositions.len());
    }
    let blocking =
        dispositions.iter().filter(|it| category(it) == Some(Category::DoNotCall)).map(named);
    let blocking: Vec<String> = blocking.collect();
    if blocking.is_empty() {
        let detail = "none is do_not_call: what agents choose puts nobody on the list";
        return Finding::look(CHECK, detail);
    }
    let count = dispositions.len();
    let detail = format!("all {count} have a category; do_not_call: {}", some_of(&blocking));
    Finding::ok(CHECK, detail)
}

/// Those that are in no item, and items to be completed.
fn unmapped(without: &[&Disposition], are_all: bool) -> Finding {
    const CHECK: &str = "map";
    let names: Vec<String> = without.iter().map(|it| named(it)).collect();
    let names = names.join(", ");
    let items: Vec<String> =
        without.iter().map(|it| format!("{}={}", it.id, Category::Unclassified.as_str())).collect();
    let items = items.join(",");
    if are_all {
        let detail = format!("no category for any outcome, do-not-call among them: {names}");
        let advice = "Set DispositionMap to this, each with its category:";
        Finding::wrong(CHECK, detail, format!("{advice} {items}"))
    } else {
        let detail = format!(
            "no category for {names}: they are unclassified. To be added to DispositionMap, each \
             with its category: {items}"
        );
        Finding::look(CHECK, detail)
    }
}

fn named(disposition: &Disposition) -> String {
    match &disposition.name {
        Some(name) => format!("{} ({name})", disposition.id),
        None => disposition.id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::State;

    fn dispositions(names: &[(&str, &str)]) -> Vec<Disposition> {
        let disposition = |(id, name): &(&str, &str)| Disposition {
            id: (*id).to_owned(),
            name: Some((*name).to_owned()),
        };
        names.iter().map(disposition).collect()
    }

    #[test]
    fn each_disposition_needs_a_category_and_one_of_them_stops_calls() {
        let two = dispositions(&[("7", "Sale"), ("8", "Do not call")]);
        for (map, is_polled, expected) in [
            ("7=qualified_lead,8=do_not_call", true, State::Ok),
            ("7-8=do_not_call", true, State::Ok),
            ("Sale=qualified_lead,Do Not Call=do_not_call", false, State::Ok),
            ("Sale=qualified_lead,Do Not Call=do_not_call", true, State::Wrong),
            ("7=qualified_lead,8=unclassified", true, State::Look),
            ("8=do_not_call", true, State::Look),
            ("9=do_not_call", true, State::Wrong),
        ] {
            let found = mapped(&two, &map.parse().expect("a map"), is_polled);
            assert_eq!(found.state, expected, "{map}: {found:?}");
        }
    }

    #[test]
    fn what_is_to_be_added_is_a_map_by_itself() {
        let three = dispositions(&[("7", "Sale"), ("8", "Do not call"), ("9", "Other")]);
        let found = mapped(&three, &"7=qualified_lead".parse().expect("a map"), true);
        let items = found.detail.rsplit(' ').next().expect("items");
        assert_eq!(items, "8=unclassified,9=unclassified");
        assert!(items.parse::<DispositionMap>().is_ok());
        assert!(found.detail.contains("8 (Do not call), 9 (Other)"), "{found:?}");
        let found = mapped(&three, &DispositionMap::default(), true);
        let advice = found.advice.expect("advice");
        assert!(advice.ends_with(": 7=unclassified,8=unclassified,9=unclassified"), "{advice}");
    }
}

//! Whether a number in the do-not-call group blocks calls.

use cxone::Error;

use super::{
    acd::{Facts, some_of},
    finding::Finding,
};

pub(super) fn exists(facts: &Facts) -> Finding {
    const CHECK: &str = "group";
    const ADVICE: &str = "Set CxoneDncListId to the number of an active do-not-call group.";
    match &facts.group {
        None => Finding::not_checked(CHECK, "CXONE_DNC_LIST_ID is not set"),
        Some(Ok(group)) if group.is_active => {
            Finding::ok(CHECK, format!("{} is active", group.name))
        }
        Some(Ok(group)) => Finding::wrong(CHECK, format!("{} is not active", group.name), ADVICE),
        Some(Err(error @ Error::NotFound { .. })) => Finding::wrong(CHECK, error, ADVICE),
        Some(Err(error)) => Finding::not_checked(CHECK, error),
    }
}

/// Checks that each skill is scrubbed against the group: one that is not calls the numbers in it.
pub(super) fn is_obeyed(facts: &Facts) -> Finding {
    const CHECK: &str = "scrubbed-skills";
    const ADVICE: &str = "Add the group to each skill in CXone: under the skill, or under the \
                          group as a scrubbed skill. Until then opt-outs are listed and calls go on.";
    let scrubbed = match &facts.scrubbed {
        None => return Finding::not_checked(CHECK, "CXONE_DNC_LIST_ID is not set"),
        Some(Ok(scrubbed)) => scrubbed,
        Some(Err(error)) => return Finding::not_checked(CHECK, error),
    };
    if scrubbed.is_empty() && matches!(facts.group, Some(Err(Error::NotFound { .. }))) {
        return Finding::not_checked(CHECK, "there is no such group");
    }
    // One that may not be read is judged all the same; one that does not exist calls nobody.
    let skills: Vec<u64> = facts.possible().collect();
    let free: Vec<u64> = skills.iter().copied().filter(|it| !scrubbed.contains(it)).collect();
    if scrubbed.is_empty() {
        let detail = "no skill is scrubbed against the group: a number in it blocks nothing";
        Finding::wrong(CHECK, detail, ADVICE)
    } else if skills.is_empty() {
        Finding::not_checked(CHECK, "there is no skill: set CxoneSkills")
    } else if free.is_empty() {
        Finding::ok(CHECK, format!("all {} skills obey the group", skills.len()))
    } else {
        let detail = format!("numbers in the group do not block skill {}", some_of(&free));
        Finding::wrong(CHECK, detail, ADVICE)
    }
}

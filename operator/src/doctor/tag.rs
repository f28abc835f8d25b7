//! A tag on a call that has ended, twice. Nothing takes it off again, so the operator names both.

use cxone::{Error, Inspection, Seen};

use super::{
    Case,
    finding::{Finding, Findings},
};
use crate::tenant::deadline;

pub(super) async fn check(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    (contact, tag): (&str, u64),
    findings: &mut Findings,
) {
    let first = inspection.try_tag(contact, tag, deadline()).await;
    let is_done = matches!(first, Ok((_, true)));
    findings.add(taken(case, first));
    if is_done {
        findings.add(again(inspection.try_tag(contact, tag, deadline()).await));
    }
}

fn taken(case: &Case<'_>, first: Result<(Seen, bool), Error>) -> Finding {
    const CHECK: &str = "taken";
    let detail = match first {
        Ok((seen, true)) => {
            let detail = format!("{}: CxoneWriteBack may be tags", seen.status);
            return Finding::ok(CHECK, detail);
        }
        Ok((seen, false)) if seen.is_success() => "the answer reports an error".to_owned(),
        Ok((seen, false)) => seen.to_string(),
        Err(error) => return Finding::not_checked(CHECK, error),
    };
    let detail = format!("the tag is refused: {detail}");
    if case.values.get("CXONE_WRITE_BACK") == Some("tags") {
        let advice = "Set CxoneWriteBack to none, or correct the numbers in CxoneTags.";
        Finding::wrong(CHECK, detail, advice)
    } else {
        Finding::look(CHECK, format!("{detail}. CxoneWriteBack cannot be tags"))
    }
}

fn again(second: Result<(Seen, bool), Error>) -> Finding {
    const CHECK: &str = "taken-again";
    match second {
        Ok((seen, true)) => Finding::ok(CHECK, format!("{}, as a repeat has it", seen.status)),
        Ok((seen, false)) => Finding::look(CHECK, format!("a repeat is refused: {seen}")),
        Err(error) => Finding::not_checked(CHECK, error),
    }
}

//! A write to a call that has ended, twice: a tag, or the business data that `CXONE_WRITE_BACK` would
//! write. Nothing takes it off again, so the operator names the call and what is written.

use cxone::{DispositionRecord, Error, Inspection, Seen};
use outbound::disposition::Category;

use super::{
    Case,
    finding::{Finding, Findings},
};
use crate::tenant::deadline;

/// A place for the category of a call.
struct Place {
    /// What is written, in a sentence.
    what: &'static str,
    /// Its value of `CXONE_WRITE_BACK`.
    setting: &'static str,
    /// What may be wrong with the rest of the settings.
    otherwise: &'static str,
}

const TAG: Place =
    Place { what: "the tag", setting: "tags", otherwise: "or correct the numbers in CxoneTags" };
const BUSINESS_DATA: Place = Place {
    what: "business data",
    setting: "business-data",
    otherwise: "or add disposition_category and last_audit_log to the tenant's business data",
};

pub(super) async fn tag(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    (contact, tag): (&str, u64),
    findings: &mut Findings,
) {
    let write = async || inspection.try_tag(contact, tag, deadline()).await;
    TAG.check(case, write, findings).await;
}

pub(super) async fn business_data(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    (contact, category): (&str, Category),
    findings: &mut Findings,
) {
    let record = DispositionRecord {
        contact: contact.to_owned(),
        category: category.as_str().to_owned(),
        audit_log: "written by outbound doctor".to_owned(),
    };
    let write = async || {
        let seen = inspection.try_business_data(&record, deadline()).await?;
        let is_done = seen.is_success();
        Ok((seen, is_done))
    };
    BUSINESS_DATA.check(case, write, findings).await;
}

impl Place {
    /// Writes it, and if it is taken once more.
    async fn check(
        &self,
        case: &Case<'_>,
        write: impl AsyncFn() -> Result<(Seen, bool), Error>,
        findings: &mut Findings,
    ) {
        let first = write().await;
        let is_done = matches!(first, Ok((_, true)));
        findings.add(self.taken(case, first));
        if is_done {
            findings.add(again(write().await));
        }
    }

    fn taken(&self, case: &Case<'_>, first: Result<(Seen, bool), Error>) -> Finding {
        const CHECK: &str = "taken";
        let Self { what, setting, otherwise } = self;
        let detail = match first {
            Ok((seen, true)) => {
                let detail = format!("{}: CxoneWriteBack may be {setting}", seen.status);
                return Finding::ok(CHECK, detail);
            }
            Ok((seen, false)) if seen.is_success() => "the answer reports an error".to_owned(),
            Ok((seen, false)) => seen.to_string(),
            Err(error) => return Finding::not_checked(CHECK, error),
        };
        let detail = format!("{what} is refused: {detail}");
        if case.values.get("CXONE_WRITE_BACK") == Some(setting) {
            let advice = format!("Set CxoneWriteBack to none, {otherwise}.");
            Finding::wrong(CHECK, detail, advice)
        } else {
            Finding::look(CHECK, format!("{detail}. CxoneWriteBack cannot be {setting}"))
        }
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

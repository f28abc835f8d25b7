//! The outcomes that agents choose from.

use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome},
    asked::Asked,
    tenant::Tenant,
};

/// The most rows of a page.
const TOP_MAX: usize = 100;
/// Outcomes: id, name, class.
pub(super) const DISPOSITIONS: [(i64, &str, usize); 5] = [
    (3001, "Sale", 0),
    (3002, "Callback", 1),
    (3003, "Wrong number", 2),
    (3004, "Do not call", 2),
    (3009, "No answer", 1),
];
/// Classes of outcomes: name, and whether the contact and the number are done with.
const CLASSES: [(&str, bool, bool); 3] =
    [("Success", true, true), ("Retry", false, false), ("Failure", true, true)];

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("dispositions", all),
    ("dispositionClassifications", classes),
    ("dispositionsOfSkill", of_skill),
];

/// The name of an outcome.
pub(super) fn name(id: i64) -> &'static str {
    DISPOSITIONS.iter().find(|it| it.0 == id).map_or("Unknown", |it| it.1)
}

/// The outcome with this id or name.
pub(super) fn find(code: &str) -> Option<i64> {
    let found = DISPOSITIONS.iter().find(|it| it.0.to_string() == code || it.1 == code)?;
    Some(found.0)
}

fn all(_: &mut Tenant, asked: &Asked) -> Outcome {
    let is_asked = |name: &str| {
        asked.text("searchString").is_none_or(|part| name.contains(part))
            && asked.flag("isActive") != Some(false)
            && asked.flag("isPreviewDispositions") != Some(true)
    };
    let rows = DISPOSITIONS.iter().filter(|(_, name, _)| is_asked(name));
    let rows: Vec<Value> = rows
        .map(|(id, name, class)| {
            json!({
                "dispositionId": id,
                "dispositionName": name,
                "classificationId": class,
                "systemOutcome": CLASSES[*class].0,
                "isActive": true,
                "isPreviewDisposition": false,
                "notes": "",
            })
        })
        .collect();
    let total = rows.len();
    Ok(Answer::of(json!({
        "totalRecords": total, "_links": {}, "dispositions": asked.page(rows, TOP_MAX),
    })))
}

fn classes(_: &mut Tenant, _: &Asked) -> Outcome {
    let row = |(id, (name, contact, number)): (usize, &(&str, bool, bool))| {
        json!({
            "classificationId": id,
            "classificationName": name,
            "isContactFinal": contact,
            "isDestinationFinal": number,
            "showRescheduleDate": !contact,
        })
    };
    let rows: Vec<Value> = CLASSES.iter().enumerate().map(row).collect();
    Ok(Answer::of(json!({ "classificationResults": rows })))
}

fn of_skill(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let count = tenant.skill(asked.id("skillId"))?.dispositions;
    if count == 0 {
        return Ok(Answer::NOTHING);
    }
    let rows: Vec<Value> = DISPOSITIONS
        .iter()
        .take(count)
        .zip(1..)
        .map(|((id, name, class), priority)| {
            json!({
                "dispositionId": id,
                "dispositionName": name,
                "priority": priority,
                "classification": CLASSES[*class].0,
                "reportingGroup": "",
                "systemOutcome": CLASSES[*class].0,
                "isPreviewDisposition": false,
            })
        })
        .collect();
    Ok(Answer::of(json!({ "dispositions": asked.page(rows, TOP_MAX) })))
}

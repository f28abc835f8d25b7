//! What people do to a stack while it works: they redrive dead letters, and deploy new code.

use std::{rc::Rc, time::Duration};

use fastrand::Rng;
use serde_json::json;
use tokio::time::sleep;

use crate::{lambda::Lambda, services::Services, story::Weight};

/// Time within which an operator is at work while things go wrong.
const AT_WORK_S_MAX: u64 = 5_400;

/// Tables with their keys, and the fields that version 0.1 did not write.
const NEW_FIELDS: [(&str, &str, &[&str]); 2] = [
    ("IdempotencyTable", "id", &["revision"]),
    ("OptOutsTable", "phone_number", &["revision", "honored_at", "first_listed_at"]),
];

/// Work of an operator at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Work {
    /// Redrives all dead letters, whatever their cause.
    Redrive,
    /// Deploys this version over the one before, which wrote everything that is stored.
    Deploy,
}

/// Works that an operator does while things go wrong.
pub(crate) fn plan(random: &mut Rng) -> Vec<(Duration, Work)> {
    let work = |random: &mut Rng| match random.u8(..3) {
        0 => Work::Deploy,
        _ => Work::Redrive,
    };
    let at = |random: &mut Rng| Duration::from_secs(random.u64(..AT_WORK_S_MAX));
    (0..random.u8(..4)).map(|_| (at(random), work(random))).collect()
}

/// Does a work at its time.
pub(crate) async fn work(lambda: Rc<Lambda>, at: Duration, work: Work) {
    sleep(at).await;
    lambda.services.tell("operator", Weight::Turn, format!("{work:?}"));
    match work {
        Work::Redrive => redrive(&lambda.services, true),
        Work::Deploy => {
            lambda.deploy();
            age(&lambda.services);
        }
    }
}

/// Redrives all dead letters. An operator who may be interrupted leaves some that were sent.
pub(crate) fn redrive(services: &Services, may_be_interrupted: bool) {
    let now = services.now();
    let mut random = services.random().fork();
    let moves = services.queues().redrive(now, may_be_interrupted.then_some(&mut random));
    for moved in moves {
        services.tell("operator", Weight::Turn, format!("redrives {moved}"));
    }
    services.queue_changed.notify_waiters();
}

/// Has everything that is stored be as version 0.1 wrote it.
fn age(services: &Services) {
    let tables = &services.tables.0;
    for (table, key, fields) in NEW_FIELDS {
        for item in tables.items(table).expect("a table") {
            let update = json!({
                "TableName": table, "Key": { key: { "S": item[key] } },
                "UpdateExpression": format!("REMOVE {}", fields.join(", ")),
            });
            let (status, answer) = tables.perform("UpdateItem", update.to_string().as_bytes());
            assert_eq!(status, 200, "{answer}");
        }
    }
}

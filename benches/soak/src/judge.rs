//! What must have come of the events of a day, from the side of their senders, against what CXone,
//! the consumers and the receiver of reports have.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use sandbox::{
    Sandbox,
    campaigns::{self, Run},
    template::Template,
    workspace_root,
};
use serde_json::Value;

use crate::{
    bounds::Check,
    consumers::Consumed,
    day::{self, DO_NOT_CALL, Event, Kind},
};

/// Time after the end of its last zone in which a run must end.
const GRACE: TimeDelta = TimeDelta::hours(2);

/// What the senders know.
#[derive(Debug, Default)]
pub(crate) struct Expected {
    /// Numbers that opted out.
    listed: BTreeSet<String>,
    /// Ids of the contacts of callbacks, by the answers.
    callbacks: BTreeSet<String>,
    /// The newest category of each contact.
    categories: BTreeMap<String, String>,
    call_results: usize,
    interactions: BTreeSet<String>,
    /// Events and callbacks for a person.
    dead_letters: usize,
}

impl Expected {
    /// What must come of these events, which are in their order, and of callbacks with these ids.
    pub(crate) fn of(events: &[Event], callbacks: BTreeSet<String>) -> Self {
        let contacts: BTreeMap<String, String> = day::contacts().collect();
        let mut expected = Self { callbacks, ..Self::default() };
        for Event { stream, body, .. } in events {
            let text = |pointer| text(body, pointer);
            match stream.kind {
                Kind::OptOut => expected.listed.extend(text("/data/phoneNumber")),
                Kind::Unreadable => expected.dead_letters += 1,
                Kind::ChangeOfMind => {
                    expected.listed.extend(text("/data/phoneNumber"));
                    expected.dead_letters += 1;
                }
                Kind::Callback => {}
                Kind::CallResult => expected.add_call_result(body, &contacts),
                Kind::Interaction => expected.interactions.extend(text("/data/id")),
                Kind::OptOutMessage => {
                    expected.interactions.extend(text("/data/id"));
                    expected.listed.extend(text("/data/customer/phoneNumber"));
                }
            }
        }
        expected
    }

    fn add_call_result(&mut self, body: &Value, contacts: &BTreeMap<String, String>) {
        self.call_results += 1;
        let category = text(body, "/dispositionCode").and_then(|code| day::category(&code));
        let Some((contact, category)) = text(body, "/contactId").zip(category) else { return };
        if category == DO_NOT_CALL {
            self.listed.extend(contacts.get(&contact).cloned());
        }
        self.categories.insert(contact, category.to_owned());
    }

    /// Compares it with what the sandbox has.
    pub(crate) async fn checks(
        &self,
        sandbox: &Sandbox,
        consumed: &Consumed,
    ) -> anyhow::Result<Vec<Check>> {
        let Self { listed, callbacks, categories, call_results, interactions, dead_letters } = self;
        let view = sandbox.cxone.view();
        let called = view.called.iter();
        let called = called.filter_map(|(id, called)| Some((id.clone(), called.category.clone()?)));
        let contacts = sandbox.cxone.contacts().into_keys().collect();
        let mut checks = vec![
            Check::sets("numbers on the DNC list", listed, &view.listed),
            Check::sets("numbers in the ledger as listed", listed, &ledger(sandbox)?),
            Check::sets("callbacks in CXone", callbacks, &contacts),
            Check::counts("texts about them", callbacks.len(), view.texts.len()),
            Check::sets("contacts with their newest category", categories, &called.collect()),
            Check::counts("call results published", *call_results, consumed.call_results),
        ];
        for (queue, found) in &consumed.interactions {
            checks.push(Check::sets(queue, interactions, found));
        }
        checks.extend(reports(sandbox)?);
        checks.push(Check::counts("messages left to the functions", 0, sandbox.backlog().await?));
        checks.push(Check::counts(
            "dead letters",
            *dead_letters,
            found_dead_letters(sandbox).await?,
        ));
        Ok(checks)
    }
}

fn text(document: &Value, pointer: &str) -> Option<String> {
    Some(document.pointer(pointer)?.as_str()?.to_owned())
}

/// Numbers that the ledger has as listed.
fn ledger(sandbox: &Sandbox) -> anyhow::Result<BTreeSet<String>> {
    let entries = sandbox.aws.tables.items("OptOutsTable")?;
    let listed = entries.iter().filter(|entry| entry["state"] == "listed");
    Ok(listed.filter_map(|entry| text(entry, "/phone_number")).collect())
}

/// The runs of campaigns that ended, and what their receiver knows of them.
fn reports(sandbox: &Sandbox) -> anyhow::Result<[Check; 2]> {
    let runs = campaigns::runs(sandbox)?;
    let ended = runs.iter().filter(|run| run.state != "open");
    let ended: BTreeSet<_> = ended.map(|run| (&run.campaign_id, &run.local_start)).collect();
    let deliveries = sandbox.receiver.deliveries();
    let reported = deliveries.iter().filter(|delivery| delivery.is_authentic && delivery.is_taken);
    let reported = reported.filter_map(|delivery| {
        let field = |name: &str| text(&delivery.body["data"], name);
        field("/campaignId").zip(field("/localStart"))
    });
    let reported: BTreeSet<_> = reported.collect();
    let reported = reported.iter().map(|(campaign, start)| (campaign, start)).collect();
    let overdue = runs.iter().filter(|run| is_overdue(run, sandbox.clock.now())).count();
    Ok([
        Check::sets("ends of campaigns reported", &ended, &reported),
        Check::counts("campaigns that should have ended", 0, overdue),
    ])
}

/// Returns whether a run should have ended by now.
fn is_overdue(run: &Run, now: DateTime<Utc>) -> bool {
    run.is_pending() && run.last_end + GRACE < now
}

async fn found_dead_letters(sandbox: &Sandbox) -> anyhow::Result<usize> {
    let template = Template::read(&workspace_root().join("template.yaml"))?;
    let mut count = 0;
    for queue in template.queues.iter().filter(|queue| is_for_dead_letters(&queue.logical_id)) {
        let depth = sandbox.aws.queues.depth(&queue.logical_id).await?;
        count += depth.visible + depth.in_flight;
    }
    Ok(count)
}

fn is_for_dead_letters(queue: &str) -> bool {
    queue.ends_with("DeadLetterQueue")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_come_of_a_day_follows_from_its_events() {
        let events = day::events(DateTime::UNIX_EPOCH, 240.0);
        let expected = Expected::of(&events, BTreeSet::new());
        assert_eq!(expected.interactions.len(), 24 * (90 + 30));
        assert_eq!(expected.call_results, 24 * (60 + 12));
        assert_eq!(expected.categories.len(), day::contacts().count());
        let results = events.iter().filter(|event| event.stream.kind == Kind::CallResult);
        let newest: BTreeMap<_, _> = results
            .map(|event| (text(&event.body, "/contactId"), text(&event.body, "/dispositionCode")))
            .collect();
        let is_newest = |(contact, code): (Option<String>, Option<String>)| {
            let category = expected.categories.get(&contact?).map(String::as_str);
            Some(category == day::category(&code?))
        };
        assert!(newest.into_iter().all(|pair| is_newest(pair) == Some(true)));
    }

    #[test]
    fn a_result_that_bars_calls_lists_the_number_of_its_contact() {
        let numbers: BTreeSet<String> = day::contacts().map(|contact| contact.1).collect();
        let events = day::events(DateTime::UNIX_EPOCH, 240.0);
        let expected = Expected::of(&events, BTreeSet::new());
        let listed = expected.listed.intersection(&numbers).count();
        assert!(0 < listed && listed < numbers.len());
        let others = 24 * (90 + 30) + 21 * 4 + 1;
        assert_eq!(expected.listed.len() - listed, others, "beside the opt-outs");
    }
}

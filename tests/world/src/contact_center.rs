//! CXone, whichever API the functions speak with it: what it has before, and what was done to it.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use ambient::Ambience;
use axum::{
    Router,
    body::{Body, to_bytes},
};
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use http::{HeaderValue, Request, Response, header::ACCEPT};
use sandbox::{
    DNC_LIST,
    cxone::{Api, ConflictId, Cxone, View, acd},
};
use tower::ServiceExt;

use crate::stack::Stack;

/// CXone, in this process.
pub(crate) struct ContactCenter {
    cxone: Arc<Cxone>,
    front: Router,
    process: Ambience,
}

/// A callback that it has.
#[derive(Debug, Clone)]
pub(crate) struct Booked {
    /// Our id of it.
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) at: DateTime<Utc>,
}

/// Traits that no world has. With most, the functions need another setting, or a person who looks:
/// `tests/handlers/tests/handlers/tenants.rs` has these. So they do where a list of callbacks ends
/// early. Without notes, worlds do not know a callback.
const NOT_VARIED: [&str; 23] = [
    "callbacks.agent=",
    "callbacks.listedAfterS=",
    "callbacks.listedMax=",
    "callbacks.notesMax=",
    "callbacks.offset=",
    "contacts.lateS=",
    "contacts.oddPeriods=",
    "contacts.tagsOnEnded=",
    "contacts.total=\"missing\"",
    "contacts.unknown=\"forbidden\"",
    "dnc.accepts=\"international\"",
    "hours.put=\"ignored\"",
    "hours.putsMax=",
    "skills.parameters=",
    "skills.runningAfterS=",
    "skills.unknown=\"forbidden\"",
    "texts.recipient=\"digits\"",
    "texts.thread=",
    "texts.whenClosed=",
    "tokens.client=\"form\"",
    "wire.forbidden=",
    "wire.versionOldest=",
    "wire.versionNewest=",
];

/// How it treats a number on its list, apart from listing it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Oddity {
    /// It refuses the number for good.
    Refused,
    /// It says that the number is there already, under an id, whether it is or not.
    Taken(ConflictId),
}

/// A call of a campaign.
#[derive(Debug, Clone)]
pub(crate) struct Dialed {
    /// The zone, as CXone names it.
    pub(crate) zone: &'static str,
    pub(crate) at: DateTime<Utc>,
}

impl ContactCenter {
    pub(crate) async fn start(stack: &Stack, started_at: DateTime<Utc>, seed: u64) -> Self {
        let process = Ambience::new(started_at, seed);
        let (cxone, front) = process
            .clone()
            .scope(async { Cxone::in_process(&stack.options) })
            .await
            .expect("CXone starts");
        Self { cxone, front, process }
    }

    /// Answers a request.
    pub(crate) async fn answer(&self, mut request: Request<Vec<u8>>) -> Response<Vec<u8>> {
        // A default header of the client, which adds those only where it connects.
        request.headers_mut().insert(ACCEPT, HeaderValue::from_static("application/json"));
        let answered = self.front.clone().oneshot(request.map(Body::from));
        let answered = self.process.clone().scope(answered).await;
        let (head, body) = answered.unwrap_or_else(|never| match never {}).into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body in memory");
        Response::from_parts(head, body.to_vec())
    }

    /// Has it differ in one trait from the likeliest tenant, and returns the name. The API v2 has none.
    pub(crate) fn vary(&self, random: &mut Rng) -> Option<String> {
        if self.api() == Api::V2 {
            return None;
        }
        let mut variations = acd::Traits::variations();
        variations.retain(|(name, _)| !NOT_VARIED.iter().any(|it| name.starts_with(it)));
        let (name, change) = variations.swap_remove(random.usize(..variations.len()));
        self.with(|cxone| {
            let mut tenant = cxone.tenant();
            tenant.traits = tenant.traits.changed(&change).expect("traits");
        });
        Some(name)
    }

    /// The API.
    pub(crate) fn api(&self) -> Api {
        self.cxone.api()
    }

    /// Looks at it, or changes something, at its own time.
    fn with<T>(&self, work: impl FnOnce(&Cxone) -> T) -> T {
        self.process.within(|| work(&self.cxone))
    }

    /// Has it treat a number in an odd way.
    pub(crate) fn be_odd(&self, number: &str, oddity: Oddity) {
        let words = "no number of ours".to_owned();
        self.with(|cxone| match (oddity, cxone.api()) {
            (Oddity::Refused, Api::V2) => cxone.edit_dnc_list(DNC_LIST, |list| {
                list.refused.insert(number.to_owned(), words);
            }),
            (Oddity::Taken(id), Api::V2) => cxone.edit_dnc_list(DNC_LIST, |list| {
                list.conflicts.insert(number.to_owned(), id);
            }),
            (Oddity::Refused, Api::Acd) => {
                let number = acd::Number::read(number).expect("a number");
                cxone.tenant().refused.insert(number, words);
            }
            // Its groups have no ids of numbers.
            (Oddity::Taken(_), Api::Acd) => {}
        });
    }

    /// Returns whether it refuses a number for good.
    pub(crate) fn refuses(&self, number: &str) -> bool {
        self.with(|cxone| match cxone.api() {
            Api::V2 => cxone.dnc_list(DNC_LIST).refused.contains_key(number),
            Api::Acd => acd::Number::read(number)
                .is_some_and(|number| cxone.tenant().refused.contains_key(&number)),
        })
    }

    /// Takes a number off its DNC list, as an operator does by a consent.
    pub(crate) fn take_off(&self, number: &str) {
        self.with(|cxone| match cxone.api() {
            Api::V2 => cxone.edit_dnc_list(DNC_LIST, |list| drop(list.contacts.remove(number))),
            Api::Acd => {
                let number = acd::Number::read(number).expect("a number");
                let mut tenant = cxone.tenant();
                for group in tenant.groups.values_mut() {
                    group.records.remove(&number);
                }
            }
        });
    }

    /// Adds a contact that was called.
    pub(crate) fn add_contact(&self, id: &str, phone: &str) {
        self.with(|cxone| cxone.add_contact(id, Some(phone))).expect("an id of this API");
    }

    /// Sets the free agents of a campaign by the hour. The ACD services are told by a setting of
    /// the functions instead, which is returned.
    pub(crate) fn forecast(
        &self,
        campaign: &str,
        agents: &BTreeMap<DateTime<Utc>, usize>,
        stack: &Stack,
    ) -> Option<(String, String)> {
        match self.api() {
            Api::V2 => {
                let few = |count: usize| f64::from(u8::try_from(count).expect("few agents"));
                let hours = agents.iter().map(|(hour, count)| (*hour, few(*count))).collect();
                self.cxone.set_forecast(campaign, hours);
                None
            }
            Api::Acd => {
                let skill = stack.skill(campaign);
                let entry = |(hour, count): (&DateTime<Utc>, &usize)| {
                    let (day, from) =
                        (hour.format("%a").to_string().to_lowercase(), hour.format("%H"));
                    let to = (*hour + TimeDelta::hours(1)).format("%H").to_string();
                    let to = if to == "00" { "24" } else { &to };
                    format!("{skill} {day} {from}-{to} UTC {count}")
                };
                let plan = agents.iter().map(entry).collect::<Vec<_>>().join("; ");
                Some(("CXONE_CAPACITY".to_owned(), plan))
            }
        }
    }

    fn view(&self) -> View {
        self.with(Cxone::view)
    }

    /// Numbers on its DNC list.
    pub(crate) fn listed(&self) -> BTreeSet<String> {
        self.view().listed
    }

    /// Numbers that texts went to, once for each.
    pub(crate) fn texted(&self) -> Vec<String> {
        self.view().texts.into_iter().map(|text| text.to).collect()
    }

    /// Number of a contact.
    pub(crate) fn number_of(&self, contact: &str) -> Option<String> {
        self.view().called.get(contact)?.number.clone()
    }

    /// Category of a contact, and what was logged with it, if this API has a place for that.
    pub(crate) fn category_of(&self, contact: &str) -> (Option<String>, Option<String>) {
        let category = self.view().called.get(contact).and_then(|it| it.category.clone());
        (category, self.cxone.contact_record(contact).and_then(|it| it.audit_log))
    }

    /// Callbacks.
    pub(crate) fn callbacks(&self) -> Vec<Booked> {
        self.with(|cxone| match cxone.api() {
            Api::V2 => {
                let booked = |it: sandbox::cxone::Contact| Booked {
                    id: it.id.to_string(),
                    number: it.phone,
                    at: it.scheduled_start,
                };
                cxone.contacts().into_values().map(booked).collect()
            }
            Api::Acd => {
                let booked = |it: &acd::Callback| Booked {
                    id: it.notes.split(' ').nth(1).unwrap_or_default().to_owned(),
                    number: it.number.e164(),
                    at: it.due,
                };
                cxone.tenant().callbacks.values().map(booked).collect()
            }
        })
    }

    /// Starts of campaigns: zone and time. Only the API v2 has schedules.
    pub(crate) fn schedules(&self) -> Vec<sandbox::cxone::Schedule> {
        self.cxone.schedules()
    }

    /// Calls that the dialer made for campaigns.
    pub(crate) fn dialed(&self) -> Vec<Dialed> {
        self.with(|cxone| {
            let tenant = cxone.tenant();
            let dialed = tenant.contacts.values();
            dialed.filter_map(|it| Some(Dialed { zone: it.zone?, at: it.started })).collect()
        })
    }

    /// Returns whether the skill of a campaign dials.
    pub(crate) fn is_dialing(&self, campaign: &str) -> bool {
        self.with(|cxone| {
            let tenant = cxone.tenant();
            tenant.skills.values().any(|skill| skill.name == campaign && skill.is_running)
        })
    }
}

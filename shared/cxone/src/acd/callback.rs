//! Callbacks: commitments of a skill. CXone gives them ids of its own and has no field for ours, so
//! the skill's list is read before each is made, and again when it is unclear whether it was made.

use ambient::Instant;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use outbound::E164;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    Acd, Operation, refusal, rfc3339,
    settings::{CallbackAgent, Skill},
};
use crate::{
    Callback, Earlier, Error, Scheduled,
    paths::Operation as _,
    reading::{self, Raw},
    retry::Repeat,
};

/// First name of every callback, for the agent who sees it.
const FIRST_NAME: &str = "Callback";

/// Reads after a write whose answer was lost.
const READS_BACK: usize = 2;

/// Time from that of a callback until its call is among those that are over: an agent is offered it
/// again and again, and CXone lists calls late.
const UNDER_WAY_MAX: TimeDelta = TimeDelta::hours(1);

/// Reason that is stored with a withdrawal.
const WITHDRAWN: &str = "withdrawn";

impl Acd {
    /// Books a callback with the first skill of its campaign, at most once as far as the list
    /// shows what was booked.
    pub(crate) async fn schedule_callback(
        &self,
        callback: &Callback,
        until: Instant,
    ) -> Result<Scheduled, Error> {
        let skill = self.settings.skills.first_of(&callback.campaign)?;
        if let Some(found) = self.booked(skill, callback, until).await? {
            return Ok(found);
        }
        let is_due = callback.dispatch <= ambient::now();
        match callback.earlier {
            Earlier::UnderWay => Err(Error::Ambiguous { detail: Callback::MAY_BE_DONE.to_owned() }),
            // It could be offered to an agent at once, in an hour that nobody has judged.
            Earlier::Nothing if is_due => {
                Err(Error::Invalid { detail: Callback::TOO_LATE.to_owned() })
            }
            Earlier::Settled if is_due => self.made(skill, callback, until).await,
            Earlier::Nothing | Earlier::Settled => self.submit(skill, callback, until).await,
        }
    }

    /// Books a callback, whatever its time, with the first skill of its campaign.
    pub(crate) async fn try_callback(
        &self,
        callback: &Callback,
        until: Instant,
    ) -> Result<Scheduled, Error> {
        let skill = self.settings.skills.first_of(&callback.campaign)?;
        self.submit(skill, callback, until).await
    }

    /// Books a callback, and looks for it if it is unclear whether it was booked.
    async fn submit(
        &self,
        skill: Skill,
        callback: &Callback,
        until: Instant,
    ) -> Result<Scheduled, Error> {
        let lost = match self.book(skill, callback, until).await {
            Ok(()) => return Ok(Scheduled::At(callback.dispatch)),
            Err(lost @ Error::Ambiguous { .. }) => lost,
            Err(error) => return Err(error),
        };
        for _ in 0..READS_BACK {
            self.pause_before_reading_back(until).await;
            if let Ok(Some(found)) = self.booked(skill, callback, until).await {
                return Ok(found);
            }
        }
        Err(lost)
    }

    /// Withdraws a callback from whichever skill of the campaign has it. Should it be there twice,
    /// neither is left.
    pub(crate) async fn withdraw_callback(
        &self,
        campaign: &str,
        id: Uuid,
        until: Instant,
    ) -> Result<(), Error> {
        let mut is_found = false;
        for skill in self.settings.skills.of(campaign)? {
            let stored = self.callbacks(skill, until).await?;
            for ours in stored.iter().filter(|it| it.is_of(id)) {
                is_found = true;
                self.delete(ours, until).await?;
            }
        }
        let detail = "no skill of the campaign has the callback";
        is_found.then_some(()).ok_or_else(|| Error::NotFound { detail: detail.to_owned() })
    }

    async fn delete(&self, stored: &Stored, until: Instant) -> Result<(), Error> {
        let nameless =
            || Error::Unexpected { status: 200, detail: "a callback without an id".to_owned() };
        let callback_id = stored.callback_id.as_deref().ok_or_else(nameless)?;
        let operation = Operation::DeleteCallback;
        let url = self.address(operation, &[("{callbackId}", callback_id)])?;
        let body = Withdrawal { description: WITHDRAWN };
        let reply = self
            .transport
            .call(operation.id(), Repeat::Harmless, until, |http| {
                http.delete(url.clone()).json(&body)
            })
            .await?;
        // A repeat finds it gone.
        let is_gone = reply.status.is_success() || reply.status == StatusCode::NOT_FOUND;
        if is_gone { Ok(()) } else { Err(refusal(reply)) }
    }

    /// What the first skill of a callback's campaign lists of it.
    pub(crate) async fn listed_callback(
        &self,
        callback: &Callback,
        until: Instant,
    ) -> Result<Option<Scheduled>, Error> {
        let skill = self.settings.skills.first_of(&callback.campaign)?;
        self.booked(skill, callback, until).await
    }

    /// What became of a callback whose time is over, and which may have been booked: once it is
    /// offered to an agent the list has it no more, and it must not be booked again.
    async fn made(
        &self,
        skill: Skill,
        callback: &Callback,
        until: Instant,
    ) -> Result<Scheduled, Error> {
        if self.has_called(skill, &callback.number, callback.dispatch, until).await? {
            return Ok(Scheduled::At(callback.dispatch));
        }
        let detail = "the callback is not listed, and no call to its number is over yet".to_owned();
        if ambient::now() < callback.dispatch + UNDER_WAY_MAX {
            return Err(Error::Ambiguous { detail });
        }
        Err(Error::Invalid { detail })
    }

    /// Number of callbacks that a skill has.
    pub(crate) async fn bookings(&self, skill: Skill, until: Instant) -> Result<usize, Error> {
        self.callbacks(skill, until).await.map(|stored| stored.len())
    }

    /// Looks up a callback by its id.
    async fn booked(
        &self,
        skill: Skill,
        callback: &Callback,
        until: Instant,
    ) -> Result<Option<Scheduled>, Error> {
        let stored = self.callbacks(skill, until).await?;
        let is_same = |number: &E164, it: &Stored| {
            let spelling = it.dial_number.as_deref();
            spelling.map(|spelling| self.settings.number_format.is_same(number, spelling))
        };
        let (id, number) = (callback.id, &callback.number);
        let named = stored.iter().find(|it| it.has_notes_of(id));
        // A tenant may cut the notes: then the reference counts, with the number.
        let referred =
            || stored.iter().find(|it| it.is_of(id) && is_same(number, it) == Some(true));
        let Some(found) = named.or_else(referred) else { return Ok(None) };
        let time = found.callback_time.as_deref().and_then(reading::instant);
        Ok(Some(match is_same(number, found) {
            Some(false) => Scheduled::IdTaken,
            _ => Scheduled::At(time.unwrap_or(callback.dispatch)),
        }))
    }

    /// The callbacks of a skill that are not done.
    async fn callbacks(&self, skill: Skill, until: Instant) -> Result<Vec<Stored>, Error> {
        let values = [("{skillId}", &*skill.to_string())];
        let reply = self.get(Operation::CallbacksOfSkill, &values, &[], until).await?;
        if reply.body.is_empty() {
            return Ok(vec![]);
        }
        let list: List = reply.read_private("no list of callbacks")?;
        let rows = list.callbacks.unwrap_or_default();
        let read = |row: &Raw| serde_json::from_str(row.get()).ok();
        let stored: Option<Vec<Stored>> = rows.iter().map(read).collect();
        // One that cannot be read may be the one that is looked for.
        stored.ok_or_else(|| reply.unexpected_private("a callback that cannot be read"))
    }

    async fn book(&self, skill: Skill, callback: &Callback, until: Instant) -> Result<(), Error> {
        let operation = Operation::CreateCallback;
        let url = self.address(operation, &[])?;
        let body = NewCallback {
            first_name: FIRST_NAME,
            last_name: reference(callback.id),
            phone_number: self.settings.number_format.dialed(&callback.number),
            skill_id: skill,
            target_agent_id: match self.settings.callback_agent {
                CallbackAgent::Omitted => None,
                CallbackAgent::Empty => Some(AgentId::None("")),
                CallbackAgent::Agent(id) => Some(AgentId::Of(id)),
            },
            schedule_date: rfc3339(callback.dispatch),
            notes: notes(callback),
        };
        let reply = self
            .transport
            .call(operation.id(), Repeat::Harmful, until, |http| http.post(url.clone()).json(&body))
            .await?;
        if reply.status.is_success() { Ok(()) } else { Err(refusal(reply)) }
    }
}

/// The reference that the customer was told: the first eight characters of the id.
pub(crate) fn reference(id: Uuid) -> String {
    id.simple().to_string().chars().take(8).collect::<String>().to_ascii_uppercase()
}

/// Notes for the agent, with the id that a callback is found by.
fn notes(callback: &Callback) -> String {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let Callback { id, window, language, .. } = callback;
    format!("ref {id} | {} to {} | {language}", time(window.start), time(window.end))
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewCallback {
    first_name: &'static str,
    last_name: String,
    phone_number: String,
    skill_id: Skill,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_agent_id: Option<AgentId>,
    schedule_date: String,
    notes: String,
}

#[derive(Serialize)]
#[serde(untagged)]
enum AgentId {
    None(&'static str),
    Of(u64),
}

#[derive(Serialize)]
struct Withdrawal {
    description: &'static str,
}

#[derive(Deserialize)]
struct List {
    #[serde(default)]
    callbacks: Option<Vec<Raw>>,
}

/// A callback that CXone has, as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stored {
    #[serde(default, deserialize_with = "reading::optional_text")]
    callback_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    dial_number: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    last_name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    notes: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    callback_time: Option<String>,
}

impl Stored {
    fn is_of(&self, id: Uuid) -> bool {
        self.has_notes_of(id) || (self.has_no_id() && self.has_reference_of(id))
    }

    fn has_notes_of(&self, id: Uuid) -> bool {
        self.notes
            .as_deref()
            .is_some_and(|notes| notes.to_ascii_lowercase().contains(&id.to_string()))
    }

    /// Returns whether the notes hold no whole id, which they do if the tenant cuts them.
    fn has_no_id(&self) -> bool {
        let words =
            |notes: &str| notes.split_whitespace().any(|word| Uuid::try_parse(word).is_ok());
        !self.notes.as_deref().is_some_and(words)
    }

    fn has_reference_of(&self, id: Uuid) -> bool {
        self.last_name
            .as_deref()
            .is_some_and(|name| name.trim().eq_ignore_ascii_case(&reference(id)))
    }
}

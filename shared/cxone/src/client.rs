//! The client: one method per operation, in the domain's terms.

use std::{collections::BTreeSet, ops::Range, time::Duration};

use ambient::Instant;

use chrono::{DateTime, Utc};
use outbound::{CxoneUsage, callback::dispatch::ForecastHour, campaign::Progress};
use settings::CredentialSource;
use url::Url;
use uuid::Uuid;

use crate::{
    CallSchedule, Callback, Config, Contact, ContactsPage, DispositionRecord, DncEntry, DncOutcome,
    EndedCalls, Error, Inspection, Registered, Scheduled, SharedZone, Sms, SmsSession, ZoneWindow,
    backend::Backend,
};

/// Time kept to record the results of the calls.
pub(crate) const RECORDING_MARGIN: Duration = Duration::from_millis(500);

/// A connection to one CXone tenant. Make one per process and share it by reference: it keeps
/// the token and the connections.
#[derive(Debug)]
pub struct Client {
    backend: Backend,
}

/// Asks the backend, whichever it is, to be done half a second before `deadline`.
macro_rules! ask {
    ($client:ident, $deadline:ident, $operation:ident($($argument:expr),*)) => {
        match &$client.backend {
            Backend::V2(v2) => v2.$operation($($argument,)* before($deadline)).await,
            // On the heap, so that calls of the other API need no room for these.
            Backend::Acd(acd) => {
                Box::pin(acd.$operation($($argument,)* before($deadline))).await
            }
        }
    };
}

impl Client {
    /// A client that has not talked to CXone yet. Fails when the process has no TLS.
    pub fn new(
        config: Config,
        credentials: impl CredentialSource + 'static,
    ) -> Result<Self, Error> {
        Ok(Self { backend: Backend::new(config, Box::new(credentials))? })
    }

    /// Puts `entries` on the do-not-call list `list`. Returns one outcome per entry, in their
    /// order.
    ///
    /// The last call ends half a second before `deadline`. Repeating an entry is harmless. A number
    /// is only ever [`DncOutcome::Rejected`] for CXone's answer about that number itself: every
    /// other failure, a wrong secret included, is [`DncOutcome::TryAgain`].
    pub async fn add_to_dnc(
        &self,
        list: &str,
        entries: &[DncEntry],
        deadline: Instant,
    ) -> Vec<DncOutcome> {
        ask!(self, deadline, add_to_dnc(list, entries))
    }

    /// Returns the free agents that `campaign` is expected to have in each hour of `window`,
    /// earliest first.
    ///
    /// Empty when CXone has no forecast. The hours are CXone's: the first may begin before the
    /// window, and nothing keeps CXone from answering others as well. The call ends half a second
    /// before `deadline`.
    pub async fn capacity(
        &self,
        campaign: &str,
        window: &Range<DateTime<Utc>>,
        deadline: Instant,
    ) -> Result<Vec<ForecastHour>, Error> {
        ask!(self, deadline, capacity(campaign, window))
    }

    /// Has CXone call a customer back. Returns what CXone has under the callback's id.
    ///
    /// A repeat with the same id is harmless: **the first version wins**. What CXone has under the
    /// id is read before or after the write. So [`Error::Invalid`], with CXone's error message,
    /// means that CXone has no such contact, and after [`Error::Ambiguous`] a repeat finds what was
    /// made. From its time on a callback is looked for and no longer submitted: one that CXone does
    /// not have is [`Error::Invalid`] then. The last call ends half a second before `deadline`.
    pub async fn schedule_callback(
        &self,
        callback: &Callback,
        deadline: Instant,
    ) -> Result<Scheduled, Error> {
        ask!(self, deadline, schedule_callback(callback))
    }

    /// Withdraws a callback of `campaign` that has not been made. [`Error::NotFound`] means that
    /// CXone has no such callback, [`Error::Unsupported`] that a person has to do it. The call ends
    /// half a second before `deadline`.
    pub async fn withdraw_callback(
        &self,
        campaign: &str,
        id: Uuid,
        deadline: Instant,
    ) -> Result<(), Error> {
        ask!(self, deadline, withdraw_callback(campaign, id))
    }

    /// Sends a text message.
    ///
    /// A message whose answer is lost is sent again, with the same id: CXone is taken to send
    /// nothing for an id that it has seen. Should it not look at the id, the customer gets the
    /// message once more, which is better than not at all. [`Error::Invalid`] holds CXone's error
    /// message. The call ends half a second before `deadline`.
    pub async fn send_sms(&self, sms: &Sms, deadline: Instant) -> Result<SmsSession, Error> {
        ask!(self, deadline, send_sms(sms))
    }

    /// One page of the contacts of `campaign`. There are a thousand to a page, and the first page
    /// is page 1.
    ///
    /// Nothing is read of a contact but its id and its time zone. One without an id that can be
    /// read is counted and left out. What is no page at all is [`Error::Unexpected`], whose detail
    /// shows nothing of it. The call ends half a second before `deadline`.
    pub async fn list_contacts(
        &self,
        campaign: &str,
        page: u32,
        deadline: Instant,
    ) -> Result<ContactsPage, Error> {
        ask!(self, deadline, list_contacts(campaign, page))
    }

    /// The zones of CXone's that each stand for several of `time_zones`, which are IANA names, when it
    /// runs `campaign`. The last call ends half a second before `deadline`.
    pub async fn shared_zones(
        &self,
        campaign: &str,
        time_zones: &[&str],
        deadline: Instant,
    ) -> Result<Vec<SharedZone>, Error> {
        ask!(self, deadline, shared_zones(campaign, time_zones))
    }

    /// Has CXone run a campaign once in one time zone. Returns the id of the schedule, `None` when
    /// CXone's answer holds none that can be read: the schedule is there all the same. Where CXone
    /// has hours of the day rather than schedules, it makes sure of these.
    ///
    /// A schedule whose answer is lost is submitted again, with the same id: CXone is taken to
    /// create nothing for an id that it has seen. Should it not look at the id, there are two
    /// schedules for the same hours, which is better than none. [`Error::Invalid`] holds CXone's
    /// own words. The call ends half a second before `deadline`.
    pub async fn submit_schedule(
        &self,
        schedule: &CallSchedule,
        deadline: Instant,
    ) -> Result<Option<String>, Error> {
        ask!(self, deadline, submit_schedule(schedule))
    }

    /// Returns the progress of each of `campaigns` in `period`: one outcome per campaign, in their
    /// order.
    ///
    /// A campaign for which CXone counts nothing is at zero. A campaign that CXone refuses to
    /// count does not hold up the others, unless CXone refuses a good many of them. The last call
    /// ends half a second before `deadline`.
    pub async fn progress(
        &self,
        campaigns: &[String],
        period: &Range<DateTime<Utc>>,
        deadline: Instant,
    ) -> Vec<Result<Progress, Error>> {
        ask!(self, deadline, progress(campaigns, period))
    }

    /// A contact, by CXone's id of it.
    ///
    /// [`Error::NotFound`] when there is none. An answer with neither an id nor a number is no
    /// contact: it is [`Error::Unexpected`], whose detail shows nothing of it. The call ends half a
    /// second before `deadline`.
    pub async fn contact(&self, id: &str, deadline: Instant) -> Result<Contact, Error> {
        ask!(self, deadline, contact(id))
    }

    /// Writes down at a contact what its latest call came to, over what is written there.
    ///
    /// Repeating it is harmless. [`Error::NotFound`] when there is no such contact;
    /// [`Error::Invalid`] holds CXone's error message. The call ends half a second before
    /// `deadline`.
    pub async fn record_disposition(
        &self,
        record: &DispositionRecord,
        deadline: Instant,
    ) -> Result<(), Error> {
        ask!(self, deadline, record_disposition(record))
    }

    /// Has CXone send opt-outs to `url`.
    ///
    /// Repeating it is harmless: **a registration that is there stays as it is**, even if it names
    /// another address. One whose answer is lost is requested again, and is then
    /// [`Registered::AlreadyThere`]. The call ends half a second before `deadline`.
    pub async fn register_opt_outs(
        &self,
        url: &Url,
        deadline: Instant,
    ) -> Result<Registered, Error> {
        ask!(self, deadline, register_opt_outs(url))
    }

    /// Has CXone send the events of interactions to `url`. All else is as with
    /// [`register_opt_outs`](Self::register_opt_outs).
    pub async fn register_interactions(
        &self,
        url: &Url,
        deadline: Instant,
    ) -> Result<Registered, Error> {
        ask!(self, deadline, register_interactions(url))
    }

    /// The scopes of the token: those that CXone returns, else those that were requested, because
    /// an answer without a scope grants just these. `None` when neither is known.
    ///
    /// This is also how credentials are checked: it needs a token, and makes no other call. It
    /// ends half a second before `deadline`.
    pub async fn granted_scopes(
        &self,
        deadline: Instant,
    ) -> Result<Option<BTreeSet<String>>, Error> {
        ask!(self, deadline, granted_scopes())
    }

    /// Lifetime of a token, `None` when the token endpoint does not state it. Needs a token, and makes
    /// no other call. It ends half a second before `deadline`.
    pub async fn token_life(&self, deadline: Instant) -> Result<Option<Duration>, Error> {
        ask!(self, deadline, token_life())
    }

    /// The tenant as its ACD services show it. `None` with the API `v2`, which shows nothing of it.
    pub fn inspection(&self) -> Option<Inspection<'_>> {
        match &self.backend {
            Backend::V2(_) => None,
            Backend::Acd(acd) => Some(Inspection::new(acd)),
        }
    }

    /// The skills that dial for `campaign`, by CXone's ids of them. Nothing is sent.
    /// [`Error::Unsupported`] when CXone starts and stops campaigns by its own schedules.
    pub fn skills(&self, campaign: &str) -> Result<Vec<String>, Error> {
        match &self.backend {
            Backend::V2(v2) => v2.skills(campaign),
            Backend::Acd(acd) => acd.skills(campaign),
        }
    }

    /// Returns whether `skill` dials. The call ends half a second before `deadline`.
    pub async fn is_running(&self, skill: &str, deadline: Instant) -> Result<bool, Error> {
        ask!(self, deadline, is_running(skill))
    }

    /// A zone that `skill` would call outside of its `windows` if it dialed for the whole of
    /// `running`, with the hours that the skill has for it. The call ends half a second before
    /// `deadline`.
    pub async fn calls_outside(
        &self,
        skill: &str,
        running: &Range<DateTime<Utc>>,
        windows: &[ZoneWindow],
        deadline: Instant,
    ) -> Result<Option<String>, Error> {
        ask!(self, deadline, calls_outside(skill, running, windows))
    }

    /// Has `skill` dial. Repeating it is harmless. The last call ends half a second before
    /// `deadline`.
    pub async fn start_skill(&self, skill: &str, deadline: Instant) -> Result<(), Error> {
        ask!(self, deadline, start_skill(skill))
    }

    /// Has `skill` dial no more; calls that are under way go on. Repeating it is harmless. The last
    /// call ends half a second before `deadline`.
    pub async fn stop_skill(&self, skill: &str, deadline: Instant) -> Result<(), Error> {
        ask!(self, deadline, stop_skill(skill))
    }

    /// Returns whether each contact is one call rather than a person, who may be called again.
    pub fn contacts_are_calls(&self) -> bool {
        matches!(self.backend, Backend::Acd(_))
    }

    /// The outbound calls that are over and were changed since `since`, at most 30 days ago, without
    /// the first `skip` of them.
    ///
    /// A call may come again: when it gets its outcome, and when it gets another. The last call
    /// ends half a second before `deadline`.
    pub async fn ended_calls(
        &self,
        since: DateTime<Utc>,
        skip: u64,
        deadline: Instant,
    ) -> Result<EndedCalls, Error> {
        ask!(self, deadline, ended_calls(since, skip))
    }

    /// Drains the count of what was sent since the last time.
    pub fn drain_usage(&self) -> CxoneUsage {
        match &self.backend {
            Backend::V2(v2) => v2.drain_usage(),
            Backend::Acd(acd) => acd.drain_usage(),
        }
    }
}

/// Deadline of the last call of a caller with this `deadline`.
pub(crate) fn before(deadline: Instant) -> Instant {
    deadline.checked_sub(RECORDING_MARGIN).unwrap_or(deadline)
}

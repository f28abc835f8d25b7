//! The client: one method per operation, in the domain's terms.

use std::{collections::BTreeSet, ops::Range, sync::Arc, time::Duration};

use ambient::Instant;

use chrono::{DateTime, Utc};
use outbound::{CxoneUsage, callback::dispatch::ForecastHour, campaign::Progress};
use settings::CredentialSource;
use url::Url;
use uuid::Uuid;

use crate::{
    CallSchedule, Callback, Config, Contact, ContactsPage, DispositionRecord, DncEntry, DncOutcome,
    Error, Registered, Scheduled, Sms, SmsSession,
    config::BackendConfig,
    sender::{Http, Sender},
    token::TokenSource,
    transport::Transport,
    v2,
};

/// Time kept to record the results of the calls.
pub(crate) const RECORDING_MARGIN: Duration = Duration::from_millis(500);

/// A connection to one CXone tenant. Make one per process and share it by reference: it keeps
/// the token and the connections.
#[derive(Debug)]
pub struct Client {
    backend: Backend,
}

/// The APIs a client can speak. Each carries its own transport, because they authenticate in
/// different ways.
#[derive(Debug)]
enum Backend {
    V2(v2::V2),
}

/// Asks the backend, whichever it is, to be done half a second before `deadline`.
macro_rules! ask {
    ($client:ident, $deadline:ident, $operation:ident($($argument:expr),*)) => {
        match &$client.backend {
            Backend::V2(v2) => v2.$operation($($argument,)* before($deadline)).await,
        }
    };
}

impl Client {
    /// A client that has not talked to CXone yet. Fails when the process has no TLS.
    pub fn new(
        config: Config,
        credentials: impl CredentialSource + 'static,
    ) -> Result<Self, Error> {
        let http = Arc::new(Http::new()?);
        let tokens = TokenSource::new(
            Sender::new(Arc::clone(&http), config.policy),
            config.token_url,
            config.token_auth,
            config.scope,
            Box::new(credentials),
        );
        let transport = Transport::new(Sender::new(http, config.policy), tokens);
        let backend = match config.backend {
            BackendConfig::V2(paths) => Backend::V2(v2::V2::new(transport, config.base, paths)),
        };
        Ok(Self { backend })
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
    /// A repeat with the same id is harmless: **the first version wins**. Should CXone answer that
    /// the id exists, or refuse the content, its contact is read back. So [`Error::Invalid`], with
    /// CXone's error message, means that CXone has no such contact. The last call ends half a
    /// second before `deadline`.
    pub async fn schedule_callback(
        &self,
        callback: &Callback,
        deadline: Instant,
    ) -> Result<Scheduled, Error> {
        ask!(self, deadline, schedule_callback(callback))
    }

    /// Withdraws a callback that has not been made. [`Error::NotFound`] means that CXone has no such
    /// contact, [`Error::Unsupported`] that a person has to do it. The call ends half a second before
    /// `deadline`.
    pub async fn withdraw_callback(&self, id: Uuid, deadline: Instant) -> Result<(), Error> {
        ask!(self, deadline, withdraw_callback(id))
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

    /// Has CXone run a campaign once in one time zone. Returns CXone's id of the schedule, `None`
    /// when its answer holds none that can be read: the schedule is there all the same.
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

    /// Drains the count of what was sent since the last time.
    pub fn drain_usage(&self) -> CxoneUsage {
        match &self.backend {
            Backend::V2(v2) => v2.drain_usage(),
        }
    }
}

/// Deadline of the last call of a caller with this `deadline`.
fn before(deadline: Instant) -> Instant {
    deadline.checked_sub(RECORDING_MARGIN).unwrap_or(deadline)
}

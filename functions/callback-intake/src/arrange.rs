//! The steps from a request to a callback that is arranged, each stored before the next.

use std::time::Instant;

use chrono::{DateTime, Utc};
use outbound::callback::{
    CallbackRequest,
    dispatch::{self, ForecastHour, NoSlot, Slot},
};
use platform::{
    idempotency::Ticket,
    problem::Problem,
    reservations::{AgentHour, Reserved},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Arranged, CallbackIntake, Confirmation, confirmation::PendingConfirmation, problems};

/// How often a place is asked for when others are quicker. Each time, somebody else got one.
const TRIES_MAX: usize = 50;

/// How far a request has come.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Progress {
    hour: DateTime<Utc>,
    dispatch_at: DateTime<Utc>,
    agents: u32,
    is_scheduled: bool,
}

impl Progress {
    /// The same hour for a request that comes back later: the call goes out in what is left of it,
    /// if anything is.
    fn still_ahead(self, callback: &CallbackRequest) -> Option<Self> {
        let hour = ForecastHour { start: self.hour, agents: f64::from(self.agents) };
        dispatch::slots(&callback.window, Utc::now(), &[hour]).first().map(Self::from)
    }
}

impl From<&Slot> for Progress {
    fn from(slot: &Slot) -> Self {
        let Slot { hour, dispatch_at, agents } = *slot;
        Self { hour, dispatch_at, agents, is_scheduled: false }
    }
}

impl CallbackIntake {
    /// Goes through the steps that are left, and stores the answer.
    ///
    /// When a step fails, the request is given back with what was done so far: sent again, it goes
    /// on from there.
    pub(crate) async fn arrange(
        &self,
        mut ticket: Ticket,
        callback: &CallbackRequest,
        contact_id: Uuid,
        ends_at: Instant,
    ) -> Result<Value, Problem> {
        let arranged = self.steps(&mut ticket, callback, contact_id, ends_at).await;
        match arranged {
            Ok(arranged) => {
                let answer = json!(arranged);
                if let Err(error) = ticket.complete(&answer).await {
                    tracing::warn!(%error, %contact_id, "an answer cannot be replayed");
                }
                Ok(answer)
            }
            Err(Stop::Retry(problem)) => {
                if let Err(error) = ticket.release().await {
                    tracing::warn!(%error, %contact_id, "blocked until the lease lapses");
                }
                Err(problem)
            }
            Err(Stop::ForGood(problem)) => {
                if let Err(error) = ticket.discard().await {
                    tracing::warn!(%error, %contact_id, "blocked until the lease lapses");
                }
                Err(problem)
            }
        }
    }

    async fn steps(
        &self,
        ticket: &mut Ticket,
        callback: &CallbackRequest,
        contact_id: Uuid,
        ends_at: Instant,
    ) -> Result<Arranged, Stop> {
        let mut progress = self.reserve(ticket, callback, contact_id, ends_at).await?;
        if !progress.is_scheduled {
            self.schedule(callback, contact_id, progress, ends_at).await?;
            progress.is_scheduled = true;
            save(ticket, progress).await?;
        }
        let sms = PendingConfirmation::of(callback, contact_id, progress.dispatch_at);
        let (confirmation, sms_session_id) = match self.send(&sms, ends_at).await {
            Ok(session) => (Confirmation::Sent, Some(session.id)),
            Err(error) => {
                tracing::warn!(%error, %contact_id, "the confirmation goes through the queue");
                self.callback_queue.send(&sms).await.map_err(Stop::not_stored)?;
                (Confirmation::Pending, None)
            }
        };
        let dispatch_time = progress.dispatch_at;
        Ok(Arranged { contact_id, sms_session_id, dispatch_time, confirmation })
    }

    /// Books the callback into the hour with the most agents left.
    ///
    /// The hour is stored before its place is taken, so that an attempt that dies in between leaves
    /// no place behind that nobody knows of. And before the contact is created: CXone keeps the
    /// time it is told first, so a retry must not come with another.
    async fn reserve(
        &self,
        ticket: &mut Ticket,
        callback: &CallbackRequest,
        contact_id: Uuid,
        ends_at: Instant,
    ) -> Result<Progress, Stop> {
        if let Some(progress) = stored(ticket) {
            if progress.is_scheduled {
                return Ok(progress);
            }
            match progress.still_ahead(callback) {
                Some(progress) if self.holds(callback, contact_id, progress).await? => {
                    return Ok(progress);
                }
                _ => self.release(callback, contact_id, progress).await?,
            }
        }
        let slots = self.slots(callback, ends_at).await?;
        let hours: Vec<AgentHour> = slots.iter().map(|slot| hour(callback, slot.hour)).collect();
        for _ in 0..TRIES_MAX {
            let booked = self.reservations.booked(&hours).await.map_err(Stop::not_stored)?;
            let booked = |slot: &Slot| {
                let taken = slots.iter().zip(&booked).find(|(known, _)| known.hour == slot.hour);
                taken.map_or(0, |(_, taken)| *taken)
            };
            let progress = Progress::from(dispatch::best(&slots, booked).map_err(Stop::no_slot)?);
            save(ticket, progress).await?;
            if self.holds(callback, contact_id, progress).await? {
                return Ok(progress);
            }
        }
        Err(Stop::not_stored("others took every place that was asked for"))
    }

    /// The hours of the forecast in which the call could go out.
    async fn slots(&self, callback: &CallbackRequest, ends_at: Instant) -> Result<Vec<Slot>, Stop> {
        let window = callback.window.start()..callback.window.end();
        let forecast = self.cxone.capacity(&callback.campaign_id, &window, ends_at).await;
        let forecast: Vec<ForecastHour> = forecast
            .map_err(Stop::cxone)?
            .into_iter()
            .map(|told| ForecastHour { start: told.hour, agents: told.agents })
            .collect();
        Ok(dispatch::slots(&callback.window, Utc::now(), &forecast))
    }

    /// Whether the callback holds a place in the chosen hour: one it has, or one it gets now.
    async fn holds(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
        progress: Progress,
    ) -> Result<bool, Stop> {
        let hour = hour(callback, progress.hour);
        let holder = contact_id.to_string();
        let reserved = self.reservations.reserve(&hour, progress.agents, &holder).await;
        Ok(reserved.map_err(Stop::not_stored)? == Reserved::Held)
    }

    /// Creates the contact. If CXone will never take it, its place is given back.
    async fn schedule(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
        progress: Progress,
        ends_at: Instant,
    ) -> Result<(), Stop> {
        let contact = cxone::Callback {
            id: contact_id,
            number: callback.number.clone(),
            campaign: callback.campaign_id.clone(),
            dispatch: progress.dispatch_at,
            window: callback.window.start()..callback.window.end(),
            language: callback.language.as_str().to_owned(),
        };
        let scheduled = self.cxone.schedule_callback(&contact, ends_at).await;
        if let Err(cxone::Error::Invalid { .. }) = &scheduled {
            self.release(callback, contact_id, progress).await?;
        }
        scheduled.map_err(Stop::cxone)
    }

    /// Gives the place in the chosen hour back, if the callback holds it.
    async fn release(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
        progress: Progress,
    ) -> Result<(), Stop> {
        let hour = hour(callback, progress.hour);
        let released = self.reservations.release(&hour, &contact_id.to_string()).await;
        released.map_err(Stop::not_stored)
    }
}

/// Why the steps ended early.
enum Stop {
    /// The request can be sent again, and goes on.
    Retry(Problem),
    /// Nothing is left of the request: sent again, it starts anew.
    ForGood(Problem),
}

impl Stop {
    fn not_stored(why: impl std::fmt::Display) -> Self {
        Self::Retry(problems::not_stored(why))
    }

    fn no_slot(why: NoSlot) -> Self {
        Self::ForGood(problems::no_slot(why))
    }

    fn cxone(error: cxone::Error) -> Self {
        let is_final = matches!(error, cxone::Error::Invalid { .. });
        let problem = problems::cxone(error);
        if is_final { Self::ForGood(problem) } else { Self::Retry(problem) }
    }
}

fn hour(callback: &CallbackRequest, begins_at: DateTime<Utc>) -> AgentHour {
    AgentHour { campaign_id: callback.campaign_id.clone(), begins_at }
}

/// What an earlier attempt stored. Something that cannot be read is as good as nothing: every step
/// may be repeated.
fn stored(ticket: &Ticket) -> Option<Progress> {
    serde_json::from_value(ticket.progress()?.clone()).ok()
}

async fn save(ticket: &mut Ticket, progress: Progress) -> Result<(), Stop> {
    ticket.save_progress(json!(progress)).await.map_err(Stop::not_stored)
}

//! The steps from a request to a callback that is arranged, each stored before the next.

use std::time::Instant;

use chrono::{DateTime, Utc};
use outbound::callback::{
    CallbackRequest,
    dispatch::{self, ForecastHour, Slot},
};
use platform::{
    once::Steps,
    problem::Problem,
    reservations::{AgentHour, Reserved},
};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Arranged, CallbackIntake, Confirmation, confirmation::PendingConfirmation, problems};

/// How often a place is asked for when others are quicker. Each time, somebody else got one.
const TRIES_MAX: usize = 50;
/// The steps that are remembered.
const HOUR: &str = "hour";
const CONTACT: &str = "contact";

/// The hour that was chosen.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
struct Booking {
    hour: DateTime<Utc>,
    dispatch_at: DateTime<Utc>,
    agents: u32,
}

impl Booking {
    /// The same hour for a request that comes back later: the call goes out in what is left of it,
    /// if anything is.
    fn still_ahead(self, callback: &CallbackRequest) -> Option<Self> {
        let hour = ForecastHour { start: self.hour, agents: f64::from(self.agents) };
        dispatch::slots(&callback.window, Utc::now(), &[hour]).first().map(Self::from)
    }
}

impl From<&Slot> for Booking {
    fn from(slot: &Slot) -> Self {
        let Slot { hour, dispatch_at, agents } = *slot;
        Self { hour, dispatch_at, agents }
    }
}

impl CallbackIntake {
    /// Goes through the steps that are left.
    pub(crate) async fn arrange(
        &self,
        steps: &mut Steps,
        callback: &CallbackRequest,
        contact_id: Uuid,
        ends_at: Instant,
    ) -> Result<Arranged, Problem> {
        let booked = self.reserve(steps, callback, contact_id, ends_at).await?;
        steps
            .run(CONTACT, async || self.schedule(callback, contact_id, booked, ends_at).await)
            .await?;
        let sms = PendingConfirmation::of(callback, contact_id, booked.dispatch_at);
        let (confirmation, sms_session_id) = match self.send(&sms, ends_at).await {
            Ok(session) => (Confirmation::Sent, session.id),
            Err(error) => {
                tracing::warn!(%error, %contact_id, "the confirmation goes through the queue");
                self.callback_queue.send(&sms).await.map_err(Problem::not_stored)?;
                (Confirmation::Pending, None)
            }
        };
        let dispatch_time = booked.dispatch_at;
        Ok(Arranged { contact_id, sms_session_id, dispatch_time, confirmation })
    }

    /// Books the callback into the hour with the most agents left.
    ///
    /// The hour is stored before its place is taken, so that an attempt that dies in between leaves
    /// no place behind that nobody knows of. And before the contact is created: CXone keeps the
    /// time it is told first, so a retry must not come with another.
    async fn reserve(
        &self,
        steps: &mut Steps,
        callback: &CallbackRequest,
        contact_id: Uuid,
        ends_at: Instant,
    ) -> Result<Booking, Problem> {
        if let Some(booked) = steps.recall::<Booking>(HOUR) {
            if steps.recall::<()>(CONTACT).is_some() {
                return Ok(booked);
            }
            match booked.still_ahead(callback) {
                Some(progress) if self.holds(callback, contact_id, progress).await? => {
                    return Ok(progress);
                }
                _ => self.release(callback, contact_id, booked).await?,
            }
        }
        let slots = self.slots(callback, ends_at).await?;
        let hours: Vec<AgentHour> = slots.iter().map(|slot| hour(callback, slot.hour)).collect();
        for _ in 0..TRIES_MAX {
            let booked = self.reservations.booked(&hours).await.map_err(Problem::not_stored)?;
            let booked = |slot: &Slot| {
                let taken = slots.iter().zip(&booked).find(|(known, _)| known.hour == slot.hour);
                taken.map_or(0, |(_, taken)| *taken)
            };
            let progress =
                Booking::from(dispatch::best(&slots, booked).map_err(problems::no_slot)?);
            steps.remember(HOUR, &progress).await?;
            if self.holds(callback, contact_id, progress).await? {
                return Ok(progress);
            }
        }
        Err(Problem::not_stored("others took every place that was asked for"))
    }

    /// The hours of the forecast in which the call could go out.
    async fn slots(
        &self,
        callback: &CallbackRequest,
        ends_at: Instant,
    ) -> Result<Vec<Slot>, Problem> {
        let window = callback.window.start()..callback.window.end();
        let forecast = self.cxone.capacity(&callback.campaign_id, &window, ends_at).await;
        let forecast: Vec<ForecastHour> = forecast
            .map_err(problems::cxone)?
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
        progress: Booking,
    ) -> Result<bool, Problem> {
        let hour = hour(callback, progress.hour);
        let holder = contact_id.to_string();
        let reserved = self.reservations.reserve(&hour, progress.agents, &holder).await;
        Ok(reserved.map_err(Problem::not_stored)? == Reserved::Held)
    }

    /// Creates the contact. If CXone will never take it, its place is given back.
    async fn schedule(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
        progress: Booking,
        ends_at: Instant,
    ) -> Result<(), Problem> {
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
        scheduled.map_err(problems::cxone)
    }

    /// Gives the place in the chosen hour back, if the callback holds it.
    async fn release(
        &self,
        callback: &CallbackRequest,
        contact_id: Uuid,
        progress: Booking,
    ) -> Result<(), Problem> {
        let hour = hour(callback, progress.hour);
        let released = self.reservations.release(&hour, &contact_id.to_string()).await;
        released.map_err(Problem::not_stored)
    }
}

fn hour(callback: &CallbackRequest, begins_at: DateTime<Utc>) -> AgentHour {
    AgentHour { campaign_id: callback.campaign_id.clone(), begins_at }
}

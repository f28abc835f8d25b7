//! The steps from a request to a callback that is arranged, each stored before the next.

use ambient::Instant;

use chrono::{DateTime, Utc};
use cxone::{Earlier, Scheduled};
use outbound::callback::{
    CallbackRequest,
    dispatch::{self, Slot},
};
use outbound::law::Interval;
use platform::{called_parties::Known, once::Steps, problem::Problem};

use crate::{
    Arranged, CallbackIntake, Confirmation,
    admission::{ATTEMPTS_MAX, Refusal},
    confirmation::{PendingConfirmation, Sent},
    problems,
    progress::{Booking, Contact, ContactIds, Intent, Version01},
    reservations::{AgentHour, Reserved},
};

/// Most bookings that are tried while others are faster. Each time, another request got one.
const TRIES_MAX: usize = 50;
/// Most submissions to CXone: the id is taken, or the hour is over.
const INTENTS_MAX: usize = 4;
/// The steps that are remembered.
const HOUR: &str = "hour";
const INTENT: &str = "intent";
const CONTACT: &str = "contact";

/// Attempt to arrange a callback.
#[derive(Clone, Copy)]
pub(crate) struct Attempt<'a> {
    pub(crate) callback: &'a CallbackRequest,
    pub(crate) ids: &'a ContactIds,
    pub(crate) ends_at: Instant,
}

impl CallbackIntake {
    /// Goes through the steps that are left.
    pub(crate) async fn arrange(
        &self,
        steps: &mut Steps,
        attempt: Attempt<'_>,
    ) -> Result<Arranged, Problem> {
        let contact = if let Some(contact) = steps.recall::<Contact>(CONTACT) {
            contact
        } else {
            let contact = self.schedule(steps, attempt).await?;
            steps.remember(CONTACT, &contact).await?;
            contact
        };
        // CXone takes its time: an opt-out may have come in since the call was admitted.
        let known = self.unless_withdrawn(attempt.callback, contact.id).await?;
        let Contact { id: contact_id, dispatch_at: dispatch_time, .. } = contact;
        let sms = PendingConfirmation::of(attempt.callback, contact);
        let (confirmation, sms_session_id) = match self.send(&sms, &known, attempt.ends_at).await {
            Ok(Sent::Session(session)) => (Confirmation::Sent, session.id),
            Ok(Sent::NotPossible) => (Confirmation::NotPossible, None),
            Err(error) => {
                tracing::warn!(%error, %contact_id, "the confirmation goes through the queue");
                self.work_queue.queue.send(&sms).await.map_err(Problem::not_stored)?;
                (Confirmation::Pending, None)
            }
        };
        Ok(Arranged { contact_id, sms_session_id, dispatch_time, confirmation })
    }

    /// Has CXone call. A submission that CXone may have received is final: it is repeated unchanged,
    /// and nothing of it is released unless CXone refuses it, or does not have it by its time.
    async fn schedule(&self, steps: &mut Steps, attempt: Attempt<'_>) -> Result<Contact, Problem> {
        let Attempt { callback, ids, .. } = attempt;
        // An earlier attempt that chose an hour may have its booking under way still.
        let is_first = steps.is_empty();
        for round in 0..INTENTS_MAX {
            let known = self.known(callback).await?;
            let intent = self.intent(steps, attempt, &known, round == 0).await?;
            let attempts = self.admitted(steps, attempt, &intent, &known, is_first).await?;
            match self.submit(steps, attempt, &intent, attempts).await? {
                Ok(Scheduled::At(at)) => return Ok(intent.contact(callback, at)),
                Ok(Scheduled::IdTaken) => {
                    tracing::warn!(contact_id = %intent.contact_id, "CXone has this id for another");
                    steps.remember(INTENT, &intent.under_next_id(callback, ids)).await?;
                }
                Err(refused @ cxone::Error::Invalid { .. }) => {
                    self.abandon(steps, callback, &intent, is_first).await?;
                    if intent.booking.dispatch_at > ambient::now() {
                        return Err(problems::cxone(refused));
                    }
                    // It was only too late: the request starts anew, and its new time is judged.
                }
                Err(error) => return Err(problems::cxone(error)),
            }
        }
        Err(Problem::not_stored("CXone refused every submission"))
    }

    /// Submits a call. Before that its time is stored, and taken back if CXone surely did nothing: who
    /// comes next must know whether it may be carried out still. What is stored and what CXone gets
    /// follow from one look at the clock.
    async fn submit(
        &self,
        steps: &mut Steps,
        attempt: Attempt<'_>,
        intent: &Intent,
        attempts: u32,
    ) -> Result<Result<Scheduled, cxone::Error>, Problem> {
        let now = ambient::now();
        let stored = steps.recall::<Intent>(INTENT);
        if stored.is_none_or(|stored| stored.earlier(now) != Earlier::UnderWay) {
            steps.remember(INTENT, &intent.submitted(now)).await?;
        }
        let contact = cxone_callback(attempt.callback, intent, attempts, intent.earlier(now));
        let scheduled = self.cxone.schedule_callback(&contact, attempt.ends_at).await;
        match &scheduled {
            // Nothing of it is kept.
            Err(cxone::Error::Invalid { .. }) => {}
            Err(error) if !error.may_be_done() => steps.remember(INTENT, intent).await?,
            _ => {}
        }
        Ok(scheduled)
    }

    /// Returns the attempts that CXone may make, once the call is written down. A submission of an
    /// earlier version may have been made already: it is repeated as it was.
    async fn admitted(
        &self,
        steps: &mut Steps,
        attempt: Attempt<'_>,
        intent: &Intent,
        known: &Known,
        is_first: bool,
    ) -> Result<u32, Problem> {
        if !intent.admitted_first {
            return Ok(ATTEMPTS_MAX);
        }
        match self.admit(attempt, intent, known.clone()).await? {
            Ok(attempts) => Ok(attempts),
            Err(refusal) => {
                let Attempt { callback, .. } = attempt;
                if matches!(refusal, Refusal::Withdrawn) {
                    // CXone may have it: the call stays known, for the withdrawal to find it.
                    steps.forget(INTENT).await?;
                    self.give_up(callback, &intent.booking, is_first).await?;
                } else {
                    self.abandon(steps, callback, intent, is_first).await?;
                }
                Err(self.refuse(callback, known, intent.contact_id, refusal).await?)
            }
        }
    }

    /// Gives up a submission that CXone does not have.
    async fn abandon(
        &self,
        steps: &mut Steps,
        callback: &CallbackRequest,
        intent: &Intent,
        is_first: bool,
    ) -> Result<(), Problem> {
        self.unarrange(callback, intent.contact_id).await?;
        // First this: who comes next must not take a booking that is gone for held.
        steps.forget(INTENT).await?;
        self.give_up(callback, &intent.booking, is_first).await
    }

    /// Returns what is submitted to CXone: a submission that was stored before, else a call in the
    /// best hour.
    async fn intent(
        &self,
        steps: &mut Steps,
        attempt: Attempt<'_>,
        known: &Known,
        is_first_round: bool,
    ) -> Result<Intent, Problem> {
        if let Some(intent) = steps.recall(INTENT) {
            return Ok(intent);
        }
        // What is given up stays stored.
        let submitted =
            if is_first_round { self.intent_of_version_0_1(steps, attempt).await? } else { None };
        let intent = if let Some(submitted) = submitted {
            submitted
        } else {
            let booking = self.book(steps, attempt, known).await?;
            Intent::new(attempt.callback, attempt.ids, booking)
        };
        steps.remember(INTENT, &intent.submitted(ambient::now())).await?;
        Ok(intent)
    }

    /// Returns the submission of version 0.1, if it was or may have been made. Its hour was stored
    /// before it was booked: one that is full by now was never booked, and never submitted.
    async fn intent_of_version_0_1(
        &self,
        steps: &Steps,
        attempt: Attempt<'_>,
    ) -> Result<Option<Intent>, Problem> {
        let Some(stored) = steps.recall_all::<Version01>() else { return Ok(None) };
        let intent = stored.intent(attempt.callback, attempt.ids);
        let is_submitted =
            stored.is_scheduled || self.holds(attempt.callback, &intent.booking).await?;
        Ok(is_submitted.then_some(intent))
    }

    /// Books the callback into the hour with the most agents left.
    async fn book(
        &self,
        steps: &mut Steps,
        attempt: Attempt<'_>,
        known: &Known,
    ) -> Result<Booking, Problem> {
        let callback = attempt.callback;
        let untimely = callback.untimely(ambient::now());
        if !untimely.is_empty() {
            return Err(problems::invalid_request(untimely).for_good());
        }
        let stored = steps.recall::<Booking>(HOUR);
        let allowed = self.allowed_or_given_up(attempt, known, stored.as_ref()).await?;
        if let Some(stored) = stored {
            match stored.still_ahead(callback, &allowed) {
                Some(booking) if self.holds(callback, &booking).await? => return Ok(booking),
                _ => self.give_up(callback, &stored, false).await?,
            }
        }
        let slots = self.slots(attempt, &allowed).await?;
        let hours: Vec<AgentHour> = slots.iter().map(|slot| hour(callback, slot.hour)).collect();
        for _ in 0..TRIES_MAX {
            let booked = self.reservations.booked(&hours).await.map_err(Problem::not_stored)?;
            let booked = |slot: &Slot| {
                let counted = slots.iter().zip(&booked).find(|(known, _)| known.hour == slot.hour);
                counted.map_or(0, |(_, count)| *count)
            };
            let booking = Booking::of(dispatch::best(&slots, booked).map_err(problems::no_slot)?);
            steps.remember(HOUR, &booking).await?;
            if self.holds(callback, &booking).await? {
                return Ok(booking);
            }
        }
        Err(Problem::not_stored("others booked every hour that was asked for"))
    }

    /// The parts of the window in which the call may go out. Who is refused keeps no agent booked.
    async fn allowed_or_given_up(
        &self,
        attempt: Attempt<'_>,
        known: &Known,
        stored: Option<&Booking>,
    ) -> Result<Vec<Interval>, Problem> {
        let allowed = self.allowed(attempt, known).await;
        if let (Err(problem), Some(booking)) = (&allowed, stored)
            && problem.is_final()
        {
            self.give_up(attempt.callback, booking, false).await?;
        }
        allowed
    }

    /// The hours of the forecast in which the call could go out.
    async fn slots(
        &self,
        attempt: Attempt<'_>,
        allowed: &[Interval],
    ) -> Result<Vec<Slot>, Problem> {
        let Attempt { callback, ends_at, .. } = attempt;
        let window = callback.window.start()..callback.window.end();
        let forecast = self.cxone.capacity(&callback.campaign_id, &window, ends_at).await;
        let forecast = forecast.map_err(problems::cxone)?;
        Ok(dispatch::slots(&callback.window, ambient::now(), &forecast, allowed))
    }

    /// Books an agent in the chosen hour, unless one is booked already.
    async fn holds(&self, callback: &CallbackRequest, booking: &Booking) -> Result<bool, Problem> {
        let hour = hour(callback, booking.hour);
        let reserved = self.reservations.reserve(&hour, booking.agents, &booking.holder).await;
        Ok(reserved.map_err(Problem::not_stored)? == Reserved::Held)
    }

    /// Gives a booking up. One that an earlier attempt made may still be on its way: it is kept from
    /// arriving.
    async fn give_up(
        &self,
        callback: &CallbackRequest,
        booking: &Booking,
        is_first: bool,
    ) -> Result<(), Problem> {
        let (hour, holder) = (hour(callback, booking.hour), &booking.holder);
        let given_up = if is_first {
            self.reservations.release(&hour, holder).await
        } else {
            self.reservations.withdraw(&hour, holder).await
        };
        given_up.map_err(Problem::not_stored)
    }
}

fn cxone_callback(
    callback: &CallbackRequest,
    intent: &Intent,
    attempts: u32,
    earlier: Earlier,
) -> cxone::Callback {
    cxone::Callback {
        id: intent.contact_id,
        number: callback.number.clone(),
        campaign: callback.campaign_id.clone(),
        dispatch: intent.booking.dispatch_at,
        window: callback.window.start()..callback.window.end(),
        language: callback.language.as_str().to_owned(),
        attempts,
        earlier,
    }
}

fn hour(callback: &CallbackRequest, begins_at: DateTime<Utc>) -> AgentHour {
    AgentHour { campaign_id: callback.campaign_id.clone(), begins_at }
}

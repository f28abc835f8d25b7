//! Opt-outs in the words of customers: recorded before any consumer gets the event.

use chrono::{DateTime, SecondsFormat, Utc};
use outbound::{
    DncReason, E164, Evidence, Region,
    called_party::{self, Channel, Fact, Scope},
    interaction::{CustomerMessage, InteractionEvent},
    opt_out_words::Wish,
};
use platform::{
    aws::Aws,
    called_parties::CalledParties,
    function::Function,
    idempotency::{self, IdempotencyStore, Lease},
    ledger::{Ledger, OptOut},
    once::Steps,
    opt_outs::OptOuts,
    problem::Problem,
    queue::{DeadLetterQueue, Queue, Reason},
    telemetry::shown,
};
use serde::Serialize;
use serde_json::Value;

use crate::{InteractionRouter, config};

/// The step that records an opt-out.
const OPT_OUT: &str = "opt_out";
/// The step that records a consent.
const CONSENT: &str = "consent";
/// Type of the fact that a consent in a message is.
const CONSENT_TYPE: &str = "message_consent";
/// Longest id of an opt-out event, in characters.
const EVENT_ID_MAX: usize = 128;
/// Type of the opt-out event in a dead letter, which `dnc-batcher` reads.
const EVENT_TYPE: &str = "contact.opt_out";

/// Receivers of opt-outs.
pub(crate) struct Receivers {
    opt_outs: OptOuts,
    called_parties: CalledParties,
    dead_letters: DeadLetterQueue,
    region: Region,
}

/// An opt-out event for the dead letters. Redriven, it is an opt-out.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OptOutMessage<'a> {
    event_type: &'static str,
    event_id: String,
    timestamp: DateTime<Utc>,
    data: OptOutData<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OptOutData<'a> {
    phone_number: Option<&'a str>,
    channel: &'a str,
    words: &'a str,
    inferred: bool,
    /// The event as it was sent, for the person who decides.
    interaction: &'a Value,
}

impl Receivers {
    pub(crate) fn new(config: config::OptOuts, aws: &Aws) -> Self {
        let sqs = aws.sqs();
        Self {
            opt_outs: OptOuts {
                ledger: Ledger::new(aws.dynamodb(), config.ledger),
                dnc_queue: Queue::new(sqs.clone(), config.dnc_queue_url),
                relist_after: config.relist_after,
            },
            called_parties: CalledParties::new(aws.dynamodb(), config.called_parties),
            dead_letters: DeadLetterQueue::new(
                sqs,
                config.dead_letter_queue_url,
                InteractionRouter::NAME,
            ),
            region: config.region,
        }
    }

    /// Records an opt-out; one that cannot be, and one that may be none, goes to a person.
    async fn accept(
        &self,
        event: &InteractionEvent,
        message: &CustomerMessage,
        wish: Wish,
        claims: &IdempotencyStore,
        lease: Lease,
    ) -> Result<(), Problem> {
        let reason = match self.number(message, wish) {
            Ok(number) => return self.record(event, message, wish, number).await,
            Err(reason) => reason,
        };
        let inferred = !matches!(wish, Wish::OptOut { .. });
        let data = OptOutData {
            phone_number: message.phone_number.as_deref(),
            channel: event.channel.as_str(),
            words: &message.text,
            inferred,
            interaction: &event.document,
        };
        let (event_type, timestamp) = (EVENT_TYPE, event.occurred_at);
        let letter = OptOutMessage { event_type, event_id: event_id(event), timestamp, data };
        let letter = serde_json::to_vec(&letter).map_err(Problem::not_stored)?;
        self.dead_letters.send_once(&letter, &reason, claims, lease).await
    }

    /// The number that opts out, or else why a person must decide.
    fn number(&self, message: &CustomerMessage, wish: Wish) -> Result<E164, Reason> {
        if wish == Wish::Doubtful {
            let why = "the message may be an opt-out: redrive it if it is, delete it if it is not";
            return Err(Reason::new("doubtful_opt_out", why));
        }
        let Some(written) = &message.phone_number else {
            let why = "data.phoneNumber is missing: the event has no phone number of the customer";
            return Err(Reason::new("missing_phone_number", why));
        };
        E164::parse(written, self.region)
            .map_err(|invalid| Reason::new("invalid_phone_number", invalid.to_string()))
    }

    /// Records a consent to text messages: a customer who asks for those asks for no calls.
    async fn consent(
        &self,
        event: &InteractionEvent,
        message: &CustomerMessage,
    ) -> Result<(), Problem> {
        let written = message.phone_number.as_deref().unwrap_or_default();
        let Ok(number) = E164::parse(written, self.region) else {
            tracing::warn!(event_id = shown(&event.id), "a consent has no number that can be read");
            return Ok(());
        };
        let fact = Fact {
            wish: called_party::Wish::Consent,
            scope: Scope { channel: Some(Channel::Text), topic: None },
            at: event.occurred_at.min(ambient::now()),
            event_id: event_id(event),
            event_type: CONSENT_TYPE.to_owned(),
            words: Some(message.text.clone()),
            expires_at: None,
        };
        self.called_parties
            .learn(&self.opt_outs.ledger, &number, &fact)
            .await
            .map_err(Problem::not_stored)
    }

    async fn record(
        &self,
        event: &InteractionEvent,
        message: &CustomerMessage,
        wish: Wish,
        number: E164,
    ) -> Result<(), Problem> {
        let (now, is_inferred) = (ambient::now(), wish == Wish::Inferred);
        let opt_out = OptOut {
            number,
            event_id: event_id(event),
            event_type: DncReason::MessageOptOut.as_str().to_owned(),
            requested_at: event.occurred_at,
            received_at: now,
            evidence: Evidence::of_message(event.channel.clone(), &message.text, is_inferred),
        };
        let reason = DncReason::of_channel(Some(&event.channel));
        let accepted = self.opt_outs.accept(&opt_out, reason, now).await;
        accepted.map(drop).map_err(Problem::not_stored)
    }
}

impl InteractionRouter {
    /// Honors what the customer's message asks for, once however often the event is delivered.
    /// Returns the wish.
    pub(crate) async fn heed(
        &self,
        event: &InteractionEvent,
        lease: Lease,
        steps: &mut Steps,
    ) -> Result<Wish, Problem> {
        let Some(message) = event.message(&self.filters) else { return Ok(Wish::None) };
        let wish = Wish::of(&message.text);
        match wish {
            Wish::None => return Ok(wish),
            Wish::Consent => {
                let consent = async || self.receivers.consent(event, &message).await;
                steps.run(CONSENT, consent).await?;
            }
            Wish::OptOut { .. } | Wish::Inferred | Wish::Doubtful => {
                let claims = &self.idempotency;
                let accept =
                    async || self.receivers.accept(event, &message, wish, claims, lease).await;
                steps.run(OPT_OUT, accept).await?;
            }
        }
        tracing::info!(
            wish = wish.as_str(),
            event_id = shown(&event.id),
            "the wish of a customer was read"
        );
        Ok(wish)
    }
}

/// Id of the opt-out in an event: of the interaction, and of the time, since a customer who
/// consented may opt out again.
fn event_id(event: &InteractionEvent) -> String {
    let at = event.occurred_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let id = format!("{}@{at}", event.id);
    if id.chars().count() <= EVENT_ID_MAX {
        return id;
    }
    idempotency::key(InteractionRouter::NAME, &id.into()).to_string()
}

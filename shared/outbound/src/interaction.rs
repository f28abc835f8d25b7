//! Interactions: what happens in voice calls, chats and SMS, normalized for other systems.
//!
//! [`InteractionEvent`] is what a webhook was sent, [`Filters`] say where it hides what consumers
//! want, and [`Interaction`] is what they get: `schemas/interaction.schema.json` describes it.

mod channel;
mod event;
mod filters;
mod message;
mod normalized;

pub use channel::Channel;
pub use event::{InteractionEvent, UnreadableInteraction};
pub use filters::{Filters, InvalidFilters};
pub use message::CustomerMessage;
pub use normalized::{Customer, CustomerType, Interaction};

#[cfg(test)]
mod tests;

//! An event in the shape that all consumers get.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Channel, Filters, InteractionEvent,
    filters::{ChannelFilter, Paths},
};
use crate::Json;

/// Something that happened in an interaction, in one shape for all channels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Interaction {
    /// The interaction. Opaque and not blank.
    pub interaction_id: String,
    /// Type of the event, such as `interaction.completed`.
    pub event_type: String,
    /// The way by which customer and contact center talk.
    pub channel: Channel,
    /// Time of the event.
    pub occurred_at: DateTime<Utc>,
    /// Time at which the event arrived.
    pub received_at: DateTime<Utc>,
    /// Customer of the interaction.
    pub customer: Customer,
    /// Other fields of the event, by name. For a channel that is not known, all its data as `raw`.
    pub context: Map<String, Value>,
}

/// Customer of an interaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Customer {
    /// The phone number or the address as it was sent, without white space around it, if the event
    /// had one.
    pub identifier: Option<String>,
    /// Type of the identifier.
    #[serde(rename = "type")]
    pub kind: CustomerType,
}

/// Type of a customer's identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CustomerType {
    /// A phone number.
    Phone,
    /// An email address.
    Email,
    /// The channel is not known, and so it has none.
    Unknown,
}

impl Interaction {
    /// Extracts the fields for consumers from an event. Fields that the filters do not find are
    /// left out.
    pub fn normalize(
        event: &InteractionEvent,
        filters: &Filters,
        received_at: DateTime<Utc>,
    ) -> Self {
        let (customer, context) = match filters.of(&event.channel) {
            Some(filter) => (filter.customer(&event.document), filter.context(&event.document)),
            None => (Customer::UNKNOWN, raw(&event.document)),
        };
        Self {
            interaction_id: event.id.clone(),
            event_type: event.event_type.clone(),
            channel: event.channel.clone(),
            occurred_at: event.occurred_at,
            received_at,
            customer,
            context,
        }
    }
}

impl Customer {
    const UNKNOWN: Self = Self { identifier: None, kind: CustomerType::Unknown };
}

impl ChannelFilter {
    fn customer(&self, document: &Value) -> Customer {
        Customer { identifier: self.customer.find(document, identifier), kind: self.customer_type }
    }

    fn context(&self, document: &Value) -> Map<String, Value> {
        let found = |(name, paths): (&String, &Paths)| {
            Some((name.clone(), paths.find(document, |value| Some(value.clone()))?))
        };
        self.context.iter().filter_map(found).collect()
    }
}

fn identifier(value: &Value) -> Option<String> {
    Json::from(value).spelled()
}

fn raw(document: &Value) -> Map<String, Value> {
    Map::from_iter([("raw".to_owned(), document["data"].clone())])
}

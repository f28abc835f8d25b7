//! Paths to the fields that consumers need.

use std::{collections::BTreeMap, str::FromStr};

use serde::Deserialize;
use serde_json::Value;
use serde_json_path::JsonPath;

use super::{Channel, CustomerType};
use crate::fields::is_blank;

/// The filters of all known channels, written as the setting is.
const DEFAULT: &str = include_str!("filters/default.json");

/// Fields to extract from the events of each known channel, with their paths: `JSONPath`s (RFC
/// 9535) into the whole event, tried in their order, since senders move their fields.
///
/// Read from JSON such as `{"chat": {"customer": {"type": "email", "paths":
/// ["$.data.customer.email"]}, "context": {"skill": ["$.data.skill.name"]}}}`. A channel that is
/// left out keeps its default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filters(BTreeMap<String, ChannelFilter>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ChannelFilter {
    pub(super) customer_type: CustomerType,
    pub(super) customer: Paths,
    pub(super) context: BTreeMap<String, Paths>,
}

/// Paths of one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Paths(Vec<JsonPath>);

impl Filters {
    /// The filter of a channel, if the channel is known.
    pub(super) fn of(&self, channel: &Channel) -> Option<&ChannelFilter> {
        self.0.get(channel.as_str())
    }
}

impl Paths {
    /// The first of what the paths find that is not blank and can be taken.
    pub(super) fn find<T>(
        &self,
        document: &Value,
        take: impl Fn(&Value) -> Option<T>,
    ) -> Option<T> {
        let found = self.0.iter().flat_map(|path| path.query(document));
        found.filter(|value| !is_blank(value)).find_map(take)
    }
}

impl Default for Filters {
    fn default() -> Self {
        "{}".parse().expect("the default filters are well-formed")
    }
}

impl FromStr for Filters {
    type Err = InvalidFilters;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut channels = settings(DEFAULT)?;
        for (channel, setting) in settings(text)? {
            if channels.insert(channel.clone(), setting).is_none() {
                return Err(InvalidFilters::UnknownChannel(channel));
            }
        }
        let filter = |(channel, setting): (String, ChannelSetting)| {
            Ok((channel.clone(), setting.filter(&channel)?))
        };
        channels.into_iter().map(filter).collect::<Result<_, _>>().map(Self)
    }
}

fn settings(text: &str) -> Result<BTreeMap<String, ChannelSetting>, InvalidFilters> {
    serde_json::from_str(text).map_err(|reason| InvalidFilters::Malformed(reason.to_string()))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "customer and context")]
struct ChannelSetting {
    customer: CustomerSetting,
    context: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "type and paths")]
struct CustomerSetting {
    #[serde(rename = "type")]
    kind: IdentifierType,
    paths: Vec<String>,
}

/// A type that can be chosen. Only customers of other channels are of unknown type.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum IdentifierType {
    Phone,
    Email,
}

impl ChannelSetting {
    fn filter(self, channel: &str) -> Result<ChannelFilter, InvalidFilters> {
        let customer_type = match self.customer.kind {
            IdentifierType::Phone => CustomerType::Phone,
            IdentifierType::Email => CustomerType::Email,
        };
        let customer = paths(&format!("{channel}.customer"), &self.customer.paths)?;
        let context = |(name, written): (String, Vec<String>)| {
            let paths = paths(&format!("{channel}.context.{name}"), &written)?;
            Ok((name, paths))
        };
        let context = self.context.into_iter().map(context).collect::<Result<_, _>>()?;
        Ok(ChannelFilter { customer_type, customer, context })
    }
}

fn paths(field: &str, written: &[String]) -> Result<Paths, InvalidFilters> {
    if written.is_empty() {
        return Err(InvalidFilters::NoPaths { field: field.to_owned() });
    }
    written.iter().map(|path| parse(field, path)).collect::<Result<_, _>>().map(Paths)
}

fn parse(field: &str, path: &str) -> Result<JsonPath, InvalidFilters> {
    JsonPath::parse(path).map_err(|reason| InvalidFilters::MalformedPath {
        field: field.to_owned(),
        path: path.to_owned(),
        column: path.char_indices().take_while(|(at, _)| *at < reason.position()).count() + 1,
    })
}

/// Reason why a text is not valid filters.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidFilters {
    /// It is not JSON, or not of the right shape.
    #[error("must be JSON, with customer and context for each channel: {0}")]
    Malformed(String),
    /// It names a channel whose events are passed on as they are.
    #[error("has filters for {0:?}; they must be for voice, chat or sms")]
    UnknownChannel(String),
    /// A field has no path.
    #[error("{field} has no paths; there must be at least one")]
    NoPaths {
        /// The channel and its field, such as `voice.context.queue`.
        field: String,
    },
    /// A path cannot be followed.
    #[error("{field} has {path:?}, which is no JSONPath (RFC 9535) from column {column} on")]
    MalformedPath {
        /// The channel and its field, such as `voice.customer`.
        field: String,
        /// The path as it was written.
        path: String,
        /// Column of the error, counted in characters from 1.
        column: usize,
    },
}

#[cfg(test)]
mod tests;

//! What the bundle has done to CXone, whatever API it speaks.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{Api, Cxone};

/// What the bundle has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    /// Numbers on the DNC list, in E.164.
    pub listed: BTreeSet<String>,
    /// Callbacks, in the order of their ids.
    pub callbacks: Vec<PlannedCall>,
    /// Text messages, in their order.
    pub texts: Vec<Text>,
    /// Contacts that were called, by their ids.
    pub called: BTreeMap<String, Called>,
}

/// A callback.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedCall {
    /// The campaign whose agents call.
    pub campaign: String,
    /// The number to call, in E.164.
    pub number: String,
    /// Time of the call.
    pub at: DateTime<Utc>,
}

/// A text message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// Recipient, in E.164.
    pub to: String,
    /// Content.
    pub message: String,
}

/// A contact that was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    /// Its number, in E.164.
    pub number: Option<String>,
    /// Category that was written to it.
    pub category: Option<String>,
}

impl Cxone {
    /// What the bundle has done.
    pub fn view(&self) -> View {
        match self.api {
            Api::V2 => self.world().view(),
            Api::Acd => self.tenant().view(),
        }
    }

    /// Numbers on the DNC list, in E.164.
    pub fn listed(&self) -> BTreeSet<String> {
        self.view().listed
    }

    /// Returns whether a number in E.164 is on the DNC list.
    pub fn is_listed(&self, number: &str) -> bool {
        self.listed().contains(number)
    }

    /// Callbacks, in the order of their ids.
    pub fn callbacks(&self) -> Vec<PlannedCall> {
        self.view().callbacks
    }

    /// Text messages, in their order.
    pub fn texts(&self) -> Vec<Text> {
        self.view().texts
    }
}

//! Campaigns, in the domain's words: whom they call, when, and how far they came.

use chrono::{DateTime, FixedOffset};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A contact of a campaign, without what identifies the customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedContact {
    /// CXone's id of it.
    pub id: String,
    /// Where the customer lives, as an IANA name that nobody has checked. `None` when CXone does
    /// not know.
    pub time_zone: Option<String>,
}

/// A part of a campaign's contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactsPage {
    /// Those on this page.
    pub contacts: Vec<ListedContact>,
    /// How many more are on it that cannot be read, such as those without an id.
    pub unreadable: u64,
    /// How many pages there are by now, this one included.
    pub pages: u32,
}

/// When a campaign calls the contacts of one time zone, once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSchedule {
    /// What we call it. Two schedules with the same id are the same schedule.
    pub id: Uuid,
    /// The id of the campaign.
    pub campaign: String,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// When it starts, by the clock of the time zone.
    pub start: DateTime<FixedOffset>,
    /// When it ends, by the clock of the time zone. Its offset differs from that of the start when
    /// the clocks are changed in between.
    pub end: DateTime<FixedOffset>,
}

/// How many calls a campaign has made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CampaignProgress {
    /// Calls that are over and done with.
    pub completed: u64,
    /// Calls that were dialled.
    pub attempted: u64,
    /// Calls that a person has answered.
    pub connected: u64,
}

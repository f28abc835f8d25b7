//! Domain types of campaigns: their contacts, schedules and progress.

use std::ops::Range;

use chrono::{DateTime, FixedOffset, Utc};
use outbound::campaign::CampaignContact;
use uuid::Uuid;

/// A part of a campaign's contacts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContactsPage {
    /// Those on this page.
    pub contacts: Vec<CampaignContact>,
    /// Number of other contacts on it that cannot be read, such as those without an id.
    pub unreadable: u64,
    /// Current number of pages, this one included.
    pub pages: u32,
}

/// One period in which a campaign calls the contacts of one time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallSchedule {
    /// Our id of it. Two schedules with the same id are the same schedule.
    pub id: Uuid,
    /// The id of the campaign.
    pub campaign: String,
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// Start, by the clock of the time zone.
    pub start: DateTime<FixedOffset>,
    /// End, by the clock of the time zone. Its offset differs from that of the start when the
    /// clocks are changed in between.
    pub end: DateTime<FixedOffset>,
}

/// A time zone of CXone's that stands for several zones: it calls their contacts at the same times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedZone {
    /// CXone's name of it.
    pub name: String,
    /// The IANA names of the zones, two at least.
    pub time_zones: Vec<String>,
}

/// A period in which one time zone is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneWindow {
    /// The IANA name of the time zone.
    pub time_zone: String,
    /// The period.
    pub window: Range<DateTime<Utc>>,
}

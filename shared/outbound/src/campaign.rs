//! Campaigns: when they call, in the zone and within the calling hours of each contact.
//!
//! [`CampaignRequest`] is an operator's request, [`Zones`] are those its contacts live in. In each
//! of them [`Recurrence::next`] finds when the campaign starts on the clocks there, and
//! [`calling_window`] how long it may call by the hours of the house. [`lawful_window`] cuts that to
//! what the law allows at the places of the contacts, which [`Sites`] collects.

mod bar;
mod calling_hours;
mod lawful;
mod progress;
mod recurrence;
mod request;
mod sites;
mod start;
mod window;
mod zones;

pub use bar::Bar;
pub use calling_hours::{CallingHours, InvalidCallingHours};
pub use lawful::{Cut, LawfulWindow, Unlawful, lawful_window};
pub use progress::Progress;
pub use recurrence::{LocalStart, MalformedRecurrence, Recurrence};
pub use request::{CampaignContact, CampaignRequest};
pub use sites::{Sites, WithoutAttempt, is_place};
pub use start::{SharedStart, StartRefused};
pub use window::{CallingWindow, OutsideCallingHours, calling_window};
pub use zones::{RejectedZone, Zones};

//! Campaigns: when they call, in the zone and within the calling hours of each contact.
//!
//! [`CampaignRequest`] is an operator's request, [`Zones`] are those its contacts live in. In each
//! of them [`Recurrence::next`] finds when the campaign starts on the clocks there, and
//! [`calling_window`] how long it may call.

mod calling_hours;
mod progress;
mod recurrence;
mod request;
mod window;
mod zones;

pub use calling_hours::{CallingHours, InvalidCallingHours};
pub use progress::Progress;
pub use recurrence::{LocalStart, MalformedRecurrence, Recurrence};
pub use request::{CampaignContact, CampaignRequest};
pub use window::{CallingWindow, OutsideCallingHours, calling_window};
pub use zones::{RejectedZone, Zones};

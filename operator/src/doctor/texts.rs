//! Whether text messages can be sent.

use cxone::{Error, Inspection};

use super::{Case, Part, acd::Facts, finding::Finding};

/// Checks that the sender has a channel that sends.
pub(super) fn channel(case: &Case<'_>, inspection: Inspection<'_>, facts: &Facts) -> Finding {
    const CHECK: &str = "channel";
    const ADVICE: &str = "Set CxoneDfoUrl, and CxoneDfoChannels to SmsSender=channel, with the id \
                          of a channel that has an outbound flow.";
    if case.is_without(Part::Texts) {
        return Finding::not_checked(CHECK, "--without texts");
    }
    let Some(sender) = case.values.get("SMS_SENDER") else {
        return Finding::not_checked(CHECK, "SMS_SENDER is not set");
    };
    let Some(channel) = inspection.channel_of(sender) else {
        let advice = format!("{ADVICE} Or run this with --without texts.");
        return Finding::wrong(CHECK, "SmsSender has none in CxoneDfoChannels", advice);
    };
    match &facts.channel {
        Some(Ok(found)) if found.sends => Finding::ok(CHECK, format!("{channel} sends")),
        Some(Ok(_)) => Finding::wrong(CHECK, format!("{channel} has no outbound flow"), ADVICE),
        Some(Err(Error::NotFound { .. })) => {
            Finding::wrong(CHECK, format!("CXone has no channel {channel}"), ADVICE)
        }
        Some(Err(error)) => Finding::not_checked(CHECK, error),
        None => Finding::not_checked(CHECK, "it was not read"),
    }
}

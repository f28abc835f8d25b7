//! Scopes that the bundle needs.

use std::collections::BTreeSet;

use super::Source;

/// The purpose of the scopes that registering for opt-outs needs.
pub(crate) const REGISTER_OPT_OUTS: &str = "register the opt-out webhook";

/// The purpose of the scopes that registering for interactions needs.
pub(crate) const REGISTER_INTERACTIONS: &str = "register the interaction webhook";

/// Each scope, and what it is for.
pub(crate) const NEEDED: [(&str, &str); 12] = [
    ("outbound:dnc:write", "put numbers on the do-not-call list"),
    ("outbound:forecast:read", "find the hour with the most free agents"),
    ("outbound:contact:write", "schedule callbacks"),
    ("outbound:contact:read", "list the contacts of campaigns"),
    ("messaging:session:write", "confirm callbacks by text message"),
    ("outbound:campaign:write", "schedule campaigns"),
    ("analytics:read", "follow campaigns to their end"),
    ("contact:read", "find the number of a contact"),
    ("contact:write", "record dispositions"),
    ("event-subscriptions:read", REGISTER_OPT_OUTS),
    ("event-subscriptions:write", REGISTER_OPT_OUTS),
    ("webhooks:write", REGISTER_INTERACTIONS),
];

/// Advice on granting a scope.
pub(crate) fn grant(source: Source) -> String {
    let scope = source.scope();
    format!("Grant them to the client in CXone, and name them in {scope} if that is set.")
}

/// Lists the scopes that are missing, each with its purpose.
pub(crate) fn missing(granted: &BTreeSet<String>) -> Vec<(&'static str, &'static str)> {
    NEEDED.into_iter().filter(|(scope, _)| !granted.contains(*scope)).collect()
}

/// Advice for a call that CXone forbids. Which scopes are granted may not be known.
pub(crate) fn advice(purpose: &str, granted: Option<&BTreeSet<String>>, source: Source) -> String {
    let serving = |scopes: &[(&'static str, &str)]| {
        let serving = scopes.iter().filter(|(_, serves)| *serves == purpose);
        serving.map(|(scope, _)| *scope).collect::<Vec<_>>().join(", ")
    };
    let missing = granted.map(missing).unwrap_or_default();
    let grant = grant(source);
    match serving(&missing).as_str() {
        "" => format!("Needed scopes: {}. {grant}", serving(&NEEDED)),
        missing => format!("Missing scopes: {missing}. {grant}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn granted(scopes: &[&str]) -> BTreeSet<String> {
        scopes.iter().map(|&scope| scope.to_owned()).collect()
    }

    #[test]
    fn what_is_granted_is_not_missing() {
        let all: Vec<&str> = NEEDED.iter().map(|(scope, _)| *scope).collect();
        assert_eq!(missing(&granted(&all)), []);
        assert_eq!(missing(&granted(&all[1..])), NEEDED[..1]);
        assert_eq!(missing(&granted(&["another:scope"])), NEEDED);
    }

    #[test]
    fn the_advice_names_what_is_missing_or_else_what_is_needed() {
        let both = "event-subscriptions:read, event-subscriptions:write.";
        let read = granted(&["event-subscriptions:read"]);
        let all = granted(&["event-subscriptions:read", "event-subscriptions:write"]);
        for (granted, expected) in [
            (None, format!("Needed scopes: {both}")),
            (Some(granted(&[])), format!("Missing scopes: {both}")),
            (Some(read), "Missing scopes: event-subscriptions:write.".to_owned()),
            (Some(all), format!("Needed scopes: {both}")),
        ] {
            for source in [Source::Stack, Source::Environment] {
                let advice = advice(REGISTER_OPT_OUTS, granted.as_ref(), source);
                assert_eq!(advice, format!("{expected} {}", grant(source)));
            }
        }
    }
}

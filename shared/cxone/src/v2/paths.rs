//! Paths of the operations. Tenants differ, so every path can be overridden.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use settings::Environment;

/// Everything but the unreserved characters of RFC 3986, so that a value stays one segment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

const PREFIX: &str = "CXONE_PATH_";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    AddToDncList,
    CreateContact,
    CreateSchedule,
    Forecast,
    GetContact,
    ListContacts,
    QueryAnalytics,
    RegisterWebhook,
    SendSms,
    SubscribeEvents,
    UpdateContact,
    UpsertDncContact,
}

impl Operation {
    const ALL: [Self; 12] = [
        Self::AddToDncList,
        Self::CreateContact,
        Self::CreateSchedule,
        Self::Forecast,
        Self::GetContact,
        Self::ListContacts,
        Self::QueryAnalytics,
        Self::RegisterWebhook,
        Self::SendSms,
        Self::SubscribeEvents,
        Self::UpdateContact,
        Self::UpsertDncContact,
    ];

    /// Its name in a setting: the `operationId` of the contract.
    fn setting(self) -> &'static str {
        match self {
            Self::AddToDncList => "ADD_TO_DNC_LIST",
            Self::CreateContact => "CREATE_CONTACT",
            Self::CreateSchedule => "CREATE_SCHEDULE",
            Self::Forecast => "FORECAST",
            Self::GetContact => "GET_CONTACT",
            Self::ListContacts => "LIST_CONTACTS",
            Self::QueryAnalytics => "QUERY_ANALYTICS",
            Self::RegisterWebhook => "REGISTER_WEBHOOK",
            Self::SendSms => "SEND_SMS",
            Self::SubscribeEvents => "SUBSCRIBE_EVENTS",
            Self::UpdateContact => "UPDATE_CONTACT",
            Self::UpsertDncContact => "UPSERT_DNC_CONTACT",
        }
    }

    fn default_path(self) -> &'static str {
        match self {
            Self::AddToDncList => "/api/v2/outbound/dnc-lists/{listId}/contacts",
            Self::CreateContact | Self::ListContacts => "/api/v2/outbound/contacts",
            Self::CreateSchedule => "/api/v2/outbound/campaigns/{campaignId}/schedules",
            Self::Forecast => "/api/v2/outbound/forecast",
            Self::GetContact | Self::UpdateContact => "/api/v2/contacts/{contactId}",
            Self::QueryAnalytics => "/api/v2/analytics/outbound/details/query",
            Self::RegisterWebhook => "/api/v2/webhooks",
            Self::SendSms => "/api/v2/messaging/sessions",
            Self::SubscribeEvents => "/api/v2/event-subscriptions",
            Self::UpsertDncContact => "/api/v2/outbound/dnc-lists/{listId}/contacts/{contactId}",
        }
    }

    fn placeholders(self) -> &'static [&'static str] {
        match self {
            Self::AddToDncList => &["{listId}"],
            Self::CreateContact
            | Self::Forecast
            | Self::ListContacts
            | Self::QueryAnalytics
            | Self::RegisterWebhook
            | Self::SendSms
            | Self::SubscribeEvents => &[],
            Self::CreateSchedule => &["{campaignId}"],
            Self::GetContact | Self::UpdateContact => &["{contactId}"],
            Self::UpsertDncContact => &["{listId}", "{contactId}"],
        }
    }
}

/// A placeholder and its replacement.
pub(super) type Value<'a> = (&'static str, &'a str);

/// The paths that differ from those CXone documents.
#[derive(Debug, Clone, Default)]
pub(crate) struct Paths(Vec<(Operation, String)>);

impl Paths {
    pub(crate) fn read(env: &mut Environment) -> Option<Self> {
        let mut overrides = env.with_prefix(PREFIX);
        overrides.sort();
        let mut paths = Some(Self::default());
        for (setting, path) in overrides {
            match parse(&setting, &path) {
                Ok(operation) => {
                    if let Some(paths) = &mut paths {
                        paths.0.push((operation, path));
                    }
                }
                Err(problem) => {
                    env.report(&format!("{PREFIX}{setting}"), problem);
                    paths = None;
                }
            }
        }
        paths
    }

    /// The path of an operation with `values` in the place of its placeholders. `None` when it
    /// would lead elsewhere: an empty segment is the collection, and `.` and `..` are steps
    /// through the tree, however they are encoded.
    pub(super) fn fill(&self, operation: Operation, values: &[Value<'_>]) -> Option<String> {
        let own = self.0.iter().find(|(of, _)| *of == operation);
        let path = own.map_or(operation.default_path(), |(_, path)| path.as_str());
        // A value cannot smuggle in a placeholder: its braces are encoded.
        let filled = values.iter().fold(path.to_owned(), |path, (placeholder, value)| {
            path.replace(placeholder, &utf8_percent_encode(value, ENCODED).to_string())
        });
        let is_named = values.iter().all(|(_, value)| !value.is_empty());
        (is_named && !filled.split('/').any(is_step)).then_some(filled)
    }
}

/// Returns whether a segment of a path means this folder or the one above (URL Standard, section
/// 4.5).
fn is_step(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

fn parse(setting: &str, path: &str) -> Result<Operation, String> {
    let operation = Operation::ALL
        .into_iter()
        .find(|operation| operation.setting() == setting)
        .ok_or_else(|| {
            let known = Operation::ALL.map(Operation::setting).join(", ");
            format!("names no operation; there are {known}")
        })?;
    let mut bare = path.to_owned();
    for placeholder in operation.placeholders() {
        if !path.contains(placeholder) {
            return Err(format!("lacks the placeholder {placeholder}"));
        }
        bare = bare.replace(placeholder, "");
    }
    let is_odd = bare.contains(['{', '}', '?', '#', ' ', '\\']) || path.split('/').any(is_step);
    if !path.starts_with('/') || is_odd {
        let allowed = match operation.placeholders() {
            [] => String::new(),
            placeholders => format!(" but {}", placeholders.join(" and ")),
        };
        return Err(format!("is `{path}`: expected a path with no placeholders{allowed}"));
    }
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;
    use url::Url;

    use super::*;
    use crate::transport::below;

    #[test]
    fn the_default_paths_pass_their_own_check() {
        for operation in Operation::ALL {
            let path = operation.default_path();
            assert_eq!(parse(operation.setting(), path), Ok(operation), "{path}");
        }
    }

    #[test]
    fn values_are_encoded_into_one_segment_each() {
        let path = Paths::default().fill(
            Operation::UpsertDncContact,
            &[("{listId}", "a/b?{contactId}"), ("{contactId}", "+12025550198")],
        );
        let expected = "/api/v2/outbound/dnc-lists/a%2Fb%3F%7BcontactId%7D/contacts/%2B12025550198";
        assert_eq!(path.as_deref(), Some(expected));
    }

    #[test]
    fn a_value_that_is_a_step_through_the_tree_has_no_path() {
        let contact = |id| Paths::default().fill(Operation::GetContact, &[("{contactId}", id)]);
        for id in ["", ".", ".."] {
            assert_eq!(contact(id), None, "{id}");
        }
        for id in ["...", ".a", " ", "%2e", "%2E%2e", "a/../b", "..\\"] {
            assert!(contact(id).is_some(), "{id}");
        }
        let env =
            Environment::from_pairs([("CXONE_PATH_GET_CONTACT", "/of.{contactId}/.{contactId}")]);
        let paths = env.read(Paths::read).expect("a good override");
        assert_eq!(paths.fill(Operation::GetContact, &[("{contactId}", ".")]), None);
    }

    proptest! {
        /// Against the parser that makes the request's address of it.
        #[test]
        fn a_value_stays_one_segment_of_the_path(id in "([./%2eE\\\\]{0,6}|.{0,12})") {
            let filled = Paths::default().fill(Operation::GetContact, &[("{contactId}", &id)]);
            let Some(path) = filled else {
                prop_assert!(matches!(id.as_str(), "" | "." | ".."), "{id}");
                return Ok(());
            };
            let base: Url = "https://cxone.example.com/eu".parse().expect("an address");
            let address = below(&base, &path);
            let segments: Vec<_> = address.path_segments().expect("segments").collect();
            prop_assert_eq!(&segments[..4], ["eu", "api", "v2", "contacts"]);
            prop_assert_eq!(segments.len(), 5);
            let decoded = percent_decode_str(segments[4]).decode_utf8().expect("UTF-8");
            prop_assert_eq!(decoded, id);
        }
    }

    #[test]
    fn a_path_can_be_overridden() {
        let env = Environment::from_pairs([("CXONE_PATH_ADD_TO_DNC_LIST", "/dnc/{listId}")]);
        let paths = env.read(Paths::read).expect("a good override");
        let filled = paths.fill(Operation::AddToDncList, &[("{listId}", "1")]);
        assert_eq!(filled.as_deref(), Some("/dnc/1"));
    }

    #[test]
    fn a_bad_override_is_reported_with_the_reason() {
        for (setting, path, expected) in [
            ("SEND_FAX", "/fax", "names no operation"),
            ("UPSERT_DNC_CONTACT", "/dnc/{listId}", "lacks the placeholder {contactId}"),
            ("ADD_TO_DNC_LIST", "dnc/{listId}", "expected a path"),
            ("ADD_TO_DNC_LIST", "/dnc/{listId}/{tenant}", "expected a path"),
            ("ADD_TO_DNC_LIST", "/dnc/{listId}?x=1", "expected a path"),
            ("ADD_TO_DNC_LIST", "/dnc/../{listId}", "expected a path"),
            ("ADD_TO_DNC_LIST", "/dnc/%2E/{listId}", "expected a path"),
            ("ADD_TO_DNC_LIST", "\\\\elsewhere\\{listId}", "expected a path"),
            ("ADD_TO_DNC_LIST", "/{listId}/{x}", "with no placeholders but {listId}"),
            (
                "SEND_SMS",
                "/{tenant}/sms",
                "is `/{tenant}/sms`: expected a path with no placeholders",
            ),
        ] {
            let problem = parse(setting, path).expect_err(path);
            assert!(problem.contains(expected), "{problem}");
        }
    }
}

//! Paths of the operations. Tenants differ, so every path can be overridden.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use settings::Environment;
use url::Url;

use crate::{Error, transport::below};

/// Everything but the unreserved characters of RFC 3986, so that a value stays one segment.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

pub(crate) const PREFIX: &str = "CXONE_PATH_";

/// An operation of one CXone API.
pub(crate) trait Operation: Copy + PartialEq + 'static {
    /// All operations of the API, in the order of their names.
    const ALL: &'static [Self];

    /// The `operationId` of the contract.
    fn id(self) -> &'static str;

    /// Its path, as CXone documents it, with placeholders in braces.
    fn default_path(self) -> &'static str;
}

/// Name of an operation in a setting, such as `ADD_TO_DNC_LIST`.
pub(crate) fn setting(operation: impl Operation) -> String {
    let word = |letter: char| letter.is_ascii_uppercase().then_some('_');
    let letters = operation.id().chars();
    letters
        .flat_map(|letter| word(letter).into_iter().chain([letter.to_ascii_uppercase()]))
        .collect()
}

/// The placeholders of a path, braces included.
fn placeholders(path: &'static str) -> impl Iterator<Item = &'static str> {
    path.split('/').filter(|segment| segment.starts_with('{'))
}

/// A placeholder and its replacement.
pub(crate) type Value<'a> = (&'static str, &'a str);

/// The paths that differ from those CXone documents.
#[derive(Debug, Clone)]
pub(crate) struct Paths<O>(Vec<(O, String)>);

impl<O> Default for Paths<O> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<O: Operation> Paths<O> {
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

    /// The address of an operation below `base`, its placeholders filled in. What CXone gives no
    /// address to, it does not have.
    pub(crate) fn address(
        &self,
        base: &Url,
        operation: O,
        values: &[Value<'_>],
    ) -> Result<Url, Error> {
        let path = self.fill(operation, values).ok_or_else(|| Error::NotFound {
            detail: "an id that is empty, `.` or `..` cannot be part of an address".to_owned(),
        })?;
        Ok(below(base, &path))
    }

    /// The path of an operation, with its placeholders.
    pub(crate) fn path(&self, operation: O) -> &str {
        let own = self.0.iter().find(|(of, _)| *of == operation);
        own.map_or(operation.default_path(), |(_, path)| path.as_str())
    }

    /// The path of an operation with `values` in the place of its placeholders. `None` when it
    /// would lead elsewhere: an empty segment is the collection, and `.` and `..` are steps
    /// through the tree, however they are encoded.
    fn fill(&self, operation: O, values: &[Value<'_>]) -> Option<String> {
        let path = self.path(operation);
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

fn parse<O: Operation>(name: &str, path: &str) -> Result<O, String> {
    let operation =
        O::ALL.iter().copied().find(|operation| setting(*operation) == name).ok_or_else(|| {
            let known: Vec<String> = O::ALL.iter().map(|operation| setting(*operation)).collect();
            format!("names no operation; there are {}", known.join(", "))
        })?;
    let mut bare = path.to_owned();
    for placeholder in placeholders(operation.default_path()) {
        if !path.contains(placeholder) {
            return Err(format!("lacks the placeholder {placeholder}"));
        }
        bare = bare.replace(placeholder, "");
    }
    let is_odd = bare.contains(['{', '}', '?', '#', ' ', '\\']) || path.split('/').any(is_step);
    if !path.starts_with('/') || is_odd {
        let allowed: Vec<&str> = placeholders(operation.default_path()).collect();
        let but = if allowed.is_empty() { "" } else { " but " };
        let allowed = allowed.join(" and ");
        return Err(format!("is `{path}`: expected a path with no placeholders{but}{allowed}"));
    }
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;
    use crate::{acd, v2::Operation};

    type Paths = super::Paths<Operation>;

    fn assert_sound<O: super::Operation + std::fmt::Debug>() {
        for operation in O::ALL {
            let path = operation.default_path();
            assert_eq!(parse(&setting(*operation), path), Ok(*operation), "{path}");
        }
        assert!(O::ALL.is_sorted_by_key(|operation| operation.id()));
    }

    #[test]
    fn the_default_paths_pass_their_own_check() {
        assert_sound::<Operation>();
        assert_sound::<acd::Operation>();
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
            let problem = parse::<Operation>(setting, path).expect_err(path);
            assert!(problem.contains(expected), "{problem}");
        }
    }
}

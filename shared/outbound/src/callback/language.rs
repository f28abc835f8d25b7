//! The language a customer is written to, as a BCP 47 tag.

use std::{fmt, str::FromStr};

use oxilangtag::LanguageTag;

/// The longest tag that is read. BCP 47 requires room for 35 characters; longer ones carry
/// extensions that are not needed to choose a text.
const TAG_LENGTH_MAX: usize = 64;

/// A well-formed BCP 47 language tag in its usual case: `en-US`, `zh-Hant-TW`. Its parts need not
/// be registered.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Language(LanguageTag<String>);

impl Language {
    /// The whole tag.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The language without script, region and the rest: `en` of `en-US`. What names no language,
    /// such as `x-private`, is given back whole.
    pub fn primary(&self) -> &str {
        self.0.primary_language()
    }

    /// The region, if the tag names one: `US` of `en-US`.
    pub fn region(&self) -> Option<&str> {
        self.0.region()
    }
}

impl FromStr for Language {
    type Err = MalformedLanguage;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > TAG_LENGTH_MAX {
            return Err(MalformedLanguage);
        }
        LanguageTag::parse_and_normalize(text).map(Self).map_err(|_| MalformedLanguage)
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that is no language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be a BCP 47 language tag of at most {TAG_LENGTH_MAX} characters, such as en or es-MX"
)]
pub struct MalformedLanguage;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_tag_are_the_same_language() {
        let language: Language = "EN-us".parse().expect("a tag");
        assert_eq!(language.to_string(), "en-US");
        assert_eq!((language.primary(), language.region()), ("en", Some("US")));
        assert_eq!("en-US".parse(), Ok(language));
    }

    #[test]
    fn what_is_no_tag_is_refused() {
        for text in ["", " ", "e", "en_US", "en-", "english please", "123", "en-US "] {
            assert_eq!(text.parse::<Language>(), Err(MalformedLanguage), "{text:?}");
        }
        let long = format!("en-x{}", "-a".repeat(40));
        assert_eq!(long.parse::<Language>(), Err(MalformedLanguage));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_a_tag_reads_back(text in "[a-zA-Z0-9-]{0,20}|.{0,20}") {
            if let Ok(language) = text.parse::<Language>() {
                prop_assert!(language.as_str().starts_with(language.primary()));
                prop_assert_eq!(language.as_str().parse(), Ok(language.clone()));
            }
        }
    }
}

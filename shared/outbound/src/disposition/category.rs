//! Meaning and severity of dispositions.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Meaning of a disposition for the contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// The customer must not be called again.
    DoNotCall,
    /// The customer wants to be called at another time.
    CallbackLater,
    /// The customer is interested.
    QualifiedLead,
    /// The number belongs to another person.
    WrongNumber,
    /// The code is not in the map.
    Unclassified,
}

/// Urgency of a disposition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// At once: the law requires it.
    Critical,
    /// Soon: a customer waits.
    Medium,
    /// At leisure.
    Low,
}

/// A text is no category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the category must be do_not_call, callback_later, qualified_lead, wrong_number or \
     unclassified"
)]
pub struct UnknownCategory;

impl Category {
    const ALL: [Self; 5] = [
        Self::DoNotCall,
        Self::CallbackLater,
        Self::QualifiedLead,
        Self::WrongNumber,
        Self::Unclassified,
    ];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DoNotCall => "do_not_call",
            Self::CallbackLater => "callback_later",
            Self::QualifiedLead => "qualified_lead",
            Self::WrongNumber => "wrong_number",
            Self::Unclassified => "unclassified",
        }
    }

    /// Severity of this category.
    pub fn severity(self) -> Severity {
        match self {
            Self::DoNotCall => Severity::Critical,
            Self::CallbackLater | Self::QualifiedLead => Severity::Medium,
            Self::WrongNumber | Self::Unclassified => Severity::Low,
        }
    }
}

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|category| category.as_str() == word).ok_or(UnknownCategory)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_category_is_one_word_everywhere() {
        for category in Category::ALL {
            assert_eq!(json!(category), category.as_str());
            assert_eq!(category.as_str().parse(), Ok(category));
        }
    }

    #[test]
    fn a_word_of_another_spelling_is_no_category() {
        for word in ["", "DoNotCall", "DO_NOT_CALL", "do not call", " do_not_call", "dnc"] {
            assert_eq!(word.parse::<Category>(), Err(UnknownCategory), "{word}");
            assert!(serde_json::from_value::<Category>(json!(word)).is_err(), "{word}");
        }
    }

    #[test]
    fn only_an_opt_out_is_critical_and_only_a_customer_who_waits_is_medium() {
        let severities = Category::ALL.map(|category| json!(category.severity()));
        assert_eq!(severities, ["critical", "medium", "medium", "low", "low"]);
    }
}

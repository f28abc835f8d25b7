//! Bases that lift rules.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A fact about the called party that a law lets lift a rule. Nothing implies anything else: the
/// caller claims what it can prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// Consent to calls of this kind.
    #[serde(rename = "consent")]
    Consent,
    /// Consent to a call at that time; [`Call::consent_for`](super::Call::consent_for) holds it.
    #[serde(rename = "consent-for-time")]
    ConsentForTime,
    /// Consent given directly to the caller within the last 7 days.
    #[serde(rename = "consent-direct-7-days")]
    ConsentDirect7Days,
    /// An existing debt that the call is about.
    #[serde(rename = "debt")]
    Debt,
    /// An established business relationship.
    #[serde(rename = "ebr")]
    Ebr,
    /// A business relationship with a transaction within the last 12 months.
    #[serde(rename = "ebr-12-months")]
    Ebr12Months,
    /// A business relationship with a transaction within the last 18 months.
    #[serde(rename = "ebr-18-months")]
    Ebr18Months,
    /// A seller whom the law exempts.
    #[serde(rename = "exempt-seller")]
    ExemptSeller,
    /// An inquiry of the called party.
    #[serde(rename = "inquiry")]
    Inquiry,
    /// Knowledge that another time is convenient.
    #[serde(rename = "known-otherwise")]
    KnownOtherwise,
    /// A caller that is a nonprofit organization.
    #[serde(rename = "nonprofit")]
    Nonprofit,
    /// A request to be called.
    #[serde(rename = "request")]
    Request,
    /// A contract that is being performed.
    #[serde(rename = "running-contract")]
    RunningContract,
}

impl Basis {
    /// All bases.
    pub const ALL: [Self; 13] = [
        Self::Consent,
        Self::ConsentForTime,
        Self::ConsentDirect7Days,
        Self::Debt,
        Self::Ebr,
        Self::Ebr12Months,
        Self::Ebr18Months,
        Self::ExemptSeller,
        Self::Inquiry,
        Self::KnownOtherwise,
        Self::Nonprofit,
        Self::Request,
        Self::RunningContract,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Consent => "consent",
            Self::ConsentForTime => "consent-for-time",
            Self::ConsentDirect7Days => "consent-direct-7-days",
            Self::Debt => "debt",
            Self::Ebr => "ebr",
            Self::Ebr12Months => "ebr-12-months",
            Self::Ebr18Months => "ebr-18-months",
            Self::ExemptSeller => "exempt-seller",
            Self::Inquiry => "inquiry",
            Self::KnownOtherwise => "known-otherwise",
            Self::Nonprofit => "nonprofit",
            Self::Request => "request",
            Self::RunningContract => "running-contract",
        }
    }
}

impl fmt::Display for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Reads the data's word, or `relationship` for `ebr`.
impl FromStr for Basis {
    type Err = UnknownBasis;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        if text.eq_ignore_ascii_case("relationship") {
            return Ok(Self::Ebr);
        }
        let named = |basis: &Self| basis.name().eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(named).ok_or(UnknownBasis)
    }
}

/// A word that names nothing that lifts a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "must be consent, consent-for-time, consent-direct-7-days, debt, ebr (or relationship), \
     ebr-12-months, ebr-18-months, exempt-seller, inquiry, known-otherwise, nonprofit, request or \
     running-contract"
)]
pub struct UnknownBasis;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_basis_reads_back_as_it_is_shown_and_stored() {
        for basis in Basis::ALL {
            assert_eq!(basis.to_string().parse(), Ok(basis));
            let stored = serde_json::to_value(basis).expect("it serializes");
            assert_eq!(stored, basis.to_string());
            assert!(UnknownBasis.to_string().contains(&basis.to_string()), "{basis}");
        }
        assert_eq!("relationship".parse(), Ok(Basis::Ebr));
        assert_eq!("goodwill".parse::<Basis>(), Err(UnknownBasis));
    }
}

//! Kinds of call, as far as laws tell them apart.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// A kind of call. A call can be of several kinds at once, such as sales and automated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Offers something, or calls back a person who asked for an offer.
    Sales,
    /// Serves a customer: no offer, no claim, no survey.
    Service,
    /// Claims a debt.
    Debt,
    /// Asks for opinions.
    Research,
    /// Asks for donations.
    Fundraising,
    /// Placed or spoken by a machine: autodialed, prerecorded, ADAD. Bound by the rules for sales
    /// calls as well, whatever its purpose.
    Automated,
    /// A text message that offers something.
    Text,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 7] = [
        Self::Sales,
        Self::Service,
        Self::Debt,
        Self::Research,
        Self::Fundraising,
        Self::Automated,
        Self::Text,
    ];

    /// Scopes of the data that apply to this kind of call.
    pub(super) fn scopes(self) -> &'static [Scope] {
        match self {
            Self::Sales => &[Scope::Solicitation],
            Self::Service => &[],
            Self::Debt => &[Scope::Debt],
            Self::Research => &[Scope::Research],
            Self::Fundraising => &[Scope::Fundraising],
            Self::Automated => &[Scope::Automated, Scope::Solicitation],
            Self::Text => &[Scope::Text],
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Sales => "sales",
            Self::Service => "service",
            Self::Debt => "debt",
            Self::Research => "research",
            Self::Fundraising => "fundraising",
            Self::Automated => "automated",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Kind {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim();
        let named = |kind: &Self| kind.name().eq_ignore_ascii_case(text);
        Self::ALL.into_iter().find(named).ok_or(UnknownKind)
    }
}

/// A word that names no kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be sales, service, debt, research, fundraising, automated or text")]
pub struct UnknownKind;

/// The calls that a rule of the data applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Scope {
    Solicitation,
    Automated,
    Text,
    Debt,
    Research,
    Fundraising,
}

impl Scope {
    /// The calls in words.
    pub(super) fn calls(self) -> &'static str {
        match self {
            Self::Solicitation => "sales calls",
            Self::Automated => "automated calls",
            Self::Text => "text messages",
            Self::Debt => "calls about debts",
            Self::Research => "research calls",
            Self::Fundraising => "fundraising calls",
        }
    }
}

/// The kinds of one call: the rules for each of them apply, so one kind more never allows a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Kinds(BTreeSet<Kind>);

impl Kinds {
    /// The kinds, in a fixed order.
    pub fn iter(&self) -> impl Iterator<Item = Kind> {
        self.0.iter().copied()
    }

    pub(super) fn scopes(&self) -> BTreeSet<Scope> {
        self.iter().flat_map(Kind::scopes).copied().collect()
    }
}

/// A sales call, the kind with the most rules.
impl Default for Kinds {
    fn default() -> Self {
        Self(BTreeSet::from([Kind::Sales]))
    }
}

impl From<Kind> for Kinds {
    fn from(kind: Kind) -> Self {
        Self(BTreeSet::from([kind]))
    }
}

/// No kind at all is a sales call.
impl FromIterator<Kind> for Kinds {
    fn from_iter<T: IntoIterator<Item = Kind>>(kinds: T) -> Self {
        let kinds: BTreeSet<Kind> = kinds.into_iter().collect();
        if kinds.is_empty() { Self::default() } else { Self(kinds) }
    }
}

/// Reads kinds that are joined by commas, such as `sales,automated`.
impl FromStr for Kinds {
    type Err = UnknownKind;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let kinds = text.split(',').map(str::parse).collect::<Result<BTreeSet<Kind>, _>>()?;
        Ok(Self(kinds))
    }
}

impl fmt::Display for Kinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.iter().map(Kind::name).collect();
        f.write_str(&names.join(" and "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_reads_back_as_it_is_shown_and_stored() {
        for kind in Kind::ALL {
            assert_eq!(kind.to_string().parse(), Ok(kind));
            let stored = serde_json::to_value(kind).expect("it serializes");
            assert_eq!(stored, kind.to_string());
        }
        assert_eq!(" Sales ".parse(), Ok(Kind::Sales));
        assert_eq!("marketing".parse::<Kind>(), Err(UnknownKind));
    }

    #[test]
    fn an_automated_call_is_bound_by_the_rules_for_sales_calls_too() {
        let scopes = Kinds::from(Kind::Automated).scopes();
        assert!(scopes.contains(&Scope::Automated) && scopes.contains(&Scope::Solicitation));
    }

    #[test]
    fn the_kinds_of_a_call_are_all_that_it_is_said_to_be() {
        let kinds = Kinds::from_iter([Kind::Text, Kind::Debt]);
        assert_eq!(kinds.iter().collect::<Vec<_>>(), [Kind::Debt, Kind::Text]);
        assert_eq!("text,debt".parse(), Ok(kinds.clone()));
        assert_eq!(kinds.to_string(), "debt and text");
        assert_eq!("text,marketing".parse::<Kinds>(), Err(UnknownKind));
    }

    #[test]
    fn no_kind_at_all_is_a_sales_call() {
        assert_eq!(Kinds::from_iter([]), Kinds::from(Kind::Sales));
    }
}

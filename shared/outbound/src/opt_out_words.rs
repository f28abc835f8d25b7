//! Opt-outs in the words of a message: the wish that the text of a customer states.
//!
//! The exact keywords are those that the field publishes. A text counts as one if its letters and
//! digits do, whatever its case, accents, spaces, punctuation and emoji:
//!
//! - 47 CFR 64.1200(a)(10) of the FCC: stop, quit, end, revoke, opt out, cancel, unsubscribe;
//! - Twilio, "Twilio support for opt-out keywords": those, and STOPALL; to opt in again START and
//!   UNSTOP. YES is an answer to any question, so it is no consent here. "Proxy: opt-out keywords"
//!   adds ARRET, ARRETE and ARRETT for French;
//! - AWS End User Messaging, "Required SMS opt-out list keywords": those, and REMOVE and TD.
//!
//! The Spanish, German and Portuguese keywords are the usual ones of senders in those languages. By
//! the same rule of the FCC, other words count as well "if a reasonable person would understand"
//! them as a request to stop: those are [`Wish::Inferred`]. What may be a request or not is
//! [`Wish::Doubtful`], for a person to decide.

mod folded;
mod keywords;
mod phrases;

use self::{
    keywords::{COMMON_WORDS_IN, Weight},
    phrases::Asks,
};

/// Longest text that is read as a request in other words, in words: a longer one tells a story.
const INFERRED_WORDS_MAX: usize = 60;

/// The wish that a text states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// To be left alone: the text is a keyword.
    OptOut {
        /// The keyword, folded: lower case, without accents and spaces.
        keyword: &'static str,
    },
    /// To be left alone, plainly asked for in other words.
    Inferred,
    /// Perhaps to be left alone: a keyword among other words, a question, a condition.
    Doubtful,
    /// To get messages again: the text is a keyword for that.
    Consent,
    /// None of these.
    None,
}

impl Wish {
    /// Reads the wish in the text of a customer's message.
    pub fn of(text: &str) -> Self {
        let words = folded::words(text);
        let letters = words.concat();
        if let Some(keyword) = keywords::opt_out(&letters) {
            return Self::OptOut { keyword: keyword.folded };
        }
        if keywords::is_consent(&letters) {
            return Self::Consent;
        }
        match phrases::asks(&words) {
            Asks::Plainly if words.len() <= INFERRED_WORDS_MAX => Self::Inferred,
            Asks::Plainly | Asks::Perhaps => Self::Doubtful,
            Asks::Nothing if holds_keyword(&words) => Self::Doubtful,
            Asks::Nothing => Self::None,
        }
    }

    /// The wish as a word that never changes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OptOut { .. } => "opt_out",
            Self::Inferred => "inferred",
            Self::Doubtful => "doubtful",
            Self::Consent => "consent",
            Self::None => "none",
        }
    }
}

/// Returns whether a keyword is among the words. Common words, such as "end", count in short texts
/// alone.
fn holds_keyword(words: &[String]) -> bool {
    let pairs = words.windows(2).map(<[String]>::concat);
    words.iter().cloned().chain(pairs).any(|word| {
        keywords::opt_out(&word).is_some_and(|keyword| {
            keyword.weight == Weight::Plain || words.len() <= COMMON_WORDS_IN
        })
    })
}

#[cfg(test)]
mod tests;

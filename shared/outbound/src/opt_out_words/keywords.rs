//! Keywords: texts that are an opt-out, or a consent, by themselves.

use Weight::{Common, Plain};

/// Longest text in which a common word raises a doubt, in words: "cancel my appointment" does, "I
/// need it by the end of the month" does not.
pub(super) const COMMON_WORDS_IN: usize = 6;

/// A text that is an opt-out by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Keyword {
    /// Its spelling, folded and without spaces.
    pub(super) folded: &'static str,
    pub(super) weight: Weight,
}

/// Meaning of a keyword among other words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It is rarely about anything else.
    Plain,
    /// It is a word of every day.
    Common,
}

const fn keyword(folded: &'static str, weight: Weight) -> Keyword {
    Keyword { folded, weight }
}

const OPT_OUT: &[Keyword] = &[
    // English
    keyword("stop", Plain),
    keyword("stopall", Plain),
    keyword("unsubscribe", Plain),
    keyword("optout", Plain),
    keyword("cancel", Common),
    keyword("end", Common),
    keyword("quit", Common),
    keyword("revoke", Plain),
    keyword("remove", Common),
    keyword("td", Common),
    // Spanish
    keyword("alto", Common),
    keyword("baja", Common),
    keyword("basta", Common),
    keyword("cancelar", Common),
    keyword("desuscribir", Plain),
    keyword("desuscribirme", Plain),
    keyword("detener", Common),
    keyword("fin", Common),
    keyword("parar", Common),
    keyword("salir", Common),
    keyword("nomas", Common),
    keyword("nomasmensajes", Plain),
    keyword("nomasllamadas", Plain),
    // French
    keyword("arret", Plain),
    keyword("arrete", Common),
    keyword("arreter", Common),
    keyword("arretez", Common),
    keyword("arrett", Plain),
    keyword("annuler", Common),
    keyword("desabonner", Plain),
    keyword("desabonnement", Plain),
    keyword("desinscription", Plain),
    keyword("desinscrire", Plain),
    // German
    keyword("stopp", Plain),
    keyword("abmelden", Plain),
    keyword("abmeldung", Plain),
    keyword("abbestellen", Plain),
    keyword("austragen", Common),
    keyword("aufhoren", Common),
    keyword("aufhoeren", Common),
    keyword("ende", Common),
    // Portuguese
    keyword("sair", Common),
    keyword("pare", Common),
    keyword("descadastrar", Plain),
    keyword("parem", Common),
];

const CONSENT: &[&str] =
    &["start", "unstop", "alta", "comenzar", "iniciar", "commencer", "reprendre", "anmelden"];

/// The keyword that these letters spell.
pub(super) fn opt_out(letters: &str) -> Option<Keyword> {
    OPT_OUT.iter().copied().find(|keyword| keyword.folded == letters)
}

/// Returns whether these letters spell a consent.
pub(super) fn is_consent(letters: &str) -> bool {
    CONSENT.contains(&letters)
}

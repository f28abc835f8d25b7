//! Phrases that ask to be left alone.
//!
//! A phrase is a list of words: `a|b` is one of them, `a?` may be left out, and `^` before the first
//! stands for the whole text, apart from courtesies.

use super::keywords::{self, Weight};

/// The answer to whether a text asks to be left alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asks {
    Plainly,
    /// A phrase is there, within a question, a negation or a condition.
    Perhaps,
    Nothing,
}

const PHRASES: &[&str] = &[
    // English
    "stop|quit calling|texting|messaging|contacting|emailing|spamming|bothering|harassing|phoning me|us|this|here|these|now|please|already",
    "^ stop|quit calling|texting|messaging|contacting|spamming|bothering|harassing|phoning",
    "stop sending me|us|this|these|texts|messages|sms",
    "stop the|these|your|all texts|messages|calls|sms",
    "^ stop it|this|that",
    "dont|never call|text|message|contact|phone|ring|email|sms me|us|this|again|anymore",
    "^ dont|never call|text|message|contact|disturb",
    "dont send me|us any? more? texts|messages|sms|text|anything",
    "i|we? dont want to? get|receive|any|more|further any? more? of? these? your? texts|messages|calls|sms",
    "i|we? dont want to be called|contacted|texted|messaged",
    "i|we? dont want you to call|text|contact|message me|us",
    "no more texts|messages|calls|sms",
    "^ no more",
    "i|we? no longer want|wish to? be|receive|get contacted|called|texted|calls|texts|messages|these|your",
    "take|remove|get|delete|drop me|us|my|this name|number|phone? number? off|from|of out? of? the|your|this|ur|all|any calling|call|contact|text|mailing|marketing|sms|phone|dnc? list|lists|database|system|records",
    "take|remove|get|delete me|us off|from|of the|your|this|ur|all|any? calling|call|contact|text|mailing|marketing|sms|phone? list|lists|database|system|records",
    "^ take me off",
    "^ remove me|us",
    "remove|delete|lose|forget my|this number",
    "put|add me on|to the|your? dont call|contact list|registry?",
    "opt me out",
    "i|we? want|like|wish to opt out",
    "^ i? opt out",
    "unsubscribe me|us|from",
    "i|we? want|like|wish to unsubscribe",
    "leave me|us alone",
    "i revoke|withdraw|cancel my? consent|permission",
    // Spanish
    "no me|nos llame|llamen|llames|escriba|escriban|escribas|mande|manden|mandes|envie|envien|envies|contacte|contacten|contactes|moleste|molesten|molestes",
    "deje|dejen|deja|pare|paren de llamar|llamarme|llamarnos|escribir|escribirme|enviar|enviarme|mandar|mandarme|molestar|molestarme|contactar|contactarme",
    "no quiero|deseo recibir? mas mensajes|llamadas|sms|textos",
    "no quiero|deseo recibir mas?",
    "no quiero|deseo que me llamen|llame|escriban|escriba|contacten|contacte|molesten",
    "borrenme|borreme|quitenme|quiteme|eliminenme|elimineme|saquenme|saqueme de la|su|esta|sus|las lista|listas",
    "borren|borre|eliminen|elimine|quiten|quite mi numero",
    "darme|deme|denme|dame|dar|quiero de? baja",
    // French
    "ne? mappelez|mappelle|mecrivez|menvoyez|mecris|menvoie plus",
    "ne? me contactez|derangez|telephonez|contacte|derange plus",
    "arretez|cessez|arrete de? me|mappeler|mecrire|menvoyer|mharceler contacter|appeler|ecrire|envoyer|deranger|telephoner|harceler",
    "arretez|cessez|arrete de mappeler|mecrire|menvoyer|mharceler",
    "retirez|supprimez|enlevez|effacez moi|mon de|numero",
    "desabonnez|desinscrivez|desabonne|desinscris moi",
    "ne? veux|souhaite|desire plus recevoir|etre",
    "laissez moi tranquille",
    // German
    "rufen sie mich|uns bitte? nicht|nie mehr|wieder an",
    "ruft|ruf mich|uns bitte? nicht|nie mehr|wieder an",
    "keine anrufe|sms|nachrichten|werbung|anrufen mehr",
    "^ bitte? melden sie mich ab",
    "schreiben|schreibt|kontaktieren|kontaktiert sie? mir|mich|uns bitte? nicht|nie mehr|wieder",
    "horen|hoeren sie auf mich|mir anzurufen|zu",
    "streichen|loschen|loeschen|nehmen|entfernen sie mich|meine aus|von|nummer",
    "lassen sie|lasst mich in ruhe",
    // Portuguese
    "nao me|nos ligue|liguem|escreva|mande|mandem|envie|enviem|contate|contatem",
    "pare|parem de me? ligar|mandar|enviar|escrever|contatar",
    "nao quero mais? receber mais? mensagens|ligacoes",
];

/// Beginnings of a question. "Can you …" asks for something, and is none.
const QUESTIONS: &[&str] = &[
    "why|what|how|when|where|who|which|whats|hows|whens|wheres|whos|whom|if|unless",
    "do|does|did|is|are|am|was|were|should|shall|can|could|may|must|would|will i|we|it|he|she|they",
    "do|does|did|is|are|was|were you|this|that|there|my|your|anyone|someone|people",
    "por que",
    "como|cuando|donde|quien|cual|cuanto|que|si|puedo|debo|podria",
    "pourquoi|comment|quand|ou|qui|combien|quel|quelle|estce",
    "est ce",
    "puis|dois|peut je|on",
    "warum|wieso|weshalb|wie|wann|wo|wer|welche|wenn|falls",
    "kann|soll|darf|muss ich|man|wir",
    "quando|onde|quem|qual|posso|devo",
];

/// Words before a phrase that make it the opposite, or the story of someone else.
const NEGATIONS: &[&str] = &[
    "cant", "cannot", "dont", "wont", "never", "not", "couldnt", "doesnt", "didnt", "wouldnt",
    "shouldnt", "they", "he", "she", "it", "you", "i", "we", "people", "nunca", "nicht", "jamais",
    "pas",
];

/// Words after which a phrase holds for some time, some topic or some way alone.
const CONDITIONS: &[&str] = &[
    "before", "after", "until", "till", "unless", "if", "when", "while", "during", "at", "about",
    "but", "today", "tonight", "tomorrow", "yet", "except", "early", "late", "back", "because",
    "antes", "despues", "hasta", "si", "cuando", "hoy", "manana", "pero", "sobre", "avant",
    "apres", "jusqua", "quand", "demain", "mais", "vor", "nach", "bis", "wenn", "heute", "morgen",
    "aber", "ate", "depois",
];

/// Words that say nothing beside a request.
const COURTESIES: &[&str] = &[
    "please",
    "pls",
    "plz",
    "plse",
    "now",
    "thanks",
    "thank",
    "you",
    "thx",
    "ty",
    "ok",
    "okay",
    "yes",
    "hi",
    "hello",
    "hey",
    "immediately",
    "already",
    "just",
    "sir",
    "por",
    "favor",
    "gracias",
    "ya",
    "ahora",
    "hola",
    "sil",
    "te",
    "vous",
    "plait",
    "svp",
    "merci",
    "bitte",
    "danke",
    "sofort",
    "obrigado",
];

/// Reads whether the words of a text ask to be left alone.
pub(super) fn asks(words: &[String]) -> Asks {
    let words = &joined(words);
    let is_courtesy = |word: &&String| COURTESIES.contains(&word.as_str());
    let core: Vec<String> = words.iter().filter(|word| !is_courtesy(word)).cloned().collect();
    if is_plain_keyword(&core) {
        return Asks::Plainly;
    }
    let is_question = QUESTIONS.iter().any(|question| matched(question, &core).is_some());
    let mut asks = Asks::Nothing;
    for phrase in PHRASES {
        match found(phrase, words, &core) {
            Asks::Plainly if !is_question => return Asks::Plainly,
            Asks::Nothing => {}
            Asks::Plainly | Asks::Perhaps => asks = Asks::Perhaps,
        }
    }
    asks
}

/// The words, "do not" as the one word "dont".
fn joined(words: &[String]) -> Vec<String> {
    let mut joined: Vec<String> = Vec::with_capacity(words.len());
    for word in words {
        match joined.last_mut().filter(|last| *last == "do" && word == "not") {
            Some(last) => "dont".clone_into(last),
            None => joined.push(word.clone()),
        }
    }
    joined
}

/// Returns whether nothing but keywords is left, none of them a common word.
fn is_plain_keyword(core: &[String]) -> bool {
    let is_plain = |letters: &str| {
        keywords::opt_out(letters).is_some_and(|keyword| keyword.weight == Weight::Plain)
    };
    !core.is_empty() && (is_plain(&core.concat()) || core.iter().all(|word| is_plain(word)))
}

/// Looks for a phrase in a text, or in its core if it must be the whole of it.
fn found(phrase: &str, words: &[String], core: &[String]) -> Asks {
    if let Some(whole) = phrase.strip_prefix("^ ") {
        let is_whole = matched(whole, core).is_some_and(<[String]>::is_empty);
        return if is_whole { Asks::Plainly } else { Asks::Nothing };
    }
    let mut asks = Asks::Nothing;
    for start in 0..words.len() {
        let Some(rest) = matched(phrase, &words[start..]) else { continue };
        let is_negated = words[..start].last().is_some_and(|it| NEGATIONS.contains(&it.as_str()));
        // "At all" is no time.
        let mut rest = rest
            .strip_prefix(["at".to_owned(), "all".to_owned()].as_slice())
            .unwrap_or(rest)
            .iter();
        let is_bound = rest.any(|word| CONDITIONS.contains(&word.as_str()));
        if !is_negated && !is_bound {
            return Asks::Plainly;
        }
        asks = Asks::Perhaps;
    }
    asks
}

/// The words after a phrase, if the text begins with it.
fn matched<'a>(phrase: &str, words: &'a [String]) -> Option<&'a [String]> {
    let (first, others) = phrase.split_once(' ').unwrap_or((phrase, ""));
    if first.is_empty() {
        return Some(words);
    }
    let (choices, is_optional) = first.strip_suffix('?').map_or((first, false), |it| (it, true));
    let taken = words.split_first().filter(|(word, _)| choices.split('|').any(|it| it == *word));
    let taken = taken.and_then(|(_, rest)| matched(others, rest));
    taken.or_else(|| if is_optional { matched(others, words) } else { None })
}

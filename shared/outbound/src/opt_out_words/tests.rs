use proptest::prelude::*;

use super::*;

/// The keywords of the FCC, Twilio and AWS, as they publish them.
const PUBLISHED: &str = "STOP QUIT END REVOKE OPT-OUT OPTOUT CANCEL UNSUBSCRIBE STOPALL ARRET \
                         ARRETE ARRETT REMOVE TD";

/// A second reader of exact words, which shares nothing with the first: letters of Western Europe by
/// a table, against the published list.
fn is_published(text: &str) -> bool {
    const PLAIN: [(&str, char); 6] = [
        ("ÀÁÂÃÄÅàáâãäå", 'A'),
        ("ÈÉÊËèéêë", 'E'),
        ("ÌÍÎÏìíîï", 'I'),
        ("ÒÓÔÕÖòóôõö", 'O'),
        ("ÙÚÛÜùúûü", 'U'),
        ("Ññ", 'N'),
    ];
    let plain = |c: char| {
        let known = PLAIN.iter().find(|(accented, _)| accented.contains(c));
        known.map_or(c.to_ascii_uppercase(), |(_, plain)| *plain)
    };
    let letters: String = text.chars().map(plain).filter(|c| c.is_alphanumeric()).collect();
    PUBLISHED.split(' ').any(|keyword| keyword.replace('-', "") == letters)
}

fn wish(text: &str) -> &'static str {
    Wish::of(text).as_str()
}

#[test]
fn published_keywords_are_opt_outs_in_any_spelling() {
    for keyword in PUBLISHED.split(' ') {
        assert_eq!(wish(keyword), "opt_out", "{keyword}");
        assert_eq!(wish(&format!(" \u{a0}{}!! 🛑\n", keyword.to_lowercase())), "opt_out");
    }
    for text in [
        "Stop.",
        "\"STOP\"",
        "s t o p",
        "S.T.O.P",
        "ＳＴＯＰ",
        "St\u{f6}p",
        "ST\u{200b}OP",
        "opt out",
        "Opt-Out",
        "stop all",
        "Arrêt",
        "ARRE\u{302}T",
        "Arrêtez",
        "stopp",
        "Abmelden!",
        "BAJA",
        "¡Alto!",
        "no más",
        "désabonner",
        "aufhören",
        "𝗦𝗧𝗢𝗣",
        "Stop\u{fe0f}",
    ] {
        assert_eq!(wish(text), "opt_out", "{text}");
    }
}

#[test]
fn plain_requests_in_other_words_are_inferred() {
    for text in [
        "please stop",
        "Stop please!",
        "STOP STOP STOP",
        "stop, thanks",
        "ok unsubscribe",
        "please stop calling me",
        "Take me off your list",
        "do not text me again",
        "Don't call me anymore",
        "don\u{2019}t text me",
        "I don't want any more texts",
        "leave me alone",
        "can you please stop texting me",
        "remove my number from your database",
        "Stop it",
        "remove me from the list",
        "I want to opt out",
        "unsubscribe me please",
        "opt me out",
        "i revoke my consent",
        "lose my number",
        "stop sending me messages",
        "never call me again",
        "Put me on your do not call list",
        "stop calling me at all",
        "no me llamen",
        "No me llamen más por favor",
        "deje de llamarme",
        "quiero darme de baja",
        "ya no me escriban",
        "ne m'appelez plus",
        "Arrêtez de m'appeler",
        "désabonnez-moi",
        "Rufen Sie mich nicht mehr an",
        "keine SMS mehr bitte",
        "não me liguem",
    ] {
        assert_eq!(wish(text), "inferred", "{text}");
    }
}

#[test]
fn what_may_mean_something_else_goes_to_a_person() {
    for text in [
        "I can't stop thinking about it",
        "cancel my appointment",
        "Why don't you stop calling me",
        "don't stop texting me",
        "don't call me before 9",
        "stop calling me until monday",
        "do I text STOP to unsubscribe?",
        "please cancel",
        "yes cancel",
        "They do not call me anymore",
        "how do I opt out",
        "How to get me off the list?",
        "where must I ask to remove my number",
        "where is the bus stop",
        "END of story",
        "never call me if it rains",
    ] {
        assert_eq!(wish(text), "doubtful", "{text}");
    }
}

#[test]
fn other_texts_are_no_opt_outs() {
    for text in [
        "",
        "🛑",
        "Where is my order?",
        "yes",
        "thanks!",
        "I need it by the end of the month",
        "stopwatch",
        "weekend",
        "please call me back",
        "endless",
        "text me the address",
        "HELP",
        "info",
        "¿Cuándo llega mi pedido?",
        "Mi presupuesto es más baja que antes, gracias por todo",
    ] {
        assert_eq!(wish(text), "none", "{text}");
    }
    for text in ["START", "unstop", "Start.", "alta"] {
        assert_eq!(wish(text), "consent", "{text}");
    }
    assert_eq!(wish("YES"), "none", "an answer to any question");
    assert_eq!(wish("please start my order"), "none");
}

#[test]
fn a_long_text_is_a_story() {
    let story = format!("{} please stop calling me", "and then ".repeat(40));
    assert_eq!(wish(&story), "doubtful");
}

/// Texts of the words that matter, and of others.
fn text() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        prop::sample::select(vec![
            "stop", "STOP", "Arrêt", "opt", "out", "cancel", "end", "please", "don't", "me",
            "call", "calling", "take", "off", "list", "before", "why", "start", "no", "llamen",
            "straße",
        ])
        .prop_map(str::to_owned),
        "[a-zäéñßA-Z0-9]{1,7}",
    ];
    prop::collection::vec(word, 0..8).prop_map(|words| words.join(" "))
}

proptest! {
    #[test]
    fn case_spaces_and_punctuation_change_nothing(
        text in text(),
        before in "[ .,;!?¡¿\u{a0}🙂]{0,3}",
        between in "[ .,;!?\u{a0}🙂\n]{1,3}",
    ) {
        let plain = Wish::of(&text);
        prop_assert_eq!(Wish::of(&text.to_uppercase()), plain);
        prop_assert_eq!(Wish::of(&text.to_lowercase()), plain);
        let other = format!("{before}{}{between}", text.replace(' ', &between));
        prop_assert_eq!(Wish::of(&other), plain);
    }

    #[test]
    fn what_is_published_is_read_as_a_second_reader_does(
        text in prop_oneof![text(), "[STOPstopENDé -]{1,6}", "\\PC{0,20}"],
    ) {
        let is_exact = matches!(Wish::of(&text), Wish::OptOut { .. });
        prop_assert!(is_exact || !is_published(&text), "{}", text);
    }

    #[test]
    fn a_long_text_is_never_a_keyword(words in prop::collection::vec("[a-z]{2,8}", 12..40)) {
        let wish = Wish::of(&words.join(" "));
        prop_assert!(!matches!(wish, Wish::OptOut { .. } | Wish::Consent), "{:?}", wish);
    }

    #[test]
    fn a_text_without_any_word_of_a_request_states_none(text in "[0-9 .,!?]{0,40}") {
        prop_assert_eq!(Wish::of(&text), Wish::None);
    }
}

//! Opt-outs in words.

use bolero::check;
use outbound::opt_out_words::Wish;

/// 47 CFR 64.1200(a)(10).
const KEYWORDS: [&str; 7] = ["stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe"];
const AROUND: [&str; 8] = ["", " ", ".", "!", "\n", "...", "\u{1F621}", "\u{A0}"];

#[test]
fn a_keyword_is_an_opt_out_however_it_is_written() {
    check!().with_type::<(u8, u32, u8, u8)>().for_each(|(keyword, capitals, before, after)| {
        let keyword = KEYWORDS[usize::from(*keyword) % KEYWORDS.len()];
        let written = |(index, character): (usize, char)| {
            let is_capital = ((capitals >> (index % 32)) & 1) == 1;
            if is_capital { character.to_ascii_uppercase() } else { character }
        };
        let keyword: String = keyword.chars().enumerate().map(written).collect();
        let around = |index: &u8| AROUND[usize::from(*index) % AROUND.len()];
        let text = format!("{}{keyword}{}", around(before), around(after));
        assert!(matches!(Wish::of(&text), Wish::OptOut { .. }), "{text:?}");
    });
}

/// What people write to a contact center, in any order.
const WORDS: [&str; 20] = [
    "stop", "please", "do", "not", "call", "me", "again", "yes", "no", "start", "the", "end", "of",
    "cancel", "my", "order", "text", "?", "don't", "1",
];

/// Neither its case nor what is around it makes another wish of a text.
#[test]
fn a_text_has_one_wish_however_it_is_written() {
    check!().with_type::<Vec<u8>>().for_each(|picks| {
        let words = picks.iter().take(12).map(|pick| WORDS[usize::from(*pick) % WORDS.len()]);
        let text = words.collect::<Vec<_>>().join(" ");
        let shouted = format!(" {}\n", text.to_uppercase());
        assert_eq!(Wish::of(&text), Wish::of(&shouted), "{text:?}");
    });
}

//! Text that a terminal shows and does not obey.
//!
//! Senders choose ids and bodies, and people read them at terminals: in a log, in a dead letter. An
//! escape sequence in one could clear the screen, forge a line or set the clipboard.

/// Returns whether a terminal obeys a character instead of showing it: controls, ends of lines and
/// paragraphs, and marks that change the direction of what follows.
pub fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{61C}' | '\u{200E}' | '\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}'
        )
}

/// A text on one line, with U+FFFD for what a terminal would obey.
pub fn printable(text: &str) -> String {
    let shown = |c: char| if is_obeyed(c) { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().map(shown).collect()
}

#[cfg(test)]
mod tests {
    use icu_properties::{
        CodePointMapData, CodePointSetData,
        props::{BidiControl, GeneralCategory},
    };

    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_what_unicode_calls_controls() {
        let (categories, directions) =
            (CodePointMapData::<GeneralCategory>::new(), CodePointSetData::new::<BidiControl>());
        for character in '\0'..=char::MAX {
            let is_control = matches!(
                categories.get(character),
                GeneralCategory::Control
                    | GeneralCategory::LineSeparator
                    | GeneralCategory::ParagraphSeparator
            );
            let expected = is_control || directions.contains(character);
            assert_eq!(is_obeyed(character), expected, "{character:?}");
        }
    }

    #[test]
    fn a_text_stays_on_its_line_and_keeps_what_can_be_seen() {
        let text = "evt-\u{1b}[2J\r\n\u{9b}31m\u{202e}1 – naïve";
        assert_eq!(printable(text), "evt-\u{fffd}[2J\u{fffd}\u{fffd}\u{fffd}31m\u{fffd}1 – naïve");
    }
}

use proptest::prelude::*;

use super::*;

#[test]
fn numbers_in_words_are_masked_however_they_are_written() {
    for (text, shown) in [
        ("contacts[3].phoneNumber +12025550198 is", "contacts[3].phoneNumber +1202***0198 is"),
        (r#""also": "(202) 555-0198" }"#, r#""also": "***" }"#),
        ("call 2025550198.", "call ***."),
        ("tel:+1-202-555-0198;ext=5", "tel:+1202***0198;ext=5"),
        ("+1\u{a0}202\u{2011}555\u{2011}0198", "+1202***0198"),
        ("\u{ff0b}\u{ff11}\u{ff12}\u{ff10}\u{ff12}\u{ff15}\u{ff15}\u{ff15}", "\u{ff0b}***"),
        ("code 4001, limit 100", "code 4001, limit 100"),
    ] {
        assert_eq!(mask_words(text), shown);
    }
}

#[test]
fn dates_uuids_and_digests_stay() {
    for text in [
        "such as 2026-03-10T14:30:00-04:00",
        "expires on 2026-03-10, not before",
        "contact 12345678-1234-5678-9012-123456789012 is unknown",
        "optout-webhook#44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a",
    ] {
        assert_eq!(mask_words(text), text);
    }
}

#[test]
fn a_number_that_begins_like_a_date_is_masked() {
    for text in ["2025-05-0198", "2025-05-01-98", "2025-99-01", "12025-05-0198"] {
        assert!(mask_words(text).contains("***"), "{text}");
    }
}

#[test]
fn email_addresses_are_masked_on_both_sides() {
    for (text, shown) in [
        ("jane.doe+x@example.com refused", "***@*** refused"),
        ("<jane@example.com>, <joe@example.org>", "<***@***>, <***@***>"),
        ("jos\u{e9}@b\u{fc}cher.example", "***@***"),
        ("@ home, a@ b, @c", "@ home, a@ b, @c"),
    ] {
        assert_eq!(mask_words(text), shown);
    }
}

#[test]
fn a_number_inside_an_id_is_masked_and_the_id_can_still_be_searched_for() {
    for (id, shown) in [
        ("optout-+12025550110", "optout-+1202***0110"),
        ("optout-12025550110-7", "optout-12025***1107"),
        ("evt-20260302-1", "evt-20260302-1"),
        ("987654321", "987654321"),
        ("+4930123", "***"),
        ("jane@example.com", "***@***"),
        ("0f7c1a2e-1111-2222-3333-444444444444", "0f7c1a2e-1111-2222-3333-444444444444"),
    ] {
        assert_eq!(mask_id(id), shown);
    }
}

proptest! {
    #[test]
    fn no_number_is_left_in_clear(
        before in "\\PC{0,40}",
        number in "\\+?[1-9][0-9]{6,14}",
        after in "\\PC{0,40}",
    ) {
        // Between letters and digits it might be part of a digest, which is no number.
        let shown = mask_words(&format!("{before} {number} {after}"));
        prop_assert!(!shown.contains(&number), "{shown}");
    }

    #[test]
    fn no_e164_number_is_left_in_clear_in_an_id(
        before in "[a-z]{0,8}[-_:#]?",
        number in "\\+[1-9][0-9]{6,14}",
        after in "([-_:#][a-z0-9]{0,8})?",
    ) {
        let shown = mask_id(&format!("{before}{number}{after}"));
        prop_assert!(!shown.contains(&number), "{shown}");
    }

    #[test]
    fn no_address_is_left_in_clear(name in "[a-z0-9.]{1,12}", host in "[a-z0-9]{1,12}\\.(com|example)") {
        let address = format!("{name}@{host}");
        let shown = mask_words(&format!("to {address}, again"));
        prop_assert!(!shown.contains(&address), "{}", shown);
    }

    #[test]
    fn a_text_without_digits_or_at_signs_stays(text in "[^@\\p{N}]{0,60}") {
        prop_assert_eq!(mask_words(&text), text);
    }
}

use proptest::{prelude::*, sample::select};

use super::{InvalidNumber::*, *};

/// Numbers of many plans: with and without a trunk prefix, one that belongs to the number, several
/// countries of one code, one that no country has, and lengths from 7 to 15 digits.
const NUMBERS: [&str; 20] = [
    "+12025550198",
    "+18765550123",
    "+442079460018",
    "+447400123456",
    "+4930123456",
    "+4917604069042",
    "+390669812345",
    "+393931234567",
    "+5511912345678",
    "+5491123456789",
    "+525512345678",
    "+8613800138000",
    "+81312345678",
    "+911140001234",
    "+27112345678",
    "+358101234567",
    "+2250707123456",
    "+4545423659",
    "+6904200",
    "+80012345678",
];
const REGIONS: [&str; 10] = ["US", "GB", "DE", "BR", "IT", "JP", "RU", "CI", "AU", "HU"];
/// A default region, and a number as it is written there.
const NATIONAL: [(&str, &str); 8] = [
    ("US", "(202) 555-0198"),
    ("GB", "020 7946 0018"),
    ("DE", "030 123456"),
    ("DE", "3012345678"),
    ("AT", "0664 123456"),
    ("BR", "(11) 91234-5678"),
    ("IT", "06 698 12345"),
    ("JP", "03-1234-5678"),
];

fn read(text: &str, region: &str) -> Result<String, InvalidNumber> {
    E164::parse(text, region.parse().expect(region)).map(String::from)
}

fn us(text: &str) -> Result<String, InvalidNumber> {
    read(text, "US")
}

fn all_read_as(right: &str, region: &str, texts: &[&str]) {
    for text in texts {
        assert_eq!(read(text, region), Ok(right.to_owned()), "{text:?} in {region}");
    }
}

#[test]
fn one_number_is_read_from_many_spellings() {
    all_read_as(
        "+12025550198",
        "US",
        &[
            "+12025550198",
            "2025550198",
            "(202) 555-0198",
            "202.555.0198",
            "202\u{2022}555\u{2022}0198",
            "202/555-0198",
            "1-202-555-0198",
            "+1202-555-0198",
            "+1 202 555 0198",
            "+1.2025550198",
            "+1 (202) 555-0198",
            "[202] 555 0198",
            "(+1) 202 555 0198",
            "+1 (2025550198)",
            "  +1 (202) 555-0198 \r\n",
            "2025550198.",
            "2025550198,",
            "202 555\t0198",
        ],
    );
}

#[test]
fn a_number_is_found_in_its_address_and_behind_its_label() {
    all_read_as(
        "+12025550198",
        "US",
        &[
            "tel:+1-202-555-0198",
            "TEL:2025550198",
            "tel:2025550198;phone-context=+1",
            "tel:555-0198;phone-context=+1-202",
            "tel:+12025550198;isub=1234;ext=5",
            "tel:+1-202-555-0198;phone-context=+44",
            "whatsapp:+12025550198",
            "Mobile: 202-555-0198",
            "Tel.: (202) 555-0198",
            "Anna Müller +1 202 555 0198",
            "\"Anna\" <tel:+1-202-555-0198>",
            "Anna <2025550198>",
            "<+12025550198>",
        ],
    );
    all_read_as("+442079460018", "US", &["tel:020-7946-0018;phone-context=+44"]);
}

#[test]
fn what_is_dialed_after_the_answer_is_dropped() {
    all_read_as(
        "+12025550198",
        "US",
        &[
            "+1 202-555-0198 ext. 7",
            "+12025550198;ext=5",
            "2025550198x123",
            "202-555-0198 X 123",
            "202-555-0198, ext 123",
            "202-555-0198 (extension 7)",
            "202-555-0198 extensi\u{f3}n 7",
            "202-555-0198#123",
            "+12025550198,,123#",
            "+12025550198;123",
            "+12025550198,1,,22*#",
            "+12025550198#",
        ],
    );
}

#[test]
fn digits_marks_and_spaces_of_other_scripts_are_read() {
    all_read_as(
        "+12025550198",
        "US",
        &[
            "+1\u{a0}202\u{2011}555\u{2011}0198",
            "+1\u{202f}202\u{2013}555\u{2212}0198",
            "\u{ff0b}\u{ff11}\u{ff12}\u{ff10}\u{ff12}\u{ff15}\u{ff15}\u{ff15}\u{ff10}\u{ff11}\u{ff19}\u{ff18}",
            "\u{ff08}202\u{ff09}555\u{ff0d}0198",
            "+\u{661}\u{662}\u{660}\u{662}\u{665}\u{665}\u{665}\u{660}\u{661}\u{669}\u{668}",
            "\u{feff}+1202555\u{200b}0198\u{200e}",
            "\u{202a}+12025550198\u{202c}",
            "202\u{ad}555\u{ad}0198",
            "202\u{30fc}555\u{30fc}0198",
            "1\u{fe0f}2025550198",
        ],
    );
}

#[test]
fn a_national_number_is_read_in_its_region() {
    all_read_as("+442079460018", "GB", &["020 7946 0018", "20 7946 0018", "442079460018"]);
    all_read_as("+4930123456", "DE", &["030 123456", "030/123456", "030 - 12 34 56", "30123456"]);
    all_read_as("+390669812345", "IT", &["06 698 12345"]);
    all_read_as("+5511912345678", "BR", &["0 15 11 91234-5678", "(11) 91234-5678"]);
    all_read_as("+78001234567", "RU", &["+7 800 123-45-67", "8 (800) 123-45-67"]);
}

#[test]
fn a_national_number_may_begin_like_its_country_code() {
    all_read_as("+393931234567", "IT", &["393 123 4567"]);
    all_read_as("+393903598289", "IT", &["390 359 8289"]);
    all_read_as("+4545423659", "DK", &["45 42 36 59"]);
    all_read_as("+6565410533", "SG", &["6541 0533"]);
    all_read_as("+48485520996", "PL", &["48 552 09 96"]);
}

#[test]
fn a_country_code_overrules_the_region() {
    for (text, right) in [
        ("+4917604069042", "+4917604069042"),
        ("+8613800138000", "+8613800138000"),
        ("+5511912345678", "+5511912345678"),
        ("+911140001234", "+911140001234"),
        ("+441174960018", "+441174960018"),
        ("+44 (0)20 7946 0018", "+442079460018"),
        ("+44(0)2079460018", "+442079460018"),
        // Without the bracket it would be a number in Berlin.
        ("+49 (89) 30901820", "+498930901820"),
        ("+44207-946-0018", "+442079460018"),
        ("+27 11 234 5678", "+27112345678"),
        ("+358 10 123 4567", "+358101234567"),
        ("+39 06 698 12345", "+390669812345"),
        ("+39 (0)6 698 12345", "+390669812345"),
        ("+800 1234 5678", "+80012345678"),
        ("+2250707123456", "+2250707123456"),
        ("+55900101001", "+55900101001"),
    ] {
        for region in REGIONS {
            assert_eq!(read(text, region), Ok(right.to_owned()), "{text} in {region}");
        }
    }
}

#[test]
fn the_international_prefix_is_that_of_the_region() {
    assert_eq!(read("00 1 202 555 0198", "GB"), Ok("+12025550198".into()));
    assert_eq!(read("011 44 20 7946 0018", "US"), Ok("+442079460018".into()));
    assert_eq!(read("010 1 202 555 0198", "JP"), Ok("+12025550198".into()));
    assert_eq!(read("0044 (0)20 7946 0018", "DE"), Ok("+442079460018".into()));
    assert_eq!(us("00442079460018"), Err(NotAssignable));
}

#[test]
fn a_plus_sign_before_a_national_number_does_not_make_it_one() {
    for text in ["+030 123456", "+0049 30 123456"] {
        assert_eq!(read(text, "DE"), Err(NotAssignable), "{text}");
    }
}

#[test]
fn a_toll_free_number_may_end_in_a_word() {
    assert_eq!(us("1-800-FLOWERS"), Ok("+18003569377".into()));
    assert_eq!(us("+1 (800) flowers"), Ok("+18003569377".into()));
    assert_eq!(us("1-888-4-A-CHILD"), Ok("+18884224453".into()));
    for text in ["202-555-HOME", "202 GO-FEDEX", "1-800 AB55501"] {
        assert_eq!(us(text), Err(TrailingText), "{text}");
    }
}

#[test]
fn what_follows_a_number_is_never_read_into_it() {
    for (region, text) in [
        ("DE", "030 123456 (cell)"),
        ("DE", "030 123456 cell"),
        ("DE", "030 123456 home"),
        ("DE", "030 123456p123"),
        ("DE", "030 123456 (2)"),
        ("DE", "030 123 (2)"),
        ("DE", "030 123456/57"),
        ("DE", "030 123456 v2"),
        ("DE", "3012345678.0"),
        ("DE", "3012345678.5"),
        ("DE", "3012345678.125"),
        ("DE", "4930123456.0"),
        ("DE", "303456.0"),
        ("DE", "030 123456.12"),
        ("DE", "+4930123456.0"),
        ("AT", "0664 123456 DNC"),
        ("AT", "0800 123 home"),
        ("US", "2025550198@example.com"),
        ("US", "2025550198;evil=1"),
        ("US", "2025550198;phone-context=example.com"),
    ] {
        assert_eq!(read(text, region), Err(TrailingText), "{text} in {region}");
    }
}

#[test]
fn two_numbers_are_refused() {
    for text in [
        "2025550198;2025550199",
        "2025550198,2025550199",
        "2025550198 or 2025550199",
        "2025550198\n2025550199",
        "2025550198 +12025550199",
        "2025550198x2025550199",
        "+12025550198+12025550199",
        "2025550198 <2025550199>",
    ] {
        assert_eq!(us(text), Err(SeveralNumbers), "{text}");
    }
    for text in
        ["069 12345/12346", "40123/40124", "030 1234567 / 030 1234568", "030 123456, 654321"]
    {
        assert!(read(text, "DE").is_err(), "{text}");
    }
}

#[test]
fn a_bracketed_zero_that_may_belong_to_the_number_is_refused() {
    assert_eq!(us("+241 (0)6 03 12 34"), Err(Ambiguous));
    for text in ["+39 (0)333 123 4567", "(+39) (0)333 123 4567"] {
        assert_eq!(us(text), Ok("+393331234567".into()), "{text}");
    }
    assert!(us("(0)202 555 0198").is_err(), "it follows no country code");
}

#[test]
fn e164_is_never_changed() {
    for text in ["+4402079460018", "+4903012345678", "+111202555019", "+541115123456789"] {
        assert!(us(text).is_err(), "{text}");
    }
    assert_eq!(us("+44 020 7946 0018"), Ok("+442079460018".into()));
}

#[test]
fn what_is_no_number_is_refused_with_the_reason() {
    for text in [
        "",
        " ",
        "call me",
        "+",
        "()",
        "bob2025550198",
        "-2025550198",
        "49+30123456",
        "Ext: 5 030 123456",
        "ext. 5 030 123456",
    ] {
        assert_eq!(us(text), Err(NotANumber), "{text}");
    }
    for text in ["12", "911", "+1 555 0100", "+22901123456", "+0049 30 123456", "+999 1234567"] {
        assert_eq!(us(text), Err(NotAssignable), "{text}");
    }
    assert_eq!(us("+989601"), Err(NotE164));
    assert_eq!(us(&"2".repeat(65)), Err(TooLong));
}

#[test]
fn no_reason_repeats_the_number() {
    for text in ["+4402079460018", "2025550198;2025550199", "2025550198 home", "+241 (0)6 03 12 34"]
    {
        let reason = us(text).expect_err(text).to_string();
        assert!(!reason.contains("0018") && !reason.contains("0198"), "{reason}");
    }
}

#[test]
fn a_number_is_masked_wherever_it_is_shown() {
    let number = E164::parse("+12025550198", Region::US).expect("a valid number");
    assert_eq!(number.to_string(), "+1202***0198");
    assert_eq!(format!("{number:?}"), "E164(+1202***0198)");
    assert_eq!(masked("911"), "***");
}

#[test]
fn e164_is_taken_back_from_storage_as_it_is() {
    let stored: E164 = serde_json::from_str("\"+497604069042\"").expect("it was stored");
    assert_eq!(stored.as_str(), "+497604069042");
    for text in ["12025550198", "+02025550198", "+123456", "+1234567890123456", "+1202555019x"] {
        assert!(text.parse::<E164>().is_err(), "{text}");
    }
}

/// Marks that may stand between any digits of a number. A dot near the ends may be a decimal point.
fn marks() -> impl Strategy<Value = &'static str> {
    select(&[" ", "-", "\u{a0}", "\u{2011}", "\u{2013}", "\u{200b}", "\u{3000}", "  ", " - "][..])
}

/// Words that a sender may write behind a number, with digits of their own.
fn notes() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ ,;_-]{0,2}[(]?[a-wyzA-WYZ]{1,8}[)]?[ .]?[0-9]{0,4}",
        "[ ]?[(][a-z0-9 ]{1,8}[)]",
        "[ ]?[\u{e0}-\u{ff}\u{430}-\u{44f}]{1,6}",
        "[.][0-9]{1,2}",
        "[ ]?[@&|=*%!?<>_~^][ ]?[0-9a-z]{0,6}",
    ]
}

proptest! {
    #[test]
    fn a_number_with_its_country_code_reads_as_itself_in_every_region(
        number in select(&NUMBERS[..]),
        region in select(&REGIONS[..]),
        marks in prop::collection::vec(prop::option::weighted(0.3, marks()), 15),
        ends in select(&[("", ""), (" ", "\n"), ("tel:", ""), ("Tel: ", " ext. 7"), ("<", ">"), ("", "#")][..]),
    ) {
        // Not right after the plus sign, where no mark but a bracket is usual.
        let mut spelled = number[..2].to_owned();
        for (digit, mark) in number[2..].chars().zip(&marks) {
            spelled.extend(*mark);
            spelled.push(digit);
        }
        let text = format!("{}{spelled}{}", ends.0, ends.1);
        prop_assert_eq!(read(&text, region), Ok(number.to_owned()), "{:?}", text);
    }

    #[test]
    fn a_text_with_a_plus_sign_means_the_same_in_every_region(
        text in "[+][ (]?[0]{0,2}[1-9][0-9]{0,3}[ )-]{0,2}[0-9]{2,5}[ -]?[0-9]{2,6}",
        region in select(&REGIONS[..]),
        other in select(&REGIONS[..]),
    ) {
        prop_assert_eq!(read(&text, region), read(&text, other));
    }

    #[test]
    fn a_note_behind_a_number_never_makes_another(
        (region, text) in select(&NATIONAL[..]),
        note in notes(),
    ) {
        let number = read(text, region);
        prop_assert!(number.is_ok());
        let with_note = read(&format!("{text}{note}"), region);
        prop_assert!(with_note.is_err() || with_note == number, "{text}{note}: {with_note:?}");
    }

    #[test]
    fn a_second_number_is_never_swallowed(
        first in select(&NUMBERS[..]),
        second in select(&NUMBERS[..]),
        joint in select(&[";", ",", ", ", "/", " / ", "|", "\n", " or ", " and ", " & ", " ", "", "x", " (", " <"][..]),
        with_plus in any::<bool>(),
        region in select(&REGIONS[..]),
    ) {
        let second = if with_plus { second } else { &second[1..] };
        // Digits that follow each other are one number, if they are not too many.
        prop_assume!(with_plus || !matches!(joint, " " | "") || first.len() + second.len() > 17);
        let text = format!("{first}{joint}{second}");
        prop_assert!(read(&text, region).is_err(), "{text}");
    }

    #[test]
    fn what_was_read_reads_as_itself_in_every_region(
        text in prop_oneof![
            "[+]?[0-9]{3,15}",
            "[0+]{0,2}[0-9]{1,4}[ /(.-]{0,2}[0-9]{2,5}[ )/.-]{0,2}[0-9]{2,6}",
            ".{0,30}",
        ],
        region in select(&REGIONS[..]),
        other in select(&REGIONS[..]),
    ) {
        if let Ok(number) = read(&text, region) {
            prop_assert_eq!(number.parse::<E164>().map(String::from), Ok(number.clone()));
            prop_assert_eq!(read(&number, other), Ok(number.clone()), "{}", text);
        }
    }

    #[test]
    fn e164_comes_back_unchanged_or_is_refused(digits in "[1-9][0-9]{6,14}", region in select(&REGIONS[..])) {
        let text = format!("+{digits}");
        prop_assert!(read(&text, region).is_ok_and(|number| number == text) || read(&text, region).is_err());
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,80}", region in select(&REGIONS[..])) {
        let _ = read(&text, region);
    }

    #[test]
    fn a_mask_never_shows_more_than_nine_characters(text in ".{0,40}") {
        let shown = masked(&text).chars().filter(|c| *c != '*').count();
        prop_assert!(shown <= 9);
    }
}

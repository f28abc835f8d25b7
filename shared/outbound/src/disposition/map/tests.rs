use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn map(text: &str) -> DispositionMap {
    text.parse().expect("a map")
}

#[test]
fn every_code_has_its_category() {
    let map = DispositionMap::default();
    for code in 0..=9999 {
        let category = match code {
            1001..=1003 => Category::DoNotCall,
            2001..=2002 => Category::CallbackLater,
            3001..=3003 => Category::QualifiedLead,
            4001 => Category::WrongNumber,
            _ => Category::Unclassified,
        };
        assert_eq!(map.category(&code.to_string()), category, "{code}");
    }
}

#[test]
fn a_code_that_is_spelled_otherwise_is_another() {
    let map = map("0-99=do_not_call,007=wrong_number,A7=qualified_lead");
    for (code, category) in [
        ("0", Category::DoNotCall),
        ("7", Category::DoNotCall),
        ("007", Category::WrongNumber),
        ("A7", Category::QualifiedLead),
    ] {
        assert_eq!(map.category(code), category, "{code}");
    }
    for code in ["", "00", "07", "0007", "+7", "-7", "7.0", "٧", "A07", "0-99", "100"] {
        assert_eq!(map.category(code), Category::Unclassified, "{code}");
    }
}

#[test]
fn a_disposition_may_be_mapped_by_its_name() {
    let text = "Do Not Call=do_not_call,Call-back (later)=callback_later,Não ligar=do_not_call";
    let map = map(text);
    for (name, category) in [
        ("Do Not Call", Category::DoNotCall),
        ("DO NOT CALL", Category::DoNotCall),
        ("do  not\u{a0}call", Category::DoNotCall),
        ("call-BACK (Later)", Category::CallbackLater),
        ("NÃO LIGAR", Category::DoNotCall),
        ("DoNotCall", Category::Unclassified),
        ("Do Not Call Again", Category::Unclassified),
    ] {
        assert_eq!(map.category(name), category, "{name}");
    }
    assert_eq!(map.to_string(), text);
}

#[test]
fn a_number_that_is_too_large_for_a_range_is_a_single_code() {
    let code = "123456789012345678901234567890";
    let map = map(&format!("1-18446744073709551615=do_not_call,{code}=wrong_number"));
    assert_eq!(map.category("18446744073709551615"), Category::DoNotCall);
    assert_eq!(map.category(code), Category::WrongNumber);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table of cases")]
fn what_is_no_map_is_refused_with_the_place_and_what_would_be_right() {
    let texts = [
        "",
        ",",
        "4001=wrong_number,",
        "4001=wrong_number,,1=do_not_call",
        "4001",
        "4001=",
        "=wrong_number",
        "4001=wrong",
        "4001=Wrong_Number",
        "4001=wrong_number=do_not_call",
        "4001=wrong_number, 1=do_not_call",
        "4001=wrong_number;1=do_not_call",
        "1 2=do_not_call",
        "Do Not Call =do_not_call",
        "Do  Not Call=do_not_call",
        "Do\u{200b} Not Call\u{a0}=do_not_call",
        "--=do_not_call",
        "Call \"later\"=callback_later",
        "1003-1001=do_not_call",
        "1001-=do_not_call",
        "-1003=do_not_call",
        "1001-1002-1003=do_not_call",
        "01001-1003=do_not_call",
        "A1-A3=do_not_call",
        "1-18446744073709551616=do_not_call",
        "1001-1003=do_not_call,1003-1005=wrong_number",
        "1001-1003=do_not_call,1002=do_not_call",
        "5=do_not_call,1-9=wrong_number",
        "A1=do_not_call,B2=wrong_number,A1=do_not_call",
        "Do Not Call=do_not_call,DO NOT CALL=wrong_number",
    ];
    let refusals = texts.map(|text| {
        format!("{text:?}: {}", text.parse::<DispositionMap>().expect_err("it is malformed"))
    });
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    "": column 1, "": an item must be codes=category, such as 1001-1003=do_not_call
    ",": column 1, "": an item must be codes=category, such as 1001-1003=do_not_call
    "4001=wrong_number,": column 19, "": an item must be codes=category, such as 1001-1003=do_not_call
    "4001=wrong_number,,1=do_not_call": column 19, "": an item must be codes=category, such as 1001-1003=do_not_call
    "4001": column 1, "4001": an item must be codes=category, such as 1001-1003=do_not_call
    "4001=": column 1, "4001=": the category must be do_not_call, callback_later, qualified_lead, wrong_number or unclassified
    "=wrong_number": column 1, "=wrong_number": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "4001=wrong": column 1, "4001=wrong": the category must be do_not_call, callback_later, qualified_lead, wrong_number or unclassified
    "4001=Wrong_Number": column 1, "4001=Wrong_Number": the category must be do_not_call, callback_later, qualified_lead, wrong_number or unclassified
    "4001=wrong_number=do_not_call": column 1, "4001=wrong_number=do_not_call": the category must be do_not_call, callback_later, qualified_lead, wrong_number or unclassified
    "4001=wrong_number, 1=do_not_call": column 19, " 1=do_not_call": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "4001=wrong_number;1=do_not_call": column 1, "4001=wrong_number;1=do_not_call": the category must be do_not_call, callback_later, qualified_lead, wrong_number or unclassified
    "1 2=do_not_call": column 1, "1 2=do_not_call": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "Do Not Call =do_not_call": column 1, "Do Not Call =do_not_call": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "Do  Not Call=do_not_call": column 1, "Do  Not Call=do_not_call": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "Do\u{200b} Not Call\u{a0}=do_not_call": column 1, "Do\u{200b} Not Call\u{a0}=do_not_call": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "--=do_not_call": column 1, "--=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "Call \"later\"=callback_later": column 1, "Call \"later\"=callback_later": a code must be letters, digits and single spaces, such as 4001 or Do Not Call
    "1003-1001=do_not_call": column 1, "1003-1001=do_not_call": a range must not go backwards
    "1001-=do_not_call": column 1, "1001-=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "-1003=do_not_call": column 1, "-1003=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "1001-1002-1003=do_not_call": column 1, "1001-1002-1003=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "01001-1003=do_not_call": column 1, "01001-1003=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "A1-A3=do_not_call": column 1, "A1-A3=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "1-18446744073709551616=do_not_call": column 1, "1-18446744073709551616=do_not_call": a range must be two numbers without leading zeros, such as 1001-1003
    "1001-1003=do_not_call,1003-1005=wrong_number": column 23, "1003-1005=wrong_number": the codes must not overlap those of 1001-1003=do_not_call
    "1001-1003=do_not_call,1002=do_not_call": column 23, "1002=do_not_call": the codes must not overlap those of 1001-1003=do_not_call
    "5=do_not_call,1-9=wrong_number": column 15, "1-9=wrong_number": the codes must not overlap those of 5=do_not_call
    "A1=do_not_call,B2=wrong_number,A1=do_not_call": column 32, "A1=do_not_call": the codes must not overlap those of A1=do_not_call
    "Do Not Call=do_not_call,DO NOT CALL=wrong_number": column 25, "DO NOT CALL=wrong_number": the codes must not overlap those of Do Not Call=do_not_call
    "#);
}

/// Maps whose codes do not overlap, with letters so that a single one is in no range.
fn maps() -> impl Strategy<Value = DispositionMap> {
    let bounds = prop::collection::btree_set(any::<u64>(), 0..12);
    let singles = prop::collection::btree_set("[0-9]{0,3}[a-z][a-z0-9]{0,3}", 1..6);
    (bounds, singles, prop::collection::vec(categories(), 12)).prop_map(
        |(bounds, singles, categories): (BTreeSet<u64>, _, _)| {
            let bounds: Vec<u64> = bounds.into_iter().collect();
            let ranges = bounds.chunks_exact(2).map(|ends| Codes::Range(ends[0]..=ends[1]));
            let codes = ranges.chain(singles.into_iter().map(Codes::Single));
            let items = codes.zip(categories);
            DispositionMap {
                items: items.map(|(codes, category)| Item { codes, category }).collect(),
            }
        },
    )
}

fn categories() -> impl Strategy<Value = Category> {
    prop::sample::select(vec![Category::DoNotCall, Category::WrongNumber, Category::Unclassified])
}

proptest! {
    #[test]
    fn a_map_reads_back_as_it_is_shown(map in maps()) {
        prop_assert_eq!(map.to_string().parse(), Ok(map));
    }

    #[test]
    fn a_map_is_shown_as_it_was_written(
        text in "([0-9A-Z]{1,3}(-[0-9]{1,3})?=(do_not_call|wrong_number),?){1,4}|[0-9a-z_=,-]{0,30}|.{0,12}",
    ) {
        if let Ok(map) = text.parse::<DispositionMap>() {
            prop_assert_eq!(map.to_string(), text);
        }
    }

    #[test]
    fn a_range_holds_its_numbers_and_no_others(
        first in 0_u64..2000, length in 0_u64..2000, code in 0_u64..5000,
    ) {
        let last = first + length;
        let map = map(&format!("{first}-{last}=do_not_call"));
        let within = map.category(&code.to_string()) == Category::DoNotCall;
        prop_assert_eq!(within, (first..=last).contains(&code));
    }
}

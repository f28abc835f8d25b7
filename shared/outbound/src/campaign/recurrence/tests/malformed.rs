use super::*;

fn refusal(text: &str) -> String {
    text.parse::<Recurrence>().expect_err("it is malformed").to_string()
}

fn refusals<const N: usize>(texts: [&str; N]) -> String {
    texts.map(|text| format!("{text:?} at {}", refusal(text))).join("\n")
}

#[test]
fn an_expression_has_five_fields() {
    let texts = ["", "   ", "0 9 * *", "0 0 9 * * *", "0 0 9 * * mon 2026", "@daily 9"];
    insta::assert_snapshot!(refusals(texts), @r#"
    "" at column 1, "": there must be five fields: minute, hour, day of the month, month, day of the week; 0 were found
    "   " at column 4, "": there must be five fields: minute, hour, day of the month, month, day of the week; 0 were found
    "0 9 * *" at column 8, "": there must be five fields: minute, hour, day of the month, month, day of the week; 4 were found
    "0 0 9 * * *" at column 11, "*": there must be five fields: minute, hour, day of the month, month, day of the week; seconds and years are not supported
    "0 0 9 * * mon 2026" at column 11, "mon": there must be five fields: minute, hour, day of the month, month, day of the week; seconds and years are not supported
    "@daily 9" at column 8, "9": nothing may follow @daily
    "#);
}

#[test]
fn a_value_is_in_range_and_has_the_right_name() {
    let texts = [
        "60 9 * * *",
        "0 24 * * *",
        "0 9 0 * *",
        "0 9 32 * *",
        "0 9 * 13 *",
        "0 9 * 0 *",
        "0 9 * * 8",
        "0 9 * * mo",
        "0 9 * * monday",
        "0 9 * mon *",
        "0 9 * * jan",
        "+5 9 * * *",
        "-5 9 * * *",
        "1.5 9 * * *",
        "0 9 1- * *",
        "0 9 1-2-3 * *",
        "0 9 ** * *",
        "0 9 *-5 * *",
        "0 99999999999999999999 * * *",
        "0 9 * *\n *",
    ];
    insta::assert_snapshot!(refusals(texts), @r#"
    "60 9 * * *" at column 1, "60": the minute must be 0 to 59
    "0 24 * * *" at column 3, "24": the hour must be 0 to 23
    "0 9 0 * *" at column 5, "0": the day of the month must be 1 to 31
    "0 9 32 * *" at column 5, "32": the day of the month must be 1 to 31
    "0 9 * 13 *" at column 7, "13": the month must be 1 to 12, or jan to dec
    "0 9 * 0 *" at column 7, "0": the month must be 1 to 12, or jan to dec
    "0 9 * * 8" at column 9, "8": the day of the week must be 0 to 7, or sun to sat
    "0 9 * * mo" at column 9, "mo": the day of the week must be 0 to 7, or sun to sat
    "0 9 * * monday" at column 9, "monday": the day of the week must be 0 to 7, or sun to sat
    "0 9 * mon *" at column 7, "mon": the month must be 1 to 12, or jan to dec
    "0 9 * * jan" at column 9, "jan": the day of the week must be 0 to 7, or sun to sat
    "+5 9 * * *" at column 1, "+5": the minute must be 0 to 59
    "-5 9 * * *" at column 1, "": the minute must be 0 to 59
    "1.5 9 * * *" at column 1, "1.5": the minute must be 0 to 59
    "0 9 1- * *" at column 7, "": the day of the month must be 1 to 31
    "0 9 1-2-3 * *" at column 7, "2-3": the day of the month must be 1 to 31
    "0 9 ** * *" at column 5, "**": the day of the month must be 1 to 31
    "0 9 *-5 * *" at column 5, "*": the day of the month must be 1 to 31
    "0 99999999999999999999 * * *" at column 3, "99999999999999999999": the hour must be 0 to 23
    "0 9 * *\n *" at column 7, "*\n": the month must be 1 to 12, or jan to dec
    "#);
}

#[test]
fn a_range_goes_forward() {
    let texts =
        ["30-10 9 * * *", "0 22-2 * * *", "0 9 * nov-feb *", "0 9 * * fri-mon", "0 9 * * 5-0"];
    insta::assert_snapshot!(refusals(texts), @r#"
    "30-10 9 * * *" at column 1, "30-10": a range must not go backwards: write 30-59,0-10
    "0 22-2 * * *" at column 3, "22-2": a range must not go backwards: write 22-23,0-2
    "0 9 * nov-feb *" at column 7, "nov-feb": a range must not go backwards: write 11-12,1-2
    "0 9 * * fri-mon" at column 9, "fri-mon": a range must not go backwards: write 5-7,0-1
    "0 9 * * 5-0" at column 9, "5-0": a range must not go backwards: write 5-7,0-0
    "#);
}

#[test]
fn what_to_write_instead_of_a_range_that_goes_backwards_can_be_read() {
    for (instead, meant) in [
        ("0 22-23,0-2 * * *", "0 0-2,22-23 * * *"),
        ("0 9 * 11-12,1-2 *", "0 9 * 1,2,11,12 *"),
        ("0 9 * * 5-7,0-1", "0 9 * * 0,1,5,6"),
    ] {
        let week = |text| starts(text, Tz::UTC, "2026-03-09T00:00:00Z", 20);
        assert_eq!(week(instead), week(meant), "{instead}");
    }
}

#[test]
fn a_step_needs_a_range_and_fits_into_it() {
    let texts = [
        "5/15 9 * * *",
        "0 9 * * mon/2",
        "*/0 9 * * *",
        "*/61 9 * * *",
        "0 */25 * * *",
        "0 9 */32 * *",
        "0 9 * */13 *",
        "0 9 * * */8",
        "*/ 9 * * *",
        "/5 9 * * *",
        "*/5/5 9 * * *",
        "*/x 9 * * *",
    ];
    insta::assert_snapshot!(refusals(texts), @r#"
    "5/15 9 * * *" at column 1, "5/15": a step needs a range or *: write 5-59/15
    "0 9 * * mon/2" at column 9, "mon/2": a step needs a range or *: write 1-7/2
    "*/0 9 * * *" at column 3, "0": a step of the minute must be 1 to 60
    "*/61 9 * * *" at column 3, "61": a step of the minute must be 1 to 60
    "0 */25 * * *" at column 5, "25": a step of the hour must be 1 to 24
    "0 9 */32 * *" at column 7, "32": a step of the day of the month must be 1 to 31
    "0 9 * */13 *" at column 9, "13": a step of the month must be 1 to 12
    "0 9 * * */8" at column 11, "8": a step of the day of the week must be 1 to 7
    "*/ 9 * * *" at column 3, "": a step of the minute must be 1 to 60
    "/5 9 * * *" at column 1, "": the minute must be 0 to 59
    "*/5/5 9 * * *" at column 3, "5/5": a step of the minute must be 1 to 60
    "*/x 9 * * *" at column 3, "x": a step of the minute must be 1 to 60
    "#);
}

#[test]
fn the_words_of_other_dialects_are_refused_as_such() {
    let texts = [
        "0 9 ? * mon",
        "0 9 L * *",
        "0 9 L-3 * *",
        "0 9 15W * *",
        "0 9 LW * *",
        "0 9 * * 5L",
        "0 9 * * mon#2",
        "@reboot",
        "@fortnightly",
    ];
    insta::assert_snapshot!(refusals(texts), @r#"
    "0 9 ? * mon" at column 5, "?": the day of the month must be 1 to 31; ?, L, W and # are not supported
    "0 9 L * *" at column 5, "L": the day of the month must be 1 to 31; ?, L, W and # are not supported
    "0 9 L-3 * *" at column 5, "L": the day of the month must be 1 to 31; ?, L, W and # are not supported
    "0 9 15W * *" at column 5, "15W": the day of the month must be 1 to 31; ?, L, W and # are not supported
    "0 9 LW * *" at column 5, "LW": the day of the month must be 1 to 31; ?, L, W and # are not supported
    "0 9 * * 5L" at column 9, "5L": the day of the week must be 0 to 7, or sun to sat; ?, L, W and # are not supported
    "0 9 * * mon#2" at column 9, "mon#2": the day of the week must be 0 to 7, or sun to sat; ?, L, W and # are not supported
    "@reboot" at column 1, "@reboot": a campaign must start at a time, not at a reboot
    "@fortnightly" at column 1, "@fortnightly": it must be @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly
    "#);
}

#[test]
fn a_list_has_no_empty_items() {
    let texts = ["0,,30 9 * * *", ",0 9 * * *", "0 9, * * *", "0 9 , * *"];
    insta::assert_snapshot!(refusals(texts), @r#"
    "0,,30 9 * * *" at column 3, "": a list must not have empty items
    ",0 9 * * *" at column 1, "": a list must not have empty items
    "0 9, * * *" at column 5, "": a list must not have empty items
    "0 9 , * *" at column 5, "": a list must not have empty items
    "#);
}

#[test]
fn all_characters_are_ascii_and_there_are_not_too_many() {
    let long = format!("0 9 {} * *", "1,".repeat(130));
    let texts = ["0 9 * * lün", "０ 9 * * *", "0 9 – * *"];
    insta::assert_snapshot!(refusals(texts), @r#"
    "0 9 * * lün" at column 10, "ü": all characters must be ASCII
    "０ 9 * * *" at column 1, "０": all characters must be ASCII
    "0 9 – * *" at column 5, "–": all characters must be ASCII
    "#);
    insta::assert_snapshot!(refusal(&long), @r#"column 257, "1": there may be at most 256 characters"#);
    let longest = format!("0 9 *{}* *", " ".repeat(256 - 8));
    assert_eq!((longest.len(), longest.parse::<Recurrence>().is_ok()), (256, true));
    assert_eq!(refusal(&format!("0 9 {} * *", "x".repeat(99))).matches('x').count(), 32);
}

#[test]
fn a_day_that_no_month_has_is_refused() {
    let texts = ["0 9 30 2 *", "0 9 31 2,4,6,9,11 *", "0 9 30-31 feb */2"];
    insta::assert_snapshot!(refusals(texts), @r#"
    "0 9 30 2 *" at column 5, "30": no month of the expression has such a day
    "0 9 31 2,4,6,9,11 *" at column 5, "31": no month of the expression has such a day
    "0 9 30-31 feb */2" at column 5, "30-31": no month of the expression has such a day
    "#);
    for possible in ["0 9 29 2 *", "0 9 31 * *", "0 9 30 2,3 *", "0 9 30 2 mon", "0 9 29 2 */7"] {
        assert!(possible.parse::<Recurrence>().is_ok(), "{possible}");
    }
}

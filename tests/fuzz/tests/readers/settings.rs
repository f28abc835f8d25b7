//! Settings, which an operator writes.

use std::str::FromStr;

use bolero::check;
use chrono::{DateTime, Utc};
use outbound::{
    campaign::{CallingHours, Recurrence},
    disposition::DispositionMap,
    interaction::Filters,
    law::HouseHours,
};

/// A setting made of the words that it may have, in any order, with others between them.
fn setting(words: &[&str], picks: &[u8]) -> String {
    picks.iter().map(|pick| words[usize::from(*pick) % words.len()]).collect()
}

fn reads<T: FromStr>(words: &[&str], picks: &[u8]) -> Option<T> {
    setting(words, picks).parse().ok()
}

#[test]
fn starts_follow_each_other() {
    let fields: [&[&str]; 5] = [
        &["0", "30", "59", "*/20", "5,10", "60"],
        &["9", "0", "23", "*", "8-20/3", "24"],
        &["*", "1", "29", "31", "1-7", "0"],
        &["*", "2", "FEB", "1-3", "*/5", "13"],
        &["*", "MON", "MON-FRI", "0", "7", "SUN"],
    ];
    check!().with_type::<[u8; 5]>().for_each(|picks| {
        let picked = fields.iter().zip(picks);
        let picked = picked.map(|(words, pick)| words[usize::from(*pick) % words.len()]);
        let cron = picked.collect::<Vec<_>>().join(" ");
        let Ok(recurrence) = cron.parse::<Recurrence>() else { return };
        let mut after: DateTime<Utc> = "2026-03-01T00:00:00Z".parse().expect("RFC 3339");
        for _ in 0..4 {
            let Some(start) = recurrence.next(after, chrono_tz::America::New_York) else { return };
            assert!(start.at.to_utc() > after, "{cron}");
            after = start.at.to_utc();
        }
    });
}

#[test]
fn nothing_that_is_written_makes_a_reader_fail() {
    let words = [
        "{",
        "}",
        "\"",
        ":",
        "[",
        "]",
        ",",
        "chat",
        "customer",
        "type",
        "email",
        "paths",
        "$",
        ".",
        "data",
        "..",
        "*",
        "?",
        "@",
        "==",
        "1",
        "=",
        ";",
        "DNC",
        "qualified",
        "08:00",
        "-",
        "21:00",
        "24:00",
        "US",
        "US-TX",
        "\\",
        "\u{0}",
        "é",
    ];
    check!().with_type::<Vec<u8>>().for_each(|picks| {
        reads::<Filters>(&words, picks);
        reads::<DispositionMap>(&words, picks);
        reads::<CallingHours>(&words, picks);
        reads::<HouseHours>(&words, picks);
    });
}

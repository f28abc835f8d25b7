//! `E164::parse` against Google's libphonenumber, in the table that `data/phone_oracle.py` writes.
//!
//! `PHONE_ORACLE` names another table, with unseen numbers.

use std::{borrow::Cow, collections::BTreeMap, env, fs};

use outbound::E164;

const TABLE: &str = include_str!("../data/phone_oracle.txt");
const DEFAULT_REGIONS: [&str; 6] = ["US", "GB", "DE", "BR", "IT", "JP"];

/// Results for the texts of one region.
#[derive(Default)]
struct Tally {
    read: usize,
    /// Each text with its reason, and the default regions in which it was refused.
    refused: BTreeMap<(String, String), Vec<String>>,
    misread: Vec<String>,
}

impl Tally {
    fn compare(&mut self, text: &str, region: &str, right: Option<&str>) {
        let read = E164::parse(text, region.parse().expect(region));
        match (read.as_ref().map(E164::as_str), right) {
            (Err(_), None) => self.read += 1,
            (Err(reason), Some(_)) => {
                let entry = self.refused.entry((text.to_owned(), format!("{reason:?}")));
                entry.or_default().push(region.to_owned());
            }
            (Ok(number), Some(right)) if number == right => self.read += 1,
            (Ok(number), right) => {
                self.misread.push(format!("{text:?} in {region}: {number}, not {right:?}"));
            }
        }
    }
}

/// The texts that were read as they should, were refused for each reason, or were misread.
#[derive(Debug, Default)]
struct Totals {
    read: usize,
    refused: BTreeMap<String, usize>,
    misread: usize,
}

/// Prints the result of each region, and adds them up.
fn report(tallies: &BTreeMap<String, Tally>) -> Totals {
    let mut totals = Totals::default();
    for (region, tally) in tallies {
        let refused: usize = tally.refused.values().map(Vec::len).sum();
        let misread = tally.misread.len();
        println!("{region:>3} {:6} read {refused:4} refused {misread:4} misread", tally.read);
        for ((text, reason), regions) in &tally.refused {
            println!("      refused {text:?} in {}: {reason}", regions.join(", "));
            *totals.refused.entry(reason.clone()).or_default() += regions.len();
        }
        for line in &tally.misread {
            println!("      MISREAD {line}");
        }
        totals.read += tally.read;
        totals.misread += misread;
    }
    println!("all {totals:?}");
    totals
}

fn table() -> Cow<'static, str> {
    match env::var("PHONE_ORACLE") {
        Ok(path) => Cow::Owned(fs::read_to_string(&path).expect(&path)),
        Err(_) => Cow::Borrowed(TABLE),
    }
}

/// Every number with the region it belongs to.
fn numbers(table: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut region = "";
    table.lines().filter_map(move |line| match line.split_at_checked(1)? {
        ("@", named) => {
            region = named;
            None
        }
        ("+", _) if !line.contains('|') => Some((region, line)),
        _ => None,
    })
}

/// Every spelling: a default region, a text, and its number if it has one.
fn spellings(table: &str) -> impl Iterator<Item = (&str, String, Option<&str>)> {
    table.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
        let mut fields = line.split('|');
        let (region, text, right) = (fields.next()?, fields.next()?, fields.next()?);
        let text = serde_json::from_str(&format!("\"{text}\"")).expect(line);
        Some((region, text, Some(right).filter(|right| *right != "-")))
    })
}

#[test]
fn every_number_reads_as_itself_whatever_the_default_region() {
    let table = table();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (home, number) in numbers(&table) {
        let tally = tallies.entry(home.to_owned()).or_default();
        for region in DEFAULT_REGIONS {
            tally.compare(number, region, Some(number));
        }
    }
    let Totals { read, refused, misread } = report(&tallies);
    assert_eq!(misread, 0);
    assert!(read > 6 * 1000, "{read}");
    // Iran has numbers of six digits, Germany some of sixteen.
    assert!(refused.keys().all(|reason| reason == "NotE164"), "{refused:?}");
    for (text, _) in tallies.values().flat_map(|tally| tally.refused.keys()) {
        assert!(!(8..=16).contains(&text.len()), "{text} is E.164");
    }
}

#[test]
fn no_spelling_is_read_as_another_number() {
    let table = table();
    let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
    for (region, text, right) in spellings(&table) {
        let defaults = if region == "*" { &DEFAULT_REGIONS[..] } else { &[region] };
        for region in defaults {
            tallies.entry((*region).to_owned()).or_default().compare(&text, region, right);
        }
    }
    let Totals { read, refused, misread } = report(&tallies);
    assert_eq!(misread, 0);
    assert!(read > 1000, "{read}");
    let refused: usize = refused.values().sum();
    assert!(refused * 200 < read, "{refused} of {read}");
}

/// A second opinion of a library that shares no code with the first.
#[test]
fn the_phonenumber_crate_never_reads_another_number_in_e164() {
    let table = table();
    let (mut agreed, mut refused) = (0, 0);
    for (_, number) in numbers(&table) {
        match phonenumber::parse(None, number).ok().filter(phonenumber::is_valid) {
            None => refused += 1,
            Some(second) => {
                let second = format!("+{}{}", second.code().value(), second.national());
                assert_eq!(second, number);
                agreed += 1;
            }
        }
    }
    println!("{agreed} agreed, {refused} refused");
    assert!(agreed > 10 * refused, "{agreed} agreed, {refused} refused");
}

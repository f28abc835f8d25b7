use std::collections::{BTreeSet, HashMap, HashSet};

use proptest::prelude::*;
use rlibphonenumber::PHONE_NUMBER_UTIL;

use super::*;
use crate::phone::{
    E164, assignment, plan,
    spelling::{self, Style},
};

/// Numbers of every kind and region, written by `data/phone_oracle.py`.
const ORACLE: &str = include_str!("../../../data/phone_oracle.txt");

/// The places after each digit, without dead ends. A landing is left at once.
fn steps(place: u16) -> Vec<(u8, Option<u16>, u16)> {
    let step = |digit| {
        let place = target(place, digit).expect("a target");
        let head = automaton(place, 0).expect("a place");
        let is_landing = head & LANDING != 0;
        let on = if is_landing { automaton(place, 1).expect("a node") } else { place };
        (on != 0).then_some((b'0' + digit, is_landing.then_some(head & !LANDING), on))
    };
    (0..10).filter_map(step).collect()
}

fn accepts(place: u16) -> bool {
    automaton(place, 0).expect("a place") & ACCEPTS != 0
}

/// Digits that complete a number at a place.
fn completion(place: u16, known: &mut HashMap<u16, String>) -> String {
    if accepts(place) {
        return String::new();
    }
    if let Some(found) = known.get(&place) {
        return found.clone();
    }
    // Another digit from place to place, so that not all numbers end in zeros.
    let all = steps(place);
    let (digit, _, next) = all[usize::from(place) % all.len()];
    let found = format!("{}{}", char::from(digit), completion(next, known));
    known.insert(place, found.clone());
    found
}

/// A number through each step that differs from the one at the digit before, for every class.
fn numbers() -> Vec<String> {
    let start = word(START).expect("a start");
    let (mut known, mut seen, mut numbers) = (HashMap::new(), HashSet::new(), Vec::new());
    let mut todo = vec![(String::from("+"), None, start)];
    while let Some((digits, class, place)) = todo.pop() {
        if !seen.insert((class, place)) {
            continue;
        }
        if accepts(place) {
            numbers.push(digits.clone());
        }
        let mut before = None;
        for (digit, landed, next) in steps(place) {
            let digits = format!("{digits}{}", char::from(digit));
            if before != Some((landed, next)) {
                numbers.push(format!("{digits}{}", completion(next, &mut known)));
            }
            before = Some((landed, next));
            todo.push((digits, landed.or(class), next));
        }
    }
    numbers
}

/// Compares with libphonenumber, which reads a number in this text.
fn compare(number: &str, text: &str, style: Style) {
    let us = Region::US;
    let spelling = spelling::Spelling { number: text.to_owned(), without_zero: None, style };
    assert_eq!(plan::looked_up(&spelling, us).as_deref(), Ok(number), "{text}");
    assert_eq!(plan::number(&spelling, us).as_deref(), Ok(number), "{text}");
}

fn compare_assignment(number: &str) {
    let found = find(number);
    assert!(found.is_some(), "{number}");
    // Iran has numbers of six digits.
    if let Ok(e164) = number.parse::<E164>() {
        assert_eq!(found, assignment::looked_up(&e164), "{number}");
    }
}

#[test]
fn along_every_edge_the_answer_is_that_of_libphonenumber() {
    let numbers = numbers();
    for number in &numbers {
        compare(number, number, Style::E164);
        compare_assignment(number);
    }
    println!("{} numbers", numbers.len());
    assert!(numbers.len() > 20_000, "{}", numbers.len());
}

#[test]
fn most_numbers_are_found() {
    let numbers: Vec<_> = ORACLE.lines().filter(|line| line.starts_with('+')).collect();
    let missing: Vec<_> = numbers.iter().filter(|number| find(number).is_none()).collect();
    println!("{} of {} are not found: {missing:?}", missing.len(), numbers.len());
    assert!(missing.len() * 10 < numbers.len());
}

#[test]
fn what_is_no_number_is_not_found() {
    for text in
        ["", "+", "12025550198", "+1202555019", "+120255501980", "+1202555o198", "+0", "+999"]
    {
        assert_eq!(find(text), None, "{text}");
    }
}

#[test]
fn the_regions_are_those_of_libphonenumber() {
    let letters = b'A'..=b'Z';
    let codes =
        letters.clone().flat_map(|first| letters.clone().map(move |second| [first, second]));
    let codes = codes.map(|code| String::from_utf8(code.to_vec()).expect("letters"));
    let ours: BTreeSet<String> = codes.filter(|code| has_region(code)).collect();
    let theirs = PHONE_NUMBER_UTIL.get_supported_regions();
    let theirs = theirs.map(|region| region.as_region_str().as_str().to_owned());
    assert_eq!(ours, theirs.collect());
}

/// A number at the end of a random way.
fn walked(choices: &[u8]) -> Option<String> {
    let (mut digits, mut place) = (String::from("+"), word(START)?);
    for choice in choices {
        let steps = steps(place);
        let Some((digit, _, next)) = steps.get(usize::from(*choice) % steps.len().max(1)) else {
            break;
        };
        digits.push(char::from(*digit));
        place = *next;
    }
    accepts(place).then_some(digits)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_random_number_is_that_of_libphonenumber(choices in any::<[u8; 15]>()) {
        if let Some(number) = walked(&choices) {
            compare(&number, &number, Style::E164);
            compare(&number, &number, Style::Loose);
            compare_assignment(&number);
        }
    }

    #[test]
    fn a_number_of_the_united_states_needs_no_plus(local in "[2-9][0-9]{2}[2-9][0-9]{6}") {
        let number = format!("+1{local}");
        if find(&number).is_some() {
            compare(&number, &local, Style::Loose);
            compare(&number, &number[1..], Style::Loose);
        }
    }
}

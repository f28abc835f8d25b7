//! Phone numbers.

use bolero::check;
use outbound::{E164, Region, masked};

const REGIONS: [&str; 6] = ["US", "GB", "DE", "IT", "MX", "AU"];

fn region(index: u8) -> Region {
    REGIONS[usize::from(index) % REGIONS.len()].parse().expect("a region")
}

/// As a person might write it, from characters that occur in numbers.
fn written(bytes: &[u8]) -> String {
    let characters = "0123456789+ ()-./xX#*,;~\u{202A}\u{FF0B}\u{FF11}\u{0664}";
    let characters: Vec<char> = characters.chars().collect();
    bytes.iter().map(|byte| characters[usize::from(*byte) % characters.len()]).collect()
}

#[test]
fn a_number_is_the_same_wherever_it_is_read_again() {
    check!().with_type::<(Vec<u8>, u8, u8)>().for_each(|(bytes, one, other)| {
        let text = written(bytes);
        let Ok(number) = E164::parse(&text, region(*one)) else { return };
        let digits = number.as_str().strip_prefix('+').expect("a plus");
        assert!((7..=15).contains(&digits.len()), "{text}: {}", number.as_str());
        assert!(digits.bytes().all(|byte| byte.is_ascii_digit()) && !digits.starts_with('0'));
        assert_eq!(E164::parse(number.as_str(), region(*other)), Ok(number.clone()), "{text}");
    });
}

/// Whatever text it is taken for one: nine characters of it are shown at most, and never all.
#[test]
fn some_of_a_number_is_always_hidden() {
    check!().with_type::<Vec<u8>>().for_each(|bytes| {
        let text = written(bytes);
        let shown = masked(&text);
        let count = shown.replace("***", "").chars().count();
        assert!(count <= text.chars().count().saturating_sub(2).min(9), "{text}: {shown}");
    });
}

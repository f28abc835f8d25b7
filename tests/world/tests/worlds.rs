//! Worlds of a fixed list of seeds keep every promise, and planted bugs are found.

use world::{Planted, run};

/// Seeds that every test runs. `.ci/run world` runs more, and fresh ones.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=12;
/// Seeds that once broke a promise, each with what it found.
const FOUND: &str = include_str!("found.txt");
/// Seeds within which each planted bug is found.
const PLANTED_SEEDS: std::ops::RangeInclusive<u64> = 1..=1_000;
/// Seeds that are tried first, because they found a bug before.
const PLANTED_FIRST: [u64; 14] = [1, 2, 3, 4, 5, 9, 12, 13, 27, 49, 72, 75, 333, 357];

#[test]
fn no_promise_is_broken() {
    let found = FOUND.lines().filter_map(|line| line.split_whitespace().next()?.parse().ok());
    for run in SEEDS.chain(found).map(|seed| run(seed, None)) {
        assert!(run.broken.is_empty(), "seed {}: {:#?}\n{}", run.seed, run.broken, run.story);
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    for seed in [3, 17] {
        let [one, other] = [(); 2].map(|()| run(seed, None));
        assert!(one.story.len() > 10, "{}", one.story);
        assert_eq!(one.story.in_full(), other.story.in_full());
        assert_eq!(one.story.fingerprint(), other.story.fingerprint());
    }
    assert_ne!(run(3, None).story.fingerprint(), run(4, None).story.fingerprint());
}

#[test]
fn planted_bugs_are_found() {
    for &bug in Planted::all() {
        let mut seeds = PLANTED_FIRST.into_iter().chain(PLANTED_SEEDS);
        let found = seeds.find_map(|seed| {
            let run = run(seed, Some(bug));
            (!run.broken.is_empty()).then_some(run)
        });
        let found = found.unwrap_or_else(|| panic!("{bug:?} is not found"));
        println!("{bug:?}: seed {}, {}", found.seed, found.broken[0]);
    }
}

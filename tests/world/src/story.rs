//! What happened in a run, in order.

use std::{
    fmt,
    hash::{DefaultHasher, Hasher},
    time::Duration,
};

/// Lines that a printed story has at most. Its end says most about a failure.
const PRINTED_MAX: usize = 120;

/// Everything that happened, in order.
#[derive(Debug, Default)]
pub struct Story(Vec<Line>);

#[derive(Debug)]
struct Line {
    at: Duration,
    who: String,
    what: String,
    weight: Weight,
}

/// Weight of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// Left out when the story is told in short.
    Detail,
    /// A turn of the story.
    Turn,
}

impl Story {
    pub(crate) fn tell(&mut self, at: Duration, who: &str, weight: Weight, what: String) {
        self.0.push(Line { at, who: who.to_owned(), what, weight });
    }

    /// Fingerprint of all lines. Two runs that have the same are the same.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        for line in &self.0 {
            hasher.write(line.to_string().as_bytes());
        }
        hasher.finish()
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns whether nothing happened.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The story with every call, for a person who looks for a cause.
    pub fn in_full(&self) -> String {
        self.0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n") + "\n"
    }
}

/// The story in short: what was sent, answered, struck and done.
impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let turns: Vec<&Line> = self.0.iter().filter(|it| it.weight == Weight::Turn).collect();
        let left_out = turns.len().saturating_sub(PRINTED_MAX);
        if left_out > 0 {
            writeln!(f, "({left_out} earlier lines)")?;
        }
        turns[left_out..].iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>10.3} {:<22} {}", self.at.as_secs_f64(), self.who, self.what)
    }
}

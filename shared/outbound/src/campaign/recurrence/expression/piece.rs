//! A piece of an expression with its position.

use super::MalformedRecurrence;

/// The longest piece that an error shows, in characters.
const SHOWN_MAX: usize = 32;

#[derive(Clone, Copy)]
pub(in super::super) struct Piece<'a> {
    pub(in super::super) text: &'a str,
    /// Counted in characters from 1.
    pub(super) column: usize,
}

impl<'a> Piece<'a> {
    pub(in super::super) fn whole(text: &'a str) -> Self {
        Self { text, column: 1 }
    }

    /// The pieces between the separators. Some may be empty.
    pub(super) fn split(self, separators: &[char]) -> impl Iterator<Item = Self> {
        self.text.split(separators).scan(self.column, |column, text| {
            let piece = Self { text, column: *column };
            *column += text.len() + 1;
            Some(piece)
        })
    }

    /// The pieces on both sides of the first separator.
    pub(super) fn split_once(self, separator: char) -> Option<(Self, Self)> {
        let (left, right) = self.text.split_once(separator)?;
        let column = self.column + left.len() + 1;
        Some((Self { text: left, ..self }, Self { text: right, column }))
    }

    /// The place behind the last character.
    pub(super) fn end(self) -> Self {
        Self { text: "", column: self.column + self.text.len() }
    }

    /// The error that this piece is wrong, and what would be right.
    pub(in super::super) fn refused(self, rule: impl Into<String>) -> MalformedRecurrence {
        let piece = self.text.chars().take(SHOWN_MAX).collect();
        MalformedRecurrence { column: self.column, piece, rule: rule.into() }
    }
}

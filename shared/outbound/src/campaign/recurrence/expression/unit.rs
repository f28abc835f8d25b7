//! Values that each of the five fields may hold.

use std::{collections::BTreeSet, ops::RangeInclusive};

use super::{Field, MalformedRecurrence, Piece};

pub(super) const UNITS: [Unit; 5] = [
    Unit { name: "minute", min: 0, max: 59, values: 60, names: &[] },
    Unit { name: "hour", min: 0, max: 23, values: 24, names: &[] },
    Unit { name: "day of the month", min: 1, max: 31, values: 31, names: &[] },
    Unit {
        name: "month",
        min: 1,
        max: 12,
        values: 12,
        names: &[
            "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
        ],
    },
    Unit {
        name: "day of the week",
        min: 0,
        max: SUNDAY_AT_THE_END,
        values: 7,
        names: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
    },
];

const SUNDAY_AT_THE_END: u8 = 7;

pub(super) struct Unit {
    name: &'static str,
    min: u8,
    max: u8,
    /// Number of different values. A larger step would never be taken.
    values: u8,
    /// In the order of their numbers, from `min` on.
    names: &'static [&'static str],
}

impl Unit {
    /// Reads a list of items.
    pub(super) fn field<'a>(&self, piece: Piece<'a>) -> Result<Field<'a>, MalformedRecurrence> {
        let mut values = BTreeSet::new();
        for item in piece.split(&[',']) {
            values.extend(self.item(item)?);
        }
        Ok(Field { piece, values })
    }

    /// Reads `*`, a value or a range; all but a value may have a step.
    fn item(
        &self,
        item: Piece<'_>,
    ) -> Result<impl Iterator<Item = u8> + use<>, MalformedRecurrence> {
        if item.text.is_empty() {
            return Err(item.refused("a list must not have empty items"));
        }
        let (base, step) = match item.split_once('/') {
            Some((base, step)) => (base, Some(self.step(step)?)),
            None => (item, None),
        };
        let range = if base.text == "*" {
            self.min..=self.max
        } else if let Some((first, last)) = base.split_once('-') {
            self.range(base, first, last)?
        } else {
            let value = self.value(base)?;
            if let Some(step) = step {
                let max = self.max;
                let rule = format!("a step needs a range or *: write {value}-{max}/{step}");
                return Err(item.refused(rule));
            }
            value..=value
        };
        Ok(range.step_by(step.unwrap_or(1).into()))
    }

    fn range(
        &self,
        range: Piece<'_>,
        first: Piece<'_>,
        last: Piece<'_>,
    ) -> Result<RangeInclusive<u8>, MalformedRecurrence> {
        let start = self.value(first)?;
        let end = match self.value(last)? {
            // Only Sunday has a name and is 0.
            0 if start > 0 && number(last.text).is_none() => SUNDAY_AT_THE_END,
            end => end,
        };
        if start <= end {
            return Ok(start..=end);
        }
        let (min, max) = (self.min, self.max);
        let rule = format!("a range must not go backwards: write {start}-{max},{min}-{end}");
        Err(range.refused(rule))
    }

    fn value(&self, value: Piece<'_>) -> Result<u8, MalformedRecurrence> {
        let named = || {
            let names = (self.min..).zip(self.names);
            names.into_iter().find(|(_, name)| value.text.eq_ignore_ascii_case(name))
        };
        number(value.text)
            .or_else(|| named().map(|(number, _)| number))
            .filter(|number| (self.min..=self.max).contains(number))
            .ok_or_else(|| value.refused(self.rule(value.text)))
    }

    fn rule(&self, written: &str) -> String {
        let Self { name, min, max, names, .. } = self;
        let names = match names {
            [first, .., last] => format!(", or {first} to {last}"),
            _ => String::new(),
        };
        let hint =
            if is_of_another_dialect(written) { "; ?, L, W and # are not supported" } else { "" };
        format!("the {name} must be {min} to {max}{names}{hint}")
    }

    fn step(&self, step: Piece<'_>) -> Result<u8, MalformedRecurrence> {
        let max = self.values;
        number(step.text)
            .filter(|step| (1..=max).contains(step))
            .ok_or_else(|| step.refused(format!("a step of the {} must be 1 to {max}", self.name)))
    }
}

/// Digits alone: Rust would read `+5`, too.
fn number(text: &str) -> Option<u8> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Other schedulers support `L`, `15W`, `LW`, `5L` and `mon#2`.
fn is_of_another_dialect(value: &str) -> bool {
    let letters = value.trim_start_matches(|character: char| character.is_ascii_digit());
    value.contains(['?', '#']) || ["L", "W", "LW"].iter().any(|it| it.eq_ignore_ascii_case(letters))
}

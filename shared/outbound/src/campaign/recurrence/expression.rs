//! Reads a cron expression, and reports the position of errors.

mod piece;
mod unit;

use std::collections::BTreeSet;

pub(super) use self::piece::Piece;
use self::unit::UNITS;

/// The longest expression that is read, in characters.
const LENGTH_MAX: usize = 256;

/// Reason why a text is not a supported cron expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("column {column}, {piece:?}: {rule}")]
pub struct MalformedRecurrence {
    /// Column at which the piece begins, counted in characters from 1.
    pub column: usize,
    /// The piece that is wrong, cut if it is long. Empty where something is missing.
    pub piece: String,
    /// Rule that it breaks.
    pub rule: String,
}

/// One of the five fields.
pub(super) struct Field<'a> {
    /// The field as it was written.
    pub(super) piece: Piece<'a>,
    /// Values that match. Sunday is 0, 7 or both.
    pub(super) values: BTreeSet<u8>,
}

impl Field<'_> {
    /// For crontab(5) even `*/2` restricts nothing, since it begins with a star.
    pub(super) fn is_restricted(&self) -> bool {
        !self.piece.text.starts_with('*')
    }
}

/// Reads the five fields, in their order.
pub(super) fn parse(text: &str) -> Result<[Field<'_>; 5], MalformedRecurrence> {
    const FIVE_FIELDS: &str =
        "there must be five fields: minute, hour, day of the month, month, day of the week";
    let whole = Piece::whole(text);
    check_characters(whole)?;
    let pieces: Vec<_> = whole.split(&[' ', '\t']).filter(|piece| !piece.text.is_empty()).collect();
    if let Some(nickname) = pieces.first().filter(|first| first.text.starts_with('@')) {
        return match pieces.get(1) {
            Some(extra) => Err(extra.refused(format!("nothing may follow {}", nickname.text))),
            None => parse(meaning(*nickname)?),
        };
    }
    if let Some(sixth) = pieces.get(UNITS.len()) {
        return Err(sixth.refused(format!("{FIVE_FIELDS}; seconds and years are not supported")));
    }
    let [minute, hour, day, month, weekday] = pieces[..] else {
        return Err(whole.end().refused(format!("{FIVE_FIELDS}; {} were found", pieces.len())));
    };
    let [minutes, hours, days, months, weekdays] = &UNITS;
    Ok([
        minutes.field(minute)?,
        hours.field(hour)?,
        days.field(day)?,
        months.field(month)?,
        weekdays.field(weekday)?,
    ])
}

/// Beyond this check, a column is a byte.
fn check_characters(whole: Piece<'_>) -> Result<(), MalformedRecurrence> {
    for (index, (at, character)) in whole.text.char_indices().enumerate() {
        let piece = Piece { text: &whole.text[at..at + character.len_utf8()], column: index + 1 };
        if index == LENGTH_MAX {
            return Err(piece.refused(format!("there may be at most {LENGTH_MAX} characters")));
        }
        if !character.is_ascii() {
            return Err(piece.refused("all characters must be ASCII"));
        }
    }
    Ok(())
}

fn meaning(nickname: Piece<'_>) -> Result<&'static str, MalformedRecurrence> {
    match nickname.text.to_ascii_lowercase().as_str() {
        "@yearly" | "@annually" => Ok("0 0 1 1 *"),
        "@monthly" => Ok("0 0 1 * *"),
        "@weekly" => Ok("0 0 * * 0"),
        "@daily" | "@midnight" => Ok("0 0 * * *"),
        "@hourly" => Ok("0 * * * *"),
        "@reboot" => Err(nickname.refused("a campaign must start at a time, not at a reboot")),
        _ => Err(nickname.refused(
            "it must be @yearly, @annually, @monthly, @weekly, @daily, @midnight or @hourly",
        )),
    }
}

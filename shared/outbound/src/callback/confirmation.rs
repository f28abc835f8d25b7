//! The text message to a customer with the time of the call.
//!
//! The names of days and months are written out here: chrono's locales are marked unstable, ICU's
//! data would outweigh the function, and neither keeps to the alphabet of text messages.
//!
//! One letter outside the GSM 7-bit alphabet turns the whole message into UCS-2, with 70 characters
//! instead of 160, and doubles its price. All texts therefore keep to that alphabet. It lacks `á`
//! and `û`, so Spanish Saturdays are `sabado`, as operators there write them, and August in French
//! is `aout`, which the reformed spelling allows.

use chrono::{DateTime, Datelike, FixedOffset, Timelike, Utc};

use super::{CustomerZone, Language};

/// The longest reference with which every text still fits one message of 160 characters.
pub const REFERENCE_LENGTH_MAX: usize = 48;

/// The text in the customer's language and on the customer's clock. Languages other than English,
/// Spanish, French and German get English.
///
/// It has no year, since windows start within 30 days. It is one message if the reference is ASCII
/// letters, digits and hyphens, at most [`REFERENCE_LENGTH_MAX`] of them.
pub fn confirmation(
    language: &Language,
    zone: &CustomerZone,
    dispatch_at: DateTime<Utc>,
    reference: &str,
) -> String {
    let local = zone.local(dispatch_at);
    let zone = zone.label(dispatch_at);
    match language.primary() {
        "es" => format!("Le llamaremos el {} ({zone}). Referencia: {reference}", spanish(local)),
        "fr" => {
            format!("Nous vous rappellerons le {} ({zone}). Référence : {reference}", french(local))
        }
        "de" => {
            format!("Wir rufen Sie am {} zurück ({zone}). Referenz: {reference}", german(local))
        }
        _ => {
            let time =
                if expects_twelve_hours(language) { american(local) } else { british(local) };
            format!("We will call you back on {time} ({zone}). Reference: {reference}")
        }
    }
}

/// Regions whose English puts the month first and counts to twelve: North America, the Philippines,
/// and a tag without a region, which most often comes from there. Elsewhere, and for readers of
/// another language, 24 hours leave nothing to mistake.
fn expects_twelve_hours(language: &Language) -> bool {
    language.primary() == "en"
        && matches!(language.region(), None | Some("US" | "CA" | "PH" | "PR"))
}

fn american(local: DateTime<FixedOffset>) -> String {
    local.format("%A, %B %-d at %-I:%M %p").to_string()
}

fn british(local: DateTime<FixedOffset>) -> String {
    local.format("%A %-d %B at %H:%M").to_string()
}

fn spanish(local: DateTime<FixedOffset>) -> String {
    const DAYS: [&str; 7] =
        ["lunes", "martes", "miércoles", "jueves", "viernes", "sabado", "domingo"];
    const MONTHS: [&str; 12] = [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ];
    // One o'clock is singular.
    let at = if local.hour() == 1 { "a la" } else { "a las" };
    let time = local.format("%-H:%M");
    format!("{} {} de {} {at} {time}", day(&DAYS, local), local.day(), month(&MONTHS, local))
}

fn french(local: DateTime<FixedOffset>) -> String {
    const DAYS: [&str; 7] =
        ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "aout",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    // Only the first of a month is an ordinal.
    let ordinal = if local.day() == 1 { "er" } else { "" };
    let time = local.format("%-Hh%M");
    let (weekday, date) = (day(&DAYS, local), local.day());
    format!("{weekday} {date}{ordinal} {} à {time}", month(&MONTHS, local))
}

fn german(local: DateTime<FixedOffset>) -> String {
    const DAYS: [&str; 7] =
        ["Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"];
    const MONTHS: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let (weekday, date, time) = (day(&DAYS, local), local.day(), local.format("%H:%M"));
    format!("{weekday}, dem {date}. {}, um {time} Uhr", month(&MONTHS, local))
}

fn day(names: &[&'static str; 7], local: DateTime<FixedOffset>) -> &'static str {
    names[local.weekday().num_days_from_monday() as usize]
}

fn month(names: &[&'static str; 12], local: DateTime<FixedOffset>) -> &'static str {
    names[local.month0() as usize]
}

#[cfg(test)]
mod tests;

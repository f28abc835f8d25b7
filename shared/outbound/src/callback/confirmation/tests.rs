use std::fmt::Write;

use chrono::{FixedOffset, TimeDelta};
use chrono_tz::{TZ_VARIANTS, Tz};

use super::*;

/// The GSM 7-bit default alphabet (3GPP TS 23.038), without its extension table, whose characters
/// count twice.
const GSM_7: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?\
                     ¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";

const REFERENCE: &str = "cb-7f3a91";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

fn text(language: &str, zone: Tz, at: &str) -> String {
    let language = language.parse().expect("a tag");
    confirmation(&language, &CustomerZone::Given(zone), instant(at), REFERENCE)
}

/// One text per zone, before and after its clocks change.
fn texts(language: &str) -> String {
    let instants = [
        // Clocks go forward on 8 March at 07:00 UTC.
        (Tz::America__New_York, "2026-03-07T19:30:00Z"),
        (Tz::America__New_York, "2026-03-08T19:30:00Z"),
        // Clocks go back on 25 October at 01:00 UTC.
        (Tz::Europe__London, "2026-10-24T11:00:00Z"),
        (Tz::Europe__London, "2026-10-26T13:05:00Z"),
        // Clocks go back by half an hour on 4 April at 15:00 UTC.
        (Tz::Australia__Lord_Howe, "2026-04-04T14:59:00Z"),
        (Tz::Australia__Lord_Howe, "2026-04-04T15:00:00Z"),
        // Clocks go forward on 3 October at 16:00 UTC.
        (Tz::Australia__Sydney, "2026-10-01T00:15:00Z"),
        (Tz::Australia__Sydney, "2026-12-08T23:15:00Z"),
        // Clocks stay as they are.
        (Tz::Asia__Kolkata, "2026-02-28T19:30:00Z"),
        (Tz::Asia__Kolkata, "2026-08-26T06:30:00Z"),
    ];
    instants.into_iter().fold(String::new(), |mut all, (zone, at)| {
        writeln!(all, "{}", text(language, zone, at)).expect("a String takes it");
        all
    })
}

#[test]
fn american_english_has_the_month_first_and_twelve_hours() {
    insta::assert_snapshot!(texts("en-US"), @r#"
    We will call you back on Saturday, March 7 at 2:30 PM (New York, UTC-5). Reference: cb-7f3a91
    We will call you back on Sunday, March 8 at 3:30 PM (New York, UTC-4). Reference: cb-7f3a91
    We will call you back on Saturday, October 24 at 12:00 PM (London, UTC+1). Reference: cb-7f3a91
    We will call you back on Monday, October 26 at 1:05 PM (London, UTC). Reference: cb-7f3a91
    We will call you back on Sunday, April 5 at 1:59 AM (Lord Howe, UTC+11). Reference: cb-7f3a91
    We will call you back on Sunday, April 5 at 1:30 AM (Lord Howe, UTC+10:30). Reference: cb-7f3a91
    We will call you back on Thursday, October 1 at 10:15 AM (Sydney, UTC+10). Reference: cb-7f3a91
    We will call you back on Wednesday, December 9 at 10:15 AM (Sydney, UTC+11). Reference: cb-7f3a91
    We will call you back on Sunday, March 1 at 1:00 AM (Kolkata, UTC+5:30). Reference: cb-7f3a91
    We will call you back on Wednesday, August 26 at 12:00 PM (Kolkata, UTC+5:30). Reference: cb-7f3a91
    "#);
    assert_eq!(texts("en"), texts("en-US"));
}

#[test]
fn other_english_has_the_day_first_and_twenty_four_hours() {
    insta::assert_snapshot!(texts("en-GB"), @r#"
    We will call you back on Saturday 7 March at 14:30 (New York, UTC-5). Reference: cb-7f3a91
    We will call you back on Sunday 8 March at 15:30 (New York, UTC-4). Reference: cb-7f3a91
    We will call you back on Saturday 24 October at 12:00 (London, UTC+1). Reference: cb-7f3a91
    We will call you back on Monday 26 October at 13:05 (London, UTC). Reference: cb-7f3a91
    We will call you back on Sunday 5 April at 01:59 (Lord Howe, UTC+11). Reference: cb-7f3a91
    We will call you back on Sunday 5 April at 01:30 (Lord Howe, UTC+10:30). Reference: cb-7f3a91
    We will call you back on Thursday 1 October at 10:15 (Sydney, UTC+10). Reference: cb-7f3a91
    We will call you back on Wednesday 9 December at 10:15 (Sydney, UTC+11). Reference: cb-7f3a91
    We will call you back on Sunday 1 March at 01:00 (Kolkata, UTC+5:30). Reference: cb-7f3a91
    We will call you back on Wednesday 26 August at 12:00 (Kolkata, UTC+5:30). Reference: cb-7f3a91
    "#);
}

#[test]
fn spanish() {
    insta::assert_snapshot!(texts("es-MX"), @r#"
    Le llamaremos el sabado 7 de marzo a las 14:30 (New York, UTC-5). Referencia: cb-7f3a91
    Le llamaremos el domingo 8 de marzo a las 15:30 (New York, UTC-4). Referencia: cb-7f3a91
    Le llamaremos el sabado 24 de octubre a las 12:00 (London, UTC+1). Referencia: cb-7f3a91
    Le llamaremos el lunes 26 de octubre a las 13:05 (London, UTC). Referencia: cb-7f3a91
    Le llamaremos el domingo 5 de abril a la 1:59 (Lord Howe, UTC+11). Referencia: cb-7f3a91
    Le llamaremos el domingo 5 de abril a la 1:30 (Lord Howe, UTC+10:30). Referencia: cb-7f3a91
    Le llamaremos el jueves 1 de octubre a las 10:15 (Sydney, UTC+10). Referencia: cb-7f3a91
    Le llamaremos el miércoles 9 de diciembre a las 10:15 (Sydney, UTC+11). Referencia: cb-7f3a91
    Le llamaremos el domingo 1 de marzo a la 1:00 (Kolkata, UTC+5:30). Referencia: cb-7f3a91
    Le llamaremos el miércoles 26 de agosto a las 12:00 (Kolkata, UTC+5:30). Referencia: cb-7f3a91
    "#);
}

#[test]
fn french() {
    insta::assert_snapshot!(texts("fr-CA"), @r#"
    Nous vous rappellerons le samedi 7 mars à 14h30 (New York, UTC-5). Référence : cb-7f3a91
    Nous vous rappellerons le dimanche 8 mars à 15h30 (New York, UTC-4). Référence : cb-7f3a91
    Nous vous rappellerons le samedi 24 octobre à 12h00 (London, UTC+1). Référence : cb-7f3a91
    Nous vous rappellerons le lundi 26 octobre à 13h05 (London, UTC). Référence : cb-7f3a91
    Nous vous rappellerons le dimanche 5 avril à 1h59 (Lord Howe, UTC+11). Référence : cb-7f3a91
    Nous vous rappellerons le dimanche 5 avril à 1h30 (Lord Howe, UTC+10:30). Référence : cb-7f3a91
    Nous vous rappellerons le jeudi 1er octobre à 10h15 (Sydney, UTC+10). Référence : cb-7f3a91
    Nous vous rappellerons le mercredi 9 décembre à 10h15 (Sydney, UTC+11). Référence : cb-7f3a91
    Nous vous rappellerons le dimanche 1er mars à 1h00 (Kolkata, UTC+5:30). Référence : cb-7f3a91
    Nous vous rappellerons le mercredi 26 aout à 12h00 (Kolkata, UTC+5:30). Référence : cb-7f3a91
    "#);
}

#[test]
fn german() {
    insta::assert_snapshot!(texts("de"), @r#"
    Wir rufen Sie am Samstag, dem 7. März, um 14:30 Uhr zurück (New York, UTC-5). Referenz: cb-7f3a91
    Wir rufen Sie am Sonntag, dem 8. März, um 15:30 Uhr zurück (New York, UTC-4). Referenz: cb-7f3a91
    Wir rufen Sie am Samstag, dem 24. Oktober, um 12:00 Uhr zurück (London, UTC+1). Referenz: cb-7f3a91
    Wir rufen Sie am Montag, dem 26. Oktober, um 13:05 Uhr zurück (London, UTC). Referenz: cb-7f3a91
    Wir rufen Sie am Sonntag, dem 5. April, um 01:59 Uhr zurück (Lord Howe, UTC+11). Referenz: cb-7f3a91
    Wir rufen Sie am Sonntag, dem 5. April, um 01:30 Uhr zurück (Lord Howe, UTC+10:30). Referenz: cb-7f3a91
    Wir rufen Sie am Donnerstag, dem 1. Oktober, um 10:15 Uhr zurück (Sydney, UTC+10). Referenz: cb-7f3a91
    Wir rufen Sie am Mittwoch, dem 9. Dezember, um 10:15 Uhr zurück (Sydney, UTC+11). Referenz: cb-7f3a91
    Wir rufen Sie am Sonntag, dem 1. März, um 01:00 Uhr zurück (Kolkata, UTC+5:30). Referenz: cb-7f3a91
    Wir rufen Sie am Mittwoch, dem 26. August, um 12:00 Uhr zurück (Kolkata, UTC+5:30). Referenz: cb-7f3a91
    "#);
}

#[test]
fn any_other_language_gets_english_that_cannot_be_mistaken() {
    for language in ["pt-BR", "zh-Hant-TW", "x-private", "i-klingon", "enm"] {
        assert_eq!(texts(language), texts("en-GB"), "{language}");
    }
}

#[test]
fn the_hour_that_comes_twice_is_unambiguous() {
    let [first, second] = ["2026-11-01T05:30:00Z", "2026-11-01T06:30:00Z"]
        .map(|at| text("en", Tz::America__New_York, at));
    assert!(first.contains("November 1 at 1:30 AM (New York, UTC-4)"), "{first}");
    assert!(second.contains("November 1 at 1:30 AM (New York, UTC-5)"), "{second}");
}

#[test]
fn a_zone_that_is_only_an_offset_is_written_as_one() {
    let zone = CustomerZone::Offset(FixedOffset::east_opt(19_800).expect("an offset"));
    let language = "en".parse().expect("a tag");
    let text = confirmation(&language, &zone, instant("2026-03-10T09:00:00Z"), REFERENCE);
    assert!(text.contains("March 10 at 2:30 PM (UTC+5:30)."), "{text}");
}

#[test]
fn the_hour_follows_the_newest_rules() {
    // Vancouver no longer puts its clocks back: chrono-tz's older rules say 9 AM.
    let text = text("en-CA", Tz::America__Vancouver, "2027-01-15T17:00:00Z");
    assert!(text.contains("January 15 at 10:00 AM (Vancouver, UTC-7)."), "{text}");
}

#[test]
fn every_text_is_one_message_of_the_gsm_alphabet() {
    let reference = "M".repeat(REFERENCE_LENGTH_MAX);
    for language in ["en", "en-GB", "es", "fr", "de", "ja"] {
        let language = language.parse().expect("a tag");
        for zone in TZ_VARIANTS {
            // Steps of 15 days and 5 hours meet every month, weekday and hour of the day.
            for step in 0..24 {
                let at = instant("2026-01-01T00:00:00Z") + TimeDelta::hours(step * 365);
                let text = confirmation(&language, &CustomerZone::Given(zone), at, &reference);
                let foreign = text.chars().find(|character| !GSM_7.contains(*character));
                assert_eq!(foreign, None, "{text}");
                assert!(text.chars().count() <= 160, "{text}");
            }
        }
    }
}

//! Zones that the tenant knows, under the names that Windows gives them.

use outbound::Tz;

/// A zone of the tenant.
#[derive(Debug, PartialEq, Eq)]
pub struct Zone {
    /// The name that Windows gives it.
    pub name: &'static str,
    /// A zone of the IANA with the same clocks.
    pub clocks: Tz,
}

/// The zones, from west to east.
pub const ZONES: &[Zone] = &[
    zone("Hawaiian Standard Time", Tz::Pacific__Honolulu),
    zone("Alaskan Standard Time", Tz::America__Anchorage),
    zone("Pacific Standard Time", Tz::America__Los_Angeles),
    zone("US Mountain Standard Time", Tz::America__Phoenix),
    zone("Mountain Standard Time", Tz::America__Denver),
    zone("Central America Standard Time", Tz::America__Guatemala),
    zone("Central Standard Time", Tz::America__Chicago),
    zone("Canada Central Standard Time", Tz::America__Regina),
    zone("SA Pacific Standard Time", Tz::America__Bogota),
    zone("Eastern Standard Time", Tz::America__New_York),
    zone("US Eastern Standard Time", Tz::America__Indiana__Indianapolis),
    zone("SA Western Standard Time", Tz::America__La_Paz),
    zone("Atlantic Standard Time", Tz::America__Halifax),
    zone("Newfoundland Standard Time", Tz::America__St_Johns),
    zone("E. South America Standard Time", Tz::America__Sao_Paulo),
    zone("Azores Standard Time", Tz::Atlantic__Azores),
    zone("UTC", Tz::Etc__UTC),
    zone("GMT Standard Time", Tz::Europe__London),
    zone("Greenwich Standard Time", Tz::Atlantic__Reykjavik),
    zone("W. Europe Standard Time", Tz::Europe__Berlin),
    zone("Romance Standard Time", Tz::Europe__Paris),
    zone("Central Europe Standard Time", Tz::Europe__Budapest),
    zone("Central European Standard Time", Tz::Europe__Warsaw),
    zone("FLE Standard Time", Tz::Europe__Kyiv),
    zone("GTB Standard Time", Tz::Europe__Bucharest),
    zone("Israel Standard Time", Tz::Asia__Jerusalem),
    zone("South Africa Standard Time", Tz::Africa__Johannesburg),
    zone("Turkey Standard Time", Tz::Europe__Istanbul),
    zone("Arab Standard Time", Tz::Asia__Riyadh),
    zone("Arabian Standard Time", Tz::Asia__Dubai),
    zone("Pakistan Standard Time", Tz::Asia__Karachi),
    zone("India Standard Time", Tz::Asia__Kolkata),
    zone("Nepal Standard Time", Tz::Asia__Kathmandu),
    zone("SE Asia Standard Time", Tz::Asia__Bangkok),
    zone("Singapore Standard Time", Tz::Asia__Singapore),
    zone("China Standard Time", Tz::Asia__Shanghai),
    zone("W. Australia Standard Time", Tz::Australia__Perth),
    zone("Tokyo Standard Time", Tz::Asia__Tokyo),
    zone("AUS Central Standard Time", Tz::Australia__Darwin),
    zone("Cen. Australia Standard Time", Tz::Australia__Adelaide),
    zone("E. Australia Standard Time", Tz::Australia__Brisbane),
    zone("AUS Eastern Standard Time", Tz::Australia__Sydney),
    zone("Lord Howe Standard Time", Tz::Australia__Lord_Howe),
    zone("New Zealand Standard Time", Tz::Pacific__Auckland),
    zone("Chatham Islands Standard Time", Tz::Pacific__Chatham),
    zone("Samoa Standard Time", Tz::Pacific__Apia),
    zone("Line Islands Standard Time", Tz::Pacific__Kiritimati),
];

const fn zone(name: &'static str, clocks: Tz) -> Zone {
    Zone { name, clocks }
}

impl Zone {
    /// The zone with this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        ZONES.iter().find(|zone| zone.name == name)
    }

    /// The zone of the tenant for a zone of the IANA.
    pub fn of(clocks: Tz) -> Option<&'static Self> {
        ZONES.iter().find(|zone| zone.clocks == clocks)
    }
}

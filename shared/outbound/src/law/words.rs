//! Findings in words.

use std::fmt;

use super::{
    clock::LocalTime,
    decision::{Finding, Reason},
    rule::{Confidence, Span},
};

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, until] = [self.from, self.until].map(|minute| (minute / 60, minute % 60));
        write!(f, "{:02}:{:02}-{:02}:{:02}", from.0, from.1, until.0, until.1)
    }
}

/// `Thursday 26 November 2026, 03:00 in America/New_York (-05:00)`.
impl fmt::Display for LocalTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let day = self.time.format("%A %-d %B %Y, %H:%M");
        write!(f, "{day} in {} ({})", self.zone, self.time.offset())
    }
}

impl fmt::Display for Confidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Official => "official",
            Self::Secondary => "secondary",
            Self::Unverified => "unverified",
        })
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Hours { shown, hours, holiday } => {
                let weekday = shown.time.format("%A");
                match (hours.is_empty(), holiday) {
                    (true, None) => write!(f, "no calls on {weekday}s")?,
                    (false, None) => write!(f, "{weekday}s {} only", hours.join(" and "))?,
                    (true, Some(name)) => write!(f, "no calls on this {weekday}, for {name}")?,
                    (false, Some(name)) => write!(f, "{} only, for {name}", hours.join(" and "))?,
                }
                write!(f, "; it is {} in {}", shown.time.format("%H:%M"), shown.zone)
            }
            Self::Holiday { zone, day, name, known } => {
                write!(f, "no calls on holidays; {day} is {name} in {zone}")?;
                let doubt = "; what the rule does on holidays is not known";
                f.write_str(if *known { "" } else { doubt })
            }
            Self::HolidayUnknown { zone, day } => {
                write!(
                    f,
                    "no calls on holidays; those of {} are not known ({zone})",
                    day.format("%Y")
                )
            }
            Self::NeedsBasis => f.write_str("no calls unless something lifts the rule"),
            Self::Closed { zone, day, reason } => {
                write!(f, "{day} is closed in {zone}: {reason}")
            }
            Self::UnknownLaw { day } => {
                write!(f, "no verified rule is known for {day}: unknown, not free")
            }
            Self::UnknownForKind { calls, day } => {
                write!(f, "no verified national rule for {calls} is known for {day}")
            }
            Self::UnknownPlace { doubt } => doubt.fmt(f),
        }
    }
}

/// One line: jurisdiction, rule, citation, reasons.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.code, self.rule)?;
        if let Some(authority) = &self.authority {
            write!(f, " ({})", authority.citation)?;
        }
        for (index, reason) in self.reasons.iter().enumerate() {
            write!(f, "{}{reason}", if index == 0 { ": " } else { "; " })?;
        }
        Ok(())
    }
}

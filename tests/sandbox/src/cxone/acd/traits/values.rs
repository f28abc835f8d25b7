//! Values of the traits.

use serde::{Deserialize, Serialize};

/// Declares the values of a trait, each with what it means.
macro_rules! values {
    ($(#[$about:meta])* $kind:ident { $($value:ident: $what:literal,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $kind {
            $(#[doc = $what] $value,)*
        }
    };
}

values! {
    /// What becomes of something.
    Verdict {
        Accepted: "It is accepted.",
        Refused: "It is refused.",
    }
}

values! {
    /// Shape of an error.
    ErrorShape {
        ErrorDescription: "`error` and `errorDescription`.",
        ErrorUnderscoreDescription: "`error` and `error_description`.",
        Message: "`message`.",
        HeaderAlone: "Nothing but the header `icStatusDescription`.",
        Page: "A page for people.",
    }
}

values! {
    /// Requests that are answered with JSON.
    Accept {
        Any: "All.",
        AnyHeader: "Those with the header `Accept`, whatever it says. An empty one is none.",
        JsonNamed: "Those that name `application/json`.",
    }
}

values! {
    /// Paths in the list of versions.
    VersionUri {
        Bare: "As described.",
        WithBase: "With the base before them, and a placeholder for the version.",
        Unlisted: "There are none.",
    }
}

values! {
    /// Answer to a token that is not valid.
    BadToken {
        Unauthorized: "401.",
        Forbidden: "403.",
    }
}

values! {
    /// A record that is no number, among others.
    WrongRecord {
        Alone: "It alone is refused.",
        All: "All are refused.",
        Accepted: "It is accepted.",
    }
}

values! {
    /// A parameter of a request.
    Parameter {
        Honored: "It counts.",
        Ignored: "It does not count.",
    }
}

values! {
    /// Hours of a skill beyond those of the business unit.
    Beyond {
        Accepted: "They are accepted.",
        Overriding: "They are accepted with `overrideTime`.",
        Refused: "They are refused.",
    }
}

values! {
    /// Form of a number.
    Written {
        Number: "As a number.",
        Text: "As text.",
    }
}

values! {
    /// Where the client shows its id and secret.
    ClientPlace {
        Anywhere: "In the header or in the form.",
        Header: "In the header.",
        Form: "In the form.",
    }
}

values! {
    /// Order of results.
    Results {
        InOrder: "That of the request.",
        Reversed: "The last one first.",
        OneMissing: "The first one is missing.",
    }
}

values! {
    /// An answer without rows.
    Nothing {
        Empty: "200 with no rows.",
        NoContent: "204.",
    }
}

values! {
    /// Spellings of a number in digits.
    Spelling {
        Any: "All.",
        National: "Numbers of the home country without its code.",
        International: "With the country's code.",
    }
}

values! {
    /// `targetAgentId` of a callback that belongs to a skill.
    Agent {
        Any: "Anything.",
        Omitted: "It must be left out.",
        Empty: "It must be the empty text.",
        Number: "It must be a number.",
    }
}

values! {
    /// Status of a success.
    Created {
        Ok: "200.",
        Created: "201.",
        Accepted: "202 without content.",
    }
}

values! {
    /// Names that come back with a callback.
    Names {
        Customers: "Those that were sent.",
        Agents: "Those of an agent.",
    }
}

values! {
    /// An offset in a date.
    Offset {
        Honored: "It counts.",
        Ignored: "The date is read as if it had none.",
    }
}

values! {
    /// Zone of a date without an offset.
    BareDate {
        BusinessUnit: "That of the business unit.",
        Utc: "UTC.",
    }
}

values! {
    /// A callback that is due.
    Due {
        Held: "It waits.",
        Delivered: "It is made.",
    }
}

values! {
    /// Zones that a PUT does not name.
    Put {
        Replaces: "They are gone.",
        Merges: "They stay as they are.",
        Ignored: "They stay, and so do those that it names.",
    }
}

values! {
    /// Form of times of day.
    Times {
        Minutes: "`HH:MM`, and no other is accepted.",
        Seconds: "`HH:MM:SS`; `HH:MM` is accepted.",
        SecondsAlone: "`HH:MM:SS`, and no other is accepted.",
    }
}

values! {
    /// Name of the member with a zone's name.
    ZoneKey {
        StandardName: "`standardName`.",
        Name: "`name`.",
    }
}

values! {
    /// Meaning of `overrideTime`.
    OverrideTime {
        ReplacesBusinessUnit: "The hours of the skill replace those of the business unit.",
        None: "None: both must be open.",
    }
}

values! {
    /// Zone of the weekly schedule.
    ScheduleZone {
        BusinessUnit: "That of the business unit.",
        CalledParty: "That of the called party.",
    }
}

values! {
    /// Answer about an unknown id.
    Unknown {
        NotFound: "404.",
        BadRequest: "400.",
        NoContent: "204.",
        Forbidden: "403.",
    }
}

values! {
    /// Form of a single skill.
    Single {
        Plain: "The skill itself.",
        InArray: "An array of one.",
    }
}

values! {
    /// Status of a success without content.
    Done {
        Ok: "200.",
        NoContent: "204.",
    }
}

values! {
    /// Place of the details of a contact.
    Details {
        Nested: "Below `contactId`.",
        Top: "At the top.",
    }
}

values! {
    /// A disposition that is set after the end.
    LateDisposition {
        Reappears: "The contact counts as changed.",
        Unnoticed: "The contact does not count as changed.",
    }
}

values! {
    /// `totalRecords` of a page.
    Total {
        OfAll: "Number of all rows.",
        OfPage: "Number of rows on the page.",
        Missing: "Missing.",
    }
}

values! {
    /// Dials that are contacts.
    Dials {
        All: "All.",
        Answered: "Those that were answered.",
    }
}

values! {
    /// Effect of tags on those that are there.
    TagEffect {
        Added: "They stay.",
        Replaced: "They are gone.",
    }
}

values! {
    /// Form of the beginning of a half hour.
    HalfHour {
        Utc: "Date and time with `Z`.",
        Bare: "Date and time without an offset.",
        Number: "Hours since midnight.",
    }
}

values! {
    /// Key of the rows of the dialer.
    DialerKey {
        OutboundStats: "`outboundStats`.",
        WfmObStatsV9: "`wfM_OB_StatsV9`.",
    }
}

values! {
    /// Spelling of a recipient.
    Recipient {
        Any: "With or without a plus sign.",
        WithPlus: "With a plus sign.",
        Digits: "Digits alone.",
    }
}

values! {
    /// Effect of an `X-Trace-Id` that comes again.
    Trace {
        None: "None.",
        Deduplicates: "The message is not sent again.",
    }
}

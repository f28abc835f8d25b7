//! Traits of a tenant: what no public source tells of the REST services, each with its likeliest
//! value. Nothing may depend on one of them.
//!
//! Four that come and go are faults instead: a token refused once (`createCallback:401x1`), a rate
//! limit (`429`, `429-bare`), an answer that is lost (`drop-after`), and a gateway's answer after the
//! work was done (`504-after`).

mod values;

use std::collections::BTreeSet;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

pub use values::*;

/// All traits, by what they are about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Traits {
    /// Requests and answers as such.
    pub wire: Wire,
    /// Tokens.
    pub tokens: TokenTraits,
    /// Do-not-call groups.
    pub dnc: DncTraits,
    /// Scheduled callbacks.
    pub callbacks: CallbackTraits,
    /// Hours of zones.
    pub hours: HourTraits,
    /// Skills.
    pub skills: SkillTraits,
    /// Contacts and their counts.
    pub contacts: ContactTraits,
    /// Actuals of agents.
    pub capacity: CapacityTraits,
    /// Text messages.
    pub texts: TextTraits,
}

impl Traits {
    /// These with some changed, as JSON has them.
    pub fn changed(&self, changes: &Value) -> anyhow::Result<Self> {
        let mut traits = serde_json::to_value(self)?;
        merge(&mut traits, changes);
        serde_json::from_value(traits).context("no such trait")
    }

    /// Every trait with each of its other values, as changes, each by its name, such as
    /// `dnc.wrapped=false`.
    ///
    /// # Panics
    ///
    /// When a trait has no other value.
    pub fn variations() -> Vec<(String, Value)> {
        let traits = serde_json::to_value(Self::default()).expect("JSON");
        let mut variations = Vec::new();
        for (group, members) in traits.as_object().expect("groups") {
            for (name, default) in members.as_object().expect("traits") {
                let one = |value: Value| json!({ group: { name: value } });
                let values = other_values(&one, default);
                assert!(!values.is_empty(), "{group}.{name} has no other value");
                let named = |value: Value| (format!("{group}.{name}={value}"), one(value));
                variations.extend(values.into_iter().map(named));
            }
        }
        variations
    }
}

/// The other values of a trait, found by what is said about a value that it has not.
fn other_values(one: &impl Fn(Value) -> Value, default: &Value) -> Vec<Value> {
    let refused = Traits::default().changed(&one(json!("?"))).expect_err("a text is no value");
    let why = format!("{refused:#}");
    if why.contains("unknown variant") {
        let (_, names) = why.split_once("expected ").expect("it names those that there are");
        let names = names.split('`').skip(1).step_by(2).map(|name| json!(name));
        return names.filter(|name| name != default).collect();
    }
    match default {
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Array(_) => vec![json!(["createCallback", "dfoChannels"])],
        // Most requests are made at this version.
        Value::Number(number) if [4, 34].map(|it| json!(it)).contains(&json!(number)) => {
            vec![json!(30)]
        }
        // Seconds: longer than any test takes.
        Value::Number(number) if number.as_u64() == Some(0) => vec![json!(600)],
        _ => vec![json!(1)],
    }
}

fn merge(into: &mut Value, changes: &Value) {
    match (into, changes) {
        (Value::Object(into), Value::Object(changes)) => {
            for (name, change) in changes {
                merge(into.entry(name).or_insert(Value::Null), change);
            }
        }
        (into, change) => *into = change.clone(),
    }
}

/// Declares a group of traits with their defaults.
macro_rules! traits {
    ($(#[$about:meta])* $group:ident { $($(#[$what:meta])* $name:ident: $kind:ty = $default:expr,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields, rename_all = "camelCase")]
        pub struct $group { $($(#[$what])* pub $name: $kind,)* }

        impl Default for $group {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }
    };
}

traits! {
    /// Requests and answers as such.
    Wire {
        /// Shape of an error.
        errors: ErrorShape = ErrorShape::ErrorDescription,
        /// A token that is not valid.
        bad_token: BadToken = BadToken::Unauthorized,
        /// Requests that are answered with JSON.
        accept: Accept = Accept::AnyHeader,
        /// True for a tenant with divisions: their numbers are in some answers.
        segmented: bool = false,
        /// The oldest version that is served.
        version_oldest: u32 = 4,
        /// The newest version that is served.
        version_newest: u32 = 34,
        /// Type of a version in an answer.
        version: Written = Written::Number,
        /// Paths in the list of versions.
        version_uri: VersionUri = VersionUri::Bare,
        /// Seconds by which the clock of its servers is ahead, in the header `Date`.
        clock_ahead_s: i32 = 0,
        /// Operations that the role of the user does not allow.
        forbidden: BTreeSet<String> = BTreeSet::new(),
    }
}

traits! {
    /// Tokens.
    TokenTraits {
        /// False if the lifetime of a token is not told.
        expires_in: bool = true,
        /// Number of requests after which a token is worth nothing, before its time.
        uses_max: Option<u32> = None,
        /// False if a new token ends the one before.
        many_at_once: bool = true,
        /// True if an `id_token` comes along.
        id_token: bool = true,
        /// Where the client shows its id and secret.
        client: ClientPlace = ClientPlace::Anywhere,
    }
}

traits! {
    /// Do-not-call groups.
    DncTraits {
        /// A number that is on the list already.
        repeated: Verdict = Verdict::Accepted,
        /// Order of the results.
        results: Results = Results::InOrder,
        /// True if answers have the wrapper `resultSet`.
        wrapped: bool = true,
        /// Type of a count of errors.
        error_count: Written = Written::Number,
        /// A search that finds nothing.
        nothing: Nothing = Nothing::Empty,
        /// Spellings that can be added.
        accepts: Spelling = Spelling::Any,
        /// Spellings that a search finds.
        finds: Spelling = Spelling::Any,
        /// Seconds until a running skill obeys an entry.
        obeyed_after_s: u32 = 0,
        /// The most records of a request.
        batch_max: usize = 100,
        /// A record that is no number, among others.
        wrong: WrongRecord = WrongRecord::Alone,
    }
}

traits! {
    /// Scheduled callbacks.
    CallbackTraits {
        /// `targetAgentId` of a callback that belongs to a skill.
        agent: Agent = Agent::Any,
        /// Status of a success.
        created: Created = Created::Ok,
        /// Seconds until a callback is listed.
        listed_after_s: u32 = 0,
        /// A skill without callbacks.
        nothing: Nothing = Nothing::Empty,
        /// The longest notes; longer ones are cut.
        notes_max: usize = 4000,
        /// The longest names; longer ones are cut.
        names_max: usize = 100,
        /// The most callbacks that are listed, the oldest first.
        listed_max: Option<usize> = None,
        /// Names that come back.
        names: Names = Names::Customers,
        /// A date in the past.
        past: Verdict = Verdict::Refused,
        /// The most days ahead.
        days_ahead_max: u32 = 365,
        /// An offset in a date.
        offset: Offset = Offset::Honored,
        /// Zone of a date without an offset.
        bare_date: BareDate = BareDate::BusinessUnit,
        /// A due callback of a skill that is stopped.
        when_stopped: Due = Due::Held,
        /// A due callback to a number that the skill is scrubbed of.
        when_listed: Due = Due::Delivered,
        /// A due callback outside of the hours of its zone.
        when_closed: Due = Due::Delivered,
        /// True if a callback is listed after it was delivered.
        listed_after_delivery: bool = false,
    }
}

traits! {
    /// Hours of zones.
    HourTraits {
        /// Zones that a PUT does not name.
        put: Put = Put::Replaces,
        /// Form of times of day.
        times: Times = Times::Minutes,
        /// Name of the member with a zone's name.
        zone_key: ZoneKey = ZoneKey::StandardName,
        /// `24:00` as the end of a day.
        midnight: Verdict = Verdict::Refused,
        /// An end before the start: over midnight.
        end_before_start: Verdict = Verdict::Refused,
        /// Meaning of `overrideTime`.
        override_time: OverrideTime = OverrideTime::ReplacesBusinessUnit,
        /// Hours beyond those of the business unit.
        beyond_business_unit: Beyond = Beyond::Accepted,
        /// The most PUTs for a skill, after which the role does not allow any more.
        puts_max: Option<u32> = None,
        /// Seconds until a running skill obeys new hours.
        obeyed_after_s: u32 = 0,
    }
}

traits! {
    /// Skills.
    SkillTraits {
        /// Start of a running skill, stop of a stopped one.
        repeated: Verdict = Verdict::Accepted,
        /// Seconds until `isRunning` shows a start or a stop.
        running_after_s: u32 = 0,
        /// Start outside of the weekly schedule.
        start_off_schedule: Verdict = Verdict::Accepted,
        /// True if the weekly schedule holds back a running skill.
        schedule_obeyed: bool = true,
        /// Zone of the weekly schedule.
        schedule_zone: ScheduleZone = ScheduleZone::BusinessUnit,
        /// False if parameters leave out calling lists where there are none.
        no_lists: bool = true,
        /// False if the skills are of a kind without parameters.
        parameters: bool = true,
        /// An unknown id.
        unknown: Unknown = Unknown::NotFound,
        /// Form of a single skill.
        single: Single = Single::Plain,
        /// Status of a success without content.
        done: Done = Done::Ok,
    }
}

traits! {
    /// Contacts and their counts.
    ContactTraits {
        /// An unknown id.
        unknown: Unknown = Unknown::NotFound,
        /// Place of the details of a contact.
        details: Details = Details::Nested,
        /// A period without contacts.
        nothing: Nothing = Nothing::NoContent,
        /// Seconds until an ended contact is listed.
        late_s: u32 = 0,
        /// A disposition that is set after the end.
        late_disposition: LateDisposition = LateDisposition::Reappears,
        /// `orderBy`.
        order: Parameter = Parameter::Honored,
        /// `skip`.
        skip: Parameter = Parameter::Honored,
        /// The most days of a period of contacts.
        days_max: Option<u32> = None,
        /// A period that does not begin with a quarter of an hour.
        odd_periods: Verdict = Verdict::Accepted,
        /// `totalRecords` of a page.
        total: Total = Total::OfAll,
        /// Dials that are contacts.
        dials: Dials = Dials::All,
        /// Seconds by which the counts of skills lag.
        summaries_lag_s: u32 = 0,
        /// The most days of a period of counts.
        summaries_days_max: Option<u32> = None,
        /// True if such a period begins with the quarter of an hour.
        summaries_rounded: bool = false,
        /// A period without counts.
        summaries_nothing: Nothing = Nothing::Empty,
        /// Tags on a contact that has ended.
        tags_on_ended: Verdict = Verdict::Accepted,
        /// Effect of tags on those that are there.
        tags: TagEffect = TagEffect::Added,
        /// Type of the count of errors of tags.
        error_count: Written = Written::Text,
        /// Business data of a contact that has ended.
        business_data_on_ended: Verdict = Verdict::Accepted,
        /// A disposition for a contact that has ended.
        disposition_on_ended: Verdict = Verdict::Refused,
    }
}

traits! {
    /// Actuals of agents.
    CapacityTraits {
        /// Form of the beginning of a half hour.
        half_hour: HalfHour = HalfHour::Utc,
        /// Key of the rows of the dialer.
        dialer_key: DialerKey = DialerKey::OutboundStats,
    }
}

traits! {
    /// Text messages.
    TextTraits {
        /// Spelling of a recipient.
        recipient: Recipient = Recipient::Any,
        /// True if `thread` is required.
        thread: bool = false,
        /// True if all four members of a recipient are required.
        members: bool = false,
        /// Status of a success.
        created: Created = Created::Ok,
        /// Effect of an `X-Trace-Id` that comes again.
        trace: Trace = Trace::None,
        /// Seconds until a message is found.
        found_after_s: u32 = 0,
        /// A message outside of the hours of the business unit.
        when_closed: Verdict = Verdict::Accepted,
    }
}

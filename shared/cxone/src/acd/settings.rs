//! Settings of the backend.

use std::{collections::BTreeMap, fmt, num::NonZeroUsize, str::FromStr};

use settings::Environment;
use url::Url;

use super::{
    Operation,
    capacity::CapacityPlan,
    contact::WriteBack,
    hours::{ScheduleMode, TimesOfDay},
    number::NumberFormat,
    progress::Completed,
    zones::ZoneList,
};
use crate::{Error, config::usable, paths::Paths};

/// Number of a skill.
pub(crate) type Skill = u64;

settings::settings! { env;
    /// Settings of the backend.
    #[derive(Clone)]
    pub(crate) struct AcdSettings {
        /// Paths that differ from those in the contract.
        pub(super) paths: Paths<Operation> = Paths::read(env),
        /// Skills of the campaigns.
        pub(crate) skills: Skills = env.optional("CXONE_SKILLS", Skills::default()),
        /// Most records in one request to a DNC group.
        pub(super) dnc_chunk: NonZeroUsize = env.optional("CXONE_DNC_CHUNK", DNC_CHUNK),
        /// Spelling of phone numbers.
        pub(super) number_format: NumberFormat =
            env.optional("CXONE_NUMBER_FORMAT", NumberFormat::National),
        /// Access to text messages.
        pub(crate) texts: Texts = Texts::read(env),
        /// Agent of a callback that belongs to a skill.
        pub(super) callback_agent: CallbackAgent =
            env.optional("CXONE_CALLBACK_AGENT", CallbackAgent::Omitted),
        /// Hours outside of which no hours are ever written to a skill.
        pub(super) curfew: TimesOfDay = env.optional("CXONE_CURFEW", TimesOfDay::CURFEW),
        /// Use of a skill's hours.
        pub(super) schedule: ScheduleMode = env.optional("CXONE_SCHEDULE", ScheduleMode::Verify),
        /// Zones that campaigns may call; none for all that a skill has.
        pub(crate) zones: ZoneList = env.optional("CXONE_ZONES", ZoneList::default()),
        /// Count of completed calls.
        pub(super) completed: Completed = env.optional("CXONE_COMPLETED", Completed::Contacts),
        /// Place for the category of a call.
        pub(super) write_back: WriteBack = WriteBack::read(env),
        /// Agents per hour of the week.
        pub(crate) capacity: CapacityPlan =
            env.optional("CXONE_CAPACITY", CapacityPlan::default()),
    }
}

impl AcdSettings {
    /// Codes of dispositions that are written back, each after its category.
    pub(crate) fn dispositions_written(&self) -> impl Iterator<Item = (&str, &str)> {
        let codes = match &self.write_back {
            WriteBack::Disposition(codes) => Some(&codes.0),
            _ => None,
        };
        let codes = codes.into_iter().flatten();
        codes.map(|(category, code)| (category.as_str(), code.as_str()))
    }

    /// Most records in one request to a DNC group.
    pub(crate) fn dnc_chunk(&self) -> usize {
        self.dnc_chunk.get()
    }

    /// Returns whether completed calls are counted by contacts.
    pub(crate) fn counts_by_contact(&self) -> bool {
        self.completed == Completed::Contacts
    }

    /// Returns whether completed calls are counted by calling lists.
    pub(crate) fn counts_by_list(&self) -> bool {
        self.completed == Completed::List
    }
}

const DNC_CHUNK: NonZeroUsize = NonZeroUsize::new(50).expect("it is not zero");

/// Pairs in a setting: `key=value`, separated by commas. A key may hold equals signs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pairs<T>(pub(super) BTreeMap<String, T>);

impl<T> Default for Pairs<T> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<T: FromStr<Err: fmt::Display>> FromStr for Pairs<T> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut pairs = BTreeMap::new();
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let (key, value) =
                pair.rsplit_once('=').ok_or_else(|| format!("expected key=value in `{pair}`"))?;
            let (key, value) = (key.trim(), value.trim());
            let value = value.parse().map_err(|error| format!("{error} in `{pair}`"))?;
            if key.is_empty() {
                return Err(format!("the key is missing in `{pair}`"));
            }
            if pairs.insert(key.to_owned(), value).is_some() {
                return Err(format!("`{key}` is there twice"));
            }
        }
        Ok(Self(pairs))
    }
}

/// Skills of the campaigns. A campaign that is not listed and is a number is the skill of that
/// number.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Skills(Pairs<SkillList>);

/// Skills of one campaign: numbers with a plus sign between them, one at least.
#[derive(Debug, Clone, PartialEq, Eq)]
struct SkillList(Vec<Skill>);

impl FromStr for SkillList {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let skills: Option<Vec<Skill>> = text.split('+').map(number).collect();
        skills.map(Self).ok_or("expected numbers of skills, with a plus sign between them,")
    }
}

impl FromStr for Skills {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl Skills {
    /// The skills of a campaign, one at least, the one for callbacks first.
    pub(super) fn of(&self, campaign: &str) -> Result<Vec<Skill>, Error> {
        if let Some(SkillList(skills)) = self.0.0.get(campaign) {
            return Ok(skills.clone());
        }
        number(campaign).map(|skill| vec![skill]).ok_or_else(unknown_campaign)
    }

    /// The first skill of a campaign, which is the one for callbacks.
    pub(super) fn first_of(&self, campaign: &str) -> Result<Skill, Error> {
        self.of(campaign)?.first().copied().ok_or_else(unknown_campaign)
    }

    /// The campaigns that are listed, each with its skills.
    pub(crate) fn campaigns(&self) -> impl Iterator<Item = (&str, &[Skill])> {
        self.0.0.iter().map(|(campaign, SkillList(skills))| (campaign.as_str(), &skills[..]))
    }

    /// All skills that are listed. None when campaigns are named by their skills.
    pub(super) fn listed(&self) -> impl Iterator<Item = Skill> {
        self.0.0.values().flat_map(|SkillList(skills)| skills.iter().copied())
    }
}

fn unknown_campaign() -> Error {
    let detail = "the campaign is not in CXONE_SKILLS, nor is it the number of a skill";
    Error::Invalid { detail: detail.to_owned() }
}

/// A number in plain digits.
pub(super) fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let is_plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok())?
}

/// Agent of a callback that belongs to a skill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallbackAgent {
    /// The field is left out.
    Omitted,
    /// The field is an empty text.
    Empty,
    /// The field is the number of an agent.
    Agent(u64),
}

impl FromStr for CallbackAgent {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "omit" => Ok(Self::Omitted),
            "empty" => Ok(Self::Empty),
            agent => {
                number(agent).map(Self::Agent).ok_or("expected omit, empty or an agent's number")
            }
        }
    }
}

/// Access to text messages, as far as the tenant has any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Texts {
    /// The host of Digital First Omnichannel.
    base: Option<Url>,
    /// Channel of each sender, by the digits of its number.
    channels: BTreeMap<String, String>,
}

impl Texts {
    /// Reads the two settings, which are there both or not at all.
    fn read(env: &mut Environment) -> Option<Self> {
        const URL: &str = "CXONE_DFO_URL";
        const CHANNELS: &str = "CXONE_DFO_CHANNELS";
        if !env.is_set(URL) && !env.is_set(CHANNELS) {
            return Some(Self::default());
        }
        let base = env.required(URL).and_then(|url| usable(URL, url, env));
        let channels = env.required::<Pairs<String>>(CHANNELS);
        let channels = channels?.0.into_iter();
        let channels = channels.map(|(sender, channel)| (digits(&sender), channel)).collect();
        Some(Self { base: Some(base?), channels })
    }

    /// The host of Digital First Omnichannel, if the tenant has it.
    pub(super) fn base(&self) -> Option<&Url> {
        self.base.as_ref()
    }

    /// The host and the channel for the messages of a sender.
    pub(crate) fn channel(&self, sender: &str) -> Option<(&Url, &str)> {
        Some((self.base.as_ref()?, self.channels.get(&digits(sender))?))
    }
}

fn digits(number: &str) -> String {
    number.chars().filter(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_campaign_has_the_skills_that_are_listed_or_else_is_one() {
        let skills: Skills = "spring=4+5, a=b=7,".parse().expect("a list");
        assert_eq!(skills.of("spring"), Ok(vec![4, 5]));
        assert_eq!(skills.of("a=b"), Ok(vec![7]));
        assert_eq!(skills.of("4271306"), Ok(vec![4_271_306]));
        assert_eq!(skills.listed().collect::<Vec<_>>(), [7, 4, 5]);
        for unknown in ["autumn", "", "+4", "-4", "4.0", "4 5", "99999999999999999999999"] {
            let refused = skills.of(unknown).expect_err(unknown);
            assert!(matches!(refused, Error::Invalid { .. }), "{refused}");
        }
    }

    #[test]
    fn a_malformed_list_of_skills_is_named() {
        for (list, expected) in [
            ("spring", "expected key=value in `spring`"),
            ("spring=", "expected numbers of skills"),
            ("spring=4+", "expected numbers of skills"),
            ("spring=four", "expected numbers of skills"),
            ("=4", "the key is missing"),
            ("spring=4,spring=5", "`spring` is there twice"),
        ] {
            let problem = list.parse::<Skills>().expect_err(list);
            assert!(problem.contains(expected), "{problem}");
        }
    }

    proptest! {
        #[test]
        fn every_campaign_that_is_listed_is_found(
            listed in proptest::collection::btree_map(
                "[a-z][a-z0-9= ./-]{0,10}[a-z]", proptest::collection::vec(0..u64::MAX, 1..4), 0..5,
            ),
        ) {
            let text: Vec<String> = listed
                .iter()
                .map(|(campaign, skills)| {
                    let skills: Vec<String> = skills.iter().map(u64::to_string).collect();
                    format!("{campaign}={}", skills.join("+"))
                })
                .collect();
            let skills: Skills = text.join(",").parse().expect("a list");
            for (campaign, expected) in listed {
                prop_assert_eq!(skills.of(&campaign), Ok(expected));
            }
        }
    }
}

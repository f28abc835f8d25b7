//! A tenant with the ACD services.

use std::collections::{BTreeMap, BTreeSet};

use cxone::{Client, DncGroup, Error, InspectedSettings, InspectedSkill, Inspection, TextChannel};
use futures::{StreamExt, stream};

use super::{
    Case, Part, answers, callbacks, campaigns::Campaigns, counts, dispositions, dnc,
    finding::Findings, hours, interrupt::Interrupt, lag, own_text::OwnText, rate, records::Records,
    restraints, role, skills, test_skill::TestSkill, texts, unit, write_back, writes::Writes,
};
use crate::tenant::deadline;

/// Most skills that are read at once.
const SKILLS_AT_ONCE: usize = 4;

/// What was read of a tenant.
pub(super) struct Facts {
    /// The do-not-call group and the skills that obey it, if a group is named.
    pub(super) group: Option<Result<DncGroup, Error>>,
    pub(super) scrubbed: Option<Result<BTreeSet<u64>, Error>>,
    pub(super) skills: BTreeMap<u64, SkillFacts>,
    /// Names of the zones that are closed for the tenant.
    pub(super) closed_zones: Result<BTreeSet<String>, Error>,
    /// The channel of the sender, if there is one in the settings.
    pub(super) channel: Option<Result<TextChannel, Error>>,
}

/// What was read of a skill.
pub(super) struct SkillFacts {
    pub(super) itself: Result<InspectedSkill, Error>,
    pub(super) settings: Result<InspectedSettings, Error>,
}

impl Facts {
    async fn read(case: &Case<'_>, inspection: Inspection<'_>, campaigns: &Campaigns) -> Self {
        let group = case.values.get("CXONE_DNC_LIST_ID");
        let sender = case.values.get("SMS_SENDER").filter(|_| !case.is_without(Part::Texts));
        let skills = stream::iter(campaigns.all_skills()).map(async |skill| {
            let itself = inspection.skill(skill, deadline()).await;
            (skill, SkillFacts { itself, settings: inspection.settings(skill, deadline()).await })
        });
        Self {
            skills: skills.buffered(SKILLS_AT_ONCE).collect().await,
            group: match group {
                Some(group) => Some(inspection.dnc_group(group, deadline()).await),
                None => None,
            },
            scrubbed: match group {
                Some(group) => Some(inspection.scrubbed_skills(group, deadline()).await),
                None => None,
            },
            closed_zones: inspection.closed_zones(deadline()).await,
            channel: match sender.and_then(|sender| inspection.channel_of(sender)) {
                Some(channel) => Some(inspection.text_channel(channel, deadline()).await),
                None => None,
            },
        }
    }

    /// The skills that there may be: all but those that the tenant does not have.
    pub(super) fn possible(&self) -> impl Iterator<Item = u64> {
        let is_absent = |facts: &SkillFacts| matches!(facts.itself, Err(Error::NotFound { .. }));
        self.skills.iter().filter(move |(_, facts)| !is_absent(facts)).map(|(skill, _)| *skill)
    }

    /// The skills whose settings have something.
    pub(super) fn with(&self, has: impl Fn(&InspectedSettings) -> bool) -> Vec<u64> {
        let settings = |facts: &SkillFacts| facts.settings.as_ref().is_ok_and(&has);
        self.skills.iter().filter(|(_, facts)| settings(facts)).map(|(skill, _)| *skill).collect()
    }

    /// The skills that the tenant has, each with what it shows of it.
    pub(super) fn existing(&self) -> impl Iterator<Item = (u64, &InspectedSkill)> {
        self.skills.iter().filter_map(|(skill, facts)| Some((*skill, facts.itself.as_ref().ok()?)))
    }
}

/// Checks the tenant. A do-not-call group that blocks nothing ends the examination: until that is
/// mended, nothing may be called.
pub(super) async fn examine(
    case: &Case<'_>,
    client: &Client,
    inspection: Inspection<'_>,
    findings: &mut Findings,
) {
    findings.group("tenant");
    unit::check(inspection, findings).await;
    let campaigns = Campaigns::of(case, client, inspection).await;
    let facts = Facts::read(case, inspection, &campaigns).await;
    findings.group("role");
    role::check(case, inspection, &campaigns, &facts, findings).await;
    findings.group("do not call");
    findings.add(dnc::exists(&facts));
    let scrubbed = dnc::is_obeyed(&facts);
    let stops = scrubbed.is_wrong();
    findings.add(scrubbed);
    if stops {
        findings.not_checked("all else", "stopped here: mend this before anybody is called");
        return;
    }
    findings.group("skills");
    skills::check(&campaigns, &facts, findings);
    findings.group("hours");
    hours::check(case, inspection, &campaigns, &facts, findings);
    restraints::check(inspection, &facts, findings).await;
    findings.group("callbacks");
    callbacks::check(case, inspection, &campaigns, findings);
    findings.add(restraints::attempts(case, &campaigns, &facts));
    findings.group("texts");
    findings.add(texts::channel(case, inspection, &facts));
    findings.group("counts");
    counts::check(inspection, campaigns.counted(), findings).await;
    findings.add(lag::check(case, inspection).await);
    findings.group("dispositions");
    dispositions::check(case, inspection, facts.possible().collect(), findings).await;
    findings.group("answers");
    answers::check(inspection, facts.channel.is_some(), findings).await;
    write(case, client, inspection, &campaigns, findings).await;
    findings.group("events");
    let why = "scripts send them, and only a call of your own shows that they do";
    findings.not_checked("scripts", why);
}

/// Does what only a write shows, if there is a number that may be written. After an interrupt, what
/// was begun is taken back, and no more is begun.
async fn write(
    case: &Case<'_>,
    client: &Client,
    inspection: Inspection<'_>,
    campaigns: &Campaigns,
    findings: &mut Findings,
) {
    let writing = case.writing;
    let Some(number) = &writing.write else { return };
    let interrupt = Interrupt::watched();
    findings.group("writes");
    let writes = Writes { client, inspection, number, interrupt: &interrupt };
    writes.check(case, campaigns, findings).await;
    findings.group("records");
    if let Some(group) = case.values.get("CXONE_DNC_LIST_ID")
        && interrupt.lets_begin("one-wrong", findings)
    {
        let records = Records { inspection, group, own: number };
        records.one_wrong(findings).await;
        if writing.bulk && interrupt.lets_begin("many", findings) {
            records.many(findings).await;
        }
    }
    findings.group("test skill");
    if let Some(skill) = writing.test_skill
        && interrupt.lets_begin("fit", findings)
    {
        TestSkill::new(client, inspection, skill, &interrupt).check(campaigns, findings).await;
    }
    findings.group("own text");
    if writing.text && interrupt.lets_begin("sent", findings) {
        OwnText { client, inspection, number }.check(case, findings).await;
    }
    write_back(case, inspection, &interrupt, findings).await;
    findings.group("rate");
    if writing.bulk && interrupt.lets_begin("reads", findings) {
        findings.add(rate::check(inspection, writing.pause_or(rate::PAUSE), &interrupt).await);
    }
}

/// Writes to calls that the operator names.
async fn write_back(
    case: &Case<'_>,
    inspection: Inspection<'_>,
    interrupt: &Interrupt,
    findings: &mut Findings,
) {
    findings.group("tag");
    if let Some((contact, tag)) = &case.writing.tag
        && interrupt.lets_begin("taken", findings)
    {
        write_back::tag(case, inspection, (contact, *tag), findings).await;
    }
    findings.group("business data");
    if let Some((contact, category)) = &case.writing.business_data
        && interrupt.lets_begin("taken", findings)
    {
        write_back::business_data(case, inspection, (contact, *category), findings).await;
    }
}

/// A list of things in a sentence, cut after the first few.
pub(super) fn some_of<T: ToString>(things: &[T]) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> = things.iter().take(SHOWN).map(T::to_string).collect();
    match things.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

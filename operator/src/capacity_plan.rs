//! `outbound capacity-plan`: the agents by hour of the week, from the work of past weeks.

mod actuals;

use std::collections::BTreeSet;

use anyhow::{Context, bail};
use chrono::{NaiveDate, NaiveTime, TimeDelta};
use clap::Args;
use cxone::{AgentWork, CapacityPlan, Inspection};
use futures::{StreamExt, TryStreamExt, stream};
use outbound::{law::Zone, zone};
use serde::Serialize;

use self::actuals::Actuals;
use crate::{
    output::{Format, Outcome, Verdict},
    stack::Target,
    tenant::{SETTINGS, Tenant, deadline},
};

/// Most days that are asked for at once.
const DAYS_AT_ONCE: usize = 4;
/// Most characters of a value. Lambda has 4 KB for all variables of a function.
const LENGTH_MAX: usize = 2_000;

/// Prints the value of `CxoneCapacity`: agents by hour of the week
///
/// An hour has as many agents as handled a contact of the skill in it, in the median of the weeks. An
/// agent who waited in vain is not among them, so the plan is on the careful side. For tenants with
/// the ACD services.
#[derive(Args)]
#[command(after_help = SETTINGS)]
pub(crate) struct Question {
    /// Weeks before this day
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(u8).range(1..=26))]
    weeks: u8,

    /// Skills [default: all of `CxoneSkills`]
    #[arg(long, value_name = "NUMBER", value_delimiter = ',')]
    skill: Vec<u64>,

    /// IANA zone of the tenant's clocks [default: as CXone has it]
    #[arg(long)]
    zone: Option<Zone>,

    #[command(flatten)]
    target: Target,
}

/// A plan, and what it is derived from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    /// The value of `CxoneCapacity`.
    capacity: String,
    zone: &'static str,
    first_day: NaiveDate,
    last_day: NaiveDate,
    /// Skills for which nobody has worked.
    without_work: Vec<u64>,
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let tenant = Tenant::of(&question.target).await?;
    let Some(inspection) = tenant.client.inspection() else {
        bail!("the API v2 has a forecast of its own: CxoneCapacity is for CxoneApi acd");
    };
    let skills = skills(question, inspection)?;
    let explained = |error| anyhow::Error::msg(tenant.explained(&error));
    let Zone(clocks) = match question.zone {
        Some(zone) => zone,
        None => Zone(inspection.clocks(deadline()).await.map_err(explained)?.context(
            "CXone names the tenant's time zone in a way that is not known: give --zone",
        )?),
    };
    let today = zone::local(clocks, ambient::now()).date_naive();
    let days = 7 * i64::from(question.weeks);
    let days: Vec<NaiveDate> = (1..=days).rev().map(|ago| today - TimeDelta::days(ago)).collect();
    let midnight = |day: NaiveDate| zone::instant(clocks, day.and_time(NaiveTime::MIN)).to_utc();
    let work: Vec<(NaiveDate, Vec<AgentWork>)> = stream::iter(&days)
        .map(async |day| {
            let period = midnight(*day)..midnight(*day + TimeDelta::days(1));
            inspection.agent_work(&period, deadline()).await.map(|work| (*day, work))
        })
        .buffered(DAYS_AT_ONCE)
        .try_collect()
        .await
        .map_err(explained)?;
    let actuals = Actuals::of(clocks, &days, &work);
    report(&actuals, &skills, clocks.name(), format)
}

fn skills(question: &Question, inspection: Inspection<'_>) -> anyhow::Result<BTreeSet<u64>> {
    let listed = inspection.campaigns().flat_map(|(_, skills)| skills).copied();
    let skills: BTreeSet<u64> = match &question.skill[..] {
        [] => listed.collect(),
        named => named.iter().copied().collect(),
    };
    if skills.is_empty() {
        bail!("which skills? CxoneSkills is empty: give --skill NUMBER");
    }
    Ok(skills)
}

fn report(
    actuals: &Actuals,
    skills: &BTreeSet<u64>,
    zone: &'static str,
    format: Format,
) -> anyhow::Result<Outcome> {
    let mut plan = CapacityPlan::default();
    let mut without_work = Vec::new();
    for skill in skills {
        match actuals.plan(*skill) {
            Some(of_skill) => plan = plan.and(of_skill),
            None => without_work.push(*skill),
        }
    }
    let [first_day, last_day] = actuals.span().context("no day was read")?;
    let capacity = plan.to_string();
    let report = Report { capacity, zone, first_day, last_day, without_work };
    let verdict = Verdict::bad_if(!report.without_work.is_empty() || report.is_long());
    Outcome::report(format, &report, Report::shown, verdict)
}

impl Report {
    /// Returns whether the functions may have no room for it.
    fn is_long(&self) -> bool {
        self.capacity.len() > LENGTH_MAX
    }

    /// The value, and in comments what is wrong with it.
    fn shown(&self) -> String {
        let mut text = String::new();
        if !self.capacity.is_empty() {
            text.push_str(&self.capacity);
            text.push('\n');
        }
        let Self { first_day, last_day, .. } = self;
        for skill in &self.without_work {
            let why =
                format!("# skill {skill}: nobody handled a contact, {first_day} to {last_day}");
            text.push_str(&why);
            text.push('\n');
        }
        if self.is_long() {
            let length = self.capacity.len();
            let why = format!(
                "# {length} characters: all variables of a function have 4 KB. Name fewer\n\
                 # skills with --skill, those that callbacks go to.\n"
            );
            text.push_str(&why);
        }
        text
    }
}

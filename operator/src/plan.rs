//! `outbound plan`: a file of campaigns, checked before it is deployed.

mod report;
mod starts;

use std::{fs, path::PathBuf};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Args;
use outbound::{
    FieldProblem, Region, WebhookTargets,
    campaign::{CallingHours, CampaignContact, CampaignRequest, Zones},
    law::{Closures, HousePolicy, Strictness, Zone},
};
use serde_json::Value;

use self::{
    report::{CampaignPlan, Report},
    starts::starts,
};
use crate::output::{Format, Outcome, Verdict};

const EXIT: &str = "\
Exit status:
  0  fine
  1  a start is refused or clipped, or a contact cannot be placed
  2  a campaign cannot be read

The file has the form of the parameter Campaigns. Contacts that are read from CXone are not known \
here: name their zones with --zone.";

/// Checks a file of campaigns: their next starts, and what is clipped or refused, by which rule
#[derive(Args)]
#[command(after_help = EXIT)]
pub(crate) struct Question {
    /// File with a JSON array of campaigns
    file: PathBuf,

    /// Starts that are shown for each zone
    #[arg(long, value_name = "COUNT", default_value_t = 3, value_parser = clap::value_parser!(u8).range(1..=50))]
    next: u8,

    /// Instant after which they start [default: now]
    #[arg(long, value_name = "TIME")]
    from: Option<DateTime<Utc>>,

    /// IANA zone of contacts that the file does not have
    #[arg(long, value_delimiter = ',')]
    zone: Vec<Zone>,

    /// The parameter `CallingHours`
    #[arg(long, default_value_t = CallingHours::DEFAULT)]
    calling_hours: CallingHours,

    /// The parameter `DefaultRegion`
    #[arg(long, default_value = "US")]
    region: Region,

    /// The parameter Strictness: verified or all
    #[arg(long, default_value = "verified")]
    strictness: Strictness,

    /// File with the parameter Closures: a JSON array
    #[arg(long, value_name = "FILE")]
    closures: Option<PathBuf>,
}

pub(crate) fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let documents = documents(&question.file)?;
    let policy = HousePolicy { strictness: question.strictness, closures: closures(question)? };
    let from = question.from.unwrap_or_else(ambient::now);
    let campaigns = documents.iter().map(|it| campaign(it, question, &policy, from));
    let report = Report { from, campaigns: campaigns.collect() };
    let verdict = report.verdict();
    Outcome::report(format, &report, Report::shown, verdict)
}

fn documents(file: &PathBuf) -> anyhow::Result<Vec<Value>> {
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("{name} cannot be read"))?;
    let documents = serde_json::from_str(&text);
    documents.with_context(|| format!("{name} must be a JSON array of campaigns"))
}

fn closures(question: &Question) -> anyhow::Result<Closures> {
    let Some(file) = &question.closures else { return Ok(Closures::default()) };
    let name = file.display();
    let text = fs::read_to_string(file).with_context(|| format!("--closures {name}"))?;
    text.parse().map_err(|problem| anyhow::Error::msg(format!("--closures {name}: {problem}")))
}

/// What becomes of one campaign.
fn campaign(
    document: &Value,
    question: &Question,
    policy: &HousePolicy,
    from: DateTime<Utc>,
) -> CampaignPlan {
    let read = CampaignRequest::read(&document.into(), &question.calling_hours);
    let request = match read.and_then(checked) {
        Ok(request) => request,
        Err(problems) => return CampaignPlan::unreadable(document, problems),
    };
    let zones = zones(&request, question);
    let starts = starts(&request, &zones, policy, from, question.next.into());
    CampaignPlan::planned(&request, &zones, starts)
}

/// The campaign, if a public receiver gets its completion webhook.
fn checked(request: CampaignRequest) -> Result<CampaignRequest, Vec<FieldProblem>> {
    match request.webhook_url.iter().try_for_each(|url| WebhookTargets::Public.check(url)) {
        Ok(()) => Ok(request),
        Err(why) => Err(vec![FieldProblem { field: "webhookUrl", detail: why.to_string() }]),
    }
}

/// Zones of the contacts, and those that were named on the command line.
fn zones(request: &CampaignRequest, question: &Question) -> Zones {
    let mut zones = Zones::default();
    for contact in request.contacts.iter().flatten() {
        zones.add(contact, question.region);
    }
    for Zone(zone) in &question.zone {
        let time_zone = Some(zone.name().to_owned());
        let contact = CampaignContact { time_zone, ..CampaignContact::default() };
        zones.add(&contact, question.region);
    }
    zones
}

impl Report {
    fn verdict(&self) -> Verdict {
        if self.campaigns.iter().any(|campaign| !campaign.problems.is_empty()) {
            return Verdict::Unreadable;
        }
        Verdict::bad_if(self.campaigns.iter().any(CampaignPlan::needs_a_person))
    }
}

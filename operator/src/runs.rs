//! `outbound runs`: the runs of campaigns, and how far each is.

use chrono::{DateTime, Utc};
use clap::Args;
use comfy_table::{Cell, CellAlignment};
use platform::runs::{Ended, Run};
use serde::Serialize;

use crate::{
    output::{self, Format, Outcome, Verdict, alert, instant, show},
    stack::Target,
};

const EXIT: &str = "\
Exit status:
  0  they are listed
  1  a zone was refused
  2  the command cannot be run

A run is a campaign and a local start: each zone starts it at that hour of its own. Runs are kept \
for 30 days after their last zone.";

/// Lists the runs of campaigns that are open
#[derive(Args)]
#[command(after_help = EXIT)]
pub(crate) struct Question {
    /// Only those of this campaign
    #[arg(long, value_name = "ID")]
    campaign: Option<String>,

    /// Those that have ended, too
    #[arg(long)]
    all: bool,

    #[command(flatten)]
    target: Target,
}

/// How far a run is.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Progress {
    campaign_id: String,
    local_start: String,
    first_start: DateTime<Utc>,
    last_end: DateTime<Utc>,
    expected: u64,
    completed: u64,
    attempted: u64,
    connected: u64,
    zones_planned: usize,
    zones_submitted: usize,
    /// Zones that CXone refused, with its reason.
    refused: Vec<(String, String)>,
    ended: Option<Ended>,
    ended_at: Option<DateTime<Utc>>,
    /// Failed attempts to send the completion webhook.
    report_attempts: u32,
}

impl Progress {
    pub(crate) fn of(run: &Run) -> Self {
        let refused = run.submissions.refused.iter();
        Self {
            campaign_id: run.id.campaign_id.clone(),
            local_start: run.id.local_start(),
            first_start: run.plan.first_start,
            last_end: run.plan.last_end,
            expected: run.plan.expected,
            completed: run.progress.completed,
            attempted: run.progress.attempted,
            connected: run.progress.connected,
            zones_planned: run.submissions.planned.len(),
            zones_submitted: run.submissions.submitted.len(),
            refused: refused.map(|(zone, reason)| (zone.clone(), reason.clone())).collect(),
            ended: run.ended,
            ended_at: run.ended_at,
            report_attempts: run.report_attempts,
        }
    }

    fn state(&self) -> &'static str {
        self.ended.map_or("open", Ended::as_str)
    }
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let runs = question.target.find().await?.runs()?;
    let found = if question.all { runs.all().await? } else { runs.pending().await? };
    let wanted = |run: &&Run| {
        (question.all || run.ended.is_none())
            && question.campaign.as_ref().is_none_or(|id| *id == run.id.campaign_id)
    };
    let mut listed: Vec<Progress> = found.iter().filter(wanted).map(Progress::of).collect();
    listed.sort_by(|a, b| (b.first_start, &a.campaign_id).cmp(&(a.first_start, &b.campaign_id)));
    let verdict = Verdict::bad_if(listed.iter().any(|run| !run.refused.is_empty()));
    Outcome::report(format, &listed, |listed| text(listed), verdict)
}

fn text(runs: &[Progress]) -> String {
    if runs.is_empty() {
        return "No such run.\n".to_owned();
    }
    let mut text = table(runs);
    for run in runs {
        for (zone, reason) in &run.refused {
            let Progress { campaign_id, local_start, .. } = run;
            let refused = format!("{campaign_id} {local_start}: CXone refused {zone}: {reason}");
            output::line(&mut text, "", &refused);
        }
    }
    text
}

/// A line per run.
pub(crate) fn table(runs: &[Progress]) -> String {
    let mut rows = output::table(&["CAMPAIGN", "LOCAL START", "CALLS", "ZONES", "ENDS", "STATE"]);
    for run in runs {
        let zones = format!("{}/{}", run.zones_submitted, run.zones_planned);
        let zones = if run.refused.is_empty() { Cell::new(zones) } else { alert(zones) };
        rows.add_row([
            Cell::new(&run.campaign_id),
            Cell::new(&run.local_start),
            Cell::new(format!("{}/{}", run.completed, run.expected))
                .set_alignment(CellAlignment::Right),
            zones.set_alignment(CellAlignment::Right),
            Cell::new(instant(run.ended_at.unwrap_or(run.last_end))),
            Cell::new(run.state()),
        ]);
    }
    show(&rows)
}

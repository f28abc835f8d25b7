//! A plan of campaigns, and how a person reads it.

use chrono::{DateTime, Utc};
use outbound::{
    FieldProblem,
    campaign::{CampaignRequest, RejectedZone, Zones},
};
use serde::Serialize;
use serde_json::Value;

use super::starts::{Fate, ZoneStart};
use crate::output::{instant, line, show, table};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    /// Instant after which the campaigns start.
    pub(super) from: DateTime<Utc>,
    pub(super) campaigns: Vec<CampaignPlan>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CampaignPlan {
    /// None if it cannot be read.
    campaign_id: Option<String>,
    cron: Option<String>,
    /// All that is wrong with it.
    pub(super) problems: Vec<FieldProblem>,
    starts: Vec<ZoneStart>,
    /// Contacts without a known zone.
    rejected: Vec<RejectedZone>,
    unnamed_rejections: u64,
    /// Contacts whose number is of other clocks than their zone's.
    contradicting_numbers: u64,
    /// True if its contacts are read from CXone.
    contacts_in_cxone: bool,
}

impl CampaignPlan {
    pub(super) fn unreadable(document: &Value, problems: Vec<FieldProblem>) -> Self {
        let campaign_id = document["campaignId"].as_str().map(str::to_owned);
        Self { campaign_id, problems, ..Self::default() }
    }

    pub(super) fn planned(
        request: &CampaignRequest,
        zones: &Zones,
        starts: Vec<ZoneStart>,
    ) -> Self {
        Self {
            campaign_id: Some(request.campaign_id.clone()),
            cron: Some(request.recurrence.to_string()),
            problems: Vec::new(),
            starts,
            rejected: zones.rejected().to_vec(),
            unnamed_rejections: zones.unnamed_rejections(),
            contradicting_numbers: zones.known().map(|it| zones.sites(it).contradicting()).sum(),
            contacts_in_cxone: request.contacts.is_none(),
        }
    }

    /// Returns whether any contact is called for a shorter time than the campaign says, or not at
    /// all.
    pub(super) fn needs_a_person(&self) -> bool {
        let is_whole = |start: &ZoneStart| matches!(start.fate, Fate::Calls { .. });
        !self.rejected.is_empty() || !self.starts.iter().all(is_whole)
    }

    fn shown(&self) -> String {
        let mut text = String::new();
        let id = self.campaign_id.as_deref().unwrap_or("a campaign without id");
        if !self.problems.is_empty() {
            line(&mut text, "", &format!("{id} cannot be read:"));
            for FieldProblem { field, detail } in &self.problems {
                line(&mut text, "  ", &format!("{field} {detail}"));
            }
            return text;
        }
        line(&mut text, "", &format!("{id}: {}", self.cron.as_deref().unwrap_or_default()));
        if self.starts.is_empty() {
            let advice = if self.contacts_in_cxone {
                "its contacts are read from CXone: name their zones with --zone"
            } else {
                "it has no contacts that can be called"
            };
            line(&mut text, "  ", advice);
        } else {
            text.push_str(&self.table());
        }
        self.contacts(&mut text);
        text
    }

    /// The starts, a line each, and below what is to be noted of them: rules and their citations are
    /// too long for a column.
    fn table(&self) -> String {
        let mut rows = table(&["LOCAL START", "ZONE", "UTC", "UNTIL", "NOTE"]);
        let mut known: Vec<String> = Vec::new();
        for start in &self.starts {
            let until = match &start.fate {
                Fate::Calls { ends_at } | Fate::Clipped { ends_at, .. } => {
                    ends_at.format("%H:%M").to_string()
                }
                Fate::Refused { .. } => "refused".to_owned(),
            };
            let notes = start.notes().map(|note| format!("[{}]", number(&mut known, note)));
            rows.add_row([
                start.local_start.format("%a %Y-%m-%d %H:%M").to_string(),
                start.timezone.to_owned(),
                instant(start.starts_at.to_utc()),
                until,
                notes.collect::<String>(),
            ]);
        }
        let mut text = show(&rows);
        for (note, number) in known.iter().zip(1..) {
            line(&mut text, "", &format!("[{number}] {note}"));
        }
        text
    }

    fn contacts(&self, text: &mut String) {
        for RejectedZone { time_zone, contacts, first_contact } in &self.rejected {
            let zone = if time_zone.is_empty() { "no zone" } else { "an unknown zone" };
            let named = format!(
                "{contacts} contacts have {zone} ({time_zone}), the first is {first_contact}: they \
                 are not called"
            );
            line(text, "  ", &named.replace(" ()", ""));
        }
        for (count, what) in [
            (self.unnamed_rejections, "more contacts have unknown zones: they are not called"),
            (
                self.contradicting_numbers,
                "numbers are of other clocks than their contact's zone: both count",
            ),
        ] {
            if count > 0 {
                line(text, "  ", &format!("{count} {what}"));
            }
        }
    }
}

impl ZoneStart {
    /// What a person should know of it.
    fn notes(&self) -> impl Iterator<Item = String> {
        let cut = match &self.fate {
            Fate::Calls { .. } => None,
            Fate::Clipped { minutes, rule, .. } => {
                Some(format!("clipped by {minutes} minutes: {rule}"))
            }
            Fate::Refused { rule, .. } => Some(rule.clone()),
        };
        cut.into_iter().chain(self.clocks.clone())
    }
}

/// Returns the number of a note among those that are known, each once.
fn number(known: &mut Vec<String>, note: String) -> usize {
    let index = known.iter().position(|it| *it == note).unwrap_or_else(|| {
        known.push(note);
        known.len() - 1
    });
    index + 1
}

impl Report {
    pub(super) fn shown(&self) -> String {
        self.campaigns.iter().map(CampaignPlan::shown).collect::<Vec<_>>().join("\n")
    }
}

//! A skill that is there to be tried out: its hours are written, and it is started and stopped. It
//! must be empty, so that nobody can be called. Whatever happens on the way, it is stopped in the end
//! and what was written is put back; what could not be is said.

mod fitness;
mod hours;
mod switch;
mod undo;
mod week;

use cxone::{Client, Inspection, Seen, SkillHours, SkillWeek};

use super::{
    campaigns::Campaigns,
    finding::{Finding, Findings},
    interrupt::Interrupt,
};
use crate::output::escaped;

/// What has to be put back.
#[derive(Debug, Default)]
struct Written {
    /// Hours as they were, once others may have been written.
    hours: Option<SkillHours>,
    /// The weekly schedule as it was, once another may have been written.
    week: Option<SkillWeek>,
    /// True once a start may have been sent.
    start: bool,
}

/// The skill, and what was written to it.
pub(super) struct TestSkill<'a> {
    client: &'a Client,
    inspection: Inspection<'a>,
    skill: u64,
    interrupt: &'a Interrupt,
    written: Written,
}

impl<'a> TestSkill<'a> {
    pub(super) fn new(
        client: &'a Client,
        inspection: Inspection<'a>,
        skill: u64,
        interrupt: &'a Interrupt,
    ) -> Self {
        Self { client, inspection, skill, interrupt, written: Written::default() }
    }

    pub(super) async fn check(mut self, campaigns: &Campaigns, findings: &mut Findings) {
        let hours = match self.fit(campaigns).await {
            Ok(hours) => hours,
            Err(finding) => return findings.add(finding),
        };
        let detail = "outbound, stopped, in no campaign; no calling list, agent or callback";
        findings.add(Finding::ok("fit", detail));
        // Should this process be killed, a person has to put them back.
        eprintln!("The hours of skill {}, as they are now:", self.skill);
        for zone in hours.to_string().split("; ") {
            eprintln!("  {}", escaped(zone));
        }
        self.try_hours(&hours, findings).await;
        self.try_switch(findings).await;
        self.try_off_schedule(findings).await;
        self.undo(findings).await;
    }
}

/// Advice on a write that CXone refuses.
fn advice(seen: &Seen, permission: &str, otherwise: &str) -> String {
    if seen.status == 403 {
        format!("Give the role of the API user the permission for {permission}. {otherwise}")
    } else {
        otherwise.to_owned()
    }
}

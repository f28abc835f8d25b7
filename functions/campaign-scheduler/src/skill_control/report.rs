//! The report on each look at the skills: part of the function's answer, its log and its metrics.

use chrono::{DateTime, Utc};
use platform::telemetry::{Count, EventRecord};
use serde::Serialize;

/// Result of one look at the skills.
#[derive(Debug, Default, Serialize)]
pub(crate) struct SkillReport {
    /// Skills that run for a run that has begun. A person may have started them.
    started: Vec<String>,
    /// Skills that are at rest, since no run needs them any more.
    stopped: Vec<String>,
    /// Skills that are to be started or stopped at the next look, and those stopped late.
    failed: Vec<String>,
    /// True if another invocation is at work on the skills.
    busy: bool,
}

impl SkillReport {
    pub(super) fn busy() -> Self {
        Self { busy: true, ..Self::default() }
    }

    pub(super) fn no_skill(&mut self, campaign: &str, why: &cxone::Error) {
        tracing::warn!(campaign, %why, "a campaign has no skill to start");
        self.failed.push(campaign.to_owned());
    }

    pub(super) fn not_admitted(&mut self, skill: &str, why: &str) {
        tracing::error!(skill, why, "a skill would call outside of the windows of its runs");
        self.failed.push(skill.to_owned());
    }

    pub(super) fn started(&mut self, skill: &str, started: &Result<(), String>) {
        match started {
            Ok(()) => {
                tracing::info!(skill, "a skill runs for its campaign");
                self.started.push(skill.to_owned());
            }
            Err(why) => {
                tracing::warn!(skill, why, "a skill is not started yet");
                self.failed.push(skill.to_owned());
            }
        }
    }

    /// Adds a skill whose last window ended, or ends, at `end`.
    pub(super) fn stopped(
        &mut self,
        skill: &str,
        end: DateTime<Utc>,
        stopped: &Result<(), String>,
        now: DateTime<Utc>,
    ) {
        match stopped {
            Ok(()) => self.stopped.push(skill.to_owned()),
            Err(why) => tracing::error!(skill, why, "a skill is not stopped yet"),
        }
        if now > end {
            tracing::error!(skill, %end, "a skill was still bound when its run had ended");
        } else if stopped.is_ok() {
            tracing::info!(skill, "a skill is stopped");
        }
        if stopped.is_err() || now > end {
            self.failed.push(skill.to_owned());
        }
    }

    /// One word for all.
    pub(crate) fn outcome(&self) -> &'static str {
        match self {
            Self { busy: true, .. } => "busy",
            Self { failed, .. } if failed.is_empty() => "controlled",
            _ => "partly_controlled",
        }
    }

    pub(crate) fn count(&self, record: &mut EventRecord) {
        for skill in self.started.iter().chain(&self.stopped).chain(&self.failed) {
            record.event_id(skill);
        }
        record.count(Count::SkillsStarted, self.started.len() as u64);
        record.count(Count::SkillsStopped, self.stopped.len() as u64);
        record.count(Count::SkillsFailed, self.failed.len() as u64);
    }
}

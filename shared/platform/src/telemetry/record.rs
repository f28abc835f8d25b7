//! The line of one event.

use std::time::Duration;

use metrique::{
    AppendAndCloseOnDrop,
    emf::flags::NoMetric,
    timers::Timer,
    unit::{Millisecond, Second},
    unit_of_work::metrics,
    writer::BoxEntrySink,
};
use outbound::{CxoneUsage, mask_id, printable};

use crate::problem::{Problem, Reply};

/// Ids come from senders, so their size and number are theirs to choose.
const EVENT_ID_CHARS_MAX: usize = 128;
/// As many as a batch has messages, so that each can be found.
const EVENT_IDS_MAX: usize = 50;

/// Counter of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::VariantArray)]
pub enum Count {
    /// Events taken in.
    Accepted,
    /// Consents taken in. They are no sign that opt-outs still arrive.
    Consented,
    /// Events that had been taken in before.
    Duplicate,
    /// Messages put among the dead letters.
    DeadLettered,
    /// Requests answered with a 4xx. The outcome has the reason.
    Refused,
    /// Requests that were proven by a secret other than the newest.
    OldSecret,
    /// Calls made to CXone, retries included.
    CxoneCalls,
    /// Calls that CXone answered with 429.
    CxoneThrottled,
    /// Calls that CXone did not accept because of the caller: credentials, token or scope.
    CxoneRefused,
    /// Numbers that came to be on the DNC list.
    NumbersListed,
    /// Schedules of campaigns submitted to CXone.
    SchedulesSubmitted,
    /// Time zones of campaigns that have no schedule.
    ZonesFailed,
    /// Starts of campaigns in a time zone that are planned and have no schedule.
    StartsFailed,
    /// Campaigns that have no schedule at all, make no calls, or cannot be watched.
    CampaignsFailed,
    /// Skills that run for a run that has begun.
    SkillsStarted,
    /// Skills that were stopped at the end of their runs.
    SkillsStopped,
    /// Skills that could not be started or stopped in time, and looks at the skills that failed.
    SkillsFailed,
    /// Runs of campaigns closed as completed.
    RunsCompleted,
    /// Runs of campaigns closed as timed out.
    RunsTimedOut,
    /// Outcomes of calls that were read and queued.
    OutcomesQueued,
    /// Readings of outcomes that ended early.
    OutcomesFailed,
    /// Webhooks that their receiver took.
    WebhooksDelivered,
    /// Attempts to deliver a webhook that failed.
    WebhooksFailed,
}

/// The line of one event, written when it is dropped. Its outcome is `failed` until set, so that an
/// early return or a panic does not look like a success.
pub struct EventRecord(pub(super) AppendAndCloseOnDrop<Line, BoxEntrySink>);

impl EventRecord {
    /// Sets the outcome: a stable word such as `accepted`, or the code of a problem.
    pub fn outcome(&mut self, outcome: &'static str) {
        self.0.outcome = outcome;
    }

    /// Records the outcome of a successful reply.
    pub fn reply(&mut self, reply: &Reply) {
        self.outcome(reply.outcome());
        self.count(reply.count(), 1);
    }

    /// Records a problem: its code is the outcome, and refusals are counted.
    pub fn problem(&mut self, problem: &Problem) {
        self.outcome(problem.code());
        if problem.status().is_client_error() {
            self.count(Count::Refused, 1);
        }
    }

    /// Adds an id by which the event can be found elsewhere, to this line and to the log lines that
    /// follow. Numbers and addresses in it are masked, and what a terminal would obey is replaced.
    /// Only the first fifty are kept, and of each the first 128 characters.
    pub fn event_id(&mut self, id: &str) {
        about(id);
        if self.0.event_ids.len() < EVENT_IDS_MAX {
            self.0.event_ids.push(shown(id));
        }
    }

    /// Adds to a count. A count that is never added to is absent from the line.
    pub fn count(&mut self, count: Count, by: u64) {
        let line = &mut *self.0;
        let total = match count {
            Count::Accepted => &mut line.accepted,
            Count::Consented => &mut line.consented,
            Count::Duplicate => &mut line.duplicate,
            Count::DeadLettered => &mut line.dead_lettered,
            Count::Refused => &mut line.refused,
            Count::OldSecret => &mut line.old_secret,
            Count::CxoneCalls => &mut line.cxone_calls,
            Count::CxoneThrottled => &mut line.cxone_throttled,
            Count::CxoneRefused => &mut line.cxone_refused,
            Count::NumbersListed => &mut line.numbers_listed,
            Count::SchedulesSubmitted => &mut line.schedules_submitted,
            Count::ZonesFailed => &mut line.zones_failed,
            Count::StartsFailed => &mut line.starts_failed,
            Count::CampaignsFailed => &mut line.campaigns_failed,
            Count::SkillsStarted => &mut line.skills_started,
            Count::SkillsStopped => &mut line.skills_stopped,
            Count::SkillsFailed => &mut line.skills_failed,
            Count::RunsCompleted => &mut line.runs_completed,
            Count::RunsTimedOut => &mut line.runs_timed_out,
            Count::OutcomesQueued => &mut line.outcomes_queued,
            Count::OutcomesFailed => &mut line.outcomes_failed,
            Count::WebhooksDelivered => &mut line.webhooks_delivered,
            Count::WebhooksFailed => &mut line.webhooks_failed,
        };
        *total = Some(total.unwrap_or(0) + by);
    }

    /// Adds the calls to CXone. Without any, the line has no such counts.
    pub fn cxone_usage(&mut self, usage: CxoneUsage) {
        if usage == CxoneUsage::default() {
            return;
        }
        let CxoneUsage { calls, throttled, refused } = usage;
        self.count(Count::CxoneCalls, calls);
        self.count(Count::CxoneThrottled, throttled);
        self.count(Count::CxoneRefused, refused);
    }

    /// Sets the age of the oldest message that goes back to its queue: zero when none does. A
    /// gauge: it replaces the earlier value.
    pub fn oldest_waiting(&mut self, waited: Duration) {
        self.0.oldest_waiting_s = Some(waited);
    }
}

#[metrics]
pub(super) struct Line {
    pub(super) function: &'static str,
    pub(super) outcome: &'static str,
    pub(super) request_id: String,
    pub(super) event_ids: Vec<String>,
    #[metrics(flags(NoMetric))]
    pub(super) cold_start: bool,
    #[metrics(unit = Millisecond)]
    pub(super) latency_ms: Timer,
    pub(super) accepted: Option<u64>,
    pub(super) consented: Option<u64>,
    pub(super) duplicate: Option<u64>,
    pub(super) dead_lettered: Option<u64>,
    pub(super) refused: Option<u64>,
    pub(super) old_secret: Option<u64>,
    pub(super) cxone_calls: Option<u64>,
    pub(super) cxone_throttled: Option<u64>,
    pub(super) cxone_refused: Option<u64>,
    pub(super) numbers_listed: Option<u64>,
    pub(super) schedules_submitted: Option<u64>,
    pub(super) zones_failed: Option<u64>,
    pub(super) starts_failed: Option<u64>,
    pub(super) campaigns_failed: Option<u64>,
    pub(super) skills_started: Option<u64>,
    pub(super) skills_stopped: Option<u64>,
    pub(super) skills_failed: Option<u64>,
    pub(super) runs_completed: Option<u64>,
    pub(super) runs_timed_out: Option<u64>,
    pub(super) outcomes_queued: Option<u64>,
    pub(super) outcomes_failed: Option<u64>,
    pub(super) webhooks_delivered: Option<u64>,
    pub(super) webhooks_failed: Option<u64>,
    #[metrics(unit = Second)]
    pub(super) oldest_waiting_s: Option<Duration>,
}

/// Names what the current work is about in the log lines that follow.
pub fn about(id: &str) {
    tracing::Span::current().record("event_id", shown(id));
}

/// A sender's id as a log may show it: without personal data, and nothing that a terminal obeys.
pub fn shown(id: &str) -> String {
    printable(&mask_id(id)).chars().take(EVENT_ID_CHARS_MAX).collect()
}

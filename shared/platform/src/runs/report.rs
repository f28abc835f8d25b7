//! Reports of the end of runs.

use chrono::{DateTime, Utc};
use url::Url;

use super::{
    Run, RunError, RunId, Runs,
    change::{Change, number, pending, text, time},
};

/// One attempt to report the end of a run. What it writes changes nothing any more once another
/// attempt has begun, or the report was redriven.
#[derive(Debug)]
pub struct Attempt {
    run: RunId,
    name: String,
}

impl Attempt {
    /// The run whose end is reported.
    pub fn run(&self) -> &RunId {
        &self.run
    }

    /// A change that only this attempt may make.
    fn change(&self, expression: &'static str) -> Change {
        Change::new(expression, "attribute_exists(pending) AND attempt = :attempt")
            .value(":attempt", text(self.name.as_str()))
    }
}

impl Runs {
    /// Claims the next attempt to report an ended run, until `hidden_until`: if this attempt is
    /// never completed, another one follows then. `None` when another invocation has claimed it.
    pub async fn claim_report(
        &self,
        run: &Run,
        hidden_until: DateTime<Utc>,
    ) -> Result<Option<Attempt>, RunError> {
        let Some(report_at) = run.report_at else { return Ok(None) };
        let attempt = Attempt { run: run.id.clone(), name: ambient::id().to_string() };
        // By its name it recognizes its own write, whose answer may have been lost.
        let claim = Change::new(
            "SET report_at = :hidden_until, report_attempts = :attempts, attempt = :attempt",
            "attribute_exists(pending) AND attribute_exists(ended) \
             AND (report_at = :report_at OR attempt = :attempt)",
        )
        .value(":hidden_until", time(hidden_until))
        .value(":attempts", number(run.report_attempts.saturating_add(1)))
        .value(":attempt", text(attempt.name.as_str()))
        .value(":report_at", time(report_at));
        Ok(self.change(&run.id, claim).await?.map(|_| attempt))
    }

    /// Has a failed report made again at `at`.
    pub async fn report_again(
        &self,
        attempt: &Attempt,
        at: DateTime<Utc>,
        failure: &str,
    ) -> Result<(), RunError> {
        let postponed = attempt
            .change("SET report_at = :at, last_failure = :failure")
            .value(":at", time(at))
            .value(":failure", text(failure));
        self.change(&attempt.run, postponed).await.map(drop)
    }

    /// Writes down that the end was reported. Nothing is left to do for the run.
    pub async fn reported(&self, attempt: &Attempt, now: DateTime<Utc>) -> Result<(), RunError> {
        let reported = attempt
            .change("SET reported_at = :now REMOVE pending, report_at, last_failure, attempt")
            .value(":now", time(now));
        self.change(&attempt.run, reported).await.map(drop)
    }

    /// Gives the report up. Nothing is left to do for the run.
    pub async fn give_up_report(&self, attempt: &Attempt, failure: &str) -> Result<(), RunError> {
        let given_up = attempt
            .change("SET last_failure = :failure REMOVE pending, report_at, attempt")
            .value(":failure", text(failure));
        self.change(&attempt.run, given_up).await.map(drop)
    }

    /// Has an ended run reported anew, to `webhook_url`. False when there is no such run.
    pub async fn report_anew(
        &self,
        id: &RunId,
        webhook_url: &Url,
        now: DateTime<Utc>,
    ) -> Result<bool, RunError> {
        let anew = Change::new(
            "SET pending = :yes, report_at = :now, report_attempts = :zero, \
             webhook_url = :webhook_url REMOVE attempt",
            "attribute_exists(ended)",
        )
        .value(":yes", pending())
        .value(":now", time(now))
        .value(":zero", number(0))
        .value(":webhook_url", text(webhook_url.as_str()));
        Ok(self.change(id, anew).await?.is_some())
    }
}

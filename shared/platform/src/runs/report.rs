//! Whether the end of a run was reported.

use chrono::{DateTime, Utc};
use url::Url;

use super::{
    Run, RunError, RunId, Runs,
    change::{Change, number, pending, text, time},
};

impl Runs {
    /// Takes on the next attempt to report an ended run. Until `hidden_until` nobody else may: if
    /// this attempt is never heard of again, another one follows then. False when somebody else has
    /// taken it on.
    pub async fn claim_report(
        &self,
        run: &Run,
        hidden_until: DateTime<Utc>,
    ) -> Result<bool, RunError> {
        let Some(report_at) = run.report_at else { return Ok(false) };
        let claim = Change::new(
            "SET report_at = :hidden_until, report_attempts = :attempts",
            "attribute_exists(pending) AND attribute_exists(ended) AND report_at = :report_at",
        )
        .value(":hidden_until", time(hidden_until))
        .value(":attempts", number(run.report_attempts.saturating_add(1)))
        .value(":report_at", time(report_at));
        Ok(self.change(&run.id, claim).await?.is_some())
    }

    /// Has a failed report made again at `at`.
    pub async fn report_again(
        &self,
        id: &RunId,
        at: DateTime<Utc>,
        failure: &str,
    ) -> Result<(), RunError> {
        let postponed = Change::new(
            "SET report_at = :at, last_failure = :failure",
            "attribute_exists(pending)",
        )
        .value(":at", time(at))
        .value(":failure", text(failure));
        self.change(id, postponed).await.map(drop)
    }

    /// Writes down that the end was reported. Nothing is left to do for the run.
    pub async fn reported(&self, id: &RunId, now: DateTime<Utc>) -> Result<(), RunError> {
        let reported = Change::new(
            "SET reported_at = :now REMOVE pending, report_at, last_failure",
            "attribute_exists(id)",
        )
        .value(":now", time(now));
        self.change(id, reported).await.map(drop)
    }

    /// Gives the report up. Nothing is left to do for the run.
    pub async fn give_up_report(&self, id: &RunId, failure: &str) -> Result<(), RunError> {
        let given_up = Change::new(
            "SET last_failure = :failure REMOVE pending, report_at",
            "attribute_exists(id)",
        )
        .value(":failure", text(failure));
        self.change(id, given_up).await.map(drop)
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
             webhook_url = :webhook_url",
            "attribute_exists(ended)",
        )
        .value(":yes", pending())
        .value(":now", time(now))
        .value(":zero", number(0))
        .value(":webhook_url", text(webhook_url.as_str()));
        Ok(self.change(id, anew).await?.is_some())
    }
}

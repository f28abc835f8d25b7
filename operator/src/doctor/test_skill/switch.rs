//! Start and stop, each twice.

use cxone::{Error, Seen};

use super::{
    super::{
        finding::{Finding, Findings},
        writes::{LOOKS_MAX, pause_before},
    },
    TestSkill, advice,
};
use crate::tenant::deadline;

const PERMISSION: &str = "skill control: start and stop";
const LEAVE: &str = "Leave CxoneSkillControl off.";

/// Statuses with which CXone says that it does nothing. After any other, it may have done it.
const REFUSALS: [u16; 5] = [400, 401, 403, 404, 409];
/// Statuses of a refusal that may mean that there is nothing to do.
const NOTHING_TO_DO: [u16; 2] = [400, 409];

impl TestSkill<'_> {
    pub(super) async fn try_switch(&mut self, findings: &mut Findings) {
        if !self.interrupt.lets_begin("start", findings) {
            return;
        }
        // Somebody may have given it a list meanwhile.
        if let Err(why) = self.harmless().await {
            findings.not_checked("start", format!("not started: {why}"));
            return;
        }
        let started = self.switched("start", true).await;
        let has_started = !started.is_wrong();
        findings.add(started);
        if has_started && self.interrupt.lets_begin("start-again", findings) {
            findings.add(self.again("start-again", true).await);
        }
        findings.add(self.switched("stop", false).await);
        if self.interrupt.lets_begin("stop-again", findings) {
            findings.add(self.again("stop-again", false).await);
        }
    }

    /// Starts or stops the skill, and waits until it shows.
    async fn switched(&mut self, check: &'static str, on: bool) -> Finding {
        let seen = match self.switch(on).await {
            Ok(seen) => seen,
            Err(error) => return Finding::wrong(check, error, LEAVE),
        };
        if !seen.is_success() {
            return Finding::wrong(check, &seen, advice(&seen, PERMISSION, LEAVE));
        }
        match self.follows(on).await {
            Ok(Some(looks)) => {
                let after = if looks == 0 { "at once" } else { "within seconds" };
                Finding::ok(check, format!("{}, and isRunning follows {after}", seen.status))
            }
            Ok(None) => {
                let detail = format!("{}, and isRunning does not follow", seen.status);
                Finding::wrong(check, detail, LEAVE)
            }
            Err(error) => Finding::wrong(check, error, LEAVE),
        }
    }

    /// Starts a skill that runs, or stops one that does not.
    async fn again(&mut self, check: &'static str, on: bool) -> Finding {
        let seen = match self.switch(on).await {
            Ok(seen) => seen,
            Err(error) => return Finding::look(check, error),
        };
        let is_same = matches!(self.follows(on).await, Ok(Some(_)));
        match seen.status {
            _ if !is_same => Finding::look(check, format!("{seen}, and isRunning changes")),
            status if seen.is_success() => Finding::ok(check, format!("{status}, nothing changes")),
            status if NOTHING_TO_DO.contains(&status) => {
                Finding::ok(check, format!("refused with {status}, nothing changes"))
            }
            _ => Finding::look(check, format!("{seen}, which is read as a failure")),
        }
    }

    /// Sends a start or a stop once.
    pub(super) async fn switch(&mut self, on: bool) -> Result<Seen, Error> {
        if !on {
            return self.inspection.try_stop(self.skill, deadline()).await;
        }
        let had_started = self.written.start;
        self.written.start = true;
        let seen = self.inspection.try_start(self.skill, deadline()).await?;
        self.written.start = had_started || !REFUSALS.contains(&seen.status);
        Ok(seen)
    }

    /// Number of looks until the skill is seen to run or not to. `None` when it is not seen.
    pub(super) async fn follows(&self, on: bool) -> Result<Option<u32>, Error> {
        for look in 0..LOOKS_MAX {
            pause_before(look).await;
            if self.client.is_running(&self.skill.to_string(), deadline()).await? == on {
                return Ok(Some(look));
            }
        }
        Ok(None)
    }
}

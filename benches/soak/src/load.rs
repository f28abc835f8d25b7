//! Load: many opt-outs as fast as they are answered, until CXone lists all of them.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::Utc;
use futures::{StreamExt, TryStreamExt, stream};
use sandbox::{Options, Sandbox};
use tokio::time;

use crate::{
    bounds::Check,
    day::{Kind, opt_out_event},
    numbers,
    report::{self, Report},
    sender::{Answer, Sender},
    statistics::quantile,
};

/// Time after which what is not listed counts as lost.
const PATIENCE: Duration = Duration::from_mins(5);
/// Pause between two looks at the list.
const PAUSE: Duration = Duration::from_millis(20);

/// Sends so many opt-outs, each of a number of its own, with so many under way at once.
pub(crate) async fn run(
    options: Options,
    count: usize,
    at_once: usize,
    report: &mut Report,
) -> anyhow::Result<()> {
    let sandbox = Sandbox::start(options).await?;
    sandbox.lambda.warm_up().await?;
    let (sender, started) = (&Sender::to(&sandbox)?, Instant::now());
    let answers = stream::iter(0..count)
        .map(|index| async move {
            let event = opt_out_event(&numbers::british(index), Utc::now());
            sender.deliver(Kind::OptOut.path(), &event).await
        })
        .buffer_unordered(at_once)
        .try_collect::<Vec<_>>()
        .await?;
    let answered = started.elapsed();
    let listed = until_listed(&sandbox, count, started).await?;
    let times = Times { answered, listed, at_once };
    report::show(&report::load(&times, &latencies(&answers)));
    let accepted = answers.iter().filter(|answer| answer.word == "200 accepted").count();
    let checks = [Check::counts("opt-outs accepted", count, accepted)];
    report::show(&report.checks("load", &checks));
    Ok(())
}

/// Times from the first opt-out on.
pub(crate) struct Times {
    /// Until the last one was answered.
    pub(crate) answered: Duration,
    /// Until the last one was on the list.
    pub(crate) listed: Duration,
    /// Opt-outs under way at once.
    pub(crate) at_once: usize,
}

async fn until_listed(
    sandbox: &Sandbox,
    count: usize,
    started: Instant,
) -> anyhow::Result<Duration> {
    loop {
        let (listed, passed) = (sandbox.cxone.listed().len(), started.elapsed());
        if listed >= count {
            return Ok(passed);
        }
        ensure!(passed < PATIENCE, "after {PATIENCE:?} {listed} of {count} numbers are listed");
        time::sleep(PAUSE).await;
    }
}

/// Latencies of the answers, the shortest first.
fn latencies(answers: &[Answer]) -> Vec<Duration> {
    let mut latencies: Vec<Duration> = answers.iter().map(|answer| answer.latency).collect();
    latencies.sort();
    latencies
}

impl Times {
    /// Rows of a table: names and figures.
    pub(crate) fn rows(&self, latencies: &[Duration]) -> Vec<[String; 2]> {
        #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
        let count = latencies.len() as f64;
        let rate = |time: Duration| format!("{:.0}", count / time.as_secs_f64());
        let ms = |share| {
            let latency = quantile(latencies, share).unwrap_or_default();
            format!("{:.0} ms", latency.as_secs_f64() * 1e3)
        };
        vec![
            ["opt-outs".to_owned(), latencies.len().to_string()],
            ["under way at once".to_owned(), self.at_once.to_string()],
            ["answers a second".to_owned(), rate(self.answered)],
            ["opt-outs a second, from request to list".to_owned(), rate(self.listed)],
            ["latency of the answers, median".to_owned(), ms(0.5)],
            ["90th percentile".to_owned(), ms(0.9)],
            ["99th percentile".to_owned(), ms(0.99)],
            ["longest".to_owned(), ms(1.0)],
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_count_from_the_first_opt_out_on() {
        let seconds = Duration::from_secs;
        let times = Times { answered: seconds(2), listed: seconds(5), at_once: 7 };
        let rows = times.rows(&[seconds(1); 100]);
        let figures: Vec<&str> = rows.iter().map(|row| row[1].as_str()).collect();
        assert_eq!(figures, ["100", "7", "50", "20", "1000 ms", "1000 ms", "1000 ms", "1000 ms"]);
    }
}

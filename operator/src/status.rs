//! `outbound status`: what runs, what waits, what is stuck.

mod measured;
mod report;

use aws_sdk_cloudwatch::types::StateValue;
use chrono::DateTime;
use clap::Args;
use futures::try_join;

use self::report::{DeadLetters, Report};
pub(crate) use self::{
    measured::{Measured, measure},
    report::{Alarm, FunctionCalls, WorkQueue},
};
use crate::{
    dead_letters::Received,
    output::{Format, Outcome, Verdict},
    queues::{DeadLetterQueue, Queue, divided, queues},
    runs::Progress,
    stack::{Stack, Target, failed},
};

/// Dead letters of one queue that are read to group them by reason.
const READ_MAX: u64 = 1_000;
/// Alarms of one call.
const ALARMS_MAX: usize = 100;

const EXIT: &str = "\
Exit status:
  0  all is well
  1  something needs a person (dead letters, or an alarm that fires)
  2  the command cannot be run";

/// Shows what runs, what waits and what is stuck
#[derive(Args)]
#[command(after_help = EXIT)]
pub(crate) struct Question {
    #[command(flatten)]
    target: Target,
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let stack = question.target.find().await?;
    let now = ambient::now();
    let (work, dead) = divided(queues(&stack).await?);
    let (measured, letters, alarms, runs) = try_join!(
        measure(&stack, &work, now),
        by_reason(&stack, dead),
        alarms(&stack),
        runs(&stack)
    )?;
    let report = Report {
        stack: stack.name.clone(),
        functions: measured.functions.clone(),
        queues: work.iter().map(|queue| work_queue(queue, &measured)).collect(),
        dead_letters: letters,
        runs,
        alarms,
    };
    let verdict = Verdict::bad_if(report.needs_a_person());
    Outcome::report(format, &report, |report| report.shown(now), verdict)
}

pub(crate) fn work_queue(queue: &Queue, measured: &Measured) -> WorkQueue {
    let [waiting, in_flight, delayed] = queue.counts();
    WorkQueue {
        queue: queue.name.clone(),
        waiting: waiting + delayed,
        in_flight,
        oldest_seconds: measured.ages.get(&queue.name).copied(),
    }
}

/// Dead letters by queue and code, with the time of the oldest.
async fn by_reason(
    stack: &Stack,
    queues: Vec<DeadLetterQueue>,
) -> anyhow::Result<Vec<DeadLetters>> {
    let (read, many): (Vec<_>, Vec<_>) =
        queues.into_iter().partition(|queue| queue.count <= READ_MAX);
    let letters = Received::of(stack, read).await?.release().await?;
    let mut groups: Vec<DeadLetters> = Vec::new();
    for letter in letters {
        let same = |group: &&mut DeadLetters| {
            group.queue == letter.queue && group.code.as_deref() == Some(letter.code())
        };
        // They come with the oldest first.
        match groups.iter_mut().find(same) {
            Some(group) => group.count += 1,
            None => groups.push(DeadLetters {
                code: Some(letter.code().to_owned()),
                queue: letter.queue,
                count: 1,
                oldest: Some(letter.sent_at),
            }),
        }
    }
    groups.extend(many.into_iter().map(|queue| DeadLetters {
        queue: queue.name,
        code: None,
        count: queue.count,
        oldest: None,
    }));
    groups.sort_by(|a, b| (&a.queue, &a.code).cmp(&(&b.queue, &b.code)));
    Ok(groups)
}

/// The alarms that do not rest.
pub(crate) async fn alarms(stack: &Stack) -> anyhow::Result<Vec<Alarm>> {
    let client = stack.cloudwatch();
    let named: Vec<(&str, &str)> = stack.of_kind("AWS::CloudWatch::Alarm").collect();
    let mut firing = Vec::new();
    for named in named.chunks(ALARMS_MAX) {
        let physical = named.iter().map(|(_, physical)| (*physical).to_owned()).collect();
        let described = client.describe_alarms().set_alarm_names(Some(physical)).send().await;
        let described = described.map_err(|error| failed("CloudWatch", &error))?;
        let described = described.metric_alarms.unwrap_or_default().into_iter();
        firing.extend(described.filter(|it| it.state_value == Some(StateValue::Alarm)).map(|it| {
            let name = it.alarm_name.unwrap_or_default();
            let of_template = named.iter().find(|(_, physical)| *physical == name);
            Alarm {
                alarm: of_template.map_or(name.clone(), |(id, _)| (*id).to_owned()),
                since: it
                    .state_updated_timestamp
                    .and_then(|at| DateTime::from_timestamp(at.secs(), 0)),
            }
        }));
    }
    Ok(firing)
}

async fn runs(stack: &Stack) -> anyhow::Result<Vec<Progress>> {
    let runs = stack.runs()?.pending().await?;
    Ok(runs.iter().filter(|run| run.ended.is_none()).map(Progress::of).collect())
}

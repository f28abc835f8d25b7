//! Reads a deployment as long as somebody looks, and does what the page asks for.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use futures::join;
use platform::runs::Run;
use serde_json::{Value, json};
use tokio::{sync::mpsc, time};

use super::{
    board::{Board, Job},
    changes::change,
    events::Lines,
    functions::functions,
    letters::Letters,
    masking::Numbers,
    simulator::{self, Simulator},
    zones::{Terms, Zones},
};
use crate::{number, queues, runs::Progress, stack::Stack, status};

/// Time between two readings. Calls of AWS cost money, those of a sandbox do not.
const SANDBOX_PAUSE: Duration = Duration::from_millis(700);
const STACK_PAUSE: Duration = Duration::from_secs(15);
/// Runs that the page shows, those that start last.
const RUNS_MAX: usize = 40;

/// The reader of a deployment. All calls of AWS are its own.
pub(super) struct Reader {
    pub(super) stack: Stack,
    pub(super) simulator: Option<Simulator>,
    pub(super) numbers: Numbers,
    pub(super) board: Arc<Board>,
    pub(super) jobs: mpsc::Receiver<Job>,
    pub(super) lines: Lines,
    pub(super) letters: Letters,
    pub(super) zones: Zones,
}

impl Reader {
    /// Reads and works until nobody can ask any more.
    pub(super) async fn run(mut self) {
        let pause = if self.stack.is_sandbox { SANDBOX_PAUSE } else { STACK_PAUSE };
        loop {
            let is_watched = self.board.sections.receiver_count() > 0;
            let job = if is_watched {
                time::timeout(pause, self.jobs.recv()).await.unwrap_or(Some(Job::Look))
            } else {
                self.jobs.recv().await
            };
            let Some(job) = job else { return };
            self.work(job).await;
            self.read().await;
        }
    }

    /// Nobody may wait for the answer any more, which is no error.
    async fn work(&mut self, job: Job) {
        match job {
            Job::Look => {}
            Job::Explain(number, reply) => {
                let read = number::Report::read(&self.stack, &number).await;
                let read = read.map(|it| json!({ "words": it.words(), "report": it }));
                reply.send(read.map(|it| self.numbers.shown(it))).ok();
            }
            Job::Change(what, named, reply) => {
                let changed = change(&self.stack, what, named).await;
                self.letters.forget();
                reply.send(changed.map(|it| self.numbers.shown(json!(it)))).ok();
            }
        }
    }

    async fn read(&mut self) {
        let queues = self.read_queues(ambient::now()).await;
        let (runs, alarms, terms, simulated) = join!(
            self.read_runs(),
            status::alarms(&self.stack),
            self.read_terms(),
            self.read_simulator(),
        );
        let now = simulated.as_ref().ok().and_then(simulator::time).unwrap_or_else(ambient::now);
        let (runs, zones) = match runs {
            Ok(runs) => (Ok(shown(&runs)), terms.map(|it| json!(self.zones.read(&runs, &it, now)))),
            Err(error) => (Err(error), Ok(json!([]))),
        };
        let mut sections = vec![
            ("runs", runs),
            ("zones", zones),
            ("alarms", alarms.map(|alarms| json!(alarms))),
            ("simulator", simulated),
        ];
        match queues {
            Ok(read) => sections.extend(read),
            Err(error) => sections.push(("queues", Err(error))),
        }
        let sections: Vec<_> =
            sections.into_iter().map(|(name, read)| (name, self.section(read))).collect();
        self.board.sections.send_if_modified(|current| {
            let mut is_modified = false;
            for (name, content) in sections {
                is_modified |= current.insert(name, Arc::clone(&content)) != Some(content);
            }
            is_modified
        });
    }

    /// A section that cannot be read says why.
    fn section(&self, read: anyhow::Result<Value>) -> Arc<str> {
        let content = read.unwrap_or_else(|error| json!({ "problem": format!("{error:#}") }));
        self.numbers.shown(content).to_string().into()
    }

    /// Queues, dead letters, functions and events: all from one look at the queues and the log.
    async fn read_queues(
        &mut self,
        now: DateTime<Utc>,
    ) -> anyhow::Result<[(&'static str, anyhow::Result<Value>); 4]> {
        let (work, dead) = queues::divided(queues::queues(&self.stack).await?);
        let counts: Vec<_> =
            dead.iter().map(|it| json!({ "queue": it.name, "count": it.count })).collect();
        let Self { stack, letters, lines, .. } = self;
        let (letters, logged, measured) = join!(
            letters.read(stack, dead),
            lines.read(stack),
            status::measure(stack, &work, now),
        );
        let measured = measured?;
        let work: Vec<_> = work.iter().map(|it| status::work_queue(it, &measured)).collect();
        Ok([
            ("queues", Ok(json!({ "work": work, "dead": counts }))),
            ("letters", letters.map(|letters| json!(letters))),
            ("functions", Ok(json!(functions(&measured.functions, lines)))),
            ("events", logged.map(|()| json!(lines.events()))),
        ])
    }

    /// The runs, those that start last first.
    async fn read_runs(&self) -> anyhow::Result<Vec<Run>> {
        let mut runs = self.stack.runs()?.all().await?;
        runs.sort_by_key(|run| std::cmp::Reverse(run.plan.first_start));
        runs.truncate(RUNS_MAX);
        Ok(runs)
    }

    async fn read_terms(&self) -> anyhow::Result<Terms> {
        Terms::of(&self.stack.description().await?)
    }

    async fn read_simulator(&self) -> anyhow::Result<Value> {
        match &self.simulator {
            Some(simulator) => simulator.read().await,
            None => Ok(Value::Null),
        }
    }
}

fn shown(runs: &[Run]) -> Value {
    json!(runs.iter().map(Progress::of).collect::<Vec<_>>())
}

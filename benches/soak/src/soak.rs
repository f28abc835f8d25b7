//! A day of events in minutes: the clock of schedules and of CXone runs fast.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::Ipv4Addr,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use sandbox::{Options, Sandbox};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

use crate::{
    bounds::Check,
    consumers::Consumed,
    day::{self, Event, HOURS},
    items::{self, Items},
    judge::Expected,
    processes::{self, Measured},
    report::{self, Answers, Report},
    sender::{Answer, Sender},
};

/// Events that wait for their answers at once. Others come late.
const IN_FLIGHT_MAX: usize = 32;
/// Time after the last event in which the queues must empty.
const PATIENCE: Duration = Duration::from_mins(5);
/// Campaigns, each with the zones of its contacts.
const CAMPAIGNS: [(&str, &[&str]); 3] = [
    ("america", &["America/New_York", "America/Chicago", "America/Los_Angeles"]),
    ("europe", &["Europe/London", "Europe/Berlin", "Europe/Madrid"]),
    ("pacific", &["Asia/Tokyo", "Australia/Sydney", "Australia/Perth"]),
];

/// Measurements of the day.
struct Course {
    /// The processes of the functions, at the end of each hour.
    processes: Vec<BTreeMap<String, Measured>>,
    items_at_half: BTreeMap<String, Items>,
    consumed: Consumed,
}

/// Sends a day of events, by a clock of this speed, and judges what came of them and what the
/// functions kept.
pub(crate) async fn run(options: Options, speed: f64, report: &mut Report) -> anyhow::Result<()> {
    let mut sandbox = started(options).await?;
    sandbox.clock.set_speed(speed)?;
    sandbox.fire_on_time();
    let began = sandbox.clock.now();
    let events = day::events(Utc::now(), speed);
    let day = Day { began, sent: watch::Sender::new(TimeDelta::zero()) };
    let (answers, mut course) = tokio::try_join!(day.send(&sandbox, &events), day.watch(&sandbox))?;
    let lasted = sandbox.clock.now() - began;
    // Schedules that fire all the time would leave no moment at which nothing runs.
    sandbox.clock.set_speed(1.0)?;
    sandbox.wait_until_idle(PATIENCE).await?;
    course.consumed.take(&sandbox).await?;

    report::show(&report::answers(&format!("day of {:.1} h", hours(lasted)), &counted(&answers)));
    let unexpected = answers.iter().filter(|(event, answer)| !is_expected(event, answer)).count();
    let mut checks = vec![Check::counts("answers of another kind", 0, unexpected)];
    checks.extend(expected(&events, &answers).checks(&sandbox, &course.consumed).await?);
    report::show(&report.checks("what came of them", &checks));
    report::show(&report.functions(&course.processes));
    report::show(&report.items(&course.items_at_half, &items::of(&sandbox)?));
    Ok(())
}

/// A sandbox with contacts and campaigns, and one process of each function: what it keeps is seen
/// best if it does all the work.
async fn started(options: Options) -> anyhow::Result<Sandbox> {
    let receiver_port = free_port().await?;
    let campaigns: Vec<Value> = CAMPAIGNS.iter().map(|it| campaign(*it, receiver_port)).collect();
    let campaigns = Value::from(campaigns).to_string();
    let options = Options { concurrency_max: 1, receiver_port, campaigns, ..options };
    let sandbox = Sandbox::start(options).await?;
    for (id, number) in day::contacts() {
        sandbox.cxone.add_contact(&id, Some(&number))?;
    }
    sandbox.lambda.warm_up().await?;
    Ok(sandbox)
}

/// A port for the receiver of reports, whose address the campaigns must have before it starts.
async fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?.local_addr()?.port())
}

/// A campaign that starts every hour of the working day, in each zone.
fn campaign((id, zones): (&str, &[&str]), receiver_port: u16) -> Value {
    let contact = |zone: &&str| json!({ "id": format!("{id}-{zone}"), "timezone": zone });
    json!({
        "campaignId": id,
        "cron": "0 9-17 * * *",
        "windowHours": 1,
        "expectedCompleted": 40,
        "purpose": "service",
        "webhookUrl": format!("http://127.0.0.1:{receiver_port}/campaigns"),
        "contacts": zones.iter().map(contact).collect::<Vec<_>>(),
    })
}

fn hours(time: TimeDelta) -> f64 {
    time.as_seconds_f64() / 3600.0
}

type Answered<'a> = (&'a Event, Answer);

/// A day as it passes.
struct Day {
    began: DateTime<Utc>,
    /// Up to which time of the day events are sent. On a busy machine that is behind the clock.
    sent: watch::Sender<TimeDelta>,
}

impl Day {
    async fn send<'a>(
        &self,
        sandbox: &Sandbox,
        events: &'a [Event],
    ) -> anyhow::Result<Vec<Answered<'a>>> {
        let sender = &Sender::to(sandbox)?;
        let answers = stream::iter(events)
            .then(|event| async move {
                sandbox.clock.reach(self.began + event.at).await;
                self.sent.send_replace(event.at);
                event
            })
            .map(|event| async move {
                let answer = sender.deliver(event.stream.kind.path(), &event.body).await?;
                anyhow::Ok((event, answer))
            })
            .buffer_unordered(IN_FLIGHT_MAX)
            .try_collect()
            .await?;
        self.sent.send_replace(TimeDelta::MAX);
        Ok(answers)
    }

    /// Measures every hour, and has the consumers take what waits for them.
    async fn watch(&self, sandbox: &Sandbox) -> anyhow::Result<Course> {
        let mut processes = Vec::new();
        let mut items_at_half = BTreeMap::new();
        let mut consumed = Consumed::default();
        for hour in 1..=HOURS {
            self.reach(sandbox, TimeDelta::hours(hour.into())).await?;
            processes.push(processes::measure()?);
            consumed.take(sandbox).await?;
            if hour == HOURS / 2 {
                items_at_half = items::of(sandbox)?;
            }
            let waiting = sandbox.backlog().await?;
            eprintln!("hour {hour} of {HOURS}: {waiting} messages wait for functions");
        }
        Ok(Course { processes, items_at_half, consumed })
    }

    /// Waits until a time of the day has come and the events before it are sent.
    async fn reach(&self, sandbox: &Sandbox, at: TimeDelta) -> anyhow::Result<()> {
        sandbox.clock.reach(self.began + at).await;
        self.sent.subscribe().wait_for(|sent| *sent >= at).await?;
        Ok(())
    }
}

fn counted(answers: &[Answered]) -> Answers {
    let mut counted = Answers::new();
    for (event, answer) in answers {
        *counted.entry((event.stream.name, answer.word.clone())).or_default() += 1;
    }
    counted
}

fn is_expected(event: &Event, answer: &Answer) -> bool {
    event.stream.answers.contains(&answer.word.as_str())
}

fn expected(events: &[Event], answers: &[Answered]) -> Expected {
    let contact = |(_, answer): &Answered| Some(answer.body["contactId"].as_str()?.to_owned());
    Expected::of(events, answers.iter().filter_map(contact).collect::<BTreeSet<_>>())
}

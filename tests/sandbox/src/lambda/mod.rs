//! Lambda: functions as real processes that poll the Runtime API, one invocation at a time each.

mod instance;
mod report;
mod runtime_api;

use std::{
    collections::BTreeMap,
    future,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::Context;
use axum::body::Bytes;
use serde_json::Value;
use tokio::{sync::Semaphore, task::JoinSet, time};
use uuid::Uuid;

use self::{
    instance::Instance,
    report::Report,
    runtime_api::{Reply, RuntimeApi},
};
use crate::{faults::Faults, http, logs::Logs};

/// Specification of a function.
pub(crate) struct FunctionSpec {
    pub(crate) name: String,
    pub(crate) executable: PathBuf,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) timeout: Duration,
    pub(crate) memory_size: u32,
}

/// Result of an invocation.
#[derive(Debug)]
pub enum Outcome {
    /// The function answered with this payload.
    Answer(Bytes),
    /// The function reported an error.
    Error(Value),
    /// The process ended before it answered.
    Exited,
    /// The function took longer than it may and was ended.
    TimedOut,
}

impl From<Reply> for Outcome {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Answer(payload) => Self::Answer(payload),
            Reply::Error(error) => Self::Error(error),
        }
    }
}

/// The functions, ready to be invoked.
pub struct Lambda {
    functions: BTreeMap<String, Function>,
    api: Arc<RuntimeApi>,
    faults: Arc<Faults>,
    logs: Arc<Logs>,
    in_flight: AtomicUsize,
}

struct Function {
    spec: FunctionSpec,
    /// One permit for each process that may run at once.
    concurrency: Semaphore,
    idle: Mutex<Vec<Instance>>,
    /// Smoothed, in microseconds.
    usual_duration_us: AtomicU64,
}

impl Lambda {
    pub(crate) async fn start(
        specs: Vec<FunctionSpec>,
        concurrency_max: usize,
        faults: Arc<Faults>,
        logs: Arc<Logs>,
        tasks: &mut JoinSet<()>,
    ) -> anyhow::Result<Arc<Self>> {
        let (listener, address) = http::listen(0).await?;
        let api = Arc::new(RuntimeApi::new(address));
        tasks.spawn(http::serve(listener, RuntimeApi::router(&api)));
        let function = |spec: FunctionSpec| {
            let function = Function {
                concurrency: Semaphore::new(concurrency_max),
                idle: Mutex::default(),
                usual_duration_us: AtomicU64::new(0),
                spec,
            };
            (function.spec.name.clone(), function)
        };
        let functions = specs.into_iter().map(function).collect();
        Ok(Arc::new(Self { functions, api, faults, logs, in_flight: AtomicUsize::new(0) }))
    }

    /// Invokes a function and waits for its outcome.
    pub async fn invoke(&self, name: &str, payload: Bytes) -> anyhow::Result<Outcome> {
        let function =
            self.functions.get(name).with_context(|| format!("there is no function {name}"))?;
        let _counted = Counted::one_of(&self.in_flight);
        let _permit = function.concurrency.acquire().await?;
        let mut instance = match function.idle_instance() {
            Some(instance) => instance,
            None => Instance::start(&function.spec, &self.api, &self.logs)?,
        };
        let killed_by_name = self.faults.killed(name);
        let started = Instant::now();
        let reply = instance.invoke(payload, function.spec.timeout)?;
        let killed = function.killed_after(&self.faults);
        tokio::select! {
            replied = reply => {
                let duration = started.elapsed();
                function.learn_duration(duration);
                let outcome = replied.map_or(Outcome::Exited, |(request_id, reply)| {
                    self.report(function, &instance, request_id, duration);
                    reply.into()
                });
                function.keep(instance);
                Ok(outcome)
            }
            () = instance.exited() => Ok(Outcome::Exited),
            () = killed => {
                instance.end().await;
                Ok(Outcome::Exited)
            }
            () = killed_by_name => {
                instance.end().await;
                Ok(Outcome::Exited)
            }
            () = time::sleep(function.spec.timeout) => {
                instance.end().await;
                Ok(Outcome::TimedOut)
            }
        }
    }

    /// Starts a process of each function that has none, ahead of its first event. What does not
    /// start is reported at once.
    pub async fn warm_up(&self) -> anyhow::Result<()> {
        let starts = self.functions.values().map(async |function| {
            let _permit = function.concurrency.acquire().await?;
            if let Some(instance) = function.idle_instance() {
                function.keep(instance);
                return anyhow::Ok(());
            }
            let mut instance = Instance::start(&function.spec, &self.api, &self.logs)?;
            instance.started().await;
            function.keep(instance);
            Ok(())
        });
        futures::future::try_join_all(starts).await.map(drop)
    }

    /// Writes what Lambda reports about an invocation, where the memory of a process is known.
    fn report(
        &self,
        Function { spec, .. }: &Function,
        instance: &Instance,
        request_id: Uuid,
        duration: Duration,
    ) {
        if let Some(memory_used) = instance.memory_used() {
            let memory_size = spec.memory_size;
            let report = Report { request_id, duration, memory_size, memory_used };
            self.logs.report(&spec.name, report.line());
        }
    }

    /// Number of invocations that are running or waiting for a process.
    pub fn in_flight(&self) -> usize {
        self.in_flight.load(Ordering::SeqCst)
    }
}

impl Function {
    fn idle_instance(&self) -> Option<Instance> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(Instance::is_alive);
        idle.pop()
    }

    fn keep(&self, instance: Instance) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
    }

    fn learn_duration(&self, duration: Duration) {
        let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        let usual = self.usual_duration_us.load(Ordering::Relaxed);
        let learned = if usual == 0 { duration_us } else { (usual * 7 + duration_us) / 8 };
        self.usual_duration_us.store(learned, Ordering::Relaxed);
    }

    /// Ends when a fault kills the invocation that starts now; never, when none does.
    fn killed_after(&self, faults: &Faults) -> impl Future<Output = ()> + use<> {
        let usual = Duration::from_micros(self.usual_duration_us.load(Ordering::Relaxed));
        // A function that has never answered has no middle of an invocation yet.
        let is_known = !usual.is_zero();
        let struck = is_known.then(|| faults.strike_invocation(&self.spec.name)).flatten();
        async move {
            match struck {
                Some(fraction) => time::sleep(usual.mul_f64(fraction)).await,
                None => future::pending().await,
            }
        }
    }
}

/// Counts itself as long as it lives.
struct Counted<'a>(&'a AtomicUsize);

impl<'a> Counted<'a> {
    fn one_of(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

//! Lambda: instances of the functions, each with its own clock and network. An instance that crashes,
//! or does not answer in time, is gone; its invocation may have had any effect.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
    sync::Arc,
    time::Duration,
};

use ambient::Ambience;
use chrono::TimeDelta;
use futures::{FutureExt, future::LocalBoxFuture};
use lambda_runtime::{Context, LambdaEvent};
use platform::{
    aws::Aws,
    function::{Function, Runner},
    telemetry::{Lines, Telemetry},
};
use serde_json::Value;
use settings::Settings;
use tokio::time::sleep;

use crate::{
    network::Wire,
    promises::{Made, uncounted},
    services::Services,
    stack::Environment,
    story::Weight,
};

/// The most that the clock of an instance is wrong, in milliseconds.
const CLOCK_ERROR_MS_MAX: i64 = 1_500;

/// The functions.
pub(crate) struct Lambda {
    pub(crate) services: Arc<Services>,
    /// Variables that differ from those of the stack.
    settings: Environment,
    idle: RefCell<BTreeMap<String, Vec<Rc<Instance>>>>,
    started: Cell<usize>,
    running: Cell<usize>,
    /// Promises that invocations broke.
    pub(crate) broken: RefCell<Vec<String>>,
}

/// One process of a function.
struct Instance {
    name: String,
    handler: Rc<dyn Handle>,
    ambience: Ambience,
    wire: Wire,
}

/// An invocation without an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failed {
    /// The process died.
    Crashed,
    /// The process took too long, and was ended.
    TimedOut,
    /// The function answered with an error.
    Error(String),
}

/// A function of any kind.
trait Handle {
    fn invoke(self: Rc<Self>, event: LambdaEvent<Value>) -> Answering;
    /// Lines of the log since the last time.
    fn lines(&self) -> Vec<Value>;
}

type Answering = LocalBoxFuture<'static, Result<Value, String>>;
type Built = LocalBoxFuture<'static, Result<Rc<dyn Handle>, String>>;

struct Handler<F> {
    runner: Runner<F>,
    lines: Lines,
}

impl<F: Function + 'static> Handle for Handler<F> {
    fn invoke(self: Rc<Self>, event: LambdaEvent<Value>) -> Answering {
        async move { self.runner.invoke(event).await.map_err(|error| error.to_string()) }
            .boxed_local()
    }

    fn lines(&self) -> Vec<Value> {
        self.lines.drain()
    }
}

fn build<F: Function + 'static>(environment: Environment) -> Built {
    async move {
        let (config, aws) = settings::Environment::from_pairs(environment)
            .read(|env| Some((F::Config::read(env)?, Aws::read(env)?)))
            .map_err(|error| error.to_string())?;
        let function = F::build(config, &aws).await.map_err(|error| error.to_string())?;
        let (telemetry, lines) = Telemetry::captured(F::NAME);
        let handler = Handler { runner: Runner { function, telemetry }, lines };
        Ok(Rc::new(handler) as Rc<dyn Handle>)
    }
    .boxed_local()
}

fn builder(function: &str) -> fn(Environment) -> Built {
    match function {
        "analytics-poller" => build::<analytics_poller::AnalyticsPoller>,
        "callback-intake" => build::<callback_intake::CallbackIntake>,
        "campaign-scheduler" => build::<campaign_scheduler::CampaignScheduler>,
        "disposition-handler" => build::<disposition_handler::DispositionHandler>,
        "dnc-batcher" => build::<dnc_batcher::DncBatcher>,
        "interaction-router" => build::<interaction_router::InteractionRouter>,
        "optout-webhook" => build::<optout_webhook::OptoutWebhook>,
        other => panic!("there is no function {other}"),
    }
}

impl Lambda {
    pub(crate) fn new(services: Arc<Services>, settings: Environment) -> Rc<Self> {
        Rc::new(Self {
            services,
            settings,
            idle: RefCell::default(),
            started: Cell::new(0),
            running: Cell::new(0),
            broken: RefCell::default(),
        })
    }

    /// Number of invocations that run.
    pub(crate) fn running(&self) -> usize {
        self.running.get()
    }

    /// Invokes a function, in an instance of its own.
    pub(crate) async fn invoke(&self, function: &str, event: Value) -> Result<Value, Failed> {
        self.running.set(self.running.get() + 1);
        let idle = self.idle.borrow_mut().get_mut(function).and_then(Vec::pop);
        let outcome = match idle {
            Some(instance) => self.run(function, instance, event).await,
            None => match self.start(function).await {
                Ok(instance) => self.run(function, instance, event).await,
                Err(failed) => Err(failed),
            },
        };
        if let Err(failed) = &outcome {
            self.services.count_failure(function);
            self.services.tell(function, Weight::Turn, format!("invocation failed: {failed:?}"));
        }
        self.running.set(self.running.get() - 1);
        outcome
    }

    async fn start(&self, function: &str) -> Result<Rc<Instance>, Failed> {
        self.started.set(self.started.get() + 1);
        let name = format!("{function}#{}", self.started.get());
        let wire = Wire::new(Arc::clone(&self.services), name.clone());
        let seed = self.services.random().u64(..);
        let ambience = Ambience::new(self.services.now() + self.clock_error(), seed)
            .on(Arc::new(wire.clone()));
        let stack = self.services.stack.0;
        let mut environment = stack.environment(function);
        for (name, value) in &self.settings {
            environment.entry(name.clone()).and_modify(|it| it.clone_from(value));
        }
        let built = ambience.clone().scope(builder(function)(environment));
        let handler = self.supervised(&wire, stack.timeout(function), built).await?;
        Ok(Rc::new(Instance { name, handler, ambience, wire }))
    }

    async fn run(
        &self,
        function: &str,
        instance: Rc<Instance>,
        event: Value,
    ) -> Result<Value, Failed> {
        let timeout = self.services.stack.0.timeout(function);
        let mut context = Context::default();
        context.request_id = instance.name.clone();
        let deadline = (self.services.now() + timeout).timestamp_millis();
        context.deadline = u64::try_from(deadline).expect("a time after 1970");
        let answering = Rc::clone(&instance.handler).invoke(LambdaEvent::new(event, context));
        // A clock that steps does so between invocations: Lambda freezes processes there.
        let ambience = instance.ambience.clone().shifted(self.clock_error());
        let outcome = self.supervised(&instance.wire, timeout, ambience.scope(answering)).await;
        let is_dead = matches!(outcome, Err(Failed::Crashed | Failed::TimedOut));
        if !is_dead {
            instance.wire.make_last_calls().await;
        }
        let made = instance.wire.drain_made();
        self.read_log(function, &instance, if is_dead { &[] } else { &made });
        if !is_dead {
            self.idle.borrow_mut().entry(function.to_owned()).or_default().push(instance);
        }
        outcome
    }

    /// Keeps what the log of an invocation says about it, and about the calls that it made.
    fn read_log(&self, function: &str, instance: &Instance, made: &[Made]) {
        for mut line in instance.handler.lines() {
            if let Some(planted) = self.services.planted {
                planted.change_line(&mut line);
            }
            let mut broken = self.broken.borrow_mut();
            if line["outcome"] == "panicked" {
                broken.push(format!("{} panicked", instance.name));
            }
            if line["outcome"].is_string() {
                broken.extend(uncounted(function, made, &line));
            }
            let counted = line["dead_lettered"].as_u64().unwrap_or_default();
            self.services.count_dead_letters(function, counted);
        }
    }

    /// Replaces the code: no instance that is idle is used again.
    pub(crate) fn deploy(&self) {
        self.idle.borrow_mut().clear();
    }

    /// Waits for an answer, unless the instance dies before.
    async fn supervised<T>(
        &self,
        wire: &Wire,
        timeout: Duration,
        answering: impl Future<Output = Result<T, String>>,
    ) -> Result<T, Failed> {
        tokio::select! {
            biased;
            () = wire.killed() => Err(Failed::Crashed),
            answer = answering => answer.map_err(Failed::Error),
            () = sleep(timeout) => Err(Failed::TimedOut),
        }
    }

    fn clock_error(&self) -> TimeDelta {
        let rate = self.services.weather.clocks;
        if !self.services.strikes(rate) {
            return TimeDelta::zero();
        }
        let error = self.services.random().i64(-CLOCK_ERROR_MS_MAX..=CLOCK_ERROR_MS_MAX);
        TimeDelta::milliseconds(error / 2)
    }
}

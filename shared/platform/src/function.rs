//! One trait for a Lambda function, and one runner for all of them.
//!
//! The runner does what must be the same everywhere: it reads the settings, detects the trigger,
//! opens and closes the telemetry record of each invocation, counts the calls to CXone, turns a
//! [`Problem`] into its reply and a panic into an error.

mod http;
mod trigger;

use std::panic::AssertUnwindSafe;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsMessage};
use futures::FutureExt;
use lambda_http::Request;
use lambda_runtime::{Context, Error, LambdaEvent, service_fn};
use outbound::CxoneUsage;
use serde_json::Value;
use settings::{Environment, Settings};
use tracing::Instrument;

use crate::{
    aws::Aws,
    problem::{Problem, Reply},
    telemetry::{self, EventRecord, Telemetry},
};
use trigger::Trigger;

/// One Lambda function. It implements the triggers that the template gives it; any other is refused.
pub trait Function: Sized {
    /// Name of the function in logs, metrics and dead letters.
    const NAME: &'static str;

    /// Settings of the function.
    type Config: Settings;

    /// Builds the function and the clients it works with.
    fn build(config: Self::Config, aws: &Aws) -> impl Future<Output = Result<Self, Error>>;

    /// Answers one HTTP request.
    fn request(
        &self,
        request: &Request,
        record: &mut EventRecord,
    ) -> impl Future<Output = Result<Reply, Problem>> {
        let _ = (request, record);
        async { Err(Problem::not_found("no_route", "this function has no route")) }
    }

    /// Handles a batch of SQS messages and names those that must be received again.
    fn batch(
        &self,
        messages: Vec<SqsMessage>,
        context: &Context,
        record: &mut EventRecord,
    ) -> impl Future<Output = Result<SqsBatchResponse, Error>> {
        let _ = (messages, context, record);
        async { Err("this function has no queue".into()) }
    }

    /// Handles an event that a schedule, or an operator by hand, invoked the function with. After an
    /// error it is retried.
    fn scheduled(
        &self,
        event: Value,
        context: &Context,
        record: &mut EventRecord,
    ) -> impl Future<Output = Result<Value, Error>> {
        let _ = (event, context, record);
        async { Err("this function has no schedule".into()) }
    }

    /// Drains the count of calls to CXone. A function that makes none leaves it out.
    fn drain_usage(&self) -> CxoneUsage {
        CxoneUsage::default()
    }
}

/// Runs a function until Lambda ends the process. Fails when its settings or secrets are unusable.
pub async fn run<F: Function>() -> Result<(), Error> {
    let telemetry = telemetry::init(F::NAME);
    let (config, aws) = Environment::from_process().read(|env| {
        let (config, aws) = (F::Config::read(env), Aws::read(env));
        Some((config?, aws?))
    })?;
    let function = F::build(config, &aws).await?;
    let runner = &Runner { function, telemetry };
    lambda_runtime::run(service_fn(|event| runner.invoke(event))).await
}

/// A function with the telemetry of its process.
pub struct Runner<F> {
    /// The function.
    pub function: F,
    /// Telemetry of its invocations.
    pub telemetry: Telemetry,
}

impl<F: Function> Runner<F> {
    /// Handles one invocation, whatever triggered it.
    pub async fn invoke(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let span = telemetry::invocation_span(F::NAME, &event.context.request_id);
        self.recorded(event).instrument(span).await
    }

    async fn recorded(&self, event: LambdaEvent<Value>) -> Result<Value, Error> {
        let LambdaEvent { payload, context } = event;
        let mut record = self.telemetry.event(context.request_id.as_str());
        let trigger = Trigger::of(payload);
        let is_http = matches!(trigger, Trigger::Http(_));
        // Nothing of an invocation that panicked is used again, but for its record, which reports
        // the panic.
        let handled =
            AssertUnwindSafe(self.dispatch(trigger, &context, &mut record)).catch_unwind().await;
        record.cxone_usage(self.function.drain_usage());
        match handled {
            Ok(answer) => answer,
            Err(_) if is_http => {
                record.outcome("panicked");
                http::response(Problem::internal("panicked", "the request could not be handled"))
            }
            Err(_) => {
                record.outcome("panicked");
                Err("the invocation panicked".into())
            }
        }
    }

    // The function's own futures are boxed: nested in this one, they are too deep for the compiler.
    async fn dispatch(
        &self,
        trigger: Trigger,
        context: &Context,
        record: &mut EventRecord,
    ) -> Result<Value, Error> {
        match trigger {
            Trigger::Http(event) => {
                let answered = match http::request(event, context) {
                    Ok(request) => self.function.request(&request, record).boxed_local().await,
                    Err(problem) => Err(problem),
                };
                match answered {
                    Ok(reply) => {
                        record.reply(&reply);
                        http::response(reply)
                    }
                    Err(problem) => {
                        record.problem(&problem);
                        http::response(problem)
                    }
                }
            }
            Trigger::Queue(event) => {
                let messages = trigger::messages(event)?;
                let batch = self.function.batch(messages, context, record).boxed_local();
                Ok(serde_json::to_value(batch.await?)?)
            }
            Trigger::Schedule(event) => {
                self.function.scheduled(event, context, record).boxed_local().await
            }
        }
    }
}

#[cfg(test)]
mod tests;

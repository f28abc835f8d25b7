//! Assembly of a sandbox: the functions of the template between its triggers and their
//! surroundings.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use anyhow::Context;

use crate::{
    Lambda, Options, Profile, Sandbox, Surroundings, aws, binaries,
    control::{self, Control},
    event_source::{self, Mapping},
    gateway, http,
    lambda::FunctionSpec,
    openapi, samples,
    schedules::{self, Scheduled, Schedules},
    senders::Senders,
    template::{EventSource, Function, Route, Scope, Template, Trigger},
};

impl Sandbox {
    /// Builds the functions and starts everything `template.yaml` holds.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        // Before anything that sends to the gateway: its address must be known.
        let (listener, address) = http::listen(options.gateway_port).await?;
        let gateway_url = format!("http://{address}");
        let Options { profile, concurrency_max, redelivery, window_max, .. } = options;
        let mut around = Surroundings::around(&gateway_url, options).await?;

        let specs = specs(&around, profile).await?;
        let logs = Arc::clone(&around.logs);
        let (faults, tasks) = (Arc::clone(&around.faults), &mut around.tasks);
        let lambda =
            Lambda::start(specs, concurrency_max, faults, Arc::clone(&logs), tasks).await?;
        around.aws.offer(Arc::clone(&lambda));
        let Triggers { routes, timetable, sources } = triggers(&around.template, &around.scope)?;
        let fed_queues = sources.iter().map(|(source, _)| source.queue.clone()).collect();
        around.feed(sources, &lambda, redelivery, window_max.unwrap_or(Duration::MAX));
        let (clock, aws) = (Arc::clone(&around.clock), Arc::clone(&around.aws));
        let schedules = Schedules::new(timetable, clock, Arc::clone(&lambda), aws);
        let senders = Arc::new(around.senders(&gateway_url, &lambda));
        let front = schedules::router(Arc::clone(&schedules))
            .merge(samples::router(Arc::clone(&senders), around.cxone.api()))
            .merge(openapi::router())
            .merge(control::router(around.control(&senders)))
            // One address is enough for everything: no route of ours is one of AWS.
            .merge(around.aws.router())
            .fallback_service(gateway::router(Arc::clone(&lambda), routes));
        around.tasks.spawn(http::serve(listener, front));
        let Surroundings { aws, cxone, receiver, faults, clock, traffic, tasks, .. } = around;
        Ok(Self {
            gateway_url,
            aws,
            cxone,
            lambda,
            schedules,
            clock,
            receiver,
            traffic,
            senders,
            profile,
            faults,
            logs,
            environment: merged(around.environments),
            fed_queues,
            tasks,
        })
    }
}

impl Surroundings {
    /// Has the queues feed their functions.
    fn feed(
        &mut self,
        sources: Vec<(EventSource, String)>,
        lambda: &Arc<Lambda>,
        redelivery: Option<Duration>,
        window_max: Duration,
    ) {
        for (source, function) in sources {
            let source = EventSource { window: source.window.min(window_max), ..source };
            let (aws, lambda) = (Arc::clone(&self.aws), Arc::clone(lambda));
            let mapping = Mapping { source, function, redelivery, aws, lambda };
            self.tasks.spawn(event_source::run(mapping));
        }
    }

    fn senders(&self, gateway_url: &str, lambda: &Arc<Lambda>) -> Senders {
        Senders {
            gateway_url: gateway_url.to_owned(),
            aws: Arc::clone(&self.aws),
            lambda: Arc::clone(lambda),
            clock: Arc::clone(&self.clock),
            receiver: Arc::clone(&self.receiver),
            http: reqwest::Client::new(),
        }
    }

    fn control(&self, senders: &Arc<Senders>) -> Control {
        let Template { queues, tables, .. } = &self.template;
        Control {
            senders: Arc::clone(senders),
            cxone: Arc::clone(&self.cxone),
            faults: Arc::clone(&self.faults),
            logs: Arc::clone(&self.logs),
            queues: queues.iter().map(|queue| queue.logical_id.clone()).collect(),
            tables: tables.iter().map(|table| table.logical_id.clone()).collect(),
        }
    }
}

/// The environments of all functions as one. No variable differs between two of them, but for the
/// access key, which is that of a person: one process environment cannot have seven roles.
fn merged(environments: BTreeMap<String, BTreeMap<String, String>>) -> BTreeMap<String, String> {
    let mut merged: BTreeMap<String, String> = environments.into_values().flatten().collect();
    merged.insert("AWS_ACCESS_KEY_ID".to_owned(), aws::ANYONE.to_owned());
    merged
}

/// Triggers, each with the name of its function.
#[derive(Default)]
struct Triggers {
    routes: Vec<(Route, String)>,
    timetable: Vec<Scheduled>,
    sources: Vec<(EventSource, String)>,
}

fn triggers(template: &Template, scope: &Scope) -> anyhow::Result<Triggers> {
    let mut all = Triggers::default();
    for Function { name, triggers, on_failure, .. } in &template.functions {
        for trigger in triggers {
            match trigger.clone() {
                Trigger::Http(route) => all.routes.push((route, name.clone())),
                Trigger::Queue(source) => all.sources.push((source, name.clone())),
                Trigger::Schedule(schedule) => all.timetable.push(Scheduled {
                    name: schedule.logical_id.unwrap_or_else(|| name.clone()),
                    function: name.clone(),
                    rate: schedule.rate,
                    input: scope.text(&schedule.input)?,
                    on_failure: on_failure.clone(),
                }),
            }
        }
    }
    Ok(all)
}

/// Builds the functions and gathers what each needs to run.
async fn specs(around: &Surroundings, profile: Profile) -> anyhow::Result<Vec<FunctionSpec>> {
    let executables = tokio::task::spawn_blocking(move || binaries::build(profile)).await??;
    let spec = |function: &Function| {
        let executable = executables.get(&function.name).cloned();
        anyhow::Ok(FunctionSpec {
            name: function.name.clone(),
            executable: executable
                .with_context(|| format!("the workspace has no binary `{}`", function.name))?,
            environment: around.environments.get(&function.name).cloned().unwrap_or_default(),
            timeout: function.timeout,
            memory_size: function.memory_size,
        })
    };
    around.template.functions.iter().map(spec).collect()
}

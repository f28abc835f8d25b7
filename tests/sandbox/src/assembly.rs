//! Assembly of a sandbox: the functions of the template between its triggers and their
//! surroundings.

use std::sync::Arc;

use anyhow::Context;

use crate::{
    Lambda, Logs, Options, Profile, Sandbox, Surroundings, binaries,
    event_source::{self, Mapping},
    gateway, http,
    lambda::FunctionSpec,
    openapi,
    schedules::{self, Scheduled, Schedules},
    template::{EventSource, Function, Route, Scope, Template, Trigger},
};

impl Sandbox {
    /// Builds the functions and starts everything `template.yaml` holds.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        // Before anything that sends to the gateway: its address must be known.
        let (listener, address) = http::listen(options.gateway_port).await?;
        let gateway_url = format!("http://{address}");
        let logs = Arc::new(Logs::new(options.logs_echoed));
        let (profile, concurrency_max) = (options.profile, options.concurrency_max);
        let redelivery = options.redelivery;
        let mut around = Surroundings::around(&gateway_url, options).await?;

        let specs = specs(&around, profile).await?;
        let (faults, tasks) = (Arc::clone(&around.faults), &mut around.tasks);
        let lambda =
            Lambda::start(specs, concurrency_max, faults, Arc::clone(&logs), tasks).await?;
        let Triggers { routes, timetable, sources } = triggers(&around.template, &around.scope)?;
        let fed_queues = sources.iter().map(|(source, _)| source.queue.clone()).collect();
        for (source, function) in sources {
            let (aws, lambda) = (Arc::clone(&around.aws), Arc::clone(&lambda));
            let mapping = Mapping { source, function, redelivery, aws, lambda };
            around.tasks.spawn(event_source::run(mapping));
        }
        let (clock, aws) = (Arc::clone(&around.clock), Arc::clone(&around.aws));
        let schedules = Schedules::new(timetable, clock, Arc::clone(&lambda), aws);
        let front = schedules::router(Arc::clone(&schedules))
            .merge(openapi::router())
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
            faults,
            logs,
            environment: around.environments.into_values().flatten().collect(),
            fed_queues,
            tasks,
        })
    }
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

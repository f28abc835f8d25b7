//! The sandbox without its functions, for tests that call a handler in their own process.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use tokio::task::JoinSet;

use crate::{
    aws::{Aws, Permissions},
    binaries::workspace_root,
    clock::Clock,
    cxone::Cxone,
    environments,
    faults::Faults,
    receiver::Receiver,
    scope,
    template::Template,
    traffic::Traffic,
};

/// The AWS services, CXone and the receiver of reports, set up as in the template.
pub struct Surroundings {
    /// The AWS services.
    pub aws: Arc<Aws>,
    /// The CXone simulator.
    pub cxone: Arc<Cxone>,
    /// The receiver of campaign webhooks.
    pub receiver: Arc<Receiver>,
    /// Faults to inject.
    pub faults: Arc<Faults>,
    /// The clock of CXone.
    pub clock: Arc<Clock>,
    /// The environment of each function, by its name.
    pub environments: BTreeMap<String, BTreeMap<String, String>>,
    _tasks: JoinSet<()>,
}

impl Surroundings {
    /// Starts the services; they end when this is dropped.
    pub async fn start() -> anyhow::Result<Self> {
        let template = Template::read(&workspace_root().join("template.yaml"))?;
        let mut tasks = JoinSet::new();
        let faults = Arc::new(Faults::new(Vec::new(), 0));
        let clock = Arc::new(Clock::default());
        let aws = Aws::start(&template, Arc::clone(&faults), &mut tasks).await?;
        let receiver = Receiver::start(0, &mut tasks).await?;
        // There is no gateway that traffic could go to.
        let traffic = Arc::new(Traffic::to("http://127.0.0.1:1")?);
        let cxone = Cxone::start(
            0,
            Duration::from_mins(30),
            Arc::clone(&clock),
            Arc::clone(&faults),
            traffic,
            &mut tasks,
        )
        .await?;
        let scope = scope(&template, &aws, &cxone);
        aws.enforce(Permissions::of(&template, &scope)?);
        let environments = environments(&template, &scope, &aws)?;
        Ok(Self { aws, cxone, receiver, faults, clock, environments, _tasks: tasks })
    }
}

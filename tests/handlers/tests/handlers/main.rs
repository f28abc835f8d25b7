//! Tests of each handler with one event, observed at the services around it.

mod callbacks;
mod calls;
mod campaigns;
mod consent;
mod dispositions;
mod interactions;
mod law;
mod messages;
mod opt_outs;
mod outcomes;
mod parameters;
mod resumed;
mod settings;
mod shared_zones;
mod simulated;
mod skills;
mod tenants;
mod withdrawals;

use handlers::Handler;
use platform::function::Function;
use sandbox::Surroundings;

async fn surroundings() -> Surroundings {
    Surroundings::start().await.expect("the embedded services start")
}

async fn handler<F: Function>(surroundings: &Surroundings) -> Handler<F> {
    Handler::in_(surroundings).await
}

/// The bodies of all messages that wait in a queue.
async fn bodies(surroundings: &Surroundings, queue: &str) -> Vec<String> {
    let messages = surroundings.aws.queues.drain(queue).await.expect("a queue of the template");
    messages.into_iter().map(|message| message.body).collect()
}

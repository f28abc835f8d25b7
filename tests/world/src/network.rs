//! The network between one instance of a function and the services.

use std::{
    future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use ambient::{Exchange, Network, Unanswered};
use http::{Request, Response};
use tokio::{sync::Notify, time::sleep};

use crate::{
    promises::Made,
    services::{Call, Service, Services, answer, refusal},
    story::Weight,
    weather::{Fate, latency},
};

/// A caller gives up within this time.
const PATIENCE: Duration = Duration::from_secs(20);
/// Page of a proxy that answers in place of CXone.
const PROXY_PAGE: &str = "<!doctype html><title>Welcome</title>";

/// Connection of one instance.
#[derive(Debug, Clone)]
pub(crate) struct Wire(Arc<Ends>);

#[derive(Debug)]
struct Ends {
    services: Arc<Services>,
    /// The instance, as the story names it.
    caller: String,
    /// Rings when the instance dies.
    killed: Notify,
    /// Calls that a planted bug makes last.
    last: Mutex<Vec<(Call, Request<Vec<u8>>)>>,
    /// Calls that the invocation made, and that ended.
    made: Mutex<Vec<Made>>,
}

impl Wire {
    pub(crate) fn new(services: Arc<Services>, caller: String) -> Self {
        let (killed, last, made) = (Notify::new(), Mutex::default(), Mutex::default());
        Self(Arc::new(Ends { services, caller, killed, last, made }))
    }

    /// Ends when the instance is killed.
    pub(crate) async fn killed(&self) {
        self.0.killed.notified().await;
    }

    /// Makes the calls that a planted bug makes last. A dead instance makes none.
    pub(crate) async fn make_last_calls(&self) {
        let calls = std::mem::take(&mut *self.last_calls());
        for (call, request) in calls {
            self.0.services.perform(&call, request).await;
            self.0.services.tell(&self.0.caller, Weight::Turn, format!("{}: late", call.name));
        }
    }

    fn last_calls(&self) -> MutexGuard<'_, Vec<(Call, Request<Vec<u8>>)>> {
        self.0.last.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The calls since the last time.
    pub(crate) fn drain_made(&self) -> Vec<Made> {
        std::mem::take(&mut *self.0.made.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn noted(self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Unanswered> {
        let call = Call::of(&request);
        let made = Made::of(&call, &request);
        let answer = self.clone().answered(call, request).await;
        let made = made.answered(answer.as_ref().ok().map(Response::status));
        self.0.made.lock().unwrap_or_else(PoisonError::into_inner).push(made);
        answer
    }

    async fn answered(
        self,
        call: Call,
        request: Request<Vec<u8>>,
    ) -> Result<Response<Vec<u8>>, Unanswered> {
        let Ends { services, caller, killed, .. } = &*self.0;
        let (fate, wait) = self.fate(&call);
        let weight = if fate == Fate::Answered { Weight::Detail } else { Weight::Turn };
        sleep(wait).await;
        if services.planted.is_some_and(|planted| planted.ignores(&call.name, fate)) {
            services.tell(caller, weight, format!("{}: {fate:?}, ignored", call.name));
            return Ok(answer(200, r#"{"MessageId":"never sent"}"#.to_owned()));
        }
        if services.planted.is_some_and(|planted| planted.is_last(&call.name)) {
            self.last_calls().push((call, request));
            return Ok(answer(200, r#"{"MessageId":"sent last"}"#.to_owned()));
        }
        if fate != Fate::Answered {
            services.count_mishap(function(caller));
        }
        match fate {
            Fate::Answered => {
                let answer = services.perform(&call, request).await;
                let status = answer.status().as_u16();
                services.tell(caller, weight, format!("{}: {status}", call.name));
                return Ok(answer);
            }
            Fate::Late => self.late(call.clone(), request).await,
            Fate::AnswerLost | Fate::OddAnswer | Fate::CrashAfter => {
                let answer = services.perform(&call, request).await;
                let status = answer.status().as_u16();
                services.tell(caller, weight, format!("{}: {status}, {fate:?}", call.name));
                if fate == Fate::OddAnswer && answer.status().is_success() {
                    return Ok(proxy_page());
                }
            }
            _ => services.tell(caller, weight, format!("{}: {fate:?}", call.name)),
        }
        match fate {
            Fate::NotSent => Err(Unanswered::NotSent),
            Fate::Refused(status) => Ok(refusal(call.service, status)),
            Fate::CrashBefore | Fate::CrashAfter => {
                killed.notify_one();
                future::pending().await
            }
            _ => Err(Unanswered::NoAnswer),
        }
    }

    fn fate(&self, call: &Call) -> (Fate, Duration) {
        let services = &self.0.services;
        let (weather, at) = (&services.weather, services.elapsed());
        let mut random = services.random();
        let fate = match call.service {
            Service::Cxone if call.is_booking() && weather.strikes_booking(at, &mut random) => {
                Fate::CrashAfter
            }
            Service::Cxone | Service::Receiver => weather.http_fate(at, &mut random),
            _ => weather.aws_fate(at, &mut random),
        };
        (fate, latency(&mut random))
    }

    /// The call has its effect at some time, whether its caller still waits or not.
    async fn late(&self, call: Call, request: Request<Vec<u8>>) {
        let (services, caller) = (Arc::clone(&self.0.services), self.0.caller.clone());
        let delay = Duration::from_millis(services.random().u64(1_000..30_000));
        let name = call.name.clone();
        self.0.services.tell(&self.0.caller, Weight::Turn, format!("{name}: late by {delay:?}"));
        tokio::spawn(async move {
            sleep(delay).await;
            let status = services.perform(&call, request).await.status().as_u16();
            services.tell(&caller, Weight::Turn, format!("{name}: {status}, late"));
        });
        sleep(PATIENCE).await;
    }
}

/// The function of an instance.
fn function(instance: &str) -> &str {
    instance.split_once('#').map_or(instance, |(function, _)| function)
}

fn proxy_page() -> Response<Vec<u8>> {
    answer(200, PROXY_PAGE.to_owned())
}

impl Network for Wire {
    fn exchange(&self, request: Request<Vec<u8>>) -> Exchange {
        Box::pin(self.clone().noted(request))
    }
}

//! What a sandbox has beside a deployment: a clock, faults, the state of CXone, samples, traffic.

use std::{error::Error, fmt, time::Duration};

use anyhow::{Context, bail, ensure};
use chrono::{DateTime, Utc};
use reqwest::{Client, Method};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use crate::stack::Stack;

/// Time that a control has to answer: a sample may start a function.
const LIMIT: Duration = Duration::from_mins(1);
/// An output of the stack that is an address of its gateway.
const OUTPUT: &str = "OptOutUrl";

/// A control that was used in a wrong way, with the reason.
#[derive(Debug)]
pub(super) struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Refused {}

/// The controls of a sandbox.
#[derive(Clone)]
pub(super) struct Simulator {
    http: Client,
    gateway: Url,
    cxone: Url,
}

/// Time on the clock of a sandbox that was read.
pub(super) fn time(read: &Value) -> Option<DateTime<Utc>> {
    read["cxone"]["clock"]["now"].as_str()?.parse().ok()
}

/// A control that a person can use.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase", deny_unknown_fields)]
pub(super) enum Control {
    /// Puts the clock forward.
    Advance { seconds: u32 },
    /// Sets the speed of the clock.
    Speed { factor: f64 },
    /// Lets something go wrong from now on.
    Fault { fault: String },
    /// Ends all faults.
    ClearFaults,
    /// Sends interactions of a channel.
    Traffic { channel: String, count: u32 },
    /// Sends a sample event.
    Sample { sample: String },
    /// Fires the schedule of a function.
    Schedule { function: String },
}

impl Simulator {
    /// The controls of a sandbox; none for a stack.
    pub(super) async fn of(stack: &Stack) -> anyhow::Result<Option<Self>> {
        if !stack.is_sandbox {
            return Ok(None);
        }
        let description = stack.description().await?;
        let address = |text: &str| Url::parse(text).context("the sandbox has no address");
        Ok(Some(Self {
            http: Client::builder().timeout(LIMIT).build()?,
            gateway: address(description.output(OUTPUT)?)?.join("/")?,
            cxone: address(description.parameter("CxoneBaseUrl")?)?,
        }))
    }

    /// Clock, faults, samples, and what CXone holds.
    pub(super) async fn read(&self) -> anyhow::Result<Value> {
        let get = async |base: &Url, path: &str| self.call(Method::GET, base, path, None).await;
        let (cxone, samples) = futures::try_join!(
            get(&self.cxone, "simulator/overview"),
            get(&self.gateway, "samples"),
        )?;
        Ok(json!({ "cxone": cxone, "samples": samples }))
    }

    /// Uses a control, and returns its answer.
    pub(super) async fn control(&self, control: &Control) -> anyhow::Result<Value> {
        let (post, cxone, gateway) = (Method::POST, &self.cxone, &self.gateway);
        let (method, base, path, body) = match control {
            Control::Advance { seconds } => {
                (post, cxone, "simulator/clock".to_owned(), json!({ "advanceSeconds": seconds }))
            }
            Control::Speed { factor } => {
                (post, cxone, "simulator/clock".to_owned(), json!({ "speed": factor }))
            }
            Control::Fault { fault } => {
                (post, cxone, "simulator/faults".to_owned(), json!([fault]))
            }
            Control::ClearFaults => {
                (Method::DELETE, cxone, "simulator/faults".to_owned(), Value::Null)
            }
            Control::Traffic { channel, count } => {
                let path = format!("simulator/generate?channel={channel}&count={count}");
                (post, cxone, path, Value::Null)
            }
            Control::Sample { sample } => (post, gateway, format!("samples/{sample}"), Value::Null),
            Control::Schedule { function } => {
                (post, gateway, format!("schedules/{function}"), Value::Null)
            }
        };
        self.call(method, base, &path, Some(body)).await
    }

    async fn call(
        &self,
        method: Method,
        base: &Url,
        path: &str,
        body: Option<Value>,
    ) -> anyhow::Result<Value> {
        let mut request = self.http.request(method, base.join(path)?);
        if let Some(body) = body.filter(|body| !body.is_null()) {
            request = request.json(&body);
        }
        let answer = request.send().await.context("the sandbox does not answer")?;
        let status = answer.status();
        let text = answer.text().await.context("the sandbox hung up")?;
        if status.is_client_error() {
            bail!(Refused(text.trim().to_owned()));
        }
        ensure!(status.is_success(), "the sandbox failed: {}", text.trim());
        Ok(serde_json::from_str(&text).unwrap_or(Value::Null))
    }
}

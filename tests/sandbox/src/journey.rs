//! The journey of the sample events: each is sent, and what came of it is held against what
//! `events/journey.yaml` promises.

use std::{collections::BTreeMap, fmt, str::FromStr, time::Duration};

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::{DNC_LIST, Sandbox, aws::Message, cxone::ConflictId, events::Event, workspace_root};

/// Where events end that need a person.
const DEAD_LETTERS: [&str; 2] = ["DncDeadLetterQueue", "CallbackDeadLetterQueue"];

/// The journey as it is planned.
#[derive(Debug, Deserialize)]
pub struct Journey {
    #[serde(default)]
    cxone: CxoneBefore,
    /// What is sent, in order.
    pub steps: Vec<Step>,
}

/// What CXone holds before the journey begins.
#[derive(Debug, Default, Deserialize)]
struct CxoneBefore {
    #[serde(default)]
    refused: BTreeMap<String, String>,
    #[serde(default)]
    conflicts: BTreeMap<String, ConflictId>,
    /// Campaigns or numbers whose contacts are refused, with CXone's words.
    #[serde(default)]
    refused_contacts: BTreeMap<String, String>,
}

/// One event, and what must come of it.
#[derive(Debug, Deserialize)]
pub struct Step {
    /// Its path below `events/`.
    pub event: String,
    /// What goes wrong from here on.
    fault: Option<String>,
    /// What the sender must be told, as `200 accepted`.
    pub reply: Option<String>,
    marker: String,
    /// Where it must be in the end.
    pub ends: Ending,
}

/// Where an event is in the end.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Ending {
    /// On the DNC list.
    Listed,
    /// A contact, and the customer has been told when the call comes.
    Confirmed,
    /// A contact, and the customer does not know yet.
    Scheduled,
    /// No contact, but the customer got a message.
    Told,
    /// In the dead letters, with this error code.
    DeadLettered(String),
    /// In neither.
    Nowhere,
}

/// What came of a step.
pub struct Result {
    /// What the sender was told.
    pub reply: Option<String>,
    /// Where the event is.
    pub ending: Ending,
}

impl Journey {
    /// Reads `events/journey.yaml`.
    pub fn read() -> anyhow::Result<Self> {
        let path = workspace_root().join("events/journey.yaml");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        serde_yaml_ng::from_str(&text).with_context(|| format!("cannot use {}", path.display()))
    }

    /// Prepares CXone for the journey.
    pub fn prepare(&self, sandbox: &Sandbox) {
        sandbox.cxone.edit_dnc_list(DNC_LIST, |list| {
            list.refused.clone_from(&self.cxone.refused);
            list.conflicts.clone_from(&self.cxone.conflicts);
        });
        for (what, words) in &self.cxone.refused_contacts {
            sandbox.cxone.refuse_contacts(what, words);
        }
    }

    /// Sends one event and returns what the sender is told.
    pub async fn send(sandbox: &Sandbox, step: &Step) -> anyhow::Result<Option<String>> {
        if let Some(fault) = &step.fault {
            sandbox.faults.add(fault.parse()?);
        }
        match Event::read(&step.event)? {
            Event::Http(request) => {
                let url = format!("{}{}", sandbox.gateway_url, request.path);
                let method = request.method.parse()?;
                let mut sent = reqwest::Client::new().request(method, url).body(request.body);
                for (name, value) in request.headers {
                    sent = sent.header(name, value);
                }
                let answer = sent.send().await?;
                let status = answer.status().as_u16();
                let body: Value = answer.json().await.unwrap_or_default();
                let word = ["status", "code", "confirmation"]
                    .iter()
                    .find_map(|field| body[field].as_str());
                Ok(Some(format!("{status} {}", word.unwrap_or_default())))
            }
            Event::Queue { queue, bodies } => {
                for body in bodies {
                    sandbox.aws.queues.send(&queue, &body).await?;
                }
                Ok(None)
            }
        }
    }

    /// Waits until nothing is on its way any more.
    pub async fn settle(sandbox: &Sandbox) -> anyhow::Result<()> {
        sandbox.settled(Duration::from_mins(2)).await
    }

    /// Where every step's event is now. Takes the dead letters out of their queue.
    pub async fn endings(&self, sandbox: &Sandbox) -> anyhow::Result<Vec<Ending>> {
        let listed = sandbox.cxone.dnc_list(DNC_LIST).contacts;
        let (contacts, messages) = (sandbox.cxone.contacts(), sandbox.cxone.messages());
        let mut dead_letters = Vec::new();
        for queue in DEAD_LETTERS {
            dead_letters.extend(sandbox.aws.queues.drain(queue).await?);
        }
        let ending = |step: &Step| {
            if listed.contains_key(&step.marker) {
                return Ending::Listed;
            }
            let is_contact = contacts.values().any(|contact| contact.phone == step.marker);
            let is_told = messages.iter().any(|message| message.to == step.marker);
            match (is_contact, is_told) {
                (true, true) => return Ending::Confirmed,
                (true, false) => return Ending::Scheduled,
                (false, true) => return Ending::Told,
                (false, false) => {}
            }
            let holds_marker = |letter: &&Message| letter.body.contains(&step.marker);
            match dead_letters.iter().find(holds_marker) {
                Some(letter) => {
                    let code = letter.attribute("error_code").unwrap_or("without a reason");
                    Ending::DeadLettered(code.to_owned())
                }
                None => Ending::Nowhere,
            }
        };
        Ok(self.steps.iter().map(ending).collect())
    }
}

impl Step {
    /// Whether what came of the step is what was promised.
    pub fn is_fulfilled_by(&self, result: &Result) -> bool {
        self.reply == result.reply && self.ends == result.ending
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed => write!(f, "listed"),
            Self::Confirmed => write!(f, "confirmed"),
            Self::Scheduled => write!(f, "scheduled"),
            Self::Told => write!(f, "told"),
            Self::DeadLettered(code) => write!(f, "dead-lettered {code}"),
            Self::Nowhere => write!(f, "nowhere"),
        }
    }
}

impl FromStr for Ending {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        match text.split_once(' ').unwrap_or((text, "")) {
            ("listed", "") => Ok(Self::Listed),
            ("confirmed", "") => Ok(Self::Confirmed),
            ("scheduled", "") => Ok(Self::Scheduled),
            ("told", "") => Ok(Self::Told),
            ("dead-lettered", code) if !code.is_empty() => Ok(Self::DeadLettered(code.to_owned())),
            ("nowhere", "") => Ok(Self::Nowhere),
            _ => bail!(
                "expected listed, scheduled, confirmed, told, nowhere, or dead-lettered with an error code"
            ),
        }
    }
}

impl TryFrom<String> for Ending {
    type Error = anyhow::Error;

    fn try_from(text: String) -> anyhow::Result<Self> {
        text.parse()
    }
}

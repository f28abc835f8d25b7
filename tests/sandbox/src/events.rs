//! The sample events: what a function sees, turned back into what its caller sends.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, bail};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::Deserialize;

use crate::workspace_root;

/// A sample event.
#[derive(Debug)]
pub enum Event {
    /// A request for the gateway.
    Http(HttpRequest),
    /// Messages for a queue.
    Queue {
        /// Name of the queue.
        queue: String,
        /// Bodies of the messages.
        bodies: Vec<String>,
    },
}

/// A request for the gateway.
#[derive(Debug)]
pub struct HttpRequest {
    /// `POST` and the like.
    pub method: String,
    /// Path, without host.
    pub path: String,
    /// Headers, lower case.
    pub headers: BTreeMap<String, String>,
    /// The raw body.
    pub body: Vec<u8>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Document {
    Http(HttpDocument),
    Queue {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpDocument {
    raw_path: String,
    headers: BTreeMap<String, String>,
    request_context: RequestContext,
    body: String,
    is_base64_encoded: bool,
}

#[derive(Deserialize)]
struct RequestContext {
    http: Http,
}

#[derive(Deserialize)]
struct Http {
    method: String,
}

#[derive(Deserialize)]
struct Record {
    body: String,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
}

impl Event {
    /// Reads a sample event from its path below `events/`.
    pub fn read(name: &str) -> anyhow::Result<Self> {
        let path = workspace_root().join("events").join(name);
        Self::read_file(&path).with_context(|| format!("cannot use {}", path.display()))
    }

    fn read_file(path: &Path) -> anyhow::Result<Self> {
        let document: Document = serde_json::from_str(&std::fs::read_to_string(path)?)?;
        match document {
            Document::Http(event) => Ok(Self::Http(event.into_request()?)),
            Document::Queue { records } => {
                let Some(first) = records.first() else { bail!("it has no records") };
                let queue = first.event_source_arn.rsplit(':').next().unwrap_or_default();
                let queue = queue.to_owned();
                let bodies = records.into_iter().map(|record| record.body).collect();
                Ok(Self::Queue { queue, bodies })
            }
        }
    }
}

impl HttpDocument {
    fn into_request(self) -> anyhow::Result<HttpRequest> {
        let body = if self.is_base64_encoded {
            BASE64_STANDARD.decode(self.body)?
        } else {
            self.body.into_bytes()
        };
        let mut headers = self.headers;
        // It names the original gateway; the one of the sandbox has another.
        headers.remove("host");
        Ok(HttpRequest {
            method: self.request_context.http.method,
            path: self.raw_path,
            headers,
            body,
        })
    }
}

//! Registrations on the v2 wire. CXone knows two kinds of them, which differ in every field.
//!
//! CXone is taken to tell registrations apart by their names, which therefore never change.

use std::time::Instant;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{V2, paths::Operation};
use crate::{Error, Registered, retry::Repeat, transport::Reply};

/// How often, and after how many seconds, CXone delivers an event again.
const RETRY_POLICY: RetryPolicy = RetryPolicy { max_retries: 3, interval: 60 };

impl V2 {
    pub(crate) async fn register_opt_outs(
        &self,
        url: &Url,
        until: Instant,
    ) -> Result<Registered, Error> {
        let subscription = NewSubscription {
            name: "dnc-optout-listener",
            event_types: ["contact.opt_out", "contact.do_not_call.add"],
            callback_url: url,
            enabled: true,
            retry_policy: RETRY_POLICY,
        };
        let address = self.address(Operation::SubscribeEvents, &[]);
        match self.register("subscribeEvents", address, &subscription, until).await? {
            Some(reply) => {
                let Subscription { id } = reply.read()?;
                Ok(Registered::Created { id })
            }
            None => Ok(Registered::AlreadyThere),
        }
    }

    pub(crate) async fn register_interactions(
        &self,
        url: &Url,
        until: Instant,
    ) -> Result<Registered, Error> {
        let webhook = NewWebhook {
            name: "Interaction Router",
            url,
            scope: "interactions:read",
            events: ["interaction.created", "interaction.updated", "interaction.completed"],
        };
        let address = self.address(Operation::RegisterWebhook, &[]);
        match self.register("registerWebhook", address, &webhook, until).await? {
            Some(reply) => {
                let Webhook { webhook_id } = reply.read()?;
                Ok(Registered::Created { id: webhook_id })
            }
            None => Ok(Registered::AlreadyThere),
        }
    }

    /// What CXone says of a new registration. `None` when it has one of that name.
    async fn register(
        &self,
        operation: &'static str,
        address: Url,
        body: &(impl Serialize + Sync),
        until: Instant,
    ) -> Result<Option<Reply>, Error> {
        let reply = self
            .transport
            .call(operation, Repeat::Harmless, until, |http| http.post(address.clone()).json(body))
            .await?;
        if reply.status == StatusCode::CONFLICT {
            return Ok(None);
        }
        reply.success().map(Some)
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NewSubscription<'a> {
    name: &'static str,
    event_types: [&'static str; 2],
    callback_url: &'a Url,
    enabled: bool,
    retry_policy: RetryPolicy,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RetryPolicy {
    max_retries: u8,
    interval: u8,
}

#[derive(Deserialize)]
struct Subscription {
    id: String,
}

#[derive(Serialize)]
struct NewWebhook<'a> {
    name: &'static str,
    url: &'a Url,
    scope: &'static str,
    events: [&'static str; 3],
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Webhook {
    webhook_id: String,
}

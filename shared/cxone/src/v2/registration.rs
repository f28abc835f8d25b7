//! Registrations on the v2 wire. CXone has two kinds of them, which differ in every field.
//!
//! CXone is assumed to identify registrations by their names, which therefore never change.

use ambient::Instant;

use reqwest::StatusCode;
use serde::Serialize;
use url::Url;

use super::{Operation, V2};
use crate::{Error, Registered, retry::Repeat};

/// Retries of CXone's deliveries: their number, and the gaps in seconds.
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
        let address = self.address(Operation::SubscribeEvents, &[])?;
        self.register("subscribeEvents", address, &subscription, "id", until).await
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
        let address = self.address(Operation::RegisterWebhook, &[])?;
        self.register("registerWebhook", address, &webhook, "webhookId", until).await
    }

    /// Makes a registration, unless CXone has one of that name. Its answer holds the new id in
    /// `id_field`.
    async fn register(
        &self,
        operation: &'static str,
        address: Url,
        body: &(impl Serialize + Sync),
        id_field: &'static str,
        until: Instant,
    ) -> Result<Registered, Error> {
        let reply = self
            .transport
            .call(operation, Repeat::Harmless, until, |http| http.post(address.clone()).json(body))
            .await?;
        if reply.status == StatusCode::CONFLICT {
            return Ok(Registered::AlreadyThere);
        }
        Ok(Registered::Created { id: reply.success()?.id(id_field) })
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

#[derive(Serialize)]
struct NewWebhook<'a> {
    name: &'static str,
    url: &'a Url,
    scope: &'static str,
    events: [&'static str; 3],
}

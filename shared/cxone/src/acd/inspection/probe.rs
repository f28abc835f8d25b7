//! Requests that show how a tenant answers what has no good answer.

use ambient::Instant;

use chrono::TimeDelta;
use reqwest::RequestBuilder;

use super::{
    super::{Acd, Operation, error_message, rfc3339},
    NOBODY,
};
use crate::{
    Error, MessagePlace, Probe, Seen,
    paths::Value,
    retry::Repeat,
    transport::{Looked, Reply},
};

/// An id that nothing has: the greatest of 32 bits.
const NO_ID: &str = "2147483647";
/// A token that nobody was granted.
const NO_TOKEN: &str = "outbound-doctor";

impl Acd {
    /// Sends a request that shows how the tenant answers it.
    pub(crate) async fn probe(&self, probe: Probe, until: Instant) -> Result<Seen, Error> {
        let now = ambient::now();
        match probe {
            Probe::BadToken => {
                let url = self.address(Operation::BusinessUnit, &[])?;
                let request = |http: &reqwest::Client| http.get(url.clone());
                let looked = self.looked(Some(NO_TOKEN), Repeat::Reading, until, request).await;
                looked.map(|(seen, _)| seen)
            }
            Probe::Cheap => {
                let query = [("fields", "businessUnitId")];
                self.look_at(Operation::BusinessUnit, &[], &query, until).await
            }
            Probe::UnknownSkill => {
                let query = [("fields", "skillId")];
                self.look_at(Operation::Skill, &[("{skillId}", NO_ID)], &query, until).await
            }
            Probe::UnknownContact => {
                let query = [("fields", "contactId")];
                self.look_at(Operation::Contact, &[("{contactId}", NO_ID)], &query, until).await
            }
            Probe::UnlistedNumber => {
                let mut url = self.address(Operation::SearchDnc, &[])?;
                url.query_pairs_mut().append_pair("phoneNumber", NOBODY);
                self.look(Repeat::Reading, until, |http| http.post(url.clone())).await
            }
            Probe::BackwardPeriod => {
                let (start, end) = (rfc3339(now), rfc3339(now - TimeDelta::hours(1)));
                let query = [("startDate", &*start), ("endDate", &*end), ("top", "1")];
                self.look_at(Operation::CompletedContacts, &[], &query, until).await
            }
            Probe::UnknownDirection => {
                let base = self.texts_base()?;
                let mut url = self.settings.paths.address(base, Operation::DfoMessages, &[])?;
                url.query_pairs_mut().append_pair("direction", "sideways");
                self.look(Repeat::Reading, until, |http| http.get(url.clone())).await
            }
        }
    }

    async fn look_at(
        &self,
        operation: Operation,
        values: &[Value<'_>],
        query: &[(&str, &str)],
        until: Instant,
    ) -> Result<Seen, Error> {
        let mut url = self.address(operation, values)?;
        url.query_pairs_mut().extend_pairs(query);
        self.look(Repeat::Reading, until, |http| http.get(url.clone())).await
    }

    /// Sends something once, and returns the answer as it came.
    pub(in super::super) async fn look(
        &self,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<Seen, Error> {
        self.looked(None, repeat, until, request).await.map(|(seen, _)| seen)
    }

    /// As [`look`](Self::look), with another token if one is given. Returns the whole answer beside
    /// what is seen of it.
    pub(in super::super) async fn looked(
        &self,
        token: Option<&str>,
        repeat: Repeat,
        until: Instant,
        request: impl Fn(&reqwest::Client) -> RequestBuilder + Sync,
    ) -> Result<(Seen, Reply), Error> {
        let looked = self.transport.look(token, repeat, until, request).await?;
        let Looked { answer, message, limits } = looked;
        let place = error_message::place(&answer);
        let is_said = place != MessagePlace::Nowhere;
        let seen = Seen {
            status: answer.status.as_u16(),
            is_empty: answer.body.is_empty(),
            message: if is_said { message.clone() } else { String::new() },
            place,
            has_status_description: answer.status_description.is_some(),
            limits,
        };
        Ok((seen, Reply { status: answer.status, body: answer.body, message }))
    }
}

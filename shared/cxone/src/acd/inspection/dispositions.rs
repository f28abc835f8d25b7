//! The outcomes that agents choose from.

use std::collections::BTreeSet;

use ambient::Instant;

use serde::Deserialize;

use super::{
    super::{Acd, Operation, refusal, settings::Skill},
    PAGE, PAGES_MAX,
    versions::at_version,
};
use crate::{
    Disposition, Error,
    paths::Operation as _,
    reading::{self, Raw},
    retry::Repeat,
    transport::{Reply, below},
};

/// A later version of the path of a skill's dispositions.
const LATER: u32 = 30;

impl Acd {
    /// The dispositions that are in use, by all skills.
    pub(crate) async fn dispositions(&self, until: Instant) -> Result<Vec<Disposition>, Error> {
        let path = self.settings.paths.path(Operation::Dispositions).to_owned();
        self.all_dispositions(Operation::Dispositions, &path, until).await
    }

    /// The dispositions of a skill. Where the tenant does not have the path, a later version of it is
    /// tried.
    pub(crate) async fn dispositions_of(
        &self,
        skill: Skill,
        until: Instant,
    ) -> Result<Vec<Disposition>, Error> {
        let operation = Operation::DispositionsOfSkill;
        let path = self.settings.paths.path(operation);
        let path = path.replace("{skillId}", &skill.to_string());
        let first = self.all_dispositions(operation, &path, until).await;
        let later = at_version(&path, LATER);
        match &first {
            Err(Error::Forbidden { .. } | Error::NotFound { .. } | Error::Unexpected { .. })
                if later != path =>
            {
                self.all_dispositions(operation, &later, until).await.or(first)
            }
            _ => first,
        }
    }

    async fn all_dispositions(
        &self,
        operation: Operation,
        path: &str,
        until: Instant,
    ) -> Result<Vec<Disposition>, Error> {
        let (mut found, mut ids) = (Vec::new(), BTreeSet::new());
        for page in 0..PAGES_MAX {
            let reply = self.page_of(operation, path, page * PAGE, until).await?;
            if reply.body.is_empty() {
                break;
            }
            let Page { dispositions } = reply.read_private("no dispositions")?;
            let rows = dispositions.unwrap_or_default();
            let is_last = rows.len() < PAGE;
            let known = found.len();
            let rows = rows.iter().filter_map(|raw| serde_json::from_str::<Row>(raw.get()).ok());
            let used = rows.filter(|row| row.is_active != Some(false));
            let used = used.filter_map(|row| Some((row.disposition_id?, row.disposition_name)));
            for (id, name) in used {
                if ids.insert(id.clone()) {
                    found.push(Disposition { id, name });
                }
            }
            // The same page again, where `skip` does not count.
            if is_last || found.len() == known {
                break;
            }
        }
        Ok(found)
    }

    async fn page_of(
        &self,
        operation: Operation,
        path: &str,
        skip: usize,
        until: Instant,
    ) -> Result<Reply, Error> {
        let mut url = below(&self.base, path);
        url.query_pairs_mut()
            .append_pair("skip", &skip.to_string())
            .append_pair("top", &PAGE.to_string());
        let reply = self
            .transport
            .call(operation.id(), Repeat::Reading, until, |http| http.get(url.clone()))
            .await?;
        if reply.status.is_success() { Ok(reply) } else { Err(refusal(reply)) }
    }
}

#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    dispositions: Option<Vec<Raw>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(default, deserialize_with = "reading::optional_text")]
    disposition_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    disposition_name: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_flag")]
    is_active: Option<bool>,
}

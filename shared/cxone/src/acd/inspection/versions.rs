//! The versions at which a tenant offers the paths that are called.

use std::collections::BTreeMap;

use ambient::Instant;

use serde::Deserialize;

use super::super::{Acd, Operation};
use crate::{
    Error, OfferedPath,
    paths::{Operation as _, PREFIX, setting},
    reading::{self, Raw},
    retry::Repeat,
    transport::below,
};

/// Part of a path before its version.
const SERVICES: &str = "/incontactapi/services/v";
/// Word of the path of the list of versions.
const OWN: &str = "apiversion";
/// Versions at which the list of versions is asked for, if the tenant does not have the usual one.
const OTHERS: [u32; 4] = [33, 25, 20, 10];

impl Acd {
    /// Asks for the versions of each path of the ACD services, by the first word of the paths.
    pub(crate) async fn offered_paths(&self, until: Instant) -> Result<Vec<OfferedPath>, Error> {
        let (list, own) = self.version_list(until).await?;
        let mut rows = BTreeMap::from([(OWN, own)]);
        let mut offered = Vec::new();
        for operation in Operation::ALL.iter().copied() {
            let path = self.settings.paths.path(operation);
            let Some((version, rest)) = versioned(path) else { continue };
            let word = rest.split('/').next().unwrap_or(rest);
            if !rows.contains_key(word) {
                rows.insert(word, self.versions_at(&list, word, until).await?);
            }
            let listed = rows.get(word).into_iter().flatten();
            let listed = listed.filter(|row| row.is_of(verb(operation), rest));
            offered.push(OfferedPath {
                operation: operation.id(),
                setting: format!("{PREFIX}{}", setting(operation)),
                path: path.to_owned(),
                version,
                offered: listed.filter_map(VersionRow::version).collect(),
            });
        }
        Ok(offered)
    }

    /// The path of the list of versions, at a version that the tenant has, and its own rows.
    async fn version_list(&self, until: Instant) -> Result<(String, Vec<VersionRow>), Error> {
        let path = self.settings.paths.path(Operation::ApiVersions);
        let usual = self.versions_at(path, OWN, until).await;
        if matches!(usual, Err(Error::NotFound { .. })) {
            for path in OTHERS.map(|version| at_version(path, version)) {
                if let Ok(rows) = self.versions_at(&path, OWN, until).await {
                    return Ok((path, rows));
                }
            }
        }
        usual.map(|rows| (path.to_owned(), rows))
    }

    async fn versions_at(
        &self,
        path: &str,
        word: &str,
        until: Instant,
    ) -> Result<Vec<VersionRow>, Error> {
        let mut url = below(&self.base, path);
        url.query_pairs_mut().append_pair("searchUriText", word);
        let operation = Operation::ApiVersions.id();
        let reply = self
            .transport
            .call(operation, Repeat::Reading, until, |http| http.get(url.clone()))
            .await?
            .success()?;
        if reply.body.is_empty() {
            return Ok(vec![]);
        }
        let Versions { api_info } = reply.read_private("no versions")?;
        let rows = api_info.unwrap_or_default();
        Ok(rows.iter().filter_map(|row| serde_json::from_str(row.get()).ok()).collect())
    }
}

impl OfferedPath {
    /// Returns whether the tenant lists the version that is called.
    pub fn is_offered(&self) -> bool {
        self.offered.contains(&self.version)
    }

    /// The path at another version.
    pub fn at(&self, version: u32) -> String {
        at_version(&self.path, version)
    }
}

/// A path at another version. One without a version stays as it is.
pub(super) fn at_version(path: &str, version: u32) -> String {
    match versioned(path) {
        Some((_, rest)) => format!("{SERVICES}{version}.0/{rest}"),
        None => path.to_owned(),
    }
}

/// The version of a path of the ACD services, and what follows it.
fn versioned(path: &str) -> Option<(u32, &str)> {
    let (version, rest) = path.strip_prefix(SERVICES)?.split_once('/')?;
    Some((version.strip_suffix(".0")?.parse().ok()?, rest))
}

/// The HTTP method of an operation.
pub(crate) fn verb(operation: Operation) -> &'static str {
    match operation {
        Operation::AddDncRecords
        | Operation::CreateCallback
        | Operation::SearchDnc
        | Operation::SendOutbound
        | Operation::SetDisposition
        | Operation::StartSkill
        | Operation::StopSkill
        | Operation::TagContact => "POST",
        Operation::PutSkillSchedule
        | Operation::PutSkillTimeZones
        | Operation::UpdateBusinessData => "PUT",
        Operation::DeleteCallback | Operation::ExpireDncRecords => "DELETE",
        _ => "GET",
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Versions {
    #[serde(default)]
    api_info: Option<Vec<Raw>>,
}

/// A path, a verb, and a version that serves them.
#[derive(Deserialize)]
struct VersionRow {
    #[serde(default, deserialize_with = "reading::optional_text")]
    uri: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    version: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_text")]
    verb: Option<String>,
}

impl VersionRow {
    /// Returns whether it is about an operation, whatever comes before the path and however
    /// placeholders are named.
    fn is_of(&self, verb: &str, rest: &str) -> bool {
        let is_verb = self.verb.as_deref().is_none_or(|own| own.trim().eq_ignore_ascii_case(verb));
        is_verb && self.uri.as_deref().is_some_and(|uri| is_same_path(uri, rest))
    }

    /// Its version, written as 30, `30.0` or `v30.0`.
    fn version(&self) -> Option<u32> {
        let text = self.version.as_deref()?.trim().trim_start_matches(['v', 'V']);
        text.split('.').next()?.parse().ok()
    }
}

fn is_same_path(uri: &str, rest: &str) -> bool {
    let uri = uri.split('?').next().unwrap_or(uri);
    let listed: Vec<&str> = uri.split('/').filter(|it| !it.is_empty()).collect();
    let own: Vec<&str> = rest.split('/').collect();
    let base = listed.len().checked_sub(own.len());
    let is_base = |segments: &[&str]| segments.iter().all(|it| is_of_base(it));
    let is_same = |(own, listed): (&&str, &&str)| {
        let is_placeholder = own.starts_with('{');
        is_placeholder == listed.starts_with(['{', ':'])
            && (is_placeholder || own.eq_ignore_ascii_case(listed))
    };
    base.is_some_and(|base| {
        is_base(&listed[..base]) && own.iter().zip(&listed[base..]).all(is_same)
    })
}

/// Returns whether a segment is one of those before a path: the base, or a version.
fn is_of_base(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase();
    let is_version = segment.trim_start_matches('v').starts_with(|it: char| it.is_ascii_digit());
    matches!(segment.as_str(), "incontactapi" | "services")
        || is_version
        || (segment.starts_with('{') && segment.contains("version"))
}

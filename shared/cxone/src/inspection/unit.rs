//! What a tenant shows of itself as a whole. All of it only reads.

use std::collections::BTreeSet;

use ambient::Instant;
use outbound::Tz;

use super::Inspection;
use crate::{Error, Seen, client::before};

/// A business unit: the whole of a tenant. What CXone does not say is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InspectedUnit {
    /// CXone's id of it.
    pub id: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// Name of its time zone.
    pub zone: Option<String>,
    /// The zone, if the name is one that Windows or the IANA gives.
    pub clocks: Option<Tz>,
    /// `apiPublishedLimit`; no source says what it counts.
    pub published_limit: Option<u64>,
}

/// A path that is called, and the versions at which a tenant lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedPath {
    /// Name of the operation in the contract.
    pub operation: &'static str,
    /// Name of the setting that changes the path.
    pub setting: String,
    /// The path, with its placeholders.
    pub path: String,
    /// Its version.
    pub version: u32,
    /// The versions that the tenant lists; none if it does not list the path.
    pub offered: BTreeSet<u32>,
}

/// Content of the header `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AcceptHeader {
    /// `application/json`, as in all requests.
    Json,
    /// `*/*`, as tools such as curl send it.
    Anything,
    /// Empty, as good as none.
    Empty,
}

impl AcceptHeader {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Anything => "*/*",
            Self::Empty => "",
        }
    }
}

/// An outcome that agents choose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disposition {
    /// CXone's id of it.
    pub id: String,
    /// Its name.
    pub name: Option<String>,
}

impl Inspection<'_> {
    /// The business unit.
    pub async fn business_unit(self, deadline: Instant) -> Result<InspectedUnit, Error> {
        Box::pin(self.0.inspected_unit(before(deadline))).await
    }

    /// The paths of the ACD services that are called, with the versions that the tenant lists.
    pub async fn offered_paths(self, deadline: Instant) -> Result<Vec<OfferedPath>, Error> {
        Box::pin(self.0.offered_paths(before(deadline))).await
    }

    /// Numbers of the divisions that skills are in; none for a tenant without segmentation.
    pub async fn divisions(self, deadline: Instant) -> Result<BTreeSet<u64>, Error> {
        Box::pin(self.0.divisions(before(deadline))).await
    }

    /// Reads something with an `Accept` header, once. Returns the answer, and whether it is JSON.
    pub async fn read_accepting(
        self,
        header: AcceptHeader,
        deadline: Instant,
    ) -> Result<(Seen, bool), Error> {
        Box::pin(self.0.read_accepting(header, before(deadline))).await
    }

    /// The dispositions of the tenant that are in use.
    pub async fn dispositions(self, deadline: Instant) -> Result<Vec<Disposition>, Error> {
        Box::pin(self.0.dispositions(before(deadline))).await
    }

    /// The dispositions of a skill.
    pub async fn dispositions_of(
        self,
        skill: u64,
        deadline: Instant,
    ) -> Result<Vec<Disposition>, Error> {
        Box::pin(self.0.dispositions_of(skill, before(deadline))).await
    }
}

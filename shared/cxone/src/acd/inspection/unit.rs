//! The tenant as a whole: its business unit, its divisions, and what it answers in.

use std::collections::BTreeSet;

use ambient::Instant;

use reqwest::header::ACCEPT;
use serde::Deserialize;

use super::{
    super::{Acd, Operation, capacity::Activities, zones::iana_name},
    BusinessUnits,
};
use crate::{
    AcceptHeader, Error, InspectedUnit, Seen,
    reading::{self, Raw},
    retry::Repeat,
};

impl Acd {
    pub(crate) async fn inspected_unit(&self, until: Instant) -> Result<InspectedUnit, Error> {
        let fields = "businessUnitId,businessUnitName,defaultTimeZone,apiPublishedLimit";
        let query = [("fields", fields)];
        let reply = self.find(Operation::BusinessUnit, &[], &query, until).await?;
        let units: BusinessUnits = reply.read_private("no business unit")?;
        let unit = units.business_units.unwrap_or_default().into_iter().next();
        let unit = unit.ok_or_else(|| reply.unexpected_private("no business unit"))?;
        let zone = unit.default_time_zone;
        let clocks = zone.as_deref().and_then(|it| iana_name(it).unwrap_or(it).parse().ok());
        Ok(InspectedUnit {
            id: unit.business_unit_id,
            name: unit.business_unit_name,
            zone,
            clocks,
            published_limit: unit.api_published_limit,
        })
    }

    /// The numbers of the divisions that skills are in; none for a tenant without segmentation.
    pub(crate) async fn divisions(&self, until: Instant) -> Result<BTreeSet<u64>, Error> {
        let query = [("fields", "skillId,divisionNo")];
        let reply = self.get(Operation::SkillActivities, &[], &query, until).await?;
        if reply.body.is_empty() {
            return Ok(BTreeSet::new());
        }
        let Activities { skill_activity } = reply.read_private("no activity of skills")?;
        let rows = skill_activity.unwrap_or_default();
        let division = |row: &Raw| serde_json::from_str::<Division>(row.get()).ok()?.division_no;
        Ok(rows.iter().filter_map(division).collect())
    }

    /// Reads something small with another `Accept` header. Returns the answer, and whether it is JSON.
    pub(crate) async fn read_accepting(
        &self,
        header: AcceptHeader,
        until: Instant,
    ) -> Result<(Seen, bool), Error> {
        let mut url = self.address(Operation::BusinessUnit, &[])?;
        url.query_pairs_mut().append_pair("fields", "businessUnitId");
        let request = |http: &reqwest::Client| http.get(url.clone()).header(ACCEPT, header.text());
        let (seen, reply) = self.looked(None, Repeat::Reading, until, request).await?;
        let is_json = seen.is_success() && reply.read::<Raw>().is_ok();
        Ok((seen, is_json))
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Division {
    #[serde(default, deserialize_with = "reading::optional_count")]
    division_no: Option<u64>,
}

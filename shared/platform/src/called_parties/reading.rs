//! Strongly consistent reads of both tables.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::{AttributeValue, KeysAndAttributes};
use futures::{StreamExt, TryStreamExt, stream};
use outbound::{E164, called_party::CalledParty};

use super::{CalledParties, CalledPartyError, Known, failed, text, unreadable};
use crate::ledger;

/// Most items that one call reads: two per number.
const ITEMS_MAX: usize = 100;
/// Calls that are made at once.
const READS_AT_ONCE: usize = 4;
/// Most calls to read items that DynamoDB left out.
const READS_MAX: usize = 5;

type Item = HashMap<String, AttributeValue>;

impl CalledParties {
    /// Everything known of one number, strongly consistent.
    pub async fn read(&self, number: &E164) -> Result<Known, CalledPartyError> {
        let mut known = self.read_all(std::slice::from_ref(number)).await?;
        known.remove(number).ok_or(CalledPartyError::Busy)
    }

    /// Everything known of each number, strongly consistent: one call for fifty numbers. Each is
    /// named once.
    pub async fn read_all(
        &self,
        numbers: &[E164],
    ) -> Result<HashMap<E164, Known>, CalledPartyError> {
        let parts = stream::iter(numbers.chunks(ITEMS_MAX / 2));
        let parts = parts.map(|numbers| self.read_some(numbers)).buffer_unordered(READS_AT_ONCE);
        let parts: Vec<HashMap<E164, Known>> = parts.try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn read_some(&self, numbers: &[E164]) -> Result<HashMap<E164, Known>, CalledPartyError> {
        let mut entries = HashMap::new();
        let mut parties = HashMap::new();
        for (table, item) in self.items(numbers).await? {
            let key = item.get("phone_number").and_then(|key| key.as_s().ok()).cloned();
            let items = if table == self.tables.opt_outs { &mut entries } else { &mut parties };
            items.extend(key.map(|key| (key, item)));
        }
        let known = |number: &E164| {
            let of_number = |items: &mut HashMap<String, Item>| items.remove(number.as_str());
            let (entry, party) = (of_number(&mut entries), of_number(&mut parties));
            Ok((number.clone(), known(number, entry, party.as_ref())?))
        };
        numbers.iter().map(known).collect()
    }

    /// The items of both tables, each with the name of its table.
    async fn items(&self, numbers: &[E164]) -> Result<Vec<(String, Item)>, CalledPartyError> {
        let keys = |table: &String| {
            let key =
                |number: &E164| HashMap::from([("phone_number".to_owned(), text(number.as_str()))]);
            let keys = KeysAndAttributes::builder().consistent_read(true);
            let keys = keys.set_keys(Some(numbers.iter().map(key).collect())).build();
            keys.map(|keys| (table.clone(), keys)).map_err(|error| failed(&error))
        };
        let mut left =
            HashMap::from([keys(&self.tables.opt_outs)?, keys(&self.tables.called_parties)?]);
        let mut items = Vec::new();
        for _ in 0..READS_MAX {
            let read = self.client.batch_get_item().set_request_items(Some(left)).send().await;
            let read = read.map_err(|error| failed(&error.into_service_error()))?;
            for (table, found) in read.responses.unwrap_or_default() {
                items.extend(found.into_iter().map(|item| (table.clone(), item)));
            }
            left = read.unprocessed_keys.unwrap_or_default();
            if left.is_empty() {
                return Ok(items);
            }
        }
        Err(CalledPartyError::Busy)
    }
}

fn known(
    number: &E164,
    entry: Option<Item>,
    party: Option<&Item>,
) -> Result<Known, CalledPartyError> {
    let attribute = |name: &str| party?.get(name)?.as_s().ok();
    let revision = attribute("revision").cloned();
    let party = match attribute("document") {
        Some(document) => serde_json::from_str(document).map_err(|error| unreadable(&error))?,
        None => CalledParty::unknown(number.clone()),
    };
    let entry = entry.map(ledger::read_entry).transpose();
    let entry = entry.map_err(|error| CalledPartyError::Unreadable(error.to_string()))?;
    Ok(Known { party, entry, revision })
}

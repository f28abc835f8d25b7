//! The client against a tenant of the ACD services.

use uuid::Uuid;

use super::*;

mod callbacks;
mod campaigns;
mod contacts;
mod dnc;
mod inspection;
mod skills;
mod sms;
mod tenant;
mod tokens;
mod trial;
mod unit;

pub(super) use tenant::client_of;
use tenant::{Tenant, contract, empty, lost, ok, reply};

const ID: Uuid = Uuid::from_u128(0x6f0c_3a52_7c1e_5b0a_9d53_4f5f_2f1d_0198);
const REFERENCE: &str = "6F0C3A52";
const SKILL: &str = "4271306";
const GROUP: &str = "17";

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().expect("an instant")
}

/// Runs as a process whose wall clock stands still.
async fn at<F: Future>(time: &str, future: F) -> F::Output {
    ambient::Ambience::new(instant(time), 7).stopped().scope(future).await
}

/// The operation that an operation of the contract is: its path, and what the contract has of it.
fn described(id: &str) -> (String, Value, bool) {
    let paths = contract()["paths"].as_object().expect("paths");
    let found = paths.iter().find_map(|(path, item)| {
        let mut operations = item.as_object().expect("operations").values();
        let operation = operations.find(|operation| operation["operationId"] == id)?;
        Some((path.clone(), operation.clone(), item.get("servers").is_some()))
    });
    found.expect(id)
}

#[test]
fn default_paths_are_those_of_the_contract_at_versions_that_were_seen() {
    use crate::{acd::Operation, paths::Operation as _};
    for operation in Operation::ALL {
        let (path, described, has_own_server) = described(operation.id());
        if has_own_server {
            assert_eq!(operation.default_path(), path);
            continue;
        }
        let default = operation.default_path().strip_prefix("/incontactapi/services/v");
        let (version, rest) = default.and_then(|it| it.split_once(".0")).expect("a version");
        assert_eq!(rest, path);
        let seen = described["x-version-seen"].as_str().expect("text");
        let was_seen = seen.split(|it: char| !it.is_ascii_digit()).any(|seen| seen == version);
        let is_nowhere = seen == "none" || seen.starts_with("older than");
        assert!(was_seen || (is_nowhere && version == "30"), "{path} at {version}: {seen}");
    }
}

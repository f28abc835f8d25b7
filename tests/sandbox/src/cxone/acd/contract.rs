//! The description of the REST services: which operation a request asks for, and whether it asks as
//! the description has it. Nothing may be left out that it requires, and nothing be sent that it
//! does not describe.

mod parts;
mod schema;

use std::{collections::BTreeMap, sync::LazyLock};

use axum::http::Method;
use serde_json::{Map, Value, json};

#[cfg(test)]
pub(super) use schema::validator;

use self::{
    parts::{Body, Parameter},
    schema::{object, resolved},
};

/// The description, as the client's tests have it too.
const DOCUMENT: &str =
    include_str!("../../../../../shared/cxone/src/tests/contract/acd.openapi.yaml");

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| {
    let document = serde_yaml_ng::from_str(DOCUMENT).expect("the description is YAML");
    Contract::read(&document)
});

/// All operations.
pub(super) struct Contract {
    pub(super) operations: Vec<Operation>,
}

/// One operation.
pub(super) struct Operation {
    pub(super) id: String,
    pub(super) family: Family,
    pub(super) auth: Auth,
    pub(super) method: Method,
    /// Its path: segments, placeholders among them.
    path: Vec<String>,
    parameters: Vec<Parameter>,
    body: Option<Body>,
    /// The description itself, without references.
    #[cfg(test)]
    pub(super) document: Value,
}

/// Group of operations that have base, version and errors in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// Versioned, below `/incontactapi/services`.
    Acd,
    /// Text messages.
    Dfo,
    /// The OAuth token endpoint.
    OAuth,
    /// Others with a path of their own.
    Root,
}

/// What a request is let in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Auth {
    Bearer,
    Client,
    Nothing,
}

/// What a request says, read as the description types it.
#[derive(Debug, Clone, Default)]
pub(super) struct Said {
    pub(super) path: Map<String, Value>,
    pub(super) query: Map<String, Value>,
    pub(super) body: Value,
}

/// An operation that a path leads to.
pub(super) struct Found {
    pub(super) operation: &'static Operation,
    /// The version in the path.
    pub(super) version: Option<u32>,
    path: Map<String, Value>,
}

impl Contract {
    pub(super) fn get() -> &'static Self {
        &CONTRACT
    }

    fn read(document: &Value) -> Self {
        let paths = resolved(&document["paths"], document);
        let mut operations = Vec::new();
        for (path, item) in object(&paths) {
            for (method, operation) in object(item) {
                let method = method.to_ascii_uppercase();
                // The others are members of the path: `parameters` and `servers`.
                if let (Some(id), Ok(method)) = (operation["operationId"].as_str(), method.parse())
                {
                    operations.push(Operation::read(id, method, path, item, operation));
                }
            }
        }
        Self { operations }
    }

    /// The operation of a path; a path without placeholders comes first.
    pub(super) fn find(&'static self, method: &Method, path: &str) -> Option<Found> {
        let (version, services) = match services(path) {
            Some((version, rest)) => (Some(version), rest),
            None => (None, path),
        };
        let segments: Vec<&str> = services.split('/').collect();
        let of_family = |it: &&Operation| (it.family == Family::Acd) == version.is_some();
        let candidates = self.operations.iter().filter(|it| it.method == *method);
        let candidates = candidates.filter(of_family);
        let found = candidates.filter_map(|operation| {
            Some(Found { operation, version, path: operation.matched(&segments)? })
        });
        found.min_by_key(|found| found.path.len())
    }
}

/// The version of a path of the services, and the rest of it. The first part may be in any case.
fn services(path: &str) -> Option<(u32, &str)> {
    let (base, rest) = path.strip_prefix('/')?.split_once('/')?;
    if !base.eq_ignore_ascii_case("incontactapi") {
        return None;
    }
    let (version, _) = rest.strip_prefix("services/v")?.split_once('/')?;
    let rest = rest.strip_prefix("services/v")?.strip_prefix(version)?;
    Some((version.strip_suffix(".0")?.parse().ok()?, rest))
}

impl Operation {
    fn read(id: &str, method: Method, path: &str, item: &Value, operation: &Value) -> Self {
        let parameters = [&item["parameters"], &operation["parameters"]];
        let parameters = parameters.into_iter().filter_map(Value::as_array).flatten();
        let security = operation["security"].as_array();
        let auth = match security.map(|schemes| schemes.first()) {
            None => Auth::Bearer,
            Some(None) => Auth::Nothing,
            Some(Some(_)) => Auth::Client,
        };
        let family = match path {
            "/auth/token" => Family::OAuth,
            path if path.starts_with("/dfo/") => Family::Dfo,
            _ if item["servers"].is_array() => Family::Root,
            _ => Family::Acd,
        };
        Self {
            id: id.to_owned(),
            family,
            auth,
            method,
            path: path.split('/').map(str::to_owned).collect(),
            parameters: parameters.map(Parameter::read).collect(),
            body: Body::read(&operation["requestBody"]),
            #[cfg(test)]
            document: operation.clone(),
        }
    }

    /// Its path below the base.
    pub(super) fn path(&self) -> String {
        self.path.join("/")
    }

    /// The values of the placeholders, if this is its path.
    fn matched(&self, segments: &[&str]) -> Option<Map<String, Value>> {
        if segments.len() != self.path.len() {
            return None;
        }
        let mut values = Map::new();
        for (expected, segment) in self.path.iter().zip(segments) {
            match expected.strip_prefix('{').and_then(|name| name.strip_suffix('}')) {
                Some(name) if !segment.is_empty() => {
                    values.insert(name.to_owned(), json!(segment));
                }
                _ if expected == segment => {}
                _ => return None,
            }
        }
        Some(values)
    }
}

impl Found {
    /// What the request says, or what is wrong with it.
    pub(super) fn read(
        self,
        query: &[(String, String)],
        is_json: bool,
        body: &[u8],
    ) -> Result<Said, String> {
        let Self { operation, path, .. } = self;
        let mut said = Said { path, ..Said::default() };
        let mut texts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, text) in query {
            texts.entry(name).or_default().push(text);
        }
        for parameter in &operation.parameters {
            let values = match parameter.place.as_str() {
                "path" => &mut said.path,
                "query" => &mut said.query,
                // Those that are described are optional texts.
                _ => continue,
            };
            let given =
                texts.remove(parameter.name.as_str()).filter(|_| parameter.place == "query");
            parameter.put(given.as_deref(), values)?;
        }
        if let Some(name) = texts.keys().next() {
            return Err(format!("{name} is not a parameter of {}", operation.id));
        }
        said.body = operation.read_body(is_json, body)?;
        Ok(said)
    }
}

impl Operation {
    fn read_body(&self, is_json: bool, body: &[u8]) -> Result<Value, String> {
        match &self.body {
            None if body.is_empty() => Ok(Value::Null),
            None => Err(format!("{} takes no body", self.id)),
            Some(described) if body.is_empty() && !described.required => Ok(Value::Null),
            Some(described) => described.read_sent(is_json, body),
        }
    }
}

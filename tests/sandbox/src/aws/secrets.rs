//! Secrets Manager, as far as the functions and operators use it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{ACCOUNT, REGION};

/// The current value of each secret, by its name.
#[derive(Debug, Default)]
pub(super) struct Secrets(Mutex<BTreeMap<String, String>>);

impl Secrets {
    pub(super) fn store(&self, name: &str, value: &Value) -> String {
        self.all().insert(name.to_owned(), value.to_string());
        arn(name)
    }

    pub(super) fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.all().get(name)?).ok()
    }

    pub(super) fn handle(&self, action: &str, request: &[u8]) -> Response {
        let request: Value = serde_json::from_slice(request).unwrap_or_default();
        let id = request["SecretId"].as_str().unwrap_or_default();
        let mut secrets = self.all();
        if action == "ListSecrets" {
            let secrets: Vec<_> =
                secrets.keys().map(|name| json!({ "ARN": arn(name), "Name": name })).collect();
            return axum::Json(json!({ "SecretList": secrets })).into_response();
        }
        if action == "CreateSecret" {
            let name = request["Name"].as_str().unwrap_or_default();
            if secrets.contains_key(name) {
                return super::error("ResourceExistsException", "there is such a secret");
            }
            let value = request["SecretString"].as_str().unwrap_or_default();
            secrets.insert(name.to_owned(), value.to_owned());
            return axum::Json(json!({ "ARN": arn(name), "Name": name })).into_response();
        }
        // A secret is named by its name or its ARN.
        let known = secrets.iter_mut().find(|(name, _)| *name == id || arn(name) == id);
        let Some((name, secret)) = known else {
            return super::error("ResourceNotFoundException", "there is no such secret");
        };
        let mut answer = json!({ "ARN": arn(name), "Name": name });
        match (action, request["SecretString"].as_str()) {
            ("GetSecretValue", _) => answer["SecretString"] = Value::from(secret.as_str()),
            ("DescribeSecret", _) => {}
            ("PutSecretValue", Some(value)) => value.clone_into(secret),
            _ => return super::error("InvalidRequestException", "the sandbox does not know this"),
        }
        axum::Json(answer).into_response()
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// AWS adds six characters to the name.
fn arn(name: &str) -> String {
    format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-sandbx")
}

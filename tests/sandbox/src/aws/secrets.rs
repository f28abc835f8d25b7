//! Secrets Manager, as far as the functions use it: `GetSecretValue`.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::{ACCOUNT, REGION};

#[derive(Debug, Default)]
pub(super) struct Secrets(Mutex<HashMap<String, String>>);

impl Secrets {
    pub(super) fn store(&self, name: &str, value: &Value) -> String {
        let arn = format!("arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}");
        let mut secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        secrets.insert(arn.clone(), value.to_string());
        arn
    }

    pub(super) fn get_secret_value(&self, request: &[u8]) -> Response {
        let request: Value = serde_json::from_slice(request).unwrap_or_default();
        let id = request["SecretId"].as_str().unwrap_or_default();
        let secrets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match secrets.get(id) {
            Some(secret) => {
                axum::Json(json!({ "ARN": id, "Name": id, "SecretString": secret })).into_response()
            }
            None => super::error("ResourceNotFoundException", "there is no such secret"),
        }
    }
}

//! Tokens of the tenant: for a registered application in the name of a user, and for an access key
//! alone.

use axum::http::{HeaderMap, StatusCode};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use super::{
    ACCESS_KEY_ID, ACCESS_KEY_SECRET, Handler, TENANT_ID,
    answer::{Answer, Outcome, Refusal},
    asked::Asked,
    tenant::Tenant,
    traits::ClientPlace,
};
use crate::cxone::tokens::basic_credentials;

pub(super) const SERVED: &[(&str, Handler)] =
    &[("tokenOidc", for_client), ("tokenAccessKey", for_access_key)];

fn for_client(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let form = asked.body();
    if !tenant.is_client(&asked.headers, form) {
        let words = "the client is not known";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "invalid_client", words));
    }
    let is_let_in = match form["grant_type"].as_str() {
        Some("refresh_token") => tenant.tokens.is_refresh_token(form["refresh_token"].as_str()),
        _ => is_access_key(&form["username"], &form["password"]),
    };
    if !is_let_in {
        let words = "the user is not known";
        return Err(Refusal::new(StatusCode::BAD_REQUEST, "invalid_grant", words));
    }
    Ok(Answer::of(tenant.new_token()))
}

fn for_access_key(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let key = asked.body();
    if !is_access_key(&key["accessKeyId"], &key["accessKeySecret"]) {
        let words = "the access key is not known";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "unauthorized", words));
    }
    Ok(Answer::of(tenant.new_token()))
}

fn is_access_key(id: &Value, secret: &Value) -> bool {
    *id == ACCESS_KEY_ID && *secret == ACCESS_KEY_SECRET
}

impl Tenant {
    /// Returns whether the client shows its id and secret in a place that the tenant reads.
    fn is_client(&self, headers: &HeaderMap, form: &Value) -> bool {
        let text = |name: &str| form[name].as_str().map(str::to_owned);
        let in_header = basic_credentials(headers);
        let in_form = text("client_id").zip(text("client_secret"));
        let shown = match self.traits.tokens.client {
            ClientPlace::Anywhere => in_header.or(in_form),
            ClientPlace::Header => in_header,
            ClientPlace::Form => in_form,
        };
        shown.is_some_and(|(id, secret)| self.tokens.is_client(&id, &secret))
    }

    fn new_token(&mut self) -> Value {
        if !self.traits.tokens.many_at_once {
            self.tokens.expire_all();
        }
        let (access_token, refresh_token) = self.tokens.issue_with_refresh();
        let mut body = json!({
            "access_token": access_token,
            "token_type": "Bearer",
            "refresh_token": refresh_token,
        });
        if self.traits.tokens.expires_in {
            body["expires_in"] = json!(self.tokens.lifetime().as_secs());
        }
        if self.traits.tokens.id_token {
            let part = |claims: Value| BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
            let head = part(json!({ "alg": "none" }));
            let claims = part(json!({ "tenantId": TENANT_ID, "icBUId": 4_271 }));
            body["id_token"] = json!(format!("{head}.{claims}."));
        }
        body
    }
}

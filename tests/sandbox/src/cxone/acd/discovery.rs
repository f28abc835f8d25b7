//! Who the tenant is and where everything of it is.

use chrono::Offset as _;
use outbound::zone;
use serde_json::{Value, json};

use super::{
    Handler, TENANT_ID,
    answer::{Answer, Outcome, iso},
    asked::Asked,
    contract::{Contract, Family},
    tenant::Tenant,
    traits::{VersionUri, Written},
    zones::{ZONES, Zone},
};

pub(super) const SERVED: &[(&str, Handler)] = &[
    ("openidConfiguration", issuer),
    ("tenantConfiguration", hosts),
    ("apiVersions", versions),
    ("serverTime", server_time),
    ("businessUnit", business_unit),
    ("businessUnitTimeZones", curfew),
    ("timeZones", time_zones),
];

fn issuer(_: &mut Tenant, asked: &Asked) -> Outcome {
    let base = &asked.base;
    Ok(Answer::of(json!({
        "issuer": base,
        "token_endpoint": format!("{base}/auth/token"),
        "jwks_uri": format!("{base}/auth/jwks"),
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    })))
}

fn hosts(_: &mut Tenant, asked: &Asked) -> Outcome {
    let base = &asked.base;
    Ok(Answer::of(json!({
        "api_endpoint": base,
        "auth_endpoint": base,
        "ui_endpoint": base,
        "area": "na1",
        "cluster": "sandbox",
        "domain": "example.com",
        "acdDomain": "example.com",
        "uhDomain": "example.com",
        "tenantId": TENANT_ID,
    })))
}

fn versions(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let wire = &tenant.traits.wire;
    let of_services = Contract::get().operations.iter().filter(|it| it.family == Family::Acd);
    let of_services = of_services.filter(|_| wire.version_uri != VersionUri::Unlisted);
    let is_asked = |name: &str, value: &str| {
        asked.text(name).is_none_or(|asked| value.to_lowercase().contains(&asked.to_lowercase()))
    };
    let mut rows = Vec::new();
    for operation in of_services {
        let (path, verb) = (operation.path(), operation.method.as_str());
        if is_asked("searchUriText", &path) && is_asked("verb", verb) {
            let uri = match wire.version_uri {
                VersionUri::WithBase => format!("incontactapi/services/{{version}}{path}"),
                VersionUri::Bare | VersionUri::Unlisted => path,
            };
            rows.extend(tenant.versions_of(&operation.id).map(|version| {
                let version = match wire.version {
                    Written::Number => json!(version),
                    Written::Text => json!(format!("v{version}.0")),
                };
                json!({ "uri": uri, "version": version, "verb": verb })
            }));
        }
    }
    Ok(Answer::of(json!({ "apiInfo": rows })))
}

fn server_time(tenant: &mut Tenant, _: &Asked) -> Outcome {
    Ok(Answer::of(json!({ "ServerTime": iso(tenant.now) })))
}

fn business_unit(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let row = asked.picked(&json!({
        "businessUnitId": 4271,
        "businessUnitName": "Sandbox",
        "tenantId": TENANT_ID,
        "defaultTimeZone": tenant.business_unit.zone,
        "apiPublishedLimit": 0,
        "callSuppression": tenant.business_unit.call_suppression,
        "timeZones": [],
    }));
    Ok(Answer::of(json!({ "businessUnits": [row] })))
}

fn curfew(tenant: &mut Tenant, _: &Asked) -> Outcome {
    let hours = tenant.business_unit.hours.iter();
    let hours: Vec<Value> = hours.map(|hours| hours.written(&tenant.traits.hours)).collect();
    Ok(Answer::of(json!({ "timeZoneSettings": hours })))
}

fn time_zones(tenant: &mut Tenant, _: &Asked) -> Outcome {
    let row = |zone: &Zone| {
        let offset = zone::offset_at(zone.clocks, tenant.now).fix().to_string();
        json!({
            "displayName": format!("(GMT{offset}){}", zone.clocks),
            "standardName": zone.name,
            "offset": offset,
        })
    };
    Ok(Answer::of(json!({ "timeZones": ZONES.iter().map(row).collect::<Vec<_>>() })))
}

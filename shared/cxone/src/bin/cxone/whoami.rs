//! `cxone whoami`: checks the credentials, and which scopes they lack.

use crate::{
    problem::Problem,
    scopes,
    tenant::{Tenant, deadline},
};

pub(crate) async fn run(tenant: &Tenant) -> Result<(), Problem> {
    println!("host: {}", tenant.address);
    let granted = tenant.client.granted_scopes(deadline()).await?;
    println!("credentials: good");
    let Some(granted) = granted else {
        println!(
            "scopes: not known, since CXone does not return them and CXONE_SCOPE requests none"
        );
        return Ok(());
    };
    let missing = scopes::missing(&granted);
    if missing.is_empty() {
        println!("scopes: all that the bundle needs");
        return Ok(());
    }
    println!("scopes: {} of {} are missing", missing.len(), scopes::NEEDED.len());
    for (scope, purpose) in missing {
        println!("  {scope:<25}  {purpose}");
    }
    Err(Problem::MissingScopes)
}

//! The tenant as a whole: versions, headers, divisions.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_seen_of_the_tenant_is_in_the_report() {
    let sandbox = started(healthy()).await;
    let ran = outbound(&sandbox, &["doctor"]).await;
    for line in [
        "ok business-unit: 4271 (Sandbox), apiPublishedLimit 0, zone Eastern Standard Time",
        "ok accept: application/json: JSON, */*: JSON, empty: 406",
        "ok versions: all 29 paths are offered at theirs",
        "ok divisions: no skill has one: the tenant is not segmented",
    ] {
        assert!(ran.says(line), "{line}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_that_the_tenant_does_not_offer_is_a_setting() {
    let sandbox = started(healthy()).await;
    for version in ["number", "text"] {
        set_trait(&sandbox, &json!({ "wire": { "version": version } }));
        for uri in ["bare", "withBase"] {
            set_trait(&sandbox, &json!({ "wire": { "versionUri": uri } }));
            sandbox.cxone.tenant().newest_versions.clear();
            assert_eq!(wrong(&sandbox).await, BTreeSet::new(), "{uri}");
            let newest = [("createCallback", 24), ("deleteCallback", 22)];
            let newest = newest.map(|(operation, version)| (operation.to_owned(), version));
            sandbox.cxone.tenant().newest_versions.extend(newest);
            assert_eq!(wrong(&sandbox).await, ["tenant: versions".to_owned()].into(), "{uri}");
        }
    }
    let ran = outbound(&sandbox, &["doctor"]).await;
    let told = "createCallback at 25 (newest 24), deleteCallback at 25 (newest 22)";
    assert!(ran.says(told), "{ran:?}");
    let paths = [
        ("CXONE_PATH_CREATE_CALLBACK", "/incontactapi/services/v24.0/scheduled-callbacks"),
        (
            "CXONE_PATH_DELETE_CALLBACK",
            "/incontactapi/services/v22.0/scheduled-callbacks/{callbackId}",
        ),
    ];
    for (setting, path) in paths {
        assert!(ran.out.contains(&format!("{setting}={path}")), "{ran:?}");
    }
    // Paths are no parameters of a stack.
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(["doctor", "--json"]).stdin(Stdio::null()).envs(paths);
    command.env("OUTBOUND_SANDBOX", sandbox.aws.url()).env_remove("OUTBOUND_STACK");
    assert_eq!(run(command).await.code, Some(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_tenant_is_told_the_path_of_each_operation() {
    let sandbox = started(healthy()).await;
    set_trait(&sandbox, &json!({ "wire": { "versionNewest": 28 } }));
    let ran = outbound(&sandbox, &["doctor"]).await;
    for setting in [
        "CXONE_PATH_BUSINESS_UNIT=/incontactapi/services/v28.0/business-unit",
        "CXONE_PATH_START_SKILL=/incontactapi/services/v28.0/skills/{skillId}/start",
    ] {
        assert!(ran.out.contains(setting), "{ran:?}");
    }
    assert!(!ran.out.contains("CXONE_PATH_CONTACT="), "28 is its version: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_of_a_tenant_as_a_whole_is_told() {
    for (change, look) in [
        (r#"{ "wire": { "versionUri": "unlisted" } }"#, Some("tenant: versions")),
        (r#"{ "wire": { "segmented": true } }"#, Some("tenant: divisions")),
        (r#"{ "wire": { "accept": "jsonNamed" } }"#, Some("tenant: accept")),
        (r#"{ "wire": { "accept": "any" } }"#, None),
    ] {
        let sandbox = started(healthy()).await;
        set_trait(&sandbox, &serde_json::from_str(change).expect("JSON"));
        let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
        let look = look.map(str::to_owned).into_iter().collect();
        assert_eq!(in_state(&report, "look"), look, "{change}");
        assert_eq!(in_state(&report, "wrong"), BTreeSet::new(), "{change}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_role_may_not_read_of_a_tenant_is_not_wrong() {
    let sandbox = started(healthy()).await;
    forbid(&sandbox, &["apiVersions", "businessUnit"]);
    assert_eq!(wrong(&sandbox).await, BTreeSet::new());
    let report = outbound(&sandbox, &["doctor", "--json"]).await.json();
    let not_checked = in_state(&report, "not_checked");
    for check in ["tenant: versions", "tenant: business-unit", "tenant: accept"] {
        assert!(not_checked.contains(check), "{not_checked:?}");
    }
}

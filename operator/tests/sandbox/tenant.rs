//! `outbound whoami`, `register` and `secrets` with the settings of a deployment.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn the_settings_of_the_stack_are_enough() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let ran = outbound(&sandbox, &["whoami"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("credentials: good"), "{ran:?}");
    let ran = outbound(&sandbox, &["register"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("opt-outs: registered as"), "{ran:?}");
    assert!(ran.says("interactions: registered as"), "{ran:?}");
    let again = outbound(&sandbox, &["register", "--json"]).await.json();
    assert_eq!(again[0]["result"], "already registered, nothing changed");
    let before = sandbox.cxone.registrations();
    let elsewhere = ["register", "--opt-out-url", "https://other.example.com/", "--json"];
    let elsewhere = outbound(&sandbox, &elsewhere).await.json();
    assert_eq!(elsewhere[0]["result"], "already registered, nothing changed");
    assert_eq!(sandbox.cxone.registrations(), before, "the registration stays as it is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_is_added_in_front_and_the_old_ones_are_retired_on_a_yes() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let secrets = || {
        let secret = sandbox.aws.secret("cxone-outbound/webhooks").expect("it is stored");
        secret["webhookSecrets"].as_array().expect("a list").clone()
    };
    let before = secrets();
    let ran = outbound(&sandbox, &["secrets", "rotate", "webhook"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let new = ran.out.lines().next().expect("the secret").to_owned();
    assert_eq!(secrets()[0], new);
    assert_eq!(secrets()[1..], before);

    let ran = outbound(&sandbox, &["secrets", "retire", "webhook"]).await;
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.says("--yes") && !ran.err.contains("whsec_"), "{ran:?}");
    assert_eq!(secrets().len(), before.len() + 1);
    let ran = outbound(&sandbox, &["secrets", "retire", "webhook", "--yes"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert_eq!(secrets(), [new]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_shell_gets_its_completions() {
    for shell in ["bash", "zsh", "fish"] {
        let ran = std::process::Command::new(env!("CARGO_BIN_EXE_outbound"))
            .args(["completions", shell])
            .output()
            .expect("it runs");
        assert!(String::from_utf8_lossy(&ran.stdout).contains("dead-letters"), "{shell}");
    }
}

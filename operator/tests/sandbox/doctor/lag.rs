//! How late calls are listed.

use super::*;

/// Runs the command, and once it watches adds calls that ended ten minutes ago.
fn watched(sandbox: &Surroundings) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
    command.args(["doctor", "--watch", "--pause-ms", "500"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env("OUTBOUND_SANDBOX", sandbox.aws.url()).env_remove("OUTBOUND_STACK");
    let mut child = command.spawn().expect("it runs");
    tokio::task::block_in_place(|| {
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe")).lines();
        let told = "Watching calls for up to 5 minutes.";
        assert!(lines.any(|line| line.expect("UTF-8") == told));
        {
            let mut tenant = sandbox.cxone.tenant();
            let own = sandbox::cxone::acd::Number::read(OWN);
            for call in CALL_FIRST + 100..CALL_FIRST + 105 {
                tenant.add_contact(call, own.clone());
                let contact = tenant.contacts.get_mut(&call).expect("it was added");
                // It would have ended four minutes ago.
                contact.started -= TimeDelta::minutes(6);
                contact.ended -= TimeDelta::minutes(6);
            }
        }
        let output = child.wait_with_output().expect("it ends");
        let out = String::from_utf8(output.stdout).expect("UTF-8");
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_listed_late_tells_the_overlap() {
    let sandbox = started(healthy()).await;
    let out = watched(&sandbox);
    let told = "ok lag: calls were listed up to 10 min after their change: \
                CxoneOutcomesOverlapMinutes may be 21 or more";
    assert!(out.contains(told), "{out}");
    let mut options = healthy();
    set(&mut options, "CxoneOutcomesOverlapMinutes", "20");
    let sandbox = started(options).await;
    let out = watched(&sandbox);
    assert!(out.contains("WRONG lag: calls were listed up to 10 min after"), "{out}");
    assert!(out.contains("Set CxoneOutcomesOverlapMinutes to 21 or more."), "{out}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_new_shows_that_it_was_listed_in_time() {
    let sandbox = started(healthy()).await;
    let ran = outbound(&sandbox, &["doctor"]).await;
    assert!(ran.says("not checked lag: no call changed lately"), "{ran:?}");
    let own = sandbox::cxone::acd::Number::read(OWN);
    sandbox.cxone.tenant().add_contact(CALL_FIRST + 100, own);
    let ran = outbound(&sandbox, &["doctor"]).await;
    assert!(ran.says("ok lag: a call was listed within"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_was_there_before_shows_nothing() {
    let sandbox = started(healthy()).await;
    let own = sandbox::cxone::acd::Number::read(OWN);
    sandbox.cxone.tenant().add_contact(CALL_FIRST + 100, own);
    let ran = outbound(&sandbox, &["doctor", "--watch", "--pause-ms", "0"]).await;
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(ran.says("not checked lag: no call changed meanwhile"), "{ran:?}");
}

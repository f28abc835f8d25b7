//! `outbound status`.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_sandbox_where_nothing_is_stuck_is_well() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let ran = outbound(&sandbox, &["status"]).await;
    assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{ran:?}");
    assert!(ran.out.starts_with("sandbox: all is well\n"), "{}", ran.out);
    for expected in ["No alarm fires.", "No dead letters.", "No run is open."] {
        assert!(ran.out.contains(expected), "{expected}: {}", ran.out);
    }
    let json = outbound(&sandbox, &["status", "--json"]).await.json();
    assert_eq!(json["functions"].as_array().map(Vec::len), Some(7));
    assert_eq!(json["alarms"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn dead_letters_are_counted_by_reason_and_queues_by_state() {
    let sandbox = Surroundings::start().await.expect("it starts");
    for code in
        [Some("refused_by_cxone"), Some("refused_by_cxone"), Some("unreadable_message"), None]
    {
        dead_letter(&sandbox, "DncDeadLetterQueue", &json!({}), code).await;
    }
    sandbox.aws.queues.send("DncQueue", "{}").await.expect("it is sent");
    sandbox.aws.queues.send("DncQueue", "{}").await.expect("it is sent");
    sandbox.aws.queues.receive("DncQueue", 1).await.expect("it is received");

    let ran = outbound(&sandbox, &["status", "--json"]).await;
    assert_eq!(ran.code, Some(1));
    let letters = ran.json()["deadLetters"].clone();
    let counts: Vec<_> = letters
        .as_array()
        .expect("a list")
        .iter()
        .map(|group| (group["queue"].as_str(), group["code"].as_str(), group["count"].as_u64()))
        .collect();
    let dnc = Some("DncDeadLetterQueue");
    assert_eq!(
        counts,
        [
            (dnc, Some("none"), Some(1)),
            (dnc, Some("refused_by_cxone"), Some(2)),
            (dnc, Some("unreadable_message"), Some(1)),
        ]
    );
    let queues = ran.json()["queues"].clone();
    let queue = queues.as_array().expect("a list").iter().find(|it| it["queue"] == "DncQueue");
    let queue = queue.expect("it is listed");
    assert_eq!((&queue["waiting"], &queue["inFlight"]), (&json!(1), &json!(1)));
    // Measured by CloudWatch: they were sent just now.
    assert!(queue["oldestSeconds"].as_u64().is_some_and(|seconds| seconds < 600), "{queue}");
    // It was only looked at.
    let left = sandbox.aws.queues.depth("DncDeadLetterQueue").await.expect("it answers");
    assert_eq!((left.visible, left.in_flight), (4, 0));
    let text = outbound(&sandbox, &["status"]).await.out;
    assert!(text.contains("Next: outbound dead-letters list"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_alarms_of_the_template_fire_by_what_is_measured() {
    let sandbox = Surroundings::start().await.expect("it starts");
    let firing = async || -> Vec<String> {
        let json = outbound(&sandbox, &["status", "--json"]).await.json();
        let alarms = json["alarms"].as_array().expect("a list").iter();
        alarms.map(|it| it["alarm"].as_str().expect("a name").to_owned()).collect()
    };
    dead_letter(&sandbox, "CrmSyncDeadLetterQueue", &json!({}), None).await;
    assert_eq!(firing().await, ["CrmSyncDeadLettersAlarm"]);
    let text = outbound(&sandbox, &["status"]).await.out;
    assert!(text.contains("docs/operations.md#CrmSyncDeadLettersAlarm"), "{text}");
    sandbox.aws.queues.drain("CrmSyncDeadLetterQueue").await.expect("the queue answers");
    assert_eq!(firing().await, [""; 0]);
    // One failure may be chance: two periods of three must have one.
    let line = json!({ "_aws": {}, "function": "dnc-batcher", "outcome": "failed" });
    sandbox.logs.add("dnc-batcher", line.to_string());
    assert_eq!(firing().await, [""; 0]);
    let line = json!({ "_aws": {}, "outcome": "polled", "cxone_refused": 1 });
    sandbox.logs.add("analytics-poller", line.to_string());
    assert_eq!(firing().await, ["CxoneRefusesAlarm"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_of_functions_and_their_failures_are_counted() {
    let sandbox = Surroundings::start().await.expect("it starts");
    for outcome in ["completed", "completed", "failed"] {
        let line = json!({ "_aws": {}, "function": "dnc-batcher", "outcome": outcome });
        sandbox.logs.add("dnc-batcher", line.to_string());
    }
    let json = outbound(&sandbox, &["status", "--json"]).await.json();
    let functions = json["functions"].as_array().expect("a list");
    let counts = |name: &str| {
        let function = functions.iter().find(|it| it["function"] == name).expect("it is listed");
        function["counts"].clone()
    };
    assert_eq!(counts("DncBatcher"), json!([3, 1, 0]));
    assert_eq!(counts("OptoutWebhook"), json!([0, 0, 0]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_reached_is_said_with_what_to_do() {
    let ran = outbound_at("http://127.0.0.1:1", &["status"]).await;
    assert_eq!((ran.code, ran.out.as_str()), (Some(2), ""));
    assert!(ran.says("start one: cargo sandbox serve"), "{ran:?}");
}

#[test]
fn the_deployment_must_be_named_and_named_once() {
    let folder = concat!(env!("CARGO_TARGET_TMPDIR"), "/no-sandboxes");
    let ran = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_outbound"));
        command.arg("status").args(arguments).stdin(Stdio::null());
        command.env_remove("OUTBOUND_STACK").env_remove("OUTBOUND_SANDBOX");
        command.env("XDG_RUNTIME_DIR", folder).envs(variables.iter().copied());
        let output = command.output().expect("it runs");
        let problem = String::from_utf8(output.stderr).expect("UTF-8");
        (output.status.code(), problem.split_whitespace().collect::<Vec<_>>().join(" "))
    };
    let both = [("OUTBOUND_STACK", "one"), ("OUTBOUND_SANDBOX", "http://127.0.0.1:1")];
    for (arguments, variables, right) in [
        (&[][..], &[][..], "Give --stack NAME or --sandbox, or set OUTBOUND_STACK"),
        (&[], &both, "unset one of them"),
        (&["--sandbox"], &[], "no sandbox runs; start one: cargo sandbox serve"),
        (&["--sandbox=here"], &[], "must be an address, such as http://127.0.0.1:9000"),
        (&["--sandbox", "--stack", "one"], &[], "cannot be used with"),
    ] {
        let (code, problem) = ran(arguments, variables);
        assert_eq!(code, Some(2), "{problem}");
        assert!(problem.contains(right), "{right}: {problem}");
    }
}

//! The console over a sandbox in this process: what it answers, to whom, and what it hides.

use clap::Parser;
use reqwest::{Client, RequestBuilder, Response, StatusCode, header, redirect};
use sandbox::Surroundings;
use serde_json::{Value, json};

use super::{Access, Numbers, Question, Ready, Rules};

#[derive(Parser)]
struct CommandLine {
    #[command(flatten)]
    question: Question,
}

/// A deployed stack as a careful person looks at it.
const CAREFUL: Rules =
    Rules { access: Access::ReadOnly, numbers: Numbers::Masked, needs_key: true };
const FREE: Rules = Rules { access: Access::Write, numbers: Numbers::Shown, needs_key: false };
const DEAD: &str = "DncDeadLetterQueue";
const NUMBER: &str = "+12025550110";

/// A browser on this machine.
struct Browser {
    http: Client,
    /// The address without a key, and the key.
    base: String,
    key: Option<String>,
    cookie: String,
    token: String,
}

impl Browser {
    fn new(address: &str) -> Self {
        let (base, key) = match address.split_once("?key=") {
            Some((base, key)) => (base.to_owned(), Some(key.to_owned())),
            None => (address.to_owned(), None),
        };
        let http = Client::builder().redirect(redirect::Policy::none()).build().expect("a client");
        Self { http, base, key, cookie: String::new(), token: String::new() }
    }

    /// Opens the address that was printed, and takes the token from the page.
    async fn open(&mut self) {
        if let Some(key) = &self.key {
            let admitted = self.send(self.get(&format!("?key={key}"))).await;
            assert_eq!(admitted.status(), StatusCode::SEE_OTHER);
            let cookie = admitted.headers()[header::SET_COOKIE].to_str().expect("text");
            assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
            self.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        }
        let page = self.send(self.get("")).await.text().await.expect("a page");
        let token = page.split("name=\"console-token\" content=\"").nth(1).expect("a token");
        token.split('"').next().unwrap_or_default().clone_into(&mut self.token);
    }

    fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.base)).header(header::COOKIE, &self.cookie)
    }

    fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        let request = self.http.post(format!("{}{path}", self.base)).json(body);
        request.header(header::COOKIE, &self.cookie).header("x-console-token", &self.token)
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        request.send().await.expect("an answer")
    }

    async fn status(&self, request: RequestBuilder) -> StatusCode {
        self.send(request).await.status()
    }

    async fn json(&self, request: RequestBuilder) -> Value {
        self.send(request).await.json().await.expect("JSON")
    }

    /// Reads updates until a section holds what is wanted.
    async fn wait_for(&self, name: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let mut updates = self.send(self.get("updates")).await;
        let mut text = String::new();
        loop {
            let chunk = updates.chunk().await.expect("updates").expect("they do not end");
            text.push_str(std::str::from_utf8(&chunk).expect("UTF-8"));
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.strip_prefix("data: ").unwrap_or("{}");
                let sections: Value = serde_json::from_str(data).expect("JSON");
                text = rest.to_owned();
                if wanted(&sections[name]) {
                    return sections[name].clone();
                }
            }
        }
    }
}

/// Tells a story while the console serves.
async fn with_console(rules: Rules, story: impl AsyncFnOnce(&Surroundings, Browser)) {
    let sandbox = Box::pin(Surroundings::start()).await.expect("it starts");
    let option = format!("--sandbox={}", sandbox.aws.url());
    let CommandLine { question } = CommandLine::parse_from(["console", &option]);
    let stack = Box::pin(question.target.find()).await.expect("a sandbox").observed();
    let ready = Box::pin(Ready::of(stack, rules, 0)).await.expect("it is ready");
    let browser = Browser::new(&ready.address);
    tokio::select! {
        served = Box::pin(ready.serve()) => panic!("it ends: {served:?}"),
        () = story(&sandbox, browser) => {}
    }
}

async fn dead_letter(sandbox: &Surroundings, queue: &str, body: &Value) {
    let code = json!({ "DataType": "String", "StringValue": "refused_by_cxone" });
    let attributes = json!({ "error_code": code });
    let sent = sandbox.aws.queues.send_with_attributes(queue, &body.to_string(), &attributes).await;
    sent.expect("it is sent");
}

async fn depth(sandbox: &Surroundings, queue: &str) -> usize {
    let depth = sandbox.aws.queues.depth(queue).await.expect("the queue answers");
    depth.visible + depth.in_flight
}

#[tokio::test]
async fn the_page_and_its_files_come_with_a_strict_policy_and_name_no_other_host() {
    with_console(FREE, async |_, mut browser| {
        browser.open().await;
        for (path, media_type, content) in super::page::FILES {
            let answer = browser.send(browser.get(&path[1..])).await;
            assert_eq!(answer.status(), StatusCode::OK, "{path}");
            assert_eq!(answer.headers()[header::CONTENT_TYPE], media_type, "{path}");
            let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().expect("text");
            assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
            assert!(!policy.contains("unsafe"), "{policy}");
            let foreign = content.replace("http://www.w3.org/2000/svg", "");
            assert!(!foreign.contains("://"), "{path} names another host");
        }
        assert_eq!(browser.status(browser.get("other")).await, StatusCode::NOT_FOUND);
    })
    .await;
}

#[tokio::test]
async fn only_requests_for_this_host_from_its_own_page_are_answered() {
    with_console(FREE, async |_, mut browser| {
        browser.open().await;
        for host in ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1"] {
            for path in ["", "updates", "main.js"] {
                let request = browser.get(path).header(header::HOST, host);
                assert_eq!(browser.status(request).await, StatusCode::FORBIDDEN, "{host} {path}");
            }
        }
        let asked = json!({ "number": NUMBER });
        let foreign = browser.post("number", &asked).header(header::ORIGIN, "https://evil.example");
        assert_eq!(browser.status(foreign).await, StatusCode::FORBIDDEN);
        let own = browser.base.trim_end_matches('/').to_owned();
        let own = browser.post("number", &asked).header(header::ORIGIN, own);
        assert_eq!(browser.status(own).await, StatusCode::OK);

        let letter = json!({ "queue": DEAD, "id": "a" });
        browser.token = "guessed".to_owned();
        for (path, body) in [
            ("number", &asked),
            ("dead-letters/redrive", &letter),
            ("dead-letters/delete", &letter),
            ("sandbox", &json!("clearFaults")),
        ] {
            let refused = browser.status(browser.post(path, body)).await;
            assert_eq!(refused, StatusCode::FORBIDDEN, "{path} without the token");
        }
    })
    .await;
}

#[tokio::test]
async fn a_stack_is_shown_to_whoever_has_the_key_alone() {
    with_console(CAREFUL, async |_, mut browser| {
        for path in ["", "main.js", "updates", "?key=", "?key=guessed"] {
            assert_eq!(browser.status(browser.get(path)).await, StatusCode::UNAUTHORIZED, "{path}");
        }
        browser.open().await;
        assert_eq!(browser.status(browser.get("")).await, StatusCode::OK);
        let (name, _) = browser.cookie.split_once('=').expect("a cookie");
        browser.cookie = format!("{name}=guessed");
        assert_eq!(browser.status(browser.get("")).await, StatusCode::UNAUTHORIZED);
    })
    .await;
}

#[tokio::test]
async fn without_write_nothing_is_changed_and_numbers_are_masked() {
    with_console(CAREFUL, async |sandbox, mut browser| {
        let body = json!({ "eventId": "evt-1", "phoneNumber": NUMBER });
        dead_letter(sandbox, DEAD, &body).await;
        browser.open().await;
        let about = browser.wait_for("about", Value::is_object).await;
        assert_eq!(about["canWrite"], false);
        let letters = browser.wait_for("letters", |it| it[0].is_object()).await;
        assert_eq!(letters[0]["body"]["eventId"], "evt-1");
        assert!(!letters.to_string().contains("2025550110"), "{letters}");

        let letter = json!({ "queue": DEAD, "id": letters[0]["id"] });
        for path in ["dead-letters/redrive", "dead-letters/delete"] {
            let answer = browser.send(browser.post(path, &letter)).await;
            assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{path}");
            let problem = answer.json::<Value>().await.expect("JSON")["problem"].to_string();
            assert!(problem.contains("--write"), "{problem}");
        }
        assert_eq!((depth(sandbox, DEAD).await, depth(sandbox, "DncQueue").await), (1, 0));

        let evidence = browser.json(browser.post("number", &json!({ "number": NUMBER }))).await;
        assert!(!evidence.to_string().contains("2025550110"), "{evidence}");
        assert_eq!(evidence["report"]["events"].as_array().map(Vec::len), Some(1), "{evidence}");
    })
    .await;
}

#[tokio::test]
async fn dead_letters_are_redriven_and_deleted_one_by_one() {
    with_console(FREE, async |sandbox, mut browser| {
        for event in 0..3 {
            dead_letter(sandbox, DEAD, &json!({ "eventId": event, "phoneNumber": NUMBER })).await;
        }
        browser.open().await;
        let letters = browser.wait_for("letters", |it| it[2].is_object()).await;
        let named = |at: usize| json!({ "queue": DEAD, "id": letters[at]["id"] });
        let redriven = browser.json(browser.post("dead-letters/redrive", &named(0))).await;
        assert_eq!((&redriven["redriven"], &redriven["deleted"]), (&json!(1), &json!(1)));
        let deleted = browser.json(browser.post("dead-letters/delete", &named(1))).await;
        assert_eq!((&deleted["redriven"], &deleted["deleted"]), (&json!(0), &json!(1)));
        assert_eq!((depth(sandbox, DEAD).await, depth(sandbox, "DncQueue").await), (1, 1));
        let left = browser.wait_for("letters", |it| it.as_array().map(Vec::len) == Some(1)).await;
        assert_eq!(left[0]["id"], letters[2]["id"]);
        assert_eq!(left[0]["body"]["phoneNumber"], NUMBER, "a sandbox has nothing to hide");
        // One that is gone is no error, and nothing else moves for it.
        let again = browser.json(browser.post("dead-letters/delete", &named(1))).await;
        assert_eq!(again["deleted"], 0);
        assert_eq!(depth(sandbox, DEAD).await, 1);
    })
    .await;
}

#[tokio::test]
async fn an_event_is_shown_with_the_lines_of_all_functions() {
    with_console(FREE, async |sandbox, mut browser| {
        browser.open().await;
        browser.wait_for("events", |it| it.as_array().is_some_and(Vec::is_empty)).await;
        for (function, outcome) in [("optout-webhook", "accepted"), ("dnc-batcher", "completed")] {
            let line = json!({
                "_aws": {}, "function": function, "outcome": outcome, "event_ids": ["evt-1"],
                "latency_ms": 12.5, "cold_start": 1,
            });
            sandbox.logs.add(function, line.to_string());
        }
        let events = browser.wait_for("events", |it| it[0]["steps"][1].is_object()).await;
        assert_eq!(events[0]["id"], "evt-1");
        let functions = browser.wait_for("functions", Value::is_array).await;
        let functions = functions.as_array().expect("a list");
        assert_eq!(functions.len(), 7);
        let batcher = functions.iter().find(|it| it["function"] == "dnc-batcher").expect("it");
        assert_eq!((&batcher["starts"], &batcher["counts"]), (&json!(1), &json!([1, 0, 0])));
        assert_eq!(batcher["invocations"][0]["latencyMs"], 12.5);
    })
    .await;
}

#[tokio::test]
async fn what_the_page_reads_uses_up_no_fault_and_counts_as_no_call() {
    with_console(FREE, async |sandbox, mut browser| {
        // The stack was found by the command, before anybody looked.
        sandbox.aws.drain_calls();
        sandbox.faults.add("AWS:500x1".parse().expect("a fault"));
        browser.open().await;
        let queues = browser.wait_for("queues", Value::is_object).await;
        assert!(queues["work"][0].is_object(), "{queues}");
        assert_eq!(sandbox.faults.strikes()["AWS:500x1"], 0);
        assert!(sandbox.aws.drain_calls().is_empty());
    })
    .await;
}

#[tokio::test]
async fn a_section_that_cannot_be_read_says_why() {
    with_console(FREE, async |_, mut browser| {
        browser.open().await;
        // The surroundings have no gateway, and so no samples.
        let simulator = browser.wait_for("simulator", Value::is_object).await;
        let problem = simulator["problem"].as_str().expect("a reason");
        assert!(problem.starts_with("the sandbox does not answer: "), "{problem}");
    })
    .await;
}

#[test]
fn a_stack_is_only_read_and_its_numbers_are_masked_unless_asked() {
    for (options, can_write, shown) in [
        (&["--stack=a"][..], false, false),
        (&["--stack=a", "--write"], true, false),
        (&["--stack=a", "--show-numbers"], false, true),
    ] {
        let line = CommandLine::parse_from(["console"].iter().chain(options));
        let rules = Rules::of(&line.question, false);
        assert_eq!(rules.access == Access::Write, can_write, "{options:?}");
        assert_eq!(rules.numbers == Numbers::Shown, shown, "{options:?}");
        assert!(rules.needs_key, "{options:?}");
    }
    let line = CommandLine::parse_from(["console", "--sandbox"]);
    let rules = Rules::of(&line.question, true);
    assert!(rules.access == Access::Write && rules.numbers == Numbers::Shown && !rules.needs_key);
}

//! A tenant that answers as a test tells it, and that checks every request and every answer against
//! the contract: nothing that it requires is left out, and nothing is sent that it does not
//! describe.

use std::{
    collections::{HashMap, VecDeque},
    sync::OnceLock,
};

use settings::KeyPair;
use url::form_urlencoded;
use wiremock::{Match, Respond, matchers::any};

use super::super::*;

pub(super) const KEY_ID: &str = "access:key";
pub(super) const KEY_SECRET: &str = "k&y s=cret+";

/// An answer of the tenant.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: String,
    /// The answer never arrives.
    is_lost: bool,
    /// The contract does not describe it.
    is_odd: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "bodies are written in place")]
pub(super) fn reply(status: u16, body: Value) -> Answer {
    Answer { body: body.to_string(), ..empty(status) }
}

pub(super) fn ok(body: Value) -> Answer {
    reply(200, body)
}

pub(super) fn empty(status: u16) -> Answer {
    Answer { status, headers: vec![], body: String::new(), is_lost: false, is_odd: false }
}

pub(super) fn lost() -> Answer {
    Answer { is_lost: true, ..empty(200) }
}

impl Answer {
    pub(super) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    /// Marks an answer that the contract leaves open or rules out.
    pub(super) fn odd(self) -> Self {
        Self { is_odd: true, ..self }
    }

    pub(super) fn text(self, body: &str) -> Self {
        Self { body: body.to_owned(), ..self.odd() }
    }
}

type Handler = Box<dyn Fn(&Request) -> Answer + Send + Sync>;

/// A request, and the operation that it is of.
type Received = (String, Request);

#[derive(Default)]
struct State {
    scripts: std::sync::Mutex<HashMap<String, VecDeque<Answer>>>,
    handlers: std::sync::Mutex<HashMap<String, Handler>>,
    received: std::sync::Mutex<Vec<Received>>,
    violations: std::sync::Mutex<Vec<String>>,
    next: std::sync::Mutex<Option<Answer>>,
}

pub(super) struct Tenant {
    server: MockServer,
    state: Arc<State>,
}

/// Decides on the answer. Matches if it is lost.
struct Decide(Arc<State>);

impl Match for Decide {
    fn matches(&self, request: &Request) -> bool {
        let answer = self.0.answer(request);
        let is_lost = answer.is_lost;
        *self.0.next.lock().expect("no thread panicked") = Some(answer);
        is_lost
    }
}

struct Give(Arc<State>);

impl Respond for Give {
    fn respond(&self, _: &Request) -> ResponseTemplate {
        let answer = self.0.next.lock().expect("no thread panicked").take().expect("a decision");
        let template = ResponseTemplate::new(answer.status).set_body_string(answer.body);
        answer
            .headers
            .into_iter()
            .fold(template, |template, (name, value)| template.insert_header(name, value))
    }
}

impl Tenant {
    /// A tenant that grants tokens.
    pub(super) async fn new() -> Self {
        let server = MockServer::builder().disable_request_recording().start().await;
        let state = Arc::new(State::default());
        let tenant = Self { server, state: Arc::clone(&state) };
        let token = json!({ "access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600 });
        for operation in ["tokenOidc", "tokenAccessKey"] {
            tenant.script(operation, [ok(token.clone())]);
        }
        Mock::given(Decide(Arc::clone(&state)))
            .respond_with_err(|_: &Request| std::io::Error::other("cut"))
            .with_priority(1)
            .mount(&tenant.server)
            .await;
        Mock::given(any()).respond_with(Give(state)).with_priority(2).mount(&tenant.server).await;
        tenant
    }

    /// Answers an operation in this order; the last answer stays.
    pub(super) fn script(&self, operation: &str, answers: impl IntoIterator<Item = Answer>) {
        let mut scripts = self.state.scripts.lock().expect("no thread panicked");
        scripts.insert(operation.to_owned(), answers.into_iter().collect());
    }

    /// Answers an operation by what is requested.
    pub(super) fn on(
        &self,
        operation: &str,
        handler: impl Fn(&Request) -> Answer + Send + Sync + 'static,
    ) {
        let mut handlers = self.state.handlers.lock().expect("no thread panicked");
        handlers.insert(operation.to_owned(), Box::new(handler));
    }

    pub(super) fn client(&self, settings: &[(&str, &str)]) -> Client {
        let style = settings.iter().find(|(name, _)| *name == "CXONE_TOKEN_AUTH");
        let token_path = match style {
            Some((_, "access-key")) => "/authentication/v1/token/access-key",
            _ => "/auth/token",
        };
        let token_url = format!("{}{token_path}", self.server.uri());
        let own = [("CXONE_API", "acd"), ("CXONE_TOKEN_URL", token_url.as_str())];
        let settings: Vec<(&str, &str)> = own.into_iter().chain(settings.iter().copied()).collect();
        client_of(&self.server.uri(), &settings)
    }

    pub(super) fn uri(&self) -> String {
        self.server.uri()
    }

    /// The requests of an operation so far.
    pub(super) fn requests(&self, operation: &str) -> Vec<Request> {
        let received = self.state.received.lock().expect("no thread panicked");
        let own = received.iter().filter(|(of, _)| of == operation);
        own.map(|(_, request)| request.clone()).collect()
    }

    /// The operations that were requested so far, tokens apart, in their order.
    pub(super) fn operations(&self) -> Vec<String> {
        let received = self.state.received.lock().expect("no thread panicked");
        let operations = received.iter().map(|(operation, _)| operation.clone());
        operations.filter(|operation| !operation.starts_with("token")).collect()
    }
}

/// A client with both halves of the credentials.
pub(in super::super) fn client_of(base: &str, settings: &[(&str, &str)]) -> Client {
    let pairs = [("CXONE_BASE_URL", base)].into_iter().chain(settings.iter().copied());
    let config = Environment::from_pairs(pairs).read(Config::read).expect("good settings");
    let config = Config { policy: QUICK, ..config };
    let credentials = Credentials {
        access_key: Some(KeyPair { id: KEY_ID.into(), secret: KEY_SECRET.into() }),
        ..Credentials::of_client("the:client", SECRET)
    };
    Client::new(config, credentials).expect("a client")
}

impl Drop for Tenant {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let violations = self.state.violations.lock().expect("no thread panicked");
            assert!(violations.is_empty(), "against the contract: {violations:#?}");
        }
    }
}

impl State {
    fn answer(&self, request: &Request) -> Answer {
        let Some((operation, described)) = operation_of(request) else {
            self.violate(format!("no operation: {} {}", request.method, request.url.path()));
            return empty(404);
        };
        for violation in request_violations(described, request) {
            self.violate(format!("{operation}: {violation}"));
        }
        let received = (operation.clone(), request.clone());
        self.received.lock().expect("no thread panicked").push(received);
        let handlers = self.handlers.lock().expect("no thread panicked");
        let answer = handlers.get(&operation).map(|handler| handler(request));
        let answer = answer.or_else(|| self.next_of(&operation));
        let answer = answer.unwrap_or_else(|| {
            self.violate(format!("{operation} is not expected"));
            empty(500)
        });
        for violation in answer_violations(described, &answer) {
            self.violate(format!("answer to {operation}: {violation}"));
        }
        answer
    }

    fn next_of(&self, operation: &str) -> Option<Answer> {
        let mut scripts = self.scripts.lock().expect("no thread panicked");
        let script = scripts.get_mut(operation)?;
        if script.len() > 1 { script.pop_front() } else { script.front().cloned() }
    }

    fn violate(&self, violation: String) {
        self.violations.lock().expect("no thread panicked").push(violation);
    }
}

/// The contract, with all references resolved.
pub(super) fn contract() -> &'static Value {
    static CONTRACT: OnceLock<Value> = OnceLock::new();
    CONTRACT.get_or_init(|| {
        let text = include_str!("../contract/acd.openapi.yaml");
        let whole: Value = serde_yaml_ng::from_str(text).expect("YAML");
        resolved(&whole, &whole)
    })
}

fn resolved(value: &Value, whole: &Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get("$ref").and_then(Value::as_str) {
            Some(reference) => {
                let pointer = reference.trim_start_matches('#');
                resolved(whole.pointer(pointer).expect(reference), whole)
            }
            None => {
                fields.iter().map(|(name, value)| (name.clone(), resolved(value, whole))).collect()
            }
        },
        Value::Array(items) => items.iter().map(|item| resolved(item, whole)).collect(),
        other => other.clone(),
    }
}

/// Lets an object have no other properties than those that are described.
fn strict(mut schema: Value) -> Value {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for property in properties.values_mut() {
            *property = strict(property.take());
        }
        schema["additionalProperties"] = json!(false);
    }
    if let Some(items) = schema.get_mut("items") {
        *items = strict(items.take());
    }
    if let Some(options) = schema.get_mut("oneOf").and_then(Value::as_array_mut) {
        for option in options {
            *option = strict(option.take());
        }
    }
    schema
}

fn schema_violations(schema: &Value, value: &Value) -> Vec<String> {
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .build(&strict(schema.clone()))
        .expect("a schema");
    let show = |error: jsonschema::ValidationError<'_>| {
        format!("{}: {error} in {value}", error.instance_path())
    };
    validator.iter_errors(value).map(show).collect()
}

/// The operation of a request: its name, and what the contract has of it and of its path.
fn operation_of(request: &Request) -> Option<(String, (&'static Value, &'static Value))> {
    let path = request.url.path();
    let services = path.strip_prefix("/incontactapi/services/v");
    let (is_acd, path) = match services.and_then(|rest| rest.split_once(".0/")) {
        Some((version, _)) => {
            let length = "/incontactapi/services/v".len() + version.len() + 2;
            (version.bytes().all(|byte| byte.is_ascii_digit()), &path[length..])
        }
        None => (false, path),
    };
    let literals =
        |template: &str| template.split('/').filter(|segment| !segment.starts_with('{')).count();
    let paths = contract()["paths"].as_object().expect("paths");
    let (_, item) = paths
        .iter()
        .filter(|(template, item)| {
            let operation = &item[request.method.as_str().to_ascii_lowercase()];
            let has_own_server = item.get("servers").is_some();
            contract::is_of(template, path) && operation.is_object() && is_acd != has_own_server
        })
        .max_by_key(|(template, _)| literals(template))?;
    let operation = &item[request.method.as_str().to_ascii_lowercase()];
    Some((operation["operationId"].as_str()?.to_owned(), (item, operation)))
}

fn request_violations((item, operation): (&Value, &Value), request: &Request) -> Vec<String> {
    let mut violations = Vec::new();
    if request.headers.get("accept").is_none_or(|accept| accept != "application/json") {
        violations.push("it does not accept JSON".to_owned());
    }
    let authorization = request.headers.get("authorization");
    let is_right = match operation["security"].as_array().map(Vec::as_slice) {
        Some([]) => authorization.is_none(),
        Some(_) => true,
        None => authorization.is_some_and(|token| token == format!("Bearer {TOKEN}").as_str()),
    };
    if !is_right {
        violations.push("it has a wrong authorization".to_owned());
    }
    violations.extend(parameter_violations(item, operation, request));
    violations.extend(body_violations(operation, request));
    violations
}

/// A text as the type of its schema has it.
fn typed(schema: &Value, text: &str) -> Value {
    if schema["type"] == "array" {
        return json!([text]);
    }
    let is_text = schema["type"] == "string";
    if is_text { json!(text) } else { serde_json::from_str(text).unwrap_or_else(|_| json!(text)) }
}

fn parameter_violations(item: &Value, operation: &Value, request: &Request) -> Vec<String> {
    let mut violations = Vec::new();
    let mut query: HashMap<String, String> = request.url.query_pairs().into_owned().collect();
    let parameters = [&item["parameters"], &operation["parameters"]];
    for parameter in parameters.into_iter().filter_map(Value::as_array).flatten() {
        let name = parameter["name"].as_str().expect("a name");
        let sent = match parameter["in"].as_str() {
            Some("query") => query.remove(name),
            Some("path") if parameter["schema"]["type"] == "integer" => {
                let numbers = request.url.path_segments().expect("segments");
                let mut numbers = numbers.filter(|it| it.parse::<u64>().is_ok());
                numbers.next().map(str::to_owned)
            }
            Some("path") => continue,
            _ => request.headers.get(name).map(|it| it.to_str().expect("text").to_owned()),
        };
        match sent {
            None if parameter["required"] == true => violations.push(format!("{name} is not sent")),
            None => {}
            Some(sent) => {
                let schema = &parameter["schema"];
                violations.extend(schema_violations(schema, &typed(schema, &sent)));
            }
        }
    }
    violations.extend(query.keys().map(|name| format!("{name} is sent")));
    violations
}

fn body_violations(operation: &Value, request: &Request) -> Vec<String> {
    let content = &operation["requestBody"]["content"];
    let form = &content["application/x-www-form-urlencoded"]["schema"];
    let body = &content["application/json"]["schema"];
    if form.is_object() {
        let sent: HashMap<_, _> = form_urlencoded::parse(&request.body).collect();
        return schema_violations(form, &json!(sent));
    }
    if !body.is_object() {
        let is_empty = request.body.is_empty();
        return if is_empty { vec![] } else { vec!["it has a body".to_owned()] };
    }
    if request.headers.get("content-type").is_none_or(|of| of != "application/json") {
        return vec!["its body is not JSON".to_owned()];
    }
    schema_violations(body, &super::super::body(request))
}

/// Statuses at which a gateway may answer for any operation. They have no content.
const OF_GATEWAYS: [u16; 9] = [408, 409, 410, 412, 413, 500, 502, 503, 504];

fn answer_violations((_, operation): (&Value, &Value), answer: &Answer) -> Vec<String> {
    if answer.is_lost || answer.is_odd {
        return vec![];
    }
    let described = &operation["responses"][answer.status.to_string()];
    if !described.is_object() {
        let is_known = OF_GATEWAYS.contains(&answer.status) && answer.body.is_empty();
        return if is_known { vec![] } else { vec![format!("{} is not described", answer.status)] };
    }
    let headers = described["headers"].as_object();
    let is_described = |name: &&(&'static str, String)| {
        let mut known = headers.into_iter().flat_map(|headers| headers.keys());
        known.any(|known| known.eq_ignore_ascii_case(name.0))
    };
    let unknown = answer.headers.iter().filter(|header| !is_described(header));
    let mut violations: Vec<String> = unknown.map(|(name, _)| format!("{name} is sent")).collect();
    let schema = &described["content"]["application/json"]["schema"];
    if !answer.body.is_empty() && schema.is_object() {
        let body = serde_json::from_str(&answer.body).expect("JSON");
        violations.extend(schema_violations(schema, &body));
    }
    violations
}

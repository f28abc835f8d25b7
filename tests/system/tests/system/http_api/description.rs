//! `openapi.yaml`, as far as the tests read it.

use std::collections::BTreeSet;

use jsonschema::Validator;
use sandbox::workspace_root;
use serde_json::{Value, json};
use system::Reply;

/// The description of the HTTP API.
pub(super) struct Description {
    document: Value,
}

impl Description {
    pub(super) fn read() -> Self {
        let text = std::fs::read_to_string(workspace_root().join("openapi.yaml"));
        let document = serde_yaml_ng::from_str(&text.expect("the file")).expect("YAML");
        Self { document }
    }

    /// Its routes, such as `POST /callbacks`.
    pub(super) fn routes(&self) -> BTreeSet<String> {
        let paths = self.document["paths"].as_object().expect("paths");
        let route = |path: &str, method: &String| format!("{} {path}", method.to_uppercase());
        paths
            .iter()
            .flat_map(|(path, item)| {
                let methods = item.as_object().expect("a path item").keys();
                methods.map(move |method| route(path, method))
            })
            .collect()
    }

    /// The problems of a path that its functions answer: status and code, such as
    /// `401 unauthenticated`.
    pub(super) fn problems(&self, path: &str) -> BTreeSet<String> {
        let responses = self.operation(path)["responses"].as_object().expect("responses");
        responses
            .iter()
            .flat_map(|(status, response)| {
                let schema =
                    &self.target(response)["content"]["application/problem+json"]["schema"];
                self.codes(schema).into_iter().map(move |code| format!("{status} {code}"))
            })
            .collect()
    }

    /// The codes that a schema lets a problem have.
    fn codes(&self, schema: &Value) -> Vec<String> {
        let choices = schema["oneOf"].as_array().into_iter().flatten();
        let code = match &schema["properties"]["code"] {
            Value::Null => &self.target(schema)["properties"]["code"],
            code => code,
        };
        let own = code["enum"].as_array().into_iter().flatten().chain(code.get("const"));
        let own = own.filter_map(Value::as_str).map(str::to_owned);
        own.chain(choices.flat_map(|choice| self.codes(choice))).collect()
    }

    /// Violations of the description by a reply.
    pub(super) fn violations(&self, path: &str, reply: &Reply) -> Vec<String> {
        let status = reply.status.to_string();
        let Some(response) = self.operation(path)["responses"].get(&status) else {
            return vec![format!("{status} is not described")];
        };
        let response = self.target(response);
        let media_type = reply.headers["content-type"].to_str().expect("a text");
        let Some(content) = response["content"].get(media_type) else {
            return vec![format!("{media_type} is not described for {status}")];
        };
        let lacks_header = |(name, header): (&String, &Value)| {
            let lacks = header["required"] == true && !reply.headers.contains_key(name);
            lacks.then(|| format!("{status} lacks {name}"))
        };
        let headers = response["headers"].as_object().into_iter().flatten();
        self.broken(&content["schema"], &reply.body)
            .into_iter()
            .chain(headers.filter_map(lacks_header))
            .collect()
    }

    /// Violations of the schema of its path by a request's body.
    pub(super) fn violations_of_request(&self, path: &str, body: &Value) -> Vec<String> {
        let content = &self.operation(path)["requestBody"]["content"];
        self.broken(&content["application/json"]["schema"], body)
    }

    /// The examples of a path's request.
    pub(super) fn examples(&self, path: &str) -> impl Iterator<Item = &Value> {
        let content = &self.operation(path)["requestBody"]["content"]["application/json"];
        let examples = content["examples"].as_object().expect("examples");
        examples.values().map(|example| &example["value"])
    }

    fn operation(&self, path: &str) -> &Value {
        &self.document["paths"][path]["post"]
    }

    /// Target of a reference; the value itself if it is none.
    fn target<'a>(&'a self, value: &'a Value) -> &'a Value {
        let Some(reference) = value["$ref"].as_str() else { return value };
        let pointer = reference.strip_prefix('#').expect("a reference into the document");
        self.document.pointer(pointer).expect("what is referred to is there")
    }

    fn broken(&self, schema: &Value, value: &Value) -> Vec<String> {
        let validator = self.validator(schema);
        validator.iter_errors(value).map(|violation| violation.to_string()).collect()
    }

    fn validator(&self, schema: &Value) -> Validator {
        let schema = json!({ "allOf": [schema], "components": self.document["components"] });
        jsonschema::draft202012::options()
            .offline()
            .should_validate_formats(true)
            .build(&schema)
            .expect("the schema is well-formed")
    }
}

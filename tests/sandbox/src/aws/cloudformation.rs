//! CloudFormation: the sandbox as a stack, so that an operator's tools find its resources by the
//! names of the template, as they do in a deployment.

use std::fmt::Write as _;

use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use quick_xml::escape::escape;
use serde_json::Value;

use super::STACK;
use crate::template::{Scope, Template};

/// Resources of one page, as in AWS.
const PAGE: usize = 100;

/// The stack: its resources, parameters and outputs.
#[derive(Debug, Default)]
pub(crate) struct Stack {
    resources: Vec<Resource>,
    parameters: Vec<(String, String)>,
    outputs: Vec<(String, String)>,
}

#[derive(Debug)]
struct Resource {
    logical_id: String,
    physical_id: String,
    kind: String,
}

impl Stack {
    /// The template as it is in the sandbox, with its API at the gateway.
    pub(crate) fn of(template: &Template, scope: &Scope, gateway_url: &str) -> Self {
        let resource = |(id, kind): &(String, String)| Resource {
            logical_id: id.clone(),
            physical_id: scope.reference(id).unwrap_or_else(|_| id.clone()),
            // The kind that the transform of SAM makes of it.
            kind: match kind.as_str() {
                "AWS::Serverless::Function" => "AWS::Lambda::Function".to_owned(),
                "AWS::Serverless::HttpApi" => "AWS::ApiGatewayV2::Api".to_owned(),
                other => other.to_owned(),
            },
        };
        let parameter = |name: String| Some((name.clone(), scope.reference(&name).ok()?));
        let output = |(name, value): (String, &serde_yaml_ng::Value)| {
            let value = scope.text(value).ok()?;
            let path = value.split_once(".execute-api.").and_then(|(_, rest)| rest.split_once('/'));
            Some((name, path.map_or(value.clone(), |(_, path)| format!("{gateway_url}/{path}"))))
        };
        Self {
            resources: template.kinds.iter().map(resource).collect(),
            parameters: template.parameters().into_iter().filter_map(parameter).collect(),
            outputs: template.outputs().into_iter().filter_map(output).collect(),
        }
    }

    /// Answers a request of the query protocol.
    pub(super) fn handle(&self, action: &str, request: &Value) -> Response {
        let stack = request["StackName"].as_str().unwrap_or_default();
        if stack != STACK {
            return error("ValidationError", &format!("Stack with id {stack} does not exist"));
        }
        let result = match action {
            "ListStackResources" => self.list(request["NextToken"].as_str()),
            "DescribeStackResource" => {
                let id = request["LogicalResourceId"].as_str().unwrap_or_default();
                let Some(resource) = self.resources.iter().find(|it| it.logical_id == id) else {
                    let message = format!("Resource {id} does not exist for stack {stack}");
                    return error("ValidationError", &message);
                };
                format!("<StackResourceDetail>{}</StackResourceDetail>", resource.fields())
            }
            "DescribeStackResources" => self.describe_resources(&request["LogicalResourceId"]),
            "DescribeStacks" => self.describe(),
            _ => return error("InvalidAction", "the sandbox does not know this operation"),
        };
        let body = format!(
            "<{action}Response><{action}Result>{result}</{action}Result></{action}Response>"
        );
        ([(CONTENT_TYPE, "text/xml")], body).into_response()
    }

    fn list(&self, token: Option<&str>) -> String {
        let start = token.and_then(|token| token.parse().ok()).unwrap_or(0_usize);
        let end = (start + PAGE).min(self.resources.len());
        let page = self.resources.get(start..end).unwrap_or_default();
        let next = if end < self.resources.len() {
            element("NextToken", &end.to_string())
        } else {
            String::new()
        };
        let members: String = page.iter().map(Resource::member).collect();
        format!("<StackResourceSummaries>{members}</StackResourceSummaries>{next}")
    }

    fn describe_resources(&self, only: &Value) -> String {
        let only = only.as_str();
        let wanted = self.resources.iter();
        let wanted = wanted.filter(|it| only.is_none_or(|only| only == it.logical_id));
        let members: String = wanted.map(Resource::member).collect();
        format!("<StackResources>{members}</StackResources>")
    }

    fn describe(&self) -> String {
        let mut text = element("StackName", STACK);
        text.push_str(&element("StackStatus", "CREATE_COMPLETE"));
        text.push_str(&element("CreationTime", "2026-01-01T00:00:00Z"));
        for (list, name, pairs) in
            [("Parameters", "Parameter", &self.parameters), ("Outputs", "Output", &self.outputs)]
        {
            let mut members = String::new();
            for (key, value) in pairs {
                let key = element(&format!("{name}Key"), key);
                let value = element(&format!("{name}Value"), value);
                // Writing to a String cannot fail.
                let _ = write!(members, "<member>{key}{value}</member>");
            }
            let _ = write!(text, "<{list}>{members}</{list}>");
        }
        format!("<Stacks><member>{text}</member></Stacks>")
    }
}

impl Resource {
    fn member(&self) -> String {
        format!("<member>{}</member>", self.fields())
    }

    fn fields(&self) -> String {
        let fields = [
            ("LogicalResourceId", self.logical_id.as_str()),
            ("PhysicalResourceId", &self.physical_id),
            ("ResourceType", &self.kind),
            ("ResourceStatus", "CREATE_COMPLETE"),
            ("LastUpdatedTimestamp", "2026-01-01T00:00:00Z"),
        ];
        fields.iter().map(|(name, value)| element(name, value)).collect()
    }
}

pub(super) fn element(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", escape(value))
}

/// An error of the query protocol.
pub(super) fn error(code: &str, message: &str) -> Response {
    let error = element("Code", code) + &element("Message", message);
    let body = format!("<ErrorResponse><Error><Type>Sender</Type>{error}</Error></ErrorResponse>");
    (StatusCode::BAD_REQUEST, [(CONTENT_TYPE, "text/xml")], body).into_response()
}

//! Roles of functions and schedules, and the managed policies they share.

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use serde_yaml_ng::Value;

use super::{intrinsics, lookup, part};

/// One `AWS::IAM::Role`, or the `AWS::IAM::ManagedPolicy` that roles share.
#[derive(Debug)]
pub struct Role {
    /// Its name in the template.
    pub logical_id: String,
    /// Principal that may assume the role, such as `lambda.amazonaws.com`. None for a policy.
    pub trusts: Option<String>,
    /// Logical ids of the managed policies a role has as well.
    pub managed_policies: Vec<String>,
    /// Statements that allow.
    pub statements: Vec<Statement>,
    /// Logical ids of the roles that a policy attaches itself to.
    pub attached_to: Vec<String>,
}

/// One statement of a policy: it allows something.
#[derive(Debug, Clone)]
pub struct Statement {
    /// Such as `dynamodb:PutItem`.
    pub actions: Vec<String>,
    /// ARNs, as the template has them.
    pub resources: Vec<Value>,
    /// The services through which a key may be used; empty if that does not matter.
    pub via: Vec<Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    statement: Vec<RawStatement>,
}

// Whatever else a statement may hold would be ignored silently, so it is refused.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct RawStatement {
    effect: String,
    action: Value,
    resource: Value,
    condition: Option<Condition>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Condition {
    string_equals: Via,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Via {
    #[serde(rename = "kms:ViaService")]
    via_service: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Properties {
    assume_role_policy_document: Trust,
    #[serde(default)]
    managed_policy_arns: Vec<Value>,
    #[serde(default)]
    policies: Vec<Policy>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Trust {
    statement: [TrustStatement; 1],
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct TrustStatement {
    effect: String,
    action: String,
    principal: Principal,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Principal {
    service: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    policy_document: Document,
}

/// One value or a list of them.
fn listed(value: Value) -> Vec<Value> {
    match value {
        Value::Sequence(values) => values,
        one => vec![one],
    }
}

pub(super) fn role(id: &str, resource: &Value) -> anyhow::Result<Role> {
    let properties: Properties = part(resource, &["Properties"])?;
    let managed = |arn: &Value| {
        intrinsics::id_in_ref(arn).context("ManagedPolicyArns must be a !Ref to a policy here")
    };
    let statements = properties.policies.into_iter().map(|policy| policy.policy_document);
    let [TrustStatement { effect, action, principal }] =
        properties.assume_role_policy_document.statement;
    ensure!((&*effect, &*action) == ("Allow", "sts:AssumeRole"), "no one may assume it");
    Ok(Role {
        logical_id: id.to_owned(),
        trusts: Some(principal.service),
        managed_policies: properties
            .managed_policy_arns
            .iter()
            .map(managed)
            .collect::<anyhow::Result<_>>()?,
        statements: statements.map(allowed).collect::<anyhow::Result<Vec<_>>>()?.concat(),
        attached_to: Vec::new(),
    })
}

pub(super) fn managed_policy(id: &str, resource: &Value) -> anyhow::Result<Role> {
    let document = part(resource, &["Properties", "PolicyDocument"])?;
    let roles = lookup(resource, &["Properties", "Roles"]).and_then(Value::as_sequence);
    let role =
        |role: &Value| intrinsics::id_in_ref(role).context("Roles must be !Refs to roles here");
    Ok(Role {
        logical_id: id.to_owned(),
        trusts: None,
        managed_policies: Vec::new(),
        statements: allowed(document)?,
        attached_to: roles.into_iter().flatten().map(role).collect::<anyhow::Result<_>>()?,
    })
}

fn allowed(document: Document) -> anyhow::Result<Vec<Statement>> {
    document.statement.into_iter().map(statement).collect()
}

fn statement(statement: RawStatement) -> anyhow::Result<Statement> {
    ensure!(statement.effect == "Allow", "the sandbox only enforces what is allowed");
    let action = |value: Value| value.as_str().map(str::to_owned).context("an Action is no text");
    let actions = listed(statement.action).into_iter().map(action);
    let actions = actions.collect::<anyhow::Result<Vec<_>>>()?;
    if let Some(action) = actions.iter().find(|action| action.contains('*')) {
        bail!("the sandbox does not enforce wildcards such as {action}");
    }
    let via = statement.condition.map(|condition| condition.string_equals.via_service);
    Ok(Statement {
        actions,
        resources: listed(statement.resource),
        via: via.map(listed).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(policies: &str) -> anyhow::Result<Role> {
        let yaml = format!(
            "
Properties:
  AssumeRolePolicyDocument:
    Statement:
      - {{ Effect: Allow, Principal: {{ Service: lambda.amazonaws.com }}, Action: sts:AssumeRole }}
  ManagedPolicyArns: [!Ref Shared]
  Policies: [{{ PolicyName: own, PolicyDocument: {{ Statement: [{policies}] }} }}]
"
        );
        role("WorkRole", &serde_yaml_ng::from_str(&yaml).expect("YAML"))
    }

    #[test]
    fn one_action_or_many_are_read_with_what_they_are_about() {
        let role = read(
            "{ Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Queue.Arn },
             { Effect: Allow, Action: [kms:Decrypt], Resource: [!GetAtt Key.Arn],
               Condition: { StringEquals: { kms:ViaService: sqs.here } } }",
        )
        .expect("a role");
        assert_eq!(role.trusts.as_deref(), Some("lambda.amazonaws.com"));
        assert_eq!(role.managed_policies, ["Shared"]);
        let [send, decrypt] = &role.statements[..] else { panic!("two statements") };
        assert_eq!((send.actions.as_slice(), send.via.len()), (&["sqs:SendMessage".into()][..], 0));
        assert_eq!((decrypt.resources.len(), decrypt.via.len()), (1, 1));
    }

    #[test]
    fn what_would_not_be_enforced_is_refused() {
        for statement in [
            "{ Effect: Deny, Action: sqs:SendMessage, Resource: a }",
            "{ Effect: Allow, Action: 'sqs:*', Resource: a }",
            "{ Effect: Allow, NotAction: sqs:SendMessage, Resource: a }",
            "{ Effect: Allow, Action: sqs:SendMessage, Resource: a, Condition: { Bool: { a: b } } }",
        ] {
            assert!(read(statement).is_err(), "{statement}");
        }
    }
}

//! IAM: who may do what. A function may do what its role in the template allows and nothing else,
//! so that a permission that is missing is found here and not in production.

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{self, Write as _},
    sync::{Mutex, MutexGuard, PoisonError},
};

use anyhow::{Context, ensure};

use super::request::Request;
use crate::template::{Role, Scope, Statement, Template, Trigger};

/// Something that is done, or may be done, to a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Permission {
    /// The function, or the role of a schedule.
    pub who: String,
    /// Such as `dynamodb:PutItem`.
    pub action: String,
    /// The ARN of the resource.
    pub resource: String,
    /// The service through which a key is used, such as `sqs`.
    pub via: Option<String>,
}

/// Permissions of the template's roles, and their use.
#[derive(Debug, Default)]
pub struct Permissions {
    granted: BTreeSet<Permission>,
    /// The role of each function, by which AWS names it.
    roles: BTreeMap<String, String>,
    /// The key that a queue or a table is encrypted with.
    keys: BTreeMap<String, String>,
    used: Mutex<BTreeSet<Permission>>,
    refused: Mutex<BTreeSet<Permission>>,
}

impl Permissions {
    /// Reads the permissions of every function and schedule, and refuses what AWS would refuse to
    /// deploy: a mapping, a schedule or a destination whose role does not allow its work.
    pub(crate) fn of(template: &Template, scope: &Scope) -> anyhow::Result<Self> {
        let mut permissions = Self::default();
        for function in &template.functions {
            permissions.grant(&function.name, &function.role, "lambda", template, scope)?;
            permissions.roles.insert(function.name.clone(), function.role.clone());
        }
        for role in template.schedule_roles() {
            permissions.grant(role, role, "scheduler", template, scope)?;
            permissions.roles.insert(role.to_owned(), role.to_owned());
        }
        let queues = template.queues.iter().map(|queue| (&queue.logical_id, &queue.key));
        let tables = template.tables.iter().map(|table| (&table.logical_id, &table.key));
        for (encrypted, key) in queues.chain(tables) {
            if let Some(key) = key {
                permissions.keys.insert(scope.arn(encrypted)?, scope.arn(key)?);
            }
        }
        permissions.check_triggers(template, scope)?;
        Ok(permissions)
    }

    /// Everything that is allowed.
    pub fn granted(&self) -> &BTreeSet<Permission> {
        &self.granted
    }

    /// Everything that was done so far.
    pub fn used(&self) -> BTreeSet<Permission> {
        locked(&self.used).clone()
    }

    /// Everything that was refused so far, with AWS's message.
    pub fn refused(&self) -> Vec<String> {
        locked(&self.refused).iter().map(|permission| self.refusal(permission)).collect()
    }

    /// Lets a function make a request, or returns AWS's reason for denying it.
    pub(super) fn check_request(&self, who: &str, request: &Request) -> Result<(), String> {
        let uses = request.uses();
        let needed: Vec<Permission> =
            uses.iter().flat_map(|(action, arn)| self.needed(who, action, arn)).collect();
        self.check(&needed)
    }

    /// Permissions that an action needs: its own, and the use of the key.
    fn needed(&self, who: &str, action: &str, resource: &str) -> Vec<Permission> {
        let own = Permission {
            who: who.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            via: None,
        };
        let encrypted = resource.split("/index/").next().unwrap_or_default();
        let service = action.split(':').next().unwrap_or_default();
        let uses: &[&str] = match action {
            "sqs:SendMessage" => &["kms:Decrypt", "kms:GenerateDataKey"],
            "sqs:ReceiveMessage" => &["kms:Decrypt"],
            // Of tables AWS documents only that Decrypt is required. Whether writing needs a data
            // key as well, only a deployment shows; the roles allow it.
            _ if service == "dynamodb" => &["kms:Decrypt", "kms:GenerateDataKey"],
            _ => &[],
        };
        let of_key = self.keys.get(encrypted).into_iter().flat_map(|key| {
            uses.iter().map(|action| Permission {
                who: who.to_owned(),
                action: (*action).to_owned(),
                resource: key.clone(),
                via: Some(service.to_owned()),
            })
        });
        std::iter::once(own).chain(of_key).collect()
    }

    /// Allows the actions needed, or returns AWS's reason for denying them.
    fn check(&self, needed: &[Permission]) -> Result<(), String> {
        self.verify(needed)?;
        locked(&self.used).extend(needed.iter().cloned());
        Ok(())
    }

    fn verify(&self, needed: &[Permission]) -> Result<(), String> {
        let missing = needed.iter().find(|permission| !self.granted.contains(permission));
        missing.map_or(Ok(()), |permission| Err(self.refuse(permission)))
    }

    fn refuse(&self, permission: &Permission) -> String {
        let message = self.refusal(permission);
        if locked(&self.refused).insert(permission.clone()) {
            // A terminal that is gone is no reason to panic.
            writeln!(io::stderr(), "IAM: {message}").ok();
        }
        message
    }

    fn refusal(&self, permission: &Permission) -> String {
        let Permission { who, action, resource, .. } = permission;
        let role = self.roles.get(who).map_or("nobody", String::as_str);
        format!(
            "User: arn:aws:sts::{}:assumed-role/{role}/{who} is not authorized to perform: \
             {action} on resource: {resource} because no identity-based policy allows the \
             {action} action",
            super::ACCOUNT
        )
    }

    fn grant(
        &mut self,
        who: &str,
        role: &str,
        service: &str,
        template: &Template,
        scope: &Scope,
    ) -> anyhow::Result<()> {
        let own = find(&template.roles, role).with_context(|| format!("{who} has no role"))?;
        let trusted = format!("{service}.amazonaws.com");
        ensure!(own.trusts.as_ref() == Some(&trusted), "{role} does not trust {trusted}");
        let shared = own.managed_policies.iter().map(|id| {
            find(&template.roles, id).with_context(|| format!("{role}: there is no policy {id}"))
        });
        for holder in std::iter::once(Ok(own)).chain(shared) {
            for statement in &holder?.statements {
                self.granted.extend(permissions(who, statement, scope)?);
            }
        }
        Ok(())
    }

    fn check_triggers(&self, template: &Template, scope: &Scope) -> anyhow::Result<()> {
        for function in &template.functions {
            for trigger in &function.triggers {
                let needed = match trigger {
                    Trigger::Http(_) => continue,
                    Trigger::Queue(source) => {
                        let queue = scope.arn(&source.queue)?;
                        ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
                            .iter()
                            .flat_map(|action| self.needed(&function.name, action, &queue))
                            .collect()
                    }
                    Trigger::Schedule(schedule) => vec![Permission {
                        who: schedule.role.clone(),
                        action: "lambda:InvokeFunction".into(),
                        resource: scope.arn(&function.logical_id)?,
                        via: None,
                    }],
                };
                let checked = self.check(&needed).map_err(anyhow::Error::msg);
                checked.with_context(|| format!("a trigger of {}", function.name))?;
            }
            if let Some(on_failure) = &function.on_failure {
                let queue = scope.arn(&on_failure.queue)?;
                let needed = self.needed(&function.name, "sqs:SendMessage", &queue);
                let verified = self.verify(&needed).map_err(anyhow::Error::msg);
                verified.with_context(|| format!("the failures of {}", function.name))?;
            }
        }
        Ok(())
    }
}

fn find<'a>(roles: &'a [Role], id: &str) -> Option<&'a Role> {
    roles.iter().find(|role| role.logical_id == id)
}

fn permissions(who: &str, statement: &Statement, scope: &Scope) -> anyhow::Result<Vec<Permission>> {
    let mut services = Vec::new();
    for service in &statement.via {
        let service = scope.text(service)?;
        services.push(service.split('.').next().map(str::to_owned));
    }
    if services.is_empty() {
        services.push(None);
    }
    let mut permissions = Vec::new();
    for resource in &statement.resources {
        let resource = scope.text(resource)?;
        for action in &statement.actions {
            permissions.extend(services.iter().map(|via| Permission {
                who: who.to_owned(),
                action: action.clone(),
                resource: resource.clone(),
                via: via.clone(),
            }));
        }
    }
    Ok(permissions)
}

fn locked(set: &Mutex<BTreeSet<Permission>>) -> MutexGuard<'_, BTreeSet<Permission>> {
    set.lock().unwrap_or_else(PoisonError::into_inner)
}

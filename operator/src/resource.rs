//! `outbound resource`: what a resource of the template is called in a deployment.

use std::collections::BTreeMap;

use clap::Args;

use crate::{
    output::{self, Format, Outcome, Verdict},
    stack::Target,
};

/// Prints the name, or the URL, of a resource of the template; without one, of all
#[derive(Args)]
pub(crate) struct Question {
    /// Name in the template, such as `CriticalQueue`
    logical_id: Option<String>,

    #[command(flatten)]
    target: Target,
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let stack = question.target.find().await?;
    if let Some(id) = &question.logical_id {
        let text = |id: &&str| format!("{id}\n");
        return Outcome::report(format, &stack.physical_id(id)?, text, Verdict::Good);
    }
    let all: BTreeMap<&str, &str> = stack.resources().collect();
    let text = |all: &BTreeMap<&str, &str>| {
        let mut rows = output::table(&["IN THE TEMPLATE", "HERE"]);
        for (logical_id, physical_id) in all {
            rows.add_row([*logical_id, *physical_id]);
        }
        output::show(&rows)
    };
    Outcome::report(format, &all, text, Verdict::Good)
}

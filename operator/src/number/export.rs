//! `outbound export`: all that is stored, for a regulator.

use anyhow::Context;
use clap::Args;
use outbound::E164;
use serde::Serialize;

use super::Stored;
use crate::{
    output::{Outcome, Verdict},
    stack::{Stack, Target, number},
};

/// Writes all that is stored about a number, for a regulator: a JSON document a line
#[derive(Args)]
pub(crate) struct Exporting {
    /// Number, such as +12025550110; without a calling code one of the US
    #[arg(value_parser = number, required_unless_present = "campaign")]
    number: Option<E164>,

    /// The decisions on all starts of this campaign instead
    #[arg(long, value_name = "ID", conflicts_with = "number")]
    campaign: Option<String>,

    #[command(flatten)]
    target: Target,
}

/// One document of an export.
#[derive(Serialize)]
struct Document<'a, T> {
    kind: &'static str,
    #[serde(flatten)]
    content: &'a T,
}

pub(crate) async fn export(exporting: &Exporting) -> anyhow::Result<Outcome> {
    let stack = exporting.target.find().await?;
    let mut lines = Vec::new();
    if let Some(number) = &exporting.number {
        lines = of_number(&stack, number).await?;
    }
    if let Some(campaign) = &exporting.campaign {
        let starts = stack.decisions().await?.starts(campaign).await;
        for start in starts.context("the decisions cannot be read")? {
            lines.push(document("campaignStart", &start)?);
        }
    }
    let text = lines.into_iter().map(|line| line + "\n").collect();
    Ok(Outcome { text, code: Verdict::Good.into() })
}

async fn of_number(stack: &Stack, number: &E164) -> anyhow::Result<Vec<String>> {
    let stored = Stored::read(stack, number).await?;
    let mut lines = Vec::new();
    if let Some(entry) = &stored.known.entry {
        lines.push(document("optOut", entry)?);
    }
    for record in &stored.history {
        lines.push(document("optOutRecord", record)?);
    }
    lines.push(document("calledParty", &stored.known.party)?);
    for decision in &stored.decisions {
        lines.push(document("decision", decision)?);
    }
    for start in &stored.starts {
        lines.push(document("campaignStart", start)?);
    }
    for letter in &stored.letters {
        lines.push(document("deadLetter", letter)?);
    }
    Ok(lines)
}

fn document(kind: &'static str, content: &impl Serialize) -> anyhow::Result<String> {
    serde_json::to_string(&Document { kind, content }).context("a document is no JSON")
}

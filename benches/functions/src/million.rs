//! A campaign with very many contacts: the scheduler beside a program that only reads the same pages.

use std::{
    env,
    process::{Command, Output, Stdio},
    time::Instant,
};

use anyhow::{Context, ensure};
use axum::body::Bytes;
use clap::Args;
use sandbox::{Surroundings, cxone::ContactList, events};
use serde_json::{Value, json};

use crate::{
    artifacts::Subject,
    process::{self, Process},
    report::{self, Row},
    statistics::milliseconds,
};

/// Contacts on a page, as the scheduler asks for them.
const PAGE_SIZE: usize = 1_000;
const CAMPAIGN: &str = "campaign-renewals";
const SAMPLE: &str = "campaign-scheduler/contacts-in-cxone.json";
const ZONES: [&str; 8] = [
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Tokyo",
    "Australia/Sydney",
    "Europe/Berlin",
];

/// What a child of the bench reads.
#[derive(Args, Clone)]
pub(crate) struct Pages {
    /// Reads pages of contacts at this address and does nothing with them.
    #[arg(long, hide = true, requires = "token")]
    pub(crate) read_pages: Option<String>,
    #[arg(long, hide = true)]
    token: Option<String>,
}

impl Pages {
    /// Reads page after page and prints its own CPU time and peak memory.
    pub(crate) async fn read(&self, url: &str) -> anyhow::Result<()> {
        let http = reqwest::Client::new();
        let token = self.token.as_deref().unwrap_or_default();
        for page in 1.. {
            let url = format!("{url}&page={page}");
            let answer = http.get(url).bearer_auth(token).send().await?.error_for_status()?;
            let page_of: Value = serde_json::from_slice(&answer.bytes().await?)?;
            if page_of["totalPages"].as_u64().is_none_or(|pages| pages <= page) {
                break;
            }
        }
        let (cpu, memory) = (process::cpu_time("self")?, process::peak_memory_mb("self")?);
        println!("{} {memory}", milliseconds(cpu));
        Ok(())
    }
}

/// Measures one planning of so many contacts, and the reading of their pages alone.
pub(crate) async fn plan(subject: &Subject, contacts: usize) -> anyhow::Result<Vec<Row<'_>>> {
    let surroundings = Surroundings::start().await?;
    surroundings.cxone.set_contact_list(CAMPAIGN, ContactList::generated(contacts, contact));
    let mut reading = Row::named("reading the pages alone", subject);
    read_alone(&surroundings, &mut reading).await?;
    reading.add_calls(report::drain_calls(&surroundings));

    let mut planning = Row::of(subject);
    let mut process = Process::start(subject, &surroundings).await?;
    let event = Bytes::from(events::moved_to_now(SAMPLE)?);
    let (started, cpu_before) = (Instant::now(), process.cpu_time()?);
    let answer = process.invoke(event).await?;
    planning.wall_ms.push(milliseconds(started.elapsed()));
    planning.cpu_ms.push(milliseconds(process.cpu_time()?.saturating_sub(cpu_before)));
    planning.peak_memory_mb.push(process.peak_memory_mb()?);
    planning.add_calls(report::drain_calls(&surroundings));
    let answer: Value = serde_json::from_slice(&answer)?;
    ensure!(
        answer["campaigns"][0]["runs"].as_array().is_some_and(|runs| !runs.is_empty()),
        "{answer}"
    );
    process.end().await?;
    Ok(vec![planning, reading])
}

fn contact(index: usize) -> (String, Option<String>) {
    (format!("contact-{index}"), Some(ZONES[index % ZONES.len()].to_owned()))
}

async fn read_alone(surroundings: &Surroundings, row: &mut Row<'_>) -> anyhow::Result<()> {
    let base = surroundings.cxone.url();
    let form = json!({
        "grant_type": "client_credentials",
        "client_id": sandbox::cxone::CLIENT_ID,
        "client_secret": sandbox::cxone::CLIENT_SECRET,
    });
    let token =
        reqwest::Client::new().post(format!("{base}/oauth/token")).form(&form).send().await?;
    let token: Value = serde_json::from_slice(&token.bytes().await?)?;
    let token = token["access_token"].as_str().context("no token")?.to_owned();
    let url = format!("{base}/api/v2/outbound/contacts?campaignId={CAMPAIGN}&pageSize={PAGE_SIZE}");
    let started = Instant::now();
    let output = tokio::task::spawn_blocking(move || child(&url, &token)).await??;
    row.wall_ms.push(milliseconds(started.elapsed()));
    ensure!(output.status.success(), "the pages cannot be read");
    let figures = String::from_utf8(output.stdout)?;
    let (cpu_ms, memory_mb) = figures.trim().split_once(' ').context("no figures")?;
    row.cpu_ms.push(cpu_ms.parse()?);
    row.peak_memory_mb.push(memory_mb.parse()?);
    Ok(())
}

fn child(url: &str, token: &str) -> std::io::Result<Output> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["--read-pages", url, "--token", token]).stderr(Stdio::inherit()).output()
}

//! The `bench-functions` binary: measures the functions beside the same ones for Node, in turns, so
//! that whatever else the machine does strikes both.

mod artifacts;
mod cold;
mod events;
mod million;
mod process;
mod report;
mod statistics;
mod warm;

use std::{env, fs, process::Command, thread};

use clap::{Parser, builder::PossibleValuesParser};

use artifacts::FUNCTIONS;
use million::Pages;
use report::Results;
use warm::Load;

/// Measures the functions, a Node peer of two of them, and a function that does nothing.
#[derive(Parser)]
#[command(name = "cargo bench-functions", bin_name = "cargo bench-functions")]
struct Options {
    /// Functions to measure; all if none is named.
    #[arg(value_name = "FUNCTION", value_parser = names())]
    functions: Vec<String>,
    /// Cold starts of each.
    #[arg(long, default_value_t = 21)]
    starts: usize,
    /// Opt-outs that a warm webhook gets, one an invocation.
    #[arg(long, default_value_t = 300)]
    opt_outs: usize,
    /// Batches of 50 numbers that a warm batcher gets.
    #[arg(long, default_value_t = 40)]
    batches: usize,
    /// Contacts of the campaign that the scheduler plans.
    #[arg(long, default_value_t = 1_000_000)]
    contacts: usize,
    /// Writes the tables into PERFORMANCE.md as well.
    #[arg(long)]
    record: bool,
    #[command(flatten)]
    pages: Pages,
}

fn names() -> PossibleValuesParser {
    FUNCTIONS.map(|function| function.name).into()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    if let Some(url) = &options.pages.read_pages {
        return options.pages.read(url).await;
    }
    let subjects = artifacts::build(&options.functions)?;
    let mut results = Results::default();
    results.add(&machine()?, &report::sizes(&subjects)?);
    let starts = cold::starts(&subjects, options.starts).await?;
    results
        .add(&format!("{} cold starts of each:", options.starts), &report::measurements(&starts));
    let opt_outs = Load { function: "optout-webhook", event: events::opt_out, warm_up: 30 };
    let batches = Load { function: "dnc-batcher", event: events::batch, warm_up: 5 };
    for (load, count) in [(opt_outs, options.opt_outs), (batches, options.batches)] {
        if !subjects.iter().any(|subject| subject.name == load.function) {
            continue;
        }
        let rows = warm::invocations(&subjects, &load, count).await?;
        let title = format!("{count} warm invocations of each:");
        results.add(&title, &report::measurements(&rows));
    }
    if let Some(subject) = subjects.iter().find(|subject| subject.name == "campaign-scheduler") {
        let rows = million::plan(subject, options.contacts).await?;
        let title = format!("A campaign with {} contacts planned:", options.contacts);
        results.add(&title, &report::measurements(&rows));
    }
    if options.record { results.record() } else { Ok(()) }
}

/// Machine, processors and their load, and the version of Node.
fn machine() -> anyhow::Result<String> {
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    let processors = thread::available_parallelism()?;
    let node = Command::new("node").arg("--version").output();
    let node = node.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let node = node.unwrap_or_else(|_| "none".to_owned());
    Ok(format!("{}, {processors} processors, load {load}, Node {node}:", env::consts::ARCH))
}

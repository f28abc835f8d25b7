//! The `bench-functions` binary: measures the functions beside the same ones for Node, in turns, so
//! that whatever else the machine does strikes both.

mod artifacts;
mod cold;
mod events;
mod process;
mod report;
mod statistics;
mod warm;

use std::{fs, thread};

use clap::{Parser, builder::PossibleValuesParser};

use artifacts::FUNCTIONS;
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
}

fn names() -> PossibleValuesParser {
    FUNCTIONS.map(|function| function.name).into()
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let subjects = artifacts::build(&options.functions)?;
    println!("{}\n\n{}\n", machine()?, report::sizes(&subjects)?);
    let starts = cold::starts(&subjects, options.starts).await?;
    println!("{} cold starts of each:\n\n{}\n", options.starts, report::measurements(&starts));
    let opt_outs = Load { function: "optout-webhook", event: events::opt_out, warm_up: 30 };
    let batches = Load { function: "dnc-batcher", event: events::batch, warm_up: 5 };
    for (load, count) in [(opt_outs, options.opt_outs), (batches, options.batches)] {
        if !subjects.iter().any(|subject| subject.name == load.function) {
            continue;
        }
        let rows = warm::invocations(&subjects, &load, count).await?;
        println!("{count} warm invocations of each:\n\n{}\n", report::measurements(&rows));
    }
    Ok(())
}

/// Processors, and their load.
fn machine() -> anyhow::Result<String> {
    let load = fs::read_to_string("/proc/loadavg")?;
    let load = load.split(' ').next().unwrap_or_default();
    Ok(format!("{} processors, load {load}", thread::available_parallelism()?))
}

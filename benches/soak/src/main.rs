//! The `bench-soak` binary: load, and a day of events in minutes, over the sandbox with the
//! functions' real binaries.

mod bounds;
mod consumers;
mod day;
mod items;
mod judge;
mod load;
mod numbers;
mod processes;
mod report;
mod sender;
mod soak;
mod statistics;

use std::{env::consts::ARCH, process::ExitCode, thread};

use clap::{Parser, ValueEnum};
use sandbox::{Echo, Options, Profile};

use report::Report;
use sysinfo::System;

const EXIT: &str = "Exit status: 0 all bounds hold, 1 one is broken or the bench cannot be run.";

/// Puts load on the sandbox, and has it live through a day of events in minutes.
#[derive(Parser)]
#[command(name = "cargo bench-soak", bin_name = "cargo bench-soak")]
#[command(max_term_width = 80, after_help = EXIT)]
struct Arguments {
    /// The part to run; both if none is named.
    #[arg(value_enum)]
    part: Option<Part>,
    /// Opt-outs of the load, each of a number of its own.
    #[arg(long, default_value_t = 1_000)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=numbers::BRITISH_COUNT as i64))]
    opt_outs: u16,
    /// Opt-outs under way at once.
    #[arg(long, default_value_t = 32)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    at_once: u16,
    /// Speed of the clock of schedules and of CXone in the soak: at 240 a day takes six minutes.
    #[arg(long, default_value_t = 240.0)]
    speed: f64,
    /// Cargo profile of the functions.
    #[arg(long, value_enum, default_value_t = Profile::Dev)]
    profile: Profile,
}

/// A part of the bench.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Opt-outs as fast as they are answered, until CXone lists all of them.
    Load,
    /// A day of events of all kinds: nothing is lost, and nothing grows.
    Soak,
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let Arguments { part, opt_outs, at_once, speed, profile } = Arguments::parse();
    let echo = Echo { notices: true, ..Echo::default() };
    let options = Options { profile, echo, ..Options::default() };
    let mut report = Report::default();
    println!("{}, profile {profile:?}\n", machine());
    if part != Some(Part::Soak) {
        load::run(options.clone(), opt_outs.into(), at_once.into(), &mut report).await?;
    }
    if part != Some(Part::Load) {
        soak::run(options, speed, &mut report).await?;
    }
    let broken = report.broken();
    if broken.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("broken: {}", broken.join(", "));
    Ok(ExitCode::FAILURE)
}

/// Its processors, and how many programs wanted one in the last minute.
fn machine() -> String {
    let processors = thread::available_parallelism().map_or(1, usize::from);
    let load = System::load_average().map_or(f64::NAN, |load| load.one);
    format!("{ARCH}, {processors} processors, load {load:.1}")
}

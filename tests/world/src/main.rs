//! Runs worlds by their seeds, and tells the story of each that breaks a promise.

use std::{
    ops::RangeInclusive,
    process::ExitCode,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Instant,
};

use clap::{Parser, value_parser};
use world::{Planted, Run, run};

/// Runs worlds by their seeds.
#[derive(Parser)]
struct Arguments {
    /// First seed.
    #[arg(default_value_t = 1)]
    from: u64,
    /// Number of seeds.
    #[arg(default_value_t = 1, value_parser = value_parser!(u64).range(1..))]
    count: u64,
    /// A bug to plant. The command ends when it is found.
    #[arg(long)]
    planted: Option<Planted>,
    /// Tells the story with every call.
    #[arg(long)]
    in_full: bool,
    /// Number of threads.
    #[arg(long, default_value_t = 2, value_parser = value_parser!(u64).range(1..))]
    threads: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let seeds = arguments.from..=arguments.from + arguments.count.saturating_sub(1);
    let started = Instant::now();
    let failed = failed(&arguments, seeds);
    for run in failed.iter().take(3) {
        report(run, arguments.in_full);
    }
    let seeds: Vec<u64> = failed.iter().map(|run| run.seed).collect();
    let seconds = started.elapsed().as_secs_f64();
    match (arguments.planted, seeds.first()) {
        (Some(bug), Some(seed)) => println!("{bug:?} found by seed {seed} after {seconds:.1} s"),
        _ => println!("{} worlds in {seconds:.1} s, broken by {seeds:?}", arguments.count),
    }
    if failed.is_empty() == arguments.planted.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs that broke a promise, by their seeds.
fn failed(arguments: &Arguments, seeds: RangeInclusive<u64>) -> Vec<Run> {
    let (next, failed) = (AtomicU64::new(*seeds.start()), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..arguments.threads {
            scope.spawn(|| {
                loop {
                    let seed = next.load(Ordering::Relaxed);
                    if seed > *seeds.end() {
                        return;
                    }
                    let following = seed.saturating_add(1);
                    if next
                        .compare_exchange(seed, following, Ordering::Relaxed, Ordering::Relaxed)
                        .is_err()
                    {
                        continue;
                    }
                    let run = run(seed, arguments.planted);
                    let is_one = seeds.start() == seeds.end();
                    if is_one && run.broken.is_empty() {
                        report(&run, arguments.in_full);
                    }
                    if !run.broken.is_empty() {
                        if arguments.planted.is_some() {
                            next.store(u64::MAX, Ordering::Relaxed);
                        }
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push(run);
                    }
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|run| run.seed);
    failed
}

fn report(run: &Run, in_full: bool) {
    if in_full {
        print!("{}", run.story.in_full());
    } else {
        print!("{}", run.story);
    }
    println!("seed {}, story {:016x}", run.seed, run.story.fingerprint());
    for broken in &run.broken {
        println!("  BROKEN: {broken}");
    }
}

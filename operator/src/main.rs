//! The operator's command: `outbound law` explains whether a call may be made.

mod law;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Parser, Subcommand};

/// The operator's command of cxone-outbound
#[derive(Parser)]
#[command(name = "outbound", version, max_term_width = 80, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Law(law::Question),
}

/// Output and exit code of a command.
struct Outcome {
    text: String,
    code: ExitCode,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Law(question) => law::answer(&question),
    };
    match outcome {
        Ok(Outcome { text, code }) => print(&text, code),
        Err(problem) => {
            // Nothing is left to say if even this cannot be written.
            let _ = writeln!(io::stderr(), "{}", textwrap::fill(&format!("error: {problem}"), 80));
            ExitCode::from(2)
        }
    }
}

/// A reader that stops reading, as `head` does, is no error.
fn print(text: &str, code: ExitCode) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Err(problem) if problem.kind() != io::ErrorKind::BrokenPipe => {
            let _ = writeln!(io::stderr(), "error: the answer cannot be written: {problem}");
            ExitCode::from(2)
        }
        _ => code,
    }
}

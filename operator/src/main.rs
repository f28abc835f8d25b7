//! The operator's command: what runs, what is stuck, what is known of a number, and what to do next.

mod capacity_plan;
mod console;
mod dead_letters;
mod doctor;
mod law;
mod logs;
mod number;
mod output;
mod plan;
mod queues;
mod register;
mod replay;
mod resource;
mod runs;
mod secrets;
mod stack;
mod status;
mod tenant;
mod whoami;

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{CommandFactory as _, Parser, Subcommand};
use clap_complete::Shell;

use output::{Format, Outcome};

/// The operator's command of cxone-outbound
#[derive(Parser)]
#[command(name = "outbound", version, max_term_width = 80, arg_required_else_help = true)]
struct Arguments {
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Status(status::Question),
    #[command(subcommand)]
    DeadLetters(dead_letters::Command),
    Number(number::Question),
    Export(number::Exporting),
    Erase(number::Erasing),
    Unlist(number::Unlisting),
    Runs(runs::Question),
    Console(console::Question),
    Logs(logs::Question),
    #[command(subcommand)]
    Replay(replay::Command),
    Plan(plan::Question),
    Law(law::Question),
    Resource(resource::Question),
    Doctor(Box<doctor::Question>),
    CapacityPlan(capacity_plan::Question),
    Whoami(whoami::Question),
    Register(register::Webhooks),
    #[command(subcommand)]
    Secrets(secrets::Command),
    /// Prints a script that completes commands and options in a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

fn main() -> ExitCode {
    let Arguments { json, command } = Arguments::parse();
    let format = if json { Format::Json } else { Format::Text };
    match run(&command, format) {
        Ok(Outcome { text, code }) => print(&output::escaped(&text), code),
        Err(problem) => {
            let mut text = String::new();
            output::line(&mut text, "", &format!("error: {problem:#}"));
            // Nothing is left to say if even this cannot be written.
            let _ = io::stderr().write_all(output::escaped(&text).as_bytes());
            ExitCode::from(2)
        }
    }
}

fn run(command: &Command, format: Format) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.context("the runtime does not start")?.block_on(answer(command, format))
}

/// The futures of AWS's client are large: each is on the heap.
async fn answer(command: &Command, format: Format) -> anyhow::Result<Outcome> {
    match command {
        Command::Status(question) => Box::pin(status::answer(question, format)).await,
        Command::DeadLetters(command) => Box::pin(dead_letters::run(command, format)).await,
        Command::Number(question) => Box::pin(number::answer(question, format)).await,
        Command::Export(exporting) => Box::pin(number::export(exporting)).await,
        Command::Erase(erasing) => Box::pin(number::erase(erasing, format)).await,
        Command::Unlist(unlisting) => Box::pin(number::unlist(unlisting, format)).await,
        Command::Console(question) => Box::pin(console::serve(question)).await,
        Command::Runs(question) => Box::pin(runs::answer(question, format)).await,
        Command::Logs(question) => Box::pin(logs::answer(question, format)).await,
        Command::Replay(command) => Box::pin(replay::run(command, format)).await,
        Command::Plan(question) => plan::answer(question, format),
        Command::Law(question) => law::answer(question, format),
        Command::Resource(question) => Box::pin(resource::answer(question, format)).await,
        Command::Doctor(question) => Box::pin(doctor::answer(question, format)).await,
        Command::CapacityPlan(question) => Box::pin(capacity_plan::answer(question, format)).await,
        Command::Whoami(question) => Box::pin(whoami::answer(question, format)).await,
        Command::Register(webhooks) => Box::pin(register::register(webhooks, format)).await,
        Command::Secrets(command) => Box::pin(secrets::run(command, format)).await,
        Command::Completions { shell } => completions(*shell),
    }
}

fn completions(shell: Shell) -> anyhow::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "outbound", &mut script);
    let text = String::from_utf8(script).context("the script is no text")?;
    Ok(Outcome { text, code: ExitCode::SUCCESS })
}

/// A reader that stops reading, as `head` does, is no error.
fn print(text: &str, code: ExitCode) -> ExitCode {
    match io::stdout().write_all(text.as_bytes()) {
        Err(problem) if problem.kind() != io::ErrorKind::BrokenPipe => {
            // Nothing is left to say if even this cannot be written.
            let _ = writeln!(io::stderr(), "error: the answer cannot be written: {problem}");
            ExitCode::from(2)
        }
        _ => code,
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    /// Lines of the documents that call the command, without comments and redirections.
    fn documented() -> Vec<String> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let files = |folder: &Path| {
            let files = fs::read_dir(folder).expect("a folder").map(|file| file.expect("a file"));
            files.map(|file| file.path()).collect::<Vec<_>>()
        };
        let functions = files(&root.join("functions")).into_iter().map(|it| it.join("README.md"));
        let pages = [files(&root), files(&root.join("docs"))].concat().into_iter().chain(functions);
        let mut lines = Vec::new();
        for page in pages.filter(|page| page.extension().is_some_and(|it| it == "md")) {
            let text = fs::read_to_string(&page).expect("a text");
            let commands =
                text.lines().map(str::trim).filter(|it| it.starts_with("cargo outbound "));
            let without = |line: &str| line.split(['#', '>']).next().unwrap_or_default().to_owned();
            lines.extend(commands.map(without));
        }
        lines
    }

    #[test]
    fn every_command_of_the_documents_can_be_read() {
        let lines = documented();
        assert!(lines.len() > 20, "{lines:?}");
        for line in lines {
            let words = line.split_whitespace().skip(1).map(|word| word.trim_matches(['"', '\'']));
            if let Err(problem) = Arguments::try_parse_from(words) {
                panic!("{line}: {problem}");
            }
        }
    }
}

//! `outbound console`: a page that shows a deployment as it runs, for a browser on this machine.
//!
//! The page is HTML, CSS and JavaScript in `console/page/`, embedded as it is. A [`Reader`]
//! reads the deployment as long as a page is open, and the page receives the sections that changed.

mod board;
mod changes;
mod events;
mod functions;
mod guard;
mod letters;
mod masking;
mod page;
mod reader;
mod server;
mod simulator;
#[cfg(test)]
mod tests;
mod zones;

use std::{
    io::{self, Write as _},
    sync::Arc,
    thread,
};

use anyhow::Context;
use clap::Args;
use tokio::{net::TcpListener, sync::oneshot};

use self::{
    board::Board, guard::Guard, masking::Numbers, reader::Reader, server::Console,
    simulator::Simulator,
};
use crate::{
    output::{Outcome, Verdict},
    stack::{Stack, Target},
};

const NOTES: &str = "\
The page is served to this machine alone, until the command is interrupted. For a stack its address \
holds a key, without which it is refused, and the page can change nothing unless --write is given.

Exit status:
  2  the command cannot be run";

/// Serves a page that shows a deployment as it runs
#[derive(Args)]
#[command(after_help = NOTES)]
pub(crate) struct Question {
    /// Let the page redrive and delete dead letters. That of a sandbox always can
    #[arg(long)]
    write: bool,

    /// Show phone numbers in full. The page of a sandbox always does
    #[arg(long)]
    show_numbers: bool,

    /// Port of the page; 0 takes a free one
    #[arg(long, default_value_t = 0)]
    port: u16,

    /// End with the standard input: whoever starts this as a part of itself may die
    #[arg(long, hide = true)]
    until_input_ends: bool,

    #[command(flatten)]
    target: Target,
}

/// What the page may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    ReadOnly,
    Write,
}

/// What a page shows and may do.
struct Rules {
    access: Access,
    numbers: Numbers,
    /// True if the address holds a key.
    needs_key: bool,
}

impl Rules {
    /// Nothing in a sandbox needs protection.
    fn of(question: &Question, is_sandbox: bool) -> Self {
        let (can_write, shown) =
            (question.write || is_sandbox, question.show_numbers || is_sandbox);
        Self {
            access: if can_write { Access::Write } else { Access::ReadOnly },
            numbers: if shown { Numbers::Shown } else { Numbers::Masked },
            needs_key: !is_sandbox,
        }
    }
}

/// A page that is ready to be served.
struct Ready {
    address: String,
    listener: TcpListener,
    console: Console,
    reader: Reader,
}

impl Ready {
    async fn of(stack: Stack, rules: Rules, port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port)).await;
        let listener = listener.with_context(|| format!("--port {port} cannot be used"))?;
        let guard = Guard::new(listener.local_addr()?, rules.needs_key);
        let address = guard.address();
        let simulator = Simulator::of(&stack).await?;
        let (board, jobs) = Board::new();
        let board = Arc::new(board);
        let console = Console {
            stack: stack.name.clone(),
            simulator: simulator.clone(),
            access: rules.access,
            guard,
            board: Arc::clone(&board),
        };
        let (lines, letters, zones) = Default::default();
        let numbers = rules.numbers;
        let reader = Reader { stack, simulator, numbers, board, jobs, lines, letters, zones };
        Ok(Self { address, listener, console, reader })
    }

    async fn serve(self) -> anyhow::Result<()> {
        let router = server::router(Arc::new(self.console));
        tokio::select! {
            served = axum::serve(self.listener, router) => Ok(served?),
            () = self.reader.run() => Ok(()),
        }
    }
}

/// Serves the page until the process is interrupted.
pub(crate) async fn serve(question: &Question) -> anyhow::Result<Outcome> {
    let stack = question.target.find().await?.observed();
    let rules = Rules::of(question, stack.is_sandbox);
    let ready = Ready::of(stack, rules, question.port).await?;
    writeln!(io::stdout(), "console  {}", ready.address).context("the address is not written")?;
    tokio::select! {
        served = ready.serve() => served?,
        () = input_ended(), if question.until_input_ends => {
            return Ok(Outcome { text: String::new(), code: Verdict::Good.into() });
        }
    }
    anyhow::bail!("the page is served no more")
}

/// Ends with the standard input. A thread waits for that: one of the runtime's would keep the
/// process from ending otherwise.
async fn input_ended() {
    let (ended, end) = oneshot::channel();
    thread::spawn(move || {
        // An input that cannot be read has ended; and with the console, whoever waits for it.
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        ended.send(()).ok();
    });
    end.await.ok();
}

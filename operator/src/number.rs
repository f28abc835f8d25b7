//! What is known of a number: `outbound number`, `outbound export` and `outbound erase`; and
//! `outbound unlist`.

mod erase;
mod export;
mod timeline;
mod unlist;
mod windows;

use std::collections::BTreeMap;

use anyhow::Context;
use clap::Args;
use outbound::{
    E164,
    called_party::{Channel, Permission},
    law::{Kind, Kinds},
};
use platform::{
    called_parties::{Decided, DecidedStart, Known},
    ledger::{Record, State},
};
use serde::Serialize;

use crate::{
    dead_letters::{Letter, Received, Selection},
    output::{self, Format, Outcome, Verdict, instant, line},
    stack::{Stack, Target, number},
};
pub(crate) use erase::{Erasing, erase};
pub(crate) use export::{Exporting, export};
pub(crate) use unlist::{Unlisting, unlist};

const EXIT: &str = "\
Exit status:
  0  all calls are permitted
  1  the number opted out of some or all
  2  the command cannot be run";

/// Explains what is known of a number: opt-outs, consents, calls, decisions, dead letters
#[derive(Args)]
#[command(after_help = EXIT)]
pub(crate) struct Question {
    /// Number, such as +12025550110; without a calling code one of the US
    #[arg(value_parser = number)]
    number: E164,

    #[command(flatten)]
    target: Target,
}

/// Everything that is stored about a number.
struct Stored {
    known: Known,
    history: Vec<Record>,
    decisions: Vec<Decided>,
    /// Starts of campaigns that CXone may have called it for.
    starts: Vec<DecidedStart>,
    letters: Vec<Letter>,
}

impl Stored {
    async fn read(stack: &Stack, number: &E164) -> anyhow::Result<Self> {
        let (ledger, parties) = (stack.ledger()?, stack.called_parties()?);
        let kept = stack.decisions().await?;
        let region = async {
            let description = stack.description().await?;
            anyhow::Ok(description.parameter("DefaultRegion")?.parse()?)
        };
        let (known, history, decisions, region) = futures::try_join!(
            async { parties.read(number).await.context("the called party cannot be read") },
            async { ledger.history(number).await.context("the ledger cannot be read") },
            async { kept.export(number).await.context("the decisions cannot be read") },
            region,
        )?;
        let starts = windows::of(&kept, &known.party);
        let starts = starts.await.context("the decisions on campaigns cannot be read")?;
        // Last: what is received is hidden until it is released.
        let received = Received::all(stack, &Selection::default()).await?;
        let letters = received.release().await?;
        let about = |letter: &Letter| letter.is_about(number, region);
        let letters = letters.into_iter().filter(about).collect();
        Ok(Self { known, history, decisions, starts, letters })
    }

    /// Whether a contact of each kind is permitted now.
    fn permissions(&self, channel: Channel) -> BTreeMap<Kind, Permission> {
        let (opt_out, now) = (self.known.opt_out(), ambient::now());
        let of = |kind: Kind| {
            let topic = kind.to_string();
            (kind, self.known.party.permission(opt_out.as_ref(), channel, &topic, now))
        };
        Kind::ALL.into_iter().map(of).collect()
    }
}

/// What is known of a number.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Report {
    phone_number: E164,
    calls: BTreeMap<Kind, Permission>,
    texts: BTreeMap<Kind, Permission>,
    state: Option<State>,
    events: Vec<timeline::Event>,
    /// What holds now: of calls, of texts, of the DNC list.
    #[serde(skip)]
    words: [String; 3],
}

impl Report {
    /// Reads all that is stored about a number.
    pub(crate) async fn read(stack: &Stack, number: &E164) -> anyhow::Result<Self> {
        let stored = Stored::read(stack, number).await?;
        let (calls, texts) =
            (stored.permissions(Channel::Voice), stored.permissions(Channel::Text));
        Ok(Self {
            phone_number: number.clone(),
            words: [words("calls", &calls), words("texts", &texts), timeline::now(&stored)],
            calls,
            texts,
            state: stored.known.entry.as_ref().map(|it| it.state),
            events: timeline::of(&stored),
        })
    }

    /// What holds now, in sentences: of calls, of texts, of the DNC list.
    pub(crate) fn words(&self) -> &[String; 3] {
        &self.words
    }
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    let report = Report::read(&question.target.find().await?, &question.number).await?;
    let verdict = Verdict::bad_if(!report.calls.values().all(Permission::is_granted));
    let text = |Report { words: [calls, texts, list], events, .. }: &Report| {
        let mut text = String::new();
        line(&mut text, "", &format!("{}: {calls}", question.number));
        line(&mut text, "", texts);
        line(&mut text, "", list);
        text.push('\n');
        if events.is_empty() {
            text.push_str("Nothing is stored about this number.\n");
        } else {
            let mut rows = output::table(&["TIME", "WHAT"]);
            for event in events {
                rows.add_row([instant(event.at), event.what.clone()]);
            }
            text.push_str(&output::show(&rows));
        }
        text
    };
    Outcome::report(format, &report, text, verdict)
}

/// Such as `calls about sales are forbidden: the number opted out on …`.
fn words(contacts: &str, permissions: &BTreeMap<Kind, Permission>) -> String {
    let forbidden = permissions.iter().filter(|(_, permission)| !permission.is_granted());
    let kinds: Vec<Kind> = forbidden.clone().map(|(kind, _)| *kind).collect();
    let about = match kinds.len() {
        0 => return format!("{contacts} may be made: no opt-out is in force"),
        some if some < permissions.len() => format!(" about {}", Kinds::from_iter(kinds)),
        _ => String::new(),
    };
    let newest = forbidden.map(|(_, permission)| permission.to_string()).max().unwrap_or_default();
    format!("{contacts}{about} are forbidden: {newest}")
}

//! `outbound erase`: decisions without the number.

use std::{fs, path::PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use outbound::E164;
use serde_json::json;

use crate::{
    output::{Format, Outcome, Verdict, is_confirmed},
    stack::{Target, number},
};

/// Fewest bytes of a key: a shorter one can be guessed, and with it all numbers.
const KEY_BYTES_MIN: usize = 16;

const WHAT_STAYS: &str = "\
Exit status:
  0  done
  2  the command cannot be run

What stays: the decisions, each with keyed hashes in place of number, contact and event; who has the \
key and the number finds them again. The ledger of opt-outs keeps the number and the customer's own \
words: it is what keeps the number from being called. Consents and calls, dead letters, messages in \
queues and backups keep it as well. Keep the key, and use the same one for all numbers:
  openssl rand -base64 32 > erasure.key";

/// Replaces a number, and what leads to it, by keyed hashes in all decisions on it
#[derive(Args)]
#[command(after_help = WHAT_STAYS)]
pub(crate) struct Erasing {
    /// Number, such as +12025550110; without a calling code one of the US
    #[arg(value_parser = number)]
    number: E164,

    /// File with the key of the hash, of 16 bytes at least
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,

    /// Erase without asking
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    target: Target,
}

pub(crate) async fn erase(erasing: &Erasing, format: Format) -> anyhow::Result<Outcome> {
    let Erasing { number, key_file, yes, target } = erasing;
    let name = key_file.display();
    let key = fs::read(key_file).with_context(|| format!("--key-file {name} cannot be read"))?;
    let key = key.trim_ascii();
    if key.len() < KEY_BYTES_MIN {
        bail!("--key-file {name}: the key must have at least {KEY_BYTES_MIN} bytes");
    }
    let decisions = target.find().await?.decisions().await?;
    let count = decisions.export(number).await?.len();
    let question = format!("Erase {number} from {count} decisions? This cannot be undone.");
    if !yes && !is_confirmed(&question)? {
        bail!("nothing was erased; {count} decisions hold the number. --yes erases it");
    }
    let erased = decisions.erase(number, key).await?;
    let text = format!("Erased from {erased} decisions, which carry a keyed hash now.\n");
    Outcome::report(format, &json!({ "erased": erased }), |_| text, Verdict::Good)
}

//! `outbound doctor`: what is wrong with a deployment and its tenant, and how to mend it.

mod access;
mod acd;
mod alarms;
mod answers;
mod callbacks;
mod campaigns;
mod counts;
mod discovery;
mod dispositions;
mod dnc;
mod finding;
mod hours;
mod interrupt;
mod lag;
mod own_text;
mod past;
mod rate;
mod records;
mod restraints;
mod role;
mod secrets;
mod skills;
mod test_skill;
mod texts;
mod token;
mod unit;
mod v2;
mod values;
mod write_back;
mod writes;

use std::{str::FromStr, time::Duration};

use clap::{Args, ValueEnum};
use outbound::{E164, disposition::Category};
use url::Url;

use self::{
    discovery::Host,
    finding::{Findings, Report},
    values::Values,
};
use crate::{
    output::{Format, Outcome, Verdict},
    stack::{Stack, Target, number},
    tenant::Source,
};

const HELP: &str = "\
With --stack or --sandbox, all of a deployment is checked. Otherwise the settings are environment \
variables, the same as those of the functions; CXONE_DNC_LIST_ID, SMS_SENDER, CAMPAIGNS and \
CALLING_HOURS among them.

Nothing is written without --write, and nothing to a skill without --test-skill. What is written is \
taken back, also after Ctrl-C; what cannot be is WRONG, with what to do by hand. What neither can \
show is not checked, and docs/acd.md says how to find out. Lines with look tell what is not as is \
assumed, and good for all that.

Exit status:
  0  nothing is wrong
  1  something is wrong
  2  the command cannot be run";

/// Finds out what is wrong with a deployment and its tenant, and how to mend it
#[derive(Args)]
#[command(after_help = HELP)]
pub(crate) struct Question {
    /// Parts that the deployment does not use
    #[arg(long, value_name = "PART", value_delimiter = ',')]
    without: Vec<Part>,

    /// Prints the settings of a tenant instead, from the public documents of its area (such as na1)
    /// or at an address. No credential is sent
    #[arg(long, value_name = "AREA|URL", conflicts_with_all = ["stack", "sandbox", "without"])]
    discover: Option<Host>,

    /// Issuer of tokens, for --discover; by default that of the area, or the same address
    #[arg(long, value_name = "URL", requires = "discover")]
    issuer: Option<Url>,

    #[command(flatten)]
    writing: Writing,

    #[command(flatten)]
    target: Target,
}

/// What may be written to the tenant.
#[derive(Args)]
struct Writing {
    /// Also tries what only a write shows, with a number of your own: it is listed in the group and
    /// taken off again, alone and beside a fictitious one and one that is none, and a callback to it
    /// is booked for tomorrow and withdrawn
    #[arg(long, value_name = "NUMBER", value_parser = number, conflicts_with = "discover")]
    write: Option<E164>,

    /// Also tries the hours of a skill, starts it and stops it, and puts all of it back. It is
    /// refused unless it is outbound, of Personal Connection, stopped and in no campaign, and has no
    /// calling list, agent or callback
    #[arg(long, value_name = "SKILL", requires = "write")]
    test_skill: Option<u64>,

    /// Also sends a text message to the number of --write
    #[arg(long, requires = "write")]
    text: bool,

    /// Also puts a tag on the contact of a call that has ended, twice. Nothing takes it off again
    #[arg(long, value_name = "CONTACT=TAG", value_parser = tagged, requires = "write")]
    tag: Option<(String, u64)>,

    /// Also writes a category to the business data of a call that has ended, twice. What was there
    /// before is lost
    #[arg(long, value_name = "CONTACT=CATEGORY", value_parser = categorized, requires = "write")]
    business_data: Option<(String, Category)>,

    /// Also lists 50 fictitious numbers in one request and takes them off again, reads 20 times a
    /// second for 30 seconds, and with --text sends the same message again
    #[arg(long, requires = "write")]
    bulk: bool,

    /// Also watches for up to 5 minutes how late calls that are over are listed. It only reads: run it
    /// while calls are made
    #[arg(long, conflicts_with = "discover")]
    watch: bool,

    /// Milliseconds between the reads of --bulk and --watch
    #[arg(long, hide = true, value_name = "MS")]
    pause_ms: Option<u64>,
}

impl Writing {
    /// Pause between reads, unless a test has another one.
    fn pause_or(&self, usual: Duration) -> Duration {
        self.pause_ms.map_or(usual, Duration::from_millis)
    }
}

/// A contact and a tag, both by CXone's numbers.
fn tagged(text: &str) -> Result<(String, u64), String> {
    at_contact(text).ok_or_else(|| {
        "must be the number of a contact and that of a tag, such as 4711=3".to_owned()
    })
}

/// A contact by CXone's number, and a category.
fn categorized(text: &str) -> Result<(String, Category), String> {
    at_contact(text).ok_or_else(|| {
        "must be the number of a contact and a category, such as 4711=wrong_number".to_owned()
    })
}

/// A contact by its number, and what is written to it.
fn at_contact<T: FromStr>(text: &str) -> Option<(String, T)> {
    let (contact, written) = text.split_once('=')?;
    let is_number = !contact.is_empty() && contact.bytes().all(|byte| byte.is_ascii_digit());
    let written = written.parse().ok().filter(|_| is_number)?;
    Some((contact.to_owned(), written))
}

/// A part of the product that a deployment may do without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Part {
    /// Callbacks
    Callbacks,
    /// Text messages
    Texts,
}

/// A deployment to be examined.
struct Case<'a> {
    stack: Option<&'a Stack>,
    values: Values,
    without: &'a [Part],
    /// What may be written to the tenant.
    writing: &'a Writing,
}

impl Case<'_> {
    fn is_without(&self, part: Part) -> bool {
        self.without.contains(&part)
    }

    /// Source of the settings.
    fn source(&self) -> Source {
        if self.stack.is_some() { Source::Stack } else { Source::Environment }
    }
}

pub(crate) async fn answer(question: &Question, format: Format) -> anyhow::Result<Outcome> {
    if let Some(host) = &question.discover {
        return discovery::answer(host, question.issuer.as_ref(), format).await;
    }
    let target = &question.target;
    let stack = if target.is_named() { Some(target.find().await?) } else { None };
    let values = match &stack {
        Some(stack) => Values::of(&stack.description().await?),
        None => Values::of_process(),
    };
    let case = Case {
        stack: stack.as_ref(),
        values,
        without: &question.without,
        writing: &question.writing,
    };
    let mut findings = Findings::default();
    examine(&case, &mut findings).await;
    let report = Report { findings: findings.into_all() };
    let verdict = Verdict::bad_if(report.count_wrong() > 0);
    Outcome::report(format, &report, Report::shown, verdict)
}

async fn examine(case: &Case<'_>, findings: &mut Findings) {
    findings.group("settings");
    let client = access::client(case, findings).await;
    if let Some(stack) = case.stack {
        secrets::check(stack, &case.values, findings).await;
        findings.group("alarms");
        findings.add(alarms::subscribed(stack).await);
    }
    findings.group("access");
    let Some((client, address)) = client else {
        findings.not_checked("cxone", "the settings are needed first");
        return;
    };
    findings.add(access::clock(&address).await);
    if !token::check(&client, case.source(), findings).await {
        findings.group("tenant");
        findings.not_checked("tenant", "a token is needed first");
        return;
    }
    match client.inspection() {
        Some(inspection) => acd::examine(case, &client, inspection, findings).await,
        None => v2::examine(case, &client, findings).await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contact_and_a_tag_are_numbers() {
        assert_eq!(tagged("4711=3"), Ok(("4711".to_owned(), 3)));
        for wrong in ["", "4711", "a=3", "=3", "4711=", "4711=x", "-4711=3", "../1=3"] {
            assert!(tagged(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_category_is_one_that_the_product_has() {
        let expected = ("4711".to_owned(), Category::WrongNumber);
        assert_eq!(categorized("4711=wrong_number"), Ok(expected));
        for wrong in ["4711", "4711=", "4711=sold", "a=wrong_number", "=wrong_number"] {
            assert!(categorized(wrong).is_err(), "{wrong}");
        }
    }
}

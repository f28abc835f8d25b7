//! `outbound unlist`: a number off the DNC list, once its owner consents to calls again.

use anyhow::{Context, bail};
use clap::Args;
use cxone::{DncEntry, DncOutcome, Inspection};
use outbound::{
    DncReason, E164,
    called_party::{Channel, Fact, Permission},
    law::Kind,
};
use platform::{called_parties::Known, ledger::State};
use serde_json::json;

use crate::{
    output::{Format, Outcome, Verdict, instant, is_confirmed, line},
    stack::{Target, number},
    tenant::{Tenant, deadline},
};

const EXIT: &str = "\
Exit status:
  0  the number is off the list
  1  it stays there, or is there again
  2  the command cannot be run";

/// What is to be done if nobody can tell whether an opt-out went with the listing.
const UNSURE: &str = "the number may be off the list; see `outbound number` whether its owner opted \
                      out meanwhile, and if so list it in CXone by hand";

/// Takes a number off CXone's DNC list, once its owner consents to calls again
///
/// The list blocks all calls. So the newest wish about each kind of call must be a consent without an
/// end. An opt-out that comes meanwhile is listed again. Only the ACD
/// services have an operation for it.
#[derive(Args)]
#[command(after_help = EXIT)]
pub(crate) struct Unlisting {
    /// Number, such as +12025550110; without a calling code one of the US
    #[arg(value_parser = number)]
    number: E164,

    /// Take it off without asking
    #[arg(long)]
    yes: bool,

    #[command(flatten)]
    target: Target,
}

/// What became of a number.
enum End {
    /// It is off the list.
    Off,
    /// It is not; what is true of it instead.
    Not(String),
}

pub(crate) async fn unlist(unlisting: &Unlisting, format: Format) -> anyhow::Result<Outcome> {
    let Unlisting { number, yes, target } = unlisting;
    let stack = target.find().await?;
    let tenant = Tenant::of_stack(&stack).await?;
    let Some(inspection) = tenant.client.inspection() else {
        bail!("the API v2 takes no number off its list: do it in CXone");
    };
    let parties = stack.called_parties()?;
    let known = async || parties.read(number).await.context("the called party cannot be read");
    let end = match lifting(&known().await?) {
        Err(why) => End::Not(format!("stays as it is: {why}")),
        Ok(consent) => {
            let asked = instant(consent.at);
            let question =
                format!("Take {number} off the DNC list? Its owner consented at {asked}.");
            if !yes && !is_confirmed(&question)? {
                bail!("nothing was changed; --yes takes {number} off the list");
            }
            let list = List::of(&tenant, inspection)?;
            let end = list.take_off(number).await;
            // What was listed in between has gone with the older listing.
            let known = known().await.context(UNSURE)?;
            let has_opted_out = lifting(&known).is_err();
            if has_opted_out { list.put_back(number).await? } else { end? }
        }
    };
    let (is_off, what) = match end {
        End::Off => (true, "is off the DNC list".to_owned()),
        End::Not(what) => (false, what),
    };
    let report = json!({ "phoneNumber": number, "isOff": is_off, "result": what });
    Outcome::report(format, &report, |_| sentence(number, &what), Verdict::bad_if(!is_off))
}

fn sentence(number: &E164, what: &str) -> String {
    let mut text = String::new();
    line(&mut text, "", &format!("{number} {what}."));
    text
}

/// The consent for which a number may leave the list, or why it must stay.
fn lifting(known: &Known) -> Result<Fact, String> {
    let (opt_out, now) = (known.opt_out(), ambient::now());
    let mut newest = None;
    for kind in Kind::ALL {
        let topic = kind.to_string();
        match known.party.permission(opt_out.as_ref(), Channel::Voice, &topic, now) {
            Permission::Granted { by: Some(by) } if by.expires_at.is_none() => newest = Some(by),
            Permission::Granted { .. } => {
                return Err(format!("no consent to calls about {kind} lasts"));
            }
            Permission::OptedOut { by } => {
                return Err(format!("its owner opted out of {kind} at {}", instant(by.at)));
            }
        }
    }
    let entry = known.entry.as_ref();
    let is_listed = entry.is_some_and(|it| it.state == State::Listed && it.is_overruled());
    let why = || "the ledger knows no listing that a consent overrules".to_owned();
    newest.filter(|_| is_listed).ok_or_else(why)
}

/// The DNC list of a deployment.
struct List<'a> {
    tenant: &'a Tenant,
    inspection: Inspection<'a>,
    id: &'a str,
}

impl<'a> List<'a> {
    fn of(tenant: &'a Tenant, inspection: Inspection<'a>) -> anyhow::Result<Self> {
        let deployment = tenant.deployment.as_ref().context("no deployment is named")?;
        Ok(Self { tenant, inspection, id: deployment.parameter("CxoneDncListId")? })
    }

    async fn take_off(&self, number: &E164) -> anyhow::Result<End> {
        let digits = self.inspection.dnc_digits(number);
        let digits = digits.context("CxoneNumberFormat cannot express the number")?;
        let taken = self.inspection.take_off_dnc(self.id, &[digits], deadline()).await;
        taken.map_err(|error| self.explained(&error))?;
        let found = self.inspection.spellings_listed(self.id, number, deadline()).await;
        let is_found = !found.map_err(|error| self.explained(&error))?.is_empty();
        let what = "is still found on the list, although CXone took it off";
        Ok(if is_found { End::Not(what.to_owned()) } else { End::Off })
    }

    /// Lists a number whose owner opted out meanwhile.
    async fn put_back(&self, number: &E164) -> anyhow::Result<End> {
        let entry = DncEntry { number: number.clone(), reason: DncReason::WebhookOptOut };
        let outcomes = self.tenant.client.add_to_dnc(self.id, &[entry], deadline()).await;
        let why = match outcomes.into_iter().next() {
            Some(DncOutcome::Listed) => {
                let what = "is on the list again, since its owner opted out meanwhile";
                return Ok(End::Not(what.to_owned()));
            }
            Some(DncOutcome::Rejected { reason }) => anyhow::Error::msg(reason),
            Some(DncOutcome::TryAgain { why, .. }) => self.explained(&why),
            None => anyhow::Error::msg("there is no outcome"),
        };
        Err(why.context(format!("{number} opted out meanwhile: list it in CXone by hand, now")))
    }

    fn explained(&self, error: &cxone::Error) -> anyhow::Error {
        anyhow::Error::msg(self.tenant.explained(error))
    }
}

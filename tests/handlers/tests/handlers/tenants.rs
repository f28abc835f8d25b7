//! The client with tenants of every kind: what no public source tells of the REST services must not
//! matter to it, but where a setting or a person is needed.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Debug,
    time::Duration,
};

use ambient::Instant;
use callback_intake::CallbackIntake;
use chrono::{DateTime, FixedOffset, TimeDelta};
use cxone::{
    CallSchedule, Callback, Client, Config, DispositionRecord, DncEntry, DncOutcome, Earlier,
    Error, Sms,
};
use futures::{StreamExt, stream};
use outbound::{DncReason, E164, Region};
use platform::{aws::Aws, function::Function, secrets::ClientSource};
use sandbox::{
    Options, SMS_SENDER, Surroundings,
    cxone::{
        Api,
        acd::{DNC_GROUP, Number, Traits},
    },
};
use settings::Environment;
use uuid::Uuid;

const CAMPAIGN: &str = "spring";
const NUMBERS: [&str; 2] = ["+12025550140", "+12025550141"];
const ID: Uuid = Uuid::from_u128(0x6f0c_3a52_7c1e_5b0a_9d53_4f5f_2f1d_0198);
const CALL: i64 = 30_112;
const NO_CALL: &str = "30113";
/// A disposition of the tenant.
const OUTCOME: i64 = 3001;
/// Most steps that are named.
const STEPS_NAMED_MAX: usize = 6;
/// Tenants that are tried at once. Most of the time is spent waiting.
const AT_ONCE: usize = 8;

/// Where the client comes to something else. Most have a setting of their own, such as the spelling of
/// numbers, the agent of callbacks, paths and the style of tokens; the others are for a person, who
/// finds them with the operator's command before anybody is called.
const DEPARTURES: [(&str, &str); 20] = [
    (r#"callbacks.agent="empty""#, NO_CALLBACK),
    (r#"callbacks.agent="number""#, NO_CALLBACK),
    // A repeat that comes before the first one is listed.
    (
        "callbacks.listedAfterS=600",
        r#"callbacks: 2, callbacks left: 2, withdraw: Err("not found")"#,
    ),
    (r#"callbacks.offset="ignored""#, "callback again: Ok(false)"),
    // They are counted, and come with the outcomes, later.
    ("contacts.lateS=600", "completed: [Ok(0)], outcomes: Ok([])"),
    (r#"contacts.oddPeriods="refused""#, r#"completed: [Err("invalid")]"#),
    (
        r#"contacts.tagsOnEnded="refused""#,
        r#"category: None, tag: Err("invalid"), tag again: Err("invalid")"#,
    ),
    (r#"contacts.total="missing""#, r#"completed: [Err("unexpected")]"#),
    // It is taken for a call that the role must not see.
    (r#"contacts.unknown="forbidden""#, r#"unknown call: Err("forbidden")"#),
    (r#"dnc.accepts="international""#, "list: 0, list again: 0, listed: {}"),
    // It is said, and not taken for done.
    (r#"hours.put="ignored""#, r#"schedule: Err("unexpected")"#),
    ("skills.parameters=false", r#"schedule: Err("not found"), zones: Err("not found")"#),
    (
        "skills.runningAfterS=600",
        r#"at rest: Ok(true), running: Ok(false), schedule: Err("transient")"#,
    ),
    (r#"skills.unknown="forbidden""#, r#"unknown skill: Err("forbidden")"#),
    (r#"texts.recipient="digits""#, NO_TEXT),
    ("texts.thread=true", NO_TEXT),
    (r#"texts.whenClosed="refused""#, NO_TEXT),
    (r#"tokens.client="form""#, MOST),
    (
        r#"wire.forbidden=["createCallback","dfoChannels"]"#,
        r#"callback: Err("forbidden"), callback again: Err("forbidden"), callbacks: 0, withdraw: Err("not found")"#,
    ),
    ("wire.versionOldest=30", MOST),
];
const NO_CALLBACK: &str = r#"callback: Err("invalid"), callback again: Err("invalid"), callbacks: 0, withdraw: Err("not found")"#;
const NO_TEXT: &str = r#"text: Err("invalid"), texts: 0"#;
const MOST: &str = "most steps";

/// What a client came to, step by step.
#[derive(Debug, Default)]
struct Story(BTreeMap<&'static str, String>);

impl Story {
    fn tell(&mut self, step: &'static str, outcome: impl Debug) {
        self.0.insert(step, format!("{outcome:?}"));
    }

    /// The steps that come to something else than in another story.
    fn differences(&self, other: &Self) -> String {
        let differs = |(step, outcome): &(&&str, &String)| other.0.get(**step) != Some(*outcome);
        let steps = self.0.iter().filter(differs);
        let steps: Vec<_> = steps.map(|(step, outcome)| format!("{step}: {outcome}")).collect();
        if steps.len() > STEPS_NAMED_MAX { MOST.to_owned() } else { steps.join(", ") }
    }
}

/// The kind of an error.
fn kind(error: &Error) -> &'static str {
    match error {
        Error::Unauthorized { .. } => "unauthorized",
        Error::Forbidden { .. } => "forbidden",
        Error::RateLimited { .. } => "rate limited",
        Error::Invalid { .. } => "invalid",
        Error::NotFound { .. } => "not found",
        Error::Transient { .. } => "transient",
        Error::Ambiguous { .. } => "ambiguous",
        Error::Unsupported { .. } => "unsupported",
        Error::Unexpected { .. } => "unexpected",
    }
}

fn in_short<T>(result: Result<T, Error>) -> Result<T, &'static str> {
    result.map_err(|error| kind(&error))
}

fn number(text: &str) -> E164 {
    E164::parse(text, Region::US).expect("a number")
}

/// A tenant in which one thing is not as it is by default, and a client of it.
struct Tenant {
    around: Surroundings,
    client: Client,
}

impl Tenant {
    async fn with(change: &serde_json::Value) -> Self {
        let mut options = Options {
            cxone_api: Api::Acd,
            skilled_campaigns: vec![CAMPAIGN.to_owned()],
            ..Options::default()
        };
        options.parameters.insert("CxoneSchedule".to_owned(), "hours".to_owned());
        let around = Surroundings::with(options).await.expect("the services start");
        set_up(&around, change);
        let variables = around.environments[CallbackIntake::NAME].clone();
        let (config, credentials, aws) = Environment::from_pairs(variables)
            .read(|env| Some((Config::read(env)?, ClientSource::read(env)?, Aws::read(env)?)))
            .expect("the template sets all variables");
        let credentials = credentials.load(aws.secrets_manager()).await.expect("a secret");
        Self { around, client: Client::new(config, credentials).expect("a client") }
    }
}

impl Tenant {
    /// Has the client do each thing that the functions do.
    async fn story(&self) -> Story {
        let mut story = Story::default();
        self.lists_numbers(&mut story).await;
        self.arranges_callbacks(&mut story).await;
        self.runs_campaigns(&mut story).await;
        self.reads_calls(&mut story).await;
        story
    }

    async fn lists_numbers(&self, story: &mut Story) {
        let entry = |text| DncEntry { number: number(text), reason: DncReason::WebhookOptOut };
        let entries = NUMBERS.map(entry);
        for step in ["list", "list again"] {
            let outcomes = self.client.add_to_dnc(&DNC_GROUP.to_string(), &entries, soon()).await;
            let listed = |outcome: &&DncOutcome| matches!(outcome, DncOutcome::Listed);
            story.tell(step, outcomes.iter().filter(listed).count());
        }
        story.tell("listed", self.around.cxone.listed());
    }

    async fn arranges_callbacks(&self, story: &mut Story) {
        let now = ambient::now();
        let callback = Callback {
            id: ID,
            number: number(NUMBERS[0]),
            campaign: CAMPAIGN.to_owned(),
            dispatch: now + TimeDelta::hours(2),
            window: now + TimeDelta::hours(1)..now + TimeDelta::hours(4),
            language: "en-US".to_owned(),
            attempts: 3,
            earlier: Earlier::Nothing,
        };
        for step in ["callback", "callback again"] {
            let scheduled = self.client.schedule_callback(&callback, soon()).await;
            let is_in_time = |scheduled| {
                scheduled == cxone::Scheduled::At(callback.dispatch)
                    || matches!(scheduled, cxone::Scheduled::At(at) if (at - callback.dispatch).abs() < TimeDelta::seconds(2))
            };
            story.tell(step, in_short(scheduled).map(is_in_time));
        }
        story.tell("callbacks", self.around.cxone.callbacks().len());
        let sms = Sms {
            id: ID,
            to: number(NUMBERS[0]),
            from: number(SMS_SENDER),
            text: "We call you. Reference 6F0C3A52".to_owned(),
        };
        story.tell("text", in_short(self.client.send_sms(&sms, soon()).await).map(drop));
        story.tell("texts", self.around.cxone.texts().len());
        let withdrawn = self.client.withdraw_callback(CAMPAIGN, ID, soon()).await;
        story.tell("withdraw", in_short(withdrawn));
        story.tell("callbacks left", self.around.cxone.callbacks().len());
        let window = now..now + TimeDelta::hours(3);
        let hours = self.client.capacity(CAMPAIGN, &window, soon()).await;
        let agents = |hours: Vec<outbound::callback::dispatch::ForecastHour>| {
            hours.iter().map(|hour| hour.agents.to_string()).collect::<BTreeSet<_>>()
        };
        story.tell("agents", in_short(hours).map(agents));
    }

    async fn runs_campaigns(&self, story: &mut Story) {
        let skill = skill_in(&self.around.cxone.tenant()).to_string();
        let zones = self.client.list_contacts(CAMPAIGN, 1, soon()).await;
        story.tell("zones", in_short(zones).map(|page| page.contacts.len()));
        story.tell("stop", in_short(self.client.stop_skill(&skill, soon()).await));
        let start: DateTime<FixedOffset> = "2030-03-04T09:00:00-05:00".parse().expect("a time");
        let schedule = CallSchedule {
            id: ID,
            campaign: CAMPAIGN.to_owned(),
            time_zone: "America/New_York".to_owned(),
            start,
            end: start + TimeDelta::hours(3),
        };
        let submitted = self.client.submit_schedule(&schedule, soon()).await;
        story.tell("schedule", in_short(submitted).map(|id| id.is_some()));
        story.tell("start", in_short(self.client.start_skill(&skill, soon()).await));
        story.tell("start again", in_short(self.client.start_skill(&skill, soon()).await));
        story.tell("running", in_short(self.client.is_running(&skill, soon()).await));
        story.tell("stop again", in_short(self.client.stop_skill(&skill, soon()).await));
        story.tell("at rest", in_short(self.client.is_running(&skill, soon()).await));
        story.tell("unknown skill", in_short(self.client.is_running("9", soon()).await));
        let period = ambient::now() - TimeDelta::hours(1)..ambient::now();
        let progress = self.client.progress(&[CAMPAIGN.to_owned()], &period, soon()).await;
        let completed = progress.into_iter().map(|it| in_short(it).map(|it| it.completed));
        story.tell("completed", completed.collect::<Vec<_>>());
    }

    async fn reads_calls(&self, story: &mut Story) {
        let contact = self.client.contact(&CALL.to_string(), soon()).await;
        let phone = |contact: cxone::Contact| contact.phone.map(|it| number(&it).to_string());
        story.tell("call", in_short(contact).map(phone));
        story.tell("unknown call", in_short(self.client.contact(NO_CALL, soon()).await));
        let record = DispositionRecord {
            contact: CALL.to_string(),
            category: "qualified_lead".to_owned(),
            audit_log: "mapped".to_owned(),
        };
        for step in ["tag", "tag again"] {
            let recorded = self.client.record_disposition(&record, soon()).await;
            story.tell(step, in_short(recorded));
        }
        let category = self.around.cxone.view().called.remove(&CALL.to_string());
        story.tell("category", category.and_then(|called| called.category));
        let since = ambient::now() - TimeDelta::hours(1);
        let ended = self.client.ended_calls(since, 0, soon()).await;
        let outcomes = |calls: cxone::EndedCalls| {
            calls.calls.into_iter().map(|it| (it.contact, it.disposition)).collect::<Vec<_>>()
        };
        story.tell("outcomes", in_short(ended).map(outcomes));
    }
}

/// Changes the tenant, and gives it a call of the campaign that is over.
fn set_up(around: &Surroundings, change: &serde_json::Value) {
    let mut tenant = around.cxone.tenant();
    tenant.traits = tenant.traits.changed(change).expect("a trait");
    // At any hour of the day.
    let zone = tenant.business_unit.zone;
    let hours = tenant.business_unit.hours.iter_mut().filter(|hours| hours.zone == zone);
    hours.for_each(|hours| hours.active = false);
    tenant.add_contact(CALL, Number::read(NUMBERS[0]));
    let (skill, now) = (skill_in(&tenant), ambient::now());
    let call = tenant.contacts.get_mut(&CALL).expect("the call");
    (call.skill, call.disposition) = (skill, Some((OUTCOME, now)));
}

fn skill_in(tenant: &sandbox::cxone::acd::Tenant) -> i64 {
    let mut skills = tenant.skills.iter().filter(|(_, skill)| skill.name == CAMPAIGN);
    *skills.next().expect("its skill").0
}

fn soon() -> Instant {
    Instant::now() + Duration::from_mins(1)
}

#[tokio::test]
async fn a_client_comes_to_the_same_with_every_tenant_but_for_known_departures() {
    let usual = Tenant::with(&serde_json::json!({})).await.story().await;
    let stories = stream::iter(Traits::variations())
        .map(|(name, change)| async move { (name, Tenant::with(&change).await.story().await) });
    let stories: Vec<(String, Story)> = stories.buffered(AT_ONCE).collect().await;
    let mut found = BTreeMap::new();
    for (name, story) in stories {
        let differences = story.differences(&usual);
        if !differences.is_empty() {
            found.insert(name, differences);
        }
    }
    let known: BTreeMap<String, String> =
        DEPARTURES.iter().map(|(name, steps)| ((*name).to_owned(), (*steps).to_owned())).collect();
    assert_eq!(found, known);
}

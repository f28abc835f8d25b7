use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::law::{Call, Candidates, Kind, Limit, limits};

fn at(minute: i64) -> DateTime<Utc> {
    let start: DateTime<Utc> = "2026-11-26T12:00:00Z".parse().expect("an instant");
    start + TimeDelta::minutes(minute)
}

fn number() -> E164 {
    "+13055550110".parse().expect("a number")
}

fn fact(wish: Wish, scope: Scope, minute: i64) -> Fact {
    Fact {
        wish,
        scope,
        at: at(minute),
        event_id: "evt-1".into(),
        event_type: "contact.opt_in".into(),
        words: None,
        expires_at: None,
    }
}

fn call(minute: i64, attempts: u32, kind: Kind) -> ArrangedCall {
    ArrangedCall {
        contact_id: Uuid::from_u128(minute.unsigned_abs().into()),
        campaign_id: "campaign-1".into(),
        kinds: kind.into(),
        dispatch_at: at(minute),
        attempts,
        arranged_at: at(0),
        hour: at(minute),
        holder: "holder".into(),
        resubmitted_at: None,
        withdrawn_at: None,
    }
}

fn dialed_call(contact_id: &str, minute: i64) -> DialedCall {
    DialedCall { contact_id: contact_id.to_owned(), at: at(minute), arranged: None }
}

prop_compose! {
    fn scopes()(
        channel in option::of(select(vec![Channel::Voice, Channel::Text])),
        topic in option::of(select(vec!["sales", "service"])),
    ) -> Scope {
        Scope { channel, topic: topic.map(str::to_owned) }
    }
}

prop_compose! {
    fn facts()(
        wish in select(vec![Wish::Consent, Wish::OptOut]),
        scope in scopes(),
        minute in 0_i64..20,
        lifetime in option::of(1_i64..30),
    ) -> Fact {
        let expires_at = lifetime.map(|minutes| at(minute + minutes));
        Fact { expires_at, ..fact(wish, scope, minute) }
    }
}

/// Reads the facts one after the other, as a person would with a pencil.
fn naive(facts: &[Fact], channel: Channel, topic: &str, now: DateTime<Utc>) -> bool {
    let mut allowed = true;
    for minute in 0..40 {
        let spoken: Vec<&Fact> = facts
            .iter()
            .filter(|fact| fact.at == at(minute))
            .filter(|fact| fact.scope.channel.is_none() || fact.scope.channel == Some(channel))
            .filter(|fact| match &fact.scope.topic {
                None => true,
                Some(covered) => covered == topic,
            })
            .filter(|fact| fact.expires_at.is_none_or(|end| end > now))
            .collect();
        if spoken.iter().any(|fact| fact.wish == Wish::OptOut) {
            allowed = false;
        } else if !spoken.is_empty() {
            allowed = true;
        }
    }
    allowed
}

#[test]
fn an_opt_out_from_one_topic_stops_a_call_that_is_about_it_among_others() {
    let mut party = CalledParty::unknown(number());
    let scope = Scope { channel: None, topic: Some("automated".into()) };
    party.learn(fact(Wish::OptOut, scope, 1));
    let permitted = |kinds: &str| {
        let kinds = kinds.parse().expect("kinds");
        party.permission_to_call(None, &kinds, at(2)).is_granted()
    };
    assert!(permitted("sales") && permitted("sales,service"));
    assert!(!permitted("automated") && !permitted("sales,automated"));
    assert!(!permitted("automated,service"), "whatever the order");
}

#[test]
fn a_call_that_is_submitted_again_was_submitted_then() {
    let mut party = CalledParty::unknown(number());
    let known = call(60, 1, Kind::Sales);
    let id = known.contact_id;
    party.arrange(known, at(0));
    let submitted_at = |party: &CalledParty| party.call(id).map(ArrangedCall::submitted_at);
    assert_eq!(submitted_at(&party), Some(at(0)), "as it was arranged");
    party.resubmit(id, at(5));
    assert_eq!(submitted_at(&party), Some(at(5)));
}

#[test]
fn a_fact_counts_until_the_instant_at_which_it_expires() {
    let mut party = CalledParty::unknown(number());
    party.learn(Fact { expires_at: Some(at(10)), ..fact(Wish::OptOut, Scope::default(), 1) });
    let is_granted = |now| party.permission(None, Channel::Voice, "sales", now).is_granted();
    assert!(!is_granted(at(10) - TimeDelta::milliseconds(1)));
    assert!(is_granted(at(10)));
}

proptest! {
    #[test]
    fn the_newest_fact_that_covers_a_contact_wins(
        facts in vec(facts(), 0..8),
        is_text: bool,
        topic in select(vec!["sales", "service"]),
        now in 0_i64..60,
    ) {
        let channel = if is_text { Channel::Text } else { Channel::Voice };
        let party = CalledParty { facts: facts.clone(), ..CalledParty::unknown(number()) };
        let permission = party.permission(None, channel, topic, at(now));
        prop_assert_eq!(permission.is_granted(), naive(&facts, channel, topic, at(now)));
    }

    #[test]
    fn the_order_in_which_facts_arrive_does_not_matter(facts in vec(facts(), 0..8), now in 0_i64..60) {
        let learned = |facts: Vec<Fact>| {
            let mut party = CalledParty::unknown(number());
            for fact in facts {
                party.learn(fact);
            }
            party
        };
        let forward = learned(facts.clone());
        let backward = learned(facts.iter().rev().cloned().collect());
        for channel in [Channel::Voice, Channel::Text] {
            for topic in ["sales", "service"] {
                let [one, other] = [&forward, &backward]
                    .map(|party| party.permission(None, channel, topic, at(now)).is_granted());
                prop_assert_eq!(one, other);
                prop_assert_eq!(one, naive(&facts, channel, topic, at(now)));
            }
        }
    }

    /// Minute by minute, by the facts that count then.
    #[test]
    fn a_call_is_forbidden_from_the_first_instant_at_which_no_consent_lasts(
        facts in vec(facts(), 0..8),
        from in 0_i64..60,
    ) {
        let ledger = fact(Wish::OptOut, Scope::default(), 20);
        let party = CalledParty { facts: facts.clone(), ..CalledParty::unknown(number()) };
        let known: Vec<Fact> = facts.into_iter().chain([ledger.clone()]).collect();
        let is_forbidden = |minute: &i64| {
            ["sales", "service"].iter().any(|it| !naive(&known, Channel::Voice, it, at(*minute)))
        };
        let kinds = "sales,service".parse().expect("kinds");
        prop_assert_eq!(
            party.forbidden_from(Some(&ledger), &kinds, at(from)),
            (from..200).find(is_forbidden).map(at)
        );
    }

    #[test]
    fn a_consent_to_calls_is_the_newest_that_counts(facts in vec(facts(), 0..8), now in 0_i64..60) {
        let counts = |it: &&Fact| it.expires_at.is_none_or(|end| end > at(now));
        let times = facts.iter().filter(|it| it.wish == Wish::Consent).filter(counts);
        let times = times.filter(|it| it.scope.covers(Channel::Voice, it.scope.topic.as_deref().unwrap_or("any")));
        let newest = times.map(|it| it.at).fold(None, |newest, at| newest.max(Some(at)));
        let party = CalledParty { facts: facts.clone(), ..CalledParty::unknown(number()) };
        prop_assert_eq!(party.consented_at(at(now)), newest);
    }

    #[test]
    fn an_opt_out_from_everything_stops_everything_that_nothing_newer_permits(
        facts in vec(facts(), 0..8),
        topic in select(vec!["sales", "service"]),
    ) {
        let party = CalledParty { facts, ..CalledParty::unknown(number()) };
        let ledger = fact(Wish::OptOut, Scope::default(), 20);
        for channel in [Channel::Voice, Channel::Text] {
            prop_assert!(!party.permission(Some(&ledger), channel, topic, at(20)).is_granted());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_window_ever_holds_more_attempts_than_the_limit(
        calls in vec((0_i64..4_000, 1_u32..4), 1..20),
        dialed in vec(0_i64..4_000, 0..2),
    ) {
        let limits = florida();
        let mut party = CalledParty::unknown(number());
        for minute in dialed {
            party.count_dialed(dialed_call(&minute.to_string(), minute), at(minute));
        }
        for (minute, wanted) in calls {
            let kinds = Kind::Sales.into();
            if let Ok(attempts) = party.attempts_left(&limits, &kinds, at(minute), wanted) {
                prop_assert!((1..=wanted).contains(&attempts));
                party.calls.push(call(minute, attempts, Kind::Sales));
            }
        }
        // Every minute, counted anew.
        for start in -1_500..4_000 {
            let inside = |minute: i64| (start..start + 24 * 60).contains(&minute);
            let attempts: u32 = party
                .calls
                .iter()
                .filter(|call| inside((call.dispatch_at - at(0)).num_minutes()))
                .map(|call| call.attempts)
                .sum();
            let dialed = party.dialed.iter().filter(|it| inside((it.at - at(0)).num_minutes()));
            let attempts = attempts + u32::try_from(dialed.count()).expect("a few");
            prop_assert!(attempts <= 3, "{attempts} from minute {start} on");
        }
    }
}

/// The limits on a sales call to Florida: three attempts in 24 hours.
fn florida() -> Vec<Limit> {
    let call = Call::new(Candidates::of(Some(&number()), &[], &[]), Kind::Sales);
    let limits = limits(&call, at(0));
    assert_eq!(
        limits.iter().map(|limit| (limit.max, limit.within_hours)).collect::<Vec<_>>(),
        [(3, 24)]
    );
    limits
}

#[test]
fn a_limit_that_is_reached_is_named_with_its_citation() {
    let mut party = CalledParty::unknown(number());
    party.arrange(call(0, 2, Kind::Sales), at(0));
    let kinds = Kind::Sales.into();
    assert_eq!(party.attempts_left(&florida(), &kinds, at(60), 4), Ok(1));
    party.arrange(call(60, 1, Kind::Sales), at(0));
    let reached = party.attempts_left(&florida(), &kinds, at(90), 1).expect_err("a cap");
    assert_eq!(
        reached.to_string(),
        "US-FL hours (Fla. Stat. 501.616(6)(a), (b)): at most 3 attempts in 24 hours; 3 are \
         arranged or made"
    );
    // Calls that are 24 hours apart share no 24 hours.
    let mut other = CalledParty::unknown(number());
    other.arrange(call(24 * 60, 3, Kind::Sales), at(0));
    for (minute, is_allowed) in [(0, true), (1, false), (48 * 60 - 1, false), (48 * 60, true)] {
        let left = other.attempts_left(&florida(), &kinds, at(minute), 1);
        assert_eq!(left.is_ok(), is_allowed, "{minute}");
    }
    // Another day, another kind of call, or a call that was withdrawn.
    assert_eq!(party.attempts_left(&florida(), &kinds, at(60 + 24 * 60), 1), Ok(1));
    assert_eq!(party.attempts_left(&florida(), &Kind::Service.into(), at(90), 1), Ok(1));
    party.withdraw(Uuid::from_u128(60), at(70));
    assert_eq!(party.attempts_left(&florida(), &kinds, at(90), 1), Ok(1));
}

#[test]
fn a_call_is_arranged_once_and_forgotten_when_no_limit_looks_back_on_it() {
    let mut party = CalledParty::unknown(number());
    party.arrange(call(10, 4, Kind::Sales), at(0));
    party.arrange(call(10, 4, Kind::Sales), at(1));
    assert_eq!(party.calls.len(), 1);
    assert_eq!(party.pending_calls(at(9)).count(), 1);
    assert_eq!(party.pending_calls(at(54)).count(), 1, "its fourth attempt is ahead");
    assert_eq!(party.pending_calls(at(55)).count(), 0, "it is over");
    party.withdraw(Uuid::from_u128(10), at(5));
    assert_eq!(party.pending_calls(at(9)).count(), 0, "it is withdrawn");
    party.arrange(call(20, 4, Kind::Sales), at(10) + CALLS_KEPT);
    assert_eq!(party.calls.len(), 1);
    party.cancel(Uuid::from_u128(20));
    assert!(party.calls.is_empty());
}

#[test]
fn an_opt_out_of_too_many_scopes_counts_for_everything() {
    let mut party = CalledParty::unknown(number());
    for topic in 0..=FACTS_MAX {
        let scope = Scope { channel: None, topic: Some(format!("topic-{topic}")) };
        party.learn(fact(Wish::OptOut, scope, 1));
    }
    assert!(!party.permission(None, Channel::Voice, "any other", at(2)).is_granted());
    assert_eq!(party.facts.len(), FACTS_MAX + 1);
    let scope = Scope { channel: None, topic: Some("one more".into()) };
    party.learn(fact(Wish::Consent, scope, 3));
    assert!(!party.permission(None, Channel::Voice, "one more", at(4)).is_granted());
}

#[test]
fn an_opt_out_that_ends_earlier_does_not_shorten_an_older_one() {
    for end in [None, Some(at(20))] {
        let mut party = CalledParty::unknown(number());
        let until = |expires_at, minute| Fact {
            expires_at,
            ..fact(Wish::OptOut, Scope::default(), minute)
        };
        party.learn(until(end, 1));
        party.learn(until(Some(at(9)), 2));
        assert!(!party.permission(None, Channel::Voice, "sales", at(10)).is_granted(), "{end:?}");
        party.learn(until(end, 3));
        assert_eq!(party.facts.len(), 1, "what says nothing more is forgotten");
    }
}

#[test]
fn opt_outs_that_end_earlier_and_earlier_do_not_grow_without_limit() {
    let mut party = CalledParty::unknown(number());
    let scope = || Scope { channel: None, topic: Some("sales".into()) };
    for minute in 0..1_000 {
        let expires_at = Some(at(5_000 - minute));
        party.learn(Fact { expires_at, ..fact(Wish::OptOut, scope(), minute) });
    }
    assert_eq!(party.facts.len(), FACTS_MAX + 1);
    assert!(!party.permission(None, Channel::Voice, "sales", at(9_000)).is_granted());
}

#[test]
fn what_is_said_already_is_not_widened_however_much_is_known() {
    let mut party = CalledParty::unknown(number());
    let of = |topic: usize, minute| {
        let scope = Scope { channel: None, topic: Some(format!("topic-{topic}")) };
        fact(Wish::OptOut, scope, minute)
    };
    for topic in 0..FACTS_MAX {
        party.learn(of(topic, 5));
    }
    for minute in [4, 5, 6] {
        party.learn(of(7, minute));
        assert_eq!(party.facts.len(), FACTS_MAX);
        assert!(party.permission(None, Channel::Voice, "any other", at(9)).is_granted());
    }
}

#[test]
fn a_call_that_cxone_made_by_itself_counts_once_and_for_every_kind() {
    let mut party = CalledParty::unknown(number());
    assert!(party.count_dialed(dialed_call("contact-7", 0), at(1)));
    assert!(!party.count_dialed(dialed_call("contact-7", 0), at(2)), "the same event again");
    assert!(party.count_dialed(dialed_call("contact-7", 30), at(31)), "called once more");
    let kinds = Kind::Sales.into();
    assert_eq!(party.attempts_left(&florida(), &kinds, at(60), 4), Ok(1));

    // The result of a call that was arranged is among its attempts.
    party.arrange(call(60, 1, Kind::Sales), at(0));
    let arranged = Uuid::from_u128(60).to_string().to_uppercase();
    assert!(party.count_dialed(dialed_call(&arranged, 61), at(62)));
    let reached = party.attempts_left(&florida(), &kinds, at(90), 1).expect_err("a cap");
    assert_eq!(reached.used, 3);
    party.withdraw(Uuid::from_u128(60), at(70));
    let reached = party.attempts_left(&florida(), &kinds, at(90), 1).expect_err("it was made");
    assert_eq!(reached.used, 3);
}

#[test]
fn an_attempt_under_an_id_of_its_own_counts_with_the_call_that_was_arranged() {
    let kinds = Kinds::from(Kind::Sales);
    let mut party = CalledParty::unknown(number());
    party.arrange(call(60, 2, Kind::Sales), at(0));
    let arranged = Some(Uuid::from_u128(60));
    let mut dial = |id: &str, minute: i64, is_of: bool| {
        let arranged = party.attempted(at(minute), |campaign| is_of && campaign == "campaign-1");
        party.count_dialed(DialedCall { arranged, ..dialed_call(id, minute) }, at(minute));
        arranged
    };
    assert_eq!(dial("1", 59, true), None, "it was before");
    assert_eq!(dial("2", 61, false), None, "of other agents");
    assert_eq!(dial("3", 61, true), arranged);
    assert_eq!(dial("4", 76, true), arranged);
    assert_eq!(dial("5", 77, true), None, "it has two attempts");
    let used = |party: &CalledParty| {
        party.attempts_left(&florida(), &kinds, at(90), 1).expect_err("a cap").used
    };
    assert_eq!(used(&party), 5, "two with the call, and three by themselves");
    party.withdraw(Uuid::from_u128(60), at(91));
    assert_eq!(used(&party), 5, "they were made all the same");

    let mut party = CalledParty::unknown(number());
    party.arrange(call(60, 1, Kind::Sales), at(0));
    let day = 24 * 60;
    assert!(party.attempted(at(60 + day), |_| true).is_some());
    assert_eq!(party.attempted(at(61 + day), |_| true), None, "it is another call");
    party.withdraw(Uuid::from_u128(60), at(1));
    assert_eq!(party.attempted(at(61), |_| true), None);
}

#[test]
fn the_memory_of_calls_by_cxone_is_bounded() {
    let mut party = CalledParty::unknown(number());
    for minute in 0..300 {
        party.count_dialed(dialed_call("contact-7", minute), at(minute));
    }
    assert_eq!(party.dialed.len(), DIALED_MAX);
    assert_eq!(party.dialed.last().map(|call| call.at), Some(at(299)));
    let later = at(299) + CALLS_KEPT;
    assert!(!party.count_dialed(dialed_call("contact-7", 250), later), "too old to count");
    assert!(party.count_dialed(DialedCall { at: later, ..dialed_call("contact-8", 0) }, later));
    assert_eq!(party.dialed.len(), 1);
}

#[test]
fn a_call_is_ahead_until_its_last_attempt() {
    let mut party = CalledParty::unknown(number());
    for index in 0..CALLS_MAX {
        let contact_id = Uuid::from_u128(index as u128);
        party.arrange(ArrangedCall { contact_id, ..call(10, 1, Kind::Service) }, at(0));
    }
    assert!(party.is_booked_out(at(9)));
    assert!(!party.is_booked_out(party.calls[0].last_attempt()));
}

proptest! {
    /// Whatever is arranged, withdrawn and over: those ahead are never forgotten, and the number of all
    /// is limited if none is arranged beyond it.
    #[test]
    fn calls_that_are_remembered_are_limited(
        minutes in vec((0_i64..4_000, 1_u32..5, any::<bool>()), 0..400),
    ) {
        let mut party = CalledParty::unknown(number());
        let mut ahead: Vec<(Uuid, DateTime<Utc>)> = Vec::new();
        for (index, (minute, attempts, is_withdrawn)) in minutes.into_iter().enumerate() {
            let now = at(i64::try_from(index).expect("few") * 3);
            if party.is_booked_out(now) {
                continue;
            }
            let mut call = call(minute, attempts, Kind::Service);
            call.contact_id = Uuid::from_u128(index as u128);
            ahead.push((call.contact_id, call.last_attempt()));
            party.arrange(call.clone(), now);
            if is_withdrawn {
                party.withdraw(call.contact_id, now);
            }
            prop_assert!(party.calls.len() <= CALLS_MAX);
            for (id, last) in &ahead {
                prop_assert!(*last <= now || party.call(*id).is_some(), "{id} is forgotten");
            }
        }
    }
}

//! The dance with a list that is a model of CXone's, in many random states.

use std::collections::{BTreeMap, BTreeSet};

use outbound::DncReason;
use proptest::{collection, prelude::*};

use super::*;

fn number(index: u16) -> E164 {
    format!("+1202555{index:04}").parse().expect("a number")
}

fn entry(index: u16) -> DncEntry {
    DncEntry { number: number(index), reason: DncReason::WebhookOptOut }
}

fn conflict(contact_id: &str, phone_number: Option<&str>) -> Conflict {
    Conflict { contact_id: Some(contact_id.into()), phone_number: phone_number.map(Into::into) }
}

fn put(member: usize, contact_id: &str) -> Request {
    Request::Put { member, contact_id: contact_id.into() }
}

fn post(members: &[usize]) -> Request {
    Request::Post { members: members.to_vec(), is_suspect: false }
}

/// CXone got the request and failed.
fn failed() -> Error {
    Error::Transient { detail: "it answered 503".into(), retry_after: None, sent: true }
}

fn chance() -> fastrand::Rng {
    fastrand::Rng::with_seed(7)
}

/// The requests of a batch whose answers are given in order, and its outcomes.
fn play(entries: &[DncEntry], answers: Vec<Answer>) -> (Vec<Request>, Vec<DncOutcome>) {
    let mut batch = Batch::new(entries, usize::MAX, chance());
    let mut requests = Vec::new();
    for answer in answers {
        let request = batch.next().expect("more answers than requests");
        requests.push(request.clone());
        batch.apply(request, answer);
    }
    assert_eq!(batch.next(), None, "more requests than answers");
    (requests, batch.outcomes())
}

#[test]
fn an_empty_batch_sends_nothing() {
    assert_eq!(play(&[], vec![]), (vec![], vec![]));
}

#[test]
fn a_batch_is_sent_in_requests_of_a_size_and_each_number_gets_its_own_outcome() {
    let entries = [entry(0), entry(1), entry(2)];
    let mut batch = Batch::new(&entries, 2, chance());
    let rejected = DncOutcome::Rejected { reason: "not a number".into() };
    let request = batch.next().expect("the first two");
    assert_eq!(request, post(&[0, 1]));
    batch.apply(request, Answer::Each(vec![rejected.clone(), DncOutcome::Listed]));
    let request = batch.next().expect("the third");
    assert_eq!(request, post(&[2]));
    batch.apply(request, Answer::Done);
    assert_eq!(batch.next(), None);
    assert_eq!(batch.outcomes(), [rejected, DncOutcome::Listed, DncOutcome::Listed]);
}

#[test]
fn each_way_to_name_a_conflict_finds_its_number() {
    let entries = [entry(0), entry(1), entry(2), entry(3)];
    let conflicts = vec![
        conflict("12025550000", None),
        conflict("+12025550001", None),
        conflict("c-7f", Some("+12025550002")),
    ];
    let (requests, outcomes) = play(
        &entries,
        vec![Answer::Conflicts(conflicts), Answer::Done, Answer::Done, Answer::Done, Answer::Done],
    );
    assert_eq!(
        requests,
        [
            post(&[0, 1, 2, 3]),
            post(&[3]),
            put(0, "12025550000"),
            put(1, "+12025550001"),
            put(2, "c-7f"),
        ]
    );
    assert_eq!(outcomes, vec![DncOutcome::Listed; 4]);
}

#[test]
fn a_number_posted_alone_is_the_one_that_an_opaque_conflict_means() {
    let (requests, outcomes) =
        play(&[entry(0)], vec![Answer::Conflicts(vec![conflict("c-7f", None)]), Answer::Done]);
    assert_eq!(requests, [post(&[0]), put(0, "c-7f")]);
    assert_eq!(outcomes, [DncOutcome::Listed]);
}

#[test]
fn an_update_never_takes_the_place_of_another_number() {
    for conflicts in [
        vec![conflict("c-7f", Some("+12025559999"))],
        vec![conflict("+12025559999", None)],
        vec![conflict("..", None)],
        vec![],
    ] {
        let (requests, _) = play(&[entry(0)], vec![Answer::Conflicts(conflicts), Answer::Done]);
        assert_eq!(requests[1], put(0, "+12025550000"));
    }
}

#[test]
fn conflicts_that_match_nothing_halve_the_batch() {
    let entries = [entry(0), entry(1), entry(2)];
    let (requests, outcomes) = play(
        &entries,
        vec![Answer::Conflicts(vec![conflict("c-7f", None)]), Answer::Done, Answer::Done],
    );
    assert_eq!(requests, [post(&[0, 1, 2]), post(&[0]), post(&[1, 2])]);
    assert_eq!(outcomes, vec![DncOutcome::Listed; 3]);
}

#[test]
fn a_bad_number_is_found_and_holds_up_no_other() {
    let entries = [entry(0), entry(1)];
    let refused = || Answer::Refused { reason: "not a number".into() };
    let (_, outcomes) = play(&entries, vec![refused(), Answer::Done, refused()]);
    assert_eq!(
        outcomes,
        [DncOutcome::Listed, DncOutcome::Rejected { reason: "not a number".into() }]
    );
}

#[test]
fn a_rate_limit_stops_the_batch_and_the_rest_waits_as_long() {
    let entries = [entry(0), entry(1)];
    let wait = Some(Duration::from_mins(2));
    let limited = Error::RateLimited { retry_after: wait };
    let (requests, outcomes) = play(
        &entries,
        vec![Answer::Refused { reason: String::new() }, Answer::Failed(limited.clone())],
    );
    assert_eq!(requests.len(), 2);
    let again = DncOutcome::TryAgain { after: wait, why: limited, alone: false };
    assert_eq!(outcomes, [again.clone(), again]);
}

#[test]
fn a_contact_that_vanished_concerns_its_own_number_only() {
    let entries = [entry(0), entry(1)];
    let conflicts = vec![conflict("+12025550000", None), conflict("+12025550001", None)];
    let vanished = Error::NotFound { detail: "no such contact".into() };
    let (_, outcomes) = play(
        &entries,
        vec![Answer::Conflicts(conflicts), Answer::Failed(vanished.clone()), Answer::Done],
    );
    assert_eq!(outcomes, [DncOutcome::try_again(vanished), DncOutcome::Listed]);
}

/// Result of a batch when CXone fails on every request with one of `chokes` in it.
struct Attempt {
    listed: BTreeSet<u16>,
    /// Those that failed by themselves.
    alone: BTreeSet<u16>,
    /// Number of entries in each request.
    requests: Vec<usize>,
}

fn attempt(numbers: &BTreeSet<u16>, chokes: &BTreeSet<u16>, seed: u64) -> Attempt {
    let numbers: Vec<u16> = numbers.iter().copied().collect();
    let entries: Vec<DncEntry> = numbers.iter().map(|&index| entry(index)).collect();
    let mut batch = Batch::new(&entries, usize::MAX, fastrand::Rng::with_seed(seed));
    let mut requests = Vec::new();
    while let Some(request) = batch.next() {
        requests.push(request.members().len());
        let chokes = request.members().iter().any(|&member| chokes.contains(&numbers[member]));
        batch.apply(request, if chokes { Answer::Failed(failed()) } else { Answer::Done });
    }
    let outcomes = batch.outcomes();
    let with = |matches: fn(&DncOutcome) -> bool| {
        let found = numbers.iter().zip(&outcomes).filter(|(_, outcome)| matches(outcome));
        found.map(|(number, _)| *number).collect()
    };
    Attempt {
        listed: with(|outcome| *outcome == DncOutcome::Listed),
        alone: with(|outcome| matches!(outcome, DncOutcome::TryAgain { alone: true, .. })),
        requests,
    }
}

#[test]
fn one_number_that_cxone_chokes_on_holds_up_none_of_the_other_49() {
    let numbers: BTreeSet<u16> = (0..50).collect();
    for index in 0..50 {
        let chokes = BTreeSet::from([index]);
        let Attempt { listed, alone, requests } = attempt(&numbers, &chokes, u64::from(index));
        assert_eq!(listed, &numbers - &chokes);
        assert_eq!(alone, chokes);
        // The batch, its eight parts, and the numbers of one of them.
        assert!(requests.len() <= 1 + PARTS + 7, "{requests:?}");
    }
}

#[test]
fn when_cxone_is_down_a_batch_costs_a_few_requests() {
    let numbers: BTreeSet<u16> = (0..50).collect();
    let Attempt { listed, requests, .. } = attempt(&numbers, &numbers, 7);
    assert!(listed.is_empty());
    assert_eq!(requests.len(), FAILURES_MAX);
}

#[test]
fn what_cxone_never_got_is_not_sent_on_in_parts() {
    let entries: Vec<DncEntry> = (0..50).map(entry).collect();
    let why = Error::not_sent("connection refused", None);
    let (requests, outcomes) = play(&entries, vec![Answer::Failed(why.clone())]);
    assert_eq!(requests.len(), 1);
    assert_eq!(outcomes, vec![DncOutcome::try_again(why); 50]);
}

#[test]
fn a_number_that_fails_by_itself_is_distinguished_from_those_that_were_not_tried() {
    let entries = [entry(0), entry(1)];
    let limited = Error::RateLimited { retry_after: None };
    let answers =
        vec![Answer::Failed(failed()), Answer::Failed(failed()), Answer::Failed(limited.clone())];
    let (requests, outcomes) = play(&entries, answers);
    let [first, second] = [1, 2].map(|at| usize::from(requests[at].members() == [1]));
    assert_eq!(outcomes[first], DncOutcome::try_again_alone(failed()));
    assert_eq!(outcomes[second], DncOutcome::try_again(limited));
}

/// Spelling of the number in a conflict.
#[derive(Debug, Clone, Copy)]
enum Naming {
    Number,
    NumberWithoutPlus,
    NumberTwice,
    Opaque,
    OpaqueWithNumber,
    OpaqueWithNumberWithoutPlus,
}

/// Failure of a request.
#[derive(Debug, Clone, Copy)]
enum Fault {
    /// It was not carried out.
    Lost,
    /// It was carried out, and the answer did not come back.
    AnswerLost,
    RateLimited,
    NotFound,
}

/// Order and detail of refusals.
#[derive(Debug, Clone, Copy)]
struct Manner {
    conflicts_first: bool,
    one_conflict_at_a_time: bool,
}

/// A do-not-call list as the contract describes it.
#[derive(Debug, Clone)]
struct Model {
    listed: BTreeMap<String, (Naming, &'static str)>,
    refused: BTreeSet<String>,
    /// CXone fails whenever one of these is in the request.
    chokes: BTreeSet<String>,
    manner: Manner,
    faults: Vec<Option<Fault>>,
    requests: usize,
}

impl Model {
    fn run(&mut self, entries: &[DncEntry]) -> Vec<DncOutcome> {
        self.requests = 0;
        let mut batch = Batch::new(entries, usize::MAX, chance());
        while let Some(request) = batch.next() {
            self.requests += 1;
            let answer = self.answer(&request, entries);
            batch.apply(request, answer);
        }
        batch.outcomes()
    }

    fn answer(&mut self, request: &Request, entries: &[DncEntry]) -> Answer {
        let fault = self.faults.pop().flatten();
        match fault {
            None | Some(Fault::AnswerLost) => {}
            Some(Fault::Lost) => return Answer::Failed(failed()),
            Some(Fault::RateLimited) => {
                return Answer::Failed(Error::RateLimited { retry_after: None });
            }
            Some(Fault::NotFound) => {
                return Answer::Failed(Error::NotFound { detail: String::new() });
            }
        }
        let chokes = |&member: &usize| self.chokes.contains(entries[member].number.as_str());
        if request.members().iter().any(chokes) {
            return Answer::Failed(failed());
        }
        let answer = match request {
            Request::Post { members, .. } => self.post(members, entries),
            Request::Put { member, contact_id } => self.put(contact_id, &entries[*member]),
        };
        match fault {
            Some(_) => Answer::Failed(failed()),
            None => answer,
        }
    }

    fn post(&mut self, members: &[usize], entries: &[DncEntry]) -> Answer {
        assert!(!members.is_empty(), "the contract wants one contact or more");
        let contacts = || members.iter().map(|&member| &entries[member]);
        let mut conflicts: Vec<Conflict> =
            contacts().filter_map(|entry| self.conflict(entry)).collect();
        if self.manner.one_conflict_at_a_time {
            conflicts.truncate(1);
        }
        let refused = contacts().any(|entry| self.refused.contains(entry.number.as_str()));
        if !conflicts.is_empty() && (self.manner.conflicts_first || !refused) {
            return Answer::Conflicts(conflicts);
        }
        if refused {
            return Answer::Refused { reason: "refused".into() };
        }
        for entry in contacts() {
            self.listed
                .insert(entry.number.as_str().into(), (Naming::Number, entry.reason.as_str()));
        }
        Answer::Done
    }

    fn put(&mut self, contact_id: &str, entry: &DncEntry) -> Answer {
        let number = entry.number.as_str();
        if self.refused.contains(number) {
            return Answer::Refused { reason: "refused".into() };
        }
        let owner = self.listed.iter().find(|(listed, (naming, _))| {
            contact_id == id(listed, *naming) || contact_id == listed.as_str()
        });
        let naming = owner.map_or(Naming::Number, |(listed, (naming, _))| {
            assert_eq!(listed, number, "an update took the place of another number");
            *naming
        });
        self.listed.insert(number.into(), (naming, entry.reason.as_str()));
        Answer::Done
    }

    fn conflict(&self, entry: &DncEntry) -> Option<Conflict> {
        let number = entry.number.as_str();
        let (naming, reason) = *self.listed.get(number)?;
        if reason == entry.reason.as_str() {
            return None;
        }
        let phone_number = match naming {
            Naming::Number | Naming::NumberWithoutPlus | Naming::Opaque => None,
            Naming::NumberTwice | Naming::OpaqueWithNumber => Some(number),
            Naming::OpaqueWithNumberWithoutPlus => Some(&number[1..]),
        };
        Some(conflict(&id(number, naming), phone_number))
    }

    fn holds(&self, entry: &DncEntry) -> bool {
        self.listed.contains_key(entry.number.as_str())
    }
}

fn id(number: &str, naming: Naming) -> String {
    match naming {
        Naming::Number | Naming::NumberTwice => number.to_owned(),
        Naming::NumberWithoutPlus => number[1..].to_owned(),
        _ => format!("c-{}", &number[8..]),
    }
}

fn namings() -> impl Strategy<Value = Naming> {
    prop_oneof![
        Just(Naming::Number),
        Just(Naming::NumberWithoutPlus),
        Just(Naming::NumberTwice),
        Just(Naming::Opaque),
        Just(Naming::OpaqueWithNumber),
        Just(Naming::OpaqueWithNumberWithoutPlus),
    ]
}

fn faults() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        8 => Just(None),
        1 => Just(Some(Fault::Lost)),
        1 => Just(Some(Fault::AnswerLost)),
        1 => Just(Some(Fault::RateLimited)),
        1 => Just(Some(Fault::NotFound)),
    ]
}

/// A list on which some of the first eighty numbers are listed and some are refused.
fn models() -> impl Strategy<Value = Model> {
    let listed = collection::btree_map(0_u16..80, namings(), 0..50);
    let some = || collection::btree_set(0_u16..80, 0..6);
    (listed, some(), some(), any::<(bool, bool)>()).prop_map(|(listed, refused, chokes, manner)| {
        Model {
            listed: listed
                .into_iter()
                .map(|(index, naming)| (String::from(number(index)), (naming, "agent_request")))
                .collect(),
            refused: refused.into_iter().map(|it| number(it).into()).collect(),
            chokes: chokes.into_iter().map(|it| number(it).into()).collect(),
            manner: Manner { conflicts_first: manner.0, one_conflict_at_a_time: manner.1 },
            faults: Vec::new(),
            requests: 0,
        }
    })
}

/// Batches of up to fifty of the first eighty numbers, some of them twice.
fn batches() -> impl Strategy<Value = Vec<DncEntry>> {
    let reason = prop_oneof![Just(DncReason::WebhookOptOut), Just(DncReason::DispositionDoNotCall)];
    let entry =
        (0_u16..80, reason).prop_map(|(index, reason)| DncEntry { number: number(index), reason });
    collection::vec(entry, 0..=50)
}

#[test]
fn requests_are_bounded_and_what_is_left_over_comes_again_later() {
    let entries: Vec<DncEntry> = (0..200).map(entry).collect();
    let mut model = Model {
        listed: BTreeMap::new(),
        refused: entries.iter().map(|it| it.number.as_str().into()).collect(),
        chokes: BTreeSet::new(),
        manner: Manner { conflicts_first: true, one_conflict_at_a_time: true },
        faults: Vec::new(),
        requests: 0,
    };
    let outcomes = model.run(&entries);
    assert_eq!(model.requests, REQUESTS_MAX);
    let (done, left): (Vec<_>, Vec<_>) =
        outcomes.iter().partition(|outcome| matches!(outcome, DncOutcome::Rejected { .. }));
    assert!(done.len() > 40, "{} are done", done.len());
    for outcome in left {
        assert!(
            matches!(outcome, DncOutcome::TryAgain { after: Some(NEXT_TIME), .. }),
            "{outcome:?}"
        );
    }
}

proptest! {
    /// Those that failed by themselves come back apart from the others.
    #[test]
    fn whatever_cxone_chokes_on_all_others_are_listed_after_few_attempts(
        numbers in collection::btree_set(0_u16..80, 1..=50),
        choke in prop_oneof![0.0..0.2_f64, 0.0..=1.0_f64],
        seed: u64,
    ) {
        let mut chance = fastrand::Rng::with_seed(seed);
        let chokes: BTreeSet<u16> =
            numbers.iter().copied().filter(|_| chance.f64() < choke).collect();
        let (mut open, mut attempts) = (numbers.clone(), 0);
        while !open.is_subset(&chokes) {
            let Attempt { listed, alone, requests } = attempt(&open, &chokes, seed);
            prop_assert!(alone.is_subset(&chokes), "a number failed for another's sake");
            prop_assert!(listed.is_disjoint(&chokes));
            prop_assert!(requests.len() <= 1 + PARTS + open.len());
            if listed.is_empty() {
                prop_assert!(requests.len() <= FAILURES_MAX);
            } else {
                prop_assert_eq!(listed, &open - &chokes, "once one passes, all are tried");
                open.retain(|number| chokes.contains(number));
            }
            open = &open - &alone;
            attempts += 1;
        }
        // An attempt in which nothing passes finds at least this many that fail by themselves.
        let found = FAILURES_MAX - 1 - PARTS;
        prop_assert!(attempts <= 1 + chokes.len().div_ceil(found), "{attempts} attempts");
        if chokes.len() < PARTS {
            prop_assert!(attempts <= 1, "one of the parts is sound");
        }
    }

    #[test]
    fn every_entry_gets_a_true_outcome_whatever_goes_wrong(
        entries in batches(),
        mut model in models(),
        faults in collection::vec(faults(), 0..40),
    ) {
        model.faults = faults;
        let before = model.listed.clone();
        let outcomes = model.run(&entries);
        prop_assert_eq!(outcomes.len(), entries.len());
        prop_assert!(model.requests <= REQUESTS_MAX);
        for (entry, outcome) in entries.iter().zip(outcomes) {
            let refused = model.refused.contains(entry.number.as_str());
            match outcome {
                DncOutcome::Listed => prop_assert!(model.holds(entry) && !refused),
                DncOutcome::Rejected { .. } => prop_assert!(refused),
                DncOutcome::TryAgain { .. } => {}
            }
        }
        for number in before.keys() {
            prop_assert!(model.listed.contains_key(number), "an opt-out was lost");
        }
    }

    #[test]
    fn a_healthy_list_ends_with_an_outcome_for_every_entry_if_need_be_in_several_goes(
        entries in batches(),
        mut model in models(),
    ) {
        model.chokes.clear();
        let mut open = entries.clone();
        // Each go has a hundred requests, and a batch of fifty needs two hundred at the very most.
        for _ in 0..4 {
            let outcomes = model.run(&open);
            let out_of_requests = model.requests == REQUESTS_MAX;
            open = open
                .into_iter()
                .zip(outcomes)
                .filter(|(_, outcome)| matches!(outcome, DncOutcome::TryAgain { .. }))
                .map(|(entry, _)| entry)
                .collect();
            prop_assert!(open.is_empty() || out_of_requests);
        }
        prop_assert!(open.is_empty());
        for entry in &entries {
            let refused = model.refused.contains(entry.number.as_str());
            prop_assert!(refused || model.holds(entry));
        }
    }
}

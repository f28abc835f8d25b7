//! The decisions against a naive model: sets of minutes, looked at minute by minute.

use std::collections::BTreeSet;

use outbound::campaign::Progress;
use platform::runs::{Ended, RunPlan, Submissions};
use proptest::{collection::vec, option, prelude::*};

use super::*;

const MINUTES: i64 = 90;

fn at(minute: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_900_000_000 / 60 * 60 + minute * 60, 0).expect("an instant")
}

/// A run with windows in minutes, which needs one skill.
#[derive(Debug, Clone)]
struct Planned {
    skill: &'static str,
    windows: Vec<(i64, i64)>,
    /// Minute in which its record is closed.
    ended: Option<i64>,
}

impl Planned {
    fn run(&self, index: usize, now: i64) -> Run {
        let window = |(zone, (start, end)): (usize, &(i64, i64))| {
            (format!("Zone/{zone}"), at(*start)..at(*end))
        };
        Run {
            id: format!("2030-03-04T09:00#campaign-{index}").parse().expect("an id"),
            plan: RunPlan { expected: 1, webhook_url: None, first_start: at(0), last_end: at(0) },
            submissions: Submissions {
                windows: self.windows.iter().enumerate().map(window).collect(),
                ..Submissions::default()
            },
            progress: Progress::default(),
            ended: self.ended.filter(|ended| *ended <= now).map(|_| Ended::Completed),
            ended_at: None,
            report_at: None,
            report_attempts: 0,
        }
    }

    /// Returns whether calls are allowed in this minute and the six that follow.
    fn needs(&self, minute: i64) -> bool {
        let allowed: BTreeSet<i64> =
            self.windows.iter().flat_map(|(start, end)| *start..*end).collect();
        (minute..minute + 7).all(|minute| allowed.contains(&minute))
    }

    fn is_open(&self, minute: i64) -> bool {
        self.ended.is_none_or(|ended| minute < ended)
    }
}

fn due(planned: &[Planned], minute: i64) -> Vec<Due> {
    let due = |(index, planned): (usize, &Planned)| {
        let run = planned.run(index, minute);
        let until = needed_until(&run, at(minute))?;
        Some(Due { skill: planned.skill.to_owned(), run: run.id.to_string(), until })
    };
    planned.iter().enumerate().filter_map(due).collect()
}

/// What goes wrong in a minute.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// Nobody looks.
    Skipped,
    /// The process dies after so many effects.
    Dies(u32),
    RunsUnread,
    /// CXone refuses.
    Refused,
    /// CXone does it, and the answer is lost.
    AnswerLost,
}

/// A tenant, and what is stored.
#[derive(Default)]
struct World {
    running: BTreeSet<&'static str>,
    stored: String,
    /// Skills that were started in this minute.
    started: Vec<&'static str>,
}

/// The process is dead.
#[derive(Debug)]
struct Dead;

impl World {
    /// Looks at the skills in the order of the function: bind, store, act, store.
    fn look(&mut self, planned: &[Planned], minute: i64, fault: Fault) -> Result<(), Dead> {
        let mut effects_left = match fault {
            Fault::Skipped => return Ok(()),
            Fault::Dies(effects) => effects,
            _ => u32::MAX,
        };
        let mut effect = || {
            effects_left = effects_left.checked_sub(1).ok_or(Dead)?;
            Ok(())
        };
        let mut bindings: Bindings = serde_json::from_str(&self.stored).unwrap_or_default();
        let due = if fault == Fault::RunsUnread { Vec::new() } else { due(planned, minute) };
        bindings.bind(&due, at(minute));
        effect()?;
        self.stored = serde_json::to_string(&bindings).expect("JSON");
        let Actions { stop, start } = bindings.actions(&due, at(minute));
        let is_done = !matches!(fault, Fault::Refused | Fault::AnswerLost);
        for (skill, _) in stop {
            effect()?;
            if fault != Fault::Refused {
                self.running.remove(&*skill);
            }
            if is_done {
                bindings.stopped(&skill);
            }
        }
        for (skill, until) in start {
            assert!(at(minute) < until, "a start is never late");
            effect()?;
            let skill = SKILLS.into_iter().find(|it| *it == skill).expect("a skill");
            if fault != Fault::Refused && self.running.insert(skill) {
                self.started.push(skill);
            }
            if is_done {
                bindings.started(skill, at(minute));
            }
        }
        effect()?;
        self.stored = serde_json::to_string(&bindings).expect("JSON");
        Ok(())
    }
}

const SKILLS: [&str; 2] = ["1", "2"];

fn planned() -> impl Strategy<Value = Planned> {
    let window = (0..MINUTES - 10, 1_i64..40).prop_map(|(start, length)| (start, start + length));
    (0..SKILLS.len(), vec(window, 0..4), option::of(0..MINUTES))
        .prop_map(|(skill, windows, ended)| Planned { skill: SKILLS[skill], windows, ended })
}

fn faults() -> impl Strategy<Value = Vec<Fault>> {
    let fault = prop_oneof![
        6 => Just(Fault::None),
        1 => Just(Fault::Skipped),
        2 => (0_u32..5).prop_map(Fault::Dies),
        1 => Just(Fault::RunsUnread),
        1 => Just(Fault::Refused),
        1 => Just(Fault::AnswerLost),
    ];
    vec(fault, 2 * 90)
}

/// What a person does to a skill before the look of a minute.
fn persons() -> impl Strategy<Value = Vec<[Option<bool>; 2]>> {
    let deed = || prop_oneof![6 => Just(None), 1 => Just(Some(true)), 1 => Just(Some(false))];
    vec([deed(), deed()], 2 * 90)
}

fn minutes() -> impl Iterator<Item = i64> {
    0..2 * MINUTES
}

fn of<'a>(planned: &'a [Planned], skill: &str) -> impl Iterator<Item = &'a Planned> + Clone {
    planned.iter().filter(move |planned| planned.skill == skill)
}

#[test]
fn a_skill_runs_from_the_start_of_its_run_until_shortly_before_its_end() {
    let planned =
        [Planned { skill: "1", windows: vec![(10, 20), (20, 30), (40, 50)], ended: None }];
    let mut world = World::default();
    let running: Vec<i64> = minutes()
        .filter(|minute| {
            world.look(&planned, *minute, Fault::None).expect("it lives");
            !world.running.is_empty()
        })
        .collect();
    assert_eq!(running, (10..24).chain(40..44).collect::<Vec<_>>());
    assert_eq!(world.stored, "{}");
}

#[test]
fn two_runs_that_share_a_skill_stop_it_after_the_last_and_a_stop_in_between_holds() {
    let run = |start, end| Planned { skill: "1", windows: vec![(start, end)], ended: None };
    let planned = [run(10, 30), run(20, 50)];
    let mut world = World::default();
    let mut running = Vec::new();
    for minute in minutes() {
        if minute == 35 {
            // A supervisor stops it.
            world.running.clear();
        }
        world.look(&planned, minute, Fault::None).expect("it lives");
        if !world.running.is_empty() {
            running.push(minute);
        }
    }
    assert_eq!(running, (10..35).collect::<Vec<_>>());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Also what persons do: a run starts its skill when it begins, and never again; its end stops
    /// the skill, whoever started it; else nothing is touched.
    #[test]
    fn without_faults_it_is_the_naive_model(
        mut planned in vec(planned(), 0..5), persons in persons(),
    ) {
        for planned in &mut planned {
            planned.ended = None;
        }
        let mut world = World::default();
        for minute in minutes() {
            for (skill, deed) in SKILLS.iter().zip(persons[usize::try_from(minute).expect("small")]) {
                match deed {
                    Some(true) => drop(world.running.insert(skill)),
                    Some(false) => drop(world.running.remove(skill)),
                    None => {}
                }
            }
            let left = world.running.clone();
            world.look(&planned, minute, Fault::None).expect("it lives");
            for skill in SKILLS {
                let mut runs = of(&planned, skill);
                let begins = runs.clone().any(|it| it.needs(minute) && !it.needs(minute - 1));
                let needed = runs.clone().any(|it| it.needs(minute));
                let ends = runs.any(|it| it.needs(minute - 1)) && !needed;
                let expected = begins || (left.contains(skill) && !ends);
                prop_assert_eq!(world.running.contains(skill), expected, "{} at {}", skill, minute);
            }
        }
        prop_assert_eq!(world.stored, "{}");
    }

    #[test]
    fn whatever_goes_wrong_no_start_leaves_the_windows_and_each_is_followed_by_a_stop(
        planned in vec(planned(), 0..5), faults in faults(),
    ) {
        let mut world = World::default();
        for (minute, fault) in minutes().zip(faults) {
            world.started.clear();
            // One that dies is what is tested.
            world.look(&planned, minute, fault).ok();
            for skill in &world.started {
                let allowed = of(&planned, skill).any(|it| it.needs(minute) && it.is_open(minute));
                prop_assert!(allowed && fault != Fault::RunsUnread, "{} started at {}", skill, minute);
            }
            for skill in SKILLS {
                let mut needing = of(&planned, skill).filter(|it| it.needs(minute));
                let (is_running, is_needed) = (world.running.contains(skill), needing.clone().count() > 0);
                if !is_needed && matches!(fault, Fault::None | Fault::RunsUnread) {
                    prop_assert!(!is_running, "{} still runs at {}", skill, minute);
                }
                if needing.any(|it| it.is_open(minute)) && fault == Fault::None {
                    prop_assert!(is_running, "{} is at rest at {}", skill, minute);
                }
                let bindings: Bindings = serde_json::from_str(&world.stored).unwrap_or_default();
                prop_assert!(!is_running || bindings.0.contains_key(skill), "its intent is stored");
            }
        }
        world.look(&planned, 2 * MINUTES, Fault::None).expect("it lives");
        prop_assert!(world.running.is_empty());
        prop_assert_eq!(world.stored, "{}");
    }

    /// A run whose record is closed early keeps its skill until its window ends, and starts nothing
    /// more.
    #[test]
    fn a_run_that_is_closed_early_starts_nothing_more(planned in vec(planned(), 0..5)) {
        let mut world = World::default();
        let mut bound = vec![false; planned.len()];
        for minute in minutes() {
            world.look(&planned, minute, Fault::None).expect("it lives");
            for (bound, planned) in bound.iter_mut().zip(&planned) {
                *bound = planned.needs(minute) && (planned.is_open(minute) || *bound);
            }
            for skill in SKILLS {
                let mut bound = bound.iter().zip(&planned).filter(|(_, it)| it.skill == skill);
                prop_assert_eq!(world.running.contains(skill), bound.any(|(bound, _)| *bound));
            }
        }
    }
}

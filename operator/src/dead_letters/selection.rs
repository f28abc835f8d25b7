//! The dead letters that a command is about.

use anyhow::bail;
use chrono::{DateTime, TimeDelta, Utc};
use clap::Args;

use super::{Letter, letter::DOUBTFUL};
use crate::{output::duration, queues::short_name};

/// The dead letters that a command is about. Each option narrows.
#[derive(Args, Default)]
#[command(next_help_heading = "Selection")]
pub(crate) struct Selection {
    /// Queue, such as dnc or `DncDeadLetterQueue`; several with commas
    #[arg(long, value_delimiter = ',')]
    pub(super) queue: Vec<String>,

    /// Error code, such as `refused_by_cxone`; none for messages that SQS moved by itself
    #[arg(long, value_delimiter = ',')]
    code: Vec<String>,

    /// Id of a message, or its beginning; several with commas
    #[arg(long, value_delimiter = ',')]
    id: Vec<String>,

    /// Age at least, such as 90m, 2h or 3d
    #[arg(long, value_name = "AGE", value_parser = duration, allow_hyphen_values = true)]
    older_than: Option<TimeDelta>,
}

impl Selection {
    /// One message, by its queue and its whole id.
    pub(crate) fn of_one(queue: String, id: String) -> Self {
        Self { queue: vec![queue], id: vec![id], ..Self::default() }
    }

    /// Refuses a selection of everything: a slip must not move or delete all.
    pub(super) fn require_one(&self) -> anyhow::Result<()> {
        if self.queue.is_empty() && self.code.is_empty() && self.id.is_empty() {
            bail!(
                "which dead letters? Give --queue, --code or --id; `outbound dead-letters list` \
                   shows what there is"
            );
        }
        Ok(())
    }

    /// Returns whether a queue, by its name in the template, is among the named ones.
    pub(super) fn has_queue(&self, queue: &str) -> bool {
        self.queue.is_empty() || self.queue.iter().any(|named| is_named(queue, named))
    }

    fn has(&self, letter: &Letter, now: DateTime<Utc>) -> bool {
        self.has_queue(&letter.queue)
            && (self.code.is_empty() || self.code.iter().any(|code| code == letter.code()))
            && (self.id.is_empty() || self.id.iter().any(|id| letter.id.starts_with(id)))
            && self.older_than.is_none_or(|age| now - letter.sent_at >= age)
    }

    /// The letters that are selected, and the others. An id that begins several letters is refused.
    pub(super) fn split(
        &self,
        letters: Vec<Letter>,
        now: DateTime<Utc>,
    ) -> anyhow::Result<(Vec<Letter>, Vec<Letter>)> {
        for id in &self.id {
            let count = letters.iter().filter(|letter| letter.id.starts_with(id)).count();
            if count > 1 {
                bail!("--id {id} begins the ids of {count} dead letters: give more of it");
            }
        }
        Ok(letters.into_iter().partition(|letter| self.has(letter, now)))
    }

    /// The selected letters that may be moved, and those that a person has to decide on one by one.
    pub(super) fn without_doubtful(&self, selected: Vec<Letter>) -> (Vec<Letter>, Vec<Letter>) {
        let is_named = |letter: &Letter| {
            !self.id.is_empty() || self.code.iter().any(|code| code == letter.code())
        };
        selected.into_iter().partition(|it| it.code() != DOUBTFUL || is_named(it))
    }
}

/// Returns whether a queue of the template is meant by a name: its own, that of the queue it belongs
/// to, or the part that both have in common.
pub(super) fn is_named(queue: &str, named: &str) -> bool {
    let plain = |name: &str| short_name(name).replace('-', "").to_ascii_lowercase();
    plain(queue) == plain(named)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::Value;

    use super::*;

    fn letter(id: &str, queue: &str, code: Option<&str>, age_min: i64) -> Letter {
        Letter {
            id: id.to_owned(),
            queue: queue.to_owned(),
            sent_at: now() - TimeDelta::minutes(age_min),
            error_code: code.map(str::to_owned),
            error_message: None,
            function: None,
            failed_at: None,
            body: Value::Null,
            stored_body: String::new(),
            attributes: HashMap::new(),
            receipt_handle: String::new(),
        }
    }

    fn now() -> DateTime<Utc> {
        "2026-11-26T03:00:00Z".parse().expect("an instant")
    }

    fn letters() -> Vec<Letter> {
        vec![
            letter("a1", "DncDeadLetterQueue", Some("refused_by_cxone"), 10),
            letter("a2", "DncDeadLetterQueue", Some(DOUBTFUL), 20),
            letter("b1", "CrmSyncDeadLetterQueue", None, 30),
        ]
    }

    fn selected(selection: &Selection) -> Vec<String> {
        let (selected, others) = selection.split(letters(), now()).expect("unambiguous");
        assert_eq!(selected.len() + others.len(), letters().len(), "none is lost");
        selected.into_iter().map(|letter| letter.id).collect()
    }

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|&name| name.to_owned()).collect()
    }

    #[test]
    fn each_option_narrows() {
        assert_eq!(selected(&Selection::default()), ["a1", "a2", "b1"]);
        for queue in ["dnc", "DNC", "DncQueue", "DncDeadLetterQueue"] {
            let selection = Selection { queue: owned(&[queue]), ..Selection::default() };
            assert_eq!(selected(&selection), ["a1", "a2"], "{queue}");
        }
        for queue in ["crm-sync", "CrmSync", "crmsync"] {
            let selection = Selection { queue: owned(&[queue]), ..Selection::default() };
            assert_eq!(selected(&selection), ["b1"], "{queue}");
        }
        let selection = Selection { code: owned(&["none"]), ..Selection::default() };
        assert_eq!(selected(&selection), ["b1"]);
        let older_than = Some(TimeDelta::minutes(20));
        let selection = Selection { older_than, ..Selection::default() };
        assert_eq!(selected(&selection), ["a2", "b1"]);
        let both = Selection { queue: owned(&["dnc"]), older_than, ..Selection::default() };
        assert_eq!(selected(&both), ["a2"]);
    }

    #[test]
    fn the_beginning_of_an_id_is_enough_if_it_names_one() {
        let selection = Selection { id: owned(&["b"]), ..Selection::default() };
        assert_eq!(selected(&selection), ["b1"]);
        let ambiguous = Selection { id: owned(&["a"]), ..Selection::default() };
        let problem = ambiguous.split(letters(), now()).expect_err("two begin with it");
        assert!(problem.to_string().contains("2 dead letters"), "{problem}");
    }

    #[test]
    fn a_doubtful_opt_out_moves_only_when_it_is_named() {
        let moved = |selection: &Selection| {
            let (selected, _) = selection.split(letters(), now()).expect("unambiguous");
            let (moved, _) = selection.without_doubtful(selected);
            moved.into_iter().map(|letter| letter.id).collect::<Vec<_>>()
        };
        let queue = Selection { queue: owned(&["dnc"]), ..Selection::default() };
        assert_eq!(moved(&queue), ["a1"]);
        let code = Selection { code: owned(&[DOUBTFUL]), ..Selection::default() };
        assert_eq!(moved(&code), ["a2"]);
        let id = Selection { id: owned(&["a2"]), ..Selection::default() };
        assert_eq!(moved(&id), ["a2"]);
    }

    #[test]
    fn everything_at_once_is_refused() {
        assert!(Selection::default().require_one().is_err());
        let age = Some(TimeDelta::zero());
        assert!(Selection { older_than: age, ..Selection::default() }.require_one().is_err());
        assert!(Selection { queue: owned(&["dnc"]), ..Selection::default() }.require_one().is_ok());
    }
}

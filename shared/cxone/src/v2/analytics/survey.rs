//! Groups campaigns into queries. Pure: it returns the next query and gets its answer.
//!
//! A refusal means that one campaign of the group, it is unknown which, is not acceptable: the
//! group is halved until that campaign is alone. All groups take turns, so that one full of such
//! campaigns does not use up what the others need.

use std::collections::{HashMap, HashSet, VecDeque};

use outbound::campaign::Progress;

use crate::Error;

use super::totals::Totals;

/// The most campaigns that one query covers.
pub(super) const CAMPAIGNS_MAX: usize = 100;

/// The most groups that are halved, each at the cost of two more queries. To find one campaign
/// among a hundred takes seven. When CXone refuses more than a few, it is likely to refuse all.
pub(super) const HALVINGS_MAX: usize = 30;

/// Campaigns on their way to being counted.
#[derive(Debug)]
pub(super) struct Survey<'a> {
    campaigns: &'a [String],
    outcomes: HashMap<&'a str, Result<Progress, Error>>,
    /// The groups that are still to be queried; the next one is the first.
    work: VecDeque<Vec<&'a str>>,
    halvings_left: usize,
}

impl<'a> Survey<'a> {
    pub(super) fn new(campaigns: &'a [String]) -> Self {
        let mut known = HashSet::new();
        let distinct: Vec<&str> =
            campaigns.iter().map(String::as_str).filter(|id| known.insert(*id)).collect();
        Self {
            campaigns,
            outcomes: HashMap::new(),
            work: distinct.chunks(CAMPAIGNS_MAX).map(<[_]>::to_vec).collect(),
            halvings_left: HALVINGS_MAX,
        }
    }

    /// The next group to query, until none is left.
    pub(super) fn next(&mut self) -> Option<Vec<&'a str>> {
        self.work.pop_front()
    }

    /// Takes the answer for a group that [`Survey::next`] gave out.
    pub(super) fn apply(&mut self, group: Vec<&'a str>, answer: Result<Totals<'a>, Error>) {
        match answer {
            Ok(totals) => self.outcomes.extend(totals.into_iter().map(|(id, seen)| (id, Ok(seen)))),
            Err(why) if may_pass_in_parts(&why) && group.len() > 1 && self.halvings_left > 0 => {
                self.halve(group);
            }
            Err(why) => {
                let mut concerned = group;
                if why.meets_every_call() {
                    concerned.extend(self.work.drain(..).flatten());
                }
                self.outcomes.extend(concerned.into_iter().map(|id| (id, Err(why.clone()))));
            }
        }
    }

    /// One outcome per campaign, in their order. To be called when no query is left.
    pub(super) fn outcomes(self) -> Vec<Result<Progress, Error>> {
        self.campaigns.iter().map(|id| self.outcomes[id.as_str()].clone()).collect()
    }

    fn halve(&mut self, mut group: Vec<&'a str>) {
        self.halvings_left -= 1;
        let second = group.split_off(group.len() / 2);
        self.work.extend([group, second]);
    }
}

/// Returns whether a single campaign, or the number of campaigns, may be the cause.
fn may_pass_in_parts(why: &Error) -> bool {
    matches!(why, Error::Invalid { .. } | Error::NotFound { .. }) || why.is_about_size()
}

#[cfg(test)]
mod tests;

//! Total calls of the campaigns of a group. A campaign may have any number of rows, on any page.

use std::collections::{HashMap, hash_map};

use outbound::campaign::Progress;
use serde::Deserialize;

use crate::reading::{self, Raw};

/// Totals of the rows, by campaign.
#[derive(Debug, PartialEq)]
pub(super) struct Totals<'a>(HashMap<&'a str, Progress>);

impl<'a> Totals<'a> {
    /// Nothing yet, for each campaign of a group.
    pub(super) fn of(group: &[&'a str]) -> Self {
        Self(group.iter().map(|&id| (id, Progress::default())).collect())
    }

    /// Counts the rows of one page. Rows of campaigns outside the query are left out.
    pub(super) fn add(&mut self, rows: &[Raw]) {
        let mut left_out = 0_usize;
        for row in rows {
            if let Ok(row) = serde_json::from_str::<Row>(row.get())
                && let Some(id) = &row.campaign_id
                && let Some(total) = self.0.get_mut(id.as_str())
            {
                row.add_to(total);
            } else {
                left_out += 1;
            }
        }
        if left_out > 0 {
            tracing::warn!(left_out, "rows of the analytics are of no campaign that was asked for");
        }
    }
}

impl<'a> IntoIterator for Totals<'a> {
    type Item = (&'a str, Progress);
    type IntoIter = hash_map::IntoIter<&'a str, Progress>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    #[serde(deserialize_with = "reading::optional_text")]
    campaign_id: Option<String>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    calls_completed: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    calls_attempted: Option<u64>,
    #[serde(default, deserialize_with = "reading::optional_count")]
    connected: Option<u64>,
}

impl Row {
    /// Adds the counts of the row; values that are not counts add nothing.
    fn add_to(&self, total: &mut Progress) {
        let add = |sum: u64, calls: Option<u64>| sum.saturating_add(calls.unwrap_or(0));
        total.completed = add(total.completed, self.calls_completed);
        total.attempted = add(total.attempted, self.calls_attempted);
        total.connected = add(total.connected, self.connected);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json, value::to_raw_value};

    use super::*;

    fn raw(rows: &[Value]) -> Vec<Raw> {
        rows.iter().map(|row| to_raw_value(row).expect("JSON")).collect()
    }

    /// Total of the campaign `spring`.
    fn spring(rows: &[Value]) -> Progress {
        let mut totals = Totals::of(&["spring"]);
        totals.add(&raw(rows));
        let (_, total) = totals.into_iter().next().expect("it was asked for");
        total
    }

    #[test]
    fn the_rows_of_a_campaign_add_up() {
        let rows = [
            json!({ "campaignId": "spring", "callsCompleted": 3.0, "callsAttempted": 9, "connected": 5 }),
            json!({ "campaignId": "spring", "callsCompleted": 4, "callsAttempted": 1.0, "connected": 0 }),
        ];
        let expected = Progress { completed: 7, attempted: 10, connected: 5 };
        assert_eq!(spring(&rows), expected);
    }

    #[test]
    fn what_is_no_number_of_calls_counts_nothing() {
        for odd in [json!(-3), json!(-0.5), json!(null), json!("many"), json!([3]), json!({})] {
            let row = json!({ "campaignId": "spring", "callsCompleted": odd, "connected": 2 });
            let expected = Progress { connected: 2, ..Progress::default() };
            assert_eq!(spring(&[row]), expected, "{odd}");
        }
    }

    #[test]
    fn ids_and_counts_may_be_written_in_either_way() {
        let mut totals = Totals::of(&["4711"]);
        totals.add(&raw(&[
            json!({ "campaignId": 4711, "callsCompleted": "3" }),
            json!({ "campaignId": "4711", "callsCompleted": 4.0 }),
        ]));
        let (_, total) = totals.into_iter().next().expect("it was asked for");
        assert_eq!(total.completed, 7);
    }

    #[test]
    fn a_call_that_is_not_whole_is_not_counted() {
        let row = json!({ "campaignId": "spring", "callsCompleted": 2.9 });
        assert_eq!(spring(&[row]).completed, 2);
    }

    #[test]
    fn more_calls_than_can_be_counted_are_as_many_as_can() {
        let rows = [json!(u64::MAX), json!(1e300), json!(1)]
            .map(|calls| json!({ "campaignId": "spring", "callsCompleted": calls }));
        assert_eq!(spring(&rows).completed, u64::MAX);
    }

    #[test]
    fn rows_of_campaigns_not_requested_are_left_out() {
        let rows = [
            json!({ "campaignId": "autumn", "callsCompleted": 1 }),
            json!({ "campaignId": null, "callsCompleted": 1 }),
            json!({ "callsCompleted": 1 }),
            json!("spring"),
            json!(null),
            json!({ "campaignId": "spring", "callsCompleted": 1 }),
        ];
        assert_eq!(spring(&rows).completed, 1);
    }

    /// Spellings of a number of calls, with its value.
    fn calls() -> impl Strategy<Value = (Value, u64)> {
        prop_oneof![
            (0_u64..1000).prop_map(|calls| (json!(calls), calls)),
            (0_u32..1000).prop_map(|calls| (json!(f64::from(calls)), u64::from(calls))),
            (i64::MIN..0).prop_map(|calls| (json!(calls), 0)),
            Just((json!(null), 0)),
        ]
    }

    proptest! {
        #[test]
        fn totals_are_the_same_however_the_rows_are_paged(
            counted in proptest::collection::vec((0_usize..4, calls(), calls(), calls()), 0..60),
            page_size in 1_usize..20,
        ) {
            // The last one is not in the query.
            let campaigns = ["spring", "summer", "autumn", "winter"];
            let asked = &campaigns[..3];
            let rows: Vec<Value> = counted
                .iter()
                .map(|(at, completed, attempted, connected)| json!({
                    "campaignId": campaigns[*at],
                    "callsCompleted": completed.0,
                    "callsAttempted": attempted.0,
                    "connected": connected.0,
                }))
                .collect();
            let mut totals = Totals::of(asked);
            for page in rows.chunks(page_size) {
                totals.add(&raw(page));
            }
            prop_assert_eq!(totals.0.len(), asked.len());
            for (at, campaign) in asked.iter().enumerate() {
                let its_rows = || counted.iter().filter(|row| row.0 == at);
                let expected = Progress {
                    completed: its_rows().map(|row| row.1.1).sum(),
                    attempted: its_rows().map(|row| row.2.1).sum(),
                    connected: its_rows().map(|row| row.3.1).sum(),
                };
                prop_assert_eq!(totals.0[campaign], expected);
            }
        }
    }
}

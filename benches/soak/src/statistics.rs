//! Quantiles, and what a quarter of the day has over another.

use std::time::Duration;

/// The smallest of all values that a share of them, such as 0.99, does not exceed.
pub(crate) fn quantile(sorted: &[Duration], share: f64) -> Option<Duration> {
    #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
    let rank = sorted.len() as f64 * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is a count")]
    let rank = (rank.ceil() as usize).max(1);
    sorted.get(rank - 1).copied()
}

/// Means of the second quarter and of the last one. The first quarter is left to caches and pools.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Trend {
    pub(crate) second: f64,
    pub(crate) last: f64,
}

impl Trend {
    /// The trend of values that were measured at equal distances; `None` of fewer than four.
    pub(crate) fn of(values: &[f64]) -> Option<Self> {
        let quarter = values.len() / 4;
        let (second, last) = (values.get(quarter..2 * quarter)?, values.len() - quarter);
        Some(Self { second: mean(second)?, last: mean(&values[last..])? })
    }

    /// Growth in percent.
    pub(crate) fn growth(self) -> f64 {
        (self.last / self.second - 1.0) * 100.0
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "there are far fewer than 2^52")]
    let count = values.len() as f64;
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(values: impl IntoIterator<Item = u64>) -> Vec<Duration> {
        values.into_iter().map(Duration::from_millis).collect()
    }

    #[test]
    fn a_quantile_is_one_of_the_values() {
        let hundred = ms(1..=100);
        for (share, expected) in [(0.0, 1), (0.5, 50), (0.99, 99), (0.991, 100), (1.0, 100)] {
            assert_eq!(quantile(&hundred, share), Some(Duration::from_millis(expected)), "{share}");
        }
        assert_eq!(quantile(&ms([7]), 0.5), Some(Duration::from_millis(7)));
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_last_quarter_is_compared_with_the_second() {
        let values = [90.0, 90.0, 10.0, 12.0, 90.0, 90.0, 21.0, 23.0];
        let trend = Trend::of(&values).expect("a trend");
        assert_eq!(trend, Trend { second: 11.0, last: 22.0 });
        assert!((trend.growth() - 100.0).abs() < 1e-9);
    }

    #[test]
    fn what_is_left_over_of_the_quarters_is_between_them() {
        let values = [9.0, 1.0, 9.0, 9.0, 9.0, 9.0, 2.0];
        assert_eq!(Trend::of(&values), Some(Trend { second: 1.0, last: 2.0 }));
    }

    #[test]
    fn fewer_than_four_values_have_no_trend() {
        assert_eq!(Trend::of(&[1.0, 2.0, 3.0]), None);
        assert_eq!(Trend::of(&[]), None);
    }
}

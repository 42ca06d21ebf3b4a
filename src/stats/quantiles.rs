//! Quantiles of what was observed: exact for small stories, in buckets for long runs.

use super::histogram::{Histogram, rank};

/// Observations up to which every value is kept.
pub(crate) const KEPT: usize = 100_000;

/// A sample whose quantiles can be asked for.
#[derive(Clone, Debug)]
pub(crate) enum Sample {
    /// Every value, while there are at most [`KEPT`].
    Kept(Vec<u64>),
    /// Counts in buckets 0.2 % wide.
    Counted(Histogram),
}

impl Sample {
    /// A sample that keeps each value as long as it can.
    pub(crate) fn exact() -> Self {
        Sample::Kept(Vec::new())
    }

    /// A sample that counts.
    pub(crate) fn counted() -> Self {
        Sample::Counted(Histogram::new())
    }

    /// Takes a value.
    #[inline]
    pub(crate) fn record(&mut self, value: u64) {
        match self {
            Sample::Counted(histogram) => histogram.record(value),
            Sample::Kept(values) if values.len() < KEPT => values.push(value),
            Sample::Kept(_) => {
                self.count_instead();
                self.record(value);
            }
        }
    }

    /// Takes values.
    pub(crate) fn record_all(&mut self, values: &[u64]) {
        match self {
            Sample::Counted(histogram) => histogram.record_all(values),
            Sample::Kept(_) => values.iter().for_each(|value| self.record(*value)),
        }
    }

    /// Takes so many zeros.
    pub(crate) fn record_zeros(&mut self, count: u64) {
        match self {
            Sample::Counted(histogram) => histogram.record_zeros(count),
            Sample::Kept(_) => (0..count).for_each(|_| self.record(0)),
        }
    }

    #[cold]
    fn count_instead(&mut self) {
        if let Sample::Kept(values) = self {
            let mut histogram = Histogram::new();
            values.iter().for_each(|value| histogram.record(*value));
            *self = Sample::Counted(histogram);
        }
    }

    /// Adds all values of `other`.
    pub(crate) fn merge(&mut self, other: &Sample) {
        match (&mut *self, other) {
            (Sample::Counted(mine), Sample::Counted(theirs)) => mine.merge(theirs),
            (Sample::Kept(_), Sample::Counted(_)) => {
                self.count_instead();
                self.merge(other);
            }
            (_, Sample::Kept(values)) => values.iter().for_each(|value| self.record(*value)),
        }
    }

    /// Number of values.
    pub(crate) fn count(&self) -> u64 {
        match self {
            Sample::Kept(values) => values.len() as u64,
            Sample::Counted(histogram) => histogram.count(),
        }
    }

    /// The greatest value that counts as the quantile of type 1 at `p`: where values are counted in
    /// buckets, all of one bucket are one. `None` if there are no values.
    pub(crate) fn cut(&self, p: f64) -> Option<u64> {
        match self {
            Sample::Kept(values) => {
                let mut values = values.clone();
                let at = rank(p, values.len() as u64)? as usize;
                Some(*values.select_nth_unstable(at).1)
            }
            Sample::Counted(histogram) => histogram.cut(p),
        }
    }

    /// How many values are at most `cut` (or share its bucket).
    pub(crate) fn count_through(&self, cut: u64) -> u64 {
        match self {
            Sample::Kept(values) => values.iter().filter(|value| **value <= cut).count() as u64,
            Sample::Counted(histogram) => histogram.count_through(cut),
        }
    }

    /// How far apart different values may lie that count as the quantile at `p`, and how many there are;
    /// `None` where every value is kept, or they are all the same.
    pub(crate) fn bucket_of(&self, p: f64) -> Option<(f64, u64)> {
        match self {
            Sample::Kept(_) => None,
            Sample::Counted(histogram) => histogram.bucket_of(p),
        }
    }

    /// The quantiles of type 1 at `ps`; empty if there are no values.
    pub(crate) fn quantiles(&self, ps: &[f64]) -> Vec<f64> {
        match self {
            Sample::Kept(values) => {
                let mut sorted = values.clone();
                sorted.sort_unstable();
                let at = |p: &f64| rank(*p, sorted.len() as u64).map(|r| sorted[r as usize] as f64);
                ps.iter().filter_map(at).collect()
            }
            Sample::Counted(histogram) => {
                ps.iter().filter_map(|p| histogram.quantile(*p)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_those_of_type_one() {
        for (p, count, expect) in
            [(0.5, 4, 1), (0.5, 5, 2), (0.95, 20, 18), (0.99, 70, 69), (1.0, 7, 6), (0.0, 7, 0)]
        {
            assert_eq!(rank(p, count), Some(expect), "{p} of {count}");
        }
        assert_eq!(rank(0.1, 30), Some(2), "0.1 x 30 is not a little over 3");
        assert_eq!(rank(0.5, 0), None);
    }

    #[test]
    fn a_sample_that_outgrows_itself_goes_on_counting() {
        let mut sample = Sample::exact();
        (0..KEPT as u64 + 10).for_each(|value| sample.record(value % 1000));
        assert!(matches!(sample, Sample::Counted(_)));
        assert_eq!(sample.count(), KEPT as u64 + 10);
        assert_eq!(sample.quantiles(&[0.5]), [499.0]);
        let mut other = Sample::exact();
        other.record(5);
        other.merge(&sample);
        assert_eq!(other.count(), KEPT as u64 + 11);
    }
}

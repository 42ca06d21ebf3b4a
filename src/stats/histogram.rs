//! Counts of whole numbers in buckets of constant relative width.
//!
//! The first 1024 values have a bucket each; above, every octave has 512 (the layout of
//! HdrHistogram): a bucket is at most 0.2 % wide. Each bucket also keeps the sum of what fell into
//! it, and a quantile is the mean of its bucket: a value that many requests share (a constant
//! service time) comes out exactly, others within 0.1 %. Counts are integers, so merging is
//! associative and results do not depend on the number of threads.

/// Buckets in an octave, as a power of two.
const OCTAVE_BITS: u32 = 9;
const OCTAVE: usize = 1 << OCTAVE_BITS;
/// The bucket of the greatest value.
const LAST: usize = (65 - OCTAVE_BITS as usize) * OCTAVE - 1;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Bucket {
    count: u64,
    /// Sum of the values' distances from the bucket's lower end.
    above: u64,
}

/// A histogram of `u64` values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Histogram {
    buckets: Vec<Bucket>,
    count: u64,
}

/// The bucket of a value.
fn index_of(value: u64) -> usize {
    let octave = octave_of(value);
    (value >> octave) as usize + octave as usize * OCTAVE
}

/// By how many places a value is shifted to fit its octave.
#[inline]
fn octave_of(value: u64) -> u32 {
    (value | OCTAVE as u64).ilog2() - OCTAVE_BITS
}

/// The least value of a bucket.
fn low_of(index: usize) -> u64 {
    let octave = (index / OCTAVE).saturating_sub(1);
    ((index - octave * OCTAVE) as u64) << octave
}

/// Makes room for a bucket, an octave at a time.
#[cold]
fn grow(buckets: &mut Vec<Bucket>, index: usize) {
    buckets.resize((index / OCTAVE + 1) * OCTAVE, Bucket::default());
}

impl Histogram {
    /// An empty histogram.
    pub fn new() -> Self {
        Histogram::default()
    }

    /// Counts one value.
    #[inline]
    pub fn record(&mut self, value: u64) {
        self.record_all(&[value]);
    }

    /// Counts values.
    #[inline]
    pub fn record_all(&mut self, values: &[u64]) {
        let mut buckets = &mut self.buckets[..];
        for value in values {
            let octave = octave_of(*value);
            let index = (value >> octave) as usize + octave as usize * OCTAVE;
            if index >= buckets.len() {
                grow(&mut self.buckets, index);
                buckets = &mut self.buckets[..];
            }
            let bucket = &mut buckets[index];
            bucket.count += 1;
            bucket.above += value & !(u64::MAX << octave);
        }
        self.count += values.len() as u64;
    }

    /// Number of values counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Histogram) {
        if other.buckets.len() > self.buckets.len() {
            self.buckets.resize(other.buckets.len(), Bucket::default());
        }
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            mine.count += theirs.count;
            mine.above += theirs.above;
        }
        self.count += other.count;
    }

    /// The quantile of type 1, inf{x: F(x) >= p}, as the mean of its bucket; `None` if nothing was
    /// counted.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let rank = super::quantiles::rank(p, self.count)?;
        let mut seen = 0;
        self.means().find_map(|(mean, count)| {
            seen += count;
            (seen > rank).then_some(mean)
        })
    }

    /// The greatest value that shares a bucket with the quantile of type 1; `None` if nothing was
    /// counted.
    pub fn cut(&self, p: f64) -> Option<u64> {
        let rank = super::quantiles::rank(p, self.count)?;
        let mut seen = 0;
        let index = self.buckets.iter().position(|bucket| {
            seen += bucket.count;
            seen > rank
        })?;
        Some(if index == LAST { u64::MAX } else { low_of(index + 1) - 1 })
    }

    /// How many values are at most `cut`, or share its bucket.
    pub fn count_through(&self, cut: u64) -> u64 {
        let buckets = self.buckets.len().min(index_of(cut) + 1);
        self.buckets[..buckets].iter().map(|bucket| bucket.count).sum()
    }

    /// (mean, count) of each bucket that is not empty, rising.
    pub fn means(&self) -> impl Iterator<Item = (f64, u64)> {
        let used = self.buckets.iter().enumerate().filter(|(_, bucket)| bucket.count > 0);
        used.map(|(index, bucket)| {
            let above = bucket.above as f64 / bucket.count as f64;
            (low_of(index) as f64 + above, bucket.count)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_meet_without_gaps() {
        for index in 0..54 * OCTAVE {
            assert_eq!(index_of(low_of(index)), index);
            if index > 0 {
                assert_eq!(index_of(low_of(index) - 1), index - 1);
            }
        }
        assert_eq!((index_of(u64::MAX), LAST), (56 * OCTAVE - 1, 56 * OCTAVE - 1));
    }

    #[test]
    fn a_shared_value_is_exact() {
        let mut histogram = Histogram::new();
        (0..1000).for_each(|_| histogram.record(100_000_007));
        assert_eq!(histogram.quantile(0.5), Some(100_000_007.0));
        assert_eq!(histogram.quantile(0.0), Some(100_000_007.0));
        assert_eq!(Histogram::new().quantile(0.5), None);
    }

    proptest! {
        /// Every quantile is within 0.2 % of the sorted list's.
        #[test]
        fn quantiles_are_near_the_sorted_list(
            mut values in prop::collection::vec(0u64..10_000_000_000, 1..400),
            p in 0.0..=1.0f64,
        ) {
            let (mut left, mut right) = (Histogram::new(), Histogram::new());
            for (i, value) in values.iter().enumerate() {
                if i % 3 == 0 { left.record(*value) } else { right.record(*value) }
            }
            left.merge(&right);
            values.sort_unstable();
            let exact = values[super::super::quantiles::rank(p, values.len() as u64).unwrap() as usize];
            let got = left.quantile(p).unwrap();
            prop_assert!((got - exact as f64).abs() <= 0.002 * exact as f64, "{} {}", got, exact);
            let cut = left.cut(p).unwrap();
            prop_assert!(exact <= cut && cut as f64 <= 1.002 * exact as f64 + 1.0);
            let through = values.iter().filter(|value| **value <= cut).count() as u64;
            prop_assert_eq!(left.count_through(cut), through);
        }
    }
}

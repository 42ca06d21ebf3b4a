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

/// A histogram of `u64` values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Histogram {
    /// Values in each bucket.
    counts: Vec<u64>,
    /// Their sums modulo 2^64. (Beside each other, the two additions would be made one of a vector,
    /// in five instructions instead of two.)
    sums: Vec<u64>,
    count: u64,
}

/// The bucket of a value.
#[inline]
fn index_of(value: u64) -> usize {
    // A float's exponent and its first nine binary places number the same buckets: from the second
    // octave on, and as long as the conversion is exact.
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    const PLACES: u32 = f64::MANTISSA_DIGITS - 1 - OCTAVE_BITS;
    const FIRST: usize = (OCTAVE as f64).to_bits() as usize >> PLACES;
    if value.wrapping_sub(OCTAVE as u64) < EXACT - OCTAVE as u64 {
        return ((value as i64 as f64).to_bits() >> PLACES) as usize - (FIRST - OCTAVE);
    }
    index_by_shift(value)
}

/// The bucket of any value.
#[cold]
fn index_by_shift(value: u64) -> usize {
    let octave = (value | OCTAVE as u64).ilog2() - OCTAVE_BITS;
    (value >> octave) as usize + octave as usize * OCTAVE
}

/// The least value of a bucket.
fn low_of(index: usize) -> u64 {
    let octave = (index / OCTAVE).saturating_sub(1);
    ((index - octave * OCTAVE) as u64) << octave
}

/// Counts values until one has no bucket yet; gives those that are left.
#[inline]
fn count_into<'a>(counts: &mut [u64], sums: &mut [u64], values: &'a [u64]) -> &'a [u64] {
    let sums = &mut sums[..counts.len()];
    let mut values = values.iter();
    loop {
        let left = values.as_slice();
        let Some(value) = values.next() else { return left };
        let index = index_of(*value);
        if index >= counts.len() {
            return left;
        }
        counts[index] += 1;
        sums[index] = sums[index].wrapping_add(*value);
    }
}

impl Histogram {
    /// An empty histogram.
    pub(crate) fn new() -> Self {
        Histogram::default()
    }

    /// Counts one value.
    #[inline]
    pub(crate) fn record(&mut self, value: u64) {
        self.record_all(&[value]);
    }

    /// Counts values.
    #[inline]
    pub(crate) fn record_all(&mut self, values: &[u64]) {
        let mut left = values;
        while let [value, ..] = left {
            self.reach(index_of(*value));
            left = count_into(&mut self.counts, &mut self.sums, left);
        }
        self.count += values.len() as u64;
    }

    /// Makes room for a bucket, an octave at a time.
    fn reach(&mut self, index: usize) {
        if index >= self.counts.len() {
            self.resize((index / OCTAVE + 1) * OCTAVE);
        }
    }

    fn resize(&mut self, buckets: usize) {
        // Room for all at once: what is not touched costs no memory, what is moved leaves holes.
        for numbers in [&mut self.counts, &mut self.sums] {
            numbers.reserve_exact(LAST + 1 - numbers.len());
            numbers.resize(buckets, 0);
        }
    }

    /// Counts so many zeros.
    pub(crate) fn record_zeros(&mut self, count: u64) {
        if count > 0 {
            self.record(0);
            self.counts[0] += count - 1;
            self.count += count - 1;
        }
    }

    /// Number of values counted.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Adds all that `other` has counted.
    pub(crate) fn merge(&mut self, other: &Histogram) {
        if other.counts.len() > self.counts.len() {
            self.resize(other.counts.len());
        }
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
        for (mine, theirs) in self.sums.iter_mut().zip(&other.sums) {
            *mine = mine.wrapping_add(*theirs);
        }
        self.count += other.count;
    }

    /// The quantile of type 1, inf{x: F(x) >= p}, as the mean of its bucket; `None` if nothing was
    /// counted.
    pub(crate) fn quantile(&self, p: f64) -> Option<f64> {
        let (index, count, above) = self.bucket_at(p)?;
        Some(low_of(index) as f64 + above as f64 / count as f64)
    }

    /// The bucket of the quantile of type 1, as [`Histogram::buckets`] gives it.
    fn bucket_at(&self, p: f64) -> Option<(usize, u64, u64)> {
        let rank = rank(p, self.count)?;
        let mut seen = 0;
        self.buckets().find(|(_, count, _)| {
            seen += count;
            seen > rank
        })
    }

    /// The greatest value that shares a bucket with the quantile of type 1; `None` if nothing was
    /// counted.
    pub(crate) fn cut(&self, p: f64) -> Option<u64> {
        let (index, ..) = self.bucket_at(p)?;
        Some(if index == LAST { u64::MAX } else { low_of(index + 1) - 1 })
    }

    /// How wide the bucket of the quantile of type 1 is and how many values it holds; `None` if they are one
    /// value (or nothing was counted).
    pub(crate) fn bucket_of(&self, p: f64) -> Option<(f64, u64)> {
        let (index, count, above) = self.bucket_at(p)?;
        // The mean of one value, a whole number of nanoseconds, is whole; of different ones it hardly ever is.
        // Above the greatest bucket lies 2^64, which wraps to 0.
        let width = low_of(index + 1).wrapping_sub(low_of(index));
        (above % count > 0).then_some((width as f64, count))
    }

    /// How many values are at most `cut`, or share its bucket.
    pub(crate) fn count_through(&self, cut: u64) -> u64 {
        let buckets = self.counts.len().min(index_of(cut) + 1);
        self.counts[..buckets].iter().sum()
    }

    /// Each bucket that is not empty, rising: its number, how many values it holds, and by how much
    /// their sum exceeds that many times its least value.
    pub(crate) fn buckets(&self) -> impl Iterator<Item = (usize, u64, u64)> {
        let buckets = self.counts.iter().zip(&self.sums).enumerate();
        buckets.filter(|(_, (count, _))| **count > 0).map(|(index, (count, sum))| {
            (index, *count, sum.wrapping_sub(count.wrapping_mul(low_of(index))))
        })
    }

    /// Adds to a bucket what [`Histogram::buckets`] gave of it. `None` if there is no such bucket,
    /// or a count exceeds 64 bits.
    pub(crate) fn add_bucket(&mut self, index: usize, count: u64, above: u64) -> Option<()> {
        if index > LAST {
            return None;
        }
        self.reach(index);
        self.counts[index] = self.counts[index].checked_add(count)?;
        let sum = count.wrapping_mul(low_of(index)).wrapping_add(above);
        self.sums[index] = self.sums[index].wrapping_add(sum);
        self.count = self.count.checked_add(count)?;
        Some(())
    }
}

/// The 0-based rank of the quantile of type 1 (Hyndman & Fan 1996) among `count` sorted values:
/// inf{x: F(x) >= p}. `None` if there are no values.
pub(crate) fn rank(p: f64, count: u64) -> Option<u64> {
    // p x count is rounded up, but not over a rounding error of the product: 0.1 x 30 is 3.
    let exact = p * count as f64;
    let up = (exact - exact.abs() * 1e-12).ceil().max(1.0) as u64;
    (count > 0).then(|| up.min(count) - 1)
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
        for value in (0..4096).chain((9..64).flat_map(|e| (1 << e) - 3..(1 << e) + 3)) {
            assert_eq!(index_of(value), index_by_shift(value), "{value}");
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
            let exact = values[rank(p, values.len() as u64).unwrap() as usize];
            let got = left.quantile(p).unwrap();
            prop_assert!((got - exact as f64).abs() <= 0.002 * exact as f64, "{} {}", got, exact);
            let cut = left.cut(p).unwrap();
            prop_assert!(exact <= cut && cut as f64 <= 1.002 * exact as f64 + 1.0);
            let through = values.iter().filter(|value| **value <= cut).count() as u64;
            prop_assert_eq!(left.count_through(cut), through);
            let mut copy = Histogram::new();
            for (index, count, above) in left.buckets() {
                copy.add_bucket(index, count, above).unwrap();
            }
            prop_assert_eq!(copy, left);
        }
    }
}

//! What may be said of the truth from independent runs of equal length.
//!
//! Means and shares: Student's t over the runs. Quantiles: see `quantile`.

use super::quantiles::Sample;
use statrs::function::beta::{beta_reg, inv_beta_reg};

/// A value and half the width of its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Interval {
    /// The estimate.
    pub(crate) value: f64,
    /// Half the width.
    pub(crate) half_width: f64,
}

impl Interval {
    /// Half-width over value; 0 for an interval without width, infinite around 0.
    pub(crate) fn relative(self) -> f64 {
        if self.half_width == 0.0 { 0.0 } else { (self.half_width / self.value).abs() }
    }
}

/// The quantile of Student's t with `freedom` degrees of freedom that leaves (1 - `confidence`)/2
/// above it.
pub fn student(confidence: f64, freedom: usize) -> f64 {
    // P(|T| > t) = I_x(n/2, 1/2) with x = n / (n + t^2).
    let n = freedom as f64;
    let x = inv_beta_reg(n / 2.0, 0.5, 1.0 - confidence);
    (n * (1.0 / x - 1.0)).max(0.0).sqrt()
}

/// Around `centre` (the mean, or a pooled quantile) from the runs' own values.
/// `None` for fewer than two values.
pub(crate) fn around(centre: f64, values: &[f64], confidence: f64) -> Option<Interval> {
    let count = values.len();
    if count < 2 {
        return None;
    }
    let spread: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let deviation = (spread / (count - 1) as f64).sqrt();
    let half_width = student(confidence, count - 1) * deviation / (count as f64).sqrt();
    Some(Interval { value: centre, half_width })
}

/// The mean of the runs' values with its interval; `None` for fewer than two.
pub(crate) fn mean(values: &[f64], confidence: f64) -> Option<Interval> {
    around(average(values), values, confidence)
}

/// Independent events below which the interval of a share is not Student's.
const MANY: f64 = 50.0;

/// The interval of a share that was counted in several runs, of `trials` requests in all: `centre`
/// from the runs' own shares. Also whether it rests on so few events that it is exact instead of
/// Student's.
///
/// Of few events the spread of the runs says little: where none was seen it is 0. There the interval
/// is that of Clopper and Pearson (1934, "The use of confidence or fiducial limits illustrated in
/// the case of the binomial", Biometrika 26) for as many independent requests as have this spread
/// (Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
/// positive counts", Survey Methodology 24). Events come in clusters of at least `cluster`: with
/// none the spread cannot tell it. Of no event in n the interval ends at about 3.7 `cluster` / n.
/// The half-width is the longer side.
pub(crate) fn share(
    centre: f64,
    values: &[f64],
    (trials, cluster): (f64, f64),
    confidence: f64,
) -> Option<(Interval, bool)> {
    let student_s = around(centre, values, confidence)?;
    let rare = centre.min(1.0 - centre);
    if rare.is_nan() || trials < 1.0 {
        return Some((student_s, false));
    }
    let t = student(confidence, values.len() - 1);
    let variance = (student_s.half_width / t).powi(2);
    let spread = if rare > 0.0 { variance * trials / (rare * (1.0 - rare)) } else { 0.0 };
    if trials * rare / spread.max(1.0) >= MANY {
        return Some((student_s, false));
    }
    // What the runs tell of the spread is itself a guess: as for a mean, by Student's t.
    let guess = if rare > 0.0 { (student(confidence, 1_000_000) / t).powi(2) } else { 1.0 };
    let n = (trials * guess / spread.max(cluster).max(1.0)).max(1.0);
    let tail = (1.0 - confidence) / 2.0;
    let events = (n * rare).min(n);
    let above = if events >= n { 1.0 } else { beta_quantile(events + 1.0, n - events, 1.0 - tail) };
    let below = if events > 0.0 { beta_quantile(events, n - events + 1.0, tail) } else { 0.0 };
    let half_width = (above - rare).max(rare - below);
    Some((Interval { value: centre, half_width }, true))
}

/// The quantile of a beta distribution, by bisection: the search of `inv_beta_reg` has no end for some
/// of the values that shares of many requests have.
fn beta_quantile(a: f64, b: f64, p: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    // Each step halves the distance; small quantiles need more steps than digits.
    for _ in 0..100 {
        let middle = 0.5 * (low + high);
        if beta_reg(a, b, middle) < p { low = middle } else { high = middle }
    }
    0.5 * (low + high)
}

/// A quantile of several runs together.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Quantile {
    /// The quantile of all values.
    pub(crate) value: f64,
    /// What each run says of it: values with this mean, whose spread is that of the estimate.
    pub(crate) runs: Vec<f64>,
}

/// The quantile at `p` of all runs together (`pooled`), and what each run says of it.
///
/// The *shares* of each run's values that lie below the pooled quantile are means, so their spread
/// tells how far the pooled share may be from `p`; the pooled distribution turns that into time
/// (Woodruff 1952, "Confidence intervals for medians and other position measures", Journal of the
/// American Statistical Association 47; for runs of a simulation: Asmussen & Glynn 2007,
/// "Stochastic Simulation", ch. III.4). The quantiles of the runs themselves would mislead: in a
/// run with two or three busy spells beyond p99 their spread is too small by a third.
///
/// `None` if there are no values.
pub(crate) fn quantile(
    p: f64,
    pooled: &Sample,
    runs: &[&Sample],
    confidence: f64,
) -> Option<Quantile> {
    let value = *pooled.quantiles(&[p]).first()?;
    let same = || Some(Quantile { value, runs: vec![value; runs.len()] });
    let cut = pooled.cut(p)?;
    let total = pooled.count() as f64;
    let share = pooled.count_through(cut) as f64 / total;
    let each = total / runs.len() as f64;
    // How far each run's share is from the pooled one, weighted by its size (a ratio of means).
    let offs: Vec<f64> = runs
        .iter()
        .map(|run| (run.count_through(cut) as f64 - share * run.count() as f64) / each)
        .collect();
    let Some(Interval { half_width, .. }) = around(0.0, &offs, confidence) else { return same() };
    if half_width == 0.0 {
        return same();
    }
    let ends = pooled.quantiles(&[(p - half_width).max(0.0), (p + half_width).min(1.0)]);
    // What lies outside 0 ..= 1 is cut off, so the slope is that of what is left.
    let width = (p + half_width).min(1.0) - (p - half_width).max(0.0);
    let slope = match pooled.bucket_of(p) {
        // So many values that the ends share a bucket: within it they are taken to be evenly spread.
        Some((bucket, count)) if ends[1] == ends[0] => bucket * total / count as f64,
        _ => (ends[1] - ends[0]) / width,
    };
    Some(Quantile { value, runs: offs.iter().map(|off| value - off * slope).collect() })
}

/// The average; 0 of nothing.
pub(crate) fn average(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of Student's t (Abramowitz & Stegun 1964, table 26.10).
    #[test]
    fn student_agrees_with_the_tables() {
        for (confidence, freedom, expect) in [
            (0.95, 19, 2.093),
            (0.95, 1, 12.706),
            (0.99, 10, 3.169),
            (0.90, 4, 2.132),
            (0.95, 120, 1.980),
            (0.999, 30, 3.646),
        ] {
            let got = student(confidence, freedom);
            assert!((got - expect).abs() < 6e-4, "{confidence} {freedom}: {got}");
        }
    }

    /// By hand: the bound of Clopper and Pearson for no event in n is 1 - 0.025^(1/n); clusters of 3
    /// divide n by 3. For 5 events in 1,000 the limits are 0.00163 and 0.01163 (tables of the
    /// binomial, Poisson limits 1.62 and 11.67). Of 20 runs that have events n is multiplied by
    /// (1.95996 / 2.09302)² = 0.8769: with 1,140.4 trials of binomial spread it is 1,000.
    #[test]
    fn few_events_have_an_exact_interval() {
        for (trials, cluster) in [(130_000.0, 1.0), (130_000.0, 3.0), (400.0, 1.0)] {
            let n: f64 = trials / cluster;
            let expect = 1.0 - 0.025f64.powf(1.0 / n);
            let (got, rare) = share(0.0, &[0.0; 20], (trials, cluster), 0.95).unwrap();
            assert!(rare && (got.half_width / expect - 1.0).abs() < 1e-3, "{got:?} {expect}");
        }
        let trials = 1000.0 / 0.87689;
        let deviation = (0.005f64 * 0.995 / trials * 20.0).sqrt();
        // Ten runs above and ten below: s² is 20/19 of the square of their distance.
        let off = deviation * (19.0f64 / 20.0).sqrt();
        let values: Vec<f64> =
            (0..20).map(|k| 0.005 + if k % 2 == 0 { off } else { -off }).collect();
        let (got, rare) = share(0.005, &values, (trials, 1.0), 0.95).unwrap();
        assert!(rare && (got.half_width - 0.00663).abs() < 2e-5, "{got:?}");
        // The same for the share of the others.
        let others: Vec<f64> = values.iter().map(|value| 1.0 - value).collect();
        let (mirrored, _) = share(0.995, &others, (trials, 1.0), 0.95).unwrap();
        assert!((mirrored.half_width - got.half_width).abs() < 1e-6);
        // Of many events (570, in runs that differ by chance alone) it is Student's.
        let calm = |value: &f64| 0.005 + (value - 0.005) / 10.0;
        let values: Vec<f64> = values.iter().map(calm).collect();
        let (many, rare) = share(0.005, &values, (100.0 * trials, 1.0), 0.95).unwrap();
        assert!(!rare && Some(many) == around(0.005, &values, 0.95));
    }

    /// Of every share and number of requests there is an end, and an interval.
    #[test]
    fn every_share_has_an_interval() {
        for trials in [20.0, 6_500.0, 130_000.0, 1e6, 3e7, 1e10] {
            for events in [0.0, 0.3, 1.0, 7.5, 49.0] {
                for cluster in [1.0, 2.3, 18.18, 300.0] {
                    let share_of: f64 = f64::min(events / trials, 1.0);
                    let told = share(share_of, &[share_of; 20], (trials, cluster), 0.95);
                    let (interval, _) = told.expect("an interval");
                    assert!((0.0..=1.0).contains(&interval.half_width), "{interval:?}");
                }
            }
        }
    }

    fn kept(values: impl IntoIterator<Item = u64>) -> Sample {
        let mut sample = Sample::exact();
        values.into_iter().for_each(|value| sample.record(value));
        sample
    }

    fn together(runs: &[Sample]) -> Sample {
        let mut pooled = Sample::exact();
        runs.iter().for_each(|run| pooled.merge(run));
        pooled
    }

    /// Worked by hand: of the values 1 ..= 100 in four runs, 13, 13, 12 and 12 of 25 are at most
    /// 50. So the runs' shares are off by ±1/50, s = 0.0231, half-width 3.1824 x 0.0231 / 2 =
    /// 0.0367, and the interval ends at the values of rank 47 and 54.
    #[test]
    fn a_quantile_has_the_interval_of_its_share() {
        let runs: Vec<Sample> = (1..=4).map(|k| kept((0..25).map(move |i| 4 * i + k))).collect();
        let refs: Vec<&Sample> = runs.iter().collect();
        let told = quantile(0.5, &together(&runs), &refs, 0.95).unwrap();
        assert_eq!(told.value, 50.0);
        let interval = around(50.0, &told.runs, 0.95).unwrap();
        assert!((interval.half_width - 3.5).abs() < 1e-9, "{interval:?}");
        assert!((average(&told.runs) - 50.0).abs() < 1e-9);
    }

    /// The atom of those who do not wait: no spread, as long as it is far from the quantile.
    #[test]
    fn the_quantile_of_an_atom_has_no_width() {
        let runs = [10, 12, 9].map(|waits| kept((0..30).map(|i| if i < waits { 5 } else { 0 })));
        let refs: Vec<&Sample> = runs.iter().collect();
        let told = quantile(0.5, &together(&runs), &refs, 0.95).unwrap();
        assert_eq!((told.value, told.runs), (0.0, vec![0.0; 3]));
        assert_eq!(quantile(0.5, &Sample::exact(), &[], 0.95), None);
    }

    /// Worked by hand: ten runs of 50,720 values, of which 30,720 are spread evenly over a bucket 1,024 wide. One
    /// run has 100 more below it, one 100 less: their shares are off by ±0.0019716, s = 0.00092942, half-width
    /// 2.2622 x s / sqrt(10) = 0.00066488. Both ends are in the bucket, which is 1,024 / (30,720 / 50,720) = 1,690.7
    /// a share: ±1.1241.
    #[test]
    fn a_quantile_within_one_bucket_has_a_width() {
        let run = |below: u64, even: bool| {
            let mut run = Sample::counted();
            (0..below).for_each(|_| run.record(900_000));
            (0..30_720).for_each(|k| run.record(999_424 + if even { k % 1024 } else { 7 }));
            (0..20_000 - below).for_each(|_| run.record(1_100_000));
            run
        };
        let width = |even: bool| {
            let below = |k: u64| if k < 2 { 9_900 + 200 * k } else { 10_000 };
            let runs: Vec<Sample> = (0..10).map(|k| run(below(k), even)).collect();
            let refs: Vec<&Sample> = runs.iter().collect();
            let told = quantile(0.5, &together(&runs), &refs, 0.95).unwrap();
            around(told.value, &told.runs, 0.95).unwrap().half_width
        };
        assert!((width(true) - 1.1241).abs() < 1e-3, "{}", width(true));
        // One value that many requests share is known exactly.
        assert_eq!(width(false), 0.0);
    }

    /// Worked by hand: mean 3, s^2 = 2.5, t(4) = 2.7764, half-width 2.7764 x sqrt(0.5).
    #[test]
    fn the_interval_of_five_numbers() {
        let interval = mean(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        assert_eq!(interval.value, 3.0);
        assert!((interval.half_width - 1.963_2).abs() < 1e-4, "{interval:?}");
        assert_eq!(mean(&[1.0], 0.95), None);
    }
}

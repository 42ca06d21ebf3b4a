//! Samples as a distribution: its figures, the quantiles that the grammar of scenarios takes, and
//! how near the usual families come.

use statrs::distribution::{ContinuousCDF, Exp, Gamma, LogNormal};

/// The figures of a sample of seconds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct SampleShape {
    /// The sample in increasing order.
    pub(crate) values: Vec<f64>,
    /// Its mean.
    pub(crate) mean: f64,
    /// Its coefficient of variation.
    pub(crate) cv: f64,
}

/// A family and how far it is off.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Family {
    /// As the grammar writes it.
    pub(crate) text: String,
    /// The distance of Kolmogorov and Smirnov: the most by which the distributions differ.
    pub(crate) distance: f64,
}

impl SampleShape {
    /// The shape of a sample; none if it is empty.
    pub(crate) fn of(mut values: Vec<f64>) -> Option<SampleShape> {
        if values.is_empty() {
            return None;
        }
        values.sort_by(f64::total_cmp);
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / count;
        let cv = if mean > 0.0 { variance.sqrt() / mean } else { 0.0 };
        Some(SampleShape { values, mean, cv })
    }

    /// The quantile of type 1 (Hyndman & Fan 1996): the least value that the share `p` does not
    /// pass.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let rank = (p * self.values.len() as f64 - 1e-9).ceil().max(1.0) as usize;
        self.values[rank.min(self.values.len()) - 1]
    }

    /// Whether there is nothing but one value.
    pub(crate) fn is_constant(&self) -> bool {
        self.cv < 0.02
    }

    /// The sample in the grammar of scenarios: a constant, or its quantiles.
    pub(crate) fn text(&self) -> String {
        if self.mean < 1e-7 {
            return "0s".to_owned();
        }
        if self.is_constant() {
            return time(self.mean);
        }
        let mut points: Vec<(String, u64)> = Vec::new();
        let count = self.values.len() as f64;
        for p in LEVELS.into_iter().filter(|p| p.min(1.0 - p) * count >= 1.0) {
            push(&mut points, format!("p{}", (p * 1e4).round() / 1e2), self.quantile(p));
        }
        let last = self.values[self.values.len() - 1];
        while points.len() > 1 && points.last().is_some_and(|point| point.1 >= micros(last)) {
            points.pop();
        }
        let text = |(name, value): &(String, u64)| format!("{name}={}", time(*value as f64 / 1e6));
        let mut texts: Vec<String> = points.iter().map(text).collect();
        if points.first().is_none_or(|point| point.1 >= micros(last)) {
            return time(self.mean);
        }
        texts.push(format!("max={}", time(last)));
        format!("quantiles({})", texts.join(","))
    }

    /// The exponential, gamma and log-normal of greatest likelihood (for the gamma by Minka 2002),
    /// the nearest first.
    pub(crate) fn families(&self) -> Vec<Family> {
        let positive: Vec<f64> = self.values.iter().copied().filter(|x| *x > 0.0).collect();
        if positive.len() < 10 || self.is_constant() {
            return Vec::new();
        }
        let count = positive.len() as f64;
        let mean = positive.iter().sum::<f64>() / count;
        let logs: Vec<f64> = positive.iter().map(|x| x.ln()).collect();
        let log_mean = logs.iter().sum::<f64>() / count;
        let sigma = (logs.iter().map(|x| (x - log_mean).powi(2)).sum::<f64>() / count).sqrt();
        let shape = gamma_shape(mean.ln() - log_mean);
        let mut families = Vec::new();
        if let Ok(exp) = Exp::new(1.0 / mean) {
            families.push(family(&positive, format!("exp({})", time(mean)), |x| exp.cdf(x)));
        }
        if let Ok(gamma) = Gamma::new(shape, shape / mean) {
            let text = format!("gamma(mean={},cv={:.2})", time(mean), 1.0 / shape.sqrt());
            families.push(family(&positive, text, |x| gamma.cdf(x)));
        }
        if let Ok(normal) = LogNormal::new(log_mean, sigma) {
            let (mean, cv) =
                ((log_mean + sigma * sigma / 2.0).exp(), (sigma * sigma).exp_m1().sqrt());
            let text = format!("lognormal(mean={},cv={cv:.2})", time(mean));
            families.push(family(&positive, text, |x| normal.cdf(x)));
        }
        families.sort_by(|one, other| one.distance.total_cmp(&other.distance));
        families
    }

    /// The tail index of the longest twentieth (Hill 1975), if the tail is heavy: below 3 the
    /// mean of a sample is known badly.
    pub(crate) fn heavy_tail(&self) -> Option<f64> {
        let top = self.values.len() / 20;
        let from = *self.values.get(self.values.len().checked_sub(top + 1)?)?;
        if top < 30 || from <= 0.0 {
            return None;
        }
        let tail = &self.values[self.values.len() - top..];
        let mean = tail.iter().map(|x| (x / from).ln()).sum::<f64>() / top as f64;
        Some(1.0 / mean).filter(|alpha| *alpha < 3.0 && self.cv > 1.5)
    }
}

/// The levels of [`SampleShape::text`].
const LEVELS: [f64; 14] =
    [0.005, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.95, 0.98, 0.99, 0.999];

/// Adds a point if it is above the last one.
fn push(points: &mut Vec<(String, u64)>, name: String, seconds: f64) {
    let value = micros(seconds);
    if value > points.last().map_or(0, |point| point.1) {
        points.push((name, value));
    }
}

fn micros(seconds: f64) -> u64 {
    (seconds * 1e6).round() as u64
}

/// Seconds as the grammar writes them, in whole microseconds.
pub(crate) fn time(seconds: f64) -> String {
    let micros = micros(seconds);
    match micros {
        0..1_000 => format!("{micros}us"),
        1_000..1_000_000 => format!("{}ms", micros as f64 / 1e3),
        _ => format!("{}s", micros as f64 / 1e6),
    }
}

/// The shape of a gamma of greatest likelihood from ln(mean) - mean(ln), to a part in a thousand
/// (Minka 2002, "Estimating a Gamma distribution").
fn gamma_shape(s: f64) -> f64 {
    let s = s.max(1e-9);
    let mut shape = (3.0 - s + ((s - 3.0) * (s - 3.0) + 24.0 * s).sqrt()) / (12.0 * s);
    for _ in 0..8 {
        let digamma = statrs::function::gamma::digamma(shape);
        let step = 1e-4 * shape;
        let slope = (statrs::function::gamma::digamma(shape + step) - digamma) / step;
        let change = (shape.ln() - digamma - s) / (1.0 / shape - slope);
        shape = (shape - change).max(shape / 2.0);
    }
    shape
}

fn family(sorted: &[f64], text: String, cdf: impl Fn(f64) -> f64) -> Family {
    let count = sorted.len() as f64;
    let mut distance = 0.0_f64;
    for (k, x) in sorted.iter().enumerate() {
        let below = cdf(*x);
        distance = distance.max((k + 1) as f64 / count - below).max(below - k as f64 / count);
    }
    Family { text, distance }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quantiles of an exponential in the middle of equal shares.
    fn exponential(count: usize) -> Vec<f64> {
        let at = |k: usize| -(1.0 - (k as f64 + 0.5) / count as f64).ln() * 0.02;
        (0..count).map(at).collect()
    }

    #[test]
    fn the_family_is_found() {
        let shape = SampleShape::of(exponential(2000)).unwrap();
        let families = shape.families();
        let of = |name: &str| families.iter().find(|f| f.text.starts_with(name)).unwrap();
        assert!(of("exp(").distance < 0.005 && of("gamma").distance < 0.005, "{families:?}");
        assert!(of("gamma").text.contains("cv=1.00"), "{families:?}");
        assert!(of("lognormal").distance > 0.05, "{families:?}");
        assert_eq!(shape.heavy_tail(), None);
    }

    #[test]
    fn a_pareto_tail_is_named() {
        let at = |k: usize| (1.0 - (k as f64 + 0.5) / 4000.0).powf(-1.0 / 1.5);
        let shape = SampleShape::of((0..4000).map(at).collect()).unwrap();
        let alpha = shape.heavy_tail().unwrap();
        assert!((alpha - 1.5).abs() < 0.1, "{alpha}");
    }

    #[test]
    fn samples_are_written_in_the_grammar() {
        assert_eq!(SampleShape::of(vec![0.05; 9]).unwrap().text(), "50ms");
        // The 10th of 2,000: -20 ms ln(1 - 9.5/2000) = 95.2 us; the middle: 20 ms ln 2 = 13.86 ms.
        let text = SampleShape::of(exponential(2000)).unwrap().text();
        assert!(
            text.starts_with("quantiles(p0.5=95us,p2=") && text.contains(",p50=13.8"),
            "{text}"
        );
        assert_eq!(SampleShape::of(vec![0.0; 5]).unwrap().text(), "0s");
        assert_eq!(time(1.25), "1.25s");
    }
}

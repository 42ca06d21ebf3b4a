//! From the parameters as written to the parameters that formulas want, in seconds.

use std::sync::Arc;

use statrs::function::erf;
use statrs::function::gamma::ln_gamma;

use super::quantiles::LogLinear;
use super::{Distribution, LogNormalBy, ParetoBy, WeibullBy};
use crate::time::{NANOS_PER_SECOND, Span};

/// A distribution in solved form. Times are in seconds, but atoms stay in whole nanoseconds, so
/// that a step of a distribution function lies exactly where it should.
#[derive(Clone, Debug)]
pub(super) enum Solved {
    Constant(u64),
    Exponential {
        mean: f64,
    },
    Uniform {
        min: f64,
        max: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    LogNormal {
        mu: f64,
        sigma: f64,
    },
    Weibull {
        shape: f64,
        scale: f64,
    },
    Pareto {
        min: f64,
        alpha: f64,
    },
    BoundedPareto {
        min: f64,
        alpha: f64,
        max: f64,
    },
    LogLinear(LogLinear),
    /// In increasing order, not all the same.
    Samples(Arc<[Span]>),
    /// Shares that add up to 1 and distributions that are no mixtures; at least two.
    Mix(Vec<(f64, Solved)>),
    /// A distribution without atoms, and seconds.
    Shifted(Box<Solved>, f64),
}

/// Seconds at an atom.
pub(super) fn seconds(nanos: u64) -> f64 {
    Span::from_nanos(nanos).as_secs_f64()
}

/// The quantile of the standard normal distribution.
pub(super) fn normal_quantile(p: f64) -> f64 {
    let (tail, sign) = if p > 0.5 { (1.0 - p, 1.0) } else { (p, -1.0) };
    sign * std::f64::consts::SQRT_2 * erf::erfc_inv(2.0 * tail)
}

impl Distribution {
    /// What the distribution means.
    pub(super) fn solve(&self) -> Solved {
        match self {
            Distribution::Constant(value) => Solved::Constant(value.as_nanos()),
            Distribution::Exponential { mean } => Solved::Exponential { mean: mean.as_secs_f64() },
            Distribution::Uniform { min, max } => uniform(*min, *max),
            Distribution::Erlang { mean, k } => gamma(*mean, f64::from(*k)),
            Distribution::Gamma { mean, cv: 0.0 }
            | Distribution::LogNormal(LogNormalBy::MeanCv { mean, cv: 0.0 })
            | Distribution::Weibull(WeibullBy::MeanCv { mean, cv: 0.0 }) => {
                Solved::Constant(mean.as_nanos())
            }
            Distribution::Gamma { mean, cv } => gamma(*mean, 1.0 / (cv * cv)),
            Distribution::LogNormal(by) => log_normal(by),
            Distribution::Weibull(by) => weibull(by),
            Distribution::Pareto(by) => pareto(by),
            Distribution::HyperExponential { mean, cv } => {
                hyper_exponential(mean.as_secs_f64(), *cv)
            }
            Distribution::Mix { parts, .. } => mix(parts),
            Distribution::Quantiles(points) => Solved::LogLinear(LogLinear::new(points)),
            Distribution::Samples(samples) => sampled(&samples.values),
            Distribution::Shifted(distribution, shift) => distribution.solve().shifted(*shift),
        }
    }
}

impl Solved {
    /// The distribution and `shift` more.
    fn shifted(self, shift: Span) -> Solved {
        let nanos = shift.as_nanos();
        match self {
            distribution if nanos == 0 => distribution,
            Solved::Constant(value) => Solved::Constant(value.saturating_add(nanos)),
            Solved::Samples(values) => {
                Solved::Samples(values.iter().map(|value| value.saturating_add(shift)).collect())
            }
            Solved::Mix(parts) => Solved::Mix(
                parts
                    .into_iter()
                    .map(|(share, distribution)| (share, distribution.shifted(shift)))
                    .collect(),
            ),
            Solved::Shifted(distribution, seconds) => {
                Solved::Shifted(distribution, seconds + shift.as_secs_f64())
            }
            distribution => Solved::Shifted(Box::new(distribution), shift.as_secs_f64()),
        }
    }
}

fn uniform(min: Span, max: Span) -> Solved {
    match (min.as_secs_f64(), max.as_secs_f64()) {
        (low, high) if low < high => Solved::Uniform { min: low, max: high },
        _ => Solved::Constant(min.as_nanos()),
    }
}

fn gamma(mean: Span, shape: f64) -> Solved {
    Solved::Gamma { shape, scale: mean.as_secs_f64() / shape }
}

/// Formulas beside each [`LogNormalBy`].
fn log_normal(by: &LogNormalBy) -> Solved {
    let (mu, sigma) = match by {
        LogNormalBy::MeanCv { mean, cv } => {
            let variance = (cv * cv).ln_1p();
            (mean.as_secs_f64().ln() - variance / 2.0, variance.sqrt())
        }
        LogNormalBy::MedianTail { median, tail } => {
            let mu = median.as_secs_f64().ln();
            let z = normal_quantile(tail.level.share());
            (mu, (tail.value.as_secs_f64().ln() - mu) / z)
        }
        LogNormalBy::MeanTail { mean, tail } => {
            let mean = mean.as_secs_f64().ln();
            let z = normal_quantile(tail.level.share());
            let ratio = tail.value.as_secs_f64().ln() - mean;
            // z − √(z² − 2r) without the difference of two near numbers
            let sigma = 2.0 * ratio / (z + (z * z - 2.0 * ratio).max(0.0).sqrt());
            (mean - sigma * sigma / 2.0, sigma)
        }
    };
    Solved::LogNormal { mu, sigma }
}

fn weibull(by: &WeibullBy) -> Solved {
    match by {
        WeibullBy::MeanShape { mean, shape } => weibull_of_mean(*mean, *shape),
        WeibullBy::MeanCv { mean, cv } => weibull_of_mean(*mean, weibull_shape(cv * cv)),
        WeibullBy::MedianTail { median, tail } => {
            // F(x) = 1 − exp(−(x/scale)^k): two points of it give k, then the scale
            let depth = -(-tail.level.share()).ln_1p() / std::f64::consts::LN_2;
            let (median, value) = (median.as_secs_f64(), tail.value.as_secs_f64());
            let shape = depth.ln() / (value / median).ln();
            let scale = median / std::f64::consts::LN_2.powf(1.0 / shape);
            Solved::Weibull { shape, scale }
        }
    }
}

fn weibull_of_mean(mean: Span, shape: f64) -> Solved {
    Solved::Weibull { shape, scale: mean.as_secs_f64() / ln_gamma(1.0 + 1.0 / shape).exp() }
}

/// Squared coefficient of variation of a Weibull distribution, Γ(1+2/k)/Γ(1+1/k)² − 1.
pub(super) fn weibull_scv(shape: f64) -> f64 {
    (ln_gamma(1.0 + 2.0 / shape) - 2.0 * ln_gamma(1.0 + 1.0 / shape)).exp_m1()
}

/// The shape with that squared coefficient of variation, which falls in the shape: bisection.
fn weibull_shape(scv: f64) -> f64 {
    least(0.04, 1e5, |shape| weibull_scv(shape) <= scv)
}

/// The least float in `low..=high` (both positive) for which `holds`, if it goes on holding from
/// there; `high` if it never does. Bits of positive floats are in the order of the floats, so
/// 64 halvings find it.
pub(super) fn least(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (low.to_bits(), high.to_bits());
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(f64::from_bits(middle)) { high = middle } else { low = middle + 1 }
    }
    f64::from_bits(low)
}

fn pareto(by: &ParetoBy) -> Solved {
    match *by {
        ParetoBy::MeanAlpha { mean, alpha } => {
            Solved::Pareto { min: mean.as_secs_f64() * (alpha - 1.0) / alpha, alpha }
        }
        ParetoBy::MinAlpha { min, alpha } => Solved::Pareto { min: min.as_secs_f64(), alpha },
        ParetoBy::Bounded { min, alpha, max } => {
            Solved::BoundedPareto { min: min.as_secs_f64(), alpha, max: max.as_secs_f64() }
        }
    }
}

/// Balanced means: p = (1 + √((c²−1)/(c²+1)))/2, and each of the two contributes half of the
/// mean; p(1−p) = 1/(2(c²+1)) gives the small share without cancellation.
fn hyper_exponential(mean: f64, cv: f64) -> Solved {
    let scv = cv * cv;
    let share = (1.0 + ((scv - 1.0) / (scv + 1.0)).sqrt()) / 2.0;
    let other = 1.0 / (2.0 * (scv + 1.0) * share);
    let part = |share: f64| (share, Solved::Exponential { mean: mean / (2.0 * share) });
    Solved::Mix(vec![part(share), part(other)])
}

fn sampled(values: &Arc<[Span]>) -> Solved {
    match (values.first(), values.last()) {
        (Some(first), Some(last)) if first == last => Solved::Constant(first.as_nanos()),
        _ => Solved::Samples(Arc::clone(values)),
    }
}

/// Mixtures inside mixtures are made flat; parts of weight zero are left out.
fn mix(parts: &[(f64, Distribution)]) -> Solved {
    let total: f64 = parts.iter().map(|(weight, _)| weight).sum();
    let mut flat = Vec::new();
    for (weight, distribution) in parts.iter().filter(|(weight, _)| *weight > 0.0) {
        let share = weight / total;
        match distribution.solve() {
            Solved::Mix(inner) => {
                flat.extend(inner.into_iter().map(|(s, distribution)| (share * s, distribution)))
            }
            distribution => flat.push((share, distribution)),
        }
    }
    flat.retain(|(share, _)| *share > 0.0); // products of many small weights may vanish
    one_distribution(&mut flat).unwrap_or(Solved::Mix(flat))
}

/// The only distribution of a mixture, if there is one part or all parts are the same constant.
fn one_distribution(parts: &mut Vec<(f64, Solved)>) -> Option<Solved> {
    let Some((_, Solved::Constant(first))) = parts.first() else {
        return if parts.len() == 1 {
            parts.pop().map(|(_, distribution)| distribution)
        } else {
            None
        };
    };
    let same =
        |distribution: &Solved| matches!(distribution, Solved::Constant(value) if value == first);
    let value = *first;
    parts.iter().all(|(_, distribution)| same(distribution)).then_some(Solved::Constant(value))
}

/// Nanoseconds in a second, as a float.
pub(super) const NANOS: f64 = NANOS_PER_SECOND as f64;

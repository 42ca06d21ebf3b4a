//! Moments, distribution functions and quantiles of solved distributions.
//!
//! Formulas are those of Johnson, Kotz & Balakrishnan 1994, "Continuous Univariate
//! Distributions", volume 1, unless another source stands beside them.

use std::f64::consts::SQRT_2;

use statrs::function::erf::erfc;
use statrs::function::gamma::{gamma_lr, ln_gamma};

use super::solve::{Solved, least, normal_quantile, seconds, weibull_scv};
use crate::time::Span;

/// Rounding that the sum of a mixture's shares is forgiven when a quantile asks for a step.
const SLACK: f64 = 4.0 * f64::EPSILON;

impl Solved {
    /// E[X^n] for n = 0 to 3 in seconds^n; infinite where it does not exist.
    pub(crate) fn moment(&self, n: u32) -> f64 {
        let order = f64::from(n);
        match self {
            Solved::Constant(value) => seconds(*value).powi(n as i32),
            Solved::Exponential { mean } => factorial(n) * mean.powi(n as i32),
            Solved::Uniform { min, max } => {
                let term = |i: u32| min.powi(i as i32) * max.powi((n - i) as i32);
                (0..=n).map(term).sum::<f64>() / (order + 1.0)
            }
            Solved::Gamma { shape, scale } => {
                (0..n).map(|i| scale * (shape + f64::from(i))).product()
            }
            Solved::LogNormal { mu, sigma } => {
                (order * mu + order * order * sigma * sigma / 2.0).exp()
            }
            Solved::Weibull { shape, scale } => {
                scale.powi(n as i32) * ln_gamma(1.0 + order / shape).exp()
            }
            Solved::Pareto { alpha, .. } if *alpha <= order => f64::INFINITY,
            Solved::Pareto { min, alpha } => alpha * min.powi(n as i32) / (alpha - order),
            Solved::BoundedPareto { min, alpha, max } => bounded_pareto(*min, *alpha, *max, order),
            Solved::LogLinear(distribution) => distribution.moment(n),
            Solved::Samples(values) => mean_of(values, |x| x.powi(n as i32)),
            Solved::Mix(parts) => {
                parts.iter().map(|(share, distribution)| share * distribution.moment(n)).sum()
            }
            Solved::Shifted(distribution, shift) => {
                let term =
                    |i: u32| binomial(n, i) * distribution.moment(i) * shift.powi((n - i) as i32);
                (0..=n).map(term).sum()
            }
        }
    }

    /// The variance in seconds²; infinite where it does not exist. Never a difference of large
    /// moments where a distribution of little spread would lose its digits.
    pub(crate) fn variance(&self) -> f64 {
        match self {
            Solved::Constant(_) => 0.0,
            Solved::Exponential { mean } => mean * mean,
            Solved::Uniform { min, max } => (max - min).powi(2) / 12.0,
            Solved::Gamma { shape, scale } => shape * scale * scale,
            Solved::LogNormal { sigma, .. } => (sigma * sigma).exp_m1() * self.moment(1).powi(2),
            Solved::Weibull { shape, .. } => weibull_scv(*shape) * self.moment(1).powi(2),
            Solved::Pareto { alpha, .. } if *alpha <= 2.0 => f64::INFINITY,
            Solved::Pareto { min, alpha } => alpha * (min / (alpha - 1.0)).powi(2) / (alpha - 2.0),
            Solved::Samples(values) => {
                let mean = self.moment(1);
                mean_of(values, |x| (x - mean).powi(2))
            }
            Solved::Mix(parts) => {
                let mean = self.moment(1);
                let part = |(share, distribution): &(f64, Solved)| {
                    share * (distribution.variance() + (distribution.moment(1) - mean).powi(2))
                };
                parts.iter().map(part).sum()
            }
            Solved::Shifted(distribution, _) => distribution.variance(),
            Solved::BoundedPareto { .. } | Solved::LogLinear(_) => {
                (self.moment(2) - self.moment(1).powi(2)).max(0.0)
            }
        }
    }

    /// Variance over squared mean; 0 for what is always zero.
    pub(crate) fn scv(&self) -> f64 {
        let mean = self.moment(1);
        if mean == 0.0 { 0.0 } else { self.variance() / mean / mean }
    }

    /// The share of values that are at most `x` seconds.
    pub(crate) fn cdf(&self, x: f64) -> f64 {
        match self {
            _ if x.is_nan() => f64::NAN,
            Solved::Constant(value) => f64::from(seconds(*value) <= x),
            Solved::Samples(values) => {
                values.partition_point(|v| v.as_secs_f64() <= x) as f64 / values.len() as f64
            }
            Solved::Mix(parts) => {
                let sum: f64 =
                    parts.iter().map(|(share, distribution)| share * distribution.cdf(x)).sum();
                sum.min(1.0)
            }
            Solved::Shifted(distribution, shift) => distribution.cdf(x - shift),
            _ if x <= 0.0 => 0.0,
            _ if x == f64::INFINITY => 1.0,
            Solved::Exponential { mean } => -(-x / mean).exp_m1(),
            Solved::Uniform { min, max } => ((x - min) / (max - min)).clamp(0.0, 1.0),
            Solved::Gamma { shape, scale } => gamma_cdf(*shape, x / scale),
            Solved::LogNormal { mu, sigma } => erfc((mu - x.ln()) / (sigma * SQRT_2)) / 2.0,
            Solved::Weibull { shape, scale } => -(-(x / scale).powf(*shape)).exp_m1(),
            Solved::Pareto { min, alpha } => pareto_cdf(*min, *alpha, x),
            Solved::BoundedPareto { max, .. } if x >= *max => 1.0,
            Solved::BoundedPareto { min, alpha, max } => {
                pareto_cdf(*min, *alpha, x) / pareto_cdf(*min, *alpha, *max)
            }
            Solved::LogLinear(distribution) => distribution.cdf(x),
        }
    }

    /// inf{x: F(x) >= p} in seconds; at p <= 0 the infimum of the values, at p >= 1 the supremum.
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let p = p.clamp(0.0, 1.0);
        let tail = -(-p).ln_1p(); // −ln(1−p): infinite at 1
        match self {
            _ if p.is_nan() => f64::NAN,
            Solved::Constant(value) => seconds(*value),
            Solved::Exponential { mean } => mean * tail,
            Solved::Uniform { min, max } => (min + p * (max - min)).min(*max),
            Solved::Gamma { .. } => self.search(p),
            Solved::LogNormal { mu, sigma } => (mu + sigma * normal_quantile(p)).exp(),
            Solved::Weibull { shape, scale } => scale * tail.powf(1.0 / shape),
            Solved::Pareto { min, alpha } => min * (tail / alpha).exp(),
            Solved::BoundedPareto { min, alpha, max } => {
                let share = pareto_cdf(*min, *alpha, *max);
                (min * (-(-p * share).ln_1p() / alpha).exp()).min(*max)
            }
            Solved::LogLinear(distribution) => distribution.quantile(p),
            Solved::Samples(values) => sample_quantile(values, p).as_secs_f64(),
            Solved::Mix(parts) => self.between_parts(parts, p),
            Solved::Shifted(distribution, shift) => distribution.quantile(p) + shift,
        }
    }

    /// A quantile of a distribution without bounds or steps, by bisection on its distribution
    /// function.
    fn search(&self, p: f64) -> f64 {
        if p <= 0.0 {
            return 0.0;
        }
        if p >= 1.0 {
            return f64::INFINITY;
        }
        let mut high = self.moment(1);
        while self.cdf(high) < p && high < f64::MAX / 2.0 {
            high *= 2.0;
        }
        least(0.0, high, |x| self.cdf(x) >= p)
    }

    /// A mixture's quantile lies between the least and the greatest of its parts' quantiles.
    fn between_parts(&self, parts: &[(f64, Solved)], p: f64) -> f64 {
        let all = parts.iter().map(|(_, distribution)| distribution.quantile(p));
        let (low, high) =
            all.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), x| (low.min(x), high.max(x)));
        match p {
            0.0 => low,
            1.0 => high,
            _ => least(low, high, |x| self.cdf(x) >= p - SLACK),
        }
    }
}

fn factorial(n: u32) -> f64 {
    (1..=n).map(f64::from).product()
}

fn binomial(n: u32, k: u32) -> f64 {
    factorial(n) / (factorial(k) * factorial(n - k))
}

/// The mean of a function of measured values, in seconds.
fn mean_of(values: &[Span], f: impl Fn(f64) -> f64) -> f64 {
    values.iter().map(|value| f(value.as_secs_f64())).sum::<f64>() / values.len() as f64
}

/// The least sample at or below which the share `p` lies.
fn sample_quantile(values: &[Span], p: f64) -> Span {
    let n = values.len() as f64;
    let mut count = (p * n).ceil() as usize; // may be one too many by rounding
    if count > 1 && (count - 1) as f64 / n >= p {
        count -= 1;
    }
    values[count.clamp(1, values.len()) - 1]
}

/// The regularised lower incomplete gamma function where `statrs` does not answer too.
fn gamma_cdf(shape: f64, x: f64) -> f64 {
    match x {
        _ if x <= 0.0 => 0.0,
        f64::INFINITY => 1.0,
        _ => gamma_lr(shape, x).clamp(0.0, 1.0),
    }
}

/// 1 − (min/x)^α.
fn pareto_cdf(min: f64, alpha: f64, x: f64) -> f64 {
    if x <= min { 0.0 } else { -(alpha * (min / x).ln()).exp_m1() }
}

/// E[X^n] = α minⁿ (r^(n−α) − 1) / ((n−α) (1 − r^(−α))) with r = max/min, and its limit ln r at
/// n = α (Harchol-Balter 2013, "Performance Modeling and Design of Computer Systems", ch. 20).
fn bounded_pareto(min: f64, alpha: f64, max: f64, order: f64) -> f64 {
    let log = (max / min).ln();
    let power = order - alpha;
    let integral = if power == 0.0 { log } else { (power * log).exp_m1() / power };
    alpha * min.powf(order) * integral / pareto_cdf(min, alpha, max)
}

//! Distributions: how long things take, how they are written, and how they are drawn.
//!
//! A [`Distribution`] is kept *as it was written* (a log-normal given by median and p99 stays so), in
//! whole nanoseconds, so that what is printed parses back to the same distribution. What it *means*
//! (the parameters that formulas want, in seconds) is solved from it when somebody asks for a
//! moment, a quantile or a `Sampler`.
//!
//! Every parameter has a name and is in real units: means, medians and percentiles are times,
//! `cv` is the coefficient of variation (standard deviation / mean). The first parameter may be
//! written without its name and is then the mean.
//!
//! ```
//! use simsrv::distribution::Distribution;
//! let distribution: Distribution = "lognormal(median=20ms, p99=300ms)".parse().unwrap();
//! assert_eq!(distribution.to_string(), "lognormal(median=20ms,p99=300ms)");
//! assert!((distribution.quantile(0.99) - 0.3).abs() < 1e-12);
//! assert_eq!("exp(20)".parse::<Distribution>().unwrap_err().to_string(),
//!     "mean of exp: '20' has no unit: write 20s, 20ms or 20us");
//! ```
//!
//! | written | meaning |
//! |---|---|
//! | `3s`, `const(3s)` | always 3 s |
//! | `exp(20ms)` | exponential |
//! | `uniform(1s,5s)` | any time between, equally likely |
//! | `erlang(mean=20ms,k=3)` | sum of `k` exponential stages |
//! | `gamma(mean=20ms,cv=0.5)` | gamma; shape 1/cv² |
//! | `lognormal(mean=20ms,cv=2)` | log-normal by its moments (not those of the logarithm) |
//! | `lognormal(median=20ms,p99=300ms)` | … by median and p90, p95 or p99 |
//! | `lognormal(mean=20ms,p99=100ms)` | … by mean and p90, p95 or p99; the narrower of two |
//! | `weibull(mean=20ms,shape=0.7)` | Weibull; also `(mean=,cv=)`, `(median=,p99=)` |
//! | `pareto(mean=20ms,alpha=2.5)` | Pareto; also `(min=,alpha=)` and, cut at a longest value, `(min=,alpha=,max=)` |
//! | `hyperexp(mean=20ms,cv=4)` | two exponentials with balanced means |
//! | `mix(90%:5ms,10%:exp(200ms))` | one of several distributions; weights in percent, or plain and relative |
//! | `quantiles(p50=20ms,p99=300ms,max=2s)` | log-linear through known points; see [`Distribution::Quantiles`] |
//! | `samples:FILE.csv#column` | measured values in seconds, drawn with replacement; `samples:FILE.csv#column in ms` in milliseconds; see [`read_samples`] |
//! | `exp(20ms) + 5ms` | any of these and a constant more |
//!
//! For gaps between arrivals the mean is the rate's: see [`ArrivalProcess`] and `Rate`.

mod arguments;
mod arrival_sampler;
mod arrival_text;
mod arrivals;
mod catalogue;
mod check;
mod describe;
mod error;
mod exponential;
mod first_gap;
mod moments;
mod parse;
mod print;
mod profile;
mod quantiles;
mod rate;
mod sample;
mod samples;
mod solve;
mod syntax;
mod tail;
mod text;
mod thinning;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::time::Span;

pub(crate) use arrival_sampler::ArrivalSampler;
pub use arrivals::{ArrivalProcess, BatchSize, State, WeibullGaps};
pub(crate) use describe::Tail;
pub(crate) use profile::Profile;
pub use rate::{Rate, RateError};
pub(crate) use sample::Sampler;
pub use samples::{SampleUnit, SamplesError, read_samples};

/// A distribution of lengths of time, in the parameters in which it was written.
///
/// The parser hands out only distributions whose mean is finite and whose parameters are within
/// bounds. A distribution built by hand has to pass `Distribution::check` before it is asked for
/// anything else.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(Span),
    /// Exponential: the distribution of what has no memory.
    Exponential {
        /// The mean, more than zero.
        mean: Span,
    },
    /// Uniform between two values.
    Uniform {
        /// The shortest value.
        min: Span,
        /// The longest value, not below `min`.
        max: Span,
    },
    /// Erlang: the sum of `k` exponential stages; cv is 1/√k.
    Erlang {
        /// The mean of the sum, more than zero.
        mean: Span,
        /// Number of stages, 1 to 1,000,000.
        k: u32,
    },
    /// Gamma with shape 1/cv².
    Gamma {
        /// The mean, more than zero.
        mean: Span,
        /// The coefficient of variation: 0 (constant) or 0.001 to 1000.
        cv: f64,
    },
    /// Log-normal.
    LogNormal(LogNormalBy),
    /// Weibull.
    Weibull(WeibullBy),
    /// Pareto (of the first kind: it starts at its least value).
    Pareto(ParetoBy),
    /// Two exponentials with balanced means: each contributes half of the mean.
    HyperExponential {
        /// The mean, more than zero.
        mean: Span,
        /// The coefficient of variation, 1 to 1000.
        cv: f64,
    },
    /// One of several distributions, by weight.
    Mix {
        /// How the weights were written.
        weights: Weights,
        /// The distributions and their weights; at least one weight is more than zero.
        parts: Vec<(f64, Distribution)>,
    },
    /// A cumulative distribution that is linear in the logarithm of time between known points.
    ///
    /// The points are in increasing order of percentage and of value. The last one is 100 %
    /// (`max`). Below the first point the line of the first two points is carried on down to
    /// 0 %, unless the first point is `min` (0 %).
    Quantiles(Vec<Point>),
    /// Measured values, drawn with replacement.
    Samples(Samples),
    /// A distribution and a constant more.
    Shifted(Box<Distribution>, Span),
}

/// The parameters in which a log-normal was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LogNormalBy {
    /// Mean and coefficient of variation: σ² = ln(1+cv²), μ = ln mean − σ²/2.
    MeanCv {
        /// The mean, more than zero.
        mean: Span,
        /// The coefficient of variation: 0 (constant) or 0.001 to 1000.
        cv: f64,
    },
    /// Median and a percentile above it: μ = ln median, σ = ln(value/median)/z.
    MedianTail {
        /// The median, more than zero.
        median: Span,
        /// The percentile that is known beside it.
        tail: Percentile,
    },
    /// Mean and a percentile above it: σ = z − √(z² − 2 ln(value/mean)), the smaller of two roots.
    MeanTail {
        /// The mean, more than zero.
        mean: Span,
        /// The percentile that is known beside it.
        tail: Percentile,
    },
}

/// The parameters in which a Weibull distribution was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeibullBy {
    /// Mean and shape: scale = mean/Γ(1+1/shape).
    MeanShape {
        /// The mean, more than zero.
        mean: Span,
        /// The shape, 0.05 to 10,000; below 1 the tail is heavier than an exponential's.
        shape: f64,
    },
    /// Mean and coefficient of variation; the shape is solved for.
    MeanCv {
        /// The mean, more than zero.
        mean: Span,
        /// The coefficient of variation: 0 (constant) or 0.001 to 1000.
        cv: f64,
    },
    /// Median and a percentile above it.
    MedianTail {
        /// The median, more than zero.
        median: Span,
        /// The percentile that is known beside it.
        tail: Percentile,
    },
}

/// The parameters in which a Pareto distribution was written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ParetoBy {
    /// Mean and tail index: min = mean (α−1)/α.
    MeanAlpha {
        /// The mean, more than zero.
        mean: Span,
        /// The tail index, more than 1; moments of order alpha and above are infinite.
        alpha: f64,
    },
    /// Least value and tail index.
    MinAlpha {
        /// The least value, more than zero.
        min: Span,
        /// The tail index, more than 1.
        alpha: f64,
    },
    /// Cut off (conditioned to lie) below a longest value; all moments are finite.
    Bounded {
        /// The least value, more than zero.
        min: Span,
        /// The tail index, 0.01 to 10,000.
        alpha: f64,
        /// The longest value, above `min`.
        max: Span,
    },
}

/// A known percentile: `p99=300ms`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Percentile {
    /// Which percentile.
    pub(crate) level: Level,
    /// The time below which that share of the values lies.
    pub(crate) value: Span,
}

/// The percentiles by which a distribution can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// 90 %.
    P90,
    /// 95 %.
    P95,
    /// 99 %.
    P99,
}

impl Level {
    /// The share of values below: 0.9, 0.95 or 0.99.
    pub(crate) const fn share(self) -> f64 {
        match self {
            Level::P90 => 0.90,
            Level::P95 => 0.95,
            Level::P99 => 0.99,
        }
    }

    /// The parameter's name: `p90`, `p95` or `p99`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Level::P90 => "p90",
            Level::P95 => "p95",
            Level::P99 => "p99",
        }
    }
}

/// How the weights of a mixture were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weights {
    /// `90%:…,10%:…`; they add up to 100.
    Percent,
    /// `9:…,1:…`; only their ratios matter.
    Relative,
}

/// One point of [`Distribution::Quantiles`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// Percentage of values up to `value`, 0 (`min`) to 100 (`max`).
    pub(crate) percent: f64,
    /// The time there, more than zero.
    pub(crate) value: Span,
}

/// Measured values and where they came from.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// The file as it was written.
    pub(crate) path: String,
    /// The column as it was written: a name or a number from 1.
    pub(crate) column: Option<String>,
    /// The unit as it was written; without it the values are seconds.
    pub(crate) unit: Option<SampleUnit>,
    /// The values in increasing order; at least one.
    pub(crate) values: Arc<[Span]>,
}

impl Distribution {
    /// The mean in seconds. It is finite for every checked distribution.
    pub fn mean(&self) -> f64 {
        self.solve().moment(1)
    }

    /// The squared coefficient of variation, variance/mean²: 0 for a constant, 1 for an
    /// exponential, [`f64::INFINITY`] where the variance is infinite.
    pub fn scv(&self) -> f64 {
        self.solve().scv()
    }

    /// E\[X^n\] in seconds^n for n = 0 to 3; [`f64::INFINITY`] where it does not exist.
    pub(crate) fn moment(&self, n: u32) -> f64 {
        self.solve().moment(n)
    }

    /// The share of values that are at most `x` seconds.
    #[cfg(test)]
    pub(crate) fn cdf(&self, x: f64) -> f64 {
        self.solve().cdf(x)
    }

    /// The least time in seconds that at least the share `p` of values does not pass, inf{x:
    /// F(x) >= p}; `p` is clamped to 0..1. At 0 the least value, at 1 the greatest or
    /// [`f64::INFINITY`].
    pub fn quantile(&self, p: f64) -> f64 {
        self.solve().quantile(p)
    }

    /// The least value in seconds (its infimum, where it is not reached).
    pub(crate) fn support_min(&self) -> f64 {
        self.solve().quantile(0.0)
    }

    /// The greatest value in seconds; `None` where there is no bound.
    #[cfg(test)]
    pub(crate) fn support_max(&self) -> Option<f64> {
        Some(self.solve().quantile(1.0)).filter(|max| max.is_finite())
    }

    /// The only value that the distribution can give, if there is only one.
    pub(crate) fn constant(&self) -> Option<Span> {
        match self.solve() {
            solve::Solved::Constant(nanos) => Some(Span::from_nanos(nanos)),
            _ => None,
        }
    }

    /// Whether the distribution can give nothing but zero.
    pub(crate) fn is_zero(&self) -> bool {
        self.constant().is_some_and(Span::is_zero)
    }

    /// Whether every value that can be drawn has a probability of its own (constants, recorded
    /// values, and mixes of them), so that two draws are often the same.
    pub fn is_discrete(&self) -> bool {
        match self {
            Distribution::Constant(_) | Distribution::Samples(_) => true,
            Distribution::Mix { parts, .. } => parts.iter().all(|(_, part)| part.is_discrete()),
            Distribution::Shifted(part, _) => part.is_discrete(),
            _ => self.constant().is_some(),
        }
    }

    /// Everything that drawing needs, computed once.
    ///
    /// # Panics
    /// If the distribution was built by hand and does not pass `Distribution::check`.
    pub fn sampler(&self) -> Sampler {
        Sampler::new(&self.solve())
    }
}

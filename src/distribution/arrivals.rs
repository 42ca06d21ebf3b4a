//! How requests arrive: distributions of the gaps between them, scaled to a rate.

use super::catalogue::MMPP_FORM;
use super::error::DistributionError;
use super::profile::Profile;
use super::rate::Rate;
use super::{Distribution, LogNormalBy, ParetoBy, WeibullBy, Weights, check};
use crate::time::{NANOS_PER_SECOND, Span};

/// How requests arrive; the mean rate is given beside it.
///
/// | written | meaning |
/// |---|---|
/// | `poisson` | exponential gaps: many independent clients (the default) |
/// | `constant` | equal gaps |
/// | `uniform` | gaps uniform between 0 and twice their mean |
/// | `gamma(cv=2)`, `erlang(k=2)`, `hyperexp(cv=3)`, `lognormal(cv=2)`, `weibull(shape=0.7)`, `weibull(cv=2)`, `pareto(alpha=2.5)` | independent gaps of that distribution |
/// | any [`Distribution`] | independent gaps of that shape; its mean is scaled |
/// | `mmpp(96/s:10s,16/s:40s)` | Poisson, at a rate that goes round through states; only ratios of the rates matter |
/// | `onoff(on=1s,off=9s)` | Poisson for a while, then silent for a while |
/// | `batch(3)`, `batch(geometric(3))`, `batch(mix(70%:1,30%:10))` | Poisson batches of 3, of 3 in the mean, or of one of several sizes; the rate is that of requests |
/// | `profile(0h:20%,8h:100%,12h:180%,20h:60%,period=24h)` | Poisson at a rate that goes by the clock, level after level; its mean over a period is the rate |
/// | `ramp(0h:20%,12h:180%,period=24h)` | the same in straight lines from point to point |
/// | `steps(60s:300%,90s:100%)` | once: multiples of the rate from those instants on |
/// | `spike(at=60s,for=10s,by=5)` | once: five times the rate for a while |
///
/// ```
/// use simsrv::distribution::ArrivalProcess;
/// let arrivals: ArrivalProcess = "gamma(cv=2)".parse().unwrap();
/// assert_eq!(arrivals.scv(), Some(4.0));
/// assert_eq!(arrivals.to_string(), "gamma(cv=2)");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub enum ArrivalProcess {
    /// Exponential gaps.
    #[default]
    Poisson,
    /// Equal gaps.
    Constant,
    /// Gaps uniform between 0 and twice their mean.
    Uniform,
    /// Gamma gaps.
    Gamma {
        /// Their coefficient of variation, as in [`Distribution::Gamma`].
        cv: f64,
    },
    /// Erlang gaps.
    Erlang {
        /// Number of stages, as in [`Distribution::Erlang`].
        k: u32,
    },
    /// Hyperexponential gaps with balanced means.
    HyperExponential {
        /// Their coefficient of variation, 1 to 1000.
        cv: f64,
    },
    /// Log-normal gaps.
    LogNormal {
        /// Their coefficient of variation, as in [`LogNormalBy::MeanCv`].
        cv: f64,
    },
    /// Weibull gaps.
    Weibull(WeibullGaps),
    /// Pareto gaps.
    Pareto {
        /// The tail index, more than 1.
        alpha: f64,
    },
    /// Gaps of any other distribution, scaled to the rate.
    Scaled(Distribution),
    /// Markov-modulated Poisson arrivals: two states or more, visited in turn.
    Modulated(Vec<State>),
    /// Poisson arrivals while on, none while off; both last exponential times.
    OnOff {
        /// Mean time on, more than zero.
        on: Span,
        /// Mean time off, more than zero.
        off: Span,
    },
    /// Poisson batches of requests that arrive together.
    Batch(BatchSize),
    /// Poisson at a rate that changes with the clock.
    Profile(Profile),
}

/// The parameter in which Weibull gaps were written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WeibullGaps {
    /// The shape, 0.05 to 10,000.
    Shape(f64),
    /// The coefficient of variation, as in [`WeibullBy::MeanCv`].
    Cv(f64),
}

/// One state of [`ArrivalProcess::Modulated`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct State {
    /// The rate in this state, before all rates are scaled together; may be zero.
    pub(crate) rate: Rate,
    /// The mean of the exponential time spent here at each record, more than zero.
    pub(crate) mean: Span,
}

/// How many requests arrive together.
#[derive(Clone, Debug, PartialEq)]
pub enum BatchSize {
    /// Always so many, 1 to 1,000,000.
    Constant(u32),
    /// One or more, geometric with this mean, 1 to 1,000,000.
    Geometric(f64),
    /// One of several sizes, 1 to 1,000,000, each with its weight.
    Mix {
        /// What the weights are parts of, as written.
        weights: Weights,
        /// Weight and size, in the order written.
        parts: Vec<(f64, u32)>,
    },
}

impl BatchSize {
    /// Requests in a batch, in the mean.
    pub(crate) fn mean(&self) -> f64 {
        match self {
            BatchSize::Constant(size) => f64::from(*size),
            BatchSize::Geometric(mean) => *mean,
            BatchSize::Mix { .. } => {
                self.shares().iter().map(|(size, share)| f64::from(*size) * share).sum()
            }
        }
    }

    /// The sizes of a mixture with their shares of all batches, which sum to 1; empty for others.
    pub(crate) fn shares(&self) -> Vec<(u32, f64)> {
        let BatchSize::Mix { parts, .. } = self else { return Vec::new() };
        let all: f64 = parts.iter().map(|(weight, _)| weight).sum();
        parts.iter().map(|(weight, size)| (*size, weight / all)).collect()
    }

    fn check(&self) -> Result<(), DistributionError> {
        let within = |size: f64| (1.0..=f64::from(LARGEST_BATCH)).contains(&size);
        let sizes = match self {
            BatchSize::Constant(_) | BatchSize::Geometric(_) => vec![self.mean()],
            BatchSize::Mix { parts, .. } => {
                parts.iter().map(|(_, size)| f64::from(*size)).collect()
            }
        };
        if let Some(size) = sizes.into_iter().find(|size| !within(*size)) {
            return refuse(format!(
                "a batch of {size} is out of bounds: it holds 1 to {LARGEST_BATCH}"
            ));
        }
        let BatchSize::Mix { weights, parts } = self else { return Ok(()) };
        check::weights(*weights, &parts.iter().map(|(weight, _)| *weight).collect::<Vec<_>>())
    }
}

/// Largest batch, and largest mean of a geometric one.
const LARGEST_BATCH: u32 = 1_000_000;

impl ArrivalProcess {
    /// The distribution of independent gaps with a mean of one second (of any mean for
    /// [`ArrivalProcess::Scaled`]); `None` where gaps depend on one another.
    pub(crate) fn gap_distribution(&self) -> Option<Distribution> {
        let mean = Span::from_nanos(NANOS_PER_SECOND);
        Some(match *self {
            ArrivalProcess::Poisson => Distribution::Exponential { mean },
            ArrivalProcess::Constant => Distribution::Constant(mean),
            ArrivalProcess::Uniform => {
                Distribution::Uniform { min: Span::ZERO, max: mean.saturating_add(mean) }
            }
            ArrivalProcess::Gamma { cv } => Distribution::Gamma { mean, cv },
            ArrivalProcess::Erlang { k } => Distribution::Erlang { mean, k },
            ArrivalProcess::HyperExponential { cv } => Distribution::HyperExponential { mean, cv },
            ArrivalProcess::LogNormal { cv } => {
                Distribution::LogNormal(LogNormalBy::MeanCv { mean, cv })
            }
            ArrivalProcess::Weibull(WeibullGaps::Shape(shape)) => {
                Distribution::Weibull(WeibullBy::MeanShape { mean, shape })
            }
            ArrivalProcess::Weibull(WeibullGaps::Cv(cv)) => {
                Distribution::Weibull(WeibullBy::MeanCv { mean, cv })
            }
            ArrivalProcess::Pareto { alpha } => {
                Distribution::Pareto(ParetoBy::MeanAlpha { mean, alpha })
            }
            ArrivalProcess::Scaled(ref distribution) => distribution.clone(),
            ArrivalProcess::Modulated(_)
            | ArrivalProcess::OnOff { .. }
            | ArrivalProcess::Batch(_)
            | ArrivalProcess::Profile(_) => return None,
        })
    }

    /// The squared coefficient of variation of a gap: [`f64::INFINITY`] where its variance is
    /// infinite, `None` for `mmpp` and `onoff`, where it depends on the rate, and for rates that
    /// change with the clock.
    ///
    /// For batches of mean b it is 2b − 1: a gap is zero with probability 1 − 1/b, else
    /// exponential. Gaps in batches of constant size are not independent, so queues feel less.
    pub fn scv(&self) -> Option<f64> {
        match self {
            ArrivalProcess::Batch(size) => Some(2.0 * size.mean() - 1.0),
            _ => self.gap_distribution().map(|distribution| distribution.scv()),
        }
    }

    /// Whether nothing about the arrivals is random.
    pub(crate) fn is_constant(&self) -> bool {
        self.gap_distribution().is_some_and(|distribution| distribution.constant().is_some())
    }

    /// How the rate changes with the clock, if it does.
    pub(crate) fn profile(&self) -> Option<&Profile> {
        match self {
            ArrivalProcess::Profile(profile) => Some(profile),
            _ => None,
        }
    }

    /// The length of time after which a rate that changes with the clock begins anew. What is
    /// measured of a steady state has to be whole periods.
    #[cfg(test)]
    pub(crate) fn period(&self) -> Option<Span> {
        self.profile().and_then(Profile::period)
    }

    /// The states, for modulated arrivals: rates (to be scaled) and mean times in seconds.
    pub(crate) fn states(&self) -> Option<Vec<(f64, f64)>> {
        match self {
            ArrivalProcess::Modulated(states) => {
                Some(states.iter().map(|s| (s.rate.per_second(), s.mean.as_secs_f64())).collect())
            }
            ArrivalProcess::OnOff { on, off } => {
                Some(vec![(1.0, on.as_secs_f64()), (0.0, off.as_secs_f64())])
            }
            _ => None,
        }
    }

    /// Whether the parameters are within bounds. The parser has asked already.
    ///
    /// # Errors
    /// A sentence that says which parameter is out of which bounds.
    pub(crate) fn check(&self) -> Result<(), DistributionError> {
        match self {
            ArrivalProcess::Modulated(states) => check_states(states),
            ArrivalProcess::OnOff { on, off } if on.is_zero() || off.is_zero() => {
                refuse(format!("{self} never changes: both times must be more than zero"))
            }
            ArrivalProcess::OnOff { .. } => Ok(()),
            ArrivalProcess::Batch(size) => size.check(),
            ArrivalProcess::Profile(profile) => profile.check(),
            ArrivalProcess::Scaled(distribution) if distribution.is_zero() => refuse(format!(
                "gaps of {distribution} have no rate: write a distribution whose mean is not zero"
            )),
            _ => self.gap_distribution().map_or(Ok(()), |distribution| distribution.check()),
        }
    }
}

fn refuse(sentence: String) -> Result<(), DistributionError> {
    Err(DistributionError::Value(sentence))
}

/// The most states of `mmpp`: how bursty it is takes time and memory that grow with their square.
const MOST_STATES: usize = 1_000;

fn check_states(states: &[State]) -> Result<(), DistributionError> {
    if states.len() < 2 {
        return refuse(format!("mmpp needs two states or more: write {MMPP_FORM}"));
    }
    if states.len() > MOST_STATES {
        let count = states.len();
        return refuse(format!("mmpp with {count} states: the most is {MOST_STATES}"));
    }
    if states.iter().any(|state| state.mean.is_zero()) {
        return refuse("a state of mmpp lasts 0s: its mean time must be more than zero".to_owned());
    }
    if states.iter().all(|state| state.rate.per_second() == 0.0) {
        return refuse(format!("all rates of mmpp are zero: write one above, as in {MMPP_FORM}"));
    }
    Ok(())
}

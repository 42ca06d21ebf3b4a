//! Queueing theory: what is known without simulating.
//!
//! A simulation that agrees with no formula is a rumour. Each function here gives a value that
//! the simulator can be held against, says under which condition it holds and where it is
//! written, and refuses with a sentence ([`TheoryError`]) where it does not hold: no `NaN` comes
//! out. Times are seconds, rates are per second, all plain `f64`.
//!
//! | question | where |
//! |---|---|
//! | Which result applies to my model? | [`known()`] |
//! | Poisson arrivals, exponential service, k workers | [`erlang`] |
//! | finite queue, closed clients | [`finite`] |
//! | clients that give up | [`patience`] |
//! | priorities among those who wait | `priority` |
//! | one worker, any service distribution | [`single`] |
//! | constant service, k workers | [`constant`] |
//! | renewal arrivals, exponential service, k workers | [`renewal`] |
//! | rules of thumb, labelled as such | [`approx`] |
//! | the most that workers and cores can do; threads under a GIL | [`capacity`] |
//! | closed clients, unlimited workers | [`closed`] |
//! | shared cores (processor sharing), with or without a limit | [`sharing`] |
//! | arrivals in bursts: modulated (MMPP) or in batches | [`bursty`] |
//! | all requests at once, then none | [`burst`] |
//! | requests of several exponential stages, CPU and I/O | [`network`], `stages` |
//!
//! ```
//! use simsrv::theory::{TimeDistribution, erlang::Mmk};
//! // 4 workers, 3.2 requests a second, 1 s each
//! let queue = Mmk::new(3.2, 1.0, 4).unwrap();
//! assert!((queue.wait_prob() - 0.596432).abs() < 1e-6);
//! assert_eq!(queue.wait_distribution().quantile(0.3), 0.0, "most of these do not wait at all");
//! assert!(Mmk::new(5.0, 1.0, 4).unwrap_err().to_string().contains("overloaded"));
//! ```

pub mod approx;
pub mod burst;
pub mod bursty;
pub mod capacity;
pub mod closed;
pub mod constant;
pub mod erlang;
pub mod finite;
pub mod known;
mod matrix;
pub(crate) mod model;
pub mod network;
mod numeric;
pub mod patience;
pub mod pooled;
pub(crate) mod priority;
mod qbd;
pub mod renewal;
pub mod sharing;
pub mod single;
pub(crate) mod stages;
mod steps;
pub mod transform;

pub use known::{Answer, Known, Quantiles, known};
pub use model::{Arrivals, RandomTime, RequestPhase, TheoryModel};

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum TheoryError {
    /// The offered load is at or over the capacity: no steady state exists.
    #[error(
        "the load is {load:.3} of what the workers can do: it is overloaded, and the queue grows without bound; \
         add workers or cores, lower the rate, or limit the queue"
    )]
    Unstable {
        /// Offered work over capacity; 1 or more.
        load: f64,
    },
    /// A parameter outside of its range.
    #[error("{what} is {value}: it must be {must}")]
    Parameter {
        /// The parameter.
        what: &'static str,
        /// What was given.
        value: f64,
        /// What would do.
        must: &'static str,
    },
    /// A moment that the formula needs is infinite or was not given.
    #[error("{0} is infinite or not given: this formula needs it")]
    MissingMoment(&'static str),
    /// The model has more states than are solved here.
    #[error("the model has {states} states, more than the {limit} that are solved here: simulate")]
    TooLarge {
        /// States of the model.
        states: usize,
        /// The most that are solved.
        limit: usize,
    },
    /// No closed form or stable method for these distributions.
    #[error("no formula for {0}: simulate")]
    NotKnown(&'static str),
}

/// A result of this module.
pub type Result<T> = std::result::Result<T, TheoryError>;

/// The distribution of a time that is never negative, in seconds.
pub trait TimeDistribution {
    /// P(X > t); 1 for t < 0.
    fn survival(&self, t: f64) -> f64;

    /// A time (s) of the size of the distribution's spread, from which searches start.
    fn scale(&self) -> f64;

    /// P(X <= t).
    fn cdf(&self, t: f64) -> f64 {
        1.0 - self.survival(t)
    }

    /// The least t >= 0 (s) with P(X <= t) >= p. An atom at zero gives exactly 0 up to its
    /// weight. `p` is clamped to 0 ..= 1 - 2^-53.
    fn quantile(&self, p: f64) -> f64 {
        numeric::first_time_below(|t| self.survival(t), upper(p), self.scale(), 1e-13)
    }
}

/// 1 - p, kept positive.
fn upper(p: f64) -> f64 {
    (1.0 - p).clamp(f64::EPSILON / 2.0, 1.0)
}

/// `value`, if it is finite and above zero.
fn positive(what: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() && value > 0.0 {
        Ok(value)
    } else {
        Err(TheoryError::Parameter { what, value, must: "a finite number above zero" })
    }
}

/// `value`, if it is finite and not below zero.
fn not_negative(what: &'static str, value: f64) -> Result<f64> {
    if value.is_finite() && value >= 0.0 {
        Ok(value)
    } else {
        Err(TheoryError::Parameter { what, value, must: "a finite number, zero or more" })
    }
}

/// `count`, if there is at least one.
fn at_least_one(what: &'static str, count: usize) -> Result<usize> {
    if count > 0 {
        Ok(count)
    } else {
        Err(TheoryError::Parameter { what, value: 0.0, must: "1 or more" })
    }
}

/// `load`, if it is below 1.
fn stable(load: f64) -> Result<f64> {
    if load < 1.0 { Ok(load) } else { Err(TheoryError::Unstable { load }) }
}

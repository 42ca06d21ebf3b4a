//! Why there is no such run: sentences for the person who asked for it.

use crate::distribution::RateError;
use crate::model::ModelError;
use crate::time::Span;

/// Why models cannot be run as the settings say.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PlanError {
    /// A cell whose model cannot be simulated.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A rate that is out of bounds at another load.
    #[error(transparent)]
    Rate(#[from] RateError),
    /// No models at all.
    #[error("no models: give at least one")]
    NoModels,
    /// A model that was not run to its end.
    #[error("the model was not run")]
    NotRun,
    /// Requests without end, run as a finite story.
    #[error(
        "requests go on for ever: a length of Auto, Requests or Duration ends them, Story does \
         not"
    )]
    Endless,
    /// Finite models beside others.
    #[error("{finite} of {all} models are finite: simulate them apart")]
    SomeFinite {
        /// Finite ones.
        finite: usize,
        /// All.
        all: usize,
    },
    /// Arrivals that change once, after the run has ended.
    #[error("{profile} begins after {first}, but --duration ends it at {all}: make it longer")]
    NotReached {
        /// How arrivals change.
        profile: String,
        /// When the change begins.
        first: Span,
        /// When the run ends.
        all: Span,
    },
    /// Arrivals that end, in a run of a number of requests.
    #[error("after {0} no more requests arrive: give a --duration instead of --requests")]
    ArrivalsEnd(String),
    /// Arrivals that change once, in a run that looks for a steady state.
    #[error(
        "{0} happens once, so there is no steady state to measure: say how much of it is \
         simulated, with --duration or --requests"
    )]
    Once(String),
    /// Periods of arrivals that take more requests than may be simulated.
    #[error(
        "whole periods are measured: {periods} of {} s in each of {replications} replications \
         are about {requests:.0} requests. Give a shorter period in the same proportions (as long \
         as it is much longer than a response), fewer --replications, or a greater \
         --max-requests-simulated",
        .period.as_secs_f64()
    )]
    Periods {
        /// Periods in a replication.
        periods: u64,
        /// How long one is.
        period: Span,
        /// Replications.
        replications: f64,
        /// Requests in all of them.
        requests: f64,
    },
    /// Recorded arrivals at another load.
    #[error("recorded arrivals have no other rate")]
    Recorded,
    /// A divided run that decides on its way what is run next.
    #[error(
        "a run of --select best cannot be divided into parts: it decides after each round what is \
         run next. Drop --select best, or run it on one machine"
    )]
    ContestInParts,
    /// A divided run that searches for a number.
    #[error(
        "a number that is searched for (auto, or workers left out) cannot be divided into parts: \
         what is run next depends on what came out. Give a list of numbers, such as --workers 4..12"
    )]
    SearchInParts,
    /// A word that is not a split of recorded connections.
    #[error("'{0}' is not a split: write policy, proportions or recorded")]
    Split(String),
}

/// The sentence, where sentences are handed on.
impl From<PlanError> for String {
    fn from(error: PlanError) -> String {
        error.to_string()
    }
}

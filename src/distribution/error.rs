//! Why a text is no distribution: sentences for the person who wrote it.

use super::{catalogue, rate::RateError};
use crate::time::ParseSpanError;

/// Why a text is no distribution, or a distribution cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DistributionError {
    /// A name that is not known; `hint` may be the known name that was meant.
    #[error("'{word}' is not a distribution{}: use {known}", catalogue::did_you_mean(.hint))]
    Unknown {
        /// What was written.
        word: String,
        /// The nearest name that is known.
        hint: Option<&'static str>,
        /// All names that are known.
        known: String,
    },
    /// Parentheses, commas or signs that do not fit.
    #[error("'{text}' {problem}")]
    Syntax {
        /// What was written, shortened.
        text: String,
        /// What is wrong with it and how to mend it.
        problem: String,
    },
    /// Parameters that are unknown, missing, doubled or do not go together.
    #[error("{distribution} {problem}: write {form}")]
    Parameters {
        /// The distribution.
        distribution: &'static str,
        /// What is wrong with its parameters.
        problem: String,
        /// How the distribution is written.
        form: &'static str,
    },
    /// A length of time that cannot be read.
    #[error("{place}: {source}")]
    Time {
        /// Which parameter.
        place: String,
        /// What is wrong with it.
        source: ParseSpanError,
    },
    /// A rate that cannot be read.
    #[error("{place}: {source}")]
    Rate {
        /// Which parameter.
        place: String,
        /// What is wrong with it.
        source: RateError,
    },
    /// A constant distribution that cannot be read.
    #[error(transparent)]
    Constant(#[from] ParseSpanError),
    /// A plain number that cannot be read.
    #[error("{place}: '{text}' is not a plain number: write one such as {example}")]
    Number {
        /// Which parameter.
        place: String,
        /// What was written.
        text: String,
        /// How it could look.
        example: &'static str,
    },
    /// A value out of bounds, or values that contradict each other.
    #[error("{0}")]
    Value(String),
    /// Measured values that cannot be had.
    #[error("samples:{path}: {reason}")]
    Samples {
        /// The file as it was written.
        path: String,
        /// Why it gives no values.
        reason: String,
    },
    /// Mixtures inside mixtures without end.
    #[error("distributions are nested more than {0} deep: write a flatter mix(...)")]
    TooDeep(usize),
}

//! Why a text is no law: sentences for the person who wrote it.

use super::{rate::RateError, words};
use crate::time::ParseSpanError;

/// Why a text is no law, or a law cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LawError {
    /// A name that is not known; `hint` may be the known name that was meant.
    #[error("'{word}' is no law{}: use {known}", words::did_you_mean(.hint))]
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
    #[error("{law} {problem}: write {form}")]
    Parameters {
        /// The law.
        law: &'static str,
        /// What is wrong with its parameters.
        problem: String,
        /// How the law is written.
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
    /// A constant law that cannot be read.
    #[error(transparent)]
    Constant(#[from] ParseSpanError),
    /// A plain number that cannot be read.
    #[error("{place}: '{text}' is no plain number: write one such as {example}")]
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
    #[error("laws stand more than {0} deep in one another: write a flatter mix(...)")]
    TooDeep(usize),
}

/// `text`, or its beginning where it is too long to be shown.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// `a`, `a and b`, `a, b and c`; `nothing` for none.
pub(super) fn listed(words: &[&str], last: &str) -> String {
    match words {
        [] => "nothing".to_owned(),
        [one] => (*one).to_owned(),
        [first @ .., end] => format!("{} {last} {end}", first.join(", ")),
    }
}

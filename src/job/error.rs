//! Why a job cannot be done.

use std::fmt;

use crate::scenario::Problem;

/// Why a job cannot be done: each has a sentence for the person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Error {
    /// Something in the options, with its place.
    Option(Problem),
    /// The results do not have what was asked for.
    Results(String),
    /// A chart that does not fit what is asked for, found before anything has run.
    Charts(String),
    /// Parts that do not make a whole.
    Parts(String),
    /// The run was stopped before its end.
    Stopped,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Error::Option(problem) => problem.fmt(f),
            Error::Results(sentence) | Error::Charts(sentence) | Error::Parts(sentence) => {
                f.write_str(sentence)
            }
            Error::Stopped => f.write_str("interrupted before there was an answer"),
        }
    }
}

impl std::error::Error for Error {}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Error::Option(problem)
    }
}

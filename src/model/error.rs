//! Why there is no such model: sentences for the person who described it.

use super::MAX_PHASES;
use crate::time::Time;

/// Why a model, or a part of it, cannot be simulated or read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ModelError {
    /// A text that a word, a number or a list cannot be read from.
    #[error("'{text}'{problem}")]
    Text {
        /// What was written.
        text: String,
        /// What is wrong with it and how to mend it.
        problem: String,
    },
    /// Contention that is not written as `usl(SIGMA,KAPPA)`.
    #[error(
        "contention is written as usl(SIGMA,KAPPA), two numbers from 0 to 1, such as \
         usl(0.05,0.001)"
    )]
    Contention,
    /// There is none of what a model needs at least one of.
    #[error("{0}")]
    Missing(&'static str),
    /// More than can be simulated.
    #[error("{given}: the most is {most}")]
    TooMany {
        /// What was given.
        given: String,
        /// How much there may be.
        most: u32,
    },
    /// A number that is 0 or above a bound.
    #[error("{given} {what}: give at least 1 and at most {most}")]
    Range {
        /// What was given.
        given: usize,
        /// Of what.
        what: &'static str,
        /// How much there may be.
        most: usize,
    },
    /// More phases than a request may have.
    #[error("{0} phases: a request has at most {MAX_PHASES}")]
    ManyPhases(usize),
    /// Time that does not pass.
    #[error("{0}")]
    NoTime(&'static str),
    /// Time that passes the end of the clock.
    #[error("{0}")]
    TooLong(String),
    /// Parts that do not go together.
    #[error("{0}")]
    Conflict(String),
    /// Two routes of one name.
    #[error("two routes are named '{0}': give each its own name")]
    SameName(String),
    /// Shares of routes that are not the whole, or not above 0; their sum.
    #[error(
        "the shares of the routes add up to {:.4} %: each is above 0, and all together are \
         100 %",
        100.0 * .0
    )]
    Shares(f64),
    /// A route whose requests have two priorities.
    #[error("the route '{route}' had the priority {before} before")]
    Priority {
        /// Its name.
        route: String,
        /// Its first priority.
        before: u16,
    },
    /// More routes than a trace holds; how many it may hold.
    #[error("more than {0} routes: give at most that many names")]
    ManyRoutes(usize),
    /// More phases than a trace holds.
    #[error("a trace holds at most 4 billion phases: split the file")]
    LongTrace,
    /// A request of a trace that arrives before the one before it.
    #[error(
        "arrival at {} s follows one at {} s: sort the file by arrival",
        .arrival.as_secs_f64(),
        .last.as_secs_f64()
    )]
    Order {
        /// When it arrives.
        arrival: Time,
        /// When the one before it does.
        last: Time,
    },
}

impl ModelError {
    /// A text that cannot be read; `problem` follows its closing quote.
    pub(super) fn text(text: &str, problem: impl Into<String>) -> ModelError {
        ModelError::Text { text: text.to_owned(), problem: problem.into() }
    }
}

/// The sentence, where sentences are handed on.
impl From<ModelError> for String {
    fn from(error: ModelError) -> String {
        error.to_string()
    }
}

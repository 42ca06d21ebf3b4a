//! How a command ends: well, with an exit code; badly, with a sentence.

use crate::job;
use crate::scenario::Problem;

/// How a command ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ExitStatus {
    /// Done.
    Done,
    /// There was not enough to tell: intervals too wide, or nothing to compare.
    CannotTell,
    /// No cell fits into the memory that was given.
    NothingFits,
    /// An expectation was missed.
    Missed,
    /// Stopped by a signal; what was finished is written.
    Interrupted,
}

/// Every exit code, with what it means.
pub(super) const EXIT_CODES: [(u8, &str); 7] = [
    (0, "done"),
    (1, "an expectation was missed, or nothing meets --slo"),
    (2, "wrong usage or input (nothing is written)"),
    (3, "cannot decide"),
    (4, "nothing fits into --memory"),
    (74, "output could not be written"),
    (130, "interrupted (what was finished is written)"),
];

impl ExitStatus {
    /// The end of two commands in turn: the worse one.
    pub(super) fn and(self, other: ExitStatus) -> ExitStatus {
        let rank = |end| match end {
            ExitStatus::Done => 0,
            ExitStatus::CannotTell => 1,
            ExitStatus::NothingFits => 2,
            ExitStatus::Missed => 3,
            ExitStatus::Interrupted => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }

    /// Its exit code.
    pub(super) fn code(self) -> u8 {
        match self {
            ExitStatus::Done => 0,
            ExitStatus::Missed => 1,
            ExitStatus::CannotTell => 3,
            ExitStatus::NothingFits => 4,
            ExitStatus::Interrupted => 130,
        }
    }
}

/// Why a command ended badly.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Wrong usage or input.
    Input(String),
    /// Output could not be written.
    Output(String),
    /// Stopped by a signal while results were written.
    Interrupted(String),
    /// There is no answer to write.
    NoAnswer(String),
    /// Standard output was closed by its reader.
    ClosedPipe,
}

impl Failure {
    /// Its exit code.
    pub(super) fn code(&self) -> u8 {
        match self {
            Failure::Input(_) => 2,
            Failure::Output(_) => 74,
            Failure::NoAnswer(_) => 3,
            Failure::Interrupted(_) => 130,
            Failure::ClosedPipe => 0,
        }
    }

    /// What is printed about it.
    pub(super) fn sentence(&self) -> Option<&str> {
        match self {
            Failure::Input(text)
            | Failure::Output(text)
            | Failure::NoAnswer(text)
            | Failure::Interrupted(text) => Some(text),
            Failure::ClosedPipe => None,
        }
    }
}

/// A problem with the input, as the end of a command.
pub(crate) fn input(sentence: impl std::fmt::Display) -> Failure {
    Failure::Input(sentence.to_string())
}

/// Why a job could not be done.
pub(super) enum Stopped {
    /// Something in the options, which a scenario shows at its line.
    Problem(Problem),
    /// Anything else.
    Failure(Failure),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Stopped::Problem(problem)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Stopped::Failure(failure)
    }
}

impl From<job::Error> for Stopped {
    fn from(error: job::Error) -> Self {
        match error {
            job::Error::Option(problem) => Stopped::Problem(problem),
            job::Error::Stopped => Stopped::Failure(Failure::Interrupted(error.to_string())),
            job::Error::Results(_) => Stopped::Failure(Failure::NoAnswer(error.to_string())),
            error => Stopped::Failure(input(error)),
        }
    }
}

/// What the system says, without numbers and without the names of temporary files.
pub(crate) fn reason(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let text = text.split(" at path ").next().unwrap_or(&text);
    text.split(" (os error").next().unwrap_or(text).to_owned()
}

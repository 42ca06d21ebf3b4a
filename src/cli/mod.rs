//! The command line: the only floor that knows clap, opens files and prints.

mod args;
mod command;
mod config;
mod files;
mod finish;
mod output;
mod pages;
mod pictures;
mod plot;
mod progress;
mod report;
mod run;
mod simulate;
mod theory;
mod usage;
mod validate;

use std::ffi::OsString;
use std::process::ExitCode;

pub use args::command;
use output::Failure;

/// How a command ended well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
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

impl End {
    /// The end of two commands in turn: what is worse stays.
    fn and(self, other: End) -> End {
        let rank = |end| match end {
            End::Done => 0,
            End::CannotTell => 1,
            End::NothingFits => 2,
            End::Missed => 3,
            End::Interrupted => 4,
        };
        if rank(other) > rank(self) { other } else { self }
    }
}

/// Runs the command line `arguments` (the first is the program's name); everything a person sees
/// is printed.
pub fn main(arguments: impl Iterator<Item = std::ffi::OsString>) -> ExitCode {
    let arguments: Vec<_> = arguments.collect();
    match dispatch(&arguments) {
        Ok(End::Done) => ExitCode::SUCCESS,
        Ok(End::Missed) => ExitCode::from(1),
        Ok(End::CannotTell) => ExitCode::from(3),
        Ok(End::NothingFits) => ExitCode::from(4),
        Ok(End::Interrupted) => ExitCode::from(130),
        Err(failure) => {
            if let Some(sentence) = failure.sentence() {
                output::tell(&format!("simsrv: {sentence}"));
            }
            ExitCode::from(failure.code())
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Result<End, Failure> {
    usage::refuse_missing_values(arguments)?;
    let typed = command::typed(arguments);
    let matches = match args::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage::answer(&error),
    };
    match matches.subcommand() {
        Some(("run", matches)) => run::run(matches, &typed),
        Some(("plot", matches)) => plot::plot(matches),
        Some(("theory", matches)) => theory::theory(matches, typed),
        Some(("validate", matches)) => validate::validate(matches),
        Some(("completions", matches)) => pages::completions(matches),
        Some(("man", _)) => pages::man(),
        _ => simulate::simulate(&matches, typed),
    }
}

/// A problem with the input, as the end of a command.
pub(crate) fn input(sentence: impl std::fmt::Display) -> Failure {
    Failure::Input(sentence.to_string())
}

//! The command line: the only layer that knows clap, opens files and prints.

mod args;
mod check;
mod checking;
mod claims;
mod command;
mod emit;
mod end;
mod files;
mod fit;
mod grammar;
mod interrupt;
mod merge;
mod other_words;
mod output;
mod page;
mod pages;
mod part_files;
mod pictures;
mod place;
mod plot;
mod progress;
mod run;
#[cfg(feature = "serve")]
mod serve;
mod shard;
mod simulate;
mod system;
mod task;
#[cfg(test)]
mod tests;
mod theory;
mod usage;
mod validate;
mod wanted;

use std::ffi::OsString;
use std::process::ExitCode;

pub(crate) use args::command;
use end::{ExitStatus, Failure};

/// Runs the command line `arguments` (the first is the program's name); everything a person sees
/// is printed.
pub fn main(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    ExitCode::from(exit_code(arguments))
}

/// Like [`main`]; gives the exit code as a number. From now on the process listens for signals as the command
/// does.
pub fn exit_code(arguments: impl Iterator<Item = OsString>) -> u8 {
    interrupt::install();
    outcome(arguments)
}

/// Like [`exit_code`], but listens for no signals.
fn outcome(arguments: impl Iterator<Item = OsString>) -> u8 {
    let arguments: Vec<_> = arguments.collect();
    match dispatch(&arguments) {
        Ok(end) => end.code(),
        Err(failure) => {
            if let Some(sentence) = failure.sentence() {
                output::tell(&format!("simsrv: {sentence}"));
            }
            failure.code()
        }
    }
}

fn dispatch(arguments: &[OsString]) -> Result<ExitStatus, Failure> {
    let typed = command::typed(arguments);
    let arguments = &other_words::translated(arguments)?;
    usage::refuse_missing_values(arguments)?;
    let matches = match args::command().try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage::answer(&error),
    };
    // The page is there for a browser: nobody has to read where it is.
    if matches.subcommand_name() != Some("serve") {
        output::check_stdout()?;
    }
    match matches.subcommand() {
        Some(("run", matches)) => run::run(matches, &typed),
        Some(("plot", matches)) => plot::plot(matches),
        Some(("theory", matches)) => theory::theory(matches, typed),
        Some(("fit", matches)) => fit::fit(matches, &typed),
        Some(("check", matches)) => check::check(matches),
        Some(("validate", matches)) => validate::validate(matches, &typed),
        Some(("merge", matches)) => merge::merge(matches),
        #[cfg(feature = "serve")]
        Some(("serve", matches)) => serve::run(matches),
        Some(("completions", matches)) => pages::completions(matches),
        Some(("observe", matches)) => pages::observe(matches),
        Some(("man", _)) => pages::man(),
        _ => simulate::simulate(&matches, typed),
    }
}

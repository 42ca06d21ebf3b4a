//! `simsrv completions` and `simsrv man`: what a shell and `man` know of the command line.

use clap::ArgMatches;
use clap_complete::Shell;

use super::end::{End, Failure};
use super::{args, output};

/// Prints the completions of a shell.
pub(super) fn completions(matches: &ArgMatches) -> Result<End, Failure> {
    let mut page = Vec::new();
    if let Some(shell) = matches.get_one::<Shell>("shell") {
        clap_complete::generate(*shell, &mut args::command(), "simsrv", &mut page);
    }
    output::print_bytes(&page).map(|()| End::Done)
}

/// Prints the manual page.
pub(super) fn man() -> Result<End, Failure> {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = clap_mangen::Man::new(args::command()).render(&mut page);
    output::print_bytes(&page).map(|()| End::Done)
}

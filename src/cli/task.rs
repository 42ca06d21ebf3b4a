//! A job of the command line: where it stands, and whether it writes.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::args;
use super::files::Inputs;
use crate::job::Job;

/// What is to be done.
pub(super) struct Task {
    pub(crate) job: Job,
    /// The folder that files in options are relative to.
    pub(crate) folder: PathBuf,
    /// All files that its options name, which are read once.
    pub(crate) inputs: Inputs,
    /// What a table begins with: the title.
    pub(crate) lead: String,
    /// Whether files named in the options are written.
    pub(crate) writes: bool,
}

impl Task {
    /// What the flags ask for.
    pub(super) fn of_flags(matches: &ArgMatches, typed: String) -> Task {
        let (base, inputs) = (args::raw(matches), Inputs::default());
        let job = Job {
            base: base.clone(),
            cases: Vec::new(),
            charts: Vec::new(),
            every_row: false,
            typed,
            again: ("simsrv".to_owned(), base),
            files: Box::new(inputs.beside(Path::new(""))),
        };
        Task { job, folder: PathBuf::new(), inputs, lead: String::new(), writes: true }
    }
}

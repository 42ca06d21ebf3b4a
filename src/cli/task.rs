//! A job of the command line: where it stands, and whether it writes.

use std::path::PathBuf;

use clap::ArgMatches;

use super::args;
use super::files::RelativeFiles;
use crate::job::Job;

/// What is to be done.
pub(super) struct Task {
    pub job: Job,
    /// The folder that files in options are relative to.
    pub folder: PathBuf,
    /// What a table begins with: the title.
    pub lead: String,
    /// Whether files named in the options are written.
    pub writes: bool,
}

impl Task {
    /// What the flags ask for.
    pub(super) fn of_flags(matches: &ArgMatches, typed: String) -> Task {
        let base = args::raw(matches);
        let job = Job {
            base: base.clone(),
            cases: Vec::new(),
            charts: Vec::new(),
            typed,
            again: ("simsrv".to_owned(), base),
            files: Box::new(RelativeFiles(PathBuf::new())),
        };
        Task { job, folder: PathBuf::new(), lead: String::new(), writes: true }
    }
}

//! A job of the command line: where it stands, and whether it writes.

use std::path::PathBuf;

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

//! A job and what came out of it, as plain data.

use std::path::PathBuf;

use super::command;
use super::files::RelativeFiles;
use crate::experiment::{CellResult, Plan};
use crate::render::words::Changes;
use crate::scenario::{self, Case, ChartWanted, Problem, RawOptions};
use crate::servers::Use;

/// What is to be done.
pub(super) struct Job {
    /// Options for all cases.
    pub base: RawOptions,
    /// Variants.
    pub cases: Vec<Case>,
    /// Pictures instead of the usual ones.
    pub charts: Vec<ChartWanted>,
    /// The folder that files in options are relative to.
    pub folder: PathBuf,
    /// The command as typed.
    pub typed: String,
    /// How the next command begins, and the flags that it repeats.
    pub again: (String, RawOptions),
    /// What a table begins with: the title.
    pub lead: String,
    /// Whether files named in the options are written.
    pub writes: bool,
}

impl Job {
    /// The command that does this job with some options changed.
    pub(super) fn with(&self, changes: &Changes) -> String {
        let (begin, flags) = &self.again;
        command::changed(begin, flags, changes)
    }

    /// The files that its options name.
    pub(super) fn files(&self) -> RelativeFiles {
        RelativeFiles(self.folder.clone())
    }

    /// The servers that were named.
    pub(super) fn servers(&self) -> Result<Vec<Use>, Problem> {
        scenario::server::uses(&self.base, &self.cases, &self.files())
    }

    /// Hash of what was asked for.
    pub(super) fn hash(&self) -> u64 {
        command::hash(&self.base, &self.cases)
    }
}

/// What came out.
pub(super) struct Results {
    pub plan: Plan,
    /// The finished cells, by position in the plan.
    pub cells: Vec<Option<CellResult>>,
}

impl Results {
    /// Positions and results of the finished cells.
    pub(super) fn finished(&self) -> impl Iterator<Item = (usize, &CellResult)> {
        self.cells.iter().enumerate().filter_map(|(at, cell)| cell.as_ref().map(|cell| (at, cell)))
    }

    /// Whether cells are missing.
    pub(super) fn partial(&self) -> bool {
        self.cells.iter().any(Option::is_none)
    }
}

//! The files that options name, relative to the folder of whoever names them.

use std::fs::File;
use std::path::{Path, PathBuf};

use crate::law::read_samples;
use crate::model::Trace;
use crate::scenario::{Files, trace_file};
use crate::time::Span;

/// Files below a folder.
pub(super) struct Beside(pub PathBuf);

impl Beside {
    /// A path as the writer of an option meant it.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        if text == "-" { PathBuf::from(text) } else { self.0.join(text) }
    }

    fn open(&self, text: &str) -> Result<File, String> {
        let path: &Path = &self.path(text);
        if path.is_dir() {
            return Err(format!("'{}' is a folder, not a file", path.display()));
        }
        File::open(path).map_err(|error| format!("'{}' cannot be read: {error}", path.display()))
    }
}

impl Files for Beside {
    fn trace(&self, path: &str) -> Result<Trace, String> {
        trace_file::read(self.open(path)?).map_err(|error| format!("'{path}': {error}"))
    }

    fn samples(&self, path: &str, column: Option<&str>) -> Result<Vec<Span>, String> {
        read_samples(self.open(path)?, column).map_err(|error| format!("'{path}': {error}"))
    }
}

//! The files that options name, relative to the folder of the scenario or of the user.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::output::reason;
use crate::distribution::{SampleUnit, read_samples};
use crate::model::Trace;
use crate::scenario::{Files, trace_file};
use crate::time::Span;

/// The longest configuration file that is read, in bytes.
const LONGEST: u64 = 16 << 20;

/// The text of a whole file of at most so many bytes.
///
/// # Errors
/// A sentence.
pub(super) fn text(path: &Path, most: u64) -> Result<String, String> {
    let mut bytes = Vec::new();
    let read = open(path)?.take(most + 1).read_to_end(&mut bytes);
    read.map_err(|error| format!("'{}' cannot be read: {}", path.display(), reason(&error)))?;
    if bytes.len() as u64 > most {
        return Err(format!("'{}' is larger than {} MB", path.display(), most >> 20));
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        format!("'{}' is not UTF-8 text: see its byte {}", path.display(), good + 1)
    })
}

/// Opens a file.
///
/// # Errors
/// A sentence.
pub(super) fn open(path: &Path) -> Result<File, String> {
    if path.is_dir() {
        return Err(format!("'{}' is a folder, not a file", path.display()));
    }
    File::open(path)
        .map_err(|error| format!("'{}' cannot be read: {}", path.display(), reason(&error)))
}

/// Files below a folder.
pub(super) struct RelativeFiles(pub PathBuf);

impl RelativeFiles {
    /// A path as the writer of an option meant it.
    pub(super) fn path(&self, text: &str) -> PathBuf {
        if text == "-" { PathBuf::from(text) } else { self.0.join(text) }
    }

    pub(super) fn open(&self, text: &str) -> Result<File, String> {
        open(&self.path(text))
    }
}

impl Files for RelativeFiles {
    fn trace(&self, path: &str) -> Result<Trace, String> {
        trace_file::read(self.open(path)?).map_err(|error| format!("'{path}': {error}"))
    }

    fn text(&self, path: &str) -> Result<String, String> {
        text(&self.path(path), LONGEST)
    }

    fn samples(
        &self,
        path: &str,
        column: Option<&str>,
        unit: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        read_samples(trace_file::short_lines(self.open(path)?), column, unit)
            .map_err(|error| format!("'{path}': {error}"))
    }
}

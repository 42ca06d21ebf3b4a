//! What options name: samples that Python gave, and files.

use std::collections::HashMap;
use std::fs::File;
use std::path::{Path, PathBuf};

use simsrv::distribution::{SampleUnit, read_samples};
use simsrv::model::Trace;
use simsrv::scenario::{Files, Place, trace_file};
use simsrv::time::Span;

/// Samples by name, in seconds.
pub type Samples = HashMap<String, Vec<f64>>;

/// Samples that were given by name; every other name is a file.
pub struct GivenFiles {
    /// The samples.
    pub samples: Samples,
    /// The folder that paths in a scenario are relative to.
    pub folder: PathBuf,
}

/// Opens a file.
///
/// # Errors
/// A sentence.
pub fn open(path: &str) -> Result<File, String> {
    if Path::new(path).is_dir() {
        return Err(format!("'{path}' is a folder, not a file"));
    }
    if is_pipe(Path::new(path)) {
        // Opening it blocks until a writer opens it, and Ctrl-C does not end that.
        let advice = "read it in Python and give its values, or write a file";
        return Err(format!("'{path}' is a pipe, not a file: {advice}"));
    }
    File::open(path).map_err(|error| format!("'{path}' cannot be read: {error}"))
}

#[cfg(unix)]
fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    path.metadata().is_ok_and(|found| found.file_type().is_fifo())
}

#[cfg(not(unix))]
fn is_pipe(_: &Path) -> bool {
    false
}

impl Files for GivenFiles {
    fn resolve(&self, path: &str, place: &Place) -> String {
        match place {
            Place::File(_) => self.folder.join(path).to_string_lossy().into_owned(),
            Place::Flag(_) | Place::Default => path.to_owned(),
        }
    }

    fn trace(&self, path: &str) -> Result<Trace, String> {
        trace_file::read(open(path)?).map_err(|error| format!("'{path}': {error}"))
    }

    fn text(&self, path: &str) -> Result<String, String> {
        std::io::read_to_string(open(path)?).map_err(|error| format!("'{path}': {error}"))
    }

    fn samples(
        &self,
        path: &str,
        column: Option<&str>,
        unit: Option<SampleUnit>,
    ) -> Result<Vec<Span>, String> {
        let Some(given) = self.samples.get(path) else {
            return read_samples(trace_file::short_lines(open(path)?), column, unit)
                .map_err(|error| format!("'{path}': {error}"));
        };
        let span = |seconds: &f64| match *seconds {
            seconds if seconds.is_finite() && seconds >= 0.0 => Ok(Span::from_secs_f64(seconds)),
            other => Err(format!("the sample {other} is not a time in seconds")),
        };
        given.iter().map(span).collect()
    }
}

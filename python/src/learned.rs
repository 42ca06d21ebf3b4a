//! `simsrv.fit`: from logs to a scenario.

use std::fs::File;
use std::io::{self, Read};
use std::sync::atomic::{AtomicBool, Ordering};

use pyo3::prelude::*;
use simsrv::fit::findings::Findings;
use simsrv::fit::question::Question;
use simsrv::fit::{report, results_json};

use crate::files::open;
use crate::interruptible::{Work, interruptible};
use crate::{Options, error};

/// What was learned.
#[pyclass(frozen, module = "simsrv._native")]
pub struct Learned {
    question: Question,
    findings: Findings,
}

#[pymethods]
impl Learned {
    /// What the command prints.
    fn text(&self) -> String {
        report::text(&self.findings)
    }

    /// The same as JSON.
    fn json(&self) -> String {
        results_json::text(&self.findings, None)
    }

    /// The scenario.
    fn scenario(&self) -> PyResult<String> {
        self.question.scenario(&self.findings).map_err(error)
    }
}

/// Reads logs.
#[pyfunction]
pub fn fit(py: Python<'_>, paths: Vec<String>, options: Options) -> PyResult<Learned> {
    let pairs = options.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let question = Question::of_options(pairs).map_err(error)?;
    interruptible(py, &Work::untold(), 0, move |stop| {
        let log = |path| open(path).map(|file| (path, Stoppable { file, stop }));
        let findings = question.findings(paths.iter().map(String::as_str), log)?;
        Ok(Learned { findings, question })
    })?
    .map_err(|sentence: String| error(sentence))
}

/// A file that ends with an error once a flag is set.
struct Stoppable<'a> {
    file: File,
    stop: &'a AtomicBool,
}

impl Read for Stoppable<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        match self.stop.load(Ordering::Relaxed) {
            true => Err(io::Error::other("interrupted")),
            false => self.file.read(bytes),
        }
    }
}

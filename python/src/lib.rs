//! `simsrv._native`: the library's jobs for Python. What is convenient (keywords, rows, data
//! frames) is in `simsrv/*.py`; here options go in as texts, and bytes come out.

mod files;
mod interruptible;
mod learned;

use std::fmt::Display;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use pyo3::create_exception;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use simsrv::experiment::Control;
use simsrv::experiment::run::shards::Shard;
use simsrv::job::{self, Job, Results, visits};
use simsrv::render::part_csv;
use simsrv::scenario::{Problem, file};

use files::{GivenFiles, Samples};
use interruptible::{Work, interruptible};
use learned::{Learned, fit};

create_exception!(simsrv, Error, PyValueError, "What simsrv says of wrong input: a sentence.");

/// Names of options and their values in the grammar of the command.
type Options = Vec<(String, String)>;

fn error(error: impl Display) -> PyErr {
    Error::new_err(error.to_string())
}

/// What is asked: options, the samples and the scenario (its path and its text) that they name.
type Asked = (Options, Samples, Option<(String, String)>);

fn job_of((options, samples, scenario): Asked) -> PyResult<Job> {
    let pairs = options.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    let folder = scenario.as_ref().and_then(|(path, _)| Path::new(path).parent());
    let files = GivenFiles { samples, folder: folder.unwrap_or(Path::new("")).to_owned() };
    let mut job = Job::of_options(pairs, Box::new(files)).map_err(error)?;
    if let Some((path, text)) = scenario {
        let read = file::read(&text).map_err(|why| error(file::show(&why, &path, &text)))?;
        job.base = read.base.with(&job.base);
        (job.cases, job.charts) = (read.cases, read.charts);
    }
    Ok(job)
}

/// A job and what came out of it.
#[pyclass(frozen, module = "simsrv._native")]
struct Outcome {
    job: Job,
    results: Results,
}

#[pymethods]
impl Outcome {
    /// The answer by itself.
    fn answer(&self) -> String {
        self.job.answer(&self.results)
    }

    /// What the command prints, with the colours of a terminal.
    fn text(slf: &Bound<'_, Self>) -> PyResult<String> {
        of_outcome(slf, |outcome, _| outcome.job.text(&outcome.results, 80))
    }

    /// The results table as CSV.
    fn csv<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        let csv = of_outcome(slf, |outcome, _| outcome.job.csv(&outcome.results))?;
        Ok(PyBytes::new(slf.py(), &csv))
    }

    /// The results as JSON.
    fn json<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        let json = of_outcome(slf, |outcome, _| outcome.job.json(&outcome.results))?;
        Ok(PyBytes::new(slf.py(), &json))
    }

    /// Name and PNG of each picture.
    fn pictures<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<(String, Bound<'py, PyBytes>)>> {
        let drawn = of_outcome(slf, |outcome, stop| {
            outcome.job.pictures(&outcome.results, Control::new(stop))
        })?;
        let py = slf.py();
        Ok(drawn.iter().map(|one| (one.name.to_string(), PyBytes::new(py, &one.png))).collect())
    }

    /// One row per request, as CSV.
    fn visits<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyBytes>> {
        let written = of_outcome(slf, |outcome, stop| {
            let mut bytes = Vec::new();
            visits::write(&mut bytes, &outcome.results, Control::new(stop)).map(|()| bytes)
        })?;
        Ok(PyBytes::new(slf.py(), &written))
    }
}

/// What is made from an outcome, without the lock.
fn of_outcome<T: Send + 'static, E: Display + Send + 'static>(
    outcome: &Bound<'_, Outcome>,
    make: impl FnOnce(&Outcome, &AtomicBool) -> Result<T, E> + Send + 'static,
) -> PyResult<T> {
    let held = outcome.clone().unbind();
    let made = interruptible(outcome.py(), &Work::untold(), 0, move |stop| make(held.get(), stop))?;
    made.map_err(error)
}

/// Simulates. `progress` is called from time to time with the cells that are done and all cells.
#[pyfunction]
#[pyo3(signature = (asked, jobs, progress=None))]
fn run(
    py: Python<'_>,
    asked: Asked,
    jobs: usize,
    progress: Option<Py<PyAny>>,
) -> PyResult<Outcome> {
    let job = job_of(asked)?;
    let (most, begin) = (job.time_limit().map_err(error)?, Instant::now());
    let work = Arc::new(Work::new(progress));
    let counted = Arc::clone(&work);
    let outcome = interruptible(py, &work, jobs, move |stop| {
        let elapsed = || begin.elapsed();
        let control = Control::new(stop);
        let control = most.map_or(control, |most| control.within(most, &elapsed));
        let plan = job.plan()?;
        counted.expect(plan.cells.len());
        let results = Results::of_plan(plan, control, |_| counted.one_more());
        Ok(Outcome { job, results })
    })?;
    outcome.map_err(|problem: Problem| error(problem))
}

/// Whether a run can be divided into so many parts: options are read once before all parts are.
#[pyfunction]
fn check(asked: Asked, count: u32) -> PyResult<()> {
    let job = job_of(asked)?;
    if job.time_limit().map_err(error)?.is_some() {
        let sentence = "max_time cannot be used with client: how far a run gets by a clock differs \
                        from machine to machine";
        return Err(error(sentence));
    }
    let shard = Shard::new(1, count).ok_or_else(|| error("no such part"))?;
    job.head(shard, "[]".to_owned()).map(|_| ()).map_err(error)
}

/// Simulates part `index` of `count`; gives the part file.
#[pyfunction]
fn part<'py>(
    py: Python<'py>,
    asked: Asked,
    shard: (u32, u32),
    jobs: usize,
) -> PyResult<Bound<'py, PyBytes>> {
    let job = job_of(asked)?;
    let shard = Shard::new(shard.0, shard.1).ok_or_else(|| error("no such part"))?;
    let (plan, head) = job.head(shard, "[]".to_owned()).map_err(error)?;
    let part = interruptible(py, &Work::untold(), jobs, move |stop| {
        job.run_shard(&plan, head, Control::new(stop), || ())
    })?;
    Ok(PyBytes::new(py, &part_csv::write(&part.map_err(error)?)))
}

/// Puts parts together.
#[pyfunction]
fn merge(py: Python<'_>, asked: Asked, parts: Vec<Vec<u8>>, jobs: usize) -> PyResult<Outcome> {
    let job = job_of(asked)?;
    let read = |(at, bytes): (usize, &Vec<u8>)| {
        let name = format!("part {}", at + 1);
        let part = part_csv::index(&mut &bytes[..]);
        Ok((name.clone(), part.map_err(|sentence| error(format!("{name}: {sentence}")))?))
    };
    let found: Vec<_> = parts.iter().enumerate().map(read).collect::<PyResult<_>>()?;
    let outcome = interruptible(py, &Work::untold(), jobs, move |stop| {
        let line = |part: usize, range| part_csv::line(&parts[part], range);
        let results = job::merged(&job, found, &line, Control::new(stop))?;
        Ok(Outcome { job, results })
    })?;
    outcome.map_err(|why: job::Error| error(why))
}

/// What theory knows, as CSV and as text.
#[pyfunction]
fn theory<'py>(
    py: Python<'py>,
    asked: Asked,
    jobs: usize,
) -> PyResult<(Bound<'py, PyBytes>, String)> {
    let job = job_of(asked)?;
    let told = interruptible(py, &Work::untold(), jobs, move |stop| {
        let known = job.theory_until(stop)?;
        let csv = simsrv::render::theory::csv(&known.cells, &known.origin);
        Ok((csv, simsrv::render::theory::plain(&known.cells, 80)))
    })?;
    let (csv, text) = told.map_err(|why: job::Error| error(why))?;
    Ok((PyBytes::new(py, &csv), text))
}

/// The command line; gives its exit code.
#[pyfunction]
fn command(py: Python<'_>, arguments: Vec<std::ffi::OsString>) -> u8 {
    py.detach(|| simsrv::cli::exit_code(arguments.into_iter()))
}

#[pymodule]
fn _native(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("Error", module.py().get_type::<Error>())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<Outcome>()?;
    module.add_class::<Learned>()?;
    module.add_function(wrap_pyfunction!(fit, module)?)?;
    module.add_function(wrap_pyfunction!(run, module)?)?;
    module.add_function(wrap_pyfunction!(part, module)?)?;
    module.add_function(wrap_pyfunction!(check, module)?)?;
    module.add_function(wrap_pyfunction!(merge, module)?)?;
    module.add_function(wrap_pyfunction!(theory, module)?)?;
    module.add_function(wrap_pyfunction!(command, module)?)
}

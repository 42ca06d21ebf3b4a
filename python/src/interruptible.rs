//! Long work without the interpreter's lock, which Ctrl-C ends, and which says how far it is.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use pyo3::prelude::*;
use rayon::ThreadPoolBuilder;

use crate::error;

/// How often signals are polled.
const POLL: Duration = Duration::from_millis(20);

/// How much there is to do, how much of it is done, and the function of Python that reports it.
#[derive(Default)]
pub struct Work {
    /// None before it is known.
    all: AtomicUsize,
    done: AtomicUsize,
    told: Option<Py<PyAny>>,
}

impl Work {
    /// Work whose progress a function reports.
    pub fn new(told: Option<Py<PyAny>>) -> Work {
        Work { told, ..Work::default() }
    }

    /// Work whose progress is not reported.
    pub fn untold() -> Work {
        Work::default()
    }

    /// Sets how many pieces are to be done.
    pub fn expect(&self, all: usize) {
        self.all.store(all, Ordering::Relaxed);
    }

    /// One more piece is done.
    pub fn one_more(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    fn tell(&self, py: Python<'_>) -> PyResult<()> {
        let (done, all) = (&self.done, &self.all);
        let [done, all] = [done, all].map(|number| number.load(Ordering::Relaxed));
        match &self.told {
            Some(told) if all > 0 => told.call1(py, (done, all)).map(drop),
            _ => Ok(()),
        }
    }
}

/// How long a call whose end was asked for waits for its job.
const LAST: Duration = Duration::from_millis(50);

/// Runs `job` on threads of its own, `jobs` of them (0: all cores), and waits for it without the lock.
/// A signal whose handler raises, or the function of `work` if it raises, sets the flag that `job`
/// gets. The exception is raised when `job` has ended, or a moment later: the caller does not wait
/// for what it still has to free or to draw. No thread outlives the job, so a process may be forked
/// between two calls.
pub fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    work: &Work,
    jobs: usize,
    job: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> PyResult<T> {
    let stop = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&stop);
    let (done, ended) = mpsc::channel();
    // On a pool of its own also where nothing is divided: the library uses the pool that it is called
    // on, and one for the whole process would hang in a child that was forked.
    let pool = ThreadPoolBuilder::new().num_threads(jobs).build().map_err(unstarted)?;
    let run = move || {
        let result = pool.install(|| job(&flag));
        let _ = done.send(());
        result
    };
    let thread = std::thread::Builder::new().spawn(run).map_err(unstarted)?;
    let result = py.detach(move || {
        while let Err(RecvTimeoutError::Timeout) = ended.recv_timeout(POLL) {
            let poll = |py: Python<'_>| py.check_signals().and_then(|()| work.tell(py));
            if let Err(raised) = Python::attach(poll) {
                stop.store(true, Ordering::Relaxed);
                let _ = ended.recv_timeout(LAST);
                return Err(raised);
            }
        }
        Ok(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
    })?;
    work.tell(py)?;
    Ok(result)
}

fn unstarted(why: impl Display) -> PyErr {
    error(format!("threads cannot be started: {why}"))
}

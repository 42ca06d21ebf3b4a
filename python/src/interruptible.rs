//! Long work without the interpreter's lock, which Ctrl-C ends.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use pyo3::prelude::*;

/// How often signals are polled.
const POLL: Duration = Duration::from_millis(20);

/// Runs `work` on a thread of its own and waits for it without the lock. A signal whose handler
/// raises sets the flag that `work` gets, and its exception is raised when `work` has ended.
pub fn interruptible<T: Send>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send,
) -> PyResult<T> {
    let stop = AtomicBool::new(false);
    py.detach(|| {
        std::thread::scope(|scope| {
            let (done, ended) = mpsc::channel();
            let stop = &stop;
            let thread = scope.spawn(move || {
                let result = work(stop);
                let _ = done.send(());
                result
            });
            let mut raised = None;
            while let Err(mpsc::RecvTimeoutError::Timeout) = ended.recv_timeout(POLL) {
                if raised.is_none() {
                    raised = Python::attach(|py| py.check_signals()).err();
                    stop.store(raised.is_some(), Ordering::Relaxed);
                }
            }
            match (thread.join(), raised) {
                (_, Some(signal)) => Err(signal),
                (Ok(result), None) => Ok(result),
                (Err(panic), None) => std::panic::resume_unwind(panic),
            }
        })
    })
}

//! Signals: before and after a run the first one ends the program; while cells run it asks them to
//! stop, what was finished is written, and the next one ends the program.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use super::{output, system};

/// Asks everything that runs to stop.
static STOP: AtomicBool = AtomicBool::new(false);
/// Whether something runs that can be asked to stop.
static RUNNING: AtomicBool = AtomicBool::new(false);
/// What is to be said if a signal comes, where nothing is kept of what is being made.
static LOST: Mutex<Option<&'static str>> = Mutex::new(None);
/// When the first signal came.
static FIRST: OnceLock<Instant> = OnceLock::new();

/// Signals that follow within this time are the same event: a terminal that is closed sends SIGHUP,
/// and so does its shell.
const SAME: Duration = Duration::from_millis(200);

/// Begins to listen for signals.
pub(super) fn install() {
    listen(on_signal);
}

/// The flag that a run polls; from now on the first signal sets it instead of ending the program.
pub(super) fn stop() -> &'static AtomicBool {
    RUNNING.store(true, Ordering::SeqCst);
    &STOP
}

/// Whether a signal has come.
pub(super) fn came() -> bool {
    FIRST.get().is_some()
}

/// Makes what is not kept if a signal comes meanwhile: that ends the program at once, with a sentence.
pub(super) fn or_lost<T>(sentence: &'static str, make: impl FnOnce() -> T) -> T {
    *lost() = Some(sentence);
    let made = make();
    *lost() = None;
    made
}

fn lost() -> MutexGuard<'static, Option<&'static str>> {
    LOST.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A run has stopped and its results can be written: [`stop`] is set again by the next signal only.
pub(super) fn stopped() {
    STOP.store(false, Ordering::SeqCst);
}

fn on_signal() {
    let first = FIRST.get().copied();
    if !RUNNING.load(Ordering::SeqCst) || first.is_some_and(|at| at.elapsed() > SAME) {
        output::end_now();
    }
    if FIRST.set(Instant::now()).is_ok() {
        STOP.store(true, Ordering::SeqCst);
        if let Some(sentence) = *lost() {
            output::tell(sentence);
            output::end_now();
        }
        std::thread::spawn(end_if_nobody_reads);
    }
}

/// Ends the program if it waits for a reader of its output who does not come: it cannot look whether
/// it was asked to stop.
fn end_if_nobody_reads() {
    loop {
        let before = system::waits();
        std::thread::sleep(SAME / 2);
        if before.is_some() && before == system::waits() {
            output::end_now();
        }
    }
}

#[cfg(unix)]
fn listen(on_signal: fn()) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let wanted: &[i32] =
        if hangups_are_ignored() { &[SIGINT, SIGTERM] } else { &[SIGINT, SIGTERM, SIGHUP] };
    // Without signals a run still ends by itself.
    let Ok(mut signals) = signal_hook::iterator::Signals::new(wanted) else { return };
    std::thread::spawn(move || signals.forever().for_each(|_| on_signal()));
}

/// Whether SIGHUP was ignored when the program began, as `nohup` has it: bit 0 of the mask that Linux
/// shows in `/proc/self/status`. Elsewhere it is not known.
#[cfg(unix)]
fn hangups_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}

#[cfg(not(unix))]
fn listen(on_signal: fn()) {
    let _ = ctrlc::set_handler(on_signal);
}

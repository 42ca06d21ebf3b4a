//! What is said on standard error while cells are simulated: a bar on a terminal, elsewhere (a pipe,
//! the log of a CI) a line now and then.

use std::io::{IsTerminal, stderr};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::output;
use crate::experiment::saturation::Saturation;
use crate::experiment::{CellResult, Plan};
use crate::render::number::plural;

/// How long a run is silent between two lines.
const BETWEEN_LINES: Duration = Duration::from_secs(10);
/// The environment's word on these lines: `none`.
const SWITCH: &str = "SIMSRV_PROGRESS";
/// How often a bar is drawn.
const TICK: Duration = Duration::from_millis(200);
/// The share of the work before which nothing is said of the time left.
const FIRST_GUESS: f64 = 0.05;

/// Runs something that calls its argument for every finished cell, and says how far it is. `elapsed` is
/// the time since the beginning.
pub(super) fn watched<T>(
    work: Work,
    quiet: bool,
    elapsed: &(dyn Fn() -> Duration + Sync),
    run: impl FnOnce(&(dyn Fn(Option<&CellResult>) + Sync)) -> T,
) -> T {
    if quiet || no_lines() {
        return run(&|_| ());
    }
    let all = work.all;
    let state = Mutex::new(ProgressState { work, over: false });
    let changed = Condvar::new();
    let lock = || state.lock().unwrap_or_else(PoisonError::into_inner);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut teller = Teller::new(all);
            let mut state = lock();
            while !state.over {
                teller.tell(&state.work, elapsed());
                let woken = changed.wait_timeout(state, TICK);
                state = woken.unwrap_or_else(PoisonError::into_inner).0;
            }
            teller.end();
        });
        let _end = OnDrop(|| {
            lock().over = true;
            changed.notify_all();
        });
        // No thread is woken for it: for thousands of cells that would take longer than the cells.
        run(&|cell| lock().work.finish(cell))
    })
}

/// Whether lines are not wanted where standard error is not a terminal: they depend on the time that a
/// run takes, so what compares outputs does without.
fn no_lines() -> bool {
    !stderr().is_terminal() && std::env::var_os(SWITCH).is_some_and(|value| value == "none")
}

struct ProgressState {
    work: Work,
    over: bool,
}

/// Calls something when it goes, also if what it guards panics.
struct OnDrop<F: Fn()>(F);

impl<F: Fn()> Drop for OnDrop<F> {
    fn drop(&mut self) {
        self.0();
    }
}

/// How much there is to do, and how much of it is done.
pub(super) struct Work {
    /// What the cells are expected to cost, all together; nothing where cells are searched for.
    whole: f64,
    done: f64,
    all: usize,
    cells: usize,
}

impl Work {
    /// The cells of a plan.
    pub(super) fn of(plan: &Plan) -> Work {
        let whole = match plan.search {
            Some(_) => 0.0,
            None => plan.cells.iter().map(|cell| cost(Saturation::of(&cell.model).as_ref())).sum(),
        };
        Work { whole, done: 0.0, all: plan.cells.len(), cells: 0 }
    }

    /// A number of pieces that all cost the same.
    pub(super) fn pieces(all: usize) -> Work {
        Work { whole: all as f64, done: 0.0, all, cells: 0 }
    }

    fn finish(&mut self, cell: Option<&CellResult>) {
        self.cells += 1;
        self.done += cell.map_or(1.0, |cell| cost(cell.saturation.as_ref()));
    }

    /// The share that is done, by what cells are expected to cost and by their number, whichever is
    /// less; `None` where the whole is not known.
    fn share(&self) -> Option<f64> {
        let by_number = self.cells as f64 / self.all.max(1) as f64;
        (self.whole > 0.0).then(|| (self.done / self.whole).min(by_number).min(1.0))
    }
}

/// The requests that a cell needs for its precision, beside one that is nearly idle: they grow with
/// 1/(1 - load)² (see `Saturation`). An overloaded cell is not simulated for long.
fn cost(saturation: Option<&Saturation>) -> f64 {
    let load = saturation.map_or(0.0, |saturation| saturation.load);
    (1.0 - load).max(0.02).powi(-2)
}

/// The time left: it falls as time passes, and never rises.
#[derive(Default)]
struct Left {
    end: Option<Duration>,
}

impl Left {
    /// What is left at a time, if so much of the work is done; `None` while there is no telling.
    fn at(&mut self, now: Duration, share: Option<f64>) -> Option<Duration> {
        if let Some(share) = share.filter(|share| *share >= FIRST_GUESS) {
            let end = now.div_f64(share);
            self.end = Some(self.end.map_or(end, |before| before.min(end)));
        }
        self.end.map(|end| end.saturating_sub(now)).filter(|left| left.as_secs() > 0)
    }
}

/// Whether a line is due, and what it says.
#[derive(Default)]
struct ProgressLines {
    left: Left,
    last: Duration,
}

impl ProgressLines {
    fn at(&mut self, now: Duration, done: usize, all: usize, share: Option<f64>) -> Option<String> {
        if now < self.last + BETWEEN_LINES {
            return None;
        }
        self.last = now;
        let left = self.left.at(now, share);
        let of = if share.is_some() {
            format!("{done} of {all} cells")
        } else {
            plural(done as u64, "cell")
        };
        let left = left.map_or(String::new(), |left| format!(", about {} left", seconds(left)));
        Some(format!("simsrv: {of} after {}{left}", seconds(now)))
    }
}

/// A time in its largest useful unit: `12 s`, `3 min`, `2 h`.
fn seconds(time: Duration) -> String {
    match time.as_secs() {
        s if s < 120 => format!("{s} s"),
        s if s < 7200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3600),
    }
}

/// Who says it.
enum Teller {
    Bar { bar: ProgressBar, left: Left },
    Lines { lines: ProgressLines, all: usize },
}

impl Teller {
    fn new(all: usize) -> Teller {
        if !stderr().is_terminal() {
            return Teller::Lines { lines: ProgressLines::default(), all };
        }
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} cells, {msg}");
        let bar = ProgressBar::new(all as u64);
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Teller::Bar { bar, left: Left::default() }
    }

    fn tell(&mut self, work: &Work, now: Duration) {
        match self {
            // What is done in the blink of an eye needs no bar.
            Teller::Bar { .. } if now < TICK => {}
            Teller::Bar { bar, left } => {
                let told = left.at(now, work.share());
                bar.set_message(match told {
                    Some(left) => format!("{} left", seconds(left)),
                    None => format!("{} so far", seconds(now)),
                });
                bar.set_length(bar.length().unwrap_or(0).max(work.cells as u64));
                bar.set_position(work.cells as u64);
                bar.tick();
            }
            Teller::Lines { lines, all } => {
                if let Some(line) = lines.at(now, work.cells, *all, work.share()) {
                    output::tell(&line);
                }
            }
        }
    }

    fn end(self) {
        if let Teller::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::experiment::Control;
    use crate::experiment::sweep::sweep;
    use crate::scenario::{self, NoFiles, Place, RawOptions, Value};

    #[test]
    fn the_time_left_falls() {
        let mut left = Left::default();
        let mut at = |now, share| left.at(Duration::from_secs(now), share).map(|t| t.as_secs());
        assert_eq!(at(2, Some(0.0)), None);
        assert_eq!(at(10, Some(0.25)), Some(30));
        // Later cells take longer than was thought: the end is not put off.
        assert_eq!(at(20, Some(0.25)), Some(20));
        assert_eq!(at(25, Some(0.4)), Some(15));
        // Nor is an end told that has passed.
        assert_eq!(at(50, Some(0.5)), None);
        assert_eq!(at(50, None), None);
    }

    /// What a cell costs is known of its result: it is not looked for among all cells.
    #[test]
    fn the_whole_is_done_with_the_last_cell() {
        let mut raw = RawOptions::new();
        let options = [
            ("service", "exp(20ms)"),
            ("rate", "5/s,40/s,60/s"),
            ("requests", "100"),
            ("workers", "1"),
        ];
        for (name, text) in options {
            raw.set(name, Value { text: text.to_owned(), place: Place::Flag(name) });
        }
        let plan = scenario::plan(&raw, &[], &NoFiles).expect("a plan");
        let (stop, work) = (AtomicBool::new(false), Mutex::new(Work::of(&plan)));
        let done = |cell: &CellResult| work.lock().expect("a lock").finish(Some(cell));
        sweep(plan, Control::new(&stop), done);
        let work = work.into_inner().expect("a lock");
        // Loads of 0.1 and 0.8, 1/0.9² and 1/0.2², and one that is overloaded.
        assert!((work.whole - (1.0 / 0.81 + 25.0 + 1.0)).abs() < 1e-6, "{}", work.whole);
        assert!((work.done - work.whole).abs() < 1e-6, "{} of {}", work.done, work.whole);
    }

    /// So the work of a sweep grows with the number of its cells: what counts the finished ones holds numbers,
    /// and no cells that could be looked through for each.
    #[test]
    fn the_work_holds_no_cells() {
        assert_eq!(size_of::<Work>(), 4 * size_of::<u64>());
    }

    #[test]
    fn a_line_is_due_every_ten_seconds() {
        let mut lines = ProgressLines::default();
        let mut at = |now, done, share| lines.at(Duration::from_secs(now), done, 23, share);
        assert_eq!(at(9, 3, Some(0.3)), None);
        let line = "simsrv: 5 of 23 cells after 10 s, about 10 s left";
        assert_eq!(at(10, 5, Some(0.5)).as_deref(), Some(line));
        assert_eq!(at(19, 6, Some(0.5)), None);
        assert_eq!(at(20, 6, None).as_deref(), Some("simsrv: 6 cells after 20 s"));
        assert_eq!(at(200, 6, None).as_deref(), Some("simsrv: 6 cells after 3 min"));
    }
}

//! The main job: options, a plan, a sweep, results.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::ArgMatches;

use super::files::Beside;
use super::output::{self, Failure};
use super::{End, args, command, finish, input, progress, theory};
use crate::experiment::sweep::sweep;
use crate::experiment::{CellResult, Control, Plan};
use crate::render::number::count;
use crate::render::words::Changes;
use crate::scenario::{self, Case, ChartWanted, Place, Problem, RawOptions};
use crate::servers::Use;

/// Cells beyond which a sweep has to be asked for twice.
const MANY_CELLS: usize = 5_000;
/// Requests beyond which a sweep has to be asked for twice.
const MANY_REQUESTS: u128 = 2_000_000_000;

/// What is to be done.
pub(super) struct Job {
    /// Options for all cases.
    pub base: RawOptions,
    /// Variants.
    pub cases: Vec<Case>,
    /// Pictures beside the usual ones.
    pub charts: Vec<ChartWanted>,
    /// The folder that files in options are relative to.
    pub folder: PathBuf,
    /// The command as typed.
    pub typed: String,
    /// How the next command begins, and the flags that it repeats.
    pub again: (String, RawOptions),
    /// What a table begins with: the title.
    pub lead: String,
    /// Whether files named in the options are raw.
    pub writes: bool,
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

    /// How the command ends: interrupted, or as theory has it.
    fn end(&self, wanted: &finish::Wanted) -> Result<End, Failure> {
        if self.partial() { Ok(End::Interrupted) } else { theory::check(self, wanted) }
    }

    /// Whether cells are missing.
    pub(super) fn partial(&self) -> bool {
        self.cells.iter().any(Option::is_none)
    }
}

/// `simsrv [OPTIONS]`.
pub(super) fn simulate(matches: &ArgMatches, typed: String) -> Result<End, Failure> {
    let base = args::raw(matches);
    let job = Job {
        base: base.clone(),
        cases: Vec::new(),
        charts: Vec::new(),
        folder: PathBuf::new(),
        typed,
        again: ("simsrv".to_owned(), base),
        lead: String::new(),
        writes: true,
    };
    let (_, end) = job.execute().map_err(input_or)?;
    Ok(end)
}

/// Why a job could not be done.
pub(super) enum Stopped {
    /// Something in the options.
    Problem(Problem),
    /// Anything else.
    Failure(Failure),
}

impl From<Problem> for Stopped {
    fn from(problem: Problem) -> Self {
        Stopped::Problem(problem)
    }
}

impl From<Failure> for Stopped {
    fn from(failure: Failure) -> Self {
        Stopped::Failure(failure)
    }
}

fn input_or(stopped: Stopped) -> Failure {
    match stopped {
        Stopped::Problem(problem) => {
            input(format!("{problem}\n\nFor all options, try 'simsrv --help'."))
        }
        Stopped::Failure(failure) => failure,
    }
}

/// Set by Ctrl-C.
pub(super) fn stop() -> &'static AtomicBool {
    static STOP: AtomicBool = AtomicBool::new(false);
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // A second Ctrl-C ends the program at once.
        let _ = ctrlc::set_handler(|| {
            if STOP.swap(true, Ordering::Relaxed) {
                output::discard_unfinished();
                std::process::exit(130);
            }
        });
    });
    &STOP
}

impl Job {
    /// Plans, simulates, hands the results out, and holds them against theory if that was asked.
    pub(super) fn execute(&self) -> Result<(Results, End), Stopped> {
        let wanted = finish::Wanted::read(&self.base, &self.folder, self.writes)?;
        let results = self.compute(&wanted)?;
        finish::hand_out(self, &wanted, &results)?;
        let mut end = results.end(&wanted)?;
        if !results.finished().any(|(_, cell)| cell.row.fits()) {
            end = end.and(End::NothingFits);
        }
        Ok((results, end))
    }

    /// Plans and simulates; nothing is printed or raw.
    pub(super) fn only_compute(&self) -> Result<(Results, End), Stopped> {
        let wanted = finish::Wanted::read(&self.base, &self.folder, false)?;
        let results = self.compute(&wanted)?;
        let end = results.end(&wanted)?;
        Ok((results, end))
    }

    /// Plans without simulating, to find what is wrong.
    pub(super) fn check(&self) -> Result<(), Stopped> {
        let wanted = finish::Wanted::read(&self.base, &self.folder, self.writes)?;
        let plan = scenario::plan(&self.base, &self.cases, &Beside(self.folder.clone()))?;
        Ok(refuse_absurd(&plan, &wanted)?)
    }

    /// The command that does this job with some options changed.
    pub(super) fn with(&self, changes: &Changes) -> String {
        let (begin, flags) = &self.again;
        command::changed(begin, flags, changes)
    }

    fn compute(&self, wanted: &finish::Wanted) -> Result<Results, Stopped> {
        let plan = scenario::plan(&self.base, &self.cases, &Beside(self.folder.clone()))?;
        super::config::check(&self.base, &self.servers()?)?;
        refuse_absurd(&plan, wanted)?;
        Ok(self.sweep(plan, wanted)?)
    }

    fn sweep(&self, plan: Plan, wanted: &finish::Wanted) -> Result<Results, Failure> {
        let begin = Instant::now();
        let elapsed = || begin.elapsed();
        let mut control = Control::new(stop());
        if let Some(most) = wanted.max_time {
            control = control.within(most, &elapsed);
        }
        let bar = progress::bar(plan.cells.len(), wanted.quiet);
        let cells = pool(wanted)?.install(|| sweep(&plan, control, |_| bar.inc(1)));
        bar.finish_and_clear();
        // What was finished is now raw; another Ctrl-C ends that too.
        stop().store(false, Ordering::Relaxed);
        Ok(Results { plan, cells })
    }

    /// The servers that were named.
    pub(super) fn servers(&self) -> Result<Vec<Use>, Problem> {
        scenario::server::uses(&self.base, &self.cases, &Beside(self.folder.clone()))
    }

    /// Hash of what was asked for.
    pub(super) fn hash(&self) -> u64 {
        command::hash(&self.base, &self.cases)
    }
}

/// As many threads as were asked for.
pub(super) fn pool(wanted: &finish::Wanted) -> Result<rayon::ThreadPool, Failure> {
    let threads = rayon::ThreadPoolBuilder::new().num_threads(wanted.jobs).build();
    threads.map_err(|error| input(format!("--jobs: threads cannot be started: {error}")))
}

/// The path of an option: beside the scenario if it stands there, else as typed.
pub(super) fn path_of(value: &scenario::Value, folder: &Path) -> PathBuf {
    match value.place {
        Place::File(_) if value.text != "-" => folder.join(&value.text),
        _ => PathBuf::from(&value.text),
    }
}

fn refuse_absurd(plan: &Plan, wanted: &finish::Wanted) -> Result<(), Failure> {
    let cells = plan.cells.len();
    let requests = plan.least_requests();
    if wanted.yes || (cells <= MANY_CELLS && requests.is_none_or(|n| n <= MANY_REQUESTS)) {
        return Ok(());
    }
    let size = match requests {
        Some(requests) => {
            format!("{} cells with {} requests", count(cells as u64), count(requests as u64))
        }
        None => format!("{} cells", count(cells as u64)),
    };
    Err(input(format!(
        "this sweep has {size}; without --yes the most is {} cells and {} requests: use larger \
         steps (such as 4..32..4), fewer --requests or --replications, or add --yes",
        count(MANY_CELLS as u64),
        count(MANY_REQUESTS as u64)
    )))
}

/// Prints text for people, in colour if asked, in ASCII where the terminal knows no more.
pub(super) fn show(text: &str, wanted: &finish::Wanted) -> Result<(), Failure> {
    if wanted.unicode {
        output::print(text, wanted.colour)
    } else {
        output::print(&crate::render::ascii(text), wanted.colour)
    }
}

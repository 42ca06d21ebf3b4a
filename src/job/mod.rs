//! A job: options in, results out. The command, the page, the Python module and the parts of a
//! divided run all go this way; none has a logic of its own. Files are given as readers, and
//! nothing is written or printed.
//!
//! ```
//! use simsrv::job::{Job, Results};
//! use simsrv::scenario::NoFiles;
//!
//! let options = [("workers", "1,4"), ("service", "3s"), ("clients", "3")];
//! let job = Job::of_options(options, Box::new(NoFiles))?;
//! let stop = std::sync::atomic::AtomicBool::new(false);
//! let results = job.run(simsrv::experiment::Control::new(&stop), |_| ())?;
//! assert_eq!(results.rows().count(), 2);
//! assert!(job.text(&results, 80)?.contains("9 s"));
//! assert!(job.csv(&results)?.starts_with(b"workers,"));
//! # Ok::<(), simsrv::job::Error>(())
//! ```

mod answer;
mod config;
mod error;
mod expected;
pub(crate) mod paragraphs;
pub(crate) mod parts;
mod pictures;
mod planned;
pub(crate) mod report;
mod shown;
pub(crate) mod sweep_size;
mod theory;
pub mod visits;

pub use crate::render::part_csv::{Part, PartIndex};
pub use answer::AnswerKind;
pub use error::Error;
pub(crate) use expected::{Checked, check_document, checked, junit, objectives};
pub use parts::merged;
pub(crate) use pictures::JobPictures;
pub(crate) use shown::most_rows;
pub(crate) use theory::KnownCells;

use crate::experiment::choice::choices;
use crate::experiment::limits::{self, Limits};
use crate::experiment::objective::Objective;
use crate::experiment::row::{Estimate, Row};
use crate::experiment::sweep::sweep;
use crate::experiment::{CellResult, Control, Plan};
use crate::render::charts::Picture;
use crate::render::{Origin, results_csv, results_json, table};
use crate::scenario::chart;
use crate::scenario::suggest::unknown;
use crate::scenario::{
    self, Case, ChartWanted, Files, Place, Problem, RawOptions, Value, keys, written,
};
use crate::servers::PresetUse;

/// What is to be done.
pub struct Job {
    /// Options for all cases.
    pub base: RawOptions,
    /// Variants.
    pub cases: Vec<Case>,
    /// Pictures instead of the usual ones.
    pub charts: Vec<ChartWanted>,
    /// Whether something is expected of rows, so that each is run to the precision.
    pub every_row: bool,
    /// The command as typed.
    pub typed: String,
    /// How the next command begins, and the flags that it repeats.
    pub again: (String, RawOptions),
    /// What the files that options name contain.
    pub files: Box<dyn Files + Send + Sync>,
}

/// What came out.
pub struct Results {
    /// What was run.
    pub(crate) plan: Plan,
    /// The finished cells, by position in the plan.
    pub(crate) cells: Vec<Option<Box<CellResult>>>,
    /// Up to which rate the named cell can be trusted, where one is named.
    pub limits: Option<Limits>,
    /// The objective that a request breaks by itself, without any queue: nothing was run then.
    pub impossible: Option<(Objective, Estimate)>,
}

impl Results {
    /// Before anything has run.
    pub(crate) fn none(plan: Plan) -> Results {
        let cells = plan.cells.iter().map(|_| None).collect();
        Results { plan, cells, limits: None, impossible: None }
    }

    /// Simulates a plan, on the threads of the pool it is called from. `done` is called for each
    /// finished cell, from any thread.
    pub fn of_plan(plan: Plan, control: Control<'_>, done: impl Fn(&CellResult) + Sync) -> Results {
        if let Some(impossible) = limits::broken_alone(&plan, control) {
            return Results { impossible: Some(impossible), ..Results::none(plan) };
        }
        let (plan, cells) = sweep(plan, control, done);
        Results::judged(plan, cells, control)
    }

    /// Results of cells that were run, with the limits of the one that is named.
    fn judged(plan: Plan, cells: Vec<Option<Box<CellResult>>>, control: Control<'_>) -> Results {
        let mut results = Results { plan, cells, limits: None, impossible: None };
        let rows: Vec<&Row> = results.rows().collect();
        let named = match &choices(&rows)[..] {
            [choice] => choice.named(),
            _ => None,
        };
        let at = named.and_then(|at| results.finished().nth(at)).map(|(at, _)| at);
        results.limits =
            at.and_then(|at| limits::limits(&results.plan.cells[at], &results.plan, control));
        results
    }

    /// Positions and results of the finished cells.
    pub fn finished(&self) -> impl Iterator<Item = (usize, &CellResult)> {
        self.cells
            .iter()
            .enumerate()
            .filter_map(|(at, cell)| cell.as_deref().map(|cell| (at, cell)))
    }

    /// The rows of the finished cells.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.finished().map(|(_, cell)| &cell.row)
    }

    /// Whether cells are missing, because the run was stopped.
    pub(crate) fn partial(&self) -> bool {
        self.impossible.is_none() && self.cells.iter().any(Option::is_none)
    }
}

impl Job {
    /// The job of some options, each with its value in the grammar of the flags. A switch has the
    /// value `true`.
    ///
    /// # Errors
    /// If there is no such option.
    pub fn of_options<'a>(
        options: impl IntoIterator<Item = (&'a str, &'a str)>,
        files: Box<dyn Files + Send + Sync>,
    ) -> Result<Job, Error> {
        let mut base = RawOptions::new();
        for (name, text) in options {
            let Some(key) = keys::find(name) else {
                let known = keys::KEYS.iter().map(|key| key.name);
                return Err(Problem::new(unknown(name, known)).into());
            };
            base.set(key.name, Value { text: text.to_owned(), place: Place::Flag(key.name) });
        }
        let typed = written::changed("simsrv", &base, &[]);
        let again = ("simsrv".to_owned(), base.clone());
        let (cases, charts) = (Vec::new(), Vec::new());
        Ok(Job { base, cases, charts, every_row: false, typed, again, files })
    }

    /// What the options mean.
    ///
    /// # Errors
    /// What is wrong, where.
    pub fn plan(&self) -> Result<Plan, Problem> {
        let plan = self.plan_with(&*self.files)?;
        config::check(&self.base, &plan, &self.servers()?)?;
        Ok(plan)
    }

    /// What the options mean, with files that are read in another way.
    fn plan_with(&self, files: &dyn Files) -> Result<Plan, Problem> {
        sweep_size::refuse_lists(&self.base, &self.cases)?;
        let mut plan = scenario::plan(&self.base, &self.cases, files)?;
        sweep_size::refuse_plan(&self.base, &plan)?;
        // A search has rows of its own choice, of which nothing can be expected.
        let asked = self.every_row || scenario::read::switch(&self.base, "check-theory")?;
        plan.settings.every_row |= asked && plan.search.is_none();
        Ok(plan)
    }

    /// Plans and simulates, on the threads of the pool it is called from. `done` is called for each
    /// finished cell, from any thread.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn run(
        &self,
        control: Control<'_>,
        done: impl Fn(&CellResult) + Sync,
    ) -> Result<Results, Error> {
        Ok(Results::of_plan(self.plan()?, control, done))
    }

    /// The servers that were named.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub(crate) fn servers(&self) -> Result<Vec<PresetUse>, Problem> {
        scenario::server::uses(&self.base, &self.cases, &*self.files)
    }

    /// Hash of what was asked for.
    pub(crate) fn hash(&self) -> u64 {
        written::hash(&self.base, &self.cases)
    }

    /// Where results come from.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub(crate) fn origin(&self, results: &Results) -> Result<Origin, Problem> {
        let done = results.finished().count();
        Ok(Origin {
            version: env!("CARGO_PKG_VERSION"),
            command: self.typed.clone(),
            seed: results.plan.settings.seed.0,
            hash: self.hash(),
            comments: scenario::read::switch(&self.base, "csv-comments")?,
            partial: results.partial().then_some((done, results.cells.len())),
            servers: self.servers()?,
        })
    }

    /// How long the job may take, by the clock on the wall.
    ///
    /// # Errors
    /// What is wrong with the option.
    pub fn time_limit(&self) -> Result<Option<std::time::Duration>, Problem> {
        scenario::read::time_limit(&self.base)
    }

    /// The command that does this job with some options changed.
    pub(crate) fn with(&self, changes: &[(&'static str, String)]) -> String {
        let (begin, flags) = &self.again;
        written::changed(begin, flags, changes)
    }
}

/// Results as bytes and text.
impl Job {
    /// What a person reads, with the colours of a terminal of so many columns; with `--quiet` the
    /// answer on a line.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn text(&self, results: &Results, width: usize) -> Result<String, Error> {
        if scenario::read::switch(&self.base, "quiet")? {
            return Ok(self.answer(results) + "\n");
        }
        Ok(report::text(self, results, &self.servers()?, width))
    }

    /// The answer by itself, in a sentence or two.
    pub fn answer(&self, results: &Results) -> String {
        report::answer(results)
    }

    /// The results table as CSV.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn csv(&self, results: &Results) -> Result<Vec<u8>, Error> {
        Ok(results_csv::write(&rows(results), &self.origin(results)?))
    }

    /// The results as JSON.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn json(&self, results: &Results) -> Result<Vec<u8>, Error> {
        let answer = answer::json(results, &self.answer(results));
        Ok(results_json::write(&rows(results), answer, &self.origin(results)?))
    }

    /// The table in Markdown.
    pub(crate) fn markdown(&self, results: &Results) -> Vec<u8> {
        let of_cell = |cell: &CellResult| {
            let overload = cell.overload;
            cell.row.with_routes().map(move |row| (row, overload)).collect::<Vec<_>>()
        };
        let rows: Vec<_> = results.finished().flat_map(|(_, cell)| of_cell(cell)).collect();
        let told: Vec<_> = rows.iter().map(|(row, overload)| (row, *overload)).collect();
        table::markdown(&told).into_bytes()
    }

    /// The best row as the configuration of its server.
    ///
    /// # Errors
    /// If there is no best row, or no server.
    pub fn config(&self, results: &Results) -> Result<Vec<u8>, Error> {
        Ok(config::text(self, results, &self.servers()?, false)?.into_bytes())
    }

    /// What of `--from` changes to become that, as a unified diff.
    ///
    /// # Errors
    /// As [`Job::config`].
    pub(crate) fn diff(&self, results: &Results) -> Result<Vec<u8>, Error> {
        Ok(config::text(self, results, &self.servers()?, true)?.into_bytes())
    }

    /// The usual pictures, or those that the job asks for.
    ///
    /// # Errors
    /// If one that was asked for cannot be drawn.
    pub fn pictures(&self, results: &Results, control: Control<'_>) -> Result<Vec<Picture>, Error> {
        let drawn = self.drawn(results, control)?;
        drawn.missing.map_or(Ok(drawn.pictures), |why| Err(Error::Results(why)))
    }

    /// The pictures that can be drawn, and why one of them cannot.
    ///
    /// # Errors
    /// If the end was asked for while they were drawn: none is of a part of the replications.
    pub(crate) fn drawn(
        &self,
        results: &Results,
        control: Control<'_>,
    ) -> Result<JobPictures, Error> {
        pictures::draw(results, &rows(results), &self.charts_wanted()?, control)
    }

    /// The names of the pictures that there will be (or a few more), before anything has run.
    ///
    /// # Errors
    /// If a chart that was asked for does not fit the axes of the plan.
    pub(crate) fn planned_pictures(&self, plan: &Results) -> Result<Vec<String>, Error> {
        planned::pictures(plan, &self.charts_wanted()?).map_err(Error::Charts)
    }

    /// The charts that the command line names, else those of the scenario; none is the usual ones.
    fn charts_wanted(&self) -> Result<Vec<ChartWanted>, Problem> {
        Ok(chart::of_option(&self.base)?.unwrap_or_else(|| self.charts.clone()))
    }
}

fn rows(results: &Results) -> Vec<Row> {
    results.rows().cloned().collect()
}

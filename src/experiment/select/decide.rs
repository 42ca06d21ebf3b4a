//! Which cell of each group is named: cells that decide are run on until that is shown.
//!
//! Every look at undecided cells is at fresh replications, several times as long as the last ones:
//! so each look is a run of its own, and its rows are what is reported.

use rayon::prelude::*;

use crate::experiment::plan::{Cell, Plan};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::compare::{self, GroupComparison, Rules, error_of_look};
use crate::experiment::result::objective::{Objectives, Shown};
use crate::experiment::result::row::{Row, Stability, Standing, Verdict};
use crate::experiment::run::cell;
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::{Batch, CellRun};
use crate::experiment::run::run_length::{self, LengthBy, RunPlan};
use crate::experiment::run::stability;

/// How much longer a look may be than the one before, at the least and at the most.
const GROWTH: (f64, f64) = (2.0, 8.0);
/// Beyond what is told to be lacking, so that chance does not make another look necessary.
const MARGIN: f64 = 1.5;
/// Replications of a look are numbered from its number times this: no look shares draws with
/// another, nor with a pilot.
pub(super) const LOOK: u64 = 1 << 44;
/// Looks at most: a limit of requests ends them long before.
const MOST_LOOKS: u32 = 16;

/// Says of each cell what was shown of it as a choice, and names one of each group where that was
/// shown. Cells without which that cannot be said are run on, if their length is not fixed.
pub(crate) fn decide(plan: &Plan, results: &mut [Option<Box<CellResult>>], control: Control<'_>) {
    let choice = !plan.settings.objectives.is_empty();
    for group in compare::groups(plan.cells.iter().map(|cell| &cell.axes)) {
        let (cells, unfinished): (Vec<usize>, Vec<usize>) =
            group.into_iter().partition(|at| results[*at].is_some());
        if cells.len() > 1 || choice && !cells.is_empty() {
            let mut group = CellGroup::new(plan, cells, control, ANSWER);
            group.unfinished = unfinished.iter().map(|at| plan.cells[*at].axes.size()).min();
            group.decide(results);
        }
    }
}

/// What looks have shown.
pub(super) enum Evidence {
    Compared(GroupComparison),
    Limited(Objectives),
}

impl Evidence {
    fn on_limit(&self, at: usize) -> bool {
        match self {
            Evidence::Compared(found) => found.on_limit(at),
            Evidence::Limited(found) => found.on_limit(at),
        }
    }
}

/// Looks at the cells of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looks {
    /// Where the draws of the second and later ones begin.
    pub(crate) draws: u64,
    /// How many there may be, the first included.
    pub(crate) most: u32,
    /// Which open cells are run on.
    pub(crate) run_on: RunOn,
}

/// Which open cells are run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RunOn {
    /// All without which the answer is open.
    Undecided,
    /// Of these the ones that look as if they were not the answer.
    LooksOut,
}

/// The looks that give the answer.
const ANSWER: Looks = Looks { draws: 0, most: MOST_LOOKS, run_on: RunOn::Undecided };

/// The cells of a group, smallest first.
pub(super) struct CellGroup<'a> {
    plan: &'a Plan,
    control: Control<'a>,
    pub(crate) cells: Vec<usize>,
    looks: Looks,
    /// The size of the smallest cell that a signal or a limit of time left without a result.
    unfinished: Option<(u64, u32)>,
}

impl<'a> CellGroup<'a> {
    pub(crate) fn new(
        plan: &'a Plan,
        mut cells: Vec<usize>,
        control: Control<'a>,
        looks: Looks,
    ) -> Self {
        cells.sort_by_cached_key(|at| (plan.cells[*at].axes.size(), *at));
        CellGroup { plan, control, cells, looks, unfinished: None }
    }

    fn decide(&self, results: &mut [Option<Box<CellResult>>]) {
        let evidence = self.look(results);
        self.run_named(&evidence, results);
        self.tell(&evidence, results);
    }

    /// What a look at all cells shows, and further ones at those that are run on.
    pub(crate) fn look(&self, results: &mut [Option<Box<CellResult>>]) -> Evidence {
        let settings = &self.plan.settings;
        let count = self.cells.len();
        let all: Vec<usize> = (0..count).collect();
        let mut evidence = match settings.objectives.is_empty() {
            true => Evidence::Compared(GroupComparison::new(
                &self.cells.iter().filter_map(|at| results[*at].as_deref()).collect::<Vec<_>>(),
                Rules::of(self.plan, settings.best),
            )),
            false => {
                self.run_headroom(results);
                let list = settings.objectives.clone();
                let bounds = (settings.confidence, compare::resolution(settings.precision));
                Evidence::Limited(Objectives::new(list, bounds, count))
            }
        };
        self.learn(&mut evidence, &all, results, 1);
        for look in 2..=self.looks.most {
            let open = self.worth_a_look(&evidence, results);
            let needed = match &evidence {
                Evidence::Compared(found) => found.with(&open),
                Evidence::Limited(_) => open.clone(),
            };
            let lacking = match &evidence {
                Evidence::Compared(found) => found.lacking(&open),
                Evidence::Limited(found) => found.lacking(&open),
            };
            let growth = (MARGIN * lacking).clamp(GROWTH.0, GROWTH.1);
            let pairs = matches!(evidence, Evidence::Compared(_));
            if open.is_empty() || !self.run_on(&needed, results, (look, growth, pairs)) {
                break;
            }
            self.learn(&mut evidence, &needed, results, look);
        }
        evidence
    }

    /// The open cells that are run on: to know a limit still better is worth nothing.
    fn worth_a_look(&self, evidence: &Evidence, results: &[Option<Box<CellResult>>]) -> Vec<usize> {
        let mut open = self.open(evidence, results);
        open.retain(|at| !evidence.on_limit(*at));
        if let (RunOn::LooksOut, Evidence::Compared(found)) = (self.looks.run_on, evidence) {
            open.retain(|at| found.looks_worse_than(*at).is_some());
        }
        open
    }

    fn learn(
        &self,
        evidence: &mut Evidence,
        which: &[usize],
        results: &[Option<Box<CellResult>>],
        look: u32,
    ) {
        let error = error_of_look(self.plan.settings.confidence, look);
        let seen: Vec<(usize, &CellResult)> = which
            .iter()
            .filter_map(|at| Some((*at, results[self.cells[*at]].as_deref()?)))
            .collect();
        match evidence {
            Evidence::Compared(found) => found.learn(&seen, error, self.control.over()),
            Evidence::Limited(found) => {
                for (at, cell) in seen.into_iter().filter(|(_, cell)| runs(cell)) {
                    let rows: Vec<&Row> =
                        std::iter::once(&cell.row).chain(cell.headroom.as_deref()).collect();
                    found.learn(at, &rows, error);
                }
            }
        }
    }

    /// What was shown of a cell.
    pub(crate) fn state(
        &self,
        evidence: &Evidence,
        at: usize,
        results: &[Option<Box<CellResult>>],
    ) -> Shown {
        match (&results[self.cells[at]], evidence) {
            (Some(cell), _) if !runs(cell) || strained(cell) => Shown::No,
            (None, _) => Shown::Open,
            (_, Evidence::Compared(found)) => found.state(at),
            (Some(cell), Evidence::Limited(found)) => match found.state(at) {
                Shown::Yes if cell.batch.is_none() || self.lacks_headroom(cell) => Shown::Open,
                shown => shown,
            },
        }
    }

    /// The open cells that decide: those smaller than the first that was shown to be good.
    fn open(&self, evidence: &Evidence, results: &[Option<Box<CellResult>>]) -> Vec<usize> {
        let fits = |at: &usize| results[self.cells[*at]].as_ref().is_none_or(|c| c.row.fits());
        let states =
            (0..self.cells.len()).filter(fits).map(|at| (at, self.state(evidence, at, results)));
        let before = states.take_while(|(_, state)| *state != Shown::Yes);
        before.filter(|(_, state)| *state == Shown::Open).map(|(at, _)| at).collect()
    }

    /// Runs cells on; gives whether there is anything new.
    fn run_on(
        &self,
        which: &[usize],
        results: &mut [Option<Box<CellResult>>],
        (look, growth, pairs): (u32, f64, bool),
    ) -> bool {
        let jobs: Vec<CellRun<'_>> =
            which.iter().map(|at| self.job(&self.plan.cells[self.cells[*at]])).collect();
        if jobs.iter().any(|job| run_length::fixed(job).is_some()) || self.control.expired() {
            return false;
        }
        let before: Option<Vec<(Batch, u64)>> = which
            .iter()
            .map(|at| {
                let cell = results[self.cells[*at]].as_ref()?;
                Some((cell.batch?, cell.row.requests.max(1)))
            })
            .collect();
        let first = self.looks.draws + u64::from(look) * LOOK;
        let Some(before) = before else { return false };
        // Pairs of other lengths hardly share their draws: to share them says more than to be long.
        let growth = if pairs && !run_length::alike(&before) { 1.0 } else { growth };
        let Some(batches) = run_length::longer(&jobs, &before, (growth, first)) else {
            return false;
        };
        let look = |((at, job), batch): ((&usize, &CellRun<'_>), Batch)| {
            self.with_headroom(self.cells[*at], look_at(job, batch)?)
        };
        let fresh: Vec<Option<Box<CellResult>>> =
            which.par_iter().zip(&jobs).zip(batches).map(look).collect();
        // A look that a signal or a limit of time cut short says less than the one before.
        if fresh.iter().any(Option::is_none) {
            return false;
        }
        for (at, cell) in which.iter().zip(fresh) {
            results[self.cells[*at]] = cell;
        }
        true
    }

    /// Runs cells at the higher load of `--headroom`, where that is not done yet.
    fn run_headroom(&self, results: &mut [Option<Box<CellResult>>]) {
        let strained: Vec<Option<Box<Row>>> = self
            .cells
            .par_iter()
            .map(|at| {
                let cell = results[*at].as_ref()?;
                if self.lacks_headroom(cell) { self.strained(*at, cell) } else { None }
            })
            .collect();
        for (at, row) in self.cells.iter().zip(strained) {
            if let (Some(cell), Some(row)) = (&mut results[*at], row) {
                cell.headroom = Some(row);
            }
        }
    }

    /// A cell with its run at the higher load of `--headroom`; `None` if that was cut short.
    fn with_headroom(&self, at: usize, mut cell: Box<CellResult>) -> Option<Box<CellResult>> {
        if self.lacks_headroom(&cell) {
            cell.headroom = self.strained(at, &cell);
        }
        (!self.lacks_headroom(&cell)).then_some(cell)
    }

    /// The row of a cell at the higher load of `--headroom`; `None` if its run was cut short.
    fn strained(&self, at: usize, cell: &CellResult) -> Option<Box<Row>> {
        let settings = &self.plan.settings;
        let more = self.plan.cells[at].at_load(1.0 + settings.headroom?).ok()?;
        let job = self.job(&more);
        match stability::overload(&more.model, settings) {
            Some(_) => Some(Box::new(cell::empty_row(&job))),
            None => look_at(&job, cell.batch?).map(|cell| Box::new(cell.row)),
        }
    }

    /// Whether a cell was not run at the higher load that is asked for: then it is not shown to be
    /// good.
    fn lacks_headroom(&self, cell: &CellResult) -> bool {
        self.plan.settings.headroom.is_some() && runs(cell) && cell.headroom.is_none()
    }

    /// Runs the named cell to the precision, if it had looked as if it were not the answer.
    fn run_named(&self, evidence: &Evidence, results: &mut [Option<Box<CellResult>>]) {
        let Some(named) = self.named(evidence, results) else { return };
        let at = self.cells[named];
        if results[at].as_ref().is_some_and(|cell| cell.out) {
            let precise = cell::run_as(&self.job(&self.plan.cells[at]), false);
            let precise = precise.and_then(|cell| self.with_headroom(at, cell));
            results[at] = precise.or(results[at].take());
        }
    }

    fn job<'b>(&'b self, cell: &'b Cell) -> CellRun<'b> {
        CellRun { cell, settings: &self.plan.settings, control: self.control }
    }

    /// Writes what was shown into the rows.
    fn tell(&self, evidence: &Evidence, results: &mut [Option<Box<CellResult>>]) {
        let named = self.named(evidence, results);
        let verdicts: Vec<Verdict> = (0..self.cells.len())
            .map(|at| match named {
                Some(named) if named == at => Verdict::Named,
                _ => self.verdict(evidence, at, results),
            })
            .collect();
        let differences = match (evidence, named) {
            (Evidence::Compared(_), Some(named)) => {
                let cells: Vec<&CellResult> =
                    self.cells.iter().filter_map(|at| results[*at].as_deref()).collect();
                let rules = Rules::of(self.plan, self.plan.settings.best);
                compare::differences(&cells, named, rules)
            }
            _ => Vec::new(),
        };
        for (at, verdict) in verdicts.into_iter().enumerate() {
            let difference = differences.binary_search_by_key(&at, |difference| difference.of);
            let difference = difference.ok().map(|found| &differences[found]);
            let good = self.state(evidence, at, results) == Shown::Yes;
            if let Some(cell) = &mut results[self.cells[at]] {
                cell.on_limit = verdict == Verdict::Undecided && evidence.on_limit(at);
                cell.row.good_but_for_memory = good && !cell.row.fits();
                cell.row.standing = Some(Standing {
                    by: self.plan.settings.best,
                    verdict,
                    difference: difference.map(|difference| difference.estimate),
                });
            }
        }
    }

    /// The smallest cell that was shown to be good, if all smaller ones were shown not to be.
    fn named(&self, evidence: &Evidence, results: &[Option<Box<CellResult>>]) -> Option<usize> {
        if !self.open(evidence, results).is_empty() {
            return None;
        }
        // The best may be among those that were not finished; what meets an objective does so alone,
        // but a smaller one may meet it too.
        let known = |at: &usize| match (self.unfinished, evidence) {
            (None, _) => true,
            (Some(_), Evidence::Compared(_)) => false,
            (Some(size), Evidence::Limited(_)) => {
                self.plan.cells[self.cells[*at]].axes.size() < size
            }
        };
        let fits = |at: &usize| results[self.cells[*at]].as_ref().is_some_and(|c| c.row.fits());
        let good = |at: &usize| self.state(evidence, *at, results) == Shown::Yes;
        (0..self.cells.len()).filter(fits).find(good).filter(known)
    }

    fn verdict(
        &self,
        evidence: &Evidence,
        at: usize,
        results: &[Option<Box<CellResult>>],
    ) -> Verdict {
        let limited = matches!(evidence, Evidence::Limited(_));
        match &results[self.cells[at]] {
            Some(cell) if !cell.row.fits() => return Verdict::DoesNotFit,
            Some(cell) if !runs(cell) => return Verdict::Overloaded,
            _ => {}
        }
        match self.state(evidence, at, results) {
            Shown::Yes if limited => Verdict::Meets,
            Shown::Yes if self.unfinished.is_some() => Verdict::Undecided,
            Shown::Yes => Verdict::Close,
            Shown::No if limited => Verdict::Misses,
            Shown::No => Verdict::Worse,
            Shown::Open => Verdict::Undecided,
        }
    }
}

/// Whether a cell has a steady state, or an end.
fn runs(cell: &CellResult) -> bool {
    cell.row.stability != Stability::No
}

/// Whether a cell is overloaded at the higher load of `--headroom`.
fn strained(cell: &CellResult) -> bool {
    cell.headroom.as_ref().is_some_and(|row| row.stability == Stability::No)
}

/// One look at a cell; `None` if it was cut short.
pub(super) fn look_at(job: &CellRun<'_>, batch: Batch) -> Option<Box<CellResult>> {
    let sections = job.run(batch);
    if job.control.stopped() || sections.len() < batch.count {
        return None;
    }
    let plan = RunPlan { batch, length: LengthBy::Precision };
    Some(cell::result(job, run_length::outcome(job, plan, sections), None))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicBool;

    use super::*;
    use crate::experiment::plan::{Indifference, Settings};
    use crate::experiment::result::measure::Measure;
    use crate::experiment::result::objective::{Objective, Subject};
    use crate::model::{Cores, Load, Model, Phase, Server};

    /// Queues of `exp(1s)` at 1.5 requests a second, decided; one of them may not be finished.
    fn decided(
        workers: &[u32],
        settings: &Settings,
        missing: Option<usize>,
    ) -> Vec<Option<Box<CellResult>>> {
        let phases = vec![Phase::cpu("exp(1s)".parse().unwrap())];
        let load = Load::poisson("1.5/s".parse().unwrap(), phases);
        let server = |workers| Server { cores: Cores::whole(6), ..Server::ideal(workers) };
        let models = workers.iter().map(|n| Model::new(load.clone(), server(*n)).unwrap());
        let plan = Plan::of_models(models, settings).unwrap();
        let stop = AtomicBool::new(false);
        let run = |cell| cell::run_cell(cell, &plan.settings, Control::new(&stop));
        let mut results: Vec<Option<Box<CellResult>>> = plan.cells.iter().map(run).collect();
        if let Some(at) = missing {
            results[at] = None;
        }
        decide(&plan, &mut results, Control::new(&stop));
        results
    }

    /// What is said of M/M/2, M/M/4 and M/M/6 with 1.5 busy workers, where one of them was not finished.
    fn verdicts(objectives: &[Objective], missing: Option<usize>) -> Vec<Option<Verdict>> {
        let objectives = objectives.to_vec();
        let settings = Settings { precision: 0.03, objectives, ..Settings::default() };
        let results = decided(&[2, 4, 6], &settings, missing);
        results.iter().map(|cell| cell.as_ref().and_then(|cell| cell.row.verdict())).collect()
    }

    /// The p95 response times are 6.5 s, 3.04 s and 3 s (`simsrv theory`). It is not known whether a cell that was
    /// not finished is the best.
    #[test]
    fn none_is_the_best_while_another_is_not_finished() {
        use Verdict::{Close, Named, Undecided, Worse};
        assert_eq!(verdicts(&[], None), [Some(Worse), Some(Named), Some(Close)]);
        assert_eq!(verdicts(&[], Some(0)), [None, Some(Undecided), Some(Undecided)]);
        assert_eq!(verdicts(&[], Some(2)), [Some(Worse), Some(Undecided), None]);
    }

    /// The p95 response time of M/M/3 is 3.320448965 s, of M/M/6 2.997075754 s (the sum of an exponential wait, with
    /// Erlang's C as its probability, and a demand): 10.78962 % more. At that very limit no number of requests
    /// decides, so few are spent; with seed 1 chance decides nothing either.
    #[test]
    fn a_cell_on_the_limit_stays_open_and_is_not_run_for_ever() {
        let settings = Settings { precision: 0.1, ..Settings::default() };
        let delta = Indifference::Share(0.107_896_2);
        let (subject, text) = (Subject::Measure(Measure::ResponseP95), "p95<3.32s".to_owned());
        let slo = Objective { subject, route: None, limit: 3.320_448_965, at_most: true, text };
        for settings in [
            Settings { delta, ..settings.clone() },
            Settings { objectives: vec![slo], ..settings.clone() },
        ] {
            let results = decided(&[3, 6], &settings, None);
            let three = results[0].as_ref().unwrap();
            assert_eq!(three.row.verdict(), Some(Verdict::Undecided));
            assert!(three.on_limit && three.row.requests < settings.max_requests / 10);
        }
        // A per cent beside the limit it is decided.
        let settings = Settings { delta: Indifference::Share(0.12), ..settings };
        let three = decided(&[3, 6], &settings, None)[0].take().unwrap();
        assert!(!three.on_limit && three.row.verdict() == Some(Verdict::Named));
    }

    /// All meet 8 s: what is smaller than the smallest that is known to may meet it too.
    #[test]
    fn a_smaller_cell_that_was_not_finished_may_meet_the_objectives() {
        use Verdict::{Meets, Named};
        let (subject, text) = (Subject::Measure(Measure::ResponseP95), "p95<8s".to_owned());
        let slo = [Objective { subject, route: None, limit: 8.0, at_most: true, text }];
        assert_eq!(verdicts(&slo, None), [Some(Named), Some(Meets), Some(Meets)]);
        assert_eq!(verdicts(&slo, Some(0)), [None, Some(Meets), Some(Meets)]);
        assert_eq!(verdicts(&slo, Some(2)), [Some(Named), Some(Meets), None]);
    }
}

//! Looks for the number of workers (threads, hosts) that is asked for: `--workers auto`.
//!
//! Capacity gives the smallest number that is not overloaded. From there short runs of some
//! numbers, each further than the last, find where it is good enough; halving finds the smallest.
//! That is an estimate: what is named is decided by `decide` from the rows around
//! it, as for any list of numbers.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::experiment::plan::{Cell, Plan, Search, Searched};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::choice::{ChoiceOutcome, GroupChoice, choices};
use crate::experiment::result::row::{Better, Flag, Row, Stability, Verdict};
use crate::experiment::run::cell::{self, run_cell};
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::CellRun;
use crate::experiment::run::run_length::{self, LengthBy, RunPlan};
use crate::experiment::run::stability;
use crate::experiment::select::decide::decide;
use crate::model::{Load, MAX_SLOTS};

/// The first steps from the smallest number that is not overloaded.
const STEPS: [u32; 6] = [0, 1, 2, 4, 8, 16];
/// Rows on each side of the answer.
const AROUND: u32 = 2;
/// The most numbers that a group is tried with: each doubling reaches twice as far.
const MOST_TRIED: usize = 60;
/// Times that rows are added next to the answer.
const MOST_ROUNDS: usize = 4;

/// Where a search begins, before anything is run: the rows of the smallest number that is not
/// overloaded, and of the first steps from it.
pub(crate) fn begin(template: &Cell, searched: Searched, plan: &Plan) -> Vec<Cell> {
    let least = least(template, searched, plan);
    let most = most(template);
    let numbers = STEPS.iter().map(|step| (least + step).min(most));
    let mut cells: Vec<Cell> =
        numbers.filter_map(|number| template.with(searched, number).ok()).collect();
    cells.dedup_by_key(|cell| searched.number(&cell.axes));
    cells
}

/// The smallest number that is not overloaded; 1 if none is enough.
fn least(template: &Cell, searched: Searched, plan: &Plan) -> u32 {
    let overloaded = |number: u32| {
        let cell = template.with(searched, number);
        cell.is_ok_and(|cell| stability::overload(&cell.model, &plan.settings).is_some())
    };
    let mut high = 1;
    while overloaded(high) {
        if high >= most(template) / 2 {
            return 1;
        }
        high *= 2;
    }
    let mut low = high / 2;
    while high - low > 1 {
        let middle = low.midpoint(high);
        if overloaded(middle) { low = middle } else { high = middle }
    }
    high
}

/// The greatest number worth a thought: one for each client of a closed loop.
fn most(template: &Cell) -> u32 {
    match template.model.load() {
        Load::Closed(closed) => closed.clients.clamp(1, MAX_SLOTS),
        _ => MAX_SLOTS / template.axes.threads.max(1) / 64,
    }
}

/// Searches in each group of cells; gives the plan of the rows that are shown, and their results.
/// `done` is told of each finished row.
pub(crate) fn search(
    plan: Plan,
    control: Control<'_>,
    done: impl Fn(&CellResult) + Sync,
) -> (Plan, Vec<Option<Box<CellResult>>>) {
    let Some(search) = plan.search.clone() else { return (plan, Vec::new()) };
    let mut shown: Vec<(Cell, Option<Box<CellResult>>)> = Vec::new();
    let mut templates: Vec<&Cell> = plan.cells.iter().collect();
    templates.dedup_by_key(|cell| search.of.others(&cell.axes));
    for template in templates {
        let mut hunt =
            Hunt { plan: &plan, search: &search, template, control, found: BTreeMap::new() };
        hunt.run();
        shown.extend(hunt.rows(&done));
    }
    let (cells, mut results): (Vec<Cell>, Vec<_>) = shown.into_iter().unzip();
    let mut plan = Plan { cells, ..plan };
    decide(&plan, &mut results, control);
    for _ in 0..MOST_ROUNDS {
        let added = next_to_the_answer(&plan, &search, &results);
        if added.is_empty() || control.stopped() || control.expired() {
            break;
        }
        let fresh = added.par_iter().map(|cell| run_row(cell, &plan, control)).collect();
        add(&mut plan, &mut results, (added, fresh), &search);
        decide(&plan, &mut results, control);
    }
    leave_open(&mut plan, &mut results, &search, control);
    results.iter_mut().flatten().for_each(|cell| tell_out(cell, &plan));
    (plan, results)
}

/// Marks a row that is clearly not the answer, and that was run no longer than is worth a look: that its
/// run is short is no warning then.
fn tell_out(cell: &mut CellResult, plan: &Plan) {
    let settings = &plan.settings;
    let brief = cell.batch.is_some_and(|batch| batch.first == 0) && cell.sections.len() > 1;
    if brief && settings.may_shorten() && cell.row.verdict().is_some_and(Verdict::rules_out) {
        cell.out = true;
        cell.row.flags.retain(|flag| *flag != Flag::ShortRun);
    }
}

/// Where a limit ended the search before the numbers just below its answer were tried, the least of
/// these is added as a row that was not run: so the answer is open from there on.
fn leave_open(
    plan: &mut Plan,
    results: &mut Vec<Option<Box<CellResult>>>,
    search: &Search,
    control: Control<'_>,
) {
    let cells: Vec<Cell> =
        untried(plan, search, results).into_iter().map(|gap| gap.least).collect();
    if cells.is_empty() {
        return;
    }
    let unfinished =
        |cell: &Cell| Some(cell::unfinished(&CellRun { cell, settings: &plan.settings, control }));
    let fresh = cells.iter().map(unfinished).collect();
    add(plan, results, (cells, fresh), search);
    decide(plan, results, control);
}

/// Numbers below the answer that were not looked at: the smallest that is good enough may be there.
fn next_to_the_answer(
    plan: &Plan,
    search: &Search,
    results: &[Option<Box<CellResult>>],
) -> Vec<Cell> {
    untried(plan, search, results).into_iter().flat_map(|gap| gap.nearest).collect()
}

/// Numbers just below an answer that were not tried.
struct Untried {
    /// The nearest to it.
    nearest: Vec<Cell>,
    /// The least of all.
    least: Cell,
}

fn untried(plan: &Plan, search: &Search, results: &[Option<Box<CellResult>>]) -> Vec<Untried> {
    let finished: Vec<usize> = (0..results.len()).filter(|at| results[*at].is_some()).collect();
    let rows: Vec<&Row> = results.iter().flatten().map(|cell| &cell.row).collect();
    let below = |choice: GroupChoice| {
        let (ChoiceOutcome::Named(first) | ChoiceOutcome::Between(first, _)) = choice.outcome
        else {
            return None;
        };
        let cell = &plan.cells[finished[first]];
        let (number, others) = (search.of.number(&cell.axes), search.of.others(&cell.axes));
        let alike = |row: &&&Row| search.of.others(&row.axes) == others;
        let known: BTreeSet<u32> =
            rows.iter().filter(alike).map(|row| search.of.number(&row.axes)).collect();
        let before = known.range(..number).next_back().copied().unwrap_or(0);
        if before + 1 == number {
            return None;
        }
        let nearest = number.saturating_sub(AROUND).max(before + 1)..number;
        let with = |number: u32| cell.with(search.of, number).ok();
        let least = before + 1;
        Some(Untried { nearest: nearest.filter_map(with).collect(), least: with(least)? })
    };
    choices(&rows).into_iter().filter_map(below).collect()
}

/// Adds rows, each beside the others of its group.
fn add(
    plan: &mut Plan,
    results: &mut Vec<Option<Box<CellResult>>>,
    (added, fresh): (Vec<Cell>, Vec<Option<Box<CellResult>>>),
    search: &Search,
) {
    for (cell, result) in added.into_iter().zip(fresh) {
        if let Some(at) = plan.cells.iter().position(|other| other.axes == cell.axes) {
            results[at] = results[at].take().or(result);
            continue;
        }
        let number = search.of.number(&cell.axes);
        let others = search.of.others(&cell.axes);
        let alike = |other: &Cell| search.of.others(&other.axes) == others;
        let before = |other: &Cell| alike(other) && search.of.number(&other.axes) > number;
        let after = || plan.cells.iter().rposition(alike).map(|at| at + 1);
        let at = plan.cells.iter().position(before).or_else(after).unwrap_or(plan.cells.len());
        plan.cells.insert(at, cell);
        results.insert(at, result);
    }
}

/// The run of a row that is shown.
fn run_row(cell: &Cell, plan: &Plan, control: Control<'_>) -> Option<Box<CellResult>> {
    let settings = &plan.settings;
    let job = CellRun { cell, settings, control };
    let overloaded = stability::overload(&cell.model, settings).is_some();
    if settings.every_row || overloaded || run_length::fixed(&job).is_some() {
        return run_cell(cell, settings, control);
    }
    brief(&job).or_else(|| (!control.stopped()).then(|| cell::unfinished(&job)))
}

/// A run of the usual number of replications, each no longer than is worth a look; which rows are
/// run on is decided later.
pub(super) fn brief(job: &CellRun<'_>) -> Option<Box<CellResult>> {
    let batch = run_length::brief(job);
    let sections = job.run(batch);
    if job.control.stopped() || sections.is_empty() {
        return None;
    }
    let mut ran = run_length::outcome(job, RunPlan { batch, length: LengthBy::Request }, sections);
    ran.reached = true;
    Some(cell::result(job, ran, None))
}

/// The search in one group.
struct Hunt<'a> {
    plan: &'a Plan,
    search: &'a Search,
    template: &'a Cell,
    control: Control<'a>,
    /// What was tried, by number.
    found: BTreeMap<u32, Option<Box<CellResult>>>,
}

impl Hunt<'_> {
    fn run(&mut self) {
        let least = least(self.template, self.search.of, self.plan);
        let most = most(self.template);
        self.try_all(STEPS.iter().map(|step| (least + step).min(most)).collect());
        let mut reach = STEPS[STEPS.len() - 1];
        while self.worth_more() && reach < most && self.found.len() < MOST_TRIED {
            let (from, to) = (least.saturating_add(reach), reach.saturating_mul(2));
            let next = least.saturating_add(to).min(most);
            self.try_all(vec![from.midpoint(next), next]);
            reach = to;
        }
        self.halve();
    }

    fn try_all(&mut self, numbers: Vec<u32>) {
        let new: Vec<u32> = numbers.into_iter().filter(|n| !self.found.contains_key(n)).collect();
        let one = |number: &u32| {
            let cell = self.template.with(self.search.of, *number).ok()?;
            run_row(&cell, self.plan, self.control)
        };
        let results: Vec<Option<Box<CellResult>>> = new.par_iter().map(one).collect();
        self.found.extend(new.into_iter().zip(results));
    }

    /// What a number costs, as far as a short run tells: below 0 it is good enough. By the measure
    /// that is compared this is the excess over what is allowed beside the best.
    fn cost(&self, number: u32) -> f64 {
        let Some(Some(cell)) = self.found.get(&number) else { return f64::INFINITY };
        if cell.row.stability == Stability::No || !cell.row.fits() {
            return f64::INFINITY;
        }
        let settings = &self.plan.settings;
        if settings.objectives.is_empty() {
            let (value, best) = (self.value(number), self.best().1);
            return value - best - settings.delta.of(best);
        }
        let row = match settings.headroom {
            Some(headroom) => self.strained(number, headroom),
            None => Some(cell.row.clone()),
        };
        let Some(row) = row else { return f64::INFINITY };
        let excess = settings.objectives.iter().map(|one| {
            let value = one.estimate(&row).map_or(f64::INFINITY, |estimate| estimate.value);
            if one.at_most { value - one.limit } else { one.limit - value }
        });
        excess.fold(f64::NEG_INFINITY, f64::max)
    }

    /// The row at the higher load of `--headroom`.
    fn strained(&self, number: u32, headroom: f64) -> Option<Row> {
        let cell = self.template.with(self.search.of, number).ok()?.at_load(1.0 + headroom).ok()?;
        let settings = &self.plan.settings;
        if stability::overload(&cell.model, settings).is_some() {
            return None;
        }
        let job = CellRun { cell: &cell, settings, control: self.control };
        brief(&job).map(|cell| cell.row)
    }

    /// The measure that is compared, signed so that less is better.
    fn value(&self, number: u32) -> f64 {
        let measure = self.plan.settings.best;
        let sign = if measure.better() == Better::More { -1.0 } else { 1.0 };
        let cell = self.found.get(&number).and_then(Option::as_ref);
        let cell = cell.filter(|cell| cell.row.stability != Stability::No && cell.row.fits());
        let value = cell.and_then(|cell| cell.row.measures.value(measure));
        value.map_or(f64::INFINITY, |value| sign * value)
    }

    /// The best number so far and its value.
    fn best(&self) -> (u32, f64) {
        let all = self.found.keys().map(|number| (*number, self.value(*number)));
        all.min_by(|a, b| a.1.total_cmp(&b.1)).unwrap_or((1, f64::INFINITY))
    }

    /// Whether a greater number may be better than all that were tried: nothing is good enough
    /// yet, and the last step helped.
    fn worth_more(&self) -> bool {
        if self.control.stopped() || self.control.expired() {
            return false;
        }
        let limited = !self.plan.settings.objectives.is_empty();
        let last: Vec<u32> = self.found.keys().rev().take(2).copied().collect();
        let [last, before] = last[..] else { return false };
        let fits = |number: &u32| self.found[number].as_ref().is_some_and(|cell| cell.row.fits());
        if !fits(&last) {
            return false;
        }
        match limited {
            true if self.found.keys().any(|number| self.cost(*number) <= 0.0) => false,
            // Half of a per cent of the limit is no way to get there.
            true => self.cost(last) < self.cost(before) - 0.005 * self.cost(before).abs(),
            false => self.value(last) < self.value(before) - 0.01 * self.value(before).abs(),
        }
    }

    /// Halves the way between the last number that is not good enough and the first that is.
    fn halve(&mut self) {
        while let Some((low, high)) = self.bracket() {
            if high - low <= 1 || self.control.stopped() || self.control.expired() {
                return;
            }
            let middle = low.midpoint(high);
            self.try_all(vec![middle]);
            if !self.found.contains_key(&middle) {
                return;
            }
        }
    }

    fn bracket(&self) -> Option<(u32, u32)> {
        let numbers: Vec<u32> = self.found.keys().copied().collect();
        let first = numbers.iter().position(|number| self.cost(*number) <= 0.0)?;
        let low = first.checked_sub(1).map(|before| numbers[before])?;
        Some((low, numbers[first]))
    }

    /// The rows that are shown, run where they were not yet.
    fn rows(
        mut self,
        done: &(impl Fn(&CellResult) + Sync),
    ) -> Vec<(Cell, Option<Box<CellResult>>)> {
        let shown = self.shown();
        self.try_all(shown.clone());
        let row = |number: u32| {
            let cell = self.template.with(self.search.of, number).ok()?;
            let result = self.found.get(&number)?.clone();
            result.iter().for_each(|cell| done(cell));
            Some((cell, result))
        };
        shown.into_iter().filter_map(row).collect()
    }

    /// The smallest that is not overloaded, those around the answer, the best, the rules of thumb,
    /// what there is today, and the most that fit into the memory.
    fn shown(&self) -> Vec<u32> {
        let least = least(self.template, self.search.of, self.plan);
        let guess = self.bracket().map(|(_, high)| high);
        let good = || self.found.keys().copied().find(|number| self.cost(*number) <= 0.0);
        let (best, _) = self.best();
        let answer = guess.or_else(good).unwrap_or(best);
        let mut shown: Vec<u32> =
            (answer.saturating_sub(AROUND)..=answer.saturating_add(AROUND)).collect();
        shown.extend([least, best]);
        shown.extend(self.search.today);
        if self.search.of == Searched::Workers {
            shown.extend(rules_of_thumb(self.template.axes.cores));
        }
        shown.extend(self.most_that_fit());
        let most = most(self.template);
        shown.retain(|number| (1..=most.max(answer)).contains(number));
        shown.sort_unstable();
        shown.dedup();
        shown
    }

    fn most_that_fit(&self) -> Option<u32> {
        let server = self.template.model.server();
        let most = server.memory?.most_workers(server.threads)?;
        (self.search.of == Searched::Workers).then(|| u32::try_from(most).ok()).flatten()
    }
}

/// 2 x cores + 1, and 2 and 4 x cores.
fn rules_of_thumb(cores: f64) -> Vec<u32> {
    let cores = cores.ceil() as u32;
    vec![2 * cores, 2 * cores + 1, 4 * cores]
}

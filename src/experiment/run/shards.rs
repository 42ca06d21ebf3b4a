//! A run in pieces: each shard simulates a part of the sections of a plan's cells, and the pieces
//! together give what one process would have given, bit for bit.
//!
//! A section's draws are a function of the seed and its number, so it does not matter where it is
//! run. Where the precision decides the length of a cell, each shard that has a section of the cell
//! runs its pilot again, and the looks at its choice: the same ones, with the same outcome. The units are dealt in an order that
//! mixes the cells (neighbours cost alike: a sweep begins with its most loaded cells), and each
//! shard gets a contiguous range, so that few pilots are run more than once.

use std::collections::BTreeMap;
use std::ops::Range;

use rayon::prelude::*;

use crate::experiment::error::PlanError;
use crate::experiment::plan::{Cell, Length, Plan, Select};
use crate::experiment::run::control::Control;
use crate::experiment::run::replications::CellRun;
use crate::experiment::run::run_length::{self, RunPlan};
use crate::experiment::run::stability;
use crate::stats::tally::Tally;

/// The most shards of a run.
pub(crate) const MOST_SHARDS: u32 = 1_000_000;

/// One of several processes that share a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// The shard number `index` (from 1) of `count`; `None` if there is no such shard.
    pub fn new(index: u32, count: u32) -> Option<Shard> {
        let fits = (1..=count).contains(&index) && count <= MOST_SHARDS;
        fits.then_some(Shard { index, count })
    }

    /// Its number, from 1.
    pub(crate) fn index(self) -> u32 {
        self.index
    }

    /// How many there are.
    pub(crate) fn count(self) -> u32 {
        self.count
    }
}

/// What a shard has of one cell.
#[derive(Clone, Debug)]
pub struct ShardPiece {
    /// Position of the cell in the plan.
    pub cell: usize,
    /// How the whole cell is run.
    pub(crate) plan: RunPlan,
    /// Numbers of sections, and their tallies.
    pub sections: Vec<(usize, Tally)>,
}

/// Why pieces do not make a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Position of the cell.
    pub(crate) cell: usize,
    /// What is wrong with it.
    pub(crate) kind: GapKind,
}

/// What is wrong with a cell in the pieces of a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum GapKind {
    /// These sections are in no piece.
    Missing(Vec<usize>),
    /// This section is in two pieces.
    Double(usize),
    /// Pieces have different lengths for it.
    Differs,
    /// The plan has no such cell or section.
    Unknown,
}

/// Whether a run can be shared: a selection that drops cells on the way cannot.
///
/// # Errors
/// [`PlanError::ContestInParts`] and [`PlanError::SearchInParts`].
pub(crate) fn check(plan: &Plan) -> Result<(), PlanError> {
    match (plan.settings.select, &plan.search) {
        (Select::Best, _) => Err(PlanError::ContestInParts),
        (_, Some(_)) => Err(PlanError::SearchInParts),
        (Select::Subset, None) => Ok(()),
    }
}

fn run_of<'a>(cell: &'a Cell, plan: &'a Plan, control: Control<'a>) -> CellRun<'a> {
    CellRun { cell, settings: &plan.settings, control }
}

/// How many sections a cell has; none if it is overloaded and so not run.
fn sections(cell: &Cell, plan: &Plan, control: Control<'_>) -> usize {
    let settings = &plan.settings;
    let overloaded = || stability::overload(&cell.model, settings).is_some();
    if settings.length == Length::Auto && overloaded() {
        return 0;
    }
    run_length::sections(&run_of(cell, plan, control))
}

/// A fixed order that has nothing to do with the axes (the finaliser of SplitMix64).
fn mixed(at: usize) -> u64 {
    let mut z = (at as u64).wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The cells of a shard, by position, with its sections of each.
fn share(plan: &Plan, shard: Shard, control: Control<'_>) -> Vec<(usize, Range<usize>)> {
    let mut cells: Vec<(usize, usize)> =
        plan.cells.iter().map(|cell| sections(cell, plan, control)).enumerate().collect();
    cells.sort_by_key(|(at, _)| mixed(*at));
    let all: u64 = cells.iter().map(|(_, count)| *count as u64).sum();
    let bound = |index: u32| (all * u64::from(index) / u64::from(shard.count)) as usize;
    let mine = bound(shard.index - 1)..bound(shard.index);
    let mut first = 0;
    let part = |(at, count): (usize, usize)| {
        let begin = first;
        first += count;
        let part = mine.start.max(begin)..mine.end.min(first);
        (!part.is_empty()).then(|| (at, part.start - begin..part.end - begin))
    };
    let mut share: Vec<_> = cells.into_iter().filter_map(part).collect();
    share.sort_by_key(|(at, _)| *at);
    share
}

/// The cells of which a shard has sections, by position.
pub(crate) fn cells(plan: &Plan, shard: Shard, control: Control<'_>) -> Vec<usize> {
    share(plan, shard, control).into_iter().map(|(at, _)| at).collect()
}

/// Simulates what a shard has of a plan; `None` if it was stopped. `out` are the cells that are
/// clearly not the answer; `done` is called for each finished cell, from any thread.
pub(crate) fn run_shard(
    plan: &Plan,
    (shard, out): (Shard, &[bool]),
    control: Control<'_>,
    done: impl Fn() + Sync,
) -> Option<Vec<ShardPiece>> {
    let piece = |(cell, range): (usize, Range<usize>)| {
        let job = run_of(&plan.cells[cell], plan, control);
        let plan = run_length::plan(&job, out[cell])?;
        let section = |index: usize| Some((index, job.section(plan.batch, index)?));
        let sections = range.into_par_iter().map(section).collect::<Option<_>>()?;
        done();
        (!control.stopped()).then_some(ShardPiece { cell, plan, sections })
    };
    share(plan, shard, control).into_par_iter().map(piece).collect()
}

/// Where a section of a part file is.
#[derive(Clone, Debug, PartialEq)]
pub struct SectionAt {
    /// Position of the cell in the plan.
    pub(crate) cell: usize,
    /// Number of the section.
    pub(crate) section: usize,
    /// How the whole cell is run.
    pub(crate) plan: RunPlan,
    /// The bytes of its line.
    pub range: Range<u64>,
}

/// How a cell is run, and where each of its sections is: the part, and the bytes there.
pub(crate) type Whole = (RunPlan, Vec<(usize, Range<u64>)>);

/// Puts parts together: of each cell that is run, where all its sections are, in order. `parts` are
/// the sections of each part.
pub(crate) fn assemble(
    plan: &Plan,
    parts: Vec<Vec<SectionAt>>,
) -> Result<Vec<Option<Whole>>, Vec<Gap>> {
    let stop = std::sync::atomic::AtomicBool::new(false);
    let control = Control::new(&stop);
    let mut gaps = Vec::new();
    let mut found: Vec<Option<(RunPlan, BTreeMap<usize, _>)>> = vec![None; plan.cells.len()];
    for (part, at) in parts
        .into_iter()
        .enumerate()
        .flat_map(|(part, all)| all.into_iter().map(move |at| (part, at)))
    {
        let cell = at.cell;
        let Some(slot) = found.get_mut(cell) else {
            gaps.push(Gap { cell, kind: GapKind::Unknown });
            continue;
        };
        let (of, sections) = slot.get_or_insert_with(|| (at.plan, BTreeMap::new()));
        if *of != at.plan {
            gaps.push(Gap { cell, kind: GapKind::Differs });
        }
        if sections.insert(at.section, (part, at.range)).is_some() {
            gaps.push(Gap { cell, kind: GapKind::Double(at.section) });
        }
    }
    let mut wholes = Vec::new();
    for (cell, found) in found.into_iter().enumerate() {
        let count = sections(&plan.cells[cell], plan, control);
        let (plan, sections) = match found {
            Some((plan, sections)) => (Some(plan), sections),
            None => (None, BTreeMap::new()),
        };
        let missing: Vec<usize> = (0..count).filter(|at| !sections.contains_key(at)).collect();
        if sections.keys().any(|at| *at >= count) {
            gaps.push(Gap { cell, kind: GapKind::Unknown });
        }
        if !missing.is_empty() {
            gaps.push(Gap { cell, kind: GapKind::Missing(missing) });
        }
        wholes.push(plan.map(|plan| (plan, sections.into_values().collect())));
    }
    gaps.dedup();
    if gaps.is_empty() { Ok(wholes) } else { Err(gaps) }
}

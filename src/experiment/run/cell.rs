//! Runs one cell, and makes its row of what came out.

use crate::engine::End;
use crate::experiment::periodic;
use crate::experiment::plan::{Cell, Length, Settings};
use crate::experiment::result::cell::CellResult;
use crate::experiment::result::memory;
use crate::experiment::result::row::{Estimate, Flag, Measure, Measures, Row, Stability, Theory};
use crate::experiment::result::server_facts;
use crate::experiment::result::summary::CellSummary;
use crate::experiment::result::tails;
use crate::experiment::run::control::Control;
use crate::experiment::run::cycles;
use crate::experiment::run::replications::CellRun;
use crate::experiment::run::routes;
use crate::experiment::run::run_length::{self, RunOutcome};
use crate::experiment::run::saturation::Saturation;
use crate::experiment::run::stability::{self, Overload};
use crate::experiment::theory::theory_of::{self, theory_of};
use crate::random::Replication;
use crate::record::RequestRecord;
use crate::stats::tally::Tally;
use crate::stats::window::Window;
use crate::theory::Known;
use crate::time::Span;

/// Simulates a cell; `None` if it was stopped before its end.
pub fn run_cell(cell: &Cell, settings: &Settings, control: Control<'_>) -> Option<Box<CellResult>> {
    run_as(&CellRun { cell, settings, control }, false)
}

/// The same; one that is clearly not the answer is run as short as is worth a look.
pub(crate) fn run_as(job: &CellRun<'_>, out: bool) -> Option<Box<CellResult>> {
    result_of(job, || run_length::run(job, out))
}

/// The result of a cell, run as `run` says if it is run at all; `None` if that was stopped.
pub(crate) fn result_of(
    job: &CellRun<'_>,
    run: impl FnOnce() -> Option<RunOutcome>,
) -> Option<Box<CellResult>> {
    match stability::overload(job.model(), job.settings) {
        Some(overload) if job.settings.length == Length::Auto => Some(never_settles(job, overload)),
        // To begin what is to end at once takes long, of thousands of cells.
        _ if job.control.over() && !job.control.stopped() => Some(unfinished(job)),
        overload => {
            let ran = run()?;
            Some(if ran.sections.is_empty() { unfinished(job) } else { result(job, ran, overload) })
        }
    }
}

/// What a run says of its cell.
pub(crate) fn result(
    job: &CellRun<'_>,
    ran: RunOutcome,
    overload: Option<Overload>,
) -> Box<CellResult> {
    let sections = &ran.sections;
    let summary = job.summary();
    let exact = !job.model().random();
    let mut told = summary.tell(sections, exact);
    let settled = overload.is_none();
    let flags = if settled { flags(job, &ran, &told, exact) } else { Vec::new() };
    if !settled {
        // Over a time that was asked for the percentiles exist: those of a load test of that long.
        summary.growing(sections, exact, &mut told.measures);
        told.response_ccdf = Vec::new();
        told.sections = Vec::new();
    }
    let known = settled && !exact;
    let theory = known.then(|| theory_of(job.model(), job.settings));
    let mut row = Row {
        requests: sections.iter().map(Tally::requests).sum(),
        refused: sections.iter().map(|tally| tally.refused).sum(),
        replications: sections.iter().map(|tally| tally.runs as u32).sum(),
        stability: match settled {
            false => Stability::No,
            true if summary.story || periodic::once(job.model()) => Stability::Finite,
            true => Stability::Yes,
        },
        measures: told.measures,
        flags,
        response_ccdf: told.response_ccdf,
        theory_response_mean_s: theory.as_ref().and_then(exact_response),
        theory: theory_of::columns(theory.as_ref()),
        ..empty_row(job)
    };
    row.routes = routes::rows(job, (sections, exact), theory.as_ref());
    memory::tell(job.model(), sections, &mut row);
    let saturation = if settled { Saturation::of(job.model()) } else { None };
    let batch = Some(ran.batch);
    Box::new(CellResult {
        row,
        exact,
        sections: told.sections,
        overload,
        saturation,
        theory,
        headroom: None,
        records: records(job),
        batch,
        out: ran.out,
        on_limit: false,
    })
}

/// The records of a cell that is a short story; `None` of any other, or if it was stopped. It is run again
/// for them here, beside other cells and while a signal is looked for, and not where it is printed: with
/// thousands of workers that takes long.
fn records(job: &CellRun<'_>) -> Option<Vec<RequestRecord>> {
    if !job.story() || job.model().random() || !job.cell.short_story() {
        return None;
    }
    let mut records = Vec::new();
    let end = job.engine(Replication(0), Window::ALL, &mut records);
    records.sort_unstable_by_key(|record: &RequestRecord| record.request);
    (end != End::Stopped).then_some(records)
}

/// What a reader should know before believing the intervals.
fn flags(job: &CellRun<'_>, ran: &RunOutcome, told: &CellSummary, exact: bool) -> Vec<Flag> {
    let summary = job.summary();
    let mut flags = Vec::new();
    if !exact {
        flags = summary.flags(&ran.sections, &told.measures);
        if told.rare {
            flags.push(Flag::FewEvents);
        }
        if !flags.contains(&Flag::ShortRun) && short(job, &ran.sections) {
            flags.push(Flag::ShortRun);
        }
        if tails::heavy(job.model(), &ran.sections) {
            flags.push(Flag::HeavyTail);
        }
    }
    if few_cycles(job, &ran.sections) {
        flags.push(Flag::FewCycles);
    }
    if !flags.contains(&Flag::ShortRun) && tiny(job, &ran.sections) {
        flags.push(Flag::ShortRun);
    }
    let observed = ran.sections.first().map_or(0, |s| s.observed / u128::from(s.runs.max(1)));
    if !periodic::halves_are_alike(job.model(), observed) {
        flags.retain(|flag| *flag != Flag::Trend);
    }
    flags.extend(server_facts::flags(job.model()));
    if !ran.reached {
        flags.push(Flag::PrecisionNotReached);
    }
    if !ran.whole {
        flags.push(Flag::Partial);
    }
    if ran.sections.iter().any(|tally| tally.stuck) {
        flags.push(Flag::Stuck);
    }
    flags.sort_unstable();
    flags
}

/// Whether the replications of a steady state are not many relaxation times long.
fn short(job: &CellRun<'_>, sections: &[Tally]) -> bool {
    let Some(saturation) = Saturation::of(job.model()).filter(|_| !job.story()) else {
        return false;
    };
    // The warm-up is a part of the length.
    let least = 0.75 * saturation.short_requests();
    sections.iter().any(|tally| (tally.requests() as f64) < least)
}

/// Whether the replications of a steady state hold few restarts or kills, or none.
fn few_cycles(job: &CellRun<'_>, sections: &[Tally]) -> bool {
    let few = |tally: &Tally| cycles::few(job.model(), tally.requests() as f64);
    !job.story() && job.settings.warmup != Some(Span::ZERO) && sections.iter().any(few)
}

/// Requests of a replication of a steady state below which its window says more of its own edges
/// than of the server.
const FEWEST_REQUESTS: u64 = 10;

/// Whether a steady state was seen for a few requests only; also if nothing is random.
fn tiny(job: &CellRun<'_>, sections: &[Tally]) -> bool {
    let few = |tally: &Tally| tally.requests() < FEWEST_REQUESTS * tally.runs.max(1);
    !job.story() && sections.iter().any(few)
}

/// The mean response time, where theory knows it exactly.
fn exact_response(known: &Known) -> Option<f64> {
    theory_of::exact(known, Measure::ResponseMean)
}

/// The row of a cell of which nothing is measured yet.
pub(crate) fn empty_row(job: &CellRun<'_>) -> Row {
    Row {
        axes: job.cell.axes.clone(),
        requests: 0,
        refused: 0,
        replications: 0,
        seed: job.settings.seed.0,
        stability: Stability::No,
        measures: Measures::default(),
        flags: Vec::new(),
        response_ccdf: Vec::new(),
        theory_response_mean_s: None,
        standing: None,
        good_but_for_memory: false,
        theory: Theory::default(),
        routes: Vec::new(),
    }
}

/// The row of a cell of which the time limit left no replication.
pub(crate) fn unfinished(job: &CellRun<'_>) -> Box<CellResult> {
    let finite = job.story() || periodic::once(job.model());
    let mut row = empty_row(job);
    row.stability = if finite { Stability::Finite } else { Stability::Yes };
    row.flags = vec![Flag::PrecisionNotReached, Flag::Partial];
    Box::new(CellResult {
        row,
        exact: !job.model().random(),
        sections: Vec::new(),
        overload: None,
        saturation: None,
        theory: None,
        headroom: None,
        records: None,
        batch: None,
        out: false,
        on_limit: false,
    })
}

/// The row of a cell whose queue grows without bound: it says so, and what still exists.
fn never_settles(job: &CellRun<'_>, overload: Overload) -> Box<CellResult> {
    let theory = theory_of(job.model(), job.settings);
    let mut row = empty_row(job);
    row.theory = theory_of::columns(Some(&theory));
    row.measures.set(Measure::Throughput, Estimate::exact(overload.capacity.per_second));
    row.measures.set(Measure::Growth, Estimate::exact(overload.growth()));
    memory::tell(job.model(), &[], &mut row);
    Box::new(CellResult {
        row,
        exact: !job.model().random(),
        sections: Vec::new(),
        overload: Some(overload),
        saturation: None,
        theory: Some(theory),
        headroom: None,
        records: None,
        batch: None,
        out: false,
        on_limit: false,
    })
}

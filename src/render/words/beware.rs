//! What to know before believing the numbers.

use std::collections::BTreeSet;

use super::super::number::{percent, significant, time};
use super::super::{axes, table};
use super::capitalised;
use crate::experiment::CellResult;
use crate::experiment::SECTIONS;
use crate::experiment::plan::Plan;
use crate::experiment::row::{Axes, Estimate, Flag, Measure, Row};
use crate::experiment::saturation::Saturation;
use crate::stats::inference::student;

/// What the warnings in the table mean, and what helps; empty if there are none.
pub(crate) fn warnings(results: &[&CellResult], plan: &Plan) -> String {
    let meaning = |flag: Flag| match flag {
        Flag::OverMemory => "the values are those of a server with enough memory",
        Flag::ShortRun => {
            "the run is short for its variability, so intervals may be too narrow: give a longer \
             --duration or more --requests"
        }
        Flag::FewCycles => {
            "a replication holds fewer than two restarts (or kills), so chance decides what it shows of \
             them: give a longer --duration or more --requests"
        }
        Flag::Trend => {
            "the second half of the run differs from the first: give a longer --duration, \
             --requests or --warmup"
        }
        Flag::FewTail => {
            "fewer than 50 requests of a replication lie beyond p99, so it is imprecise"
        }
        Flag::FewEvents => {
            "few requests were lost (or waited), so their share is known to its order of magnitude only"
        }
        Flag::HeavyTail => {
            "rare, very long requests dominate the mean: it converges slowly, read the percentiles"
        }
        Flag::Lockstep => {
            "CPU and I/O never vary, so workers synchronise, and what a real server does then \
             depends on its kernel (10 to 50 % either way): give --jitter 10%, or distributions that vary"
        }
        Flag::Uneven => {
            "which process takes a connection was measured on one machine and varies from run to \
             run; --accept greedy,random shows the range between that bias and none"
        }
        Flag::PrecisionNotReached => {
            "the intervals are wider than asked for: give a larger --max-requests-simulated or \
             --max-time, or a larger --precision"
        }
        Flag::Partial => "--max-time ended the run before all replications were done",
        Flag::Stuck => {
            "the clock of this model stood still, so the run was ended and its figures mean nothing: \
             that is a bug of simsrv, please report the command"
        }
    };
    let matters = |row: &Row, flag: Flag| flag != Flag::FewEvents || few_lost(row);
    let mut found = BTreeSet::new();
    for result in results {
        found.extend(result.row.flags.iter().copied().filter(|flag| matters(&result.row, *flag)));
    }
    let seen = |flag: &Flag| found.contains(flag);
    let one = |flag| {
        let whom = whom(results, |result| result.row.flags.contains(&flag));
        format!("{}{whom}: {}.", capitalised(table::word(flag)), meaning(flag))
    };
    let mut told: Vec<String> = Flag::ALL.into_iter().filter(seen).map(one).collect();
    told.extend(without_answer(results));
    told.extend(nearest_to_saturation(results, plan));
    told.join(" ")
}

/// Of the row in which most clients of a closed loop were waiting all the time, so that no response
/// time is theirs.
fn without_answer(results: &[&CellResult]) -> Option<String> {
    let waiting = |result: &&CellResult| waiting_throughout(&result.row).unwrap_or(0.0).round();
    let worst = results.iter().copied().max_by(|a, b| waiting(a).total_cmp(&waiting(b)))?;
    let whom = whom(results, |result| std::ptr::eq(result, worst));
    let (count, of) = (waiting(&worst), worst.row.axes.clients?);
    (count >= 1.0).then(|| {
        format!(
            "No answer{whom}: about {count} of {of} clients waited all the time that was measured \
             and got none, so the response times are those of the others."
        )
    })
}

/// How many clients were in the system and not one of those that were answered there: by Little's
/// law these were throughput times mean response. Where the window is short for a response, those
/// that were cut off at its edges hide the others.
fn waiting_throughout(row: &Row) -> Option<f64> {
    let value = |measure| row.measures.get(measure).map(|found| found.value);
    let lost = Measure::LOST.iter().any(|measure| value(*measure).is_some_and(|share| share > 0.0));
    if lost || row.axes.clients.is_none() || value(Measure::Makespan).is_some() {
        return None;
    }
    let (inside, response) = (value(Measure::InSystemMean)?, value(Measure::ResponseMean)?);
    let throughput = value(Measure::Throughput)?;
    let requests = row.requests as f64 / f64::from(row.replications.max(1));
    let at_the_edges = 3.0 * inside * response * throughput / requests;
    let left = inside - throughput * response;
    (left > at_the_edges).then_some(left)
}

/// Whether a share of lost requests is known to its order of magnitude only. That hardly any request
/// waits, or hardly any does not, is no warning.
fn few_lost(row: &Row) -> bool {
    let of = Measure::LOST.iter().filter_map(|measure| row.measures.get(*measure));
    let rough = |share: Estimate| share.half_width.is_some_and(|half| half > ROUGH * share.value);
    of.filter(|share| share.value > 0.0).any(rough)
}

/// Half-widths beyond this share of the value leave it known to its order of magnitude.
const ROUGH: f64 = 0.2;

/// Which rows are meant, in brackets; nothing where there is only one.
pub(super) fn whom(results: &[&CellResult], has: impl Fn(&CellResult) -> bool) -> String {
    let axes: Vec<&Axes> = results.iter().map(|result| &result.row.axes).collect();
    let meant = || results.iter().filter(|result| has(result));
    // A name is found by looking at all cells: only those that are shown are made.
    let name = |result: &&CellResult| axes::told(&result.row.axes, &axes, &[]);
    match meant().count() {
        _ if results.len() == 1 => String::new(),
        n if n == results.len() => " (all rows)".to_owned(),
        1..=3 => format!(" ({})", meant().map(name).collect::<Vec<_>>().join("; ")),
        n => format!(" ({n} rows)"),
    }
}

/// Of the cell nearest to its capacity, if it is near: how long a run it would need.
fn nearest_to_saturation(results: &[&CellResult], plan: &Plan) -> Option<String> {
    // A cell that is clearly not the answer need not be known so well.
    let wanted = results.iter().filter(|result| !result.out);
    let near = wanted.filter_map(|result| result.saturation.filter(Saturation::near));
    let worst = near.max_by(|a, b| a.load.total_cmp(&b.load))?;
    let precision = plan.settings.precision;
    let z = student(plan.settings.confidence, SECTIONS - 1);
    let requests = worst.needed(precision, z);
    Some(format!(
        "At {:.1} % of its capacity the mean wait converges slowly: to know it to {} takes about \
         {} requests, {} of simulated time.",
        100.0 * worst.load,
        percent(precision),
        millions(requests),
        days(worst.seconds(requests))
    ))
}

fn millions(number: f64) -> String {
    match number {
        few if few < 1e9 => format!("{} million", significant(few / 1e6)),
        many => format!("{} billion", significant(many / 1e9)),
    }
}

fn days(seconds: f64) -> String {
    if seconds < 2.0 * 86_400.0 { time(seconds) } else { format!("{:.0} days", seconds / 86_400.0) }
}

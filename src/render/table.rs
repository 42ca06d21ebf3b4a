//! The results of a sweep as a table for the terminal and for documents.

use super::axes;
use super::grid::{self, Column};
use super::number::{measured, significant};
use super::{BEST, TIED};
use crate::experiment::row::{Flag, Measure, Row, Stability};
use crate::experiment::stability::Overload;

/// A row and why it never settles, if it does not.
pub type Told<'a> = (&'a Row, Option<Overload>);

/// The table; rows at `best` are marked.
pub fn plain(rows: &[Told<'_>], best: &[usize], tied: &[usize]) -> String {
    let mark = |at: usize| {
        let text = if best.contains(&at) {
            BEST
        } else if tied.contains(&at) {
            TIED
        } else {
            ""
        };
        text.to_owned()
    };
    let mut columns = vec![Column::words("", (0..rows.len()).map(mark).collect())];
    columns.extend(all_columns(rows));
    grid::plain(&columns)
}

/// The table in Markdown.
pub fn markdown(rows: &[Told<'_>]) -> String {
    grid::markdown(&all_columns(rows))
}

fn all_columns(rows: &[Told<'_>]) -> Vec<Column> {
    let mut columns = axes::columns(&rows.iter().map(|(row, _)| &row.axes).collect::<Vec<_>>());
    for (measure, name) in shown(rows) {
        let value = |(row, _): &Told<'_>| match row.measures.get(measure) {
            Some(estimate) if row.stability != Stability::No => measured(measure, estimate),
            _ => "–".to_owned(),
        };
        columns.push(Column::numbers(name, rows.iter().map(value).collect()));
    }
    let notes: Vec<String> = rows.iter().map(note).collect();
    if notes.iter().any(|note| !note.is_empty()) {
        columns.push(Column::words("", notes));
    }
    columns
}

/// The measures worth a column here.
fn shown(rows: &[Told<'_>]) -> Vec<(Measure, &'static str)> {
    let any = |measure: Measure| {
        rows.iter().any(|(row, _)| row.measures.value(measure).is_some_and(|value| value > 0.0))
    };
    let lost = any(Measure::RefusedShare) || any(Measure::TimedOutShare);
    let story = rows.iter().any(|(row, _)| row.stability == Stability::Finite);
    let closed = rows.iter().any(|(row, _)| row.axes.clients.is_some());
    let columns = [
        (closed || lost || story, Measure::Throughput, "throughput"),
        (true, Measure::WaitMean, "mean wait"),
        (true, Measure::ResponseMean, "mean response"),
        (true, Measure::ResponseP95, "p95 response"),
        (true, Measure::ResponseP99, "p99 response"),
        (story, Measure::Makespan, "all answered"),
        (any(Measure::RefusedShare), Measure::RefusedShare, "refused"),
        (any(Measure::TimedOutShare), Measure::TimedOutShare, "timed out"),
        (true, Measure::WorkerUtilisation, "workers busy"),
        (any(Measure::CoreUtilisation), Measure::CoreUtilisation, "cores busy"),
    ];
    columns.into_iter().filter(|(show, ..)| *show).map(|(_, m, name)| (m, name)).collect()
}

fn note((row, overload): &Told<'_>) -> String {
    if let Some(overload) = overload {
        return format!(
            "never settles: {}/s offered, {}/s possible ({})",
            significant(overload.offered),
            significant(overload.capacity.per_second),
            overload.capacity.bound.name(),
        );
    }
    if row.stability == Stability::No {
        return "never settles".to_owned();
    }
    let words = row.flags.iter().map(|flag| match flag {
        Flag::ShortRun => "short run",
        Flag::Trend => "not yet steady",
        Flag::FewTail => "few in the tail",
        Flag::HeavyTail => "heavy tail",
        Flag::PrecisionNotReached => "precision not reached",
        Flag::Partial => "partial",
    });
    words.collect::<Vec<_>>().join(", ")
}

//! The results of a sweep as a table for the terminal and for documents.

use super::axes;
use super::grid::{self, Column};
use super::number::{bytes, measured, share, significant};
use super::{BEST, CLOSE, OPEN, UNFIT, memory_words};
use crate::experiment::row::{Estimate, Flag, Measure, Row, Stability, Unit, Verdict};
use crate::experiment::stability::Overload;

/// A row, and why it is overloaded, if it is.
pub(crate) type TableLine<'a> = (&'a Row, Option<Overload>);

/// What is given up, step by step, until a table fits: intervals of shares, wide gaps, notes, and
/// columns that the others imply.
const STEPS: [Look; 11] = [
    Look { intervals_of_shares: true, gap: 3, notes: true, left_out: 0 },
    Look { intervals_of_shares: false, gap: 3, notes: true, left_out: 0 },
    Look { intervals_of_shares: false, gap: 2, notes: true, left_out: 0 },
    Look { intervals_of_shares: false, gap: 2, notes: true, left_out: 1 },
    Look { intervals_of_shares: false, gap: 2, notes: true, left_out: 2 },
    Look { intervals_of_shares: false, gap: 2, notes: true, left_out: 3 },
    Look { intervals_of_shares: false, gap: 2, notes: false, left_out: 2 },
    Look { intervals_of_shares: false, gap: 2, notes: false, left_out: 4 },
    Look { intervals_of_shares: false, gap: 2, notes: false, left_out: 6 },
    Look { intervals_of_shares: false, gap: 2, notes: false, left_out: 8 },
    Look { intervals_of_shares: false, gap: 2, notes: false, left_out: 10 },
];

/// Columns that are left out where there is no room, in this order; never that of the measure that
/// cells are compared by.
const LEFT_OUT: [Measure; 10] = [
    Measure::WaitMean,
    Measure::CoreUtilisation,
    Measure::ResponseMean,
    Measure::WorkerUtilisation,
    Measure::RetriesPerRequest,
    Measure::RetransmittedShare,
    Measure::PoolWaitMean,
    Measure::WastedShare,
    Measure::PoolUtilisation,
    Measure::Status502Share,
];

#[derive(Clone, Copy)]
struct Look {
    intervals_of_shares: bool,
    gap: u16,
    notes: bool,
    left_out: usize,
}

/// The table; rows are marked by what was shown of them.
pub fn plain(rows: &[TableLine<'_>], width: usize) -> String {
    let marks = Column::words("", rows.iter().map(|(row, _)| mark(row).to_owned()).collect());
    let mut text = String::new();
    for look in STEPS {
        text = with_look(rows, &marks, look, width);
        if grid::fits(&text, width) {
            break;
        }
    }
    text
}

/// The glyph of a row.
pub(super) fn mark(row: &Row) -> &'static str {
    match row.verdict() {
        _ if !row.fits() => UNFIT,
        Some(Verdict::Named) => BEST,
        Some(Verdict::Close | Verdict::Meets) => CLOSE,
        Some(Verdict::Undecided) => OPEN,
        _ => "",
    }
}

fn with_look(rows: &[TableLine<'_>], marks: &Column, look: Look, width: usize) -> String {
    let mut columns = vec![marks.clone()];
    columns.extend(axis_columns(rows));
    columns.extend(measure_columns(rows, look, "").into_iter().map(|(_, column)| column));
    let notes: Vec<String> = rows.iter().map(|(row, _)| flags(row)).collect();
    let told = |note: &String| *note != notes[0] || note == OUT_OF_TIME;
    if look.notes && notes.iter().any(told) {
        columns.push(Column::words("", notes));
    }
    let lines = grid::plain(&columns, look.gap);
    let head = lines.lines().count() - rows.len();
    let unsettled = |at: usize| at.checked_sub(head).and_then(|at| never_settles(&rows[at]));
    // An overloaded row has no measures: what there is to say stands in their place.
    let line = |(at, line): (usize, &str)| match unsettled(at) {
        Some(why) if line.chars().count() + 3 + why.chars().count() > width => {
            format!("{line}   {OVERLOADED}\n")
        }
        Some(why) => format!("{line}   {why}\n"),
        None => format!("{line}\n"),
    };
    lines.lines().enumerate().map(line).collect()
}

/// The table in Markdown.
pub(crate) fn markdown(rows: &[TableLine<'_>]) -> String {
    let columns: Vec<Column> = full_columns(rows).into_iter().map(|(_, column)| column).collect();
    grid::markdown(&columns)
}

/// The same table, cell by cell.
pub(crate) fn told(rows: &[TableLine<'_>]) -> Cells {
    Cells(full_columns(rows))
}

/// A table as names and texts, each column with the measure that it holds, if it holds one.
pub(crate) struct Cells(Vec<(Option<Measure>, Column)>);

impl Cells {
    /// Columns with a name, whether they hold numbers, and the measure that they hold; and rows of texts.
    pub(crate) fn json(&self) -> serde_json::Value {
        let Cells(columns) = self;
        let head = |(measure, column): &(Option<Measure>, Column)| {
            serde_json::json!({
                "name": column.name.replace('\n', " ").trim(),
                "number": column.side == grid::Side::Right,
                "measure": measure.map(Measure::name),
            })
        };
        let rows = columns.first().map_or(0, |(_, column)| column.values.len());
        let row =
            |at: usize| columns.iter().map(|(_, column)| &column.values[at]).collect::<Vec<_>>();
        serde_json::json!({
            "columns": columns.iter().map(head).collect::<Vec<_>>(),
            "rows": (0..rows).map(row).collect::<Vec<_>>(),
        })
    }
}

/// What there is to know of a row beside its numbers.
pub(crate) fn note(told: &TableLine<'_>) -> String {
    never_settles(told).unwrap_or_else(|| flags(told.0))
}

fn full_columns(rows: &[TableLine<'_>]) -> Vec<(Option<Measure>, Column)> {
    let mut columns: Vec<_> = axis_columns(rows).into_iter().map(|column| (None, column)).collect();
    let measures = measure_columns(rows, STEPS[0], "–").into_iter();
    columns.extend(measures.map(|(measure, column)| (Some(measure), column)));
    let notes: Vec<String> = rows.iter().map(note).collect();
    if notes.iter().any(|note| !note.is_empty()) {
        columns.push((None, Column::words("", notes)));
    }
    columns
}

fn axis_columns(rows: &[TableLine<'_>]) -> Vec<Column> {
    axes::columns(&rows.iter().map(|(row, _)| &row.axes).collect::<Vec<_>>())
}

fn measure_columns(rows: &[TableLine<'_>], look: Look, unsettled: &str) -> Vec<(Measure, Column)> {
    let column = |(measure, name)| {
        let value = |(row, _): &TableLine<'_>| match row.measures.get(measure) {
            _ if nothing_seen(row) => unsettled.to_owned(),
            Some(estimate) => match measure {
                Measure::Memory => bytes(estimate.value, memory_words::powers(row.axes.memory)),
                Measure::MemoryKills => shown(measure, times(estimate, 1000.0), look),
                _ => shown(measure, estimate, look),
            },
            None => "–".to_owned(),
        };
        (measure, Column::numbers(name, rows.iter().map(value).collect()))
    };
    let by = rows.iter().find_map(|(row, _)| row.standing).map(|standing| standing.by);
    let left_out =
        |measure: Measure| Some(measure) != by && LEFT_OUT[..look.left_out].contains(&measure);
    let wanted = wanted(rows).into_iter().filter(|(measure, _)| !left_out(*measure));
    wanted.map(column).collect()
}

fn times(Estimate { value, half_width }: Estimate, factor: f64) -> Estimate {
    Estimate { value: value * factor, half_width: half_width.map(|half| half * factor) }
}

fn shown(measure: Measure, estimate: Estimate, look: Look) -> String {
    let without = measure.unit() == Unit::Share
        && (!look.intervals_of_shares || estimate.half_width.is_none());
    if without { share(estimate) } else { measured(measure, estimate) }
}

/// The measures worth a column here.
fn wanted(rows: &[TableLine<'_>]) -> Vec<(Measure, &'static str)> {
    let any = |measure: Measure| {
        rows.iter().any(|(row, _)| row.measures.value(measure).is_some_and(|value| value > 0.0))
    };
    let lost = Measure::LOST.into_iter().any(any);
    // Where more is lost than requests, the table would grow too wide.
    let real_loss =
        [Measure::FailedShare, Measure::GaveUpShare, Measure::Status504Share].into_iter().any(any);
    let story = rows.iter().any(|(row, _)| row.is_story());
    let closed = rows.iter().any(|(row, _)| row.axes.clients.is_some());
    let busy = if rows.iter().any(|(row, _)| row.axes.threads > 1) {
        "threads\nbusy"
    } else {
        "workers\nbusy"
    };
    let columns = [
        (!story && (closed || lost), Measure::Throughput, "\nthroughput"),
        (!real_loss, Measure::WaitMean, "mean\nwait"),
        (true, Measure::ResponseMean, "mean\nresponse"),
        (true, Measure::ResponseP95, "p95\nresponse"),
        (true, Measure::ResponseP99, "p99\nresponse"),
        (story, Measure::Makespan, "all\nanswered"),
        (any(Measure::RefusedShare), Measure::RefusedShare, "\nrefused"),
        (any(Measure::TimedOutShare), Measure::TimedOutShare, "gave\nup"),
        (any(Measure::FailedShare), Measure::FailedShare, "\nfailed"),
        (any(Measure::GaveUpShare), Measure::GaveUpShare, "gave\nup"),
        (any(Measure::PoolTimeoutShare), Measure::PoolTimeoutShare, "pool\ntimeout"),
        (any(Measure::Status502Share), Measure::Status502Share, "bad\ngateway"),
        (any(Measure::Status504Share), Measure::Status504Share, "proxy\ntimeout"),
        (any(Measure::RetriesPerRequest), Measure::RetriesPerRequest, "retries\neach"),
        (any(Measure::RetransmittedShare), Measure::RetransmittedShare, "sent\nagain"),
        (any(Measure::WastedShare), Measure::WastedShare, "work\nwasted"),
        (any(Measure::MemoryKills), Measure::MemoryKills, "kills per\n1,000"),
        (true, Measure::WorkerUtilisation, busy),
        (any(Measure::CoreUtilisation), Measure::CoreUtilisation, "cores\nbusy"),
        (any(Measure::PoolUtilisation), Measure::PoolWaitMean, "pool\nwait"),
        (any(Measure::PoolWaitP95), Measure::PoolWaitP95, "p95 pool\nwait"),
        (any(Measure::PoolUtilisation), Measure::PoolUtilisation, "pool\nbusy"),
        (any(Measure::Memory), Measure::Memory, "\nmemory"),
    ];
    columns.into_iter().filter(|(show, ..)| *show).map(|(_, m, name)| (m, name)).collect()
}

const OVERLOADED: &str = "overloaded";

/// Whether a row has no figures because its queue grows without bound: over a time that was asked
/// for there are some.
fn nothing_seen(row: &Row) -> bool {
    row.stability == Stability::No && row.measures.get(Measure::ResponseMean).is_none()
}

fn never_settles((row, overload): &TableLine<'_>) -> Option<String> {
    if !nothing_seen(row) {
        return None;
    }
    let Some(overload) = overload else {
        return Some(OVERLOADED.to_owned());
    };
    let (offered, most) =
        (significant(overload.offered), significant(overload.capacity.per_second));
    let bound = overload.capacity.bound.name();
    let mut text = format!("{OVERLOADED}: {offered}/s offered, {most}/s possible ({bound})");
    if let Some(growth) = row.measures.get(Measure::Growth).filter(|_| row.replications > 0) {
        text += &format!("; measured growth {}", measured(Measure::Growth, growth));
    }
    Some(text)
}

/// A flag in the words of the table.
pub(super) const fn word(flag: Flag) -> &'static str {
    match flag {
        Flag::OverMemory => "does not fit",
        Flag::ShortRun => "short run",
        Flag::FewCycles => "few restarts",
        Flag::Trend => "not yet steady",
        Flag::FewTail => "few in the tail",
        Flag::FewEvents => "few events",
        Flag::HeavyTail => "heavy tail",
        Flag::Lockstep => "in step",
        Flag::Uneven => "uneven",
        Flag::PrecisionNotReached => "precision not reached",
        Flag::Partial => "partial",
        Flag::Stuck => "a bug: no result",
    }
}

/// The note of a cell of which the limit left no replication.
const OUT_OF_TIME: &str = "not run: --max-time was over";

fn flags(row: &Row) -> String {
    let seen = row.stability == Stability::No && !nothing_seen(row);
    let overloaded = seen.then_some(OVERLOADED);
    // That something hardly ever happens is seen in its column, where that is shown.
    if row.flags.contains(&Flag::Partial) && row.replications == 0 {
        return OUT_OF_TIME.to_owned();
    }
    let flags = row.flags.iter().filter(|flag| **flag != Flag::FewEvents).map(|flag| word(*flag));
    overloaded.into_iter().chain(flags).collect::<Vec<_>>().join(", ")
}

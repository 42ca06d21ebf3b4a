//! Small exact stories: who is answered when, and the timeline in the terminal.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::axes;
use super::grid::{self, Column, Side};
use super::number::{amount, percent, plural, time};
use super::{BEST, UNFIT, table};
use crate::experiment::CellResult;
use crate::experiment::plan::{Cell, Plan};
use crate::experiment::row::{Axes, Measure, Row};
use crate::record::{Outcome, RequestRecord};
use crate::time::{Span, Time};

/// One cell of a story: its row, and every record.
#[derive(Clone, Debug)]
pub(crate) struct StoryCell<'a> {
    /// The measures.
    pub(crate) row: &'a Row,
    /// The records in order of request.
    pub(crate) records: Vec<RequestRecord>,
    /// The names of the routes, if there are several.
    pub(crate) routes: Vec<String>,
}

/// Columns of a timeline.
const WIDTH: usize = 36;
/// How waiting and being served are drawn.
const WAITING: &str = "·";
const SERVED: &str = "█";
/// Timelines that are drawn.
const MOST_TIMELINES: usize = 4;

/// The finished cells with their records, if the run is exact and each cell small enough to be told as
/// a story; `None` too if a cell was stopped before it had them. `results` stand by their position in
/// the plan.
pub(crate) fn cells<'a>(
    plan: &Plan,
    results: &'a [Option<Box<CellResult>>],
) -> Option<Vec<StoryCell<'a>>> {
    if !plan.short_stories() {
        return None;
    }
    let finished = plan.cells.iter().zip(results).filter_map(|(cell, result)| {
        let result = result.as_deref()?;
        Some((cell, result))
    });
    let one = |(cell, result): (&Cell, &'a CellResult)| {
        let records = result.records.clone()?;
        let routes = cell.model.routes().iter().map(|route| route.name.clone()).collect();
        Some(StoryCell { row: &result.row, records, routes })
    };
    finished.map(one).collect()
}

/// The lines of a story's table; the named row is marked.
pub(crate) fn table(cells: &[StoryCell<'_>], width: usize) -> String {
    // Rows with the same times say so in words.
    let mark = |cell: &StoryCell<'_>| match table::mark(cell.row) {
        mark if [BEST, UNFIT].contains(&mark) => mark.to_owned(),
        _ => String::new(),
    };
    let marks = cells.iter().map(mark);
    let mut columns = vec![Column::words("", marks.collect())];
    columns.extend(axes::columns(&cells.iter().map(|cell| &cell.row.axes).collect::<Vec<_>>()));
    columns.push(Column::centred(&format!("answered after{}", ordinals(cells)), answers(cells)));
    let mut add = |name: &str, measure: Measure, show: fn(f64) -> String| {
        let value = |cell: &StoryCell<'_>| cell.row.measures.value(measure);
        let values = cells.iter().map(|cell| value(cell).map_or("–".to_owned(), show));
        columns.push(Column::numbers(name, values.collect()));
    };
    add("mean", Measure::ResponseMean, time);
    add("longest wait", Measure::WaitMax, time);
    let threads = cells.iter().any(|cell| cell.row.axes.threads > 1);
    let busy = if threads { "threads busy" } else { "workers busy" };
    add(busy, Measure::WorkerUtilisation, percent);
    if cells.iter().any(|cell| cell.row.axes.cores != cells[0].row.axes.cores || all_compute(cell))
    {
        add("cores busy", Measure::CoreUtilisation, percent);
    }
    let mut seen = HashSet::new();
    let mut note = |cell| note(cell, !seen.insert((cell.row.axes.group(), response_nanos(cell))));
    columns.push(Column::words("", cells.iter().map(&mut note).collect()));
    fitted_answers(columns, width)
}

/// What is left out of a table that is too wide, in this order.
const LEFT_OUT: [&str; 3] = ["workers\nbusy", "threads\nbusy", "cores\nbusy"];

/// The table in as many columns as there are: names in two lines, then narrow gaps, then less.
fn fitted_answers(mut columns: Vec<Column>, width: usize) -> String {
    let wide = grid::plain(&columns, 3);
    if grid::fits(&wide, width) {
        return wide;
    }
    for column in &mut columns {
        let blank = if column.side == Side::Right { " " } else { " (" };
        column.name = column.name.replacen(blank, &blank.replace(' ', "\n"), 1);
    }
    grid::fitted(columns, width, &LEFT_OUT)
}

/// How many answers are listed.
const LISTED: usize = 6;

fn responses(cell: &StoryCell<'_>) -> Vec<f64> {
    response_nanos(cell).into_iter().map(|nanos| Span::from_nanos(nanos).as_secs_f64()).collect()
}

/// How long the requests took that were served, in nanoseconds, shortest first.
fn response_nanos(cell: &StoryCell<'_>) -> Vec<u64> {
    let served = cell.records.iter().filter(|record| record.outcome == Outcome::Served);
    let mut times: Vec<u64> = served.map(|record| record.response().as_nanos()).collect();
    times.sort_unstable();
    times
}

fn ordinals(cells: &[StoryCell<'_>]) -> String {
    let most = cells.iter().map(|cell| responses(cell).len()).max().unwrap_or(0);
    match most {
        0 | 1 => String::new(),
        2 => " (1st, 2nd)".to_owned(),
        3 => " (1st, 2nd, 3rd)".to_owned(),
        n if n <= LISTED => format!(" (1st … {n}th)"),
        _ => " (1st, 2nd … last)".to_owned(),
    }
}

/// The times of each cell, one below the other.
fn answers(cells: &[StoryCell<'_>]) -> Vec<String> {
    let texts: Vec<Vec<String>> = cells.iter().map(answers_of).collect();
    let width = texts.iter().flatten().map(|text| text.chars().count()).max().unwrap_or(0);
    let most = texts.iter().map(Vec::len).max().unwrap_or(0);
    let line = |texts: &Vec<String>| {
        let padded = texts.iter().map(String::as_str).chain(std::iter::repeat("")).take(most);
        padded.map(|text| format!("{text:>width$}")).collect::<Vec<_>>().join("   ")
    };
    texts.iter().map(line).collect()
}

fn answers_of(cell: &StoryCell<'_>) -> Vec<String> {
    let times = responses(cell);
    let mut texts: Vec<String> = times.iter().map(|seconds| time(*seconds)).collect();
    if texts.len() > LISTED {
        let last = texts.pop().unwrap_or_default();
        texts.truncate(LISTED - 2);
        texts.extend(["…".to_owned(), last]);
    }
    texts
}

/// What there is to say of a row beside its numbers; `repeats` if one before it has the same times.
fn note(cell: &StoryCell<'_>, repeats: bool) -> String {
    let mut parts = lost(cell);
    if !cell.row.fits() {
        parts.push("does not fit".to_owned());
    }
    if repeats {
        parts.push("same times".to_owned());
        let idle = slots(cell).saturating_sub(most_at_once(&cell.records));
        if idle > 0 {
            parts.push(format!("{idle} idle"));
        }
    } else if cell.row.measures.value(Measure::WaitMax) == Some(0.0) && parts.is_empty() {
        parts.push(match stretched(cell) {
            true => format!("all on {}", amount(cell.row.axes.cores, "core")),
            false => "no waiting".to_owned(),
        });
    }
    parts.join(", ")
}

/// Requests that were not answered, by how they ended, in words: `2 refused`.
pub(super) fn lost(cell: &StoryCell<'_>) -> Vec<String> {
    let words = [
        (Outcome::Refused, "refused"),
        (Outcome::TimedOut, "gave up"),
        (Outcome::Failed, "failed"),
        (Outcome::Closed, "closed"),
        (Outcome::OutOfMemory, "killed for memory"),
        (Outcome::Reset, "reset"),
        (Outcome::GaveUp, "client gone"),
        (Outcome::NoConnection, "not connected"),
        (Outcome::PoolTimeout, "timed out at the pool"),
        (Outcome::ProxyTimeout, "timed out by the proxy"),
    ];
    let count = |outcome| cell.records.iter().filter(|record| record.outcome == outcome).count();
    let counts = words.into_iter().map(|(outcome, word)| (count(outcome), word));
    counts.filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect()
}

fn slots(cell: &StoryCell<'_>) -> u64 {
    u64::from(cell.row.axes.workers) * u64::from(cell.row.axes.threads)
}

fn all_compute(cell: &StoryCell<'_>) -> bool {
    cell.row.measures.value(Measure::CoreUtilisation) > Some(0.999)
}

/// Whether requests took longer than they ask for because cores were short.
fn stretched(cell: &StoryCell<'_>) -> bool {
    let slowed = |record: &RequestRecord| {
        record.outcome == Outcome::Served && record.departure.since(record.start) > record.cpu
    };
    all_compute(cell) && cell.records.iter().any(slowed)
}

/// The most requests in service at once.
pub(crate) fn most_at_once(records: &[RequestRecord]) -> u64 {
    let served = || records.iter().filter(|record| record.outcome == Outcome::Served);
    let at = |record: &RequestRecord| {
        served().filter(|v| v.start <= record.start && record.start < v.departure).count() as u64
    };
    served().map(at).max().unwrap_or(0)
}

/// Timelines of the cells that differ, one line a request, all on one scale.
pub(crate) fn timelines(cells: &[StoryCell<'_>]) -> String {
    let mut seen = HashSet::new();
    let mut shown: Vec<&StoryCell<'_>> =
        cells.iter().filter(|cell| seen.insert(times(cell))).collect();
    let hidden = shown.len().saturating_sub(MOST_TIMELINES);
    shown.truncate(MOST_TIMELINES);
    let end =
        shown.iter().flat_map(|cell| &cell.records).map(|record| record.departure.as_secs_f64());
    let end = end.fold(0.0, f64::max);
    let cores_vary = shown.iter().any(|cell| cell.row.axes.cores != shown[0].row.axes.cores);
    let labels: Vec<String> = shown.iter().map(|cell| label(&cell.row.axes, cores_vary)).collect();
    let width = labels.iter().map(|label| label.chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for (cell, label) in shown.iter().zip(&labels) {
        text += &timeline(cell, &format!("{label:<width$}"), end);
    }
    if hidden > 0 {
        let more = plural(hidden as u64, "more timeline");
        let _ = writeln!(text, "  … and {more}");
    }
    let _ = writeln!(text, "  {:width$}   {WAITING} waiting   {SERVED} being served\n", "");
    text
}

fn times(cell: &StoryCell<'_>) -> Vec<(Time, Time, Time)> {
    cell.records.iter().map(|v| (v.arrival, v.start, v.departure)).collect()
}

fn timeline(cell: &StoryCell<'_>, label: &str, end: f64) -> String {
    let indent = " ".repeat(label.chars().count());
    let clients = cell.row.axes.clients.is_some();
    let number = |record: &RequestRecord| match clients {
        true => u64::from(record.client) + 1,
        false => record.request + 1,
    };
    let who = if clients { "user" } else { "request" };
    // Of several routes the name stands beside the number.
    let name = |record: &RequestRecord| match cell.routes.get(record.route as usize) {
        Some(route) => format!("{} {route}", number(record)),
        None => number(record).to_string(),
    };
    let width = cell.records.iter().map(|v| name(v).chars().count()).max().unwrap_or(1);
    let mut text = String::new();
    for (at, record) in cell.records.iter().enumerate() {
        let head = if at == 0 { label } else { &indent };
        let (name, bar, end) = (name(record), bar(record, end), ending(record));
        let _ = writeln!(text, "  {head}   {who} {name:<width$}  {bar}{end}");
    }
    text
}

/// One request on the scale of its timeline.
fn bar(record: &RequestRecord, end: f64) -> String {
    let column = |time: crate::time::Time| {
        let share = if end > 0.0 { time.as_secs_f64() / end } else { 0.0 };
        (share * WIDTH as f64).round() as usize
    };
    let (arrival, start, departure) =
        (column(record.arrival), column(record.start), column(record.departure));
    format!(
        "{}{}{}",
        " ".repeat(arrival),
        WAITING.repeat(start.saturating_sub(arrival)),
        SERVED.repeat(departure.saturating_sub(start)),
    )
}

/// How a request ended.
fn ending(record: &RequestRecord) -> String {
    match record.outcome {
        Outcome::Served => format!("  {}", time(record.response().as_secs_f64())),
        Outcome::Refused => "refused".to_owned(),
        Outcome::TimedOut | Outcome::GaveUp => {
            format!("  gave up after {}", time(record.wait().as_secs_f64()))
        }
        Outcome::PoolTimeout => {
            format!("  pool timeout after {}", time(record.wait().as_secs_f64()))
        }
        Outcome::ProxyTimeout => format!("  504 after {}", time(record.wait().as_secs_f64())),
        Outcome::Failed => format!("  500 after {}", time(record.wait().as_secs_f64())),
        Outcome::Closed => format!("  closed after {}", time(record.wait().as_secs_f64())),
        Outcome::OutOfMemory => {
            format!("  out of memory after {}", time(record.wait().as_secs_f64()))
        }
        Outcome::Reset => format!("  reset after {}", time(record.wait().as_secs_f64())),
        Outcome::NoConnection => {
            format!("  no connection after {}", time(record.wait().as_secs_f64()))
        }
    }
}

/// The cell of a timeline in words.
pub(crate) fn label(axes: &Axes, with_cores: bool) -> String {
    let mut label = plural(u64::from(axes.workers), "worker");
    if axes.threads > 1 {
        let _ = write!(label, " x {}", plural(u64::from(axes.threads), "thread"));
    }
    if with_cores {
        let _ = write!(label, ", {}", amount(axes.cores, "core"));
    }
    if let Some(case) = &axes.case {
        let _ = write!(label, ", {case}");
    }
    label
}

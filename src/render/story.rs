//! Small exact stories: who is answered when, and the timeline in the terminal.

use std::fmt::Write as _;

use super::BEST;
use super::axes;
use super::grid::{self, Column};
use super::number::{plural, significant, time};
use crate::experiment::row::{Axes, Measure, Row};
use crate::visit::{Outcome, Visit};

/// One cell of a story: its row, and every visit.
#[derive(Clone, Debug)]
pub struct StoryCell<'a> {
    /// The measures.
    pub row: &'a Row,
    /// The visits in order of request.
    pub visits: Vec<Visit>,
}

/// Requests up to which a cell is told as a story.
pub const MOST_REQUESTS: u64 = 12;
/// Columns of a timeline.
const WIDTH: usize = 36;
/// Timelines that are drawn.
const MOST_TIMELINES: usize = 4;

/// The lines of a story's table.
pub fn table(cells: &[StoryCell<'_>], best: &[usize]) -> String {
    let marks = (0..cells.len()).map(|at| if best.contains(&at) { BEST } else { "" }.to_owned());
    let mut columns = vec![Column::words("", marks.collect())];
    columns.extend(axes::columns(&cells.iter().map(|cell| &cell.row.axes).collect::<Vec<_>>()));
    let answered = format!("answered after{}", ordinals(cells));
    columns.push(Column::words(&answered, cells.iter().map(answers).collect()));
    let mut add = |name: &str, measure: Measure, show: fn(f64) -> String| {
        let value = |cell: &StoryCell<'_>| cell.row.measures.value(measure);
        let values = cells.iter().map(|cell| value(cell).map_or("–".to_owned(), show));
        columns.push(Column::numbers(name, values.collect()));
    };
    add("mean", Measure::ResponseMean, time);
    add("longest wait", Measure::WaitMax, time);
    add("workers busy", Measure::WorkerUtilisation, percent);
    if cells.iter().any(|cell| cell.row.measures.value(Measure::CoreUtilisation) > Some(0.0)) {
        add("cores busy", Measure::CoreUtilisation, percent);
    }
    columns.push(Column::words("", (0..cells.len()).map(|at| note(cells, at)).collect()));
    grid::plain(&columns)
}

fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// How many answers are listed.
const LISTED: usize = 6;

fn responses(cell: &StoryCell<'_>) -> Vec<f64> {
    let served = cell.visits.iter().filter(|visit| visit.outcome == Outcome::Served);
    let mut times: Vec<f64> = served.map(|visit| visit.response().as_secs_f64()).collect();
    times.sort_by(f64::total_cmp);
    times
}

fn ordinals(cells: &[StoryCell<'_>]) -> String {
    let most = cells.iter().map(|cell| cell.visits.len()).max().unwrap_or(0);
    match most {
        0 | 1 => String::new(),
        2 => " (1st, 2nd)".to_owned(),
        3 => " (1st, 2nd, 3rd)".to_owned(),
        n if n <= LISTED => format!(" (1st … {n}th)"),
        _ => " (1st, 2nd … last)".to_owned(),
    }
}

fn answers(cell: &StoryCell<'_>) -> String {
    let times = responses(cell);
    let refused = cell.visits.len() - times.len();
    let mut texts: Vec<String> = times.iter().map(|seconds| time(*seconds)).collect();
    if texts.len() > LISTED {
        let last = texts.pop().unwrap_or_default();
        texts.truncate(LISTED - 2);
        texts.push("…".to_owned());
        texts.push(last);
    }
    if refused > 0 {
        texts.push(format!("{refused} not served"));
    }
    let width = texts.iter().map(|text| text.chars().count()).max().unwrap_or(0);
    texts.iter().map(|text| format!("{text:>width$}")).collect::<Vec<_>>().join("   ")
}

/// What there is to say of a row beside its numbers.
fn note(cells: &[StoryCell<'_>], at: usize) -> String {
    let cell = &cells[at];
    let row = cell.row;
    let all = responses(cell);
    let same = cells[..at].iter().any(|earlier| {
        let (a, b) = (&earlier.row.axes, &row.axes);
        a.cores == b.cores
            && a.case == b.case
            && a.clients == b.clients
            && responses(earlier) == all
    });
    let slots = u64::from(row.axes.workers) * u64::from(row.axes.threads);
    let idle = slots.saturating_sub(most_at_once(&cell.visits));
    let waits = row.measures.value(Measure::WaitMax).unwrap_or(0.0) > 0.0;
    match (same, waits, idle) {
        (true, _, 0) => "same times".to_owned(),
        (true, _, idle) => format!("same times, {idle} idle"),
        (false, false, 0) => stretched(cell).unwrap_or_else(|| "nobody waits".to_owned()),
        (false, false, idle) => {
            let text = stretched(cell).unwrap_or_else(|| "nobody waits".to_owned());
            format!("{text}, {idle} idle")
        }
        _ => String::new(),
    }
}

/// Says that requests took longer than they ask for, if cores were short.
fn stretched(cell: &StoryCell<'_>) -> Option<String> {
    let slowed = cell.visits.iter().any(|visit| {
        visit.outcome == Outcome::Served && visit.departure.since(visit.start) > visit.cpu
    });
    let cores = cell.row.measures.value(Measure::CoreUtilisation)?;
    (slowed && cores > 0.999).then(|| "nobody waits for a worker, all wait for a core".to_owned())
}

/// The most requests in service at once.
fn most_at_once(visits: &[Visit]) -> u64 {
    let served = || visits.iter().filter(|visit| visit.outcome == Outcome::Served);
    let at = |visit: &Visit| {
        served().filter(|v| v.start <= visit.start && visit.start < v.departure).count() as u64
    };
    served().map(at).max().unwrap_or(0)
}

/// Timelines of the cells that differ, one line a request, all on one scale.
pub fn timelines(cells: &[StoryCell<'_>]) -> String {
    let mut shown: Vec<&StoryCell<'_>> = Vec::new();
    for cell in cells {
        if !shown.iter().any(|other| same_times(other, cell)) {
            shown.push(cell);
        }
    }
    let hidden = shown.len().saturating_sub(MOST_TIMELINES);
    shown.truncate(MOST_TIMELINES);
    let end = shown.iter().flat_map(|cell| &cell.visits).map(|visit| visit.departure.as_secs_f64());
    let end = end.fold(0.0, f64::max);
    let cores_vary = shown.iter().any(|cell| cell.row.axes.cores != shown[0].row.axes.cores);
    let clients = cells.iter().any(|cell| cell.row.axes.clients.is_some());
    let mut text = String::new();
    for cell in &shown {
        text += &timeline(cell, end, cores_vary, clients);
    }
    if hidden > 0 {
        let _ = writeln!(
            text,
            "  … and {} (draw all with --plot DIR)",
            plural(hidden as u64, "more timeline")
        );
    }
    text
}

fn same_times(a: &StoryCell<'_>, b: &StoryCell<'_>) -> bool {
    let times = |cell: &StoryCell<'_>| {
        cell.visits.iter().map(|v| (v.arrival, v.start, v.departure)).collect::<Vec<_>>()
    };
    times(a) == times(b)
}

fn timeline(cell: &StoryCell<'_>, end: f64, with_cores: bool, clients: bool) -> String {
    let label = label(&cell.row.axes, with_cores);
    let indent = " ".repeat(label.chars().count());
    let width = cell.visits.len().to_string().len();
    let (waiting, served) = ("·", "█");
    let mut text = String::new();
    for (at, visit) in cell.visits.iter().enumerate() {
        let head = if at == 0 { &label } else { &indent };
        let (who, number) = if clients {
            ("user", u64::from(visit.client) + 1)
        } else {
            ("request", visit.request + 1)
        };
        let column = |time: crate::time::Time| {
            let share = if end > 0.0 { time.as_secs_f64() / end } else { 0.0 };
            (share * WIDTH as f64).round() as usize
        };
        let (arrival, start, departure) =
            (column(visit.arrival), column(visit.start), column(visit.departure));
        let bar = format!(
            "{}{}{}",
            " ".repeat(arrival),
            waiting.repeat(start.saturating_sub(arrival)),
            served.repeat(departure.saturating_sub(start)),
        );
        let after = match visit.outcome {
            Outcome::Served => time(visit.response().as_secs_f64()),
            Outcome::Refused => "refused".to_owned(),
            Outcome::TimedOut => format!("left after {}", time(visit.wait().as_secs_f64())),
        };
        let _ = writeln!(text, "  {head}   {who} {number:<width$}  {bar}  {after}");
    }
    let legend = format!("{waiting} waiting   {served} being served");
    let _ = writeln!(text, "  {indent}   {legend}\n");
    text
}

/// The cell of a timeline in words.
pub fn label(axes: &Axes, with_cores: bool) -> String {
    let mut label = plural(u64::from(axes.workers), "worker");
    if axes.threads > 1 {
        let _ = write!(label, " x {}", plural(u64::from(axes.threads), "thread"));
    }
    if with_cores {
        let unit = if axes.cores == 1.0 { "core" } else { "cores" };
        let _ = write!(label, ", {} {unit}", significant(axes.cores));
    }
    if let Some(case) = &axes.case {
        let _ = write!(label, ", {case}");
    }
    label
}

//! Runs against time: what was answered, what waited, who was away.

use super::along::{Along, common, grouped};
use super::axis::{Axis, range};
use super::grid;
use super::page::Page;
use super::palette::{BAND, MOST_LINES, Style, line_style};
use super::panel::{Dot, Panel, PlotLine, Sign};
use super::words::title;
use super::{ChartError, Sheet};
use crate::experiment::row::{Row, Unit};
use crate::experiment::timeseries::{Series, TimeSeries};
use crate::time::{Span, Time};

/// Stretches of time that have a point each.
const STRETCHES: usize = 120;

/// One run of one cell, or several.
#[derive(Clone, Debug)]
pub(crate) struct ChartRun<'a> {
    /// What tells the cell from others.
    pub(crate) row: &'a Row,
    /// What happened.
    pub(crate) course: TimeSeries,
    /// From when to when its load is another than usual, if that happens once.
    pub(crate) event: Option<(Span, Span)>,
    /// Until when requests came that count.
    pub(crate) until: Time,
}

/// A panel for each of `shown`, one below the other over one axis of time, with a line for each
/// cell. A spike or steps of the load are shaded.
///
/// # Errors
/// If there is no cell, or nothing to be drawn.
pub(crate) fn over_time(
    cells: &[ChartRun<'_>],
    shown: &[Series],
) -> Result<Sheet<'static>, ChartError> {
    let mut notes = vec![runs(cells)];
    if cells.len() > MOST_LINES {
        notes.push(format!("The first {MOST_LINES} of {} cells are shown.", cells.len()));
    }
    let cells = &cells[..cells.len().min(MOST_LINES)];
    let rows: Vec<&Row> = cells.iter().map(|cell| cell.row).collect();
    let labels = labels(&rows);
    let Some(until) = cells.iter().map(end).max().filter(|until| *until > Time::ZERO) else {
        return Err(ChartError::NoValues("visit"));
    };
    let panel = |(level, aspect): (usize, &Series)| {
        let line = |(number, (cell, label)): (usize, (&ChartRun<'_>, &String))| {
            let points = cell.course.points(*aspect, end(cell), STRETCHES);
            let style = line_style(number);
            // A line of one point would not be seen: all requests of a story may come at once.
            let mark = style.mark.filter(|_| points.len() == 1);
            let dots = points.into_iter().map(|(x, y)| Dot { x, y, half: None });
            PlotLine::new(label, Style { mark, ..style }, dots)
        };
        let lines: Vec<PlotLine> = cells.iter().zip(&labels).enumerate().map(line).collect();
        let words = if level + 1 == shown.len() { "time" } else { "" };
        let mut x = Axis::seconds(words, 0.0, until.as_secs_f64());
        if words.is_empty() {
            x.title = String::new();
        }
        let extent: Vec<f64> = lines.iter().flat_map(PlotLine::extent).collect();
        let mut panel = Panel::new(name(*aspect), x, y_axis(*aspect, extent), lines);
        panel.signs.extend(event(cells));
        panel
    };
    let panels: Vec<Panel> = shown.iter().enumerate().map(panel).collect();
    if panels.iter().flat_map(|panel| &panel.lines).all(|line| line.dots.is_empty()) {
        return Err(ChartError::NoValues("value over time"));
    }
    let names: Vec<&str> = shown.iter().copied().map(name).collect();
    let title = title(&names.join(", "), &common(&rows));
    let page = Page { name: "over-time".to_owned(), title, keys: vec![], notes };
    Ok(grid::sheet(page, vec![panels]))
}

/// How many runs are drawn.
fn runs(cells: &[ChartRun<'_>]) -> String {
    match cells.iter().map(|cell| cell.course.runs()).max() {
        Some(runs) if runs > 1 => format!(
            "Averages over {runs} replications of each cell; percentiles are those of all their \
             requests."
        ),
        _ => "The first replication of each cell.".to_owned(),
    }
}

/// Until when a cell is drawn.
fn end(cell: &ChartRun<'_>) -> Time {
    if cell.until == Time::MAX { cell.course.end() } else { cell.until }
}

/// The cells by what they differ in.
fn labels(rows: &[&Row]) -> Vec<String> {
    let groups = grouped(rows, &Along::ALL);
    let label = |row: &&Row| {
        let own = |group: &&super::along::RowGroup<'_>| {
            group.rows.iter().any(|other| std::ptr::eq(*other, *row))
        };
        groups.iter().find(own).map_or(String::new(), |group| group.label.clone())
    };
    rows.iter().map(label).collect()
}

fn name(aspect: Series) -> &'static str {
    match aspect {
        Series::Response => "p95 response time, by arrival time",
        Series::Answered => "answered",
        Series::Tries => "attempts, including retries",
        Series::Backlog => "waiting for a worker",
        Series::Away => "workers restarting",
    }
}

fn y_axis(aspect: Series, extent: Vec<f64>) -> Axis {
    match aspect {
        Series::Response => Axis::measure("response", Unit::Seconds, extent),
        Series::Answered | Series::Tries => Axis::measure("", Unit::PerSecond, extent).untitled(),
        Series::Backlog => Axis::measure("", Unit::Requests, extent).untitled(),
        Series::Away => {
            let most = range(extent).map_or(1.0, |(_, most)| most.max(1.0));
            Axis::numbers("processes", 0.0, most * 1.1)
        }
    }
}

/// What the load does once: the same for all cells, or nothing.
fn event(cells: &[ChartRun<'_>]) -> Option<Sign> {
    let (from, to) = cells.iter().find_map(|cell| cell.event)?;
    let same = |cell: &ChartRun<'_>| cell.event.is_none_or(|other| other == (from, to));
    let [from, to] = [from, to].map(Span::as_secs_f64);
    cells.iter().all(same).then_some(Sign::Band { from, to, ink: BAND })
}

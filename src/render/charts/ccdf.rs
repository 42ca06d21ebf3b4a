//! Share of requests slower than a time: the complementary distribution, cell by cell.

use super::along::{common, grouped};
use super::axis::{Axis, LOG_FROM, drawable, range};
use super::canvas::Frame;
use super::page::{Page, WIDTH};
use super::palette::{MOST_LINES, line_style};
use super::panel::{Dot, Panel, PlotLine};
use super::words::title;
use super::{Along, ChartError, Sheet};
use crate::experiment::row::{Row, Stability, Verdict};
use crate::render::spread::spread;

/// More marks than these would run into each other.
const MOST_MARKS: usize = 20;

/// The share of requests slower than x than a time, one line per cell, with guides at p50, p95
/// and p99.
///
/// # Errors
/// If no row has a distribution.
pub(crate) fn ccdf(rows: &[Row]) -> Result<Sheet<'static>, ChartError> {
    let all: Vec<&Row> = rows.iter().collect();
    let seen: Vec<&Row> = all.iter().copied().filter(|row| !points(row).is_empty()).collect();
    if seen.is_empty() {
        return Err(ChartError::NoValues("distribution of response times"));
    }
    let (shown, notes) = (at_most(&seen, MOST_LINES), notes(&all, seen.len()));
    let groups = grouped(&seen, &Along::ALL);
    let label = |row: &Row| {
        let own =
            groups.iter().find(|group| group.rows.iter().any(|other| std::ptr::eq(*other, row)));
        own.map_or(String::new(), |group| group.label.clone())
    };
    let lines: Vec<PlotLine> =
        shown.iter().enumerate().map(|(number, row)| line(row, &label(row), number)).collect();
    let x = time_axis(&lines);
    let lines: Vec<PlotLine> =
        lines.into_iter().map(|line| from_edge(line, x.scale.value(0.0))).collect();
    let smallest = range(lines.iter().flat_map(|line| line.dots.iter().map(|dot| dot.y)));
    let smallest = smallest.map_or(1e-3, |(low, _)| low.clamp(1e-6, 0.5));
    let y = Axis::log_shares("share of requests slower than x", smallest);
    let panel = panel(x, y, lines);
    let keys = match panel.lines.len() {
        1 => vec![],
        _ => panel.lines.iter().map(PlotLine::key).collect(),
    };
    let title = title("Share of requests slower than x", &common(&seen));
    let page = Page { name: "response-ccdf".to_owned(), title, keys, notes };
    Ok(Sheet::new(page, (WIDTH, 410.0), move |scene, body: Frame| panel.draw(scene, body)))
}

fn panel(x: Axis, y: Axis, lines: Vec<PlotLine>) -> Panel {
    let mut panel = Panel::new("", x, y, lines);
    let guides = [(0.5, "p50"), (0.05, "p95"), (0.01, "p99")];
    panel.levels = guides.map(|(share, words)| (share, words.to_owned())).to_vec();
    panel
}

/// The points that can be drawn: a share above zero.
fn points(row: &Row) -> Vec<(f64, f64)> {
    if row.stability == Stability::No {
        return vec![];
    }
    let seen = |(share, time): &(f64, f64)| {
        drawable(*share) && *share > 0.0 && *share <= 1.0 && drawable(*time) && *time >= 0.0
    };
    row.response_ccdf.iter().copied().filter(seen).collect()
}

fn line(row: &Row, label: &str, number: usize) -> PlotLine {
    // Marks would hide a curve of many points: dashes and colour tell the lines apart.
    let style = line_style(number);
    let points = points(row);
    let style = if points.len() > MOST_MARKS {
        super::palette::Style { mark: None, ..style }
    } else {
        style
    };
    PlotLine::new(
        label,
        style,
        points.into_iter().map(|(share, time)| Dot { x: time, y: share, half: None }),
    )
}

/// The axis of time from a little below what 5 % of the requests are quicker than: the quickest
/// would take most of a logarithmic axis and are nobody's question.
fn time_axis(lines: &[PlotLine]) -> Axis {
    let slower = |line: &PlotLine| line.dots.iter().find(|dot| dot.y <= 0.95).map(|dot| dot.x);
    let low = range(lines.iter().filter_map(slower)).map_or(0.0, |(low, _)| low * 0.7);
    let high = range(lines.iter().flat_map(|line| line.dots.iter().map(|dot| dot.x)));
    let high = high.map_or(1.0, |(_, high)| high);
    match low > 0.0 && high / low > LOG_FROM {
        true => Axis::log_seconds("response time", low, high),
        false => Axis::seconds("response time", 0.0, high * 1.03),
    }
}

/// The line from the left edge of the plot on, where it is cut.
fn from_edge(mut line: PlotLine, edge: f64) -> PlotLine {
    let first = line.dots.partition_point(|dot| dot.x < edge);
    if edge > 0.0 && (1..line.dots.len()).contains(&first) {
        let (before, after) = (line.dots[first - 1], line.dots[first]);
        let part = (edge - before.x) / (after.x - before.x);
        let y = before.y + part * (after.y - before.y);
        line.dots[first - 1] = Dot { x: edge, y, half: None };
        line.dots.drain(..first - 1);
    }
    line
}

/// At most `most` of `rows`: the named ones, and others evenly spread, the first and the last among
/// them.
fn at_most<'a>(rows: &[&'a Row], most: usize) -> Vec<&'a Row> {
    let count = rows.len();
    if count <= most {
        return rows.to_vec();
    }
    let named = |at: &usize| rows[*at].verdict() == Some(Verdict::Named);
    let all: Vec<usize> = (0..count).filter(named).collect();
    let mut shown: Vec<usize> =
        spread(all.len(), all.len().min(most / 2)).map(|at| all[at]).collect();
    for at in spread(count, most) {
        if shown.len() < most && !shown.contains(&at) {
            shown.push(at);
        }
    }
    shown.sort_unstable();
    shown.into_iter().map(|at| rows[at]).collect()
}

fn notes(all: &[&Row], seen: usize) -> Vec<String> {
    let mut notes = Vec::new();
    if seen > MOST_LINES {
        notes.push(format!(
            "{MOST_LINES} of {seen} cells are shown: those that are named, others evenly spread."
        ));
    }
    match all.iter().filter(|row| row.stability == Stability::No).count() {
        0 => (),
        1 => notes.push("1 cell is overloaded and has no distribution.".to_owned()),
        never => notes.push(format!("{never} cells are overloaded and have no distribution.")),
    }
    notes
}

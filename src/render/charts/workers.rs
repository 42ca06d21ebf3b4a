//! Response time, waiting time, throughput and utilisation by number of workers.

use super::along::{Along, RowGroup, common, grouped_but};
use super::axis::{Axis, LOG_FROM, drawable, range};
use super::grid;
use super::number;
use super::page::{LegendEntry, LegendSample, Page};
use super::palette::{BAND, ORANGE, Style, line_style};
use super::panel::{Dot, Never, Panel, PlotLine, Sign};
use super::words::{brief_name, measure_name, title};
use super::{ChartError, Sheet};
use crate::experiment::row::{Measure, Row, Stability, Unit};

/// The least share of the longest time that is worth a place on an axis of factors.
const FEWEST_SHARE: f64 = 1e-5;

/// Measures of one kind of time, each with the style of its line: the same by workers and by load.
#[derive(Clone, Copy, Debug)]
pub(super) struct Times {
    name: &'static str,
    tail: [(Measure, usize); 2],
    longest: (Measure, usize),
    middle: [(Measure, usize); 2],
}

/// From arrival to departure.
pub(super) const RESPONSE: Times = Times {
    name: "response time",
    tail: [(Measure::ResponseP99, 1), (Measure::ResponseP95, 0)],
    longest: (Measure::ResponseMax, 1),
    middle: [(Measure::ResponseMean, 6), (Measure::ResponseP50, 2)],
};

/// From arrival to start.
const WAIT: Times = Times {
    name: "waiting time",
    tail: [(Measure::WaitP99, 1), (Measure::WaitP95, 0)],
    longest: (Measure::WaitMax, 1),
    middle: [(Measure::WaitMean, 6), (Measure::WaitP50, 2)],
};

/// Response times (mean, p50, p95, p99; in finite stories mean, p50 and the longest) by number of
/// workers, with their intervals and the rules of thumb for the number of workers.
///
/// # Errors
/// If the rows do not differ in workers, or none has a response time.
pub(crate) fn response_by_workers(rows: &[Row]) -> Result<Sheet<'static>, ChartError> {
    times_by_workers(rows, RESPONSE, "response-by-workers")
}

/// The same for waiting times: how long until a worker takes the request.
///
/// # Errors
/// If the rows do not differ in workers, or none has a waiting time.
pub(crate) fn wait_by_workers(rows: &[Row]) -> Result<Sheet<'static>, ChartError> {
    times_by_workers(rows, WAIT, "wait-by-workers")
}

fn times_by_workers(rows: &[Row], times: Times, name: &str) -> Result<Sheet<'static>, ChartError> {
    let rows: Vec<&Row> = rows.iter().collect();
    let xs = worker_counts(&rows)?;
    let finite = rows.iter().all(|row| row.is_story());
    let (mut groups, mut notes) = (grouped_but(&rows, &[Along::Workers]), Vec::new());
    grid::limited(&mut groups, &mut notes);
    let lines: Vec<Vec<PlotLine>> =
        groups.iter().map(|group| time_lines(&group.rows, times, Along::Workers, finite)).collect();
    if lines.iter().flatten().all(|line| line.dots.is_empty()) {
        return Err(ChartError::NoValues(times.name));
    }
    let extent: Vec<f64> = lines.iter().flatten().flat_map(PlotLine::extent).collect();
    let (lines, y) = on_a_scale(times.name, lines, &extent, &mut notes);
    let panel = |(group, lines): (&RowGroup, Vec<PlotLine>)| {
        let x = Axis::counts("workers", &xs);
        let mut panel = Panel::new(&group.label, x, y.clone(), lines);
        panel.signs = rules_of_thumb(&group.rows, &panel.x);
        panel.never = never(&group.rows, Along::Workers, true);
        panel.unfit = unfit(&group.rows, Along::Workers);
        vec![panel]
    };
    let blocks: Vec<Vec<Panel>> = groups.iter().zip(lines).map(panel).collect();
    notes.extend(interval_note(&blocks));
    let title = title(&format!("{} by number of workers", times.name), &common(&rows));
    let name = name.to_owned();
    let keys = thumb_keys(&blocks);
    Ok(grid::sheet(Page { name, title, keys, notes }, blocks))
}

/// The axis for `lines`. Where times span factors but some are zero, which has no place on such an
/// axis, zeros stand at its foot and a note says so.
fn on_a_scale(
    name: &str,
    mut lines: Vec<Vec<PlotLine>>,
    extent: &[f64],
    notes: &mut Vec<String>,
) -> (Vec<Vec<PlotLine>>, Axis) {
    let above = range(extent.iter().copied().filter(|value| *value > 0.0));
    let zero = extent.iter().any(|value| *value <= 0.0);
    match above.map(|(low, high)| (low.max(high * FEWEST_SHARE), high)) {
        Some((low, high)) if zero && high / low > LOG_FROM => {
            let foot = low / 2.0;
            for dot in lines.iter_mut().flatten().flat_map(|line| &mut line.dots) {
                if dot.y < foot {
                    *dot = Dot { y: foot, half: None, ..*dot };
                }
            }
            notes.push(format!(
                "Points at ≈ 0 are below {}, most of them 0.",
                number::seconds(low, 2)
            ));
            let mut axis = Axis::log_seconds(name, foot, high);
            axis.ticks.retain(|(value, _)| *value > 1.5 * foot);
            axis.ticks.insert(0, (foot, "≈ 0".to_owned()));
            (lines, axis)
        }
        _ => (lines, Axis::measure(name, Unit::Seconds, extent.iter().copied())),
    }
}

/// Throughput by number of workers, and below it how busy cores and workers are.
///
/// # Errors
/// If the rows do not differ in workers, or none has a throughput.
pub(crate) fn throughput_by_workers(rows: &[Row]) -> Result<Sheet<'static>, ChartError> {
    let rows: Vec<&Row> = rows.iter().collect();
    let xs = worker_counts(&rows)?;
    let (mut groups, mut notes) = (grouped_but(&rows, &[Along::Workers]), Vec::new());
    grid::limited(&mut groups, &mut notes);
    let rates: Vec<PlotLine> = groups
        .iter()
        .map(|group| {
            measured(&group.rows, Along::Workers, Measure::Throughput, line_style(0), true)
        })
        .collect();
    if rates.iter().all(|line| line.dots.is_empty()) {
        return Err(ChartError::NoValues("throughput"));
    }
    let offered = rows.iter().filter_map(|row| row.axes.rate_per_s);
    let extent = rates.iter().flat_map(PlotLine::extent).chain(offered);
    let y = Axis::measure("throughput", Unit::PerSecond, extent);
    let blocks: Vec<Vec<Panel>> = groups
        .iter()
        .zip(rates)
        .map(|(group, rate)| vec![rate_panel(group, &xs, &y, rate), busy_panel(group, &xs)])
        .collect();
    notes.extend(interval_note(&blocks));
    let title = title("throughput and utilisation by number of workers", &common(&rows));
    let name = "throughput-by-workers".to_owned();
    Ok(grid::sheet(Page { name, title, keys: vec![], notes }, blocks))
}

fn rate_panel(group: &RowGroup, xs: &[f64], y: &Axis, line: PlotLine) -> Panel {
    let mut panel = Panel::new(&group.label, Axis::counts("", xs), y.clone(), vec![line]);
    let offered = group.rows.first().and_then(|row| row.axes.rate_per_s);
    panel
        .levels
        .extend(offered.map(|rate| (rate, format!("offered {}/s", number::short(rate, 3)))));
    panel.never = never(&group.rows, Along::Workers, false);
    panel.unfit = unfit(&group.rows, Along::Workers);
    panel
}

fn busy_panel(group: &RowGroup, xs: &[f64]) -> Panel {
    let busy = [("cores", Measure::CoreUtilisation, 1), ("workers", Measure::WorkerUtilisation, 2)];
    let lines: Vec<PlotLine> = busy
        .into_iter()
        .map(|(name, measure, style)| {
            let line = measured(&group.rows, Along::Workers, measure, line_style(style), true);
            PlotLine { label: format!("{name} busy"), ..line }
        })
        .collect();
    let extent: Vec<f64> = lines.iter().flat_map(PlotLine::extent).chain([1.0]).collect();
    let y = Axis::measure("utilisation", Unit::Share, extent);
    let mut panel = Panel::new("", Axis::counts("workers", xs), y, lines);
    panel.never = never(&group.rows, Along::Workers, false);
    panel.unfit = unfit(&group.rows, Along::Workers);
    panel
}

/// The numbers of workers, of which there must be two.
fn worker_counts(rows: &[&Row]) -> Result<Vec<f64>, ChartError> {
    let counts: Vec<f64> = rows.iter().map(|row| f64::from(row.axes.workers)).collect();
    match counts.windows(2).any(|pair| pair[0] != pair[1]) {
        true => Ok(counts),
        false => Err(ChartError::NeedsTwo { along: Along::Workers, option: "--workers 1,2,4,8" }),
    }
}

/// Lines of a kind of time, upper ones first.
pub(super) fn time_lines(rows: &[&Row], times: Times, along: Along, finite: bool) -> Vec<PlotLine> {
    let longest = [times.longest];
    let upper = if finite { &longest[..] } else { &times.tail[..] };
    let measures = upper.iter().chain(&times.middle);
    measures
        .map(|(measure, style)| measured(rows, along, *measure, line_style(*style), false))
        .filter(|line| !line.dots.is_empty())
        .collect()
}

/// A measure of `rows` along an axis. An overloaded cell has no steady state to measure,
/// except how much it answers and how busy it is (`also_unstable`).
pub(super) fn measured(
    rows: &[&Row],
    along: Along,
    measure: Measure,
    style: Style,
    also_unstable: bool,
) -> PlotLine {
    let counts = |row: &&&Row| also_unstable || row.stability != Stability::No;
    let dots = rows.iter().filter(counts).filter_map(|row| {
        let estimate = row.measures.get(measure)?;
        Some(Dot { x: along.number(&row.axes)?, y: estimate.value, half: estimate.half_width })
    });
    let name = match also_unstable {
        true => measure_name(measure),
        false => brief_name(measure),
    };
    PlotLine::new(name, style, dots)
}

/// Where `rows` are overloaded along an axis.
pub(super) fn never(rows: &[&Row], along: Along, in_words: bool) -> Never {
    Never { in_words, ..where_so(rows, along, |row| row.stability == Stability::No) }
}

fn where_so(rows: &[&Row], along: Along, so: impl Fn(&Row) -> bool) -> Never {
    let places = |rows: Vec<&&Row>| -> Vec<f64> {
        let numbers = rows.into_iter().filter_map(|row| along.number(&row.axes));
        numbers.filter(|value| drawable(*value)).collect()
    };
    let at = places(rows.iter().filter(|row| so(row)).collect());
    Never { at, all: places(rows.iter().collect()), in_words: false, from: None }
}

/// Where the processes of `rows` do not fit into the memory along an axis.
pub(super) fn unfit(rows: &[&Row], along: Along) -> Never {
    where_so(rows, along, |row| !row.fits())
}

/// What people are told about the number of workers, where it falls on the axis.
fn rules_of_thumb(rows: &[&Row], x: &Axis) -> Vec<Sign> {
    let Some(cores) = rows.first().map(|row| row.axes.cores) else { return vec![] };
    if !drawable(cores) || cores <= 0.0 || rows.iter().any(|row| row.axes.cores != cores) {
        return vec![];
    }
    let mut signs = Vec::new();
    let (from, to, at) = (2.0 * cores, 4.0 * cores, 2.0 * cores + 1.0);
    if x.scale.value(1.0) > from && x.scale.value(0.0) < to {
        signs.push(Sign::Band { from, to, ink: BAND });
    }
    if x.scale.holds(at) {
        signs.push(Sign::Rule { at, words: String::new(), ink: ORANGE });
    }
    signs
}

/// The key of the rules of thumb, with their figures if there is but one panel.
fn thumb_keys(blocks: &[Vec<Panel>]) -> Vec<LegendEntry> {
    let signs = || blocks.iter().flatten().flat_map(|panel| &panel.signs);
    let figures = |words: String| if blocks.len() == 1 { words } else { String::new() };
    let band = signs().find_map(|sign| match sign {
        Sign::Band { from, to, .. } => {
            let (from, to) = (number::short(*from, 3), number::short(*to, 3));
            let words = format!("2–4 × cores{}", figures(format!(": {from}–{to}")));
            Some(LegendEntry::new(&words, LegendSample::Box(BAND)))
        }
        Sign::Rule { .. } => None,
    });
    let rule = signs().find_map(|sign| match sign {
        Sign::Rule { at, ink, .. } => {
            let words = format!("2 × cores + 1{}", figures(format!(": {}", number::short(*at, 3))));
            Some(LegendEntry::new(&words, LegendSample::Rule(*ink)))
        }
        Sign::Band { .. } => None,
    });
    band.into_iter().chain(rule).collect()
}

/// What the bars around the points mean, if there are any.
pub(super) fn interval_note(blocks: &[Vec<Panel>]) -> Option<String> {
    let lines = blocks.iter().flatten().flat_map(|panel| &panel.lines);
    let any = lines.flat_map(|line| &line.dots).any(|dot| dot.half.is_some_and(|half| half > 0.0));
    any.then(|| {
        "Bars around points are confidence intervals; a missing bar is smaller than its mark."
            .to_owned()
    })
}

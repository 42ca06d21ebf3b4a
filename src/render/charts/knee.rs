//! Response time against load: flat at first, then the knee.

use super::along::{Along, RowGroup, common, grouped_but};
use super::axis::{Axis, drawable, range};
use super::grid;
use super::number;
use super::page::Page;
use super::palette::{THEORY, VERMILLION};
use super::panel::{Dot, Never, Panel, PlotLine, Sign};
use super::words::{brief_name, title};
use super::workers::{RESPONSE, interval_note, never, time_lines};
use super::{ChartError, Sheet};
use crate::experiment::row::{Measure, Row, Stability, Unit};

/// Points of a theory's curve.
const CURVE_POINTS: u32 = 240;

/// Response times (mean, p50, p95, p99) by arrival rate, the theory's mean dashed, and the
/// capacity where some rates are overloaded.
///
/// `theory` gives the mean response time in seconds for a rate per second, and is drawn if the
/// rows differ in nothing but the rate; without it the curve runs through the rows' own values
/// of theory.
///
/// # Errors
/// If the rows do not differ in the rate, or none has a response time.
pub(crate) fn knee(
    rows: &[Row],
    theory: Option<&dyn Fn(f64) -> f64>,
) -> Result<Sheet<'static>, ChartError> {
    let rows: Vec<&Row> = rows.iter().filter(|row| row.axes.rate_per_s.is_some()).collect();
    let xs = rows.iter().filter_map(|row| row.axes.rate_per_s);
    let Some((low, high)) = range(xs).filter(|(low, high)| low < high) else {
        return Err(ChartError::NeedsTwo { along: Along::Rate, option: "--rate 20/s,40/s,60/s" });
    };
    let (mut groups, mut notes) = (grouped_but(&rows, &[Along::Rate]), Vec::new());
    grid::limited(&mut groups, &mut notes);
    let mut lines: Vec<Vec<PlotLine>> =
        groups.iter().map(|group| time_lines(&group.rows, RESPONSE, Along::Rate, false)).collect();
    if lines.iter().flatten().all(|line| line.dots.is_empty()) {
        return Err(ChartError::NoValues("response time"));
    }
    // The theory grows without bound towards the capacity: the simulated points set the range.
    let extent: Vec<f64> = lines.iter().flatten().flat_map(PlotLine::extent).collect();
    let y = Axis::measure("response time", Unit::Seconds, extent);
    let theory = theory.filter(|_| groups.len() == 1);
    for (group, lines) in groups.iter().zip(&mut lines) {
        let curve = theory_line(&group.rows, theory, (low, high));
        let mean = lines.iter_mut().find(|line| line.label == brief_name(Measure::ResponseMean));
        // Straight pieces between the simulated means would seem to differ from the curve.
        mean.into_iter().for_each(|mean| mean.joined = curve.is_none());
        lines.extend(curve);
    }
    let panel = |(group, lines): (&RowGroup, Vec<PlotLine>)| {
        let margin = (high - low) * 0.04;
        let x = Axis::numbers("offered load, requests/s", (low - margin).max(0.0), high + margin);
        let mut panel = Panel::new(&group.label, x, y.clone(), lines);
        panel.signs.extend(capacity_sign(&group.rows, &panel.x));
        let from = capacity(&group.rows).map(|(at, _)| at);
        panel.never = Never { from, ..never(&group.rows, Along::Rate, true) };
        vec![panel]
    };
    let blocks: Vec<Vec<Panel>> = groups.iter().zip(lines).map(panel).collect();
    notes.extend(interval_note(&blocks));
    let title = title("response time by load", &common(&rows));
    Ok(grid::sheet(Page { name: "knee".to_owned(), title, keys: vec![], notes }, blocks))
}

/// The theory's mean as a dashed curve.
fn theory_line(
    rows: &[&Row],
    theory: Option<&dyn Fn(f64) -> f64>,
    (low, high): (f64, f64),
) -> Option<PlotLine> {
    let dot = |x: f64, y: f64| Dot { x, y, half: None };
    let dots: Vec<Dot> = match theory {
        Some(theory) => (0..=CURVE_POINTS)
            .map(|step| low + (high - low) * f64::from(step) / f64::from(CURVE_POINTS))
            .map(|x| dot(x, theory(x)))
            .filter(|dot| dot.y > 0.0)
            .collect(),
        None => rows
            .iter()
            .filter(|row| row.stability != Stability::No)
            .filter_map(|row| Some(dot(row.axes.rate_per_s?, row.theory_response_mean_s?)))
            .filter(|dot| dot.y > 0.0)
            .collect(),
    };
    let line = PlotLine::new("mean (theory)", THEORY, dots);
    (line.dots.len() > 1).then_some(line)
}

/// A line at the capacity, if some rows are overloaded.
fn capacity_sign(rows: &[&Row], x: &Axis) -> Option<Sign> {
    let (at, exact) = capacity(rows)?;
    let about = if exact { "=" } else { "≈" };
    let words = format!("capacity {about} {}/s", number::short(at, 3));
    x.scale.holds(at).then_some(Sign::Rule { at, words, ink: VERMILLION })
}

/// The capacity in requests per second, and whether a row stands exactly on it.
///
/// It lies between the highest rate that settles and the lowest that does not. Within these,
/// what an overloaded cell answers tells it; else the rate over the share of the busiest
/// resource; else the middle of the two.
fn capacity(rows: &[&Row]) -> Option<(f64, bool)> {
    let rates = |stable: bool| {
        let chosen = rows.iter().filter(move |row| (row.stability != Stability::No) == stable);
        range(chosen.filter_map(|row| row.axes.rate_per_s))
    };
    let above = rates(false)?.0;
    let below = rates(true)?.1;
    let within = |rate: &f64| drawable(*rate) && (below..=above * 1.001).contains(rate);
    let answered = rows
        .iter()
        .filter(|row| row.stability == Stability::No)
        .filter_map(|row| row.measures.value(Measure::Throughput))
        .find(within);
    let busiest = || {
        let last = rows.iter().find(|row| row.axes.rate_per_s == Some(below))?;
        let busy = [Measure::CoreUtilisation, Measure::WorkerUtilisation];
        let busy = busy.into_iter().filter_map(|measure| last.measures.value(measure));
        Some(below / busy.fold(0.0, f64::max)).filter(within)
    };
    let guess = answered.or_else(busiest).unwrap_or_else(|| f64::midpoint(below, above));
    Some((guess, guess == above))
}

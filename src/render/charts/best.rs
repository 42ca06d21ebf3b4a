//! The named number of workers along another axis, beside what people are told.

use super::along::{Along, RowGroup, common, grouped, grouped_but, varying};
use super::axis::{Axis, drawable, range};
use super::grid;
use super::page::{LegendEntry, LegendSample, Page};
use super::palette::{BAND, BLUE, DASHED, Ink, ORANGE, Style, line_style};
use super::panel::{Dot, Panel, PlotLine, Ribbon};
use super::words::{measure_name, title};
use super::{ChartError, Sheet};
use crate::experiment::row::{Estimate, Measure, Row, Stability, Verdict};

/// Values so near to the best one are as good in runtime.
const NEAR: f64 = 0.05;

/// Half the width of a bar, of the distance between two cases.
const HALF_A_BAR: f64 = 0.3;

/// The ground of numbers of workers that are as good in runtime.
const GOOD: Ink = BLUE.faint(0.18);

/// Whether less is better, more is better, or neither.
pub(super) const fn better(measure: Measure) -> Option<f64> {
    match measure {
        Measure::Throughput => Some(-1.0),
        Measure::WorkerUtilisation | Measure::CoreUtilisation => None,
        _ => Some(1.0),
    }
}

/// Whether a row is the named one of its group.
pub(super) fn named(row: &Row) -> bool {
    row.verdict() == Some(Verdict::Named)
}

/// The named number of workers for each value of another axis (the cases, else the cores, the
/// clients or the load), with all that come within 5 % of the best by `measure`, and the two rules
/// of thumb: 2 x cores + 1, and 2-4 x cores.
///
/// # Errors
/// If the rows do not differ in workers and in another axis, or none has the measure.
pub(crate) fn best_workers(rows: &[Row], measure: Measure) -> Result<Sheet<'static>, ChartError> {
    let all: Vec<&Row> = rows.iter().collect();
    let differ = varying(&all);
    if !differ.contains(&Along::Workers) {
        let option = "--workers 1,2,4,8";
        return Err(ChartError::NeedsTwo { along: Along::Workers, option });
    }
    let x = [Along::Case, Along::Cores, Along::Clients, Along::Rate]
        .into_iter()
        .find(|along| differ.contains(along))
        .ok_or(ChartError::Same(Along::Case))?;
    let (mut groups, mut notes) = (grouped_but(&all, &[x, Along::Workers]), Vec::new());
    grid::limited(&mut groups, &mut notes);
    let found: Vec<Vec<AxisPlace>> = groups.iter().map(|group| places(group, x, measure)).collect();
    if found.iter().flatten().all(|place| place.good.is_none()) {
        return Err(ChartError::NoValues(measure_name(measure)));
    }
    let y = y_axis(found.iter().flatten());
    let panel =
        |(group, places): (&RowGroup, &Vec<AxisPlace>)| vec![panel(group, x, y.clone(), places)];
    let blocks: Vec<Vec<Panel>> = groups.iter().zip(&found).map(panel).collect();
    let name = measure_name(measure);
    notes.push(format!(
        "By the {name}. Named is the fewest workers that were shown to be good enough; where that \
         was not shown there is no mark. No blue area goes beyond the most workers simulated."
    ));
    let title = title(&format!("best number of workers by {}", x.name()), &common(&all));
    let near = format!("within {:.0} % of the best", NEAR * 100.0);
    let keys = vec![
        LegendEntry::new(&near, LegendSample::Box(GOOD)),
        LegendEntry::new("2–4 × cores", LegendSample::Box(BAND)),
    ];
    let page = Page { name: "best-workers".to_owned(), title, keys, notes };
    Ok(grid::sheet(page, blocks))
}

/// One place of the axis: what was found there and what the rules say.
#[derive(Clone, Debug)]
struct AxisPlace {
    at: f64,
    name: String,
    cores: f64,
    /// The named number of workers.
    best: Option<f64>,
    /// The fewest and the most workers that are as good in runtime.
    good: Option<(f64, f64)>,
}

fn places(group: &RowGroup, x: Along, measure: Measure) -> Vec<AxisPlace> {
    let place = |(number, here): (usize, RowGroup)| {
        let first = here.rows.first()?;
        let settled = |row: &&&Row| row.stability != Stability::No && row.fits();
        let cells: Vec<(f64, Estimate)> = here
            .rows
            .iter()
            .filter(settled)
            .filter_map(|row| Some((f64::from(row.axes.workers), row.measures.get(measure)?)))
            .filter(|(_, estimate)| drawable(estimate.value))
            .collect();
        let best = here.rows.iter().find(|row| named(row)).map(|row| f64::from(row.axes.workers));
        Some(AxisPlace {
            at: x.number(&first.axes).filter(|value| drawable(*value)).unwrap_or(number as f64),
            name: x.phrase(&first.axes).unwrap_or_default(),
            cores: first.axes.cores,
            best,
            good: as_good(&cells, measure),
        })
    };
    let groups = grouped(&group.rows, &[x]).into_iter().enumerate();
    let mut places: Vec<AxisPlace> = groups.filter_map(place).collect();
    places.sort_by(|a, b| a.at.total_cmp(&b.at));
    places
}

/// The ends of the stretch around the best value in which all come near it.
fn as_good(cells: &[(f64, Estimate)], measure: Measure) -> Option<(f64, f64)> {
    let cost = |estimate: &Estimate| better(measure).map(|sign| sign * estimate.value);
    let (_, least) = range(cells.iter().filter_map(|cell| cost(&cell.1)).map(|cost| -cost))?;
    let bound = -least + NEAR * least.abs();
    let near = cells.iter().filter(|cell| cost(&cell.1).is_some_and(|cost| cost <= bound));
    range(near.map(|(workers, _)| *workers))
}

fn x_axis(places: &[AxisPlace], x: Along) -> Axis {
    if x == Along::Case {
        let names: Vec<String> = places.iter().map(|place| place.name.clone()).collect();
        return Axis::names("", &names);
    }
    let values: Vec<f64> = places.iter().map(|place| place.at).collect();
    Axis::counts(x.name(), &values)
}

/// Workers by factors of two.
fn y_axis<'a>(places: impl Iterator<Item = &'a AxisPlace>) -> Axis {
    let seen = places.flat_map(|place| {
        let (low, high) = place.good.unwrap_or((place.cores, place.cores));
        [low, high, 2.0 * place.cores, 4.0 * place.cores]
    });
    let (low, high) = range(seen.filter(|value| *value > 0.0)).unwrap_or((1.0, 8.0));
    let (first, last) = (low.log2().floor() as i32, high.log2().ceil() as i32);
    let last = last.max(first + 1);
    let step = ((last - first) / 10 + 1) as usize;
    let ticks: Vec<f64> = (first..=last).step_by(step).map(|power| 2f64.powi(power)).collect();
    Axis::counts("workers", &ticks)
}

fn panel(group: &RowGroup, x: Along, y: Axis, places: &[AxisPlace]) -> Panel {
    let found =
        places.iter().filter_map(|place| Some(Dot { x: place.at, y: place.best?, half: None }));
    let good: Vec<(f64, f64, f64)> = places
        .iter()
        .filter_map(|place| {
            let (low, high) = place.good?;
            Some((place.at, low, high))
        })
        .collect();
    let rule =
        places.iter().map(|place| Dot { x: place.at, y: 2.0 * place.cores + 1.0, half: None });
    let dashed = Style { ink: ORANGE, mark: None, dashes: DASHED };
    // Between two cases there is nothing, and no line runs across a place without an answer.
    let joined = x != Along::Case && places.iter().all(|place| place.best.is_some());
    let lines = vec![
        PlotLine { joined, ..PlotLine::new("named", line_style(0), found) },
        PlotLine::new("2 × cores + 1", dashed, rule),
    ];
    let mut panel = Panel::new(&group.label, x_axis(places, x), y, lines);
    let band = places.iter().map(|place| (place.at, 2.0 * place.cores, 4.0 * place.cores));
    panel.ribbons = vec![Ribbon { points: band.collect(), ink: BAND }];
    let stretches = if x == Along::Case { bars(&good) } else { vec![good] };
    panel.ribbons.extend(stretches.into_iter().map(|points| Ribbon { points, ink: GOOD }));
    panel
}

/// A bar at each place, for places that have nothing between them.
fn bars(places: &[(f64, f64, f64)]) -> Vec<Vec<(f64, f64, f64)>> {
    let ends = |x: f64| [x - HALF_A_BAR, x + HALF_A_BAR];
    let bar = |&(x, low, high): &(f64, f64, f64)| ends(x).map(|x| (x, low, high)).to_vec();
    places.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_good_in_practice() {
        let cell =
            |workers: f64, value, half| (workers, Estimate { value, half_width: Some(half) });
        let cells = [cell(1.0, 9.0, 0.1), cell(4.0, 3.1, 0.1), cell(8.0, 3.0, 0.1)];
        assert_eq!(as_good(&cells, Measure::ResponseP95), Some((4.0, 8.0)));
        assert_eq!(as_good(&cells, Measure::Throughput), Some((1.0, 1.0)));
        assert_eq!(as_good(&[], Measure::ResponseP95), None);
    }

    /// Between two cases there is nothing, and no line runs across a place without an answer.
    #[test]
    fn only_what_was_found_is_drawn() {
        let place = |at: f64, best| AxisPlace {
            at,
            name: format!("case {at}"),
            cores: 2.0,
            best,
            good: Some((4.0 + at, 8.0)),
        };
        let group = RowGroup { label: String::new(), rows: vec![] };
        let drawn = |x, places: &[AxisPlace]| panel(&group, x, y_axis(places.iter()), places);
        let all = [place(0.0, Some(4.0)), place(1.0, Some(5.0)), place(2.0, Some(6.0))];
        assert!(drawn(Along::Cores, &all).lines[0].joined);
        assert!(!drawn(Along::Case, &all).lines[0].joined);
        let gap = [place(0.0, Some(4.0)), place(1.0, None), place(2.0, Some(6.0))];
        assert!(!drawn(Along::Cores, &gap).lines[0].joined);
        let good: Vec<Ribbon> = drawn(Along::Case, &all).ribbons.split_off(1);
        assert_eq!(good.len(), 3);
        let level = |ribbon: &Ribbon| ribbon.points.windows(2).all(|two| two[0].1 == two[1].1);
        assert!(good.iter().all(level), "{good:?}");
    }
}

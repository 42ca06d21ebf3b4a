//! The general line chart: any measures along any axis of the sweep.

use super::along::{Along, RowGroup, common, grouped, grouped_but};
use super::axis::{Axis, drawable, range};
use super::grid;
use super::page::Page;
use super::palette::{MOST_LINES, Style, line_style};
use super::panel::{Dot, Panel, PlotLine};
use super::words::{axis_name, brief_name, measure_name, title};
use super::workers::{interval_note, never, unfit};
use super::{ChartError, Sheet};
use crate::experiment::row::{Measure, Row, Stability, Unit};
use crate::size::Size;

/// `measures` along an axis, one line for each value of `series`; the axis [`Along::Case`] has its
/// names as places. Measures of different units stand in panels below each other; what differs
/// along further axes in panels of its own.
///
/// # Errors
/// If the rows do not differ along `x`, or none has one of the measures.
pub(crate) fn lines(
    rows: &[Row],
    x: Along,
    measures: &[Measure],
    series: Option<Along>,
) -> Result<Sheet<'static>, ChartError> {
    let rows: Vec<&Row> = rows.iter().filter(|row| x.phrase(&row.axes).is_some()).collect();
    if grouped(&rows, &[x]).len() < 2 {
        return Err(ChartError::Same(x));
    }
    let chart = Chart { x, series, places: places(&rows, x) };
    let used = |measure: &Measure| rows.iter().any(|row| value(row, *measure).is_some());
    let measures: Vec<Measure> = measures.iter().copied().filter(used).collect();
    if measures.is_empty() {
        return Err(ChartError::NoValues("one of the measures asked for"));
    }
    let by = Vec::from_iter([x].into_iter().chain(series));
    let (mut groups, mut notes) = (grouped_but(&rows, &by), Vec::new());
    grid::limited(&mut groups, &mut notes);
    let units = by_unit(&measures);
    let axes: Vec<Axis> = units.iter().map(|measures| chart.y_axis(&groups, measures)).collect();
    let block = |group: &RowGroup| {
        let panels = units.iter().zip(&axes).enumerate();
        panels.map(|(level, (measures, y))| chart.panel(group, measures, y, level)).collect()
    };
    let blocks: Vec<Vec<Panel>> = groups.iter().map(block).collect();
    notes.extend(chart.note(&rows, &units));
    notes.extend(interval_note(&blocks));
    let names: Vec<&str> = units.iter().map(|measures| axis_name(measures)).collect();
    let title = title(&format!("{} by {}", names.join(" and "), x.name()), &common(&rows));
    Ok(grid::sheet(Page { name: name(&names, x), title, keys: vec![], notes }, blocks))
}

fn name(names: &[&str], x: Along) -> String {
    let words = format!("{}-by-{}", names.join("-and-"), x.name());
    words.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "-")
}

/// What of `measure` can be drawn: nothing of a steady state that does not exist, but how much is
/// answered and how busy the server is.
fn value(row: &Row, measure: Measure) -> Option<f64> {
    let also_unstable = matches!(
        measure,
        Measure::Throughput
            | Measure::CoreUtilisation
            | Measure::WorkerUtilisation
            | Measure::RefusedShare
            | Measure::TimedOutShare
            | Measure::Memory
    );
    let value = row.measures.value(measure).filter(|value| drawable(*value))?;
    (also_unstable || row.stability != Stability::No).then_some(value)
}

/// The measures in groups of one unit, in the order of their coming.
fn by_unit(measures: &[Measure]) -> Vec<Vec<Measure>> {
    let mut units: Vec<Vec<Measure>> = Vec::new();
    for measure in measures {
        match units.iter_mut().find(|unit| unit[0].unit() == measure.unit()) {
            Some(unit) => unit.push(*measure),
            None => units.push(vec![*measure]),
        }
    }
    units
}

/// The names along an axis without numbers.
fn places(rows: &[&Row], x: Along) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in rows.iter().filter_map(|row| x.phrase(&row.axes)) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What all panels share.
struct Chart {
    x: Along,
    series: Option<Along>,
    places: Vec<String>,
}

impl Chart {
    /// The number of `row` along the axis, or the place of its name.
    fn place(&self, row: &Row) -> Option<f64> {
        if self.x != Along::Case {
            return self.x.number(&row.axes);
        }
        let name = self.x.phrase(&row.axes)?;
        self.places.iter().position(|place| *place == name).map(|place| place as f64)
    }

    fn x_axis(&self, rows: &[&Row], bottom: bool) -> Axis {
        let title = if bottom { self.x.name() } else { "" };
        if self.x == Along::Case {
            return Axis::names(if bottom { "" } else { title }, &self.places);
        }
        let values: Vec<f64> = rows.iter().filter_map(|row| self.place(row)).collect();
        match (self.x, range(values.iter().copied())) {
            // The knee lies at the right end, which factors would press together.
            (Along::Rate, Some((low, high))) => {
                let margin = (high - low) * 0.04;
                Axis::numbers(title, (low - margin).max(0.0), high + margin)
            }
            (Along::Memory, _) => {
                let mut axis = Axis::counts(title, &values);
                for (value, label) in &mut axis.ticks {
                    *label = Size::from_bytes(*value as u64).to_string();
                }
                axis
            }
            _ => Axis::counts(title, &values),
        }
    }

    fn y_axis(&self, groups: &[RowGroup], measures: &[Measure]) -> Axis {
        let lines = groups.iter().flat_map(|group| self.lines(&group.rows, measures));
        let extent: Vec<f64> = lines.flat_map(|line| line.extent().collect::<Vec<_>>()).collect();
        Axis::measure(axis_name(measures), measures[0].unit(), extent)
    }

    fn panel(&self, group: &RowGroup, measures: &[Measure], y: &Axis, level: usize) -> Panel {
        let label = if level == 0 { group.label.as_str() } else { "" };
        let x = self.x_axis(&group.rows, true);
        let mut panel = Panel::new(label, x, y.clone(), self.lines(&group.rows, measures));
        // One line for each series: a cell of one that settles must not be crossed by another.
        let alone = self.series.is_none() && self.x != Along::Case;
        if alone {
            panel.never = never(&group.rows, self.x, measures[0].unit() == Unit::Seconds);
            panel.unfit = unfit(&group.rows, self.x);
        }
        panel.levels.extend(limit(group, measures));
        panel
    }

    /// A line for each series and measure, as many as can be told apart. Colour and mark tell the
    /// series, dashes the measure.
    fn lines(&self, rows: &[&Row], measures: &[Measure]) -> Vec<PlotLine> {
        let groups = grouped(rows, self.series.as_slice());
        let mut lines = Vec::new();
        for (place, group) in groups.iter().enumerate() {
            for (number, measure) in measures.iter().enumerate() {
                let words = line_name(&group.label, *measure, measures);
                let style = match (groups.len(), measures.len()) {
                    (1, _) => line_style(number),
                    (_, 1) => line_style(place),
                    _ => Style { dashes: line_style(number).dashes, ..line_style(place) },
                };
                lines.push(self.line(group, *measure, &words, style));
            }
        }
        lines.retain(|line| !line.dots.is_empty());
        lines.truncate(MOST_LINES);
        lines
    }

    fn line(&self, group: &RowGroup, measure: Measure, words: &str, style: Style) -> PlotLine {
        let dots = group.rows.iter().filter_map(|row| {
            let half = row.measures.get(measure)?.half_width;
            Some(Dot { x: self.place(row)?, y: value(row, measure)?, half })
        });
        PlotLine::new(words, style, dots)
    }

    /// Says so where lines are left out, or cells have no point because they are overloaded.
    fn note(&self, rows: &[&Row], units: &[Vec<Measure>]) -> Vec<String> {
        let mut notes = Vec::new();
        let series = self.series.map_or(1, |along| grouped(rows, &[along]).len());
        let most = units.iter().map(Vec::len).max().unwrap_or(1) * series;
        if most > MOST_LINES {
            notes.push(format!("The first {MOST_LINES} of {most} lines are shown."));
        }
        let never = rows.iter().filter(|row| row.stability == Stability::No).count();
        let unfit = rows.iter().filter(|row| !row.fits()).count();
        if unfit > 0 && (self.series.is_some() || self.x == Along::Case) {
            notes.push(format!(
                "{unfit} cells do not fit into the memory: drawn as if there were enough."
            ));
        }
        if never > 0 && (self.series.is_some() || self.x == Along::Case) {
            notes.push(format!("Overloaded cells ({never}) have no point."));
        }
        notes
    }
}

/// A line at the memory that there is, where all have the same.
fn limit(group: &RowGroup, measures: &[Measure]) -> Option<(f64, String)> {
    let limit = group.rows.first()?.axes.memory?;
    let same = group.rows.iter().all(|row| row.axes.memory == Some(limit));
    let words = format!("memory {}", Size::from_bytes(limit));
    (same && measures.contains(&Measure::Memory)).then_some((limit as f64, words))
}

fn line_name(series: &str, measure: Measure, measures: &[Measure]) -> String {
    // The axis says which time is meant, if it is but one.
    let said = ["response time", "waiting time"].contains(&axis_name(measures));
    let name = if said { brief_name(measure) } else { measure_name(measure) };
    match (series.is_empty(), measures.len()) {
        (true, 1) => measure_name(measure).to_owned(),
        (true, _) => name.to_owned(),
        (false, 1) => series.to_owned(),
        (false, _) => format!("{series}, {name}"),
    }
}

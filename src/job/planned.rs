//! Charts before a run: whether each that was asked for can be drawn, and the names of all files, found
//! by drawing made-up results of the same axes.

use super::Results;
use super::pictures::with_sheet;
use super::report;
use crate::experiment::row::{Estimate, Measure, Measures, RouteRow, Row, Stability};
use crate::experiment::{Cell, stability};
use crate::model::Route;
use crate::record::{Outcome, RequestRecord};
use crate::render::charts::{self, Sheet};
use crate::scenario::{ChartKind, ChartWanted};
use crate::time::{Span, Time};

/// The stems of the pictures that a plan will have, found by drawing it with made-up results.
///
/// # Errors
/// A sentence if a chart that was asked for does not fit the axes of the plan, or if two charts
/// have one name.
pub(super) fn pictures(results: &Results, wanted: &[ChartWanted]) -> Result<Vec<String>, String> {
    let rows: Vec<Row> = results.plan.cells.iter().map(|cell| made_up(cell, results)).collect();
    let stem = |sheet: Sheet<'_>| sheet.name().to_owned();
    let story = report::stories(results).map(|_| vec![made_up_story()]);
    if wanted.is_empty() {
        let sheets = charts::default_sheets(&rows, story.as_deref());
        return Ok(sheets.into_iter().map(stem).collect());
    }
    let axes = |row: &Row| (row.axes.clone(), made_up_story());
    let stories: Vec<_> = story.iter().flat_map(|_| rows.iter().map(axes)).collect();
    let mut stems: Vec<String> = Vec::new();
    for chart in wanted {
        let shown: Vec<&Row> = rows.iter().filter(|row| chart.only.holds(&row.axes)).collect();
        let name = chart.kind.name();
        if shown.is_empty() {
            return Err(format!("the chart '{name}' cannot be drawn: no cell is selected"));
        }
        let stem = match chart.kind {
            // It needs records, which every run has, and no axis.
            ChartKind::OverTime => chart.name.clone().unwrap_or_else(|| name.to_owned()),
            _ => with_sheet(chart, &rows, &stories, &[], stem)?,
        };
        if stems.contains(&stem) {
            return Err(format!("two charts are named '{stem}': give one of them another name"));
        }
        stems.push(stem);
    }
    Ok(stems)
}

/// A row as a cell may have it: every measure, with an interval.
fn made_up(cell: &Cell, results: &Results) -> Row {
    let settings = &results.plan.settings;
    let stability = stability::expected(&cell.model, settings);
    let mut measures = Measures::default();
    if stability != Stability::No {
        for measure in Measure::ALL {
            measures.set(measure, Estimate { value: 1.0, half_width: Some(0.1) });
        }
    }
    let route = |route: &Route| RouteRow {
        name: route.name.clone(),
        requests: 100,
        refused: 0,
        measures: measures.clone(),
        response_ccdf: vec![(1.0, 0.5), (0.5, 1.0), (0.1, 2.0)],
        theory_response_mean_s: None,
        theory: Default::default(),
    };
    Row {
        routes: cell.model.routes().iter().map(route).collect(),
        axes: cell.axes.clone(),
        requests: 100,
        refused: 0,
        replications: 2,
        seed: settings.seed.0,
        stability,
        measures,
        flags: Vec::new(),
        response_ccdf: vec![(1.0, 0.5), (0.5, 1.0), (0.1, 2.0)],
        theory_response_mean_s: None,
        standing: None,
        good_but_for_memory: false,
        theory: Default::default(),
    }
}

fn made_up_story() -> charts::TimelineCell {
    let record = RequestRecord {
        request: 0,
        client: 0,
        worker: 0,
        route: 0,
        arrival: Time::ZERO,
        start: Time::ZERO,
        departure: Time::from_nanos(1),
        cpu: Span::from_nanos(1),
        outcome: Outcome::Served,
    };
    charts::TimelineCell { label: String::new(), workers: 1, records: vec![record], shared: vec![] }
}

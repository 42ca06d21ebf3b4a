//! Pictures of results, and where they go.

use std::path::Path;

use super::output::{self, Failure};
use super::report;
use super::simulate::Results;
use crate::experiment::row::{Measure, Row};
use crate::render::charts::{self, ChartError, Picture};
use crate::render::story;
use crate::scenario::ChartWanted;

/// The usual pictures of a run and those that were asked for.
///
/// # Errors
/// A sentence if one that was asked for cannot be drawn.
pub(super) fn draw(
    results: &Results,
    rows: &[Row],
    wanted: &[ChartWanted],
) -> Result<Vec<Picture>, Failure> {
    let stories = story_cells(results);
    if wanted.is_empty() {
        return Ok(charts::default_charts(rows, stories.as_deref()));
    }
    wanted.iter().map(|chart| one(chart, rows, stories.as_deref())).collect()
}

fn one(
    wanted: &ChartWanted,
    rows: &[Row],
    stories: Option<&[charts::StoryCell]>,
) -> Result<Picture, Failure> {
    let in_case = |row: &&Row| wanted.case.is_none() || row.axes.case == wanted.case;
    let rows: Vec<Row> = rows.iter().filter(in_case).cloned().collect();
    let picture = by_kind(wanted, &rows, stories).map_err(|error| {
        super::input(format!("the chart '{}' cannot be drawn: {error}", wanted.kind))
    })?;
    let name = wanted.name.clone().unwrap_or(picture.name);
    Ok(Picture { name, ..picture })
}

fn by_kind(
    wanted: &ChartWanted,
    rows: &[Row],
    stories: Option<&[charts::StoryCell]>,
) -> Result<Picture, ChartError> {
    let title = wanted.title.as_deref();
    let _ = title;
    match wanted.kind.as_str() {
        "timeline" => charts::timeline(stories.unwrap_or(&[])),
        "throughput" => charts::throughput_by_workers(rows),
        "heatmap" => charts::heatmap(rows, wanted.measure.unwrap_or(Measure::ResponseP95)),
        "knee" => charts::knee(rows, None),
        "ccdf" => charts::ccdf(rows),
        _ => charts::response_by_workers(rows),
    }
}

/// The stories of a run, for timelines.
fn story_cells(results: &Results) -> Option<Vec<charts::StoryCell>> {
    let cells = report::stories(results)?;
    let cores_vary = cells.iter().any(|cell| cell.row.axes.cores != cells[0].row.axes.cores);
    let cell = |cell: story::StoryCell<'_>| charts::StoryCell {
        label: story::label(&cell.row.axes, cores_vary),
        workers: cell.row.axes.workers,
        visits: cell.visits,
    };
    Some(cells.into_iter().map(cell).collect())
}

/// Writes each picture as PNG and SVG.
///
/// # Errors
/// The first file that cannot be written.
pub(super) fn write(pictures: &[Picture], folder: &Path) -> Result<(), Failure> {
    for picture in pictures {
        output::write(&folder.join(format!("{}.png", picture.name)), &picture.png)?;
        output::write(&folder.join(format!("{}.svg", picture.name)), picture.svg.as_bytes())?;
    }
    Ok(())
}

//! Pictures of results, as PNG and SVG bytes.
//!
//! Every chart is drawn from [`Row`]s (the timeline from records), so that any picture can be
//! drawn again from saved results without simulating. A chart lays its shapes and words out in
//! logical pixels with the font that will draw them, so that nothing is clipped and no words meet;
//! the two forms are painted from the same list of shapes. Only the file `canvas.rs` knows how.
//!
//! Values that cannot be drawn (not a number, endless, beyond 10^30) are left out; no value
//! makes a chart panic. What a chart leaves out for want of room it says in a note at its foot.

mod along;
mod axis;
mod best;
mod canvas;
mod ccdf;
mod font;
mod grid;
mod heatmap;
mod knee;
mod lines;
mod number;
mod over_time;
mod page;
mod palette;
mod panel;
mod routes;
mod timeline;
mod validation;
mod words;
mod workers;

#[cfg(test)]
mod samples;
#[cfg(test)]
mod tests;

pub(crate) use along::Along;
pub(crate) use best::best_workers;
pub(crate) use ccdf::ccdf;
pub(crate) use heatmap::heatmap;
pub(crate) use knee::knee;
pub(crate) use lines::lines;
pub(crate) use over_time::{ChartRun, over_time};
pub(crate) use page::Sheet;
pub(crate) use routes::{of_routes, routes};
pub(crate) use timeline::{TimelineCell, timeline};
pub(crate) use validation::{ComparedRun, PREDICTED_AGAINST_MEASURED, predicted_against_measured};
pub(crate) use workers::{response_by_workers, throughput_by_workers, wait_by_workers};

use crate::experiment::row::{Measure, Row};

/// A chart in both forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// The stem of its file: `response-by-workers`.
    pub name: String,
    /// What is seen, as it stands above the chart.
    pub(crate) title: String,
    /// PNG with two pixels for each logical one.
    pub png: Vec<u8>,
    /// SVG in logical pixels.
    pub(crate) svg: String,
}

/// Why a chart cannot be drawn from these rows.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ChartError {
    /// The axis of the chart has one value, or none.
    #[error("this chart needs at least two values of {}: give a list such as {option}", along.name())]
    NeedsTwo {
        /// The axis that the rows do not differ along.
        along: Along,
        /// An option that mends it.
        option: &'static str,
    },
    /// All rows are the same along the axis asked for.
    #[error("the rows do not differ in {}, so it cannot be an axis", .0.name())]
    Same(Along),
    /// No row has what the chart shows.
    #[error("no row has a {0} that can be drawn")]
    NoValues(&'static str),
}

/// The charts that fit the axes that vary: the timeline of a story; response times and throughput
/// where the workers vary; the heat map where the cores vary too; the knee where the rate varies;
/// the distribution where requests are random.
pub(crate) fn default_charts(rows: &[Row], story: Option<&[TimelineCell]>) -> Vec<Picture> {
    default_sheets(rows, story).into_iter().map(Sheet::picture).collect()
}

/// The same, not painted yet.
pub(crate) fn default_sheets<'a>(
    rows: &'a [Row],
    story: Option<&'a [TimelineCell]>,
) -> Vec<Sheet<'a>> {
    let steady = rows.iter().any(|row| !row.is_story());
    let headline = if steady { Measure::ResponseP95 } else { Measure::ResponseMax };
    let random =
        rows.iter().any(|row| row.measures.get(headline).is_some_and(|e| e.half_width.is_some()));
    let mut charts = vec![
        response_by_workers(rows),
        throughput_by_workers(rows),
        heatmap(rows, headline),
        knee(rows, None),
    ];
    charts.extend(story.map(timeline));
    // The timeline tells the story and stands first.
    charts.rotate_right(usize::from(story.is_some()));
    if steady || random {
        charts.push(ccdf(rows));
    }
    if rows.iter().any(|row| !row.routes.is_empty()) {
        charts.push(routes(rows, headline));
    }
    charts.into_iter().flatten().collect()
}

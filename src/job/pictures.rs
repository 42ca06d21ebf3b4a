//! Pictures of results.

use super::report;
use super::{Error, Results};
use crate::experiment::compare::{self, Rules};
use crate::experiment::replay::Replays;
use crate::experiment::row::{Axes, Measure, Row, Standing, Verdict};
use crate::experiment::timeseries::{Series, TimeSeries};
use crate::experiment::{CellResult, Control, film, periodic};
use crate::model::Model;
use crate::record::RequestRecord;
use crate::render::charts::{self, Along, ChartError, Picture, Sheet};
use crate::render::story;
use crate::scenario::{ChartKind, ChartWanted};
use crate::time::Time;

/// What could be drawn.
pub(crate) struct JobPictures {
    /// Those that could be drawn.
    pub(crate) pictures: Vec<Picture>,
    /// What a chart that was asked for lacks, if one could not be drawn.
    pub(crate) missing: Option<String>,
}

/// The usual pictures of a run, or those that were asked for. None are drawn of a part of the
/// replications: then there are none. Of a part of the cells they say so.
///
/// # Errors
/// If the end was asked for while they were drawn.
pub(super) fn draw(
    results: &Results,
    rows: &[Row],
    wanted: &[ChartWanted],
    control: Control<'_>,
) -> Result<JobPictures, Error> {
    let (done, all) = (rows.len(), results.cells.len());
    let partial = || format!("Partial: {done} of {all} cells were finished.");
    let note = results.partial().then(partial);
    let noted =
        |sheet: Sheet<'_>| note.iter().fold(sheet, |sheet, note| sheet.noted(note)).picture();
    let stories = story_cells(results, control);
    let (mut pictures, mut missing) = (Vec::new(), None);
    if wanted.is_empty() {
        let cells = stories.map(|cells| cells.into_iter().map(|(_, cell)| cell).collect());
        let cells: Option<Vec<charts::TimelineCell>> = cells;
        // One picture takes a tenth of a second or more: an end is looked for between them.
        let sheets = charts::default_sheets(rows, cells.as_deref()).into_iter();
        pictures = sheets.take_while(|_| !control.stopped()).map(noted).collect();
    } else {
        let stories = stories.unwrap_or_default();
        for chart in wanted {
            let told = if chart.kind == ChartKind::OverTime {
                run_again(chart, results, control)
            } else {
                vec![]
            };
            if control.stopped() {
                break;
            }
            let judged = judged(chart, results);
            let rows = judged.as_deref().unwrap_or(rows);
            match with_sheet(chart, rows, &stories, &told, noted) {
                Ok(picture) => pictures.push(picture),
                Err(why) => missing = Some(why),
            }
        }
    }
    if control.stopped() {
        return Err(Error::Stopped);
    }
    Ok(JobPictures { pictures, missing })
}

/// Makes a chart and hands it to `with`.
///
/// # Errors
/// A sentence if it cannot be drawn.
pub(super) fn with_sheet<T>(
    wanted: &ChartWanted,
    rows: &[Row],
    stories: &[(Axes, charts::TimelineCell)],
    told: &[charts::ChartRun<'_>],
    with: impl FnOnce(Sheet<'_>) -> T,
) -> Result<T, String> {
    let shown = |axes: &Axes| wanted.only.holds(axes);
    let stories: Vec<charts::TimelineCell> =
        stories.iter().filter(|(axes, _)| shown(axes)).map(|(_, cell)| cell.clone()).collect();
    let rows: Vec<Row> = rows.iter().filter(|row| shown(&row.axes)).cloned().collect();
    let shown = ChartSource { rows: &rows, stories: &stories, told };
    let sheet = by_kind(wanted, &shown)
        .map_err(|error| format!("the chart '{}' cannot be drawn: {error}", wanted.kind.name()))?;
    let sheet = wanted.name.iter().fold(sheet, |sheet, name| sheet.named(name));
    Ok(with(wanted.title.iter().fold(sheet, |sheet, title| sheet.titled(title))))
}

/// What a chart is drawn from.
struct ChartSource<'a> {
    rows: &'a [Row],
    stories: &'a [charts::TimelineCell],
    told: &'a [charts::ChartRun<'a>],
}

fn by_kind<'a>(wanted: &ChartWanted, shown: &ChartSource<'a>) -> Result<Sheet<'a>, ChartError> {
    let ChartSource { rows, stories, told } = *shown;
    let along = |axis: &Option<String>| axis.as_deref().and_then(Along::from_option);
    match wanted.kind {
        ChartKind::Timeline => charts::timeline(stories),
        ChartKind::Response => charts::response_by_workers(rows),
        ChartKind::Wait => charts::wait_by_workers(rows),
        ChartKind::Throughput => charts::throughput_by_workers(rows),
        ChartKind::Heatmap => charts::heatmap(rows, headline(wanted)),
        ChartKind::Knee => charts::knee(rows, None),
        ChartKind::Ccdf => charts::ccdf(rows),
        ChartKind::BestWorkers => charts::best_workers(rows, headline(wanted)),
        ChartKind::Lines => {
            let headline = [headline(wanted)];
            let measures =
                if wanted.measures.is_empty() { &headline[..] } else { &wanted.measures[..] };
            let x = along(&wanted.x).unwrap_or(Along::Workers);
            match along(&wanted.series) {
                Some(Along::Route) => {
                    charts::lines(&charts::of_routes(rows), x, measures, Some(Along::Route))
                }
                series => charts::lines(rows, x, measures, series),
            }
        }
        ChartKind::Routes => charts::routes(rows, headline(wanted)),
        ChartKind::OverTime if wanted.show.is_empty() => charts::over_time(told, &USUAL),
        ChartKind::OverTime => charts::over_time(told, &wanted.show),
    }
}

/// What a chart over time shows if nothing is asked for.
const USUAL: [Series; 3] = [Series::Answered, Series::Backlog, Series::Response];

/// Requests of a cell from which on no further replication is averaged: more would need memory, and
/// change nothing that can be seen.
const MOST_TOLD: usize = 2_000_000;

/// The first replication of each cell that a chart shows, run again, or all of them.
fn run_again<'a>(
    wanted: &ChartWanted,
    results: &'a Results,
    control: Control<'_>,
) -> Vec<charts::ChartRun<'a>> {
    let plan = &results.plan;
    let shown = results.finished().filter(|(_, cell)| wanted.only.holds(&cell.row.axes));
    let tell = |(at, result): (usize, &'a CellResult)| {
        let cell = &plan.cells[at];
        let mut course = TimeSeries::new(cell.model.server().runtime.is_some());
        let mut replays = Replays::new(cell, &plan.settings, result, control);
        let mut until = Time::ZERO;
        while let Some(replay) = replays.next_replay() {
            course.begin();
            until = until.max(replay.until());
            replay.run(&mut course);
            if !wanted.average || course.requests() > MOST_TOLD {
                break;
            }
        }
        let event = periodic::event(&cell.model);
        charts::ChartRun { row: &result.row, course, event, until }
    };
    shown.map(tell).collect()
}

/// The measure of a chart that shows one.
fn headline(wanted: &ChartWanted) -> Measure {
    wanted.measures.first().copied().unwrap_or(Measure::ResponseP95)
}

/// The rows with the named cells by the measure of a chart, where that is another than the one that
/// the run compares by; `None` if the rows say it already.
fn judged(wanted: &ChartWanted, results: &Results) -> Option<Vec<Row>> {
    let (plan, measure) = (&results.plan, headline(wanted));
    let same = measure == plan.settings.best || !plan.settings.objectives.is_empty();
    if same || ![ChartKind::Heatmap, ChartKind::BestWorkers].contains(&wanted.kind) {
        return None;
    }
    let cells: Vec<&CellResult> = results.finished().map(|(_, cell)| cell).collect();
    let mut rows: Vec<Row> = cells.iter().map(|cell| cell.row.clone()).collect();
    for group in compare::groups(cells.iter().map(|cell| &cell.row.axes)) {
        let of_group: Vec<&CellResult> = group.iter().map(|at| cells[*at]).collect();
        let named = compare::named(&of_group, Rules::of(plan, measure)).map(|at| group[at]);
        for at in group {
            let verdict = if named == Some(at) { Verdict::Named } else { Verdict::Undecided };
            rows[at].standing = Some(Standing { by: measure, verdict, difference: None });
        }
    }
    Some(rows)
}

/// The stories of a run, for timelines.
fn story_cells(
    results: &Results,
    control: Control<'_>,
) -> Option<Vec<(Axes, charts::TimelineCell)>> {
    let cells = report::stories(results)?;
    let cores_vary = cells.iter().any(|cell| cell.row.axes.cores != cells[0].row.axes.cores);
    let seed = results.plan.settings.seed;
    let one = |((at, _), cell): ((usize, &CellResult), story::StoryCell<'_>)| {
        let model = &results.plan.cells[at].model;
        let shared = match may_share(model, &cell.records) {
            true => {
                let film = film::film(model, seed, cell.records.len(), control.stop);
                film::shared_cores(model, &film)
            }
            false => Vec::new(),
        };
        let told = charts::TimelineCell {
            label: story::label(&cell.row.axes, cores_vary),
            workers: cell.row.axes.workers,
            records: cell.records,
            shared,
        };
        (cell.row.axes.clone(), told)
    };
    let wanted = results.finished().zip(cells).take_while(|_| !control.stopped());
    Some(wanted.map(one).collect())
}

/// Whether cores may be shared in a story: not where an ideal server has a core for each request that it
/// serves at once. To film what is known takes long where there are thousands of workers.
fn may_share(model: &Model, records: &[RequestRecord]) -> bool {
    let server = model.server();
    server.runtime.is_some() || story::most_at_once(records) as f64 > server.cores.as_f64()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::job::Job;
    use crate::scenario::NoFiles;

    fn stories(workers: &str, cores: &str) -> Results {
        let options = [("workers", workers), ("cores", cores), ("cpu", "3s"), ("clients", "3")];
        let job = Job::of_options(options, Box::new(NoFiles)).unwrap();
        job.run(Control::new(&AtomicBool::new(false)), |_| ()).unwrap()
    }

    /// After a stop no further story is filmed.
    #[test]
    fn a_stop_ends_the_films() {
        let (results, stop) = (stories("1..20", "1"), AtomicBool::new(false));
        let filmed = || story_cells(&results, Control::new(&stop)).unwrap().len();
        assert_eq!(filmed(), 20);
        stop.store(true, Ordering::Relaxed);
        assert_eq!(filmed(), 0);
    }

    /// Three workers share one core or two, and not three.
    #[test]
    fn what_has_a_core_for_each_request_is_not_filmed() {
        let results = stories("1,2,3", "1,2,3");
        let told = report::stories(&results).unwrap();
        let may = |(cell, told): (&crate::experiment::Cell, &story::StoryCell<'_>)| {
            let axes = (cell.axes.workers, cell.axes.cores as u32);
            may_share(&cell.model, &told.records).then_some(axes)
        };
        let mut may: Vec<_> = results.plan.cells.iter().zip(&told).filter_map(may).collect();
        may.sort_unstable();
        assert_eq!(may, [(2, 1), (3, 1), (3, 2)]);
    }
}

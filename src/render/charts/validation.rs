//! Predicted against measured: how near a model comes to recorded runs of a real server.

use super::axis::{Axis, range};
use super::canvas::Frame;
use super::number;
use super::page::{LegendEntry, LegendSample, Page, WIDTH};
use super::palette::{AXIS, DASHED, Ink, Mark, SOFT, Style, THEORY, line_style};
use super::panel::{Dot, Panel, PlotLine, Ribbon};
use super::{ChartError, Sheet};
use crate::experiment::recorded::validation::{Comparison, NAMES};
use crate::render::number::plural;

/// Of what a point is drawn: places in [`NAMES`], the word, the mark.
const SHOWN: [(usize, &str, Mark); 4] = [
    (0, "mean", Mark::Circle),
    (1, "p50", Mark::Square),
    (3, "p95", Mark::Triangle),
    (4, "p99", Mark::Diamond),
];

/// The bands around equality.
const BANDS: [(f64, f64); 2] = [(0.10, 0.10), (0.05, 0.18)];

/// Runs that are named at the foot.
const MOST_NAMED: usize = 8;

/// The name of the picture.
pub(crate) const PREDICTED_AGAINST_MEASURED: &str = "predicted-against-measured";

const HEIGHTS: (f64, f64) = (520.0, 270.0);

/// A recorded run beside what is predicted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ComparedRun<'a> {
    /// What it is called.
    pub(crate) name: &'a str,
    /// The class of its workers.
    pub(crate) class: &'a str,
    /// Its figures.
    pub(crate) figures: &'a Comparison,
}

/// A point for each run and for each of mean, p50, p95 and p99, on logarithmic axes around the line
/// of equality with bands of 5 % and 10 %; below it the same points by how much the prediction
/// differs. Colours tell the class of the workers, marks the figure.
///
/// # Errors
/// If no run has a response time.
pub(crate) fn predicted_against_measured(
    runs: &[ComparedRun<'_>],
) -> Result<Sheet<'static>, ChartError> {
    let points: Vec<FigurePoint> = runs.iter().flat_map(points).collect();
    let times = points.iter().flat_map(|point| [point.measured, point.predicted]);
    let Some((low, high)) = range(times) else {
        return Err(ChartError::NoValues("response time"));
    };
    let mut classes: Vec<&str> = Vec::new();
    for run in runs {
        if !classes.contains(&run.class) {
            classes.push(run.class);
        }
    }
    let ink =
        |class: &str| line_style(classes.iter().position(|other| *other == class).unwrap_or(0)).ink;
    let (edge, end) = (low / 1.3, high * 1.3);
    let axis = |title: &str| Axis::log_seconds(title, edge, end);
    let above = Panel {
        ribbons: bands(edge, end, |x, share| (x / (1.0 + share), x * (1.0 + share))),
        ..Panel::new("", axis("measured"), axis("predicted"), {
            let mut lines = vec![equality(edge, end, |x| x)];
            lines.extend(marks(&points, &classes, ink, |point| point.predicted));
            lines
        })
    };
    let differences: Vec<f64> = points.iter().map(FigurePoint::difference).collect();
    let (least, most) = range(differences).unwrap_or((0.0, 0.0));
    let y = Axis::shares("difference", least.min(-0.12) * 1.1, most.max(0.12) * 1.1);
    let below = Panel {
        ribbons: bands(edge, end, |_, share| (-share, share)),
        ..Panel::new("", axis("measured"), y, {
            let mut lines = vec![equality(edge, end, |_| 0.0)];
            lines.extend(marks(&points, &classes, ink, FigurePoint::difference));
            lines
        })
    };
    let page = Page {
        name: PREDICTED_AGAINST_MEASURED.to_owned(),
        title: format!(
            "Predicted against measured response times — {}",
            plural(runs.len() as u64, "run")
        ),
        keys: keys(&classes, ink),
        notes: far_off(&points).into_iter().collect(),
    };
    Ok(stacked(page, above, below))
}

/// One figure of one run.
#[derive(Clone, Debug)]
struct FigurePoint {
    run: String,
    class: String,
    word: &'static str,
    measured: f64,
    predicted: f64,
}

impl FigurePoint {
    fn difference(&self) -> f64 {
        self.predicted / self.measured - 1.0
    }
}

fn points(run: &ComparedRun<'_>) -> Vec<FigurePoint> {
    let (measured, predicted) = (run.figures.measured.values(), run.figures.predicted.values());
    let point = |(at, word, _): (usize, &'static str, Mark)| {
        debug_assert!(NAMES[at].starts_with(word));
        FigurePoint {
            run: run.name.to_owned(),
            class: run.class.to_owned(),
            word,
            measured: measured[at],
            predicted: predicted[at],
        }
    };
    let seen = |point: &FigurePoint| point.measured > 0.0 && point.predicted > 0.0;
    SHOWN.into_iter().map(point).filter(seen).collect()
}

/// Bands from one end of the axis to the other.
fn bands(low: f64, high: f64, of: impl Fn(f64, f64) -> (f64, f64)) -> Vec<Ribbon> {
    let band = |(share, alpha): (f64, f64)| {
        let at = |x: f64| {
            let (from, to) = of(x, share);
            (x, from, to)
        };
        Ribbon { points: vec![at(low), at(high)], ink: AXIS.faint(alpha) }
    };
    BANDS.into_iter().map(band).collect()
}

fn equality(low: f64, high: f64, of: impl Fn(f64) -> f64) -> PlotLine {
    let dot = |x: f64| Dot { x, y: of(x), half: None };
    PlotLine::new("equal", Style { ink: SOFT, dashes: DASHED, ..THEORY }, [dot(low), dot(high)])
}

/// The points of each class and figure.
fn marks(
    points: &[FigurePoint],
    classes: &[&str],
    ink: impl Fn(&str) -> Ink,
    y: impl Fn(&FigurePoint) -> f64,
) -> Vec<PlotLine> {
    let mut lines = Vec::new();
    for class in classes {
        for (_, word, mark) in SHOWN {
            let own = points.iter().filter(|point| point.class == *class && point.word == word);
            let dots = own.map(|point| Dot { x: point.measured, y: y(point), half: None });
            let style = Style { ink: ink(class).faint(0.75), mark: Some(mark), dashes: &[] };
            lines.push(PlotLine { joined: false, ..PlotLine::new(word, style, dots) });
        }
    }
    lines
}

fn keys(classes: &[&str], ink: impl Fn(&str) -> Ink) -> Vec<LegendEntry> {
    let mut keys: Vec<LegendEntry> = classes
        .iter()
        .map(|class| LegendEntry::new(class, LegendSample::Box(ink(class))))
        .collect();
    keys.extend(
        SHOWN.map(|(_, word, mark)| LegendEntry::new(word, LegendSample::Mark(mark, SOFT))),
    );
    keys.push(LegendEntry::new("within 5 %, 10 %", LegendSample::Box(AXIS.faint(0.28))));
    keys
}

/// Names the runs that are more than 10 % off, each with its worst figure.
fn far_off(points: &[FigurePoint]) -> Option<String> {
    let mut worst: Vec<&FigurePoint> = Vec::new();
    for point in points.iter().filter(|point| point.difference().abs() > BANDS[0].0) {
        match worst.iter_mut().find(|other| other.run == point.run) {
            Some(other) if other.difference().abs() < point.difference().abs() => *other = point,
            Some(_) => {}
            None => worst.push(point),
        }
    }
    worst.sort_by(|a, b| b.difference().abs().total_cmp(&a.difference().abs()));
    let named = |point: &&FigurePoint| {
        let sign = if point.difference() > 0.0 { "+" } else { "" };
        let share = number::share(point.difference(), 2);
        format!("{} ({} {sign}{share})", point.run, point.word)
    };
    let names: Vec<String> = worst.iter().take(MOST_NAMED).map(named).collect();
    let more = worst.len().saturating_sub(MOST_NAMED);
    let more = if more > 0 { format!("; {more} more") } else { String::new() };
    (!names.is_empty()).then(|| format!("More than 10 % off: {}{more}.", names.join("; ")))
}

/// Two panels over one axis.
fn stacked(page: Page, mut above: Panel, mut below: Panel) -> Sheet<'static> {
    let room = |f: fn(&Panel) -> f64| f(&above).max(f(&below));
    let least = (room(Panel::left_room), room(Panel::right_room));
    (above.least_room, below.least_room) = (least, least);
    let (first, second) = HEIGHTS;
    Sheet::new(page, (WIDTH, first + second), move |scene, body| {
        let middle = body.top + first;
        above.draw(scene, Frame::new(body.left, body.top, body.right, middle));
        below.draw(scene, Frame::new(body.left, middle, body.right, middle + second));
    })
}

//! Pictures that a scenario asks for, and of which cells.

use super::raw_options::{Problem, RawOptions};
use super::suggest::unknown;
use super::{keys, lists};
use crate::experiment::row::{Axes, Measure};
use crate::experiment::timeseries::Series;

/// Kinds of charts that a scenario may ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChartKind {
    /// Who waits for whom, request by request.
    Timeline,
    /// Response times by workers.
    #[default]
    Response,
    /// Waiting times by workers.
    Wait,
    /// Throughput and utilisation by workers.
    Throughput,
    /// A measure by workers and cores.
    Heatmap,
    /// Response times by load.
    Knee,
    /// Share of requests slower than a time.
    Ccdf,
    /// The best number of workers along another axis.
    BestWorkers,
    /// Any measures along any axis.
    Lines,
    /// Runs against time.
    OverTime,
    /// The routes beside each other.
    Routes,
}

impl ChartKind {
    /// All kinds.
    pub const ALL: [ChartKind; 11] = [
        ChartKind::Timeline,
        ChartKind::Response,
        ChartKind::Wait,
        ChartKind::Throughput,
        ChartKind::Heatmap,
        ChartKind::Knee,
        ChartKind::Ccdf,
        ChartKind::BestWorkers,
        ChartKind::Lines,
        ChartKind::OverTime,
        ChartKind::Routes,
    ];

    /// Its name in a scenario.
    pub const fn name(self) -> &'static str {
        match self {
            ChartKind::Timeline => "timeline",
            ChartKind::Response => "response",
            ChartKind::Wait => "wait",
            ChartKind::Throughput => "throughput",
            ChartKind::Heatmap => "heatmap",
            ChartKind::Knee => "knee",
            ChartKind::Ccdf => "ccdf",
            ChartKind::BestWorkers => "best-workers",
            ChartKind::Lines => "lines",
            ChartKind::OverTime => "over-time",
            ChartKind::Routes => "routes",
        }
    }

    /// The kind of that name.
    pub(crate) fn from_name(name: &str) -> Option<ChartKind> {
        ChartKind::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Axes that the kind `lines` may draw a line for each value of; all but `balance` and `route` it may
/// run along.
pub(crate) fn chart_axes() -> impl Iterator<Item = &'static str> {
    ["case", "route"].into_iter().chain(keys::axes())
}

/// A `[[chart]]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChartWanted {
    /// Which kind of chart.
    pub(crate) kind: ChartKind,
    /// What it shows, where the kind leaves a choice.
    pub(crate) measures: Vec<Measure>,
    /// What the kind `over-time` shows; nothing is the usual.
    pub(crate) show: Vec<Series>,
    /// Whether the kind `over-time` shows averages over all replications and not the first one.
    pub(crate) average: bool,
    /// The axis that it runs along, one of [`chart_axes`].
    pub(crate) x: Option<String>,
    /// The axis that has a line for each of its values, one of [`chart_axes`].
    pub(crate) series: Option<String>,
    /// Stem of the file's name, where it should differ from the kind's.
    pub(crate) name: Option<String>,
    /// Title, where it should differ from the kind's.
    pub(crate) title: Option<String>,
    /// Only these cells.
    pub(crate) only: Only,
}

/// The charts that `--chart` names; `None` if it is not given.
///
/// # Errors
/// A sentence: a kind that is not known.
pub(crate) fn of_option(raw: &RawOptions) -> Result<Option<Vec<ChartWanted>>, Problem> {
    let kind = |text: &str| {
        let names = ChartKind::ALL.into_iter().map(ChartKind::name);
        ChartKind::from_name(text).ok_or_else(|| unknown(text, names))
    };
    let kinds = raw.parse("chart", |text| lists::words(text, "charts", kind))?;
    let wanted = |kind| ChartWanted { kind, ..ChartWanted::default() };
    Ok(kinds.map(|kinds| kinds.into_iter().map(wanted).collect()))
}

/// Which cells a chart shows; an empty list is all.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Only {
    /// Numbers of workers.
    pub(crate) workers: Vec<u32>,
    /// Threads in each.
    pub(crate) threads: Vec<u32>,
    /// Cores.
    pub(crate) cores: Vec<f64>,
    /// Clients.
    pub(crate) clients: Vec<u32>,
    /// Arrivals per second.
    pub(crate) rates: Vec<f64>,
    /// Bytes of memory.
    pub(crate) memories: Vec<u64>,
    /// Names of cases.
    pub(crate) cases: Vec<String>,
    /// Values on further axes (out of [`KINDS`](crate::experiment::row::KINDS)).
    pub(crate) kinds: Vec<(&'static str, Vec<String>)>,
}

impl Only {
    /// Whether a cell is shown.
    pub(crate) fn holds(&self, axes: &Axes) -> bool {
        fn any<T>(wanted: &[T], same: impl Fn(&T) -> bool) -> bool {
            wanted.is_empty() || wanted.iter().any(same)
        }
        let near = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs();
        any(&self.workers, |n| *n == axes.workers)
            && any(&self.threads, |n| *n == axes.threads)
            && any(&self.cores, |n| near(*n, axes.cores))
            && any(&self.clients, |n| axes.clients == Some(*n))
            && any(&self.rates, |n| axes.rate_per_s.is_some_and(|rate| near(*n, rate)))
            && any(&self.memories, |bytes| axes.memory == Some(*bytes))
            && any(&self.cases, |name| axes.case.as_ref() == Some(name))
            && self
                .kinds
                .iter()
                .all(|(axis, wanted)| any(wanted, |value| axes.kind(axis) == Some(value)))
    }
}

//! One cell's results: the record that every table, file and picture is made from.

pub use crate::experiment::result::measure::{Better, ColumnGroup, Measure, Unit};
use crate::model::{Load, Model};
use crate::size::Size;

/// Independent sections that intervals come from, if nothing else is asked.
pub const SECTIONS: usize = 20;

/// A value with the half-width of its confidence interval; no half-width where it is exact.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The value, in the measure's unit.
    pub value: f64,
    /// Half the width of the interval; `None` if the value is exact or has no interval.
    pub half_width: Option<f64>,
}

impl Estimate {
    /// A value without chance.
    pub const fn exact(value: f64) -> Self {
        Estimate { value, half_width: None }
    }
}

/// Whether a cell settles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stability {
    /// A steady state exists and was estimated.
    Yes,
    /// Offered load at or over capacity: the queue grows without bound.
    No,
    /// A finite story: every request counts.
    Finite,
}

impl Stability {
    /// The word in the column `stable`.
    pub const fn name(self) -> &'static str {
        match self {
            Stability::Yes => "yes",
            Stability::No => "no",
            Stability::Finite => "finite",
        }
    }
}

/// What a reader should know before believing a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Flag {
    /// The processes need more memory than there is; it is simulated as if there were enough.
    OverMemory,
    /// The run is short for its correlation: the intervals may be too narrow.
    ShortRun,
    /// A replication holds few of the events that happen again and again (restarts, kills).
    FewCycles,
    /// The second half of the window differs from the first.
    Trend,
    /// Fewer than 50 observations beyond the 99th percentile in a replication.
    FewTail,
    /// A share rests on few events: its interval is exact, and wide.
    FewEvents,
    /// A distribution with so heavy a tail that means settle slowly or never.
    HeavyTail,
    /// Constant CPU and constant I/O on shared cores: workers fall into step.
    Lockstep,
    /// Who takes a connection follows a bias that other machines need not have.
    Uneven,
    /// A limit ended the run before the precision was reached.
    PrecisionNotReached,
    /// The run was stopped before its end.
    Partial,
    /// The clock of a run stood still: a bug, and the row is worth nothing.
    Stuck,
}

impl Flag {
    /// All flags.
    pub(crate) const ALL: [Flag; 12] = [
        Flag::OverMemory,
        Flag::ShortRun,
        Flag::FewCycles,
        Flag::Trend,
        Flag::FewTail,
        Flag::FewEvents,
        Flag::HeavyTail,
        Flag::Lockstep,
        Flag::Uneven,
        Flag::PrecisionNotReached,
        Flag::Partial,
        Flag::Stuck,
    ];

    /// The word in the column `flags`.
    pub const fn name(self) -> &'static str {
        match self {
            Flag::OverMemory => "over-memory",
            Flag::ShortRun => "short-run",
            Flag::FewCycles => "few-cycles",
            Flag::Trend => "trend",
            Flag::FewTail => "few-tail",
            Flag::FewEvents => "few-events",
            Flag::HeavyTail => "heavy-tail",
            Flag::Lockstep => "lockstep",
            Flag::Uneven => "uneven",
            Flag::PrecisionNotReached => "precision-not-reached",
            Flag::Partial => "partial",
            Flag::Stuck => "stuck",
        }
    }
}

/// What may be said of a cell as a choice, beside the other cells of its group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The measure that was compared.
    pub by: Measure,
    /// What was shown.
    pub verdict: Verdict,
    /// Its measure minus that of the named cell, in the measure's unit; `None` for the named cell
    /// itself, and where no cell is named. The intervals of one comparison hold together.
    pub difference: Option<Estimate>,
}

/// What was shown of a cell: the word in the column `verdict`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The smallest that was shown to be good enough: the answer.
    Named,
    /// Shown to be within the indifference of the best.
    Close,
    /// Shown to meet every objective.
    Meets,
    /// Shown to miss an objective.
    Misses,
    /// Shown to be worse than the best by more than the indifference.
    Worse,
    /// Neither was shown.
    Undecided,
    /// Its queue grows without bound.
    Overloaded,
    /// Its processes need more memory than there is.
    DoesNotFit,
}

impl Verdict {
    /// Whether it was shown, by what was simulated, that the row is not the answer.
    pub(crate) fn rules_out(self) -> bool {
        matches!(self, Verdict::Worse | Verdict::Misses | Verdict::Meets)
    }

    /// All verdicts.
    pub(crate) const ALL: [Verdict; 8] = [
        Verdict::Named,
        Verdict::Close,
        Verdict::Meets,
        Verdict::Misses,
        Verdict::Worse,
        Verdict::Undecided,
        Verdict::Overloaded,
        Verdict::DoesNotFit,
    ];

    /// The word in the column `verdict`.
    pub const fn name(self) -> &'static str {
        match self {
            Verdict::Named => "named",
            Verdict::Close => "close",
            Verdict::Meets => "meets",
            Verdict::Misses => "misses",
            Verdict::Worse => "worse",
            Verdict::Undecided => "undecided",
            Verdict::Overloaded => "overloaded",
            Verdict::DoesNotFit => "does-not-fit",
        }
    }

    /// Whether it was shown to be good enough.
    pub const fn good(self) -> bool {
        matches!(self, Verdict::Named | Verdict::Close | Verdict::Meets)
    }
}

/// Where a cell stands on the axes of a sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes {
    /// Worker processes, of each host.
    pub workers: u32,
    /// Threads in each worker.
    pub threads: u32,
    /// Cores of each host, possibly a fraction.
    pub cores: f64,
    /// Clients of a closed loop.
    pub clients: Option<u32>,
    /// Mean arrivals per second of an open loop.
    pub rate_per_s: Option<f64>,
    /// The scenario's case, where it has several.
    pub case: Option<String>,
    /// The route, of a row that speaks of the requests of one route only.
    pub route: Option<String>,
    /// Bytes of memory that there are, where somebody says.
    pub memory: Option<u64>,
    /// Of a real server: names (out of `KINDS`) and values of further axes.
    pub kind: Vec<(&'static str, String)>,
}

/// Further axes, of real servers only. The first two always have a value there, the others (several
/// hosts, a pool) where they were asked for.
pub(crate) const KINDS: [&str; 5] = ["class", "accept", "hosts", "balance", "pool"];

impl Axes {
    /// The place of a model, in a case where there are several.
    pub(crate) fn of(model: &Model, case: Option<&str>) -> Axes {
        let (clients, rate_per_s) = match model.load() {
            Load::Closed(closed) => (Some(closed.clients), None),
            Load::Open(open) => (None, Some(open.rate.per_second())),
            Load::Trace(_) => (None, None),
        };
        let server = model.server();
        Axes {
            workers: server.workers,
            threads: server.threads,
            cores: server.cores.as_f64(),
            clients,
            rate_per_s,
            case: case.map(str::to_owned),
            route: None,
            memory: server.memory.and_then(|memory| memory.limit).map(Size::bytes),
            kind: server.runtime.as_ref().map_or_else(Vec::new, |runtime| {
                let (class, accept) = (runtime.class.name(), runtime.accept.name());
                let mut kind = vec![("class", class.to_owned()), ("accept", accept.to_owned())];
                if let Some(front) = runtime.cluster {
                    kind.push(("hosts", front.hosts.to_string()));
                    kind.push(("balance", front.balance.to_string()));
                }
                kind.extend(runtime.pool.map(|pool| ("pool", pool.to_string())));
                kind
            }),
        }
    }

    /// The value on a further axis.
    pub fn kind(&self, name: &str) -> Option<&str> {
        self.kind.iter().find(|(axis, _)| *axis == name).map(|(_, value)| value.as_str())
    }
}

/// One cell's results.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The cell.
    pub axes: Axes,
    /// Requests that the measures speak of, over all replications.
    pub requests: u64,
    /// Those of them that found the listen queue full.
    pub refused: u64,
    /// Independent repetitions.
    pub replications: u32,
    /// The seed of the run.
    pub seed: u64,
    /// Whether it settles.
    pub stability: Stability,
    /// Estimates by [`Measure`]; `None` where a measure does not apply.
    pub measures: Measures,
    /// Warnings.
    pub flags: Vec<Flag>,
    /// Points (share of the served requests that take longer, response time in seconds) of the
    /// complementary distribution function, shares falling.
    pub response_ccdf: Vec<(f64, f64)>,
    /// Mean response time by theory, where a formula is known.
    pub theory_response_mean_s: Option<f64>,
    /// What was shown of it as a choice; `None` where there is nothing to choose.
    pub standing: Option<Standing>,
    /// Whether it was shown to be good enough, where it does not fit into the memory.
    pub good_but_for_memory: bool,
    /// What else theory says, where it is known exactly.
    pub theory: Theory,
    /// The same of the requests of each route, where there are several.
    pub routes: Vec<RouteRow>,
}

/// What is measured of the requests of one route.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteRow {
    /// Its name.
    pub name: String,
    /// Requests that the measures speak of, over all replications.
    pub requests: u64,
    /// Those of them that found the listen queue full.
    pub refused: u64,
    /// Estimates by [`Measure`].
    pub measures: Measures,
    /// As [`Row::response_ccdf`].
    pub response_ccdf: Vec<(f64, f64)>,
    /// Mean response time by theory, where a formula is known.
    pub theory_response_mean_s: Option<f64>,
    /// What else theory says, where it is known exactly.
    pub theory: Theory,
}

impl Row {
    /// The row itself, and after it one for each route.
    pub(crate) fn with_routes(&self) -> impl Iterator<Item = Row> {
        let routes = self.routes.iter().map(|route| self.of_route(route));
        std::iter::once(self.clone()).chain(routes)
    }

    /// The requests of one route as a row of their own: of the same cell, without a verdict.
    pub(crate) fn of_route(&self, route: &RouteRow) -> Row {
        let axes = Axes { route: Some(route.name.clone()), ..self.axes.clone() };
        Row {
            axes,
            requests: route.requests,
            refused: route.refused,
            measures: route.measures.clone(),
            response_ccdf: route.response_ccdf.clone(),
            theory_response_mean_s: route.theory_response_mean_s,
            theory: route.theory,
            standing: None,
            good_but_for_memory: false,
            routes: Vec::new(),
            ..self.clone()
        }
    }

    /// Whether it is of a story that was told to its end: finite, and not a load that was looked at
    /// for a while.
    pub fn is_story(&self) -> bool {
        self.stability == Stability::Finite && self.axes.rate_per_s.is_none()
    }

    /// What was shown of it as a choice.
    pub fn verdict(&self) -> Option<Verdict> {
        self.standing.map(|standing| standing.verdict)
    }
}

/// What theory says of a cell, beside its mean response time.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Theory {
    /// What kind of answer there is; `None` where chance has no part.
    pub kind: Option<TheoryKind>,
    /// By [`Theory::MEASURES`]: the exact value, where it is known.
    pub values: [Option<f64>; Theory::MEASURES.len()],
}

impl Theory {
    /// The measures that have a column of theory.
    pub const MEASURES: [Measure; 4] =
        [Measure::Throughput, Measure::WaitMean, Measure::ResponseP95, Measure::ResponseP99];

    /// The names of the columns: the kind, then a value for each of the measures.
    pub(crate) fn columns() -> impl Iterator<Item = String> {
        let names = Theory::MEASURES.iter().map(|measure| format!("theory_{}", measure.name()));
        std::iter::once("theory_kind".to_owned()).chain(names)
    }
}

/// What kind of answer theory has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TheoryKind {
    /// A theorem.
    Exact,
    /// An estimate.
    Approximation,
    /// There is no steady state.
    Unstable,
    /// No closed form is known.
    None,
}

impl TheoryKind {
    /// All kinds.
    pub(crate) const ALL: [TheoryKind; 4] =
        [TheoryKind::Exact, TheoryKind::Approximation, TheoryKind::Unstable, TheoryKind::None];

    /// The word in the column `theory_kind`.
    pub const fn name(self) -> &'static str {
        match self {
            TheoryKind::Exact => "exact",
            TheoryKind::Approximation => "approximation",
            TheoryKind::Unstable => "unstable",
            TheoryKind::None => "none",
        }
    }
}

/// One optional estimate for each [`Measure`].
#[derive(Clone, Debug, PartialEq)]
pub struct Measures([Option<Estimate>; Measure::COUNT]);

impl Default for Measures {
    fn default() -> Self {
        Measures([None; Measure::COUNT])
    }
}

impl Measures {
    /// The estimate of `measure`.
    pub fn get(&self, measure: Measure) -> Option<Estimate> {
        self.0[measure as usize]
    }

    /// The value of `measure`, without its interval.
    pub fn value(&self, measure: Measure) -> Option<f64> {
        self.get(measure).map(|estimate| estimate.value)
    }

    /// Takes `measure` away: it does not exist.
    pub(crate) fn forget(&mut self, measure: Measure) {
        self.0[measure as usize] = None;
    }

    /// Sets `measure`.
    pub(crate) fn set(&mut self, measure: Measure, estimate: Estimate) {
        self.0[measure as usize] = Some(estimate);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A row of so many workers that says nothing.
    pub(crate) fn row(workers: u32) -> Row {
        let axes = Axes {
            workers,
            threads: 1,
            cores: 8.0,
            clients: None,
            rate_per_s: None,
            case: None,
            route: None,
            memory: None,
            kind: Vec::new(),
        };
        Row {
            axes,
            requests: 0,
            refused: 0,
            replications: 1,
            seed: 1,
            stability: Stability::Yes,
            measures: Measures::default(),
            flags: Vec::new(),
            response_ccdf: Vec::new(),
            theory_response_mean_s: None,
            standing: None,
            good_but_for_memory: false,
            theory: Theory::default(),
            routes: Vec::new(),
        }
    }

    #[test]
    fn verdicts_have_names_of_their_own() {
        let mut names: Vec<&str> = Verdict::ALL.iter().map(|verdict| verdict.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Verdict::ALL.len());
    }
}

//! One cell's results: the record that every table, file and picture is made from.

use std::fmt;

/// What is measured of a cell, in the order of the columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Measure {
    /// Requests answered per second.
    Throughput,
    /// Mean waiting time (arrival to start) of served requests.
    WaitMean,
    /// Median waiting time.
    WaitP50,
    /// 90th percentile of the waiting time.
    WaitP90,
    /// 95th percentile of the waiting time.
    WaitP95,
    /// 99th percentile of the waiting time.
    WaitP99,
    /// Longest waiting time seen.
    WaitMax,
    /// Share of the accepted requests that had to wait, those that left the queue among them.
    WaitProb,
    /// Mean response time (arrival to departure) of served requests.
    ResponseMean,
    /// Median response time.
    ResponseP50,
    /// 90th percentile of the response time.
    ResponseP90,
    /// 95th percentile of the response time.
    ResponseP95,
    /// 99th percentile of the response time.
    ResponseP99,
    /// 99.9th percentile of the response time.
    ResponseP999,
    /// Longest response time seen.
    ResponseMax,
    /// Share of the requests that found the listen queue full.
    RefusedShare,
    /// Mean share of the workers (threads) that hold a request.
    WorkerUtilisation,
    /// Mean share of the cores that compute.
    CoreUtilisation,
    /// Mean number of requests in the listen queue.
    QueueMean,
    /// Mean number of requests waiting or in service.
    InSystemMean,
    /// From the first arrival to the last departure of a finite story.
    Makespan,
    /// Share of the requests whose client left the listen queue.
    TimedOutShare,
    /// By how many requests per second the number in the system grows, where it never settles.
    Growth,
    /// Of real servers: share of the requests whose worker was killed, or whose connection was
    /// reset.
    FailedShare,
    /// Of real servers: share of the requests whose client waited no longer for an answer.
    GaveUpShare,
    /// Of real servers: attempts beyond the first, per request.
    RetriesPerRequest,
    /// Of real servers: share of the requests whose SYN or data found the queue full.
    RetransmittedShare,
    /// Of real servers: share of the workers' busy time that nobody got an answer from.
    WastedShare,
    /// Behind a pool: mean time that a served request waits for connections of it, over all its
    /// phases off the CPU.
    PoolWaitMean,
    /// Behind a pool: mean share of its connections that are held.
    PoolUtilisation,
    /// Memory that all processes need; where they grow, the most that they took in any run.
    Memory,
    /// Workers that were killed because memory ran out, per request.
    MemoryKills,
}

/// What a measure counts, for axes and for printing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Seconds.
    Seconds,
    /// A share of one.
    Share,
    /// A number of requests.
    Requests,
    /// Requests per second.
    PerSecond,
    /// Bytes.
    Bytes,
}

impl Measure {
    /// All measures in the order of their columns.
    pub const ALL: [Measure; 32] = [
        Measure::Throughput,
        Measure::WaitMean,
        Measure::WaitP50,
        Measure::WaitP90,
        Measure::WaitP95,
        Measure::WaitP99,
        Measure::WaitMax,
        Measure::WaitProb,
        Measure::ResponseMean,
        Measure::ResponseP50,
        Measure::ResponseP90,
        Measure::ResponseP95,
        Measure::ResponseP99,
        Measure::ResponseP999,
        Measure::ResponseMax,
        Measure::RefusedShare,
        Measure::WorkerUtilisation,
        Measure::CoreUtilisation,
        Measure::QueueMean,
        Measure::InSystemMean,
        Measure::Makespan,
        Measure::TimedOutShare,
        Measure::Growth,
        Measure::FailedShare,
        Measure::GaveUpShare,
        Measure::RetriesPerRequest,
        Measure::RetransmittedShare,
        Measure::WastedShare,
        Measure::PoolWaitMean,
        Measure::PoolUtilisation,
        Measure::Memory,
        Measure::MemoryKills,
    ];

    /// How many of [`Measure::ALL`] stand before the columns that are no measures. The others came
    /// later, and new columns come last.
    pub const EARLY: usize = 22;

    /// Shares of requests that were not answered.
    pub const LOST: [Measure; 4] =
        [Measure::RefusedShare, Measure::TimedOutShare, Measure::FailedShare, Measure::GaveUpShare];

    /// Whether only real servers have it: its column stands at the end, and only where there are
    /// any.
    pub fn of_real_servers(self) -> bool {
        self as usize > Measure::Growth as usize && !self.of_memory()
    }

    /// Whether only servers have it whose memory is spoken of.
    pub fn of_memory(self) -> bool {
        matches!(self, Measure::Memory | Measure::MemoryKills)
    }

    /// Whether only a server with a pool behind it has it: the same for its column.
    pub fn of_a_pool(self) -> bool {
        matches!(self, Measure::PoolWaitMean | Measure::PoolUtilisation)
    }

    /// The column's name; the unit stands last.
    pub const fn name(self) -> &'static str {
        match self {
            Measure::Throughput => "throughput_per_s",
            Measure::WaitMean => "wait_mean_s",
            Measure::WaitP50 => "wait_p50_s",
            Measure::WaitP90 => "wait_p90_s",
            Measure::WaitP95 => "wait_p95_s",
            Measure::WaitP99 => "wait_p99_s",
            Measure::WaitMax => "wait_max_s",
            Measure::WaitProb => "wait_prob",
            Measure::ResponseMean => "response_mean_s",
            Measure::ResponseP50 => "response_p50_s",
            Measure::ResponseP90 => "response_p90_s",
            Measure::ResponseP95 => "response_p95_s",
            Measure::ResponseP99 => "response_p99_s",
            Measure::ResponseP999 => "response_p999_s",
            Measure::ResponseMax => "response_max_s",
            Measure::RefusedShare => "refused_share",
            Measure::WorkerUtilisation => "worker_utilisation",
            Measure::CoreUtilisation => "core_utilisation",
            Measure::QueueMean => "queue_mean",
            Measure::InSystemMean => "in_system_mean",
            Measure::Makespan => "makespan_s",
            Measure::TimedOutShare => "timed_out_share",
            Measure::Growth => "growth_per_s",
            Measure::FailedShare => "failed_share",
            Measure::GaveUpShare => "gave_up_share",
            Measure::RetriesPerRequest => "retries_per_request",
            Measure::RetransmittedShare => "retransmitted_share",
            Measure::WastedShare => "wasted_share",
            Measure::PoolWaitMean => "pool_wait_mean_s",
            Measure::PoolUtilisation => "pool_utilisation",
            Measure::Memory => "memory_bytes",
            Measure::MemoryKills => "memory_kills_per_request",
        }
    }

    /// The measure of a column, if there is one of that name.
    pub fn from_name(name: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// What it counts.
    pub const fn unit(self) -> Unit {
        match self {
            Measure::Throughput | Measure::Growth => Unit::PerSecond,
            Measure::WaitProb
            | Measure::RefusedShare
            | Measure::TimedOutShare
            | Measure::FailedShare
            | Measure::GaveUpShare
            | Measure::RetransmittedShare
            | Measure::WastedShare
            | Measure::PoolUtilisation
            | Measure::WorkerUtilisation
            | Measure::CoreUtilisation => Unit::Share,
            Measure::QueueMean
            | Measure::InSystemMean
            | Measure::RetriesPerRequest
            | Measure::MemoryKills => Unit::Requests,
            Measure::Memory => Unit::Bytes,
            _ => Unit::Seconds,
        }
    }
}

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
    /// Offered load at or over capacity: the queue grows without end.
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
    /// The second half of the window differs from the first.
    Trend,
    /// Fewer than 50 observations beyond the 99th percentile in a replication.
    FewTail,
    /// A law with so heavy a tail that means settle slowly or never.
    HeavyTail,
    /// Constant CPU and constant I/O on shared cores: workers fall into step.
    Lockstep,
    /// Who takes a connection follows a bias that other machines need not have.
    Uneven,
    /// A limit ended the run before the precision was reached.
    PrecisionNotReached,
    /// The run was stopped before its end.
    Partial,
}

impl Flag {
    /// All flags.
    pub const ALL: [Flag; 9] = [
        Flag::OverMemory,
        Flag::ShortRun,
        Flag::Trend,
        Flag::FewTail,
        Flag::HeavyTail,
        Flag::Lockstep,
        Flag::Uneven,
        Flag::PrecisionNotReached,
        Flag::Partial,
    ];

    /// The word in the column `flags`.
    pub const fn name(self) -> &'static str {
        match self {
            Flag::OverMemory => "over-memory",
            Flag::ShortRun => "short-run",
            Flag::Trend => "trend",
            Flag::FewTail => "few-tail",
            Flag::HeavyTail => "heavy-tail",
            Flag::Lockstep => "lockstep",
            Flag::Uneven => "uneven",
            Flag::PrecisionNotReached => "precision-not-reached",
            Flag::Partial => "partial",
        }
    }
}

/// How a cell did in the comparison with the cells that differ from it in workers only.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Standing {
    /// The measure that was compared.
    pub by: Measure,
    /// How it did.
    pub place: Place,
    /// Its measure minus that of the best cell, in the measure's unit; `None` for the best itself.
    /// The intervals of one comparison hold together.
    pub difference: Option<Estimate>,
}

/// A place in a comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The fewest workers of those that are not told apart from the best.
    Best,
    /// Not told apart from the best.
    Tied,
    /// Worse than the best by more than chance and indifference explain.
    Worse,
}

impl Place {
    /// All places.
    pub const ALL: [Place; 3] = [Place::Best, Place::Tied, Place::Worse];

    /// The word in the column `standing`.
    pub const fn name(self) -> &'static str {
        match self {
            Place::Best => "best",
            Place::Tied => "tied",
            Place::Worse => "worse",
        }
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
    /// Bytes of memory that there are, where somebody says.
    pub memory: Option<u64>,
    /// Of a real server: names (out of [`KINDS`]) and values of further axes.
    pub kind: Vec<(&'static str, String)>,
}

/// Further axes, of real servers only. The first two always have a value there, the others (several
/// hosts, a pool) where they were asked for.
pub const KINDS: [&str; 5] = ["class", "accept", "hosts", "balance", "pool"];

impl Axes {
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
    /// How it did against the cells that differ in workers only; `None` where there are none.
    pub standing: Option<Standing>,
    /// What else theory says, where it is known exactly.
    pub theory: Theory,
}

impl Row {
    /// Whether it is of a story that was told to its end: finite, and not a load that was looked at
    /// for a while.
    pub fn is_story(&self) -> bool {
        self.stability == Stability::Finite && self.axes.rate_per_s.is_none()
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
    pub fn columns() -> impl Iterator<Item = String> {
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
    pub const ALL: [TheoryKind; 4] =
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Measures([Option<Estimate>; Measure::ALL.len()]);

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
    pub fn forget(&mut self, measure: Measure) {
        self.0[measure as usize] = None;
    }

    /// Sets `measure`.
    pub fn set(&mut self, measure: Measure, estimate: Estimate) {
        self.0[measure as usize] = Some(estimate);
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_found_again() {
        for (index, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
            assert_eq!(Measure::from_name(measure.name()), Some(measure));
        }
    }
}

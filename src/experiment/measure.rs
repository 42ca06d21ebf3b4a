//! What is measured of a cell: the names of the columns, their units, and where they stand.

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
    /// By how many requests per second the number in the system grows, where it overloaded.
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

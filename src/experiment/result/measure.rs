//! What is measured of a cell: one row a measure, with the name of its column, its unit and its
//! group.

use std::fmt;

/// What is measured of a cell.
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
    /// By how many requests per second the number in the system grows, where it is overloaded.
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
    /// Behind pools that were described: share of the requests that waited for too long.
    PoolTimeoutShare,
    /// Median of the time that a served request waits for the pool.
    PoolWaitP50,
    /// 95th percentile of that time.
    PoolWaitP95,
    /// 99th percentile of that time.
    PoolWaitP99,
    /// Behind a proxy: share of the requests whose client closed the connection before there was an
    /// answer (nginx logs 499).
    Status499Share,
    /// Behind a proxy: share of the requests whose connection was refused, reset or closed without an
    /// answer (502).
    Status502Share,
    /// Behind a proxy: share of the requests that had no answer in time (504).
    Status504Share,
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

/// In which part of a table of results a measure has its column, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnGroup {
    /// Of every cell, before the other columns.
    General,
    /// Of every cell, but younger than the columns of theory: after the flags.
    Later,
    /// Of servers with a runtime.
    Detailed,
    /// Of servers with a connection pool.
    Pool,
    /// Of servers whose memory is given.
    Memory,
    /// Of servers with a connection pool whose owner, overflow or timeout is given.
    PoolTimes,
    /// Of servers behind a proxy.
    Proxy,
}

/// Which value of a measure is the better one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Better {
    /// The lower one.
    Less,
    /// The higher one.
    More,
    /// Neither: it makes no cell better.
    Neither,
}

/// All that is known of a measure.
struct Info {
    measure: Measure,
    name: &'static str,
    unit: Unit,
    group: ColumnGroup,
    better: Better,
}

const fn row(
    measure: Measure,
    name: &'static str,
    unit: Unit,
    group: ColumnGroup,
    better: Better,
) -> Info {
    Info { measure, name, unit, group, better }
}

/// One row a measure, in the order of [`Measure`]: name of the column (the unit stands last), unit,
/// group, and what is better.
#[rustfmt::skip]
const TABLE: [Info; Measure::COUNT] = [
    row(Measure::Throughput, "throughput_per_s", Unit::PerSecond, ColumnGroup::General, Better::More),
    row(Measure::WaitMean, "wait_mean_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::WaitP50, "wait_p50_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::WaitP90, "wait_p90_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::WaitP95, "wait_p95_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::WaitP99, "wait_p99_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::WaitMax, "wait_max_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::WaitProb, "wait_prob", Unit::Share, ColumnGroup::General, Better::Less),
    row(Measure::ResponseMean, "response_mean_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::ResponseP50, "response_p50_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::ResponseP90, "response_p90_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::ResponseP95, "response_p95_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::ResponseP99, "response_p99_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::ResponseP999, "response_p999_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::ResponseMax, "response_max_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::RefusedShare, "refused_share", Unit::Share, ColumnGroup::General, Better::Less),
    row(Measure::WorkerUtilisation, "worker_utilisation", Unit::Share, ColumnGroup::General, Better::Neither),
    row(Measure::CoreUtilisation, "core_utilisation", Unit::Share, ColumnGroup::General, Better::Neither),
    row(Measure::QueueMean, "queue_mean", Unit::Requests, ColumnGroup::General, Better::Less),
    row(Measure::InSystemMean, "in_system_mean", Unit::Requests, ColumnGroup::General, Better::Less),
    row(Measure::Makespan, "makespan_s", Unit::Seconds, ColumnGroup::General, Better::Less),
    row(Measure::TimedOutShare, "timed_out_share", Unit::Share, ColumnGroup::General, Better::Less),
    row(Measure::Growth, "growth_per_s", Unit::PerSecond, ColumnGroup::Later, Better::Neither),
    row(Measure::FailedShare, "failed_share", Unit::Share, ColumnGroup::Detailed, Better::Less),
    row(Measure::GaveUpShare, "gave_up_share", Unit::Share, ColumnGroup::Detailed, Better::Less),
    row(Measure::RetriesPerRequest, "retries_per_request", Unit::Requests, ColumnGroup::Detailed, Better::Less),
    row(Measure::RetransmittedShare, "retransmitted_share", Unit::Share, ColumnGroup::Detailed, Better::Less),
    row(Measure::WastedShare, "wasted_share", Unit::Share, ColumnGroup::Detailed, Better::Less),
    row(Measure::PoolWaitMean, "pool_wait_mean_s", Unit::Seconds, ColumnGroup::Pool, Better::Less),
    row(Measure::PoolUtilisation, "pool_utilisation", Unit::Share, ColumnGroup::Pool, Better::Less),
    row(Measure::Memory, "memory_bytes", Unit::Bytes, ColumnGroup::Memory, Better::Less),
    row(Measure::MemoryKills, "memory_kills_per_request", Unit::Requests, ColumnGroup::Memory, Better::Less),
    row(Measure::PoolTimeoutShare, "pool_timeout_share", Unit::Share, ColumnGroup::PoolTimes, Better::Less),
    row(Measure::PoolWaitP50, "pool_wait_p50_s", Unit::Seconds, ColumnGroup::PoolTimes, Better::Less),
    row(Measure::PoolWaitP95, "pool_wait_p95_s", Unit::Seconds, ColumnGroup::PoolTimes, Better::Less),
    row(Measure::PoolWaitP99, "pool_wait_p99_s", Unit::Seconds, ColumnGroup::PoolTimes, Better::Less),
    row(Measure::Status499Share, "status_499_share", Unit::Share, ColumnGroup::Proxy, Better::Less),
    row(Measure::Status502Share, "status_502_share", Unit::Share, ColumnGroup::Proxy, Better::Less),
    row(Measure::Status504Share, "status_504_share", Unit::Share, ColumnGroup::Proxy, Better::Less),
];

impl Measure {
    /// How many there are.
    pub(crate) const COUNT: usize = 39;

    /// All measures.
    pub const ALL: [Measure; Measure::COUNT] = {
        let mut all = [Measure::Throughput; Measure::COUNT];
        let mut at = 0;
        while at < all.len() {
            all[at] = TABLE[at].measure;
            at += 1;
        }
        all
    };

    /// Shares of requests that were not answered; no request is in two of them.
    pub(crate) const LOST: [Measure; 6] = [
        Measure::RefusedShare,
        Measure::TimedOutShare,
        Measure::FailedShare,
        Measure::GaveUpShare,
        Measure::PoolTimeoutShare,
        Measure::Status504Share,
    ];

    /// The measures of a group, in the order of their columns.
    pub(crate) fn of_group(group: ColumnGroup) -> impl Iterator<Item = Measure> {
        Measure::ALL.into_iter().filter(move |measure| measure.group() == group)
    }

    /// Where it has its column.
    pub(crate) const fn group(self) -> ColumnGroup {
        TABLE[self as usize].group
    }

    /// The column's name; the unit stands last.
    pub const fn name(self) -> &'static str {
        TABLE[self as usize].name
    }

    /// The measure of a column, if there is one of that name.
    pub fn from_name(name: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|measure| measure.name() == name)
    }

    /// What it counts.
    pub const fn unit(self) -> Unit {
        TABLE[self as usize].unit
    }

    /// Of a percentile, which: 0.95 of `response_p95_s`.
    pub fn quantile(self) -> Option<f64> {
        let (_, digits) = self.name().trim_end_matches("_s").split_once("_p")?;
        let number: f64 = digits.parse().ok()?;
        Some(number / 10f64.powi(digits.len() as i32))
    }

    /// Which value is the better one.
    pub const fn better(self) -> Better {
        TABLE[self as usize].better
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
    fn percentiles_say_which() {
        assert_eq!(Measure::ResponseP95.quantile(), Some(0.95));
        assert_eq!(Measure::ResponseP999.quantile(), Some(0.999));
        assert_eq!(Measure::WaitP50.quantile(), Some(0.5));
        assert_eq!(Measure::WaitProb.quantile(), None);
        assert_eq!(Measure::ResponseMean.quantile(), None);
    }

    #[test]
    fn names_are_unique_and_found_again() {
        for (index, measure) in Measure::ALL.into_iter().enumerate() {
            assert_eq!(measure as usize, index);
            assert_eq!(Measure::from_name(measure.name()), Some(measure));
        }
    }
}

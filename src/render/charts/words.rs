//! What measures are called in titles, keys and along axes.

use crate::experiment::row::{Measure, Unit};

/// A name along a short axis: `p99 response time, s` for `99th percentile of the response time, s`.
pub(super) fn brief(name: &str) -> String {
    match name.split_once("th percentile of the ") {
        Some((number, rest)) => format!("p{number} {rest}"),
        None => name.to_owned(),
    }
}

/// The measure's name in a title or a key.
pub(super) const fn measure_name(measure: Measure) -> &'static str {
    match measure {
        Measure::Throughput => "throughput",
        Measure::WaitMean => "mean waiting time",
        Measure::WaitP50 => "median waiting time",
        Measure::WaitP90 => "90th percentile of the waiting time",
        Measure::WaitP95 => "95th percentile of the waiting time",
        Measure::WaitP99 => "99th percentile of the waiting time",
        Measure::WaitMax => "longest waiting time",
        Measure::WaitProb => "share that waits",
        Measure::ResponseMean => "mean response time",
        Measure::ResponseP50 => "median response time",
        Measure::ResponseP90 => "90th percentile of the response time",
        Measure::ResponseP95 => "95th percentile of the response time",
        Measure::ResponseP99 => "99th percentile of the response time",
        Measure::ResponseP999 => "99.9th percentile of the response time",
        Measure::ResponseMax => "longest response time",
        Measure::RefusedShare => "share refused",
        Measure::WorkerUtilisation => "utilisation of the workers",
        Measure::CoreUtilisation => "utilisation of the cores",
        Measure::QueueMean => "mean number waiting",
        Measure::InSystemMean => "mean number in the system",
        Measure::Makespan => "makespan",
        Measure::TimedOutShare => "share timed out",
        Measure::Growth => "growth of the number in the system",
        Measure::FailedShare => "share failed",
        Measure::GaveUpShare => "share given up",
        Measure::RetriesPerRequest => "retries per request",
        Measure::RetransmittedShare => "share retransmitted",
        Measure::WastedShare => "share of the workers' time wasted",
        Measure::Memory => "memory",
        Measure::MemoryKills => "workers killed for memory, per request",
        Measure::PoolWaitMean => "mean wait for the pool",
        Measure::PoolUtilisation => "utilisation of the pool",
        Measure::PoolTimeoutShare => "share timed out at the pool",
        Measure::PoolWaitP50 => "median wait for the pool",
        Measure::PoolWaitP95 => "p95 of the wait for the pool",
        Measure::PoolWaitP99 => "p99 of the wait for the pool",
        Measure::Status499Share => "share of clients that left (499)",
        Measure::Status502Share => "share of bad gateways (502)",
        Measure::Status504Share => "share of proxy timeouts (504)",
    }
}

/// What an axis counts that several measures share; a measure of its own keeps its name.
pub(super) fn axis_name(measures: &[Measure]) -> &'static str {
    match measures {
        [measure] => measure_name(*measure),
        [] => "",
        _ if measures.iter().all(|measure| measure.name().starts_with("response")) => {
            "response time"
        }
        _ if measures.iter().all(|measure| measure.name().starts_with("wait_")) => "waiting time",
        [measure, ..] => match measure.unit() {
            Unit::Seconds => "time",
            Unit::Share => "share",
            Unit::Requests => "number",
            Unit::PerSecond => "rate",
            Unit::Bytes => "memory",
        },
    }
}

/// A measure's name where the axis already says response or waiting time: `p95`, `mean`.
pub(super) fn brief_name(measure: Measure) -> &'static str {
    match measure {
        Measure::ResponseMean | Measure::WaitMean => "mean",
        Measure::ResponseP50 | Measure::WaitP50 => "p50",
        Measure::ResponseP90 | Measure::WaitP90 => "p90",
        Measure::ResponseP95 | Measure::WaitP95 => "p95",
        Measure::ResponseP99 | Measure::WaitP99 => "p99",
        Measure::ResponseP999 => "p99.9",
        Measure::ResponseMax | Measure::WaitMax => "longest",
        other => measure_name(other),
    }
}

/// `text` with a capital first letter.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// `head — tail`, or `head` alone where there is nothing more to say.
pub(super) fn title(head: &str, tail: &str) -> String {
    if tail.is_empty() { sentence(head) } else { format!("{} — {tail}", sentence(head)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_has_a_brief_name() {
        assert_eq!(brief("99th percentile of the response time, s"), "p99 response time, s");
        assert_eq!(brief("mean waiting time, ms"), "mean waiting time, ms");
    }
}

//! What the log says of itself: its figures, and its arrivals for a replay.

use super::figures::{FAILED, MEAN, PERCENTILES, RunFigures, THROUGHPUT, Values};
use crate::fit::arrivals::Loop;
use crate::fit::findings::Findings;
use crate::fit::ledger::LedgerRequest;
use crate::fit::record::LoadTestSummary;
use crate::time::Time;

/// Which time of a request is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComparedTime {
    /// From arrival to answer.
    Response,
    /// While a worker held it: the log has nothing else.
    Held,
}

/// The measured side.
#[derive(Clone, Debug)]
pub(crate) struct Logged {
    /// Which time is compared.
    pub(crate) compared: ComparedTime,
    /// The figures.
    pub(crate) values: Values,
    /// Arrivals from the first on, in order; empty if they are not known well enough to be used
    /// again.
    pub(crate) arrivals: Vec<Time>,
    /// Requests in all.
    pub(crate) requests: u64,
    /// How long it took, in seconds, if that is known.
    pub(crate) seconds: Option<f64>,
}

impl Logged {
    /// What is compared; what came in the first `warmup` nanoseconds does not count.
    ///
    /// # Errors
    /// A sentence, if there is nothing to compare.
    pub(crate) fn new(findings: &Findings, warmup: u64) -> Result<Logged, String> {
        if findings.ledger.requests == 0 {
            let figures = findings.figures.as_ref();
            let figures = figures.ok_or("there are no times to compare a prediction with")?;
            if warmup > 0 {
                return Err("--warmup: a summary does not say when its requests came".to_owned());
            }
            return Ok(of_summary(&figures.summary));
        }
        of_log(findings, warmup)
    }
}

/// Requests of a summary that does not say how many there were.
const UNSAID: u64 = 10_000;

fn of_summary(summary: &LoadTestSummary) -> Logged {
    let mut values = [None; 7];
    let failed = summary.failed.zip(summary.requests);
    values[FAILED] = failed.map(|(failed, all)| failed as f64 / all.max(1) as f64);
    let served = 1.0 - values[FAILED].unwrap_or(0.0);
    values[THROUGHPUT] = summary.rate.map(|rate| rate * served);
    values[MEAN] = summary.mean;
    for (at, wanted) in PERCENTILES {
        let known = summary.quantiles.iter().find(|(p, _)| (p - wanted).abs() < 1e-9);
        values[at] = known.map(|(_, seconds)| *seconds);
    }
    let requests = summary.requests.unwrap_or(UNSAID);
    let seconds = summary.rate.filter(|rate| *rate > 0.0).map(|rate| requests as f64 / rate);
    Logged { compared: ComparedTime::Response, values, arrivals: Vec::new(), requests, seconds }
}

fn of_log(findings: &Findings, warmup: u64) -> Result<Logged, String> {
    let kept = &findings.ledger.kept;
    let first = kept.iter().filter_map(|one| one.arrival).min();
    let since = |at: i64| (at - first.unwrap_or(at)).max(0) as u64;
    if warmup > 0 && first.is_none() {
        return Err("--warmup: the log does not say when its requests came".to_owned());
    }
    let compared = match kept.iter().any(|one| one.response.is_some()) {
        true => ComparedTime::Response,
        false => ComparedTime::Held,
    };
    let time = |one: &LedgerRequest| match compared {
        ComparedTime::Response => one.response,
        ComparedTime::Held => one.held,
    };
    let mut figures = RunFigures::default();
    let mut last = 0;
    for one in kept.iter().filter(|one| one.arrival.map_or(0, since) >= warmup) {
        match time(one).filter(|_| one.status.is_served()) {
            Some(nanos) => {
                figures.times.push(nanos as f64 / 1e9);
                let end = one.departure.or_else(|| one.arrival?.checked_add_unsigned(nanos));
                last = last.max(end.map_or(0, since));
            }
            None => figures.failed += u64::from(!one.status.is_served()),
        }
    }
    if figures.times.is_empty() {
        return Err("no request that counts has a time to compare a prediction with".to_owned());
    }
    figures.seconds = last.saturating_sub(warmup) as f64 / 1e9;
    let seconds = Some(last as f64 / 1e9).filter(|seconds| *seconds > 0.0);
    let arrivals = arrivals(findings, since);
    let requests = kept.len() as u64;
    Ok(Logged { compared, values: figures.values(), arrivals, requests, seconds })
}

/// The arrivals, if they are known finely and did not depend on the answers.
fn arrivals(findings: &Findings, since: impl Fn(i64) -> u64) -> Vec<Time> {
    let open = findings.arrivals.as_ref().is_some_and(|arrivals| arrivals.loop_ == Loop::Open);
    let fine = findings.service.as_ref().map_or(findings.ledger.step <= 1_000_000, |s| s.timeline);
    if !open || !fine {
        return Vec::new();
    }
    let instants = findings.ledger.kept.iter().filter_map(|one| one.arrival);
    let mut arrivals: Vec<Time> = instants.map(|at| Time::from_nanos(since(at))).collect();
    arrivals.sort_unstable();
    arrivals
}

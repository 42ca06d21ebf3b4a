//! How requests come: the rate, its course, and whether they come as if by chance.

use statrs::distribution::{ChiSquared, ContinuousCDF};

use super::ledger::Ledger;

/// How requests come.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LoggedArrivals {
    /// Mean arrivals a second.
    pub(crate) rate: f64,
    /// Seconds from the first to the last.
    pub(crate) span: f64,
    /// The most in one minute, a second, if there are minutes.
    pub(crate) busiest_minute: Option<f64>,
    /// Variance over mean of the counts in windows: 1 for a Poisson process, more for bursts.
    pub(crate) dispersion: Option<Dispersion>,
    /// How a load test seems to be driven.
    pub(crate) loop_: Loop,
}

/// The index of dispersion of counts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Dispersion {
    /// Variance over mean.
    pub(crate) index: f64,
    /// The length of a window in seconds.
    pub(crate) window: f64,
    /// How probable an index as far from 1 is for a Poisson process.
    pub(crate) p_value: f64,
}

/// Whether clients wait for answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loop {
    /// Requests come whatever is inside.
    Open,
    /// So many users: a request comes when another has gone.
    Closed(usize),
}

/// The arrivals of a log; none if it has no instants.
pub(crate) fn arrivals(ledger: &Ledger) -> Option<LoggedArrivals> {
    let (first, last) = ledger.span.filter(|_| ledger.requests > 1)?;
    let span = (last - first) as f64 / 1e9;
    let step = ledger.step as f64 / 1e9;
    let span = span.max(step).max(1e-9);
    let mut instants: Vec<i64> = ledger.kept.iter().filter_map(|kept| kept.arrival).collect();
    instants.sort_unstable();
    let full = ledger.by_minute.len() > 2;
    let busiest = ledger.by_minute.values().max().filter(|_| full);
    Some(LoggedArrivals {
        rate: (ledger.requests - 1) as f64 / span,
        span,
        busiest_minute: busiest.map(|count| *count as f64 / 60.0),
        dispersion: dispersion(&instants, step),
        loop_: driven(ledger, &instants),
    })
}

/// Windows that are wanted at least, and requests in each on average.
const WINDOWS: (f64, f64) = (20.0, 5.0);

/// The index of dispersion, if there are enough requests: in windows as short as hold five
/// requests, of a whole number of steps. Stamps are cut to whole steps, so that arrivals (a stamp less
/// the response time) crowd just before these: the windows begin half a step earlier.
fn dispersion(instants: &[i64], step: f64) -> Option<Dispersion> {
    let step = step.max(1e-3);
    let (first, last) = (*instants.first()? - (step * 5e8) as i64, *instants.last()?);
    let span = (last - first) as f64 / 1e9;
    let rate = instants.len() as f64 / span;
    let window = (WINDOWS.1 / rate / step).ceil() * step;
    let count = (span / window).floor();
    if !count.is_finite() || count < WINDOWS.0 {
        return None;
    }
    let mut counts = vec![0.0; count as usize];
    for instant in instants {
        let at = ((instant - first) as f64 / 1e9 / window) as usize;
        if let Some(counted) = counts.get_mut(at) {
            *counted += 1.0;
        }
    }
    let mean = counts.iter().sum::<f64>() / count;
    let variance = counts.iter().map(|n| (n - mean) * (n - mean)).sum::<f64>() / (count - 1.0);
    let index = variance / mean;
    Some(Dispersion { index, window, p_value: p_value(index * (count - 1.0), count - 1.0)? })
}

/// The dispersion test (Fisher 1950): (windows - 1) x index is chi-squared if the process is
/// Poisson; two-sided.
fn p_value(statistic: f64, freedom: f64) -> Option<f64> {
    let below = ChiSquared::new(freedom).ok()?.cdf(statistic);
    Some((2.0 * below.min(1.0 - below)).clamp(0.0, 1.0))
}

/// The share of arrivals at once after a departure from which a load test counts as closed.
const ANSWERED_AT_ONCE: f64 = 0.9;

/// A closed loop without pauses sends when it is answered: nearly every arrival follows a
/// departure at once, and the number inside stays the same.
fn driven(ledger: &Ledger, arrivals: &[i64]) -> Loop {
    let both = |kept: &super::ledger::LedgerRequest| Some((kept.arrival?, kept.departure?));
    let mut departures: Vec<i64> = ledger.kept.iter().filter_map(both).map(|one| one.1).collect();
    if departures.len() < 50 || ledger.step > 10_000_000 {
        return Loop::Open;
    }
    departures.sort_unstable();
    let near = 2 * ledger.step.max(1_000_000) as i64;
    let follows = |at: &&i64| {
        let next = departures.partition_point(|departure| *departure < **at - near);
        departures.get(next).is_some_and(|departure| *departure <= **at + near / 2)
    };
    let mean_gap = (arrivals[arrivals.len() - 1] - arrivals[0]) / arrivals.len() as i64;
    let follow = arrivals.iter().filter(follows).count() as f64 / arrivals.len() as f64;
    // where requests come within the tolerance of one another anyway, nothing can be seen
    if follow < ANSWERED_AT_ONCE || mean_gap < 2 * near {
        return Loop::Open;
    }
    let spans = ledger.kept.iter().filter_map(both);
    Loop::Closed(super::occupancy::Occupancy::new(spans).peak())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Constant gaps have no dispersion; pairs have twice that of singles.
    #[test]
    fn the_dispersion_of_simple_streams() {
        let regular: Vec<i64> = (0..1000).map(|k| k * 100_000_000).collect();
        let found = dispersion(&regular, 0.001).unwrap();
        assert!(found.index < 0.05 && found.p_value < 0.01, "{found:?}");
        assert!(dispersion(&regular[..10], 0.001).is_none());
    }

    /// Ten requests a second, each stamped with the whole second in which it was answered.
    #[test]
    fn stamps_of_whole_seconds_make_no_bursts() {
        let took = |k: i64| (10 + k % 50) * 1_000_000;
        let arrival = |k: i64| (10 + k / 10) * 1_000_000_000 - took(k);
        let mut instants: Vec<i64> = (0..300).map(arrival).collect();
        instants.sort_unstable();
        let found = dispersion(&instants, 1.0).unwrap();
        assert!(found.index < 0.05, "{found:?}");
    }

    /// Half of chi-squared with 10 degrees of freedom lies below 9.342 (tables).
    #[test]
    fn the_test_is_that_of_the_tables() {
        assert!((p_value(9.342, 10.0).unwrap() - 1.0).abs() < 1e-3);
        assert!((p_value(18.307, 10.0).unwrap() - 0.1).abs() < 1e-3);
    }
}

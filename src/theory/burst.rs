//! All requests at once, then none: how long until the last is answered.

use super::{Result, at_least_one, positive};

/// The end of a burst.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Drain {
    /// `E[time until the last answer]` in seconds.
    pub makespan_mean: f64,
    /// `Var[time until the last answer]` in s².
    pub makespan_variance: f64,
    /// `E[response]` in seconds, over all requests.
    pub response_mean: f64,
}

/// `requests` exponential requests of mean `service_mean` (s) that are all there at time 0, at most
/// `at_once` of which (a fraction for a core quota) are worked on at full speed: k workers, or C
/// shared cores.
///
/// Condition: exponential service; workers with a core each, or unlimited workers sharing cores.
/// Source: with n left the next leaves after an exponential time at rate min(n, k) / mean: sums of
/// independent exponentials (order statistics: Rényi 1953).
///
/// # Errors
/// No requests, or a parameter out of range.
pub fn drain(requests: usize, at_once: f64, service_mean: f64) -> Result<Drain> {
    at_least_one("the number of requests", requests)?;
    positive("the number at once", at_once)?;
    positive("the service", service_mean)?;
    let step = |n: usize| service_mean / at_once.min(n as f64);
    let area: f64 = (1..=requests).map(|n| n as f64 * step(n)).sum();
    Ok(Drain {
        makespan_mean: (1..=requests).map(step).sum(),
        makespan_variance: (1..=requests).map(|n| step(n).powi(2)).sum(),
        response_mean: area / requests as f64,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_clients_and_one_worker() {
        let got = drain(3, 1.0, 3.0).unwrap();
        assert_eq!((got.makespan_mean, got.response_mean), (9.0, 6.0));
        assert_eq!(drain(3, 4.0, 3.0).unwrap().response_mean, 3.0);
    }
}

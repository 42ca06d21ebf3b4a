//! Poisson arrivals, constant service, k workers: M/D/k.
//!
//! A constant service makes time a comb: who is in the system now and was one service ago has
//! left. So the queue, looked at once per service, is a random walk with Poisson steps, and the
//! distribution of the wait follows from it without a single subtraction.

use super::erlang::Mmk;
use super::matrix::steady_state;
use super::numeric::{poisson_weights, root_between};
use super::{Result, TheoryError, TimeDistribution};

/// The most work (states x jumps up x jumps down) that is done.
const MOST_WORK: f64 = 4e8;

/// M/D/k: Poisson arrivals, every service `service` seconds, `workers` workers, unlimited queue.
///
/// Condition: a core for every worker; first come first served; rate x service < workers.
/// Source: Crommelin (1932), Post Office Electrical Engineers' J. 25:41; Franx (2001), Operations
/// Research Letters 29:221 (the form without cancellation); Tijms, A First Course in Stochastic
/// Models (2003), ch. 9.
#[derive(Clone, Debug, PartialEq)]
pub struct Mdk {
    rate: f64,
    service: f64,
    workers: usize,
    /// P(more than m wait), m = 0, 1, ...
    more_than: Vec<f64>,
    /// By which factor the last entry goes on falling.
    decay: f64,
}

impl Mdk {
    /// `rate` arrivals per second, `service` seconds each.
    ///
    /// # Errors
    /// A parameter out of range, a load of 1 or more, or a load so near to 1 with so many workers
    /// that the chain is too large.
    pub fn new(rate: f64, service: f64, workers: usize) -> Result<Self> {
        Mmk::new(rate, service, workers)?;
        let offered = rate * service;
        let exponent = decay_exponent(offered, workers as f64);
        let last = (36.0 / exponent).ceil() as usize + 1;
        let p = waiting(offered, workers, last)?;
        let mut sum = 0.0;
        let mut more_than: Vec<f64> = Vec::with_capacity(p.len());
        for p in p.iter().rev() {
            more_than.push(sum);
            sum += p;
        }
        more_than.reverse();
        more_than.pop();
        Ok(Mdk { rate, service, workers, more_than, decay: (-exponent).exp() })
    }

    /// P(an arrival waits).
    pub fn wait_prob(&self) -> f64 {
        self.survival(0.0)
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        self.rate * self.service / self.workers as f64
    }

    /// Lq: the time average of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        self.more_than.iter().sum()
    }

    /// L: the time average of requests in the system.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_queue() + self.rate * self.service
    }

    /// `E[wait]` in seconds (Little's law).
    pub fn wait_mean(&self) -> f64 {
        self.mean_queue() / self.rate
    }

    /// `E[response]` in seconds.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service
    }

    /// The quantile of the response (s): a service after that of the wait.
    pub(crate) fn response_quantile(&self, p: f64) -> f64 {
        self.quantile(p) + self.service
    }

    fn more_than(&self, m: i64) -> f64 {
        match usize::try_from(m) {
            Err(_) => 1.0,
            Ok(m) if m < self.more_than.len() => self.more_than[m],
            Ok(m) => {
                let last = self.more_than.last().copied().unwrap_or(0.0);
                last * self.decay.powf((m + 1 - self.more_than.len()) as f64)
            }
        }
    }
}

/// The distribution of the wait.
impl TimeDistribution for Mdk {
    /// With (n-1) D <= t < n D: the sum over j of Poisson(j; rate (n D - t)) P(more than
    /// n k - 1 - j wait).
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        let services = (t / self.service).floor() + 1.0;
        let rest = (services * self.service - t).max(0.0);
        let (first, weights) = poisson_weights(self.rate * rest);
        let most = services as i64 * self.workers as i64 - 1;
        (first as i64..).zip(weights).map(|(j, weight)| weight * self.more_than(most - j)).sum()
    }

    fn scale(&self) -> f64 {
        self.service / self.workers as f64 + self.wait_mean()
    }
}

/// The exponent x > 0 of the geometric tail e^-x of the queue: the root of a (e^x - 1) = k x.
fn decay_exponent(offered: f64, workers: f64) -> f64 {
    let below = |x: f64| workers - offered * x.exp_m1() / x;
    let mut high = 1.0;
    while below(high) > 0.0 {
        high *= 2.0;
    }
    root_between(below, (1e-12, workers - offered), (high, below(high)), 1e-12)
}

/// The steady state of Q -> max(0, Q + Poisson(offered) - workers), cut at `last`.
fn waiting(offered: f64, workers: usize, last: usize) -> Result<Vec<f64>> {
    let (first, weights) = poisson_weights(offered);
    let most = first + weights.len() - 1;
    let (up, down) = (most.saturating_sub(workers).max(1), workers.saturating_sub(first).max(1));
    let work = last as f64 * up.min(last) as f64 * down.min(last) as f64;
    if work > MOST_WORK {
        return Err(TheoryError::TooLarge {
            states: last,
            limit: (MOST_WORK / (up * down) as f64) as usize,
        });
    }
    let mut jumps = Vec::with_capacity((last + 1) * weights.len());
    for from in 0..=last {
        for (arrivals, &weight) in (first..).zip(&weights) {
            let to = (from + arrivals).saturating_sub(workers);
            if to <= last {
                jumps.push((from, to, weight));
            }
        }
    }
    Ok(steady_state(last + 1, &jumps))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn m_d_1_by_hand() {
        let queue = Mdk::new(0.5, 1.0, 1).unwrap();
        assert!((queue.wait_mean() - 0.5).abs() < 1e-12);
        assert!((queue.wait_prob() - 0.5).abs() < 1e-13);
        // P(W <= t) = (1 - rho) e^(rate t) for t < D
        let expected = 1.0 - 0.5 * f64::exp(0.25);
        assert!((queue.survival(0.5) - expected).abs() < 1e-13);
    }

    #[test]
    fn light_and_heavy_loads() {
        assert!(Mdk::new(0.001, 1.0, 8).unwrap().wait_mean() < 1e-20);
        let heavy = Mdk::new(0.999, 1.0, 1).unwrap();
        assert!((heavy.wait_mean() / (0.999 / 0.002) - 1.0).abs() < 1e-9);
        assert!(heavy.quantile(0.999).is_finite());
    }
}

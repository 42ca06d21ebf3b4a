//! Exponential service where the number in the system is bounded: finite queues, closed clients.
//!
//! All of these are birth-death chains, and all that is asked of them follows from two lists: the
//! steady state and the arrival rate in each state. What an accepted arrival finds is p(n) weighted
//! with the arrival rate at n; for closed clients that *is* the arrival theorem (Sevcik & Mitrani
//! 1981: an arrival sees the system with one client less).

use super::erlang::erlang_b;
use super::numeric::birth_death;
use super::steps::{FcfsTimes, Steps};
use super::{Result, TheoryError, at_least_one, not_negative, positive};

/// The most states that are held.
const MOST_STATES: usize = 10_000_000;

/// `workers` workers with exponential service and a bounded number of requests.
///
/// Condition: a core for every worker; first come first served.
/// Source: Shortle, Thompson, Gross & Harris, Fundamentals of Queueing Theory 5e (2018), ch. 3
/// (M/M/c/K, finite source).
#[derive(Clone, Debug, PartialEq)]
pub struct BirthDeathQueue {
    workers: usize,
    service_mean: f64,
    /// p(n) for n = 0 ..= places.
    p: Vec<f64>,
    /// p(n) x arrival rate in state n; those in the last state are refused.
    flow: Vec<f64>,
}

impl BirthDeathQueue {
    /// M/M/k/K: Poisson arrivals at `rate` per second, `places` in the system in all, workers
    /// included; an arrival that finds it full is refused and does not come back.
    ///
    /// # Errors
    /// A parameter out of range, fewer places than workers, or too many.
    pub fn mmkk(rate: f64, service_mean: f64, workers: usize, places: usize) -> Result<Self> {
        positive("the arrival rate", rate)?;
        Self::new(service_mean, workers, places, |_| rate)
    }

    /// M/M/k//N: `clients` that think (mean `think_mean` s, exponential) between an answer and
    /// their next request; nobody is refused.
    ///
    /// # Errors
    /// A parameter out of range, or too many clients.
    pub fn machine_repair(
        clients: usize,
        think_mean: f64,
        service_mean: f64,
        workers: usize,
    ) -> Result<Self> {
        let places = at_least_one("the number of clients", clients)?.max(workers);
        Self::closed_finite(clients, think_mean, service_mean, workers, places)
    }

    /// M/M/k/K//N: as [`BirthDeathQueue::machine_repair`] with `places` in the system in all; a
    /// refused client thinks again. Engset's model where `places = workers`.
    ///
    /// # Errors
    /// A parameter out of range, fewer places than workers, or too many.
    pub fn closed_finite(
        clients: usize,
        think_mean: f64,
        service_mean: f64,
        workers: usize,
        places: usize,
    ) -> Result<Self> {
        at_least_one("the number of clients", clients)?;
        positive("the time to think", think_mean)?;
        let rate = |n: usize| clients.saturating_sub(n) as f64 / think_mean;
        Self::new(service_mean, workers, places, rate)
    }

    fn new(
        service_mean: f64,
        workers: usize,
        places: usize,
        rate: impl Fn(usize) -> f64,
    ) -> Result<Self> {
        positive("the service", service_mean)?;
        at_least_one("the number of workers", workers)?;
        if places < workers {
            let (what, value) = ("the number of places", places as f64);
            return Err(TheoryError::Parameter {
                what,
                value,
                must: "the number of workers or more",
            });
        }
        if places > MOST_STATES {
            return Err(TheoryError::TooLarge { states: places, limit: MOST_STATES });
        }
        let p = birth_death(places, |n| rate(n) * service_mean / workers.min(n + 1) as f64);
        let flow = p.iter().enumerate().map(|(n, p)| p * rate(n)).collect();
        Ok(BirthDeathQueue { workers, service_mean, p, flow })
    }

    fn places(&self) -> usize {
        self.p.len() - 1
    }

    /// The share of attempts that are refused.
    pub fn loss_prob(&self) -> f64 {
        self.flow[self.places()] / self.flow.iter().sum::<f64>()
    }

    /// Answers per second.
    pub fn throughput(&self) -> f64 {
        self.flow[..self.places()].iter().sum()
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        self.throughput() * self.service_mean / self.workers as f64
    }

    /// L: the time average of requests in the system.
    pub fn mean_in_system(&self) -> f64 {
        self.p.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// Lq: the time average of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        self.p.iter().skip(self.workers).enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// `E[wait]` of accepted requests, in seconds (Little's law).
    pub fn wait_mean(&self) -> f64 {
        self.mean_queue() / self.throughput()
    }

    /// `E[response]` of accepted requests, in seconds.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service_mean
    }

    /// P(an accepted request waits).
    pub fn wait_prob(&self) -> f64 {
        self.flow[self.workers..self.places()].iter().fold(0.0, |sum, flow| sum + flow)
            / self.throughput()
    }

    /// The distribution of the wait of accepted requests.
    pub fn wait_distribution(&self) -> Steps {
        self.found().wait_distribution()
    }

    /// The distribution of the response of accepted requests.
    pub fn response_distribution(&self) -> Steps {
        self.found().response_distribution()
    }

    fn found(&self) -> FcfsTimes {
        let accepted = self.throughput();
        let busy = &self.flow[self.workers..self.places()];
        let busy: Vec<f64> = busy.iter().map(|flow| flow / accepted).collect();
        FcfsTimes::new(self.workers, self.service_mean, &busy)
    }
}

/// M/G/k/k: nobody waits; an arrival that finds all `workers` busy is refused.
///
/// Condition: Poisson arrivals; *any* service distribution of that mean (Sevastyanov 1957; Kelly,
/// Reversibility and Stochastic Networks (1979), ch. 3); a core for every worker.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Loss {
    rate: f64,
    service_mean: f64,
    workers: usize,
    loss_prob: f64,
}

impl Loss {
    /// `rate` arrivals per second, `service_mean` seconds each.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn new(rate: f64, service_mean: f64, workers: usize) -> Result<Self> {
        let offered =
            not_negative("the arrival rate", rate)? * positive("the service", service_mean)?;
        let loss_prob = erlang_b(offered, at_least_one("the number of workers", workers)?);
        Ok(Loss { rate, service_mean, workers, loss_prob })
    }

    /// The share of arrivals that are refused: Erlang B.
    pub fn loss_prob(&self) -> f64 {
        self.loss_prob
    }

    /// Answers per second.
    pub fn throughput(&self) -> f64 {
        self.rate * (1.0 - self.loss_prob)
    }

    /// L: the time average of requests in service.
    pub fn mean_in_system(&self) -> f64 {
        self.throughput() * self.service_mean
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        self.mean_in_system() / self.workers as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::TimeDistribution;
    use crate::theory::erlang::Mmk;

    #[test]
    fn m_m_1_2_by_hand() {
        // rho = 1: all three states alike
        let queue = BirthDeathQueue::mmkk(2.0, 0.5, 1, 2).unwrap();
        assert!((queue.loss_prob() - 1.0 / 3.0).abs() < 1e-15);
        assert!((queue.wait_prob() - 0.5).abs() < 1e-15);
        assert!((queue.wait_mean() - 0.25).abs() < 1e-15);
        // half wait an exponential(2), half do not
        assert!((queue.wait_distribution().quantile(0.75) - f64::ln(2.0) / 2.0).abs() < 1e-12);
        assert_eq!(queue.wait_distribution().quantile(0.5), 0.0);
    }

    #[test]
    fn a_long_queue_is_an_unlimited_one() {
        let (finite, open) =
            (BirthDeathQueue::mmkk(3.2, 1.0, 4, 400).unwrap(), Mmk::new(3.2, 1.0, 4).unwrap());
        assert!((finite.wait_mean() - open.wait_mean()).abs() < 1e-12);
        for p in [0.3, 0.5, 0.9, 0.99] {
            let (got, expect) =
                (finite.wait_distribution().quantile(p), open.wait_distribution().quantile(p));
            assert!((got - expect).abs() < 1e-9, "wait {p}: {got} {expect}");
            let (got, expect) = (
                finite.response_distribution().quantile(p),
                open.response_distribution().quantile(p),
            );
            assert!((got - expect).abs() < 1e-9, "response {p}: {got} {expect}");
        }
    }

    #[test]
    fn no_queue_is_erlang_b() {
        let (finite, loss) =
            (BirthDeathQueue::mmkk(10.0, 1.0, 12, 12).unwrap(), Loss::new(10.0, 1.0, 12).unwrap());
        assert!((finite.loss_prob() / loss.loss_prob() - 1.0).abs() < 1e-13);
        assert_eq!(finite.wait_prob(), 0.0);
        assert_eq!(finite.wait_distribution().quantile(0.999), 0.0);
    }

    #[test]
    fn one_client_never_waits() {
        let queue = BirthDeathQueue::machine_repair(1, 1.0, 3.0, 4).unwrap();
        assert_eq!((queue.wait_prob(), queue.wait_mean(), queue.loss_prob()), (0.0, 0.0, 0.0));
        assert!((queue.throughput() - 0.25).abs() < 1e-15);
        assert!((queue.response_distribution().quantile(0.9) - 3.0 * f64::ln(10.0)).abs() < 1e-9);
    }

    #[test]
    fn ten_thousand_clients_are_no_trouble() {
        let queue = BirthDeathQueue::machine_repair(10_000, 30.0, 0.02, 8).unwrap();
        assert!((queue.utilisation() - (1.0 / 3.0 * 10.0 * 2.0 / 8.0)).abs() < 1e-2);
        assert!(queue.wait_distribution().quantile(0.99).is_finite());
    }
}

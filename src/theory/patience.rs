//! Impatient clients: a request leaves the queue if it has not been started in time.

use super::erlang::erlang_b;
use super::numeric::saturating_exponential;
use super::{Result, TheoryError, TimeDistribution, at_least_one, positive};

/// M/M/k+M, Erlang A: patience in the queue is exponential. Always stable.
///
/// Condition: Poisson arrivals, exponential service and patience, a core for every worker; who is
/// in service stays.
/// Source: Palm 1957; Garnett, Mandelbaum & Reiman (2002), M&SOM 4:208; the birth-death
/// chain is cut where the rest is below 1e-20 of the whole.
#[derive(Clone, Debug, PartialEq)]
pub struct ErlangA {
    rate: f64,
    service_mean: f64,
    patience_mean: f64,
    workers: usize,
    p: Vec<f64>,
}

/// The most states of [`ErlangA`].
const MOST_STATES: usize = 200_000;

impl ErlangA {
    /// `rate` arrivals per second; means in seconds.
    ///
    /// # Errors
    /// A parameter out of range, or a queue of millions.
    pub fn new(rate: f64, service_mean: f64, workers: usize, patience_mean: f64) -> Result<Self> {
        positive("the arrival rate", rate)?;
        positive("the service", service_mean)?;
        positive("the patience", patience_mean)?;
        at_least_one("the number of workers", workers)?;
        let ratio = |n: usize| {
            let served = workers.min(n + 1) as f64 / service_mean;
            rate / (served + (n + 1).saturating_sub(workers) as f64 / patience_mean)
        };
        let p = until_negligible(ratio)?;
        Ok(ErlangA { rate, service_mean, patience_mean, workers, p })
    }

    /// Lq: the time average of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        self.p.iter().skip(self.workers).enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// L: the time average of requests in the system.
    pub fn mean_in_system(&self) -> f64 {
        self.p.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// The share of requests that leave the queue unserved.
    pub fn abandon_prob(&self) -> f64 {
        self.mean_queue() / self.patience_mean / self.rate
    }

    /// Answers per second.
    pub fn throughput(&self) -> f64 {
        self.rate * (1.0 - self.abandon_prob())
    }

    /// P(an arrival finds all workers busy).
    pub fn wait_prob(&self) -> f64 {
        self.p.iter().skip(self.workers).sum()
    }

    /// `E[time in the queue]` in seconds, of all requests: served and lost.
    pub fn wait_mean_all(&self) -> f64 {
        self.mean_queue() / self.rate
    }

    /// `E[wait]` in seconds of those that are served.
    ///
    /// Who comes as the j-th that waits moves up when a worker is free or one ahead leaves: from i
    /// to i - 1 at k mu + (i - 1) theta, while it gives up at theta. So it is served with
    /// probability k mu / (k mu + j theta), and then its wait is the sum over i <= j of
    /// 1 / (k mu + i theta) on average: how long a step takes does not depend on how it ends.
    pub(crate) fn wait_mean_served(&self) -> f64 {
        let (mut wait, mut served) = (0.0, self.p.iter().take(self.workers).sum::<f64>());
        let mut moving = 0.0;
        let (all_busy, theta) = (self.workers as f64 / self.service_mean, 1.0 / self.patience_mean);
        for (j, p) in (1..).zip(self.p.iter().skip(self.workers)) {
            let rate = all_busy + f64::from(j) * theta;
            moving += 1.0 / rate;
            served += p * all_busy / rate;
            wait += p * all_busy / rate * moving;
        }
        wait / served
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        (self.mean_in_system() - self.mean_queue()) / self.workers as f64
    }
}

/// The steady state of a birth-death chain with falling ratios p(n+1)/p(n), cut where the rest is
/// below 1e-20 of the whole.
fn until_negligible(ratio: impl Fn(usize) -> f64) -> Result<Vec<f64>> {
    let (mut p, mut value, mut total) = (vec![1.0], 1.0f64, 1.0);
    loop {
        let next = ratio(p.len() - 1);
        if next < 1.0 && value / (1.0 - next) < 1e-20 * total {
            break;
        }
        if p.len() > MOST_STATES {
            return Err(TheoryError::TooLarge { states: p.len(), limit: MOST_STATES });
        }
        value *= next;
        total += value;
        p.push(value);
        if value > 1e250 {
            p.iter_mut().for_each(|value| *value /= 1e250);
            (value, total) = (value / 1e250, total / 1e250);
        }
    }
    p.iter_mut().for_each(|value| *value /= total);
    Ok(p)
}

/// M/M/k+D: everybody leaves the queue after the same time, `patience`. Always stable.
///
/// Condition: Poisson arrivals, exponential service, a core for every worker; who is in service
/// stays.
/// Source: Barrer (1957), Operations Research 5:650; Baccelli & Hebuterne 1981; Zeltyn &
/// Mandelbaum (2005), Queueing Systems 51:361: the density of the offered wait at x > 0 is
/// rate p(k-1) exp(-k mu x + rate min(x, patience)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FixedPatience {
    rate: f64,
    service_mean: f64,
    workers: usize,
    patience: f64,
    wait_prob: f64,
    abandon_prob: f64,
    /// `E[offered wait; it is below the patience]`.
    wait_of_served: f64,
}

impl FixedPatience {
    /// `rate` arrivals per second; times in seconds.
    ///
    /// # Errors
    /// A parameter out of range.
    pub fn new(rate: f64, service_mean: f64, workers: usize, patience: f64) -> Result<Self> {
        positive("the arrival rate", rate)?;
        positive("the service", service_mean)?;
        positive("the patience", patience)?;
        at_least_one("the number of workers", workers)?;
        let all_busy = workers as f64 / service_mean;
        let spare = all_busy - rate;
        // relative to the probability of fewer than k: p(k-1) is that of M/M/(k-1)/(k-1); all
        // weights are scaled down where the exponential would grow beyond bounds
        let down = (spare * patience).min(0.0).exp();
        let entering = rate * erlang_b(rate * service_mean, workers - 1);
        let (served, first_moment) = scaled_moments(spare, patience, down);
        let lost = entering * (-spare.max(0.0) * patience).exp() / all_busy;
        let total = down + entering * served + lost;
        Ok(FixedPatience {
            rate,
            service_mean,
            workers,
            patience,
            wait_prob: (entering * served + lost) / total,
            abandon_prob: lost / total,
            wait_of_served: entering * first_moment / total,
        })
    }

    /// The share of requests that leave the queue unserved.
    pub fn abandon_prob(&self) -> f64 {
        self.abandon_prob
    }

    /// Answers per second.
    pub fn throughput(&self) -> f64 {
        self.rate * (1.0 - self.abandon_prob)
    }

    /// P(an arrival finds all workers busy).
    pub fn wait_prob(&self) -> f64 {
        self.wait_prob
    }

    /// `E[wait]` in seconds of those that are served.
    pub fn wait_mean_served(&self) -> f64 {
        self.wait_of_served / (1.0 - self.abandon_prob)
    }

    /// `E[time in the queue]` in seconds of all: those that leave have waited `patience`.
    pub fn wait_mean_all(&self) -> f64 {
        self.wait_of_served + self.patience * self.abandon_prob
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        self.throughput() * self.service_mean / self.workers as f64
    }
}

/// The distribution of the wait of those that are served.
impl TimeDistribution for FixedPatience {
    fn survival(&self, t: f64) -> f64 {
        if t < 0.0 {
            return 1.0;
        }
        if t >= self.patience {
            return 0.0;
        }
        // the density is e^(-spare x) up to the patience: what lies beyond t, of what lies beyond 0
        let spare = self.workers as f64 / self.service_mean - self.rate;
        let beyond = |t: f64| match spare < 0.0 {
            false => (-spare * t).exp() * saturating_exponential(spare, self.patience - t),
            true => saturating_exponential(-spare, self.patience - t),
        };
        let waits = (self.wait_prob - self.abandon_prob) / (1.0 - self.abandon_prob);
        waits * beyond(t) / beyond(0.0)
    }

    fn scale(&self) -> f64 {
        self.patience / 2.0
    }
}

/// The integrals of e^(-d x) and of x e^(-d x) over 0 ..= t, both times `down`, which is
/// e^(d t) for d < 0 and 1 otherwise, so that nothing overflows.
fn scaled_moments(d: f64, t: f64, down: f64) -> (f64, f64) {
    let y = d * t;
    if y < 0.0 {
        // substitute x -> t - x: the integrals of e^(-|d| u) and (t - u) e^(-|d| u)
        let zeroth = saturating_exponential(-d, t);
        return (zeroth, t * zeroth - first_moment(-d, t));
    }
    (saturating_exponential(d, t) * down, first_moment(d, t) * down)
}

/// The integral of x e^(-d x) over 0 ..= t, d >= 0: t² (1 - (1 + y) e^-y) / y² with y = d t, by
/// its series near zero.
fn first_moment(d: f64, t: f64) -> f64 {
    let y = d * t;
    if y > 0.5 {
        return (1.0 - (1.0 + y) * (-y).exp()) / (d * d);
    }
    let mut power = 1.0;
    let mut sum = 0.0;
    for n in 0..20 {
        sum += power / (n as f64 + 2.0);
        power *= -y / (n as f64 + 1.0);
    }
    sum * t * t
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::erlang::Mmk;

    #[test]
    fn endless_patience_is_m_m_k() {
        let open = Mmk::new(3.2, 1.0, 4).unwrap();
        let fixed = FixedPatience::new(3.2, 1.0, 4, 500.0).unwrap();
        let exponential = ErlangA::new(3.2, 1.0, 4, 1e9).unwrap();
        assert!((fixed.wait_mean_all() - open.wait_mean()).abs() < 1e-12);
        assert!((fixed.wait_mean_served() - open.wait_mean()).abs() < 1e-12);
        assert!((exponential.wait_mean_all() - open.wait_mean()).abs() < 1e-6);
        assert!((exponential.wait_prob() - open.wait_prob()).abs() < 1e-7);
    }

    /// The chances to be served add up to what the abandonments leave, and endless patience waits
    /// like M/M/k; the distribution of M/M/k+D has its own mean.
    #[test]
    fn waits_of_the_served() {
        let queue = ErlangA::new(4.5, 1.0, 4, 2.0).unwrap();
        assert!(queue.wait_mean_served() < queue.wait_mean_all(), "the patient ones come sooner");
        let endless = ErlangA::new(3.2, 1.0, 4, 1e9).unwrap();
        assert!((endless.wait_mean_served() / endless.wait_mean_all() - 1.0).abs() < 1e-6);
        for rate in [3.0, 4.0, 6.0] {
            let fixed = FixedPatience::new(rate, 1.0, 4, 2.0).unwrap();
            let steps = 4_000;
            let at = |i: i32| fixed.survival(2.0 * (f64::from(i) + 0.5) / f64::from(steps));
            let mean = (0..steps).map(at).sum::<f64>() * 2.0 / f64::from(steps);
            assert!((mean / fixed.wait_mean_served() - 1.0).abs() < 1e-6, "{rate}: {mean}");
            assert_eq!((fixed.quantile(0.01), fixed.survival(2.0)), (0.0, 0.0));
        }
    }

    #[test]
    fn overload_does_not_overflow() {
        let fixed = FixedPatience::new(4_000.0, 1.0, 4, 10.0).unwrap();
        assert!((fixed.abandon_prob() - 0.999).abs() < 1e-6, "{fixed:?}");
        assert!((fixed.wait_mean_served() - 10.0).abs() < 1e-2, "{fixed:?}");
        let exponential = ErlangA::new(4_000.0, 1.0, 4, 10.0).unwrap();
        assert!((exponential.abandon_prob() - 0.999).abs() < 1e-6);
    }

    #[test]
    fn nothing_breaks_at_a_load_of_one() {
        let at = |rate: f64| FixedPatience::new(rate, 1.0, 4, 2.0).unwrap().wait_mean_all();
        assert!((at(4.0 - 1e-9) - at(4.0)).abs() < 1e-8);
        assert!((at(4.0 + 1e-9) - at(4.0)).abs() < 1e-8);
        // where the two forms of the first moment meet
        assert!((first_moment(0.5 - 1e-12, 1.0) - first_moment(0.5 + 1e-12, 1.0)).abs() < 1e-11);
    }
}

//! Shared cores: processor sharing, with or without a limit on how many share.
//!
//! With C cores and n requests running, each runs at min(1, C/n). Where everybody may run at once
//! nobody waits for a worker, and the mean response depends on the CPU distribution only through
//! its mean. Where at most N may run (N workers) the rest queue; with exponential demand the *mean*
//! response is the same for every N >= C: more workers move the time from waiting into running.

use super::erlang::ExponentialWait;
use super::numeric::{birth_death, poisson_weights};
use super::steps::Steps;
use super::{Result, TheoryError, at_least_one, not_negative, positive, stable, upper};

/// The most cores at work that are solved.
const MOST_CORES: usize = 5_000_000;

/// The most work (states x steps) that is done for the distribution of the response.
const MOST_WORK: f64 = 2e8;

/// Poisson arrivals, `cores` cores shared equally by at most `workers` requests, first come first
/// served in front of them.
///
/// Condition: without a limit any CPU distribution (Cohen (1979), Acta Informatica 12:245; Kelly,
/// Reversibility and Stochastic Networks (1979), ch. 3); with a limit exponential demand
/// (M/M/C-LPS-N: Avi-Itzhak & Halfin (1988), 12th International Teletraffic Congress). Cores may be
/// a fraction. Load below 1.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedCores {
    rate: f64,
    cpu_mean: f64,
    cores: f64,
    workers: Option<usize>,
    /// p(0) ..= p(m), where every level from m on works at full speed.
    p: Vec<f64>,
    /// p(n+1) / p(n) from m on.
    ratio: f64,
}

impl SharedCores {
    /// `rate` arrivals per second of `cpu_mean` seconds of CPU each; `workers: None` is no limit.
    ///
    /// # Errors
    /// A parameter out of range, a load of 1 or more, or millions of cores.
    pub fn new(rate: f64, cpu_mean: f64, cores: f64, workers: Option<usize>) -> Result<Self> {
        positive("the arrival rate", rate)?;
        positive("the CPU time", cpu_mean)?;
        positive("the number of cores", cores)?;
        let most = at_least_one("the number of workers", workers.unwrap_or(usize::MAX))? as f64;
        let full = cores.min(most);
        let ratio = stable(rate * cpu_mean / full)?;
        let first = full.ceil() as usize;
        if first > MOST_CORES {
            return Err(TheoryError::TooLarge { states: first, limit: MOST_CORES });
        }
        let mut p = birth_death(first, |n| rate * cpu_mean / full.min(n as f64 + 1.0));
        let total = 1.0 + p[first] * ratio / (1.0 - ratio);
        p.iter_mut().for_each(|p| *p /= total);
        Ok(SharedCores { rate, cpu_mean, cores, workers, p, ratio })
    }

    /// p(n): the share of time with n in the system; also what an arrival finds.
    pub fn in_system_prob(&self, n: usize) -> f64 {
        let last = self.p.len() - 1;
        self.p[n.min(last)] * self.ratio.powf(n.saturating_sub(last) as f64)
    }

    /// P(n or more in the system), for `n` no less than the number that work at full speed.
    fn at_least(&self, n: usize) -> f64 {
        self.in_system_prob(n) / (1.0 - self.ratio)
    }

    /// The least n with P(at most n in the system) >= p.
    pub fn in_system_quantile(&self, p: f64) -> usize {
        let last = self.p.len() - 1;
        let mut above = 1.0;
        for n in 0..last {
            above -= self.p[n];
            if above <= upper(p) + 4.0 * f64::EPSILON {
                return n;
            }
        }
        // P(more than n) = P(at least last) ratio^(n + 1 - last)
        let more = (upper(p) / self.at_least(last)).ln() / self.ratio.ln();
        last + (more - 1.0 - 1e-12).ceil().max(0.0) as usize
    }

    /// L: the time average of requests in the system.
    pub fn mean_in_system(&self) -> f64 {
        let last = self.p.len() - 1;
        let below: f64 = self.p[..last].iter().enumerate().map(|(n, p)| n as f64 * p).sum();
        below + self.at_least(last) * (last as f64 + self.ratio / (1.0 - self.ratio))
    }

    /// `E[response]` in seconds (Little's law).
    pub fn response_mean(&self) -> f64 {
        self.mean_in_system() / self.rate
    }

    /// How many times longer than alone: `E[response]` / `E[CPU]`. Without a limit on the workers a
    /// request that needs x seconds of CPU takes x times this on average, whatever x
    /// (`E[T(x)]` = x / (1 - rho) on one core: Kleinrock, Queueing Systems II (1976), ch. 4).
    pub fn slowdown(&self) -> f64 {
        self.response_mean() / self.cpu_mean
    }

    /// P(an arrival waits for a worker).
    pub fn wait_prob(&self) -> f64 {
        self.workers.map_or(0.0, |workers| self.at_least(workers))
    }

    /// Lq: the time average of requests that wait for a worker.
    pub fn mean_queue(&self) -> f64 {
        self.wait_prob() * self.ratio / (1.0 - self.ratio)
    }

    /// `E[wait for a worker]` in seconds.
    pub fn wait_mean(&self) -> f64 {
        self.mean_queue() / self.rate
    }

    /// The distribution of the wait for a worker (exponential demand).
    pub fn wait_distribution(&self) -> ExponentialWait {
        ExponentialWait { prob: self.wait_prob(), rate: self.spare() }
    }

    /// Mean share of the cores that is busy.
    pub fn core_utilisation(&self) -> f64 {
        self.rate * self.cpu_mean / self.cores
    }

    /// Mean share of the workers that are busy; 0 without a limit.
    pub fn worker_utilisation(&self) -> f64 {
        let busy = self.mean_in_system() - self.mean_queue();
        self.workers.map_or(0.0, |workers| busy / workers as f64)
    }

    /// The rate at which more could be done.
    fn spare(&self) -> f64 {
        self.full() / self.cpu_mean - self.rate
    }

    /// Cores at work when there is enough to do.
    fn full(&self) -> f64 {
        self.workers.map_or(self.cores, |workers| self.cores.min(workers as f64))
    }

    /// The distribution of the response for exponential demand, followed step by step with the
    /// request itself marked.
    ///
    /// Who waits, waits for an exponential time, during which others join behind it; from its
    /// start on it runs with them. Source: Coffman, Muntz & Trotter (1970), J. ACM 17:123, for one
    /// core without a limit (they give its variance); the chain is cut where fewer than 1e-13 of
    /// the arrivals would come.
    ///
    /// # Errors
    /// Too many states for the time that requests take: a load very near to 1.
    pub fn response_distribution(&self) -> Result<Steps> {
        let mut chain = Marked::new(self);
        let (states, steps) = (chain.running.len(), 30.0 * chain.step_rate * self.response_mean());
        let limit = (MOST_WORK / steps) as usize;
        if states > limit {
            return Err(TheoryError::TooLarge { states, limit });
        }
        Ok(Steps::new(chain.step_rate, std::iter::from_fn(move || Some(chain.step()))))
    }
}

/// A marked request: the probabilities of how many are behind it while it waits, and of how many
/// others are there while it runs.
struct Marked {
    waiting: Vec<f64>,
    running: Vec<f64>,
    /// Of each step, with that many others: ends the marked request; takes another one away.
    done: Vec<f64>,
    other: Vec<f64>,
    arrival: f64,
    start: f64,
    /// Others in service when the marked request starts after a wait.
    beside: usize,
    step_rate: f64,
}

impl Marked {
    fn new(queue: &SharedCores) -> Self {
        let last = queue.p.len() - 1;
        let tail = (1e-13f64.ln() / queue.ratio.ln()).ceil() as usize;
        let workers = queue.workers.unwrap_or(usize::MAX);
        let count = last + tail + 2 + queue.workers.unwrap_or(0);
        let step_rate = queue.rate + queue.full() / queue.cpu_mean;
        let per_step = 1.0 / (step_rate * queue.cpu_mean);
        let sharing = |n: usize| workers.min(n + 1) as f64;
        let own = |n: usize| (queue.cores / sharing(n)).min(1.0) * per_step;
        let all = |n: usize| queue.cores.min(sharing(n)) * per_step;
        let mut waiting = vec![0.0; count];
        waiting[0] = queue.wait_prob();
        let found = |n| if n < workers { queue.in_system_prob(n) } else { 0.0 };
        Marked {
            waiting,
            running: (0..count).map(found).collect(),
            done: (0..count).map(own).collect(),
            other: (0..count).map(|n| (all(n) - own(n)).max(0.0)).collect(),
            arrival: queue.rate / step_rate,
            start: queue.spare() / step_rate,
            beside: workers.saturating_sub(1),
            step_rate,
        }
    }

    /// P(not done yet), then one step further.
    fn step(&mut self) -> f64 {
        let now = self.waiting.iter().sum::<f64>() + self.running.iter().sum::<f64>();
        let last = self.running.len() - 1;
        let mut running = vec![0.0; last + 1];
        for (n, &p) in self.running.iter().enumerate() {
            running[(n + 1).min(last)] += p * self.arrival;
            running[n.saturating_sub(1)] += p * self.other[n];
            running[n] += p * (1.0 - self.arrival - self.other[n] - self.done[n]).max(0.0);
        }
        if self.waiting[0] > 0.0 {
            let mut waiting = vec![0.0; last + 1];
            for (behind, &p) in self.waiting.iter().enumerate() {
                waiting[(behind + 1).min(last)] += p * self.arrival;
                waiting[behind] += p * (1.0 - self.arrival - self.start);
                running[(self.beside + behind).min(last)] += p * self.start;
            }
            self.waiting = waiting;
        }
        self.running = running;
        now
    }
}

/// Poisson arrivals, unlimited workers, CPU shared and then (or in between) I/O: `E[response]` in
/// seconds, that of [`SharedCores`] plus the mean I/O.
///
/// Condition: any distributions of CPU and I/O. Source: Baskett, Chandy, Muntz & Palacios (1975),
/// J. ACM 22:248; Cohen (1979), Acta Informatica 12:245.
///
/// # Errors
/// A parameter out of range, or a load of 1 or more on the cores.
pub fn cores_then_io(rate: f64, cores: f64, cpu_mean: f64, io_mean: f64) -> Result<f64> {
    Ok(SharedCores::new(rate, cpu_mean, cores, None)?.response_mean()
        + not_negative("the I/O", io_mean)?)
}

/// M/G/inf: P(at most `n` in the system) where nobody waits for a worker or a core; the number is
/// Poisson with mean (and variance) rate x mean.
///
/// Condition: Poisson arrivals, any service distribution, unlimited workers and cores (or I/O
/// only). Source: Kleinrock, Queueing Systems I (1975), ch. 3; Takács (1962).
///
/// # Errors
/// A parameter out of range.
pub fn unlimited_at_most(rate: f64, service_mean: f64, n: usize) -> Result<f64> {
    let mean = not_negative("the arrival rate", rate)? * positive("the service", service_mean)?;
    let (first, weights) = poisson_weights(mean);
    Ok((first..=n).zip(weights).map(|(_, weight)| weight).sum())
}

/// The variance of the response (s²) in M/M/1-PS: (2 + rho) / ((2 - rho) (1 - rho)²) mean².
///
/// Condition: exponential demand, one core, no limit on the workers.
/// Source: Coffman, Muntz & Trotter (1970), J. ACM 17:123.
///
/// # Errors
/// A parameter out of range, or a load of 1 or more.
pub fn mm1_ps_response_variance(rate: f64, cpu_mean: f64) -> Result<f64> {
    let load = stable(positive("the arrival rate", rate)? * positive("the CPU time", cpu_mean)?)?;
    Ok((2.0 + load) / ((2.0 - load) * (1.0 - load).powi(2)) * cpu_mean * cpu_mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::TimeDistribution;
    use crate::theory::erlang::Mmk;

    #[test]
    fn sharing_has_the_mean_of_m_m_k() {
        for workers in [None, Some(4), Some(9)] {
            let shared = SharedCores::new(3.2, 1.0, 4.0, workers).unwrap();
            let open = Mmk::new(3.2, 1.0, 4).unwrap();
            assert!((shared.response_mean() / open.response_mean() - 1.0).abs() < 1e-13);
        }
        let few = SharedCores::new(1.5, 1.0, 8.0, Some(2)).unwrap();
        let open = Mmk::new(1.5, 1.0, 2).unwrap();
        assert!((few.wait_mean() / open.wait_mean() - 1.0).abs() < 1e-13);
    }

    #[test]
    fn as_many_workers_as_cores_is_first_come_first_served() {
        let shared =
            SharedCores::new(3.2, 1.0, 4.0, Some(4)).unwrap().response_distribution().unwrap();
        let open = Mmk::new(3.2, 1.0, 4).unwrap().response_distribution();
        for p in [0.1, 0.5, 0.9, 0.99] {
            let (got, expect) = (shared.quantile(p), open.quantile(p));
            assert!((got / expect - 1.0).abs() < 1e-8, "{p}: {got} {expect}");
        }
    }

    #[test]
    fn millions_of_cores_are_refused_and_no_cores_at_all() {
        let check = |cores: f64, part: &str| {
            let error = SharedCores::new(1.0, 1.0, cores, None).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        };
        check(f64::MAX, "simulate");
        check(0.0, "number of cores is 0");
        let critical = SharedCores::new(7.999, 1.0, 8.0, None).unwrap();
        assert!(critical.response_distribution().unwrap_err().to_string().contains("simulate"));
    }

    #[test]
    fn half_a_core_is_a_slow_core() {
        let half = SharedCores::new(0.4, 1.0, 0.5, None).unwrap();
        assert!((half.response_mean() - 2.0 / (1.0 - 0.8)).abs() < 1e-12);
        assert_eq!(half.in_system_quantile(0.1), 0);
        assert_eq!(half.in_system_quantile(0.95), 13, "0.8^14 = 0.044");
        let distribution = half.response_distribution().unwrap();
        assert!((distribution.mean() / 10.0 - 1.0).abs() < 1e-8, "{}", distribution.mean());
    }
}

//! Arrivals in bursts, exponential service, k workers: MMPP/M/k and M^X/M/k.
//!
//! Arrivals here do not see time averages: most of them come when it is crowded. So what an arrival
//! finds and what the clock sees are told apart.

use super::matrix::{Matrix, row_times, steady_state};
use super::numeric::root_between;
use super::qbd::QbdLevel;
use super::single::Mg1;
use super::steps::{FcfsTimes, Steps};
use super::transform::Moments;
use super::{Result, TheoryError, at_least_one, not_negative, positive, stable};

/// The most states that are held (times the sizes of a batch).
const MOST_STATES: usize = 2_000_000;

/// Exponential service by `workers` workers, first come first served, under arrivals in bursts.
///
/// Condition: a core for every worker; unlimited queue; load below 1.
#[derive(Clone, Debug, PartialEq)]
pub struct BurstyQueue {
    rate: f64,
    service_mean: f64,
    workers: usize,
    /// p(n): the share of time with n in the system.
    p: Vec<f64>,
    /// The probabilities that an arrival finds n in the system.
    found: Vec<f64>,
}

impl BurstyQueue {
    /// MMPP/M/k: Poisson arrivals whose rate (`rates`, per second) depends on a hidden state; the
    /// state goes from i to j at `switch[i][j]` per second (the diagonal is ignored).
    ///
    /// Source: Neuts, Matrix-Geometric Solutions in Stochastic Models (1981), ch. 5; Fischer
    /// & Meier-Hellstern (1993), Performance Evaluation 18:149.
    ///
    /// # Errors
    /// A parameter out of range, or a load of 1 or more.
    pub fn modulated(
        rates: &[f64],
        switch: &[Vec<f64>],
        service_mean: f64,
        workers: usize,
    ) -> Result<Self> {
        let source = ModulatedSource::checked(rates, switch)?;
        positive("the service", service_mean)?;
        at_least_one("the number of workers", workers)?;
        stable(source.mean_rate * service_mean / workers as f64)?;
        let levels = source.levels(service_mean, workers)?;
        let found = levels.iter().map(|level| {
            level.iter().zip(rates).map(|(p, rate)| p * rate / source.mean_rate).sum()
        });
        let found = found.collect();
        let p = levels.iter().map(|level| level.iter().sum()).collect();
        Ok(BurstyQueue { rate: source.mean_rate, service_mean, workers, p, found })
    }

    /// M^X/M/k: batches at `batch_rate` per second, of a size drawn from `sizes`, a list of
    /// (requests, probability).
    ///
    /// Source: Chaudhry & Templeton, A First Course in Bulk Queues (1983); Burke (1975), Operations
    /// Research 23:830 (the wait of a request, not of its batch): the j-th of its batch finds
    /// j - 1 more, with probability P(X >= j) / `E[X]`.
    ///
    /// # Errors
    /// A parameter out of range, or a load of 1 or more.
    pub fn batches(
        batch_rate: f64,
        sizes: &[(usize, f64)],
        service_mean: f64,
        workers: usize,
    ) -> Result<Self> {
        positive("the rate of batches", batch_rate)?;
        positive("the service", service_mean)?;
        at_least_one("the number of workers", workers)?;
        let mean_size: f64 = sizes.iter().map(|&(n, p)| n as f64 * p).sum();
        let rate = batch_rate * positive("the mean size of a batch", mean_size)?;
        stable(rate * service_mean / workers as f64)?;
        let p = batch_chain(batch_rate, sizes, service_mean, workers)?;
        let before = positions(sizes, mean_size);
        let mut found = vec![0.0; p.len() + before.len()];
        for (n, p) in p.iter().enumerate() {
            found[n..].iter_mut().zip(&before).for_each(|(found, ahead)| *found += p * ahead);
        }
        Ok(BurstyQueue { rate, service_mean, workers, p, found })
    }

    /// Mean arrivals per second.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// Mean share of the workers that are busy.
    pub fn utilisation(&self) -> f64 {
        self.rate * self.service_mean / self.workers as f64
    }

    /// L: the time average of requests in the system.
    pub fn mean_in_system(&self) -> f64 {
        self.p.iter().enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// Lq: the time average of requests that wait.
    pub fn mean_queue(&self) -> f64 {
        self.p.iter().skip(self.workers).enumerate().map(|(n, p)| n as f64 * p).sum()
    }

    /// `E[wait]` in seconds (Little's law).
    pub fn wait_mean(&self) -> f64 {
        self.mean_queue() / self.rate
    }

    /// `E[response]` in seconds.
    pub fn response_mean(&self) -> f64 {
        self.wait_mean() + self.service_mean
    }

    /// P(an arrival finds all workers busy).
    pub fn wait_prob(&self) -> f64 {
        self.found.iter().skip(self.workers).sum()
    }

    /// The share of *time* in which all workers are busy: less than [`BurstyQueue::wait_prob`].
    pub fn busy_prob(&self) -> f64 {
        self.p.iter().skip(self.workers).sum()
    }

    /// The distribution of the wait.
    pub fn wait_distribution(&self) -> Steps {
        self.seen().wait_distribution()
    }

    /// The distribution of the response.
    pub fn response_distribution(&self) -> Steps {
        self.seen().response_distribution()
    }

    fn seen(&self) -> FcfsTimes {
        let busy = self.found.get(self.workers..).unwrap_or(&[]);
        FcfsTimes::new(self.workers, self.service_mean, busy)
    }
}

/// M^X/G/1: the mean wait (s) of a request where batches come at `batch_rate` per second: that
/// for its batch, rate `E[S²]` / (2 (1 - rho)), and that for those before it in its batch,
/// `E[S]` (`E[X²]` / `E[X]` - 1) / (2 (1 - rho)).
///
/// Condition: Poisson batches, one worker, first come first served, any service distribution.
/// Source: Burke (1975), Operations Research 23:830; Chaudhry & Templeton, A First Course in Bulk
/// Queues (1983).
///
/// # Errors
/// A parameter out of range, a load of 1 or more, or an infinite second moment of the service.
pub(crate) fn batch_wait_one_worker(
    batch_rate: f64,
    sizes: &[(usize, f64)],
    service: Moments,
) -> Result<f64> {
    let moment = |r: i32| sizes.iter().map(|&(n, p)| (n as f64).powi(r) * p).sum::<f64>();
    let mean_size = positive("the mean size of a batch", moment(1))?;
    let rate = positive("the rate of batches", batch_rate)? * mean_size;
    let queue = Mg1::new(rate, service)?;
    let others = moment(2) / mean_size - 1.0;
    Ok(queue.wait_mean()? + service.mean * others / (2.0 * (1.0 - queue.utilisation())))
}

/// A source of arrivals whose rate depends on a hidden state.
struct ModulatedSource<'a> {
    rates: &'a [f64],
    switch: &'a [Vec<f64>],
    mean_rate: f64,
}

impl<'a> ModulatedSource<'a> {
    fn checked(rates: &'a [f64], switch: &'a [Vec<f64>]) -> Result<Self> {
        at_least_one("the number of states of the source", rates.len())?;
        for rate in rates.iter().chain(switch.iter().flatten()) {
            not_negative("a rate", *rate)?;
        }
        let jumps = switches(switch);
        let p = steady_state(rates.len(), &jumps);
        let mean_rate = p.iter().zip(rates).map(|(p, rate)| p * rate).sum();
        positive("the mean arrival rate", mean_rate)?;
        Ok(ModulatedSource { rates, switch, mean_rate })
    }

    /// The steady state by level and state of the source, until nothing is left.
    fn levels(&self, service_mean: f64, workers: usize) -> Result<Vec<Vec<f64>>> {
        let size = self.rates.len();
        let above = self.busy(workers as f64 / service_mean);
        let passage = above.first_passage();
        let growth = above.growth(&passage);
        let mut jumps = Vec::new();
        for n in 0..=workers {
            let base = n * size;
            jumps.extend(
                switches(self.switch).iter().map(|&(i, j, rate)| (base + i, base + j, rate)),
            );
            for (i, &rate) in self.rates.iter().enumerate() {
                if n < workers {
                    jumps.push((base + i, base + size + i, rate));
                    jumps.push((base + size + i, base + i, (n + 1) as f64 / service_mean));
                } else {
                    jumps.extend((0..size).map(|j| (base + i, base + j, rate * passage[(i, j)])));
                }
            }
        }
        let p = steady_state((workers + 1) * size, &jumps);
        let mut levels: Vec<Vec<f64>> = p.chunks(size).map(<[f64]>::to_vec).collect();
        let mut total = 1.0;
        loop {
            let next = row_times(&levels[levels.len() - 1], &growth);
            let mass: f64 = next.iter().sum();
            total += mass;
            levels.push(next);
            if mass < 1e-17 {
                break;
            }
            if levels.len() > MOST_STATES {
                return Err(TheoryError::TooLarge { states: levels.len(), limit: MOST_STATES });
            }
        }
        levels.iter_mut().flatten().for_each(|p| *p /= total);
        Ok(levels)
    }

    /// A level in which requests leave at `rate`.
    fn busy(&self, rate: f64) -> QbdLevel {
        let size = self.rates.len();
        let (mut up, mut inside) = (Matrix::zero(size), Matrix::zero(size));
        for (i, &arrivals) in self.rates.iter().enumerate() {
            up[(i, i)] = arrivals;
            inside[(i, i)] -= arrivals + rate;
        }
        for (i, j, switch) in switches(self.switch) {
            inside[(i, j)] += switch;
            inside[(i, i)] -= switch;
        }
        let down = Matrix::zero(size).plus(rate, &Matrix::identity(size));
        QbdLevel { up, inside, down }
    }
}

fn switches(switch: &[Vec<f64>]) -> Vec<(usize, usize, f64)> {
    let row = |(i, row): (usize, &Vec<f64>)| -> Vec<_> {
        row.iter().enumerate().filter(|(j, _)| *j != i).map(|(j, &rate)| (i, j, rate)).collect()
    };
    switch.iter().enumerate().flat_map(row).collect()
}

/// P(j are before a request in its batch), j = 0, 1, ...
fn positions(sizes: &[(usize, f64)], mean_size: f64) -> Vec<f64> {
    let most = sizes.iter().map(|&(n, _)| n).max().unwrap_or(0);
    let larger = |j: usize| sizes.iter().filter(|&&(n, _)| n > j).map(|&(_, p)| p).sum::<f64>();
    (0..most).map(|j| larger(j) / mean_size).collect()
}

/// The steady state of the number in the system, cut where its geometric tail is negligible.
fn batch_chain(
    batch_rate: f64,
    sizes: &[(usize, f64)],
    service_mean: f64,
    workers: usize,
) -> Result<Vec<f64>> {
    let full = workers as f64 / service_mean;
    // the tail falls like z^-n with batch_rate (E[z^X] - 1) = full (1 - 1/z)
    let drift = |y: f64| {
        let grown: f64 = sizes.iter().map(|&(n, p)| p * (n as f64 * y).exp_m1()).sum();
        full - batch_rate * grown / -(-y).exp_m1()
    };
    let mut high = 1e-9;
    while drift(high) > 0.0 {
        high *= 2.0;
    }
    let decay = root_between(drift, (1e-12, drift(1e-12)), (high, drift(high)), 1e-9);
    let last = workers + (36.0 / decay).ceil() as usize + 1;
    let most = MOST_STATES / sizes.len().max(1);
    if last > most {
        return Err(TheoryError::TooLarge { states: last, limit: most });
    }
    let mut jumps = Vec::new();
    for n in 0..=last {
        let up = sizes.iter().filter(|&&(size, _)| size > 0 && n + size <= last);
        jumps.extend(up.map(|&(size, p)| (n, n + size, batch_rate * p)));
        if n > 0 {
            jumps.push((n, n - 1, workers.min(n) as f64 / service_mean));
        }
    }
    Ok(steady_state(last + 1, &jumps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::TimeDistribution;
    use crate::theory::erlang::Mmk;
    use crate::theory::transform::Transform;

    #[test]
    fn without_bursts_both_are_m_m_k() {
        let open = Mmk::new(3.2, 1.0, 4).unwrap();
        let switch = [vec![0.0, 0.3], vec![0.1, 0.0]];
        let queues = [
            BurstyQueue::modulated(&[3.2, 3.2], &switch, 1.0, 4).unwrap(),
            BurstyQueue::modulated(&[3.2], &[vec![0.0]], 1.0, 4).unwrap(),
            BurstyQueue::batches(3.2, &[(1, 1.0)], 1.0, 4).unwrap(),
        ];
        for queue in queues {
            assert!((queue.wait_mean() / open.wait_mean() - 1.0).abs() < 1e-11);
            assert!((queue.wait_prob() / open.wait_prob() - 1.0).abs() < 1e-11);
            assert!((queue.busy_prob() / open.wait_prob() - 1.0).abs() < 1e-11);
            let (got, expect) = (
                queue.response_distribution().quantile(0.99),
                open.response_distribution().quantile(0.99),
            );
            assert!((got / expect - 1.0).abs() < 1e-8, "{got} {expect}");
        }
    }

    #[test]
    fn one_worker_by_moments_is_the_chain() {
        let (sizes, service) = ([(1, 0.7), (10, 0.3)], Transform::exponential(1.0).unwrap());
        let chain = BurstyQueue::batches(0.2, &sizes, 1.0, 1).unwrap();
        let by_moments = batch_wait_one_worker(0.2, &sizes, service.moments()).unwrap();
        assert!((by_moments / chain.wait_mean() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn batches_of_three_by_hand() {
        // one worker: L = rho (1 + E[X²]/E[X]) / (2 (1 - rho))
        let queue = BurstyQueue::batches(0.1, &[(3, 1.0)], 1.0, 1).unwrap();
        assert!((queue.mean_in_system() - 0.3 * 4.0 / 1.4).abs() < 1e-12);
        assert!(queue.wait_prob() > queue.busy_prob());
    }
}

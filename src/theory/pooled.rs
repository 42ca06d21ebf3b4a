//! The most that workers can do who share a pool behind them: they hold their request while it
//! waits for a connection of the pool.

use super::{Result, TheoryError, at_least_one, not_negative, positive};

/// The most requests in service at once for which [`capacity_behind_a_pool`] is worked out.
pub(crate) const MOST_BEHIND_A_POOL: usize = 1_000;

/// Requests per second that `hosts` hosts, each of `workers` workers on `cores` cores, finish while
/// none of them ever lacks requests: `cpu_mean` seconds of CPU each, and `io_mean` seconds in all
/// of exponential I/O phases, for each of which one of `pool` connections is held that all hosts
/// share.
///
/// The product form of a closed network with one kind of customer for each host: a station of
/// shared cores for each, and one of `pool` servers for all, first come first served. With n of a
/// host's W workers at the pool the cores weigh a^(W-n) / (min(1,C) ... min(W-n,C)), the pool with
/// m in all m!/(n1! n2! ...) b^m / (min(1,N) ... min(m,N)); the hosts' weights are folded into each
/// other. Everything is done in logarithms.
///
/// Condition: exponential I/O of one mean (no distribution for the CPU). Source: Baskett, Chandy,
/// Muntz & Palacios (1975), J. ACM 22:248, stations of types 1 and 2.
///
/// # Errors
/// More than `MOST_BEHIND_A_POOL` workers, or a parameter out of range.
pub fn capacity_behind_a_pool(
    hosts: usize,
    (workers, cores): (usize, f64),
    cpu_mean: f64,
    (pool, io_mean): (usize, f64),
) -> Result<f64> {
    at_least_one("the number of hosts", hosts)?;
    at_least_one("the number of workers", workers)?;
    at_least_one("the number of connections", pool)?;
    positive("the number of cores", cores)?;
    not_negative("the CPU time", cpu_mean)?;
    positive("the I/O time", io_mean)?;
    let all = hosts.saturating_mul(workers);
    if all > MOST_BEHIND_A_POOL {
        return Err(TheoryError::TooLarge { states: all, limit: MOST_BEHIND_A_POOL });
    }
    let busy = |n: usize| (n.min(pool)) as f64;
    if cpu_mean == 0.0 {
        return Ok(busy(all) / io_mean);
    }
    // one host: weight of n of its workers at the pool, without the pool's own
    let mut log_cores = vec![0.0; workers + 1];
    for n in 1..=workers {
        log_cores[n] = log_cores[n - 1] + (cpu_mean / (n as f64).min(cores)).ln();
    }
    let factorials = log_factorials(all);
    let one: Vec<f64> = (0..=workers).map(|n| log_cores[workers - n] - factorials[n]).collect();
    let mut folded = vec![0.0];
    for _ in 0..hosts {
        folded = fold(&folded, &one);
    }
    let mut log_pool = 0.0;
    let weights = folded.iter().enumerate().map(|(m, weight)| {
        if m > 0 {
            log_pool += (io_mean / busy(m)).ln();
        }
        weight + factorials[m] + log_pool
    });
    let weights: Vec<f64> = weights.collect();
    let top = weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares = || weights.iter().map(|weight| (weight - top).exp());
    let sum: f64 = shares().sum();
    let working: f64 = shares().enumerate().map(|(m, share)| share * busy(m)).sum();
    Ok(working / sum / io_mean)
}

fn log_factorials(most: usize) -> Vec<f64> {
    let mut logs = vec![0.0; most + 1];
    for n in 1..=most {
        logs[n] = logs[n - 1] + (n as f64).ln();
    }
    logs
}

/// The convolution of two rows of weights, all as logarithms.
fn fold(one: &[f64], other: &[f64]) -> Vec<f64> {
    let at = |sum: usize| {
        let range = (sum + 1).saturating_sub(other.len())..one.len().min(sum + 1);
        let terms = || range.clone().map(|i| one[i] + other[sum - i]);
        let top = terms().fold(f64::NEG_INFINITY, f64::max);
        top + terms().map(|term| (term - top).exp()).sum::<f64>().ln()
    };
    (0..one.len() + other.len() - 1).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::capacity::capacity;

    fn near(got: f64, expect: f64) {
        assert!((got / expect - 1.0).abs() < 1e-9, "{got} instead of {expect}");
    }

    /// A pool that is never empty leaves each host by itself; one without a bound on the cores is
    /// bounded by the pool alone, and pure I/O by the fewer of workers and connections.
    #[test]
    fn what_does_not_bind_does_not_matter() {
        for (hosts, workers, cores) in [(1, 6, 2.0), (3, 4, 1.5), (5, 1, 1.0)] {
            let free = capacity_behind_a_pool(hosts, (workers, cores), 0.3, (100, 0.7)).unwrap();
            near(free, hosts as f64 * capacity(workers, cores, 0.3, 0.7).unwrap());
        }
        near(capacity_behind_a_pool(2, (400, 400.0), 1e-3, (4, 1.0)).unwrap(), 4.0);
        near(capacity_behind_a_pool(2, (3, 1.0), 0.0, (4, 0.5)).unwrap(), 8.0);
        near(capacity_behind_a_pool(2, (3, 1.0), 0.0, (9, 0.5)).unwrap(), 12.0);
    }

    /// By hand: two workers with a core each and one connection, CPU and I/O of 1 s each. Of the
    /// states 0, 1 and 2 at the pool the weights are 1/2 (both compute: 1/2!), 1 and 1, so the pool
    /// is idle for a fifth of the time. On two hosts of one worker each: the same, because who
    /// computes where does not matter with a core for each.
    #[test]
    fn two_workers_share_one_connection() {
        near(capacity_behind_a_pool(1, (2, 2.0), 1.0, (1, 1.0)).unwrap(), 0.8);
        near(capacity_behind_a_pool(2, (1, 1.0), 1.0, (1, 1.0)).unwrap(), 0.8);
    }

    #[test]
    fn hundreds_of_workers_lose_no_digits() {
        let got = capacity_behind_a_pool(10, (100, 4.0), 0.02, (50, 0.05)).unwrap();
        assert!(got > 990.0 && got <= 1000.0 * (1.0 + 1e-12), "{got}");
        assert!(capacity_behind_a_pool(10, (101, 4.0), 0.02, (50, 0.05)).is_err());
    }
}

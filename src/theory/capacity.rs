//! The most that workers and cores can do: the throughput while requests never run out.
//!
//! A worker that is held during I/O and shares its core otherwise is a customer of a closed
//! network: one processor-sharing station (the cores) and one delay (the I/O). How many requests a
//! second N such workers finish is exact, and depends on the distributions of CPU and I/O only
//! through their means. The simple bound min(C/a, N/(a+b)) is 4 to 26 % too high near its knee.

use super::finite::BirthDeathQueue;
use super::matrix::steady_state;
use super::numeric::birth_death;
use super::{Result, TheoryError, at_least_one, not_negative, positive};

/// What `customers` that alternate between shared cores and a delay do in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CoresAndDelay {
    /// Rounds per second.
    pub throughput: f64,
    /// Time average of customers on the cores.
    pub(crate) mean_on_cpu: f64,
    /// Mean share of the cores that is busy.
    pub core_utilisation: f64,
}

/// The closed network of `cores` shared equally (mean demand `cpu_mean`, s) and a delay (mean
/// `delay_mean`, s) with `customers` customers.
///
/// The product form p(n) ~ F_cores(n) F_delay(N - n), with F_cores(n) = a^n / (min(1,C) ...
/// min(n,C)) and F_delay(m) = b^m / m!, is summed as the birth-death chain it is, each term from
/// the one before and rescaled, so N = 100,000 costs milliseconds and loses no digits; the
/// throughput is G(N-1)/G(N).
///
/// Condition: none on the distributions, except that CPU and delay are not both constant
/// ([`lattice_capacity`]); the cores may be a fraction. Source: Baskett, Chandy, Muntz & Palacios
/// (1975), J. ACM 22:248; Buzen (1973), Comm. ACM 16:527 (convolution).
///
/// # Errors
/// No customers, no time at all, or a parameter out of range.
pub fn cores_and_delay(
    customers: usize,
    cores: f64,
    cpu_mean: f64,
    delay_mean: f64,
) -> Result<CoresAndDelay> {
    let customers = at_least_one("the number of customers", customers)?;
    positive("the number of cores", cores)?;
    not_negative("the CPU time", cpu_mean)?;
    not_negative("the delay", delay_mean)?;
    positive("CPU time and delay together", cpu_mean + delay_mean)?;
    let all = customers as f64;
    if cpu_mean == 0.0 {
        let throughput = all / delay_mean;
        return Ok(CoresAndDelay { throughput, mean_on_cpu: 0.0, core_utilisation: 0.0 });
    }
    let rate = |n: usize| cores.min(n as f64) / cpu_mean;
    // n customers on the cores; from all of them on the cores downwards if there is no delay
    let p = if delay_mean == 0.0 {
        vec![0.0; customers].into_iter().chain([1.0]).collect()
    } else {
        birth_death(customers, |n| (all - n as f64) / delay_mean / rate(n + 1))
    };
    let throughput: f64 = p.iter().enumerate().map(|(n, p)| p * rate(n)).sum();
    Ok(CoresAndDelay {
        throughput,
        mean_on_cpu: p.iter().enumerate().map(|(n, p)| p * n as f64).sum(),
        core_utilisation: throughput * cpu_mean / cores,
    })
}

/// Requests per second that `workers` workers on `cores` cores finish while the queue is never
/// empty; a request is `cpu_mean` seconds of CPU and `io_mean` of I/O.
///
/// Condition and source: [`cores_and_delay`].
///
/// # Errors
/// As [`cores_and_delay`].
pub(crate) fn capacity(workers: usize, cores: f64, cpu_mean: f64, io_mean: f64) -> Result<f64> {
    Ok(cores_and_delay(workers, cores, cpu_mean, io_mean)?.throughput)
}

/// `capacity` where CPU *and* I/O are constants and all workers start together: they stay in
/// lock-step, N / (max(1, N/C) a + b), and do not reach `capacity`.
///
/// Condition: every phase constant, all workers started at the same instant. Source: all N run
/// on the cores at once, then all do I/O at once, for ever.
///
/// # Errors
/// As [`cores_and_delay`].
pub fn lattice_capacity(workers: usize, cores: f64, cpu: f64, io: f64) -> Result<f64> {
    cores_and_delay(workers, cores, cpu, io)?;
    let all = workers as f64;
    Ok(all / ((all / cores).max(1.0) * cpu + io))
}

/// What overload does to an unlimited queue: nothing settles, but the drift is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OverloadDrift {
    /// Answers per second: the capacity.
    pub throughput: f64,
    /// Requests by which the queue grows per second.
    pub queue_growth: f64,
    /// Seconds by which the wait of new arrivals grows per second.
    pub wait_growth: f64,
}

/// The drift of a queue with `rate` arrivals per second in front of a `capacity`; `None` where
/// the rate is below it.
///
/// Condition: any distributions (law of large numbers). Source: fluid limit, Chen & Yao,
/// Fundamentals of Queueing Networks (2001).
pub fn overload(rate: f64, capacity: f64) -> Option<OverloadDrift> {
    let queue_growth = rate - capacity;
    (queue_growth >= 0.0).then(|| OverloadDrift {
        throughput: capacity,
        queue_growth,
        wait_growth: queue_growth / capacity,
    })
}

/// The most states of the chain that [`gil_capacity`] solves.
pub(crate) const GIL_STATES: usize = 1_000;

/// Requests per second that `processes` x `threads` finish under a GIL, while the queue is never
/// empty: runnable processes share the cores at min(1, C/r), the runnable threads of a process
/// share that rate.
///
/// Condition: exponential CPU and I/O. With a core for every process they do not meet and each is
/// one machine with `threads` to serve (any size); else the Markov chain over how many processes
/// have how many threads on the CPU is solved, up to `GIL_STATES` states.
/// Source: balance equations; elimination of states after Grassmann, Taksar & Heyman (1985).
///
/// # Errors
/// A parameter out of range, or too many states.
pub fn gil_capacity(
    processes: usize,
    threads: usize,
    cores: f64,
    cpu_mean: f64,
    io_mean: f64,
) -> Result<f64> {
    at_least_one("the number of processes", processes)?;
    at_least_one("the number of threads", threads)?;
    positive("the number of cores", cores)?;
    positive("the CPU time", cpu_mean)?;
    if not_negative("the I/O", io_mean)? == 0.0 {
        return Ok(cores.min(processes as f64) / cpu_mean);
    }
    if cores >= processes as f64 {
        let one = BirthDeathQueue::machine_repair(threads, io_mean, cpu_mean, 1)?;
        return Ok(processes as f64 * one.throughput());
    }
    let chain = Processes { processes, threads, cores, cpu_mean, io_mean };
    chain.throughput()
}

/// Processes that are alike: a state says how many threads each has on the CPU, in order.
struct Processes {
    processes: usize,
    threads: usize,
    cores: f64,
    cpu_mean: f64,
    io_mean: f64,
}

impl Processes {
    fn throughput(&self) -> Result<f64> {
        let states = self.states()?;
        let number =
            |state: &Vec<usize>| states.binary_search(state).expect("every state is listed");
        let mut jumps = Vec::new();
        for (from, state) in states.iter().enumerate() {
            for (place, &on_cpu) in state.iter().enumerate() {
                let mut go = |to: usize, rate: f64| {
                    let mut next = state.clone();
                    next[place] = to;
                    next.sort_unstable();
                    jumps.push((from, number(&next), rate));
                };
                if on_cpu > 0 {
                    go(on_cpu - 1, self.speed(state) / self.cpu_mean);
                }
                if on_cpu < self.threads {
                    go(on_cpu + 1, (self.threads - on_cpu) as f64 / self.io_mean);
                }
            }
        }
        let p = steady_state(states.len(), &jumps);
        let done =
            |state: &Vec<usize>| self.runnable(state) as f64 * self.speed(state) / self.cpu_mean;
        Ok(states.iter().zip(p).map(|(state, p)| p * done(state)).sum())
    }

    fn runnable(&self, state: &[usize]) -> usize {
        state.iter().filter(|&&on_cpu| on_cpu > 0).count()
    }

    /// The share of a core that each runnable process has.
    fn speed(&self, state: &[usize]) -> f64 {
        (self.cores / self.runnable(state).max(1) as f64).min(1.0)
    }

    /// All sorted vectors of `processes` numbers in 0 ..= `threads`, in lexical order.
    fn states(&self) -> Result<Vec<Vec<usize>>> {
        let count = (1..=self.processes)
            .try_fold(1usize, |count, i| Some(count.checked_mul(self.threads + i)? / i))
            .unwrap_or(usize::MAX);
        if count > GIL_STATES {
            return Err(TheoryError::TooLarge { states: count, limit: GIL_STATES });
        }
        let mut states = vec![vec![]];
        for _ in 0..self.processes {
            let longer = states.iter().flat_map(|state: &Vec<usize>| {
                let from = state.last().copied().unwrap_or(0);
                (from..=self.threads).map(move |next| [&state[..], &[next]].concat())
            });
            states = longer.collect();
        }
        Ok(states)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capacities_by_hand() {
        // 2 workers, 1 core, a = 0.1, b = 0.3: G = (0.045, 0.03 + ...): 80/17
        let check = |got: Result<f64>, expect: f64| {
            let got = got.unwrap();
            assert!((got / expect - 1.0).abs() < 1e-12, "{got} {expect}");
        };
        check(capacity(2, 1.0, 0.1, 0.3), 80.0 / 17.0);
        check(capacity(12, 4.0, 0.5, 0.0), 8.0);
        check(capacity(3, 4.0, 0.0, 0.5), 6.0);
        check(capacity(3, 0.5, 0.1, 0.0), 5.0);
        check(lattice_capacity(4, 2.0, 0.1, 0.3), 8.0);
        check(gil_capacity(4, 1, 2.0, 0.1, 0.3), capacity(4, 2.0, 0.1, 0.3).unwrap());
        check(gil_capacity(1, 6, 1.0, 0.1, 0.3), capacity(6, 1.0, 0.1, 0.3).unwrap());
    }

    #[test]
    fn a_hundred_thousand_workers_are_no_trouble() {
        let x = capacity(100_000, 1_000.0, 0.1, 0.3).unwrap();
        assert!((x - 10_000.0).abs() < 1e-6, "{x}");
    }

    #[test]
    fn too_many_states_are_refused() {
        let error = gil_capacity(32, 8, 8.0, 0.1, 0.3).unwrap_err();
        assert!(error.to_string().contains("simulate"), "{error}");
    }
}

//! The bare loops: each model as lean as we can write it, with nothing but the draws, the queue and
//! one histogram. Seconds in floats, one stream, no identities, no windows, no second thought for
//! ties: what is left when everything that makes a simulator trustworthy is taken away.

use rand::SeedableRng;
use rand_distr::{Distribution, Exp1};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Counts in buckets of constant relative width: the exponent and the first eight binary places of
/// a float are the number of its bucket.
pub struct Counts(Box<[u64; BUCKETS]>);

const PLACES: u32 = 8;
/// From 2^-32 to 2^32 seconds.
const BUCKETS: usize = 64 << PLACES;
const LOWEST: u64 = (1023 - 32) << PLACES;

impl Counts {
    fn new() -> Self {
        Counts(vec![0; BUCKETS].try_into().expect("as many as were asked for"))
    }

    #[inline]
    fn record(&mut self, seconds: f64) {
        let bucket = (seconds.to_bits() >> (52 - PLACES)).saturating_sub(LOWEST);
        self.0[(bucket as usize).min(BUCKETS - 1)] += 1;
    }

    /// The mean of what was counted, roughly: to see that the loops simulate what they should.
    pub fn mean(&self) -> f64 {
        let middle = |at: usize| f64::from_bits((at as u64 + LOWEST) << (52 - PLACES));
        let sum: f64 = (self.0.iter().enumerate()).map(|(at, n)| *n as f64 * middle(at)).sum();
        sum / self.0.iter().sum::<u64>() as f64 * (1.0 + 0.5 / f64::from(1 << PLACES))
    }
}

struct Draws(Xoshiro256PlusPlus);

impl Draws {
    fn new() -> Self {
        Draws(Xoshiro256PlusPlus::seed_from_u64(1))
    }

    #[inline]
    fn exponential(&mut self) -> f64 {
        Exp1.sample(&mut self.0)
    }
}

/// M/M/1: Lindley's recursion.
pub fn single(rate: f64, requests: u64) -> Counts {
    let (mut draws, mut seen) = (Draws::new(), Counts::new());
    let (mean_gap, mut response) = (1.0 / rate, 0.0f64);
    for _ in 0..requests {
        response = (response - mean_gap * draws.exponential()).max(0.0) + draws.exponential();
        seen.record(response);
    }
    seen
}

/// M/M/k, few workers: Kiefer and Wolfowitz's vector of workloads, kept in order.
pub fn few<const K: usize>(rate: f64, requests: u64) -> Counts {
    let (mut draws, mut seen) = (Draws::new(), Counts::new());
    let (mean_gap, mut now, mut free) = (1.0 / rate, 0.0f64, [0.0f64; K]);
    for _ in 0..requests {
        now += mean_gap * draws.exponential();
        let end = now.max(free[0]) + draws.exponential();
        seen.record(end - now);
        let mut carried = end;
        for at in 1..K {
            let next = free[at];
            free[at - 1] = if next < carried { next } else { carried };
            carried = if next < carried { carried } else { next };
        }
        free[K - 1] = carried;
    }
    seen
}

/// A 4-ary heap of floats (their bits are in their order, as none is negative).
struct Heap(Vec<u64>);

impl Heap {
    fn replace_least(&mut self, value: u64) {
        let heap = &mut self.0[..];
        let mut at = 0;
        while let Some([a, b, c, d]) = heap.get(4 * at + 1..4 * at + 5) {
            let left = usize::from(b < a);
            let right = 2 + usize::from(d < c);
            let (x, y) = (*a.min(b), *c.min(d));
            let least = 4 * at + 1 + if y < x { right } else { left };
            let key = x.min(y);
            if key >= value {
                heap[at] = value;
                return;
            }
            heap[at] = key;
            at = least;
        }
        let first = 4 * at + 1;
        let least = (first..heap.len()).min_by_key(|child| heap[*child]);
        if let Some(least) = least.filter(|least| heap[*least] < value) {
            heap[at] = heap[least];
            at = least;
        }
        heap[at] = value;
    }
}

/// M/M/k, many workers: a heap of the instants at which they are free.
pub fn many(workers: usize, rate: f64, requests: u64) -> Counts {
    let (mut draws, mut seen) = (Draws::new(), Counts::new());
    let (mean_gap, mut now, mut free) = (1.0 / rate, 0.0f64, Heap(vec![0; workers]));
    for _ in 0..requests {
        now += mean_gap * draws.exponential();
        let end = now.max(f64::from_bits(free.0[0])) + draws.exponential();
        seen.record(end - now);
        free.replace_least(end.to_bits());
    }
    seen
}

/// Closed clients: those who think on one heap, the workers on another.
pub fn closed(clients: usize, workers: usize, requests: u64) -> Counts {
    let (mut draws, mut seen) = (Draws::new(), Counts::new());
    let (mut coming, mut free) = (Heap(vec![0; clients]), Heap(vec![0; workers]));
    for _ in 0..requests {
        let now = f64::from_bits(coming.0[0]);
        let end = now.max(f64::from_bits(free.0[0])) + 0.1 * draws.exponential();
        seen.record(end - now);
        free.replace_least(end.to_bits());
        coming.replace_least((end + draws.exponential()).to_bits());
    }
    seen
}

/// Processor sharing by virtual time in floats, reset when idle. A worker's entry is the clock at
/// which it will be done; its arrival lies beside it.
pub fn sharing(workers: usize, cores: f64, rate: f64, requests: u64) -> Counts {
    let (mut draws, mut seen) = (Draws::new(), Counts::new());
    let rates: Vec<f64> = (0..=workers).map(|n| (cores / n.max(1) as f64).min(1.0)).collect();
    let slowness: Vec<f64> = rates.iter().map(|rate| 1.0 / rate).collect();
    // (clock at the end, arrival), in order, the least last: with so few the cheapest.
    let mut running: Vec<(f64, f64)> = Vec::with_capacity(workers);
    let mut queue = std::collections::VecDeque::new();
    let (mut now, mut clock, mean_gap) = (0.0f64, 0.0f64, 1.0 / rate);
    let mut arrival = mean_gap * draws.exponential();
    let mut left = requests;
    while left > 0 {
        let count = running.len();
        let end = match running.last() {
            Some((target, _)) => now + (target - clock) * slowness[count],
            None => f64::INFINITY,
        };
        let came = if end <= arrival {
            let Some((target, came)) = running.pop() else { break };
            (now, clock) = (end, if count == 1 { 0.0 } else { target });
            seen.record(now - came);
            left -= 1;
            match queue.pop_front() {
                Some(came) => came,
                None => continue,
            }
        } else {
            clock += (arrival - now) * rates[count];
            now = arrival;
            arrival += mean_gap * draws.exponential();
            if count == workers {
                queue.push_back(now);
                continue;
            }
            now
        };
        let target = clock + draws.exponential();
        let mut at = running.len();
        running.push((target, came));
        while at > 0 && running[at - 1].0 < target {
            running[at] = running[at - 1];
            at -= 1;
        }
        running[at] = (target, came);
    }
    seen
}

//! Requests of several exponential stages on limited workers and shared cores.
//!
//! The model of the simulator with every distribution exponential: N workers hold a request each
//! from start to departure; stages on the CPU share C cores at min(1, C/n), stages of I/O run by
//! themselves. It is a Markov chain whose level is the number in the system and whose phase is how
//! many workers are in which stage. Any phase-type distribution can be written as stages, so M/Erlang/k
//! and M/hyperexponential/k are here too.

use super::matrix::{Matrix, row_times, steady_state};
use super::qbd::QbdLevel;
use super::stages::Stages;
use super::steps::Steps;
use super::{Result, TheoryError, at_least_one, not_negative, positive, stable};

/// The most phases of a level that are solved.
pub(crate) const MOST_PHASES: usize = 150;
/// The most work (states x reach²) that is done to solve a chain: well under a second.
const MOST_WORK: usize = 400_000_000;

/// One exponential stage of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// Whether it needs a core; else it is I/O.
    pub(crate) on_cpu: bool,
    /// Mean in seconds, alone.
    pub(crate) mean: f64,
}

impl Stage {
    /// CPU of this mean (s).
    pub const fn cpu(mean: f64) -> Self {
        Stage { on_cpu: true, mean }
    }

    /// I/O of this mean (s).
    pub const fn io(mean: f64) -> Self {
        Stage { on_cpu: false, mean }
    }
}

/// What a request does: a walk over exponential stages.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestWalk {
    stages: Vec<Stage>,
    start: Vec<f64>,
    next: Vec<Vec<f64>>,
}

impl RequestWalk {
    /// One stage after the other.
    pub fn sequence(stages: &[Stage]) -> Self {
        let unit = |at: Option<usize>| {
            (0..stages.len()).map(|i| f64::from(u8::from(Some(i) == at))).collect()
        };
        let next = (0..stages.len()).map(|i| unit(Some(i + 1))).collect();
        RequestWalk { stages: stages.to_vec(), start: unit(Some(0)), next }
    }

    /// One of several stages, with probabilities.
    pub fn one_of(parts: &[(f64, Stage)]) -> Self {
        RequestWalk {
            stages: parts.iter().map(|part| part.1).collect(),
            start: parts.iter().map(|part| part.0).collect(),
            next: vec![vec![0.0; parts.len()]; parts.len()],
        }
    }

    /// CPU, then with probability `more` I/O and CPU again, and so on.
    pub fn cycles(cpu_mean: f64, io_mean: f64, more: f64) -> Self {
        RequestWalk {
            stages: vec![Stage::cpu(cpu_mean), Stage::io(io_mean)],
            start: vec![1.0, 0.0],
            next: vec![vec![0.0, more], vec![1.0, 0.0]],
        }
    }

    /// Phases one after another, each on the CPU or not, each of exponential stages.
    pub(crate) fn of_phases(phases: &[(bool, Stages)]) -> Self {
        let counts: Vec<usize> = phases.iter().map(|phase| phase.1.means.len()).collect();
        let mut all = Stages { means: Vec::new(), start: Vec::new(), next: Vec::new() };
        for (at, (_, stages)) in phases.iter().enumerate() {
            all = if at == 0 { stages.clone() } else { all.then(stages) };
        }
        let kinds = phases.iter().zip(counts);
        let kinds = kinds.flat_map(|((on_cpu, _), count)| std::iter::repeat_n(*on_cpu, count));
        let stage = |(on_cpu, mean): (bool, &f64)| Stage { on_cpu, mean: *mean };
        let stages = kinds.zip(&all.means).map(stage).collect();
        RequestWalk { stages, start: all.start, next: all.next }
    }

    fn leaves(&self, stage: usize) -> f64 {
        (1.0 - self.next[stage].iter().sum::<f64>()).max(0.0)
    }

    fn checked(self) -> Result<Self> {
        at_least_one("the number of stages", self.stages.len())?;
        for stage in &self.stages {
            positive("the mean of a stage", stage.mean)?;
        }
        for p in self.start.iter().chain(self.next.iter().flatten()) {
            not_negative("a probability", *p)?;
        }
        Ok(self)
    }
}

/// N workers, C cores and what a request does.
#[derive(Clone, Debug, PartialEq)]
pub struct Network {
    job: RequestWalk,
    workers: usize,
    cores: f64,
    /// All ways to spread 0 ..= N busy workers over the stages, in lexical order.
    phases: Vec<Vec<Vec<usize>>>,
}

/// What happens in a phase: another phase, its rate, and whether a request leaves.
struct Change {
    to: Vec<usize>,
    rate: f64,
    leaves: bool,
}

impl Network {
    /// # Errors
    /// A parameter out of range, or more than `MOST_PHASES` phases.
    pub fn new(job: RequestWalk, workers: usize, cores: f64) -> Result<Self> {
        let job = job.checked()?;
        at_least_one("the number of workers", workers)?;
        positive("the number of cores", cores)?;
        let states = compositions_count(workers, job.stages.len());
        if states > MOST_PHASES {
            return Err(TheoryError::TooLarge { states, limit: MOST_PHASES });
        }
        refuse_work(compositions_count(workers, job.stages.len() + 1), 2 * states)?;
        let phases = (0..=workers).map(|busy| compositions(busy, job.stages.len())).collect();
        Ok(Network { job, workers, cores, phases })
    }

    fn level(&self, n: usize) -> &[Vec<usize>] {
        &self.phases[n.min(self.workers)]
    }

    fn number(&self, phase: &[usize]) -> usize {
        let level = self.level(phase.iter().sum());
        level.binary_search_by(|other| other[..].cmp(phase)).expect("every phase is listed")
    }

    fn on_cpu(&self, phase: &[usize]) -> f64 {
        let stages = self.job.stages.iter().zip(phase);
        stages.filter(|(stage, _)| stage.on_cpu).map(|(_, &n)| n as f64).sum()
    }

    /// Ends of stages in this phase; a departure frees its worker.
    fn changes(&self, phase: &[usize]) -> Vec<Change> {
        let speed = (self.cores / self.on_cpu(phase).max(1.0)).min(1.0);
        let mut changes = Vec::new();
        for (stage, what) in self.job.stages.iter().enumerate() {
            let speed = if what.on_cpu { speed } else { 1.0 };
            let rate = phase[stage] as f64 * speed / what.mean;
            let mut go = |next: Option<usize>, p: f64| {
                if rate * p > 0.0 {
                    let mut to = phase.to_vec();
                    to[stage] -= 1;
                    next.into_iter().for_each(|next| to[next] += 1);
                    changes.push(Change { to, rate: rate * p, leaves: next.is_none() });
                }
            };
            (0..phase.len()).for_each(|next| go(Some(next), self.job.next[stage][next]));
            go(None, self.job.leaves(stage));
        }
        changes
    }

    /// The phases that follow when a worker takes a new request, with their probabilities.
    fn starts<'a>(&'a self, phase: &'a [usize]) -> impl Iterator<Item = (Vec<usize>, f64)> + 'a {
        self.job.start.iter().enumerate().filter(|(_, p)| **p > 0.0).map(|(stage, &p)| {
            let mut to = phase.to_vec();
            to[stage] += 1;
            (to, p)
        })
    }

    /// The rates between phases while all workers are busy: without and with a departure.
    fn saturated(&self) -> (Matrix, Matrix) {
        let level = self.level(self.workers);
        let (mut inside, mut down) = (Matrix::zero(level.len()), Matrix::zero(level.len()));
        for (i, phase) in level.iter().enumerate() {
            for change in self.changes(phase) {
                inside[(i, i)] -= change.rate;
                if change.leaves {
                    for (to, p) in self.starts(&change.to) {
                        down[(i, self.number(&to))] += change.rate * p;
                    }
                } else {
                    inside[(i, self.number(&change.to))] += change.rate;
                }
            }
        }
        (inside, down)
    }

    /// Requests per second while the queue is never empty.
    pub fn capacity(&self) -> f64 {
        let (inside, down) = self.saturated();
        let all = inside.plus(1.0, &down);
        let size = all.size();
        let jumps = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
        let jumps: Vec<_> = jumps
            .filter(|&(i, j)| i != j && all[(i, j)] > 0.0)
            .map(|(i, j)| (i, j, all[(i, j)]))
            .collect();
        let p = steady_state(size, &jumps);
        p.iter().enumerate().map(|(i, p)| p * down.row(i).iter().sum::<f64>()).sum()
    }

    /// The jumps of the chain with levels 0 ..= `top` and arrivals at `rate(n)`; level n starts at
    /// `offset[n]`.
    fn jumps(
        &self,
        top: usize,
        rate: impl Fn(usize) -> f64,
    ) -> (Vec<usize>, Vec<(usize, usize, f64)>) {
        let mut offset = vec![0];
        (0..=top).for_each(|n| offset.push(offset[n] + self.level(n).len()));
        let mut jumps = Vec::new();
        for n in 0..=top {
            for (i, phase) in self.level(n).iter().enumerate() {
                let from = offset[n] + i;
                for change in self.changes(phase) {
                    if !change.leaves {
                        jumps.push((from, offset[n] + self.number(&change.to), change.rate));
                    } else if n <= self.workers {
                        jumps.push((from, offset[n - 1] + self.number(&change.to), change.rate));
                    } else {
                        for (to, p) in self.starts(&change.to) {
                            jumps.push((from, offset[n - 1] + self.number(&to), change.rate * p));
                        }
                    }
                }
                if n < top && n < self.workers {
                    for (to, p) in self.starts(phase) {
                        jumps.push((from, offset[n + 1] + self.number(&to), rate(n) * p));
                    }
                } else if n < top {
                    jumps.push((from, offset[n + 1] + i, rate(n)));
                }
            }
        }
        (offset, jumps)
    }

    /// Poisson arrivals at `rate` per second, unlimited queue.
    ///
    /// Source: Neuts, Matrix-Geometric Solutions in Stochastic Models (1981), ch. 3; the levels
    /// below saturation are solved with the excursions above them folded in.
    ///
    /// # Errors
    /// A rate out of range, or at or over [`Network::capacity`].
    pub fn open(&self, rate: f64) -> Result<Steady> {
        stable(positive("the arrival rate", rate)? / self.capacity())?;
        let (inside, down) = self.saturated();
        let size = inside.size();
        let up = Matrix::zero(size).plus(rate, &Matrix::identity(size));
        let above = QbdLevel { inside: inside.plus(-1.0, &up), up, down: down.clone() };
        let passage = above.first_passage();
        let growth = above.growth(&passage);
        let (offset, mut jumps) = self.jumps(self.workers, |_| rate);
        let base = offset[self.workers];
        for (i, j) in (0..size).flat_map(|i| (0..size).map(move |j| (i, j))) {
            jumps.push((base + i, base + j, rate * passage[(i, j)].max(0.0)));
        }
        let p = steady_state(offset[self.workers + 1], &jumps);
        let mut levels = split(&p, &offset);
        let mut total = 1.0;
        loop {
            let next = row_times(&levels[levels.len() - 1], &growth);
            let mass: f64 = next.iter().sum();
            total += mass;
            levels.push(next);
            if mass < 1e-17 || levels.len() > 1_000_000 {
                break;
            }
        }
        levels.iter_mut().flatten().for_each(|p| *p /= total);
        let queue = QueueTail::Endless { change: inside.plus(1.0, &growth.times(&down)), growth };
        let flow = vec![rate; levels.len()];
        Ok(self.steady(levels, flow, queue))
    }

    /// Poisson arrivals at `rate` per second, `backlog` places in the queue; who finds it full is
    /// refused and does not come back.
    ///
    /// # Errors
    /// A parameter out of range, or too many states.
    pub fn finite(&self, rate: f64, backlog: usize) -> Result<Steady> {
        positive("the arrival rate", rate)?;
        self.bounded(self.workers.saturating_add(backlog), |_| rate)
    }

    /// `clients` that think (mean `think_mean` s, exponential); `backlog` places in the queue, and
    /// who finds it full thinks again.
    ///
    /// # Errors
    /// A parameter out of range, or too many states.
    pub fn closed(
        &self,
        clients: usize,
        think_mean: f64,
        backlog: Option<usize>,
    ) -> Result<Steady> {
        at_least_one("the number of clients", clients)?;
        positive("the time to think", think_mean)?;
        let places =
            backlog.map_or(clients, |backlog| clients.min(self.workers.saturating_add(backlog)));
        self.bounded(places, |n| (clients - n) as f64 / think_mean)
    }

    fn bounded(&self, top: usize, rate: impl Fn(usize) -> f64) -> Result<Steady> {
        let full = self.level(self.workers.min(top)).len();
        let below: usize = (0..top.min(self.workers)).map(|n| self.level(n).len()).sum();
        let states = (top - top.min(self.workers)).saturating_add(1).saturating_mul(full);
        let (states, reach) = (states.saturating_add(below), 2 * full);
        refuse_work(states, reach)?;
        let (offset, jumps) = self.jumps(top, &rate);
        let p = steady_state(states, &jumps);
        let (inside, down) = self.saturated();
        let flow = (0..=top).map(rate).collect();
        Ok(self.steady(split(&p, &offset), flow, QueueTail::Bounded { inside, down }))
    }

    fn steady(&self, levels: Vec<Vec<f64>>, rates: Vec<f64>, queue: QueueTail) -> Steady {
        let mass: Vec<f64> = levels.iter().map(|level| level.iter().sum()).collect();
        let last = match queue {
            QueueTail::Endless { .. } => mass.len(),
            QueueTail::Bounded { .. } => mass.len() - 1,
        };
        let flow = |range: std::ops::Range<usize>| -> f64 {
            range.map(|n| mass[n] * rates[n]).fold(0.0, |sum, flow| sum + flow)
        };
        let throughput = flow(0..last);
        let average = |f: &dyn Fn(usize) -> f64| -> f64 {
            mass.iter().enumerate().map(|(n, p)| p * f(n)).sum()
        };
        let mean_in_system = average(&|n| n as f64);
        let mean_queue = average(&|n| n.saturating_sub(self.workers) as f64);
        let by_phase = |f: &dyn Fn(&[usize]) -> f64| -> f64 {
            let level = |(n, p): (usize, &Vec<f64>)| -> f64 {
                self.level(n).iter().zip(p).map(|(phase, p)| p * f(phase)).sum()
            };
            levels.iter().enumerate().map(level).sum()
        };
        let mean_on_cpu = by_phase(&|phase| self.on_cpu(phase));
        let busy_cores = by_phase(&|phase| self.on_cpu(phase).min(self.cores));
        Steady {
            throughput,
            loss_prob: flow(last..mass.len()) / flow(0..mass.len()),
            wait_prob: flow(self.workers.min(last)..last) / throughput,
            mean_in_system,
            mean_queue,
            mean_on_cpu,
            mean_in_io: mean_in_system - mean_queue - mean_on_cpu,
            core_utilisation: busy_cores / self.cores,
            worker_utilisation: (mean_in_system - mean_queue) / self.workers as f64,
            waiting: WaitingLevels::new(
                levels,
                &rates,
                self.workers.min(last),
                last,
                throughput,
                queue,
            ),
        }
    }
}

/// What such a system does in the long run.
#[derive(Clone, Debug, PartialEq)]
pub struct Steady {
    /// Answers per second.
    pub throughput: f64,
    /// The share of attempts that are refused.
    pub loss_prob: f64,
    /// P(an accepted request waits for a worker).
    pub wait_prob: f64,
    /// L: the time average of requests in the system.
    pub mean_in_system: f64,
    /// Lq: the time average of requests that wait.
    pub mean_queue: f64,
    /// The time average of requests on the cores.
    pub mean_on_cpu: f64,
    /// The time average of requests in I/O.
    pub mean_in_io: f64,
    /// Mean share of the cores that is busy.
    pub core_utilisation: f64,
    /// Mean share of the workers that are busy.
    pub worker_utilisation: f64,
    waiting: WaitingLevels,
}

impl Steady {
    /// `E[wait]` of accepted requests, in seconds (Little's law).
    pub fn wait_mean(&self) -> f64 {
        self.mean_queue / self.throughput
    }

    /// `E[response]` of accepted requests, in seconds (Little's law).
    pub fn response_mean(&self) -> f64 {
        self.mean_in_system / self.throughput
    }

    /// `E[time on the cores of one request]`, sharing included, in seconds.
    pub fn cpu_response_mean(&self) -> f64 {
        self.mean_on_cpu / self.throughput
    }

    /// The distribution of the wait of accepted requests.
    ///
    /// Unlimited queue: P(W > t) = p(N) e^(T t) (I - R)^-1 1, T = D0 + R D1, the age of the request
    /// that waits longest (Sengupta (1989), Advances in Applied Probability 21:159). Finite: the
    /// n - N + 1 departures of busy workers that an arrival waits for, step by step.
    ///
    /// # Errors
    /// Too many states.
    pub fn wait_distribution(&self) -> Result<Steps> {
        self.waiting.distribution()
    }
}

/// How the queue goes on above the levels that are kept.
#[derive(Clone, Debug, PartialEq)]
enum QueueTail {
    Endless { change: Matrix, growth: Matrix },
    Bounded { inside: Matrix, down: Matrix },
}

/// What is needed for the distribution of the wait: of the levels an arrival can find busy, the
/// probabilities that it does.
#[derive(Clone, Debug, PartialEq)]
struct WaitingLevels {
    found: Vec<Vec<f64>>,
    queue: QueueTail,
}

/// The most work (states x steps) that is done for the waits in a finite queue.
const MOST_WAITING: usize = 60_000_000;

impl WaitingLevels {
    fn new(
        levels: Vec<Vec<f64>>,
        rates: &[f64],
        from: usize,
        to: usize,
        throughput: f64,
        queue: QueueTail,
    ) -> Self {
        let weighted = |(level, rate): (Vec<f64>, &f64)| {
            level.into_iter().map(|p| p * rate / throughput).collect()
        };
        let found = levels.into_iter().zip(rates).take(to).skip(from).map(weighted);
        let first_only = matches!(queue, QueueTail::Endless { .. });
        let found = found.take(if first_only { 1 } else { usize::MAX }).collect();
        WaitingLevels { found, queue }
    }

    fn distribution(&self) -> Result<Steps> {
        match &self.queue {
            QueueTail::Endless { change, growth } => Ok(self.endless(change, growth)),
            QueueTail::Bounded { inside, down } => self.bounded(inside, down),
        }
    }

    fn endless(&self, change: &Matrix, growth: &Matrix) -> Steps {
        let size = change.size();
        let rate = fastest(change);
        let step = Matrix::identity(size).plus(1.0 / rate, change);
        let mut ones = Matrix::zero(size);
        (0..size).for_each(|i| ones[(i, 0)] = 1.0);
        let weight = Matrix::identity(size).plus(-1.0, growth).solve(ones);
        let mut phase = self.found[0].clone();
        let more_than = std::iter::from_fn(move || {
            let now = phase.iter().enumerate().map(|(i, p)| p * weight[(i, 0)]).sum();
            phase = row_times(&phase, &step);
            Some(now)
        });
        Steps::new(rate, more_than)
    }

    fn bounded(&self, inside: &Matrix, down: &Matrix) -> Result<Steps> {
        let rate = fastest(inside);
        let mut found = self.found.clone();
        while found.last().is_some_and(|level| level.iter().sum::<f64>() < 1e-15) {
            found.pop();
        }
        let states = found.len() * inside.size();
        let limit = MOST_WAITING / steps_expected(&found, rate, down).max(1);
        if states > limit {
            return Err(TheoryError::TooLarge { states, limit });
        }
        let stay = sparse(&Matrix::identity(inside.size()).plus(1.0 / rate, inside));
        let leave = sparse(&Matrix::zero(inside.size()).plus(1.0 / rate, down));
        let more_than = std::iter::from_fn(move || {
            let now = found.iter().flatten().sum();
            one_step(&mut found, &stay, &leave);
            Some(now)
        });
        Ok(Steps::new(rate, more_than))
    }
}

/// About how many steps at `rate` it takes until all of those that were found have left.
fn steps_expected(found: &[Vec<f64>], rate: f64, down: &Matrix) -> usize {
    let mass: f64 = found.iter().flatten().sum();
    let leaving: Vec<f64> = (0..down.size()).map(|i| down.row(i).iter().sum()).collect();
    let flow: f64 =
        found.iter().flat_map(|level| level.iter().zip(&leaving)).map(|(p, r)| p * r).sum();
    if mass == 0.0 { 0 } else { (found.len() as f64 * rate * mass / flow) as usize }
}

/// One step of all that wait: entries `stay` on their level or `leave` for the one below. What is
/// below 1e-100 is dropped, because numbers that are no longer normal are slow.
fn one_step(found: &mut [Vec<f64>], stay: &[(usize, usize, f64)], leave: &[(usize, usize, f64)]) {
    for ahead in 0..found.len() {
        let mut next = vec![0.0; found[ahead].len()];
        add_product(&mut next, &found[ahead], stay);
        if let Some(above) = found.get(ahead + 1) {
            add_product(&mut next, above, leave);
        }
        next.iter_mut().filter(|p| **p < 1e-100).for_each(|p| *p = 0.0);
        found[ahead] = next;
    }
}

/// The largest rate out of a phase.
fn fastest(rates: &Matrix) -> f64 {
    (0..rates.size()).map(|i| -rates[(i, i)]).fold(0.0, f64::max)
}

/// The entries that are not zero: (row, column, value).
fn sparse(matrix: &Matrix) -> Vec<(usize, usize, f64)> {
    let size = matrix.size();
    let all = (0..size).flat_map(|i| (0..size).map(move |j| (i, j)));
    all.map(|(i, j)| (i, j, matrix[(i, j)])).filter(|entry| entry.2 != 0.0).collect()
}

fn add_product(out: &mut [f64], vector: &[f64], entries: &[(usize, usize, f64)]) {
    entries.iter().for_each(|&(i, j, value)| out[j] += vector[i] * value);
}

fn split(p: &[f64], offset: &[usize]) -> Vec<Vec<f64>> {
    offset.windows(2).map(|ends| p[ends[0]..ends[1]].to_vec()).collect()
}

/// Refuses a chain of so many states, each of which leads at most `reach` states away.
fn refuse_work(states: usize, reach: usize) -> Result<()> {
    if states.saturating_mul(reach * reach) <= MOST_WORK {
        return Ok(());
    }
    Err(TheoryError::TooLarge { states, limit: MOST_WORK / (reach * reach) })
}

/// In how many ways `total` can be spread over `parts`.
fn compositions_count(total: usize, parts: usize) -> usize {
    let product = (1..parts).try_fold(1usize, |count, i| Some(count.checked_mul(total + i)? / i));
    product.unwrap_or(usize::MAX)
}

/// All ways to spread `total` over `parts`, in lexical order.
fn compositions(total: usize, parts: usize) -> Vec<Vec<usize>> {
    if parts == 1 {
        return vec![vec![total]];
    }
    let first = (0..=total).flat_map(|first| {
        let rest = compositions(total - first, parts - 1);
        rest.into_iter().map(move |rest| [&[first], &rest[..]].concat())
    });
    first.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::TimeDistribution;
    use crate::theory::capacity::capacity;
    use crate::theory::erlang::Mmk;
    use crate::theory::finite::BirthDeathQueue;

    fn near(got: f64, expect: f64, what: &str) {
        assert!((got / expect - 1.0).abs() < 1e-9, "{what}: {got}, expected {expect}");
    }

    #[test]
    fn one_stage_of_io_is_m_m_k() {
        let network = Network::new(RequestWalk::sequence(&[Stage::io(1.0)]), 4, 1.0).unwrap();
        let (got, expect) = (network.open(3.2).unwrap(), Mmk::new(3.2, 1.0, 4).unwrap());
        near(got.wait_prob, expect.wait_prob(), "wait_prob");
        near(got.wait_mean(), expect.wait_mean(), "wait_mean");
        near(got.response_mean(), expect.response_mean(), "response_mean");
        let (distribution, exact) = (got.wait_distribution().unwrap(), expect.wait_distribution());
        near(distribution.quantile(0.99), exact.quantile(0.99), "p99");
        assert_eq!(distribution.quantile(0.2), 0.0);
        let (got, expect) =
            (network.finite(5.0, 6).unwrap(), BirthDeathQueue::mmkk(5.0, 1.0, 4, 10).unwrap());
        near(got.loss_prob, expect.loss_prob(), "loss");
        near(
            got.wait_distribution().unwrap().quantile(0.9),
            expect.wait_distribution().quantile(0.9),
            "p90",
        );
    }

    #[test]
    fn the_capacity_is_that_of_the_product_form() {
        for (workers, cores) in [(2, 1.0), (8, 2.0), (5, 0.5), (64, 4.0)] {
            let job = RequestWalk::sequence(&[Stage::cpu(0.1), Stage::io(0.3)]);
            let got = Network::new(job, workers, cores).unwrap().capacity();
            near(got, capacity(workers, cores, 0.1, 0.3).unwrap(), "capacity");
        }
    }

    #[test]
    fn who_asks_for_too_much_is_told() {
        let job = RequestWalk::sequence(&[Stage::cpu(0.1); 4]);
        let error = Network::new(job, 32, 4.0).unwrap_err();
        assert!(error.to_string().contains("simulate"), "{error}");
        let job = RequestWalk::sequence(&[Stage::cpu(0.1), Stage::io(0.3)]);
        let error = Network::new(job, 2, 1.0).unwrap().open(5.0).unwrap_err();
        assert!(error.to_string().contains("overloaded"), "{error}");
    }
}

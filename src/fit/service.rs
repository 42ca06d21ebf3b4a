//! The time that requests take on an idle machine, out of the times of a log.

use super::ledger::{Ledger, LedgerRequest};
use super::occupancy::{
    Occupancy, Visit, contradictions, invert, least_slots, peak, replay, visits,
};
use super::sharing::{Pace, Paces, on_cpu};
use crate::render::number::count;

/// The server that wrote the log, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Deployment {
    /// Worker processes.
    pub workers: Option<u32>,
    /// Threads in each.
    pub threads: Option<u32>,
    /// Whether a worker is an event loop, which holds any number of requests.
    pub event_loop: bool,
    /// Cores.
    pub cores: Option<f64>,
    /// The share of the cores that were busy with it.
    pub cpu_busy: Option<f64>,
}

/// The most requests that a server may hold at once: what waits for them is summed one by one.
const MOST_SLOTS: u64 = 1_000_000;

impl Deployment {
    /// Refuses more than a server can have.
    ///
    /// # Errors
    /// A sentence.
    pub(crate) fn check(&self) -> Result<(), String> {
        let (workers, threads) = (self.workers.unwrap_or(1), self.threads.unwrap_or(1));
        if u64::from(workers) * u64::from(threads) <= MOST_SLOTS {
            return Ok(());
        }
        Err(format!(
            "{workers} workers of {threads} threads each are too many: the most is {} requests at once",
            count(MOST_SLOTS)
        ))
    }

    /// How many requests can be held at once, if that is known.
    pub(crate) fn slots(&self) -> Option<usize> {
        let workers = self.workers?;
        (!self.event_loop).then(|| workers as usize * self.threads.unwrap_or(1) as usize)
    }

    /// Cores that requests can use at once: threads of one process and event loops run one at a
    /// time.
    fn usable_cores(&self) -> Option<f64> {
        let one_at_a_time = self.event_loop || self.threads.is_some_and(|threads| threads > 1);
        match (self.cores, self.workers) {
            (Some(cores), Some(workers)) if one_at_a_time => Some(cores.min(f64::from(workers))),
            (cores, _) => cores,
        }
    }
}

/// How the held time of a request is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    /// The log has it.
    Logged,
    /// Out of the response times by the order of arrivals and departures.
    Inverted,
    /// Out of the response times; an event loop holds whatever comes.
    AtOnce,
}

/// How the share of CPU is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Share {
    /// Not needed: there was a core for every worker. How much of it is CPU is not known.
    Unneeded,
    /// The log has the CPU time.
    Logged,
    /// From the busy cores by the utilisation law, U = X D.
    CpuBusy,
    /// From how the rate of departures depends on the number held, with an interval.
    Departures {
        /// The least share that fits.
        least: f64,
        /// The greatest.
        most: f64,
    },
    /// Neither said nor to be seen: the held time is an upper bound.
    Unknown,
}

/// Service times out of a log.
#[derive(Clone, Debug)]
pub struct ServiceTimes {
    /// Of each served request: its place among the kept ones, seconds in all, of these CPU (if
    /// the share is known).
    pub of: Vec<(usize, f64, f64)>,
    /// How the held time is known.
    pub(crate) held: Held,
    /// How the share of CPU is known.
    pub(crate) share: Share,
    /// The share of CPU in the mean, if it is known.
    pub(crate) cpu_share: Option<f64>,
    /// Whether starts and departures are known finely enough to see who shared cores with whom.
    pub(crate) timeline: bool,
    /// Whether more requests were held than there are cores.
    pub(crate) contended: bool,
}

/// What the log says of the number of workers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkersFound {
    /// Nothing.
    Nothing,
    /// So many explain it best.
    Best(usize),
    /// At least so many: all were never busy.
    AtLeast(usize),
}

/// Requests of which the rest is estimated where it costs much.
const SAMPLE: usize = 100_000;

/// A stamp is fine enough if its step is at most this share of the mean time, or a millisecond.
const FINE: f64 = 0.05;

/// The service times.
///
/// # Errors
/// A sentence that says why they cannot be known from this log.
pub fn service(
    ledger: &Ledger,
    deployment: &Deployment,
) -> Result<(ServiceTimes, WorkersFound), String> {
    let times = |kept: &LedgerRequest| kept.held.or(kept.response);
    let known: Vec<u64> = ledger.kept.iter().filter_map(times).collect();
    if known.is_empty() {
        return Err("the log has no durations".to_owned());
    }
    let mean = known.iter().map(|time| *time as f64).sum::<f64>() / known.len() as f64;
    let fine = ledger.step <= 1_000_000 || ledger.step as f64 <= FINE * mean;
    if ledger.kept.iter().any(|kept| kept.held.is_some()) {
        return Ok(logged(ledger, deployment, fine));
    }
    if !fine {
        return Err(format!(
            "the stamps of the log are whole {}s: which request waited for which is not in it. \
             Log the instant with milliseconds ($msec in nginx)",
            if ledger.step >= 1_000_000_000 { "second" } else { "step" }
        ));
    }
    from_responses(ledger, deployment)
}

/// Held times that the log has.
fn logged(ledger: &Ledger, deployment: &Deployment, fine: bool) -> (ServiceTimes, WorkersFound) {
    let forwarded =
        ledger.kept.iter().any(|kept| kept.arrival.is_some() && kept.departure.is_none());
    let mut all = match deployment.slots() {
        Some(slots) if forwarded => replay(&ledger.kept, slots),
        _ => visits(&ledger.kept),
    };
    let timeline = fine && !all.is_empty();
    if !timeline {
        all = ledger.kept.iter().enumerate().filter_map(|(at, kept)| unplaced(at, kept)).collect();
    }
    let found = match ledger.processes.len() {
        0 if timeline => WorkersFound::AtLeast(Occupancy::of_held(&all).peak()),
        0 => WorkersFound::Nothing,
        count => WorkersFound::Best(count),
    };
    (shared(ledger, deployment, &all, Held::Logged, timeline), found)
}

/// A request of which only the time is known.
fn unplaced(request: usize, kept: &LedgerRequest) -> Option<Visit> {
    let departure = i64::try_from(kept.held?).ok()?;
    Some(Visit { request, arrival: 0, start: 0, departure })
}

/// Held times out of response times.
fn from_responses(
    ledger: &Ledger,
    deployment: &Deployment,
) -> Result<(ServiceTimes, WorkersFound), String> {
    let mut all = visits(&ledger.kept);
    if all.is_empty() {
        return Err(
            "the log has no instants: which request waited for which is not in it".to_owned()
        );
    }
    if deployment.event_loop {
        return Ok((shared(ledger, deployment, &all, Held::AtOnce, true), WorkersFound::Nothing));
    }
    let found = best_slots(&all, ledger.step);
    let slots = deployment.slots().unwrap_or(match found {
        WorkersFound::Best(slots) | WorkersFound::AtLeast(slots) => slots,
        WorkersFound::Nothing => 1,
    });
    invert(&mut all, slots);
    let against = contradictions(&all, ledger.step);
    if against > 0.02 {
        return Err(contradicted(against, slots, found, deployment));
    }
    Ok((shared(ledger, deployment, &all, Held::Inverted, true), found))
}

fn contradicted(share: f64, slots: usize, found: WorkersFound, deployment: &Deployment) -> String {
    let several = deployment.workers.is_some_and(|workers| workers > 1)
        && deployment.threads.is_some_and(|threads| threads > 1);
    let why = if several {
        "threads of several processes have a queue each: log the time in the worker (%(D)s)"
            .to_owned()
    } else {
        let least = match found {
            WorkersFound::Best(least) | WorkersFound::AtLeast(least) => least,
            WorkersFound::Nothing => slots,
        };
        format!(
            "there were more workers ({least} explain the order), requests are missing from the \
             log, or it is not one queue in order of arrival"
        )
    };
    format!(
        "{:.0} % of the requests were answered before {slots} workers with one queue could have \
         begun them: {why}",
        share * 100.0
    )
}

/// Numbers of workers that are tried.
const MOST_TRIED: usize = 40;

/// How far below zero the dependence of [`best_slots`] may be, in standard errors, and at least.
const INDEPENDENT: (f64, f64) = (3.0, 0.1);

/// The number of workers that explains the log best: from the least that overtaking needs on, the
/// first at which the held times do not fall with the number that was inside at the arrival. (With
/// too few workers, those that came to a queue seem to have been served too fast.)
pub(super) fn best_slots(all: &[Visit], step: u64) -> WorkersFound {
    let mut all = all[..all.len().min(SAMPLE)].to_vec();
    let (least, most) = (least_slots(&all, step), peak(&all));
    let inside = inside_at_arrival(&all);
    let lowest = -(INDEPENDENT.0 / (all.len() as f64).sqrt()).max(INDEPENDENT.1);
    let mut before = f64::INFINITY;
    for slots in least..most.min(least + MOST_TRIED) {
        invert(&mut all, slots);
        let dependence = correlation(&all, &inside, step);
        if dependence >= lowest {
            return WorkersFound::Best(if before.abs() < dependence { slots - 1 } else { slots });
        }
        before = dependence;
    }
    WorkersFound::AtLeast(most.max(1))
}

/// How many were inside when each came.
fn inside_at_arrival(all: &[Visit]) -> Vec<f64> {
    let mut departures: Vec<i64> = all.iter().map(|visit| visit.departure).collect();
    departures.sort_unstable();
    let gone = |at: i64| departures.partition_point(|departure| *departure <= at);
    all.iter().enumerate().map(|(k, visit)| k as f64 - gone(visit.arrival) as f64).collect()
}

/// The correlation of the logarithm of the held time with a number.
fn correlation(all: &[Visit], with: &[f64], step: u64) -> f64 {
    let shortest = step.max(1_000) as i64;
    let x = |visit: &Visit| (visit.held().max(shortest) as f64).ln();
    let count = all.len() as f64;
    let (mean_x, mean_y) =
        (all.iter().map(x).sum::<f64>() / count, with.iter().sum::<f64>() / count);
    let (mut xy, mut xx, mut yy) = (0.0, 0.0, 0.0);
    for (visit, y) in all.iter().zip(with) {
        let (dx, dy) = (x(visit) - mean_x, y - mean_y);
        (xy, xx, yy) = (xy + dx * dy, xx + dx * dx, yy + dy * dy);
    }
    if xx > 0.0 && yy > 0.0 { xy / (xx * yy).sqrt() } else { 0.0 }
}

/// Takes out of the held times what requests waited for cores.
fn shared(
    ledger: &Ledger,
    deployment: &Deployment,
    all: &[Visit],
    held: Held,
    timeline: bool,
) -> ServiceTimes {
    let occupancy = Occupancy::of_held(all);
    let most = if timeline { occupancy.peak() } else { deployment.slots().unwrap_or(usize::MAX) };
    let contended = deployment.usable_cores().filter(|cores| most as f64 > *cores);
    let shared = Shared { ledger, deployment, all, occupancy, contended, timeline };
    let (share, cpu_share, parts) = shared.parts();
    let served = |(visit, (total, cpu)): (&Visit, (f64, f64))| {
        let status = ledger.kept[visit.request].status;
        status.is_served().then_some((visit.request, total, cpu))
    };
    let of: Vec<(usize, f64, f64)> = all.iter().zip(parts).filter_map(served).collect();
    let cpu_share = match share {
        Share::Logged => Some(mean_share(&of)),
        _ => cpu_share,
    };
    ServiceTimes { of, held, share, cpu_share, timeline, contended: contended.is_some() }
}

/// Held requests and the cores that they shared.
struct Shared<'l> {
    ledger: &'l Ledger,
    deployment: &'l Deployment,
    all: &'l [Visit],
    occupancy: Occupancy,
    /// The cores, if more requests were held than there are.
    contended: Option<f64>,
    timeline: bool,
}

impl Shared<'_> {
    /// How the share of CPU is known, the share, and of each request service and CPU.
    fn parts(&self) -> (Share, Option<f64>, Vec<(f64, f64)>) {
        let (all, occupancy) = (self.all, &self.occupancy);
        let cores = self.contended.unwrap_or(f64::INFINITY);
        if self.ledger.kept.iter().any(|kept| kept.cpu.is_some()) {
            let cores = if self.timeline { cores } else { f64::INFINITY };
            return (Share::Logged, None, with_logged_cpu(self.ledger, all, occupancy, cores));
        }
        let (share, found) = match (self.contended, self.busy_seconds()) {
            (Some(_), Some(busy)) if self.timeline => {
                (Share::CpuBusy, Some(by_busy(all, occupancy, cores, busy)))
            }
            (Some(_), Some(busy)) => {
                let (share, parts) = blurred(all, self.beside(), cores, busy);
                return (Share::CpuBusy, Some(share), parts);
            }
            (None, Some(busy)) => (Share::CpuBusy, Some(plain_share(all, busy))),
            (Some(_), None) if self.timeline => by_departures(occupancy, cores),
            (Some(_), None) => (Share::Unknown, None),
            (None, None) => (Share::Unneeded, None),
        };
        (share, found, split(all, occupancy, found.unwrap_or(0.0), cores))
    }

    /// CPU seconds of the whole log by the utilisation law.
    fn busy_seconds(&self) -> Option<f64> {
        let busy = self.deployment.cpu_busy? * self.deployment.cores?;
        Some(busy * self.seconds()?)
    }

    /// How long the log is.
    fn seconds(&self) -> Option<f64> {
        let span = match self.timeline {
            true => {
                let first = self.all.iter().map(|visit| visit.arrival).min()?;
                self.all.iter().map(|visit| visit.departure).max()? - first
            }
            false => self.ledger.span.map(|(first, last)| last - first)?,
        };
        Some(span as f64 / 1e9).filter(|seconds| *seconds > 0.0)
    }

    /// How many requests were held beside one, and that one, on average: as an arrival of a Poisson
    /// process finds them (Little's law), at most as many as there are workers.
    fn beside(&self) -> f64 {
        let held: f64 = self.all.iter().map(|visit| visit.held() as f64 / 1e9).sum();
        let most = self.deployment.slots().map_or(f64::INFINITY, |slots| slots as f64);
        (1.0 + held / self.seconds().unwrap_or(f64::INFINITY)).min(most)
    }
}

/// The share of CPU and the parts where no instants are known: at the mean number that was held.
fn blurred(all: &[Visit], beside: f64, cores: f64, busy: f64) -> (f64, Vec<(f64, f64)>) {
    let held: f64 = all.iter().map(|visit| visit.held() as f64 / 1e9).sum();
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..30 {
        let middle: f64 = f64::midpoint(low, high);
        let total = held * Pace::between(middle, cores, beside).service;
        if middle * total < busy { low = middle } else { high = middle }
    }
    let share: f64 = f64::midpoint(low, high);
    let pace = Pace::between(share, cores, beside);
    let one = |visit: &Visit| {
        let total = visit.held() as f64 / 1e9 * pace.service;
        (total, share * total)
    };
    (share, all.iter().map(one).collect())
}

fn mean_share(of: &[(usize, f64, f64)]) -> f64 {
    let (total, cpu) = of.iter().fold((0.0, 0.0), |sum, one| (sum.0 + one.1, sum.1 + one.2));
    if total > 0.0 { (cpu / total).clamp(0.0, 1.0) } else { 0.0 }
}

/// The share of CPU where nothing was shared.
fn plain_share(all: &[Visit], busy: f64) -> f64 {
    let held: f64 = all.iter().map(|visit| visit.held() as f64 / 1e9).sum();
    if held > 0.0 { (busy / held).clamp(0.0, 1.0) } else { 0.0 }
}

/// The share at which the CPU of all requests is what was busy.
fn by_busy(all: &[Visit], occupancy: &Occupancy, cores: f64, busy: f64) -> f64 {
    let part = &all[..all.len().min(SAMPLE)];
    let busy = busy * part.len() as f64 / all.len() as f64;
    let (mut low, mut high) = (0.0, 1.0);
    for _ in 0..12 {
        let middle: f64 = f64::midpoint(low, high);
        let total: f64 = split(part, occupancy, middle, cores).iter().map(|one| one.0).sum();
        if middle * total < busy { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

/// How far the log-likelihood falls to the ends of an interval of 99 % (half of chi-squared).
const LIKELY: f64 = 3.32;

/// An interval that is wider says nothing.
const WIDE: f64 = 0.7;

/// Steps of the share of CPU in which the likelihood is searched.
const STEPS: usize = 100;

/// The share of CPU by maximum likelihood: while `n` are held they go at a rate in proportion to n
/// x pace(n). An end, nothing or all of it CPU, that fits is taken before what lies between.
fn by_departures(occupancy: &Occupancy, cores: f64) -> (Share, Option<f64>) {
    let table = occupancy.by_count();
    let of = |step| log_likelihood(&table, step as f64 / STEPS as f64, cores);
    let all: Vec<f64> = (0..=STEPS).map(of).collect();
    let best = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let fits = |step: &usize| all[*step] > best - LIKELY;
    let least = (0..=STEPS).find(fits).unwrap_or(0);
    let most = (0..=STEPS).rev().find(fits).unwrap_or(STEPS);
    let top = (0..=STEPS).find(|step| all[*step] >= best).unwrap_or(0);
    let share = |step| step as f64 / STEPS as f64;
    let known = Share::Departures { least: share(least), most: share(most) };
    match (least, most) {
        _ if share(most - least) > WIDE => (Share::Unknown, None),
        (0, _) => (known, Some(0.0)),
        (_, STEPS) => (known, Some(1.0)),
        _ => (known, Some(share(top))),
    }
}

fn log_likelihood(table: &[(f64, u64)], share: f64, cores: f64) -> f64 {
    let paces = Paces::new(share, cores, table.len());
    let (mut gone, mut work, mut sum) = (0.0, 0.0, 0.0);
    for (n, (seconds, count)) in table.iter().enumerate().skip(1) {
        let rate = n as f64 * paces.of(n as u32).service;
        work += rate * seconds;
        gone += *count as f64;
        sum += *count as f64 * rate.ln();
    }
    if gone > 0.0 && work > 0.0 { sum + gone * (gone / work).ln() - gone } else { 0.0 }
}

/// Rounds in which the mean of [`split`] is found.
const ROUNDS: usize = 6;

/// The service of each request and the CPU in it, if the share of CPU in the mean is `share` and
/// CPU and I/O of a request do not depend on one another.
fn split(all: &[Visit], occupancy: &Occupancy, share: f64, cores: f64) -> Vec<(f64, f64)> {
    let paces = Paces::new(share, cores, occupancy.peak());
    let cpu = occupancy.integral(|n| paces.of(n).cpu);
    let speed = |visit: &Visit| {
        let held = visit.held().max(0) as f64 / 1e9;
        let shared = cpu.between(visit.start, visit.departure);
        (held, if held > 0.0 { (shared / held).clamp(1e-9, 1.0) } else { 1.0 })
    };
    let speeds: Vec<(f64, f64)> = all.iter().map(speed).collect();
    // the parts depend on the mean of their sums, which begins at that of the held times
    let count = all.len().max(1) as f64;
    let mut mean = speeds.iter().map(|one| one.0).sum::<f64>() / count;
    let part = |(held, speed): &(f64, f64), mean: f64| {
        let time = on_cpu(*held, share * mean / speed, (1.0 - share) * mean);
        (held - time * (1.0 - speed), time * speed)
    };
    for _ in 0..ROUNDS {
        mean = speeds.iter().map(|one| part(one, mean).0).sum::<f64>() / count;
    }
    speeds.iter().map(|one| part(one, mean)).collect()
}

/// The same where the log has the CPU of each request.
fn with_logged_cpu(
    ledger: &Ledger,
    all: &[Visit],
    occupancy: &Occupancy,
    cores: f64,
) -> Vec<(f64, f64)> {
    let logged = |visit: &Visit| ledger.kept[visit.request].cpu.unwrap_or(0) as f64 / 1e9;
    let held = |visit: &Visit| visit.held().max(0) as f64 / 1e9;
    let cpu_of_all: f64 = all.iter().map(logged).sum();
    let mut share = plain_share(all, cpu_of_all);
    let mut parts = Vec::new();
    for _ in 0..6 {
        let paces = Paces::new(share, cores, occupancy.peak());
        let pace = occupancy.integral(|n| paces.of(n).cpu);
        let one = |visit: &Visit| {
            let (held, cpu) = (held(visit), logged(visit).min(held(visit)));
            let speed = pace.between(visit.start, visit.departure) / held.max(1e-9);
            let waited = cpu * (1.0 / speed.clamp(1e-6, 1.0) - 1.0);
            ((held - waited).max(cpu), cpu)
        };
        parts = all.iter().map(one).collect();
        let total: f64 = parts.iter().map(|part: &(f64, f64)| part.0).sum();
        share = if total > 0.0 { (cpu_of_all / total).clamp(0.0, 1.0) } else { 0.0 };
    }
    parts
}

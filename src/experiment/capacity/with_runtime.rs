//! Capacity of one host whose server has a runtime: with what the server itself takes.

use crate::experiment::capacity::bound::{Capacity, Resource};
use crate::experiment::capacity::killed::{killed, spent};
use crate::experiment::result::memory::requests_of_a_life;
use crate::model::runtime::{Accept, Bias, measured};
use crate::model::{Load, Model, PhaseKind, Runtime, Server};

/// Mean demand of a request with what the server adds, in seconds: (CPU, I/O). Where workers slow
/// each other down, with all of them busy; of requests whose workers are killed, until then.
pub(crate) fn demand(model: &Model, runtime: &Runtime) -> (f64, f64) {
    with_overhead(model, runtime, spent(model))
}

fn with_overhead(model: &Model, runtime: &Runtime, (cpu, io): (f64, f64)) -> (f64, f64) {
    let ios = match model.load() {
        Load::Trace(_) => f64::from(u8::from(io > 0.0)),
        _ => model.mix().map_or(0.0, |mix| mix.mean_count(PhaseKind::Io)),
    };
    let server = model.server();
    let busy = if runtime.class.is_loop() { server.workers } else { server.slots() };
    let factor = runtime.contention.map_or(1.0, |law| law.factor(busy));
    ((cpu + runtime.overhead.of_request(ios)) * factor, io)
}

/// The most that one host can answer, a real server: what an ideal one can for what requests and
/// the server itself take, less what is lost to uneven shares and to workers that are away. `ideal`
/// is given a number of workers and the demand.
pub(crate) fn capacity(
    model: &Model,
    runtime: &Runtime,
    ideal: impl Fn(u32, (f64, f64)) -> Option<Capacity>,
) -> Option<Capacity> {
    let server = model.server();
    let most = |slowed: f64| -> Option<(Capacity, f64)> {
        let cut = killed(model, runtime, slowed);
        let seconds = cut.map_or_else(|| model.mean_demand(), |cut| (cut.cpu, cut.io));
        let (cpu, io) = with_overhead(model, runtime, seconds);
        let away = away(cut.map_or(0.0, |cut| cut.share), runtime, server);
        let of = |workers| match runtime.class.is_loop() {
            true => of_loops(workers, (cpu, io), runtime, server),
            false => ideal(workers, (cpu, io)),
        };
        let best = of_those_present(server.workers, away, of)?;
        let held = f64::from(server.workers) / best.per_second - away;
        Some((best, (held - io) / cpu))
    };
    let mut best = most(1.0)?.0;
    // When all workers are busy and share cores, more requests take too long.
    let slowest = f64::from(server.workers) / server.cores.as_f64();
    if model.contended() && killed(model, runtime, slowest).is_some() {
        let full = when_all_are_busy(slowest, most)?;
        best = if full.per_second > best.per_second { full } else { best };
    }
    if let Some(share) = largest_share(runtime, server) {
        // The process that takes most is the first that cannot keep up with its share.
        let (cpu, io) = demand(model, runtime);
        let alone = alone(best.per_second, cpu, io, runtime, server);
        if alone / share < best.per_second {
            best = Capacity { per_second: alone / share, bound: Resource::Workers };
        }
    }
    Some(best)
}

/// The most of workers that are all busy: of a slowdown and the capacity with it, `most` gives the
/// capacity and the slowdown that follows from it, and the two agree.
fn when_all_are_busy(
    slowest: f64,
    most: impl Fn(f64) -> Option<(Capacity, f64)>,
) -> Option<Capacity> {
    let (mut low, mut high) = (1.0, slowest.max(1.0));
    while high - low > 1e-3 * high {
        let slowed = f64::midpoint(low, high);
        if most(slowed)?.1 > slowed { low = slowed } else { high = slowed }
    }
    Some(most(low)?.0)
}

/// The most of event loops with so many processes.
fn of_loops(
    workers: u32,
    (cpu, io): (f64, f64),
    runtime: &Runtime,
    server: &Server,
) -> Option<Capacity> {
    let workers = f64::from(workers);
    let held = runtime.worker_connections.map_or(f64::INFINITY, f64::from);
    let workers_bound = (workers / cpu).min(workers * held / (cpu + io));
    let cores_bound = server.cores.as_f64() / cpu;
    let bound = if cores_bound < workers_bound { Resource::Cores } else { Resource::Workers };
    let per_second = workers_bound.min(cores_bound);
    per_second.is_finite().then_some(Capacity { per_second, bound })
}

/// The largest share of the connections that one process takes, whether it keeps up or not: where it is
/// stated. Which processes are faster in a race is not, so that is never made a capacity.
fn largest_share(runtime: &Runtime, server: &Server) -> Option<f64> {
    let ahead = !runtime.class.is_loop() && server.workers > 1 && server.threads > 1
        || runtime.class == crate::model::runtime::Class::Gthread;
    match &runtime.accept {
        Accept::Greedy(bias @ Bias::Parts(_)) if ahead => Some(bias.largest_share(server.workers)),
        // A process that takes connections whether or not it can work on them is handed every nth.
        Accept::ReusePort | Accept::Random | Accept::RoundRobin if ahead => {
            Some(1.0 / f64::from(server.workers))
        }
        _ => None,
    }
}

/// What one process can answer by itself.
fn alone(all: f64, cpu: f64, io: f64, runtime: &Runtime, server: &Server) -> f64 {
    let threads = f64::from(server.threads);
    let locked = runtime.one_at_a_time(server);
    let computing = if locked { 1.0 } else { threads.min(server.cores.as_f64()) };
    (threads / (cpu + io)).min(computing / cpu).min(all)
}

/// The most of workers each of which is away for so many seconds of each request, on average: at x
/// requests per second x times that many workers are away, and `of` gives what the others can do.
fn of_those_present(
    workers: u32,
    away: f64,
    of: impl Fn(u32) -> Option<Capacity>,
) -> Option<Capacity> {
    if away == 0.0 {
        return of(workers);
    }
    // The more are present the more they can do, and the less they may do.
    let may = |present: u32| f64::from(workers - present) / away;
    let can = |present: u32| if present == 0 { Some(0.0) } else { Some(of(present)?.per_second) };
    let (mut low, mut high) = (0, workers);
    while high - low > 1 {
        let middle = low.midpoint(high);
        if can(middle)? < may(middle) { low = middle } else { high = middle }
    }
    // Both are straight lines in between.
    let (below, above) = (can(low)?, can(high)?);
    let rise = above - below;
    let per_second = below + rise * (may(low) - below) / (rise + 1.0 / away);
    Some(Capacity { per_second, ..of(high)? })
}

/// How long a worker is away for each request, in seconds: if it ends after a number of requests, or is
/// killed for memory or, with this probability, for the time that a request takes.
fn away(killed: f64, runtime: &Runtime, server: &Server) -> f64 {
    let life = runtime.lifecycle;
    let lives = [life.mean_requests(), requests_of_a_life(server)].into_iter().flatten();
    let most = lives.fold(f64::INFINITY, f64::min);
    // 1 + q + q² + ...: each further request comes if no one before it ended the worker.
    let requests = if killed > 0.0 { (1.0 - (1.0 - killed).powf(most)) / killed } else { most };
    measured::RESPAWN.saturating_add(life.boot).as_secs_f64() / requests
}

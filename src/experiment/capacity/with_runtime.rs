//! Capacity of one host whose server has a runtime: with what the server itself takes.

use crate::experiment::capacity::bound::{Capacity, Resource};
use crate::experiment::result::memory::requests_of_a_life;
use crate::model::runtime::{Accept, Bias, measured};
use crate::model::{Load, Model, PhaseKind, Runtime, Server};

/// Mean demand of a request with what the server adds, in seconds: (CPU, I/O). Where workers slow
/// each other down, with all of them busy.
pub(crate) fn demand(model: &Model, runtime: &Runtime) -> (f64, f64) {
    let (cpu, io) = model.mean_demand();
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
/// the server itself take, less what is lost to uneven shares and to workers that are away.
pub(crate) fn capacity(
    model: &Model,
    runtime: &Runtime,
    ideal: impl Fn(f64, f64) -> Option<Capacity>,
) -> Option<Capacity> {
    let server = model.server();
    let (cpu, io) = demand(model, runtime);
    let workers = f64::from(server.workers);
    let mut best = if runtime.class.is_loop() {
        let held = runtime.worker_connections.map_or(f64::INFINITY, f64::from);
        let workers_bound = (workers / cpu).min(workers * held / (cpu + io));
        let cores_bound = server.cores.as_f64() / cpu;
        let bound = if cores_bound < workers_bound { Resource::Cores } else { Resource::Workers };
        let per_second = workers_bound.min(cores_bound);
        if !per_second.is_finite() {
            return None;
        }
        Capacity { per_second, bound }
    } else {
        ideal(cpu, io)?
    };
    best.per_second *= presence(best.per_second, runtime, server);
    if let Some(share) = largest_share(runtime, server) {
        // The process that takes most is the first that cannot keep up with its share.
        let alone = alone(best.per_second, cpu, io, runtime, server);
        if alone / share < best.per_second {
            best = Capacity { per_second: alone / share, bound: Resource::Workers };
        }
    }
    Some(best)
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

/// The share of the time that a worker is there, if it ends after so many requests, or is killed.
fn presence(per_second: f64, runtime: &Runtime, server: &Server) -> f64 {
    let life = runtime.lifecycle;
    let lives = [life.mean_requests(), requests_of_a_life(server)].into_iter().flatten();
    let requests = lives.fold(f64::INFINITY, f64::min);
    if requests.is_infinite() {
        return 1.0;
    }
    let lives = requests * f64::from(server.workers) / per_second;
    let away = (measured::RESPAWN.saturating_add(life.boot)).as_secs_f64();
    lives / (lives + away)
}

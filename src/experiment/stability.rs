//! Whether a cell has a steady state: offered load against capacity, before anything is run.

use super::over_time;
use super::plan::{Length, Settings};
use crate::model::{Backlog, Load, Model};
use crate::theory::capacity::gil_capacity;

/// What bounds a server's throughput.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    /// All workers (threads) hold a request.
    Workers,
    /// All cores compute.
    Cores,
    /// Each process computes with one thread, the others wait for its lock.
    Locks,
    /// Neither alone: some workers wait for a core while others hold it idle during I/O.
    Both,
    /// All connections of the pool behind are held.
    Pool,
    /// Neither alone: workers are held while they wait for the pool.
    WorkersAndPool,
}

impl Resource {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Resource::Workers => "workers",
            Resource::Cores => "cores",
            Resource::Locks => "one thread at a time in each worker (the GIL)",
            Resource::Both => "workers and cores together",
            Resource::Pool => "the pool's connections",
            Resource::WorkersAndPool => "workers, held while they wait for the pool",
        }
    }
}

/// The most that a server can answer, and what bounds it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Requests per second.
    pub per_second: f64,
    /// What is used up first.
    pub bound: Resource,
}

/// Capacity of a model's server for its requests, of all its hosts together; `None` where requests
/// take no time.
pub fn capacity(model: &Model) -> Option<Capacity> {
    let ideal = |cpu, io| ideal_capacity(model, cpu, io);
    match &model.server().runtime {
        Some(runtime) => {
            let one = super::real::capacity(model, runtime, ideal)?;
            Some(super::front::capacity(model, runtime, one))
        }
        None => {
            let (cpu, io) = model.mean_demand();
            ideal(cpu, io)
        }
    }
}

/// Capacity of an ideal server for requests of so much CPU and I/O on average.
fn ideal_capacity(model: &Model, cpu: f64, io: f64) -> Option<Capacity> {
    let server = model.server();
    let slots = f64::from(server.slots());
    let mut best = Capacity { per_second: slots / (cpu + io), bound: Resource::Workers };
    if !best.per_second.is_finite() {
        return None;
    }
    if cpu == 0.0 {
        return Some(best);
    }
    let mut bound = |per_second: f64, bound| {
        // Bounds that are equal but for rounding name the first.
        if per_second < best.per_second * (1.0 - 1e-9) {
            best = Capacity { per_second, bound };
        }
    };
    bound(server.cores.as_f64() / cpu, Resource::Cores);
    if server.lock_matters() {
        bound(f64::from(server.workers) / cpu, Resource::Locks);
        let (processes, threads) = (server.workers as usize, server.threads as usize);
        if io > 0.0
            && let Ok(chain) = gil_capacity(processes, threads, server.cores.as_f64(), cpu, io)
        {
            bound(chain, Resource::Locks);
        }
    } else if io > 0.0 && model.contended() {
        let cores = server.cores.as_f64();
        bound(joint_capacity(model, slots as u64, cores, cpu, io), Resource::Both);
    }
    Some(best)
}

/// The capacity of workers that hold their request during I/O while they share cores.
fn joint_capacity(model: &Model, workers: u64, cores: f64, cpu: f64, io: f64) -> f64 {
    let constant = model.phases().iter().all(|phase| phase.demand.constant().is_some());
    if constant && !model.phases().is_empty() {
        // Workers that start together stay in lock-step.
        workers as f64 / ((workers as f64 / cores).max(1.0) * cpu + io)
    } else {
        crate::theory::capacity::capacity(workers as usize, cores, cpu, io).unwrap_or(f64::MAX)
    }
}

/// Why a cell overloaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// Mean arrivals per second.
    pub offered: f64,
    /// What the server can answer.
    pub capacity: Capacity,
}

impl Overload {
    /// By how many requests per second the queue grows in the long run.
    pub fn growth(&self) -> f64 {
        (self.offered - self.capacity.per_second).max(0.0)
    }
}

/// Whether the offered load is at or over capacity, so that the queue grows without bound. Finite
/// stories, closed loops, clients that leave, servers that turn requests away and a listen queue
/// that was asked to be finite always settle; what happens once is looked at over a finite time. Of
/// a load that changes with the clock again and again the mean counts: what queues up at its peak
/// drains after.
pub fn overload(model: &Model, settings: &Settings) -> Option<Overload> {
    let Load::Open(open) = model.load() else { return None };
    let finite_queue = settings.backlog_asked && model.server().backlog != Backlog::Unlimited;
    let refuses = model.server().runtime.as_ref().is_some_and(|runtime| runtime.refuses());
    let finite_queue = finite_queue || refuses && model.server().backlog != Backlog::Unlimited;
    let leaves = model.server().patience.is_some();
    if settings.length == Length::Story || finite_queue || leaves || over_time::once(model) {
        return None;
    }
    let capacity = capacity(model)?;
    let offered = open.rate.per_second();
    let regular = !model.random();
    let over = offered >= capacity.per_second * (1.0 - 1e-12);
    // Without any chance a load of exactly 1 does not build a queue.
    let balanced = regular && offered <= capacity.per_second * (1.0 + 1e-12);
    (over && !balanced).then_some(Overload { offered, capacity })
}

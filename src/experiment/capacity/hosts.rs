//! Capacity of several hosts behind a balancer, and of a pool behind them.

use super::bound::{Capacity, Resource};
use super::with_runtime;
use crate::distribution::Distribution;
use crate::model::runtime::{Accept, PoolPer};
use crate::model::{Model, PhaseKind, Runtime};
use crate::theory::pooled::capacity_behind_a_pool;

/// What all hosts can answer, each of which could do `one` by itself: so many times that, but not
/// more than the pool can. Workers are held while they wait for the pool, so together they can do
/// less than either: how much less is known for exponential I/O ([`capacity_behind_a_pool`]); for
/// other distributions the lower of the two bounds is told.
pub(crate) fn capacity(model: &Model, runtime: &Runtime, one: Capacity) -> Capacity {
    let mut best = one;
    best.per_second *= f64::from(runtime.hosts());
    let all = runtime.connections(model.server());
    let Some((pool, connections)) = runtime.pool_size().zip(all) else { return best };
    let mut bound = |per_second: f64, bound| {
        if per_second < best.per_second * (1.0 - 1e-9) {
            best = Capacity { per_second, bound };
        }
    };
    let (cpu, io) = with_runtime::demand(model, runtime);
    bound(connections / io, Resource::Pool);
    if let Some(joint) = with_workers(model, runtime, pool, (cpu, io)) {
        bound(joint, Resource::WorkersAndPool);
    }
    best
}

/// The capacity of workers who share cores and wait for the pool, where it is known.
fn with_workers(model: &Model, runtime: &Runtime, pool: u32, (cpu, io): (f64, f64)) -> Option<f64> {
    let server = model.server();
    let plain =
        !runtime.class.is_loop() && !server.lock_matters() && runtime.accept == Accept::Shared;
    let smooth = runtime.slice.is_none() && runtime.quota.is_none() && !runtime.lifecycle.ends();
    let mut phases = model.phases().iter().filter(|phase| phase.kind == PhaseKind::Io);
    let first = phases.next()?;
    let alike = matches!(first.demand, Distribution::Exponential { .. })
        && phases.all(|other| other.demand == first.demand);
    if !(plain && smooth && alike && runtime.pooling.per == PoolPer::All) {
        return None;
    }
    let workers = (server.slots() as usize, server.cores.as_f64());
    let pool = (pool as usize, io);
    capacity_behind_a_pool(runtime.hosts() as usize, workers, cpu, pool).ok()
}

/// Queues that do not help each other: the hosts, if the balancer does not look at them.
pub(crate) fn queues_apart(model: &Model) -> f64 {
    let front = model.server().runtime.as_ref().and_then(|runtime| runtime.cluster);
    front.filter(|front| !front.balance.looks()).map_or(1.0, |front| f64::from(front.hosts))
}

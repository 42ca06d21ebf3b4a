//! Capacity of an ideal server: workers, cores, and a lock in each process.

use super::bound::{Capacity, Resource};
use crate::model::Model;
use crate::theory::capacity::gil_capacity;

/// A bound that is nearer than this to another names the same.
const NEAR: f64 = 0.99;

/// Capacity of an ideal server with so many workers for requests of so much CPU and I/O on average.
pub(crate) fn capacity(model: &Model, workers: u32, (cpu, io): (f64, f64)) -> Option<Capacity> {
    let server = model.server();
    let slots = u64::from(workers) * u64::from(server.threads);
    let mut best = Capacity { per_second: slots as f64 / (cpu + io), bound: Resource::Workers };
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
        bound(f64::from(workers) / cpu, Resource::Locks);
        let (processes, threads) = (workers as usize, server.threads as usize);
        if io > 0.0
            && let Ok(chain) = gil_capacity(processes, threads, server.cores.as_f64(), cpu, io)
        {
            // Where the lock costs hardly anything the threads are too few.
            let by = if chain < best.per_second * NEAR { Resource::Locks } else { best.bound };
            best = Capacity { per_second: chain.min(best.per_second), bound: by };
        }
    } else if io > 0.0 && model.contended() {
        let cores = server.cores.as_f64();
        bound(joint_capacity(model, slots, cores, cpu, io), Resource::Both);
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

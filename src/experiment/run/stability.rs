//! Whether a cell has a steady state: offered load against capacity, before anything is run.

use std::sync::Arc;

use crate::experiment::capacity::bound::Capacity;
use crate::experiment::capacity::total::capacity;
use crate::experiment::periodic;
use crate::experiment::plan::{Length, Settings};
use crate::experiment::result::row::Stability;
use crate::model::{Backlog, Load, Model, PhaseKind, Runtime, Server};

/// Why a cell is overloaded.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overload {
    /// Mean arrivals per second.
    pub(crate) offered: f64,
    /// What the server can answer.
    pub(crate) capacity: Capacity,
}

impl Overload {
    /// By how many requests per second the queue grows in the long run.
    pub(crate) fn growth(&self) -> f64 {
        (self.offered - self.capacity.per_second).max(0.0)
    }
}

/// What a row will say of its stability, as far as the model knows before it is run.
pub(crate) fn expected(model: &Model, settings: &Settings) -> Stability {
    match overload(model, settings) {
        Some(_) => Stability::No,
        None if settings.length == Length::Story => Stability::Finite,
        None => Stability::Yes,
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
    if settings.length == Length::Story || finite_queue || leaves || periodic::once(model) {
        return None;
    }
    let capacity = capacity(model)?;
    let offered = open.rate.per_second();
    if sheds(model, offered) {
        return None;
    }
    let regular = !model.random();
    let over = offered >= capacity.per_second * (1.0 - 1e-12);
    // Without any chance a load of exactly 1 does not build a queue.
    let balanced = regular && offered <= capacity.per_second * (1.0 + 1e-12);
    (over && !balanced).then_some(Overload { offered, capacity })
}

/// Whether what a pool cannot serve fails after a while, and the workers can hold all requests until
/// then.
fn sheds(model: &Model, offered: f64) -> bool {
    let server = model.server();
    let Some(runtime) = &server.runtime else { return false };
    let Some(timeout) = runtime.pooling.timeout.filter(|_| runtime.pool.is_some()) else {
        return false;
    };
    let (cpu, io) = model.mean_demand();
    let ios = model.mix().map_or(1.0, |mix| mix.mean_count(PhaseKind::Io));
    let slots = f64::from(server.slots()) * f64::from(server.hosts());
    let held = offered * (cpu + io + ios * timeout.as_secs_f64());
    let without = Runtime { pool: None, ..(**runtime).clone() };
    let server = Server { runtime: Some(Arc::new(without)), ..server.clone() };
    let alone = Model::new(model.load().clone(), server).ok().and_then(|model| capacity(&model));
    let enough = alone.is_none_or(|capacity| offered < capacity.per_second);
    enough && (runtime.class.is_loop() || held < slots)
}

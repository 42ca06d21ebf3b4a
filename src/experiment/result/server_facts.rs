//! What a summary needs to know of a server: its slots, its pool, its proxy, its warnings.

use crate::experiment::result::row::Flag;
use crate::model::runtime::{Accept, Listen, Pooling};
use crate::model::{Model, PhaseKind, Server};

/// Requests that can be in service at once on all hosts; not a number where an event loop holds any
/// number.
pub(crate) fn slots(server: &Server) -> f64 {
    match &server.runtime {
        Some(runtime) if runtime.class.is_loop() => f64::NAN,
        _ => f64::from(server.slots()) * f64::from(server.hosts()),
    }
}

/// Connections of all pools behind, if there are some; infinitely many if they are unlimited.
pub(crate) fn pool(server: &Server) -> Option<f64> {
    let runtime = server.runtime.as_ref()?;
    runtime.pool?;
    Some(runtime.connections(server).unwrap_or(f64::INFINITY))
}

/// Whether more is said of a pool than its size.
pub(crate) fn pool_times(server: &Server) -> bool {
    let runtime = server.runtime.as_ref();
    runtime.is_some_and(|runtime| runtime.pool.is_some() && runtime.pooling != Pooling::SHARED)
}

/// Whether a proxy makes a 502 of a refused connection, and not the server itself an answer (a 503);
/// `None` without a proxy.
pub(crate) fn proxy(server: &Server) -> Option<bool> {
    let runtime = server.runtime.as_ref()?;
    runtime.clients.proxy_timeout?;
    let queue = runtime.accept_queue;
    let own = queue.own && queue.listen == Listen::Tcp;
    Some(!runtime.turns_away && !own)
}

/// What a reader should know of a real server before believing its row.
pub(crate) fn flags(model: &Model) -> Vec<Flag> {
    let Some(runtime) = &model.server().runtime else { return Vec::new() };
    let mut flags = Vec::new();
    if in_step(model) {
        flags.push(Flag::Lockstep);
    }
    if matches!(runtime.accept, Accept::Greedy(_)) && model.server().workers > 1 {
        flags.push(Flag::Uneven);
    }
    flags
}

/// Whether requests with constant CPU and constant I/O share cores.
fn in_step(model: &Model) -> bool {
    let constant = |kind| {
        let mut phases = model.phases().iter().filter(|phase| phase.kind == kind).peekable();
        phases.peek().is_some()
            && phases.all(|phase| phase.demand.constant().is_some_and(|span| !span.is_zero()))
    };
    model.contended() && constant(PhaseKind::Cpu) && constant(PhaseKind::Io)
}

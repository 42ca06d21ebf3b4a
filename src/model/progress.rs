//! Whether a closed loop makes progress: every accepted model does.
//!
//! *The argument.* Clients that do not think send their next request at the instant of the answer.
//! The clock stands still for ever only if, from some state on, requests end again and again without
//! any time between arrival and end. A request that is served takes time (its phases do), and so does
//! one that is dropped and sent again (a second and more), one whose process ends (its successor
//! needs a while) and one whose client waits before it tries again. What is left ends at the instant
//! of its arrival and changes nothing: it is *refused*, or its client has no patience and *leaves*.
//! The first needs a full queue, a process at its limit, or no process that listens; the second needs
//! a request that no worker takes at once. Neither can last if the server always has room for all
//! connections that there can be: as many as clients, or any number where clients give up and the
//! server works on. So room is counted for the worst moment: while processes that restart are away.

use super::load::Closed;
use super::runtime::{OnFull, Runtime};
use super::server::{Backlog, Server};

/// Connections for which there is room at the worst moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// At least so many, by what bounds them.
    Bounded(u64, Bound),
    /// Any number.
    Unlimited,
}

/// What bounds the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bound {
    /// Workers and the listen queue.
    Queue,
    /// Processes that restart are away, and their own queues with them.
    Restarts,
    /// `--worker-connections`.
    Connections,
}

/// Checks that a closed loop without end does not stand still.
///
/// # Errors
/// A sentence that says why it would, and how to mend it.
pub(super) fn check(closed: &Closed, server: &Server) -> Result<(), String> {
    if closed.requests.is_some() || !closed.think.is_zero() {
        return Ok(());
    }
    if closed.phases.iter().all(|phase| phase.demand.is_zero()) {
        return Err("requests that take no time, from clients that do not think, would stop \
                    simulated time: give --think or a longer --service"
            .to_owned());
    }
    if server.runtime.as_ref().is_some_and(|runtime| pauses(runtime)) {
        return Ok(());
    }
    let clients = u64::from(closed.clients);
    let abandoned = server.runtime.as_ref().is_some_and(|r| r.clients.timeout.is_some());
    if let Room::Bounded(places, bound) = room(server) {
        if abandoned {
            return Err(format!(
                "clients that do not think, and requests of clients that gave up, which fill the \
                 {places} places: the refused clients would retry at the same instant for \
                 ever; give --think, --retries or --backlog unlimited"
            ));
        }
        if clients > places {
            return Err(crowded(clients, places, bound));
        }
    }
    let impatient = server.patience.as_ref().is_some_and(|patience| patience.is_zero());
    if impatient && (abandoned || clients > taken_at_once(server)) {
        return Err(format!(
            "{clients} clients that do not think and do not wait (--patience 0s), but only {} \
             workers that surely take a request at once: who leaves the queue would come again at \
             the same instant for ever; give --think or a longer --patience",
            taken_at_once(server)
        ));
    }
    Ok(())
}

fn crowded(clients: u64, places: u64, bound: Bound) -> String {
    let (what, mend) = match bound {
        Bound::Queue => ("places (workers and backlog)", "a larger --backlog"),
        Bound::Restarts => ("places while workers restart", "--accept shared, a larger --backlog"),
        Bound::Connections => {
            ("places (workers and --worker-connections)", "more --worker-connections")
        }
    };
    format!(
        "{clients} clients that do not think, but only {places} {what}: the refused clients \
         would retry at the same instant for ever; give --think or {mend}"
    )
}

/// Whether a client waits after each request that fails.
fn pauses(runtime: &Runtime) -> bool {
    runtime.clients.retries > 0 && !runtime.clients.backoff.is_zero()
}

/// Whether all processes may be away at once.
fn restarts(server: &Server) -> bool {
    let ends = |runtime: &Runtime| runtime.lifecycle.ends() || runtime.spawning.grows();
    let ends = server.runtime.as_ref().is_some_and(|runtime| ends(runtime));
    ends || server.memory.is_some_and(|memory| memory.kills(server.workers, server.threads))
}

/// Room on all hosts: a balancer that meets a full host chooses another sooner or later.
fn room(server: &Server) -> Room {
    let of_host = match (queue_room(server), connection_room(server)) {
        (Room::Bounded(a, x), Room::Bounded(b, y)) => {
            if b < a {
                Room::Bounded(b, y)
            } else {
                Room::Bounded(a, x)
            }
        }
        (Room::Unlimited, other) | (other, Room::Unlimited) => other,
    };
    match of_host {
        Room::Bounded(places, bound) => {
            Room::Bounded(places.saturating_mul(u64::from(server.hosts())), bound)
        }
        Room::Unlimited => Room::Unlimited,
    }
}

/// Room in the queue of a host and in its workers, where a full queue refuses.
fn queue_room(server: &Server) -> Room {
    let restarts = restarts(server);
    let own = server.runtime.as_ref().is_some_and(|runtime| runtime.accept.has_own_queues());
    if own && restarts {
        return Room::Bounded(0, Bound::Restarts);
    }
    let Backlog::Places(backlog) = server.backlog else { return Room::Unlimited };
    let places = match &server.runtime {
        Some(runtime) if runtime.accept_queue.on_full == OnFull::Retransmit => {
            return Room::Unlimited;
        }
        Some(runtime) if runtime.accept.has_primary() => return Room::Unlimited,
        Some(runtime) => runtime.accept_queue.places(backlog),
        None => backlog,
    };
    let queues = if own { u64::from(server.workers) } else { 1 };
    let held = if restarts { 0 } else { held(server) };
    let bound = if restarts { Bound::Restarts } else { Bound::Queue };
    Room::Bounded(places.saturating_mul(queues).saturating_add(held), bound)
}

/// Room in the processes of a host, where one at its limit turns connections away.
fn connection_room(server: &Server) -> Room {
    let Some(runtime) = server.runtime.as_ref().filter(|runtime| runtime.turns_away) else {
        return Room::Unlimited;
    };
    let Some(limit) = runtime.worker_connections else { return Room::Unlimited };
    // A process that takes a connection only with an idle thread is over its limit only if it has
    // more threads than that.
    if !runtime.takes_ahead() && limit >= server.threads {
        return Room::Unlimited;
    }
    let up = if restarts(server) { 1 } else { server.workers };
    Room::Bounded(u64::from(limit) * u64::from(up), Bound::Connections)
}

/// Connections that the workers of a host hold before any waits in its queue.
fn held(server: &Server) -> u64 {
    let limit = server.runtime.as_ref().and_then(|runtime| runtime.worker_connections);
    u64::from(server.threads.min(limit.unwrap_or(u32::MAX))) * u64::from(server.workers)
}

/// Requests that are surely taken at the instant of their arrival.
fn taken_at_once(server: &Server) -> u64 {
    if restarts(server) { 0 } else { held(server).saturating_mul(u64::from(server.hosts())) }
}

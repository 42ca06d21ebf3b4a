//! Pools of connections to a database: one that all hosts share, one of each host, or one of each
//! process. Each phase off the CPU needs a connection from its beginning to its end; a request that
//! finds none free waits, first come first served, and holds its worker or thread meanwhile (in an
//! event loop only itself). It fails when it has waited for too long.
//!
//! At one instant connections that become free go to waiting requests before any other asks; those
//! that then ask do so in the order of their workers. Requests that have waited too long fail after
//! that.

use std::collections::VecDeque;

use super::Detailed;
use super::calendar::{Event, Handle};
use super::connections::{Connection, Link};
use super::time;
use crate::instant::{Fine, SimInstant};
use crate::model::runtime::PoolPer;
use crate::model::{Runtime, Server};
use crate::record::{Activity, EngineEvent, Outcome, Sink};
use crate::source::Source;
use crate::time::Span;

/// A pool.
#[derive(Clone, Debug)]
struct Pool {
    free: u32,
    /// Connections of clients that wait for one; some may be stale.
    waiting: VecDeque<Handle>,
}

/// All pools.
#[derive(Debug)]
pub(super) struct Pools {
    pools: Vec<Pool>,
    per: PoolPer,
}

impl Pools {
    /// All free; `None` where any number of connections may be held.
    pub fn new(server: &Server, runtime: &Runtime) -> Option<Pools> {
        let pool = Pool { free: runtime.pool_size()?, waiting: VecDeque::new() };
        let pools = vec![pool; runtime.pools(server) as usize];
        Some(Pools { pools, per: runtime.pooling.per })
    }

    /// The pool that a connection uses.
    fn of(&mut self, conn: &Connection) -> &mut Pool {
        let at = match self.per {
            PoolPer::All => 0,
            PoolPer::Host => conn.host,
            PoolPer::Process => conn.process,
        };
        &mut self.pools[at as usize]
    }
}

impl<S: Source<Fine>, K: Sink> Detailed<'_, S, K> {
    /// A phase off the CPU begins, or waits for a connection.
    pub(super) fn begin_io(&mut self, conn: u32, span: Span) {
        let Some(pools) = &mut self.pool else { return self.off_the_cpu(conn, span) };
        let handle = self.connections.conn_handle(conn);
        let state = self.connections.conn_mut(conn);
        state.since = time(self.now);
        let pool = pools.of(state);
        if pool.free == 0 {
            state.link = Link::Waiting;
            pool.waiting.push_back(handle);
            if let Some(timeout) = self.runtime.pooling.timeout {
                self.calendar.push(self.now.after(timeout), Event::PoolTimeout(handle));
            }
            return self.report_phase(conn, Activity::Pool);
        }
        pool.free -= 1;
        state.link = Link::Held;
        self.off_the_cpu(conn, span);
    }

    fn off_the_cpu(&mut self, conn: u32, span: Span) {
        self.report_phase(conn, Activity::Io);
        self.calendar.push_phase(self.now.after(span), self.connections.conn_handle(conn));
    }

    /// A connection of the pool, if one is held, goes to the request that has waited longest.
    pub(super) fn return_to_pool(&mut self, conn: u32) {
        let to = time(self.now);
        let state = self.connections.conn_mut(conn);
        if state.link != Link::Held {
            return;
        }
        state.link = Link::None;
        self.sink.note(&EngineEvent::PoolHeld { route: state.route, from: state.since, to });
        let user = *state;
        let Some(pools) = &mut self.pool else { return };
        while let Some(handle) = pools.of(&user).waiting.pop_front() {
            let Some(next) = self.connections.conn_of(handle) else { continue };
            let state = self.connections.conn_mut(next);
            if state.link != Link::Waiting {
                continue;
            }
            state.link = Link::Held;
            state.pooled = state.pooled.saturating_add(to.since(state.since));
            state.since = to;
            let span = self.connections.phase(next).map_or(Span::ZERO, |demand| demand.span());
            return self.off_the_cpu(next, span);
        }
        pools.of(&user).free += 1;
    }

    /// A request has waited for the pool for as long as it may, if it still waits: it fails, and its
    /// worker is free.
    pub(super) fn pool_timed_out(&mut self, handle: Handle) {
        let conn = self.connections.conn_of(handle);
        let Some((conn, timeout)) = conn.zip(self.runtime.pooling.timeout) else { return };
        let state = self.connections.conn(conn);
        // An earlier wait may have ended in time.
        if state.link != Link::Waiting || time(self.now).since(state.since) < timeout {
            return;
        }
        let process = state.process;
        self.abort_connection(conn, Outcome::PoolTimeout);
        self.served_one(process);
        self.take_waiting(process);
        self.update_accepting(process);
    }

    /// A process has ended: its connection of the pool is free, and it waits no longer.
    pub(super) fn leave_pool(&mut self, conn: u32) {
        self.return_to_pool(conn);
        self.connections.conn_mut(conn).link = Link::None;
    }
}

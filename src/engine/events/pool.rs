//! Pools of connections to a database: one that all hosts share, one of each host, or one of each
//! process. Each phase off the CPU needs a connection from its beginning to its end; a request that
//! finds none free waits, first come first served, and holds its worker or thread meanwhile (in an
//! event loop only itself). It fails when it has waited for too long.
//!
//! At one instant connections that become free go to waiting requests before any other asks; those
//! that then ask do so in the order of their workers. Requests that have waited too long fail after
//! that.

use std::collections::VecDeque;

use super::Engine;
use super::calendar::{Event, Handle};
use super::connections::Connection;
use super::per_connection::PerConnection;
use super::policies::Policies;
use super::time;
use crate::model::runtime::PoolPer;
use crate::model::{Runtime, Server};
use crate::record::{Activity, EngineEvent, Outcome, Sink};
use crate::source::Source;
use crate::time::{Span, Time};

/// A pool.
#[derive(Clone, Debug)]
struct PoolState {
    free: u32,
    /// Connections of clients that wait for one; some may be stale.
    waiting: VecDeque<Handle>,
}

/// How a connection stands to its pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Link {
    /// It uses none.
    None,
    /// It waits for a connection to the database.
    Waiting,
    /// It holds one.
    Held,
}

/// What a connection does with its pool.
#[derive(Clone, Copy, Debug)]
struct PoolUse {
    link: Link,
    /// The time since which it waits, or holds a connection to the database.
    since: Time,
    /// How long it has waited.
    waited: Span,
}

/// All pools.
#[derive(Debug)]
pub(super) struct Pools {
    pools: Vec<PoolState>,
    per: PoolPer,
    uses: PerConnection<PoolUse>,
}

impl Pools {
    /// All free; `None` where any number of connections may be held.
    pub(crate) fn new(server: &Server, runtime: &Runtime) -> Option<Pools> {
        let pool = PoolState { free: runtime.pool_size()?, waiting: VecDeque::new() };
        let pools = vec![pool; runtime.pools(server) as usize];
        let none = PoolUse { link: Link::None, since: Time::ZERO, waited: Span::ZERO };
        Some(Pools { pools, per: runtime.pooling.per, uses: PerConnection::new(none) })
    }

    /// How long a connection has waited for its pool.
    pub(crate) fn waited(&self, conn: Handle) -> Span {
        self.uses.get(conn).waited
    }

    /// The pool that a connection uses.
    fn of(&mut self, conn: &Connection) -> &mut PoolState {
        let at = match self.per {
            PoolPer::All => 0,
            PoolPer::Host => conn.host,
            PoolPer::Process => conn.process,
        };
        &mut self.pools[at as usize]
    }
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// A phase off the CPU begins, or waits for a connection.
    #[inline]
    pub(super) fn begin_io(&mut self, conn: u32, span: Span) {
        let Some(pools) = self.pool.as_mut().filter(|_| !P::UNLIMITED) else {
            return self.off_the_cpu(conn, span);
        };
        let handle = self.connections.conn_handle(conn);
        let pool = pools.of(self.connections.conn(conn));
        let link = if pool.free == 0 { Link::Waiting } else { Link::Held };
        if link == Link::Held {
            pool.free -= 1;
        } else {
            pool.waiting.push_back(handle);
        }
        let uses = pools.uses.get_mut(handle);
        (uses.link, uses.since) = (link, time(self.now));
        if link == Link::Waiting {
            if let Some(timeout) = self.runtime.pooling.timeout {
                self.calendar.push(self.now.after(timeout), Event::PoolTimeout(handle));
            }
            return self.report_phase(conn, Activity::Pool);
        }
        self.off_the_cpu(conn, span);
    }

    #[inline]
    fn off_the_cpu(&mut self, conn: u32, span: Span) {
        self.report_phase(conn, Activity::Io);
        self.calendar.push_phase(self.now.after(span), self.connections.conn_handle(conn));
    }

    /// A connection of the pool, if one is held, goes to the request that has waited longest.
    pub(super) fn return_to_pool(&mut self, conn: u32) {
        let to = time(self.now);
        let Some(pools) = &mut self.pool else { return };
        let uses = pools.uses.get_mut(self.connections.conn_handle(conn));
        if uses.link != Link::Held {
            return;
        }
        uses.link = Link::None;
        let user = *self.connections.conn(conn);
        self.sink.note(&EngineEvent::PoolHeld { route: user.route, from: uses.since, to });
        while let Some(handle) = pools.of(&user).waiting.pop_front() {
            let Some(next) = self.connections.conn_of(handle) else { continue };
            let uses = pools.uses.get_mut(handle);
            if uses.link != Link::Waiting {
                continue;
            }
            uses.link = Link::Held;
            uses.waited = uses.waited.saturating_add(to.since(uses.since));
            uses.since = to;
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
        let Some(pools) = &self.pool else { return };
        let uses = pools.uses.get(handle);
        // An earlier wait may have ended in time.
        if uses.link != Link::Waiting || time(self.now).since(uses.since) < timeout {
            return;
        }
        let process = self.connections.conn(conn).process;
        self.abort_connection(conn, Outcome::PoolTimeout);
        self.served_one(process);
        self.take_waiting(process);
        self.update_accepting(process);
    }

    /// A process has ended: its connection of the pool is free, and it waits no longer.
    pub(super) fn leave_pool(&mut self, conn: u32) {
        self.return_to_pool(conn);
        if let Some(pools) = &mut self.pool {
            pools.uses.get_mut(self.connections.conn_handle(conn)).link = Link::None;
        }
    }
}

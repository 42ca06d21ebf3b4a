//! The pool behind: connections to a database that all hosts share. Each phase off the CPU needs
//! one from its beginning to its end; a request that finds none free waits, first come first served,
//! and holds its worker or thread meanwhile (in an event loop only itself).
//!
//! At one instant connections that become free go to waiting requests before any other asks; those
//! that then ask do so in the order of their workers.

use std::collections::VecDeque;

use super::Detailed;
use super::calendar::Handle;
use super::connections::Link;
use super::time;
use crate::instant::{Fine, SimInstant};
use crate::record::{Activity, EngineEvent, Sink};
use crate::source::Source;
use crate::time::Span;

/// Connections to the database.
#[derive(Debug)]
pub(super) struct Pool {
    free: u32,
    /// Connections of clients that wait for one; some may be stale.
    waiting: VecDeque<Handle>,
}

impl Pool {
    pub fn new(size: u32) -> Self {
        Pool { free: size, waiting: VecDeque::new() }
    }
}

impl<S: Source<Fine>, K: Sink> Detailed<'_, S, K> {
    /// A phase off the CPU begins, or waits for a connection.
    pub(super) fn begin_io(&mut self, conn: u32, span: Span) {
        let Some(pool) = &mut self.pool else { return self.off_the_cpu(conn, span) };
        let handle = self.connections.conn_handle(conn);
        let state = self.connections.conn_mut(conn);
        state.since = time(self.now);
        if pool.free == 0 {
            state.link = Link::Waiting;
            pool.waiting.push_back(handle);
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
        self.sink.note(&EngineEvent::PoolHeld { from: state.since, to });
        while let Some(handle) = self.pool.as_mut().and_then(|pool| pool.waiting.pop_front()) {
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
        if let Some(pool) = &mut self.pool {
            pool.free += 1;
        }
    }

    /// A process has ended: its connection of the pool is free, and it waits no longer.
    pub(super) fn leave_pool(&mut self, conn: u32) {
        self.return_to_pool(conn);
        self.connections.conn_mut(conn).link = Link::None;
    }
}

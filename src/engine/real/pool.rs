//! The pool behind: connections to a database that all hosts share. Each phase off the CPU needs one
//! from its beginning to its end; who asks when none is free waits, first come first served, and holds
//! its worker or thread meanwhile (in an event loop only itself).
//!
//! At one instant connections that come free go to those who wait, before anybody else asks; those who
//! then ask do so in the order of their workers.

use std::collections::VecDeque;

use super::Real;
use super::agenda::{Event, Ticket};
use super::people::Link;
use super::time;
use crate::source::Source;
use crate::tick::{Fine, Tick};
use crate::time::Span;
use crate::visit::{Note, Sink};

/// Connections to the database.
#[derive(Debug)]
pub(super) struct Pool {
    free: u32,
    /// Who waits for one; some may have gone.
    waiting: VecDeque<Ticket>,
}

impl Pool {
    pub fn new(size: u32) -> Self {
        Pool { free: size, waiting: VecDeque::new() }
    }
}

impl<S: Source<Fine>, K: Sink> Real<'_, S, K> {
    /// A phase off the CPU begins, or waits for a connection.
    pub(super) fn begin_io(&mut self, conn: u32, span: Span) {
        let Some(pool) = &mut self.pool else { return self.off_the_cpu(conn, span) };
        let ticket = self.people.conn_ticket(conn);
        let state = self.people.conn_mut(conn);
        state.since = time(self.now);
        if pool.free == 0 {
            state.link = Link::Waiting;
            return pool.waiting.push_back(ticket);
        }
        pool.free -= 1;
        state.link = Link::Held;
        self.off_the_cpu(conn, span);
    }

    fn off_the_cpu(&mut self, conn: u32, span: Span) {
        let end = Event::PhaseEnd(self.people.conn_ticket(conn));
        self.agenda.push(self.now.after(span), end);
    }

    /// A connection of the pool, if one is held, goes to whoever has waited longest.
    pub(super) fn give_back(&mut self, conn: u32) {
        let to = time(self.now);
        let state = self.people.conn_mut(conn);
        if state.link != Link::Held {
            return;
        }
        state.link = Link::None;
        self.sink.note(&Note::PoolHeld { from: state.since, to });
        while let Some(ticket) = self.pool.as_mut().and_then(|pool| pool.waiting.pop_front()) {
            let Some(next) = self.people.conn_of(ticket) else { continue };
            let state = self.people.conn_mut(next);
            if state.link != Link::Waiting {
                continue;
            }
            state.link = Link::Held;
            state.pooled = state.pooled.saturating_add(to.since(state.since));
            state.since = to;
            let span = self.people.phase(next).map_or(Span::ZERO, |demand| demand.span());
            return self.off_the_cpu(next, span);
        }
        if let Some(pool) = &mut self.pool {
            pool.free += 1;
        }
    }

    /// A process has ended: what it holds of the pool is free, and it waits no longer.
    pub(super) fn leave_pool(&mut self, conn: u32) {
        self.give_back(conn);
        self.people.conn_mut(conn).link = Link::None;
    }
}

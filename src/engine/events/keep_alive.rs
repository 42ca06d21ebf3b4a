//! Connections that are kept between two requests of a client.
//!
//! A worker that serves one request at a time is held by the connection until its client comes again or
//! the server closes it, after 100 requests at the latest (Apache `modules/http/http_core.c`, `ap_process_http_sync_connection`; uWSGI
//! `proto/http.c`, `http11-socket`). In an event loop, or where threads are given requests by another
//! one, only the process is: the next request of the client is served there, whatever others do.

use std::collections::BTreeMap;

use super::Engine;
use super::calendar::{Event, Handle};
use super::connections::ConnectionStage;
use super::host::{AcceptMode, ProcessState};
use super::per_connection::PerConnection;
use super::policies::Policies;
use crate::model::runtime::measured;
use crate::record::Sink;
use crate::source::Source;
use crate::time::Span;

/// A connection that waits for the next request of its client.
#[derive(Clone, Copy, Debug)]
struct KeptConnection {
    process: Handle,
    /// The worker that it holds, if it holds one.
    worker: Option<u32>,
    /// Requests that were answered on it.
    uses: u32,
    number: u32,
}

/// The connections that are kept, by client.
#[derive(Debug)]
pub(super) struct KeptConnections {
    timeout: Option<Span>,
    kept: BTreeMap<u32, KeptConnection>,
    numbers: u32,
    /// Requests that were answered before on the connection that a request has.
    uses: PerConnection<u32>,
}

impl KeptConnections {
    pub(crate) fn new(timeout: Option<Span>) -> Self {
        KeptConnections { timeout, kept: BTreeMap::new(), numbers: 0, uses: PerConnection::new(0) }
    }

    /// Whether connections are kept at all.
    pub(crate) fn keeps(&self) -> bool {
        self.timeout.is_some()
    }
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// Keeps a connection that was just answered for the next request of its client. Whether it holds
    /// its worker: so it does one that serves one request at a time.
    pub(super) fn keep(
        &mut self,
        client: u32,
        conn: Handle,
        (process, worker): (u32, u32),
    ) -> bool {
        let Some(timeout) = self.kept.timeout else { return false };
        let uses = self.kept.uses.get(conn) + 1;
        if uses == measured::KEPT_REQUESTS
            || self.hosts.processes[process as usize].state != ProcessState::Up
        {
            return false;
        }
        let holds = self.hosts.taking() == AcceptMode::OnIdle;
        self.kept.numbers = self.kept.numbers.wrapping_add(1);
        let number = self.kept.numbers;
        let process = self.process_handle(process);
        let kept = KeptConnection { process, worker: holds.then_some(worker), uses, number };
        self.kept.kept.insert(client, kept);
        let event = Event::KeepAlive(Handle { index: client, generation: number });
        self.calendar.push(self.now.after(timeout), event);
        holds
    }

    /// A request goes to the process that has kept the connection of its client; false if none has.
    pub(super) fn goes_on(&mut self, conn: u32, client: u32) -> bool {
        let Some(kept) = self.kept.kept.remove(&client) else { return false };
        let Some(process) = self.process_of(kept.process) else { return false };
        self.let_go(process, kept);
        if self.hosts.processes[process as usize].state != ProcessState::Up {
            return false;
        }
        self.hosts.processes[process as usize].conns += 1;
        let state = self.connections.conn_mut(conn);
        (state.process, state.stage) = (process, ConnectionStage::Accepted);
        *self.kept.uses.get_mut(self.connections.conn_handle(conn)) = kept.uses;
        let place = &self.hosts.processes[process as usize];
        match self.hosts.taking() {
            AcceptMode::Turns => {
                let turns = self.runtime.event_loop.turns().min(MOST_TURNS);
                self.enter_loop(conn, process, turns);
                self.hosts.wake_loop(process);
            }
            AcceptMode::Loop => self.begin(conn),
            _ if place.idle.is_empty() => {
                self.hosts.processes[process as usize].waiting.push_back(conn);
            }
            _ => self.begin(conn),
        }
        self.update_accepting(process);
        true
    }

    /// A server has waited long enough for the next request.
    pub(super) fn close_kept(&mut self, handle: Handle) {
        let known = self.kept.kept.get(&handle.index);
        if known.is_none_or(|kept| kept.number != handle.generation) {
            return;
        }
        if let Some(kept) = self.kept.kept.remove(&handle.index)
            && let Some(process) = self.process_of(kept.process)
        {
            self.let_go(process, kept);
            self.update_accepting(process);
        }
    }

    /// A kept connection no longer holds its worker.
    fn let_go(&mut self, process: u32, kept: KeptConnection) {
        if let Some(worker) = kept.worker {
            self.release_worker(process, worker);
        }
    }
}

/// Turns of an event loop from the data on a kept connection to its handler: the connection is there
/// already.
const MOST_TURNS: u32 = 2;

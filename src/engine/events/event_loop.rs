//! Event loops: between two bursts a loop gives its heartbeat, accepts, and goes on with a
//! connection that is ready.

use super::Engine;
use super::connections::ConnectionStage;
use super::host::{AcceptMode, ProcessState};
use super::policies::Policies;
use crate::instant::SimInstant;
use crate::record::Sink;
use crate::source::Source;

/// A connection in an event loop, or on its way to one.
#[derive(Clone, Copy, Debug)]
pub(super) struct InLoop {
    /// When it joined the accept queue.
    joined: SimInstant,
    /// Turns until its handler can run.
    turns: u32,
}

impl InLoop {
    pub(crate) const NEW: InLoop = InLoop { joined: SimInstant(0), turns: 0 };

    /// It joins the accept queue.
    pub(crate) fn joins(&mut self, now: SimInstant) {
        self.joined = now;
    }
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// An event loop is between two bursts.
    pub(super) fn between_bursts(&mut self, process: u32) {
        match self.hosts.taking() {
            AcceptMode::Turns => self.turn(process),
            _ => self.next_burst(process),
        }
    }

    /// Since when the next burst of an event loop has been ready.
    pub(super) fn ready_since(&self, process: u32) -> Option<SimInstant> {
        let (serial, place) = self.hosts.serial(process)?;
        serial.ready_since(place)
    }

    /// An event loop goes on with its turn: it runs the bursts that were ready when the turn began.
    /// After them it begins another one, in which it accepts once.
    pub(super) fn turn(&mut self, process: u32) {
        while !self.hosts.is_computing(process) {
            if self.hosts.processes[process as usize].heartbeats.due().is_some() {
                self.heartbeat(process);
            }
            if let Some((serial, place)) = self.hosts.serial_mut(process)
                && serial.in_turn(place)
            {
                serial.go_on(place);
                continue;
            }
            self.let_in(process);
            self.accept_pending(process);
            let serial = self.hosts.serial_mut(process);
            let ready = serial.is_some_and(|(serial, place)| serial.begin_turn(place));
            if !ready && self.hosts.processes[process as usize].waiting.is_empty() {
                break;
            }
        }
        self.update_accepting(process);
    }

    /// The handlers of connections that were accepted some turns ago become ready.
    fn let_in(&mut self, process: u32) {
        let waiting = self.hosts.processes[process as usize].waiting.iter();
        for conn in waiting {
            let held = self.loops.get_mut(self.connections.conn_handle(*conn));
            held.turns = held.turns.saturating_sub(1);
        }
        self.begin_handlers(process);
    }

    /// Begins the handlers of connections for which no turn has to pass any more.
    fn begin_handlers(&mut self, process: u32) {
        while let Some(conn) = self.hosts.processes[process as usize].waiting.front().copied()
            && self.loops.get(self.connections.conn_handle(conn)).turns == 0
        {
            self.hosts.processes[process as usize].waiting.pop_front();
            self.begin(conn);
        }
    }

    /// A loop accepts as many of the pending connections as it does in a turn.
    fn accept_pending(&mut self, process: u32) {
        let listener = self.hosts.listener_of(process);
        let most = self.runtime.event_loop.accepts().unwrap_or(u32::MAX);
        for _ in 0..most {
            let place = &self.hosts.processes[process as usize];
            let open = place.state == ProcessState::Up && self.has_room(place.conns);
            if !open || self.hosts.listeners[listener as usize].waiting == 0 {
                break;
            }
            self.take(listener, process);
        }
        self.begin_handlers(process);
    }

    /// A loop holds a connection whose handler can run after so many turns.
    pub(super) fn enter_loop(&mut self, conn: u32, process: u32, turns: u32) {
        self.loops.get_mut(self.connections.conn_handle(conn)).turns = turns;
        self.hosts.processes[process as usize].waiting.push_back(conn);
    }

    /// The connection that has been ready for longest goes on,
    /// inside or in the accept queue.
    fn next_burst(&mut self, process: u32) {
        while !self.hosts.is_computing(process) {
            let ready = self.ready_since(process);
            let heartbeat = self.hosts.processes[process as usize].heartbeats.due();
            if heartbeat.is_some_and(|due| ready.is_none_or(|ready| due <= ready)) {
                self.heartbeat(process);
                continue;
            }
            let listener = self.hosts.listener_of(process);
            let place = &self.hosts.processes[process as usize];
            let open = place.state == ProcessState::Up && self.has_room(place.conns);
            let head = if open { self.head_since(listener) } else { None };
            match (ready, head) {
                (None, None) => break,
                (Some(ready), head) if head.is_none_or(|head| ready <= head) => {
                    if let Some((serial, place)) = self.hosts.serial_mut(process) {
                        serial.go_on(place);
                    }
                }
                _ => self.take_first(listener, process),
            }
        }
        self.update_accepting(process);
    }

    /// The time since which the head of a queue has waited.
    fn head_since(&self, listener: u32) -> Option<SimInstant> {
        let mut queue = self.hosts.listeners[listener as usize].queue.in_order();
        let waits = |conn: &u32| self.connections.conn(*conn).stage == ConnectionStage::Queued;
        let head = queue.find(waits)?;
        Some(self.loops.get(self.connections.conn_handle(head)).joined)
    }

    /// An event loop accepts a connection before it resumes those that are ready inside.
    fn take_first(&mut self, listener: u32, process: u32) {
        let past = |engine: &mut Self, past: bool| {
            if let Some((serial, place)) = engine.hosts.serial_mut(process) {
                serial.bypass_queue(place, past);
            }
        };
        past(self, true);
        self.take(listener, process);
        past(self, false);
    }
}

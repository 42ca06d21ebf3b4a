//! Event loops: between two bursts a loop gives its heartbeat, accepts, and goes on with a
//! connection that is ready.

use super::Detailed;
use super::connections::Stage;
use super::host::{AcceptMode, State};
use crate::instant::Fine;
use crate::record::Sink;
use crate::source::Source;

impl<S: Source<Fine>, K: Sink> Detailed<'_, S, K> {
    /// An event loop is between two bursts.
    pub(super) fn between_bursts(&mut self, process: u32) {
        match self.hosts.taking {
            AcceptMode::Turns => self.turn(process),
            _ => self.next_burst(process),
        }
    }

    /// Whether a process whose requests take turns is computing.
    pub(super) fn is_computing(&self, process: u32) -> bool {
        let (cpu, place) = self.hosts.cpu(process);
        cpu.busy(place)
    }

    /// Since when the next burst of an event loop has been ready.
    pub(super) fn ready_since(&self, process: u32) -> Option<Fine> {
        let (cpu, place) = self.hosts.cpu(process);
        cpu.ready_since(place)
    }

    /// An event loop goes on with its turn: it runs the bursts that were ready when the turn began.
    /// After them it begins another one, in which it accepts once.
    pub(super) fn turn(&mut self, process: u32) {
        while !self.is_computing(process) {
            if self.hosts.processes[process as usize].heartbeat_due.is_some() {
                self.heartbeat(process);
            }
            let (cpu, place) = self.hosts.cpu_mut(process);
            if cpu.in_turn(place) {
                cpu.go_on(place);
                continue;
            }
            self.let_in(process);
            self.accept_pending(process);
            let (cpu, place) = self.hosts.cpu_mut(process);
            let ready = cpu.begin_turn(place);
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
            let turns = &mut self.connections.conn_mut(*conn).turns;
            *turns = turns.saturating_sub(1);
        }
        self.begin_handlers(process);
    }

    /// Begins the handlers of connections for which no turn has to pass any more.
    fn begin_handlers(&mut self, process: u32) {
        while let Some(conn) = self.hosts.processes[process as usize].waiting.front().copied()
            && self.connections.conn(conn).turns == 0
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
            let open = place.state == State::Up && self.has_room(place.conns);
            if !open || self.hosts.listeners[listener as usize].waiting == 0 {
                break;
            }
            self.take(listener, process);
        }
        self.begin_handlers(process);
    }

    /// A loop holds a connection whose handler can run after so many turns.
    pub(super) fn enter_loop(&mut self, conn: u32, process: u32, turns: u32) {
        self.connections.conn_mut(conn).turns = turns;
        self.hosts.processes[process as usize].waiting.push_back(conn);
    }

    /// The connection that has been ready for longest goes on,
    /// inside or in the accept queue.
    fn next_burst(&mut self, process: u32) {
        while !self.is_computing(process) {
            let ready = self.ready_since(process);
            let heartbeat = self.hosts.processes[process as usize].heartbeat_due;
            if heartbeat.is_some_and(|due| ready.is_none_or(|ready| due <= ready)) {
                self.heartbeat(process);
                continue;
            }
            let listener = self.hosts.listener_of(process);
            let place = &self.hosts.processes[process as usize];
            let open = place.state == State::Up && self.has_room(place.conns);
            let head = if open { self.head_since(listener) } else { None };
            match (ready, head) {
                (None, None) => break,
                (Some(ready), head) if head.is_none_or(|head| ready <= head) => {
                    let (cpu, place) = self.hosts.cpu_mut(process);
                    cpu.go_on(place);
                }
                _ => self.take_first(listener, process),
            }
        }
        self.update_accepting(process);
    }

    /// The time since which the head of a queue has waited.
    fn head_since(&self, listener: u32) -> Option<Fine> {
        let queue = self.hosts.listeners[listener as usize].queue.iter();
        let conn =
            queue.map(|conn| self.connections.conn(*conn)).find(|c| c.stage == Stage::Queued)?;
        Some(conn.joined)
    }

    /// An event loop accepts a connection before it resumes those that are ready inside.
    fn take_first(&mut self, listener: u32, process: u32) {
        let past = |real: &mut Self, past: bool| {
            let (cpu, place) = real.hosts.cpu_mut(process);
            cpu.bypass_queue(place, past);
        };
        past(self, true);
        self.take(listener, process);
        past(self, false);
    }
}

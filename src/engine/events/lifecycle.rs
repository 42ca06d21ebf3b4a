//! The lifecycle of worker processes: the arbiter, timeouts, limits on requests.

use super::Engine;
use super::calendar::{Event, Handle};
use super::connections::{ConnectionStage, NONE};
use super::draws::arbiter_lane;
use super::host::{AcceptMode, ProcessState};
use super::policies::Policies;
use super::time;
use crate::instant::SimInstant;
use crate::model::runtime::measured;
use crate::random::Purpose;
use crate::record::{Cause, EngineEvent, Outcome, Sink};
use crate::source::Source;
use crate::time::{Span, Time};

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// Whether a process listens at its own listener.
    pub(super) fn listens(&self, process: u32) -> bool {
        self.hosts.processes[process as usize].state == ProcessState::Up
    }

    /// A process begins to serve.
    pub(super) fn spawn(&mut self, process: u32) {
        let life = self.runtime.lifecycle;
        let place = &mut self.hosts.processes[process as usize];
        place.state = ProcessState::Up;
        place.served = 0;
        place.last_heartbeat = self.now;
        place.idle_since = self.instant;
        (place.idle_from, place.up) = (self.now, self.now);
        if life.max_requests > 0 {
            let lane = u64::from(process) << 32 | u64::from(place.life);
            let more = self.random.whole(Purpose::Lifecycle, lane, life.max_requests_jitter);
            place.limit = life.max_requests.saturating_add(more);
            if life.mid_life && self.now == SimInstant::of(Time::ZERO) {
                let lane = u64::from(process) | 1 << 63;
                place.served = self.random.whole(Purpose::Lifecycle, lane, place.limit - 1);
            }
        }
        self.begin_heartbeats(process);
        self.update_accepting(process);
        self.on_accepted(process);
    }

    pub(super) fn process_handle(&self, process: u32) -> Handle {
        Handle { index: process, generation: self.hosts.processes[process as usize].life }
    }

    pub(super) fn process_of(&self, handle: Handle) -> Option<u32> {
        let life = self.hosts.processes[handle.index as usize].life;
        (life == handle.generation).then_some(handle.index)
    }

    /// The arbiter of each host begins to poll its workers.
    pub(super) fn first_poll(&mut self) {
        if self.runtime.lifecycle.timeout.is_none() {
            return;
        }
        for host in 0..self.hosts.count() {
            let lane = arbiter_lane(host, 0);
            let first = self.random.part(Purpose::Arbiter, lane, measured::ARBITER_LOOKS);
            self.schedule_poll(host, first);
        }
    }

    fn schedule_poll(&mut self, host: u32, span: Span) {
        let arbiter = self.hosts.arbiter(host);
        arbiter.poll += 1;
        let (busy, handle) = (arbiter.busy, Handle { index: host, generation: arbiter.poll });
        self.calendar.push(self.now.max(busy).after(span), Event::Poll(handle));
    }

    /// An event of a process or of an arbiter.
    pub(super) fn lifecycle_event(&mut self, event: Event) {
        match event {
            Event::Ready(handle) => {
                if let Some(process) = self.process_of(handle) {
                    self.ready(process);
                }
            }
            Event::GraceOver(handle) => {
                if let Some(process) = self.process_of(handle)
                    && let ProcessState::Ending(cause) =
                        self.hosts.processes[process as usize].state
                {
                    self.end(process, cause, Outcome::Closed);
                }
            }
            Event::Heartbeat(handle) => {
                if let Some(process) = self.process_of(handle) {
                    self.heartbeat_is_due(process);
                }
            }
            Event::PoolTimeout(handle) => self.pool_timed_out(handle),
            Event::KeepAlive(handle) => self.close_kept(handle),
            Event::Look(handle) => self.look(handle.index),
            Event::Accept(handle) => {
                if let Some(process) = self.process_of(handle) {
                    self.acceptor_wakes(process);
                }
            }
            Event::Poll(handle) if handle.generation == self.hosts.arbiter(handle.index).poll => {
                self.poll(handle.index);
            }
            _ => {}
        }
    }

    /// The arbiter kills processes whose last heartbeat is longer ago than the timeout.
    fn poll(&mut self, host: u32) {
        let Some(timeout) = self.runtime.lifecycle.timeout else { return };
        for process in self.hosts.processes_of(host) {
            let place = &self.hosts.processes[process as usize];
            let silent = place.last_heartbeat.after(timeout) < self.now;
            let away = matches!(
                place.state,
                ProcessState::Away(_) | ProcessState::Absent | ProcessState::Booting
            );
            let (stuck, outcome) = match self.hosts.taking() {
                // Between two requests a sync worker gives heartbeats all the time.
                AcceptMode::OnIdle => {
                    (place.conns > place.kept && self.hosts.threads == 1, Outcome::Failed)
                }
                // The main thread gives heartbeats, whatever the others do.
                AcceptMode::Prefetch | AcceptMode::Acceptor => (false, Outcome::Closed),
                AcceptMode::Loop | AcceptMode::Turns => (true, Outcome::Closed),
            };
            if silent && stuck && !away {
                self.end(process, Cause::Timeout, outcome);
            }
        }
        self.schedule_poll(host, measured::ARBITER_LOOKS);
    }

    /// A process has served a request, which may be its last.
    #[inline]
    pub(super) fn served_one(&mut self, process: u32) {
        if P::FOREVER {
            return;
        }
        let place = &mut self.hosts.processes[process as usize];
        place.served += 1;
        if self.runtime.lifecycle.max_requests == 0 {
            return;
        }
        if place.state == ProcessState::Up && place.served >= place.limit {
            place.state = ProcessState::Ending(Cause::MaxRequests);
            self.update_accepting(process);
            self.deregister(process);
            let grace = self.runtime.lifecycle.graceful;
            let event = Event::GraceOver(self.process_handle(process));
            self.calendar.push(self.now.after(grace), event);
        }
        let place = &self.hosts.processes[process as usize];
        if let ProcessState::Ending(cause) = place.state
            && place.conns == 0
        {
            self.end(process, cause, Outcome::Closed);
        }
    }

    /// A process ends, and its connections with it. The arbiter spawns another one.
    pub(super) fn end(&mut self, process: u32, cause: Cause, outcome: Outcome) {
        self.hosts.processes[process as usize].state = ProcessState::Away(cause);
        for conn in self.connections.of_process(process) {
            self.abort_connection(conn, outcome);
        }
        self.deregister(process);
        if self.hosts.has_own_listeners() {
            for conn in self.connections.at_listener(self.hosts.listener_of(process)) {
                self.fail(conn, Outcome::Reset);
            }
        }
        let (host, number) = self.hosts.place_of(process);
        if let Some(held) = self.hosts.memory(host) {
            held.gone(number);
        }
        let place = &mut self.hosts.processes[process as usize];
        place.since = time(self.now);
        place.end_life();
        place.waiting.clear();
        // Kept connections end with it.
        (place.conns, place.kept) = (0, 0);
        place.idle = (0..self.hosts.threads).rev().collect();
        if self.hosts.taking() == AcceptMode::Acceptor {
            self.stop_acceptor(process);
        }
        self.update_accepting(process);
        self.respawn(process);
    }

    /// A connection ends with its process.
    pub(super) fn abort_connection(&mut self, conn: u32, outcome: Outcome) {
        if self.connections.conn(conn).stage == ConnectionStage::Closing {
            self.stop(conn);
            self.free(conn);
            return self.connections.remove_connection(conn);
        }
        if self.connections.conn(conn).stage == ConnectionStage::Running {
            let taken = self.stop(conn);
            self.leave_pool(conn);
            self.wasted_work(conn, taken);
            self.free(conn);
        }
        if self.connections.conn(conn).request == NONE
            && self.connections.conn(conn).stage == ConnectionStage::Running
        {
            self.connections.remove_connection(conn);
        } else {
            self.fail(conn, outcome);
        }
    }

    /// The arbiter spawns a new process, one at a time, with a pause after each.
    fn respawn(&mut self, process: u32) {
        let (host, _) = self.hosts.place_of(process);
        let arbiter = self.hosts.arbiter(host);
        let begin = arbiter.busy.max(self.now);
        arbiter.draws += 1;
        let lane = arbiter_lane(host, arbiter.draws);
        let pause = self.random.part(Purpose::Arbiter, lane, measured::SPAWN_PAUSE);
        arbiter.busy = begin.after(pause);
        let ready = begin.after(measured::RESPAWN).after(self.runtime.lifecycle.boot);
        let handle = self.process_handle(process);
        self.calendar.push(ready, Event::Ready(handle));
        if self.runtime.lifecycle.timeout.is_some() {
            self.schedule_poll(host, measured::ARBITER_LOOKS);
        }
    }

    /// A new process has loaded the application.
    fn ready(&mut self, process: u32) {
        let place = &self.hosts.processes[process as usize];
        match place.state {
            ProcessState::Away(cause) => {
                let (from, to) = (place.since, time(self.now));
                self.sink.note(&EngineEvent::Away { process, from, to, cause });
            }
            ProcessState::Booting => {}
            _ => return,
        }
        self.spawn(process);
        self.take_memory(process);
    }

    /// Reports the processes that are away when the run ends.
    pub(super) fn report_downtime(&mut self) {
        for (process, place) in (0..).zip(&self.hosts.processes) {
            if let ProcessState::Away(cause) = place.state {
                let (from, to) = (place.since, Time::MAX);
                self.sink.note(&EngineEvent::Away { process, from, to, cause });
            }
        }
    }
}

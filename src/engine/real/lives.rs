//! How processes end and begin: the arbiter, timeouts, limits on requests.

use super::Real;
use super::agenda::{Event, Ticket};
use super::chance::arbiter_lane;
use super::houses::{State, Taking};
use super::people::{NOBODY, Stage};
use super::time;
use crate::model::practice::measured;
use crate::random::Purpose;
use crate::source::Source;
use crate::tick::{Fine, Tick};
use crate::time::{Span, Time};
use crate::visit::{Cause, Note, Outcome, Sink};

impl<S: Source<Fine>, K: Sink> Real<'_, S, K> {
    /// Whether a process listens at its own door.
    pub(super) fn listens(&self, process: u32) -> bool {
        self.hosts.processes[process as usize].state == State::Up
    }

    /// A process begins to serve.
    pub(super) fn begin_life(&mut self, process: u32) {
        let life = self.practice.life;
        let place = &mut self.hosts.processes[process as usize];
        place.state = State::Up;
        place.served = 0;
        place.sign = self.now;
        place.idle_since = self.instant;
        place.beat_due = None;
        if life.max_requests > 0 {
            let lane = u64::from(process) << 32 | u64::from(place.life);
            let more = self.chance.whole(Purpose::Life, lane, life.max_requests_jitter);
            place.limit = life.max_requests.saturating_add(more);
        }
        if self.hosts.taking == Taking::Loop && life.timeout.is_some() {
            // Its phase hangs on when the process began.
            let lane =
                u64::from(process) << 32 | u64::from(self.hosts.processes[process as usize].life);
            let first = self.chance.part(Purpose::Beat, lane, measured::HEARTBEAT);
            let ticket = self.process_ticket(process);
            self.agenda.push(self.now.after(first), Event::Beat(ticket));
        }
        self.relist(process);
        self.taken_over(process);
    }

    pub(super) fn process_ticket(&self, process: u32) -> Ticket {
        Ticket { index: process, generation: self.hosts.processes[process as usize].life }
    }

    pub(super) fn process_of(&self, ticket: Ticket) -> Option<u32> {
        let life = self.hosts.processes[ticket.index as usize].life;
        (life == ticket.generation).then_some(ticket.index)
    }

    /// The arbiter of each host begins to look after its workers.
    pub(super) fn first_look(&mut self) {
        if self.practice.life.timeout.is_none() {
            return;
        }
        for host in 0..self.hosts.count() {
            let lane = arbiter_lane(host, 0);
            let first = self.chance.part(Purpose::Arbiter, lane, measured::ARBITER_LOOKS);
            self.look_after(host, first);
        }
    }

    fn look_after(&mut self, host: u32, span: Span) {
        let arbiter = self.hosts.arbiter(host);
        arbiter.look += 1;
        let (busy, ticket) = (arbiter.busy, Ticket { index: host, generation: arbiter.look });
        self.agenda.push(self.now.max(busy).after(span), Event::Look(ticket));
    }

    /// Something happens to a process.
    pub(super) fn live(&mut self, event: Event) {
        match event {
            Event::Ready(ticket) => {
                if let Some(process) = self.process_of(ticket) {
                    self.ready(process);
                }
            }
            Event::GraceOver(ticket) => {
                if let Some(process) = self.process_of(ticket)
                    && let State::Ending(cause) = self.hosts.processes[process as usize].state
                {
                    self.end(process, cause, Outcome::Closed);
                }
            }
            Event::Beat(ticket) => {
                if let Some(process) = self.process_of(ticket) {
                    self.hosts.processes[process as usize].beat_due = Some(self.now);
                    if !self.loop_is_busy(process) {
                        self.beat(process);
                    }
                }
            }
            Event::Look(ticket) if ticket.generation == self.hosts.arbiter(ticket.index).look => {
                self.look(ticket.index);
            }
            _ => {}
        }
    }

    /// An event loop gives a sign of life.
    pub(super) fn beat(&mut self, process: u32) {
        let now = self.now;
        let place = &mut self.hosts.processes[process as usize];
        place.sign = now;
        place.beat_due = None;
        let ticket = self.process_ticket(process);
        self.agenda.push(now.after(measured::HEARTBEAT), Event::Beat(ticket));
    }

    /// The arbiter looks: who has given no sign of life for too long is killed.
    fn look(&mut self, host: u32) {
        let Some(timeout) = self.practice.life.timeout else { return };
        for process in self.hosts.processes_of(host) {
            let place = &self.hosts.processes[process as usize];
            let silent = place.sign.after(timeout) < self.now;
            let away = matches!(place.state, State::Away(_));
            let (stuck, outcome) = match self.hosts.taking {
                // Between two requests a sync worker gives signs all the time.
                Taking::WhenIdle => (place.conns > 0 && self.hosts.threads == 1, Outcome::Failed),
                // The main thread gives signs, whatever the others do.
                Taking::Ahead => (false, Outcome::Closed),
                Taking::Loop => (true, Outcome::Closed),
            };
            if silent && stuck && !away {
                self.end(process, Cause::Timeout, outcome);
            }
        }
        self.look_after(host, measured::ARBITER_LOOKS);
    }

    /// A process has served a request: perhaps that was its last.
    pub(super) fn served_one(&mut self, process: u32) {
        let place = &mut self.hosts.processes[process as usize];
        place.served += 1;
        if self.practice.life.max_requests == 0 {
            return;
        }
        if place.state == State::Up && place.served >= place.limit {
            place.state = State::Ending(Cause::MaxRequests);
            self.relist(process);
            self.pass_over(process);
            let grace = self.practice.life.graceful;
            let event = Event::GraceOver(self.process_ticket(process));
            self.agenda.push(self.now.after(grace), event);
        }
        let place = &self.hosts.processes[process as usize];
        if let State::Ending(cause) = place.state
            && place.conns == 0
        {
            self.end(process, cause, Outcome::Closed);
        }
    }

    /// A process ends; what it holds ends with it. The arbiter makes another one.
    pub(super) fn end(&mut self, process: u32, cause: Cause, outcome: Outcome) {
        self.hosts.processes[process as usize].state = State::Away(cause);
        for conn in self.people.of_process(process) {
            self.cut(conn, outcome);
        }
        self.pass_over(process);
        if self.hosts.has_own_doors() {
            for conn in self.people.at_door(self.hosts.door_of(process)) {
                self.fail(conn, Outcome::Reset);
            }
        }
        let (host, number) = self.hosts.place_of(process);
        if let Some(held) = self.hosts.memory(host) {
            held.gone(number);
        }
        let place = &mut self.hosts.processes[process as usize];
        place.since = time(self.now);
        place.life += 1;
        place.waiting.clear();
        self.relist(process);
        self.replace(process);
    }

    /// A connection ends with its process.
    fn cut(&mut self, conn: u32, outcome: Outcome) {
        if self.people.conn(conn).stage == Stage::Running {
            self.stop(conn);
            self.leave_pool(conn);
            self.waste(conn);
            self.free(conn);
        }
        if self.people.conn(conn).request == NOBODY
            && self.people.conn(conn).stage == Stage::Running
        {
            self.people.close(conn);
        } else {
            self.fail(conn, outcome);
        }
    }

    /// The arbiter makes a new process, one at a time, with a pause after each.
    fn replace(&mut self, process: u32) {
        let (host, _) = self.hosts.place_of(process);
        let arbiter = self.hosts.arbiter(host);
        let begin = arbiter.busy.max(self.now);
        arbiter.draws += 1;
        let lane = arbiter_lane(host, arbiter.draws);
        let pause = self.chance.part(Purpose::Arbiter, lane, measured::SPAWN_PAUSE);
        arbiter.busy = begin.after(pause);
        let ready = begin.after(measured::RESPAWN).after(self.practice.life.boot);
        let ticket = self.process_ticket(process);
        self.agenda.push(ready, Event::Ready(ticket));
        if self.practice.life.timeout.is_some() {
            self.look_after(host, measured::ARBITER_LOOKS);
        }
    }

    /// A new process has loaded the application.
    fn ready(&mut self, process: u32) {
        let place = &self.hosts.processes[process as usize];
        if let State::Away(cause) = place.state {
            let (from, to) = (place.since, time(self.now));
            self.sink.note(&Note::Away { process, from, to, cause });
            self.begin_life(process);
            self.take_memory(process);
        }
    }

    /// Tells which processes are away when the run ends.
    pub(super) fn tell_absent(&mut self) {
        for (process, place) in (0..).zip(&self.hosts.processes) {
            if let State::Away(cause) = place.state {
                let (from, to) = (place.since, Time::MAX);
                self.sink.note(&Note::Away { process, from, to, cause });
            }
        }
    }
}

//! Clients: attempts, patience, timeouts and retries.

use super::Real;
use super::agenda::{Event, Ticket};
use super::chance::attempt_lane;
use super::people::{NOBODY, Stage};
use super::time;
use crate::model::practice::measured;
use crate::random::Purpose;
use crate::source::Source;
use crate::tick::{Fine, Tick};
use crate::time::Span;
use crate::visit::{Note, Outcome, Sink, Visit};

impl<S: Source<Fine>, K: Sink> Real<'_, S, K> {
    /// A request comes.
    pub(super) fn arrive(&mut self) {
        let now = self.source.peek().max(self.now);
        let arrival = time(now);
        let source = &mut self.source;
        let request = self.people.come(self.arrived, arrival, |demands| source.take(demands));
        if self.awaited.is_none() && arrival >= self.run.until {
            self.awaited = Some(self.arrived);
        }
        self.arrived += 1;
        self.attempt(request, now);
    }

    /// A client sends its request.
    fn attempt(&mut self, request: u32, now: Fine) {
        let of = *self.people.request(request);
        let lane = attempt_lane(of.number, of.attempts + 1);
        let lets_go = self.lock_is_lost(lane);
        let conn = self.people.connect(request, now, lets_go);
        self.people.conn_mut(conn).lane = lane;
        self.give(conn);
        if of.patience < Span::MAX {
            let event = Event::Patience(self.people.conn_ticket(conn));
            self.agenda.push(now.after(of.patience), event);
        }
        if let Some(sampler) = &self.client_timeout {
            let wait = self.chance.draw(sampler, Purpose::ClientTimeout, lane);
            let event = Event::GiveUp(self.people.conn_ticket(conn));
            self.agenda.push(now.after(wait), event);
        }
        self.knock(conn);
    }

    /// Whether the thread of a connection loses the lock of its process when it sends the answer.
    fn lock_is_lost(&self, lane: u64) -> bool {
        self.loses_lock && self.chance.share(Purpose::Lock, lane) < measured::LOCK_LOST
    }

    /// A client tries again.
    pub(super) fn retry(&mut self, ticket: Ticket) {
        if let Some(request) = self.people.request_of(ticket) {
            if K::COURSE {
                self.sink.note(&Note::Again { at: time(self.now) });
            }
            self.attempt(request, self.now);
            self.dispatch();
        }
    }

    /// The end of somebody's patience.
    pub(super) fn lose_patience(&mut self, event: Event) {
        match event {
            Event::Patience(ticket) => {
                let conn = self.people.conn_of(ticket);
                if let Some(conn) = conn.filter(|conn| self.waits(*conn)) {
                    self.fail(conn, Outcome::TimedOut);
                }
            }
            Event::GiveUp(ticket) => {
                let conn = self.people.conn_of(ticket);
                if let Some(conn) = conn.filter(|conn| self.people.conn(*conn).request != NOBODY) {
                    self.give_up(conn);
                }
            }
            Event::Unreached(ticket) => {
                if let Some(conn) = self.people.conn_of(ticket) {
                    self.unreached(conn);
                }
            }
            _ => {}
        }
    }

    /// Whether nobody works on a connection yet.
    fn waits(&self, conn: u32) -> bool {
        let state = self.people.conn(conn);
        let early = matches!(state.stage, Stage::Outside | Stage::Queued | Stage::Held);
        early && state.request != NOBODY
    }

    /// A client waits no longer. What stands in the accept queue stays there, and is worked on
    /// when its turn comes: the server sees that nobody listens when it writes the answer.
    fn give_up(&mut self, conn: u32) {
        self.given_ends(conn);
        let state = self.people.conn_mut(conn);
        let request = std::mem::replace(&mut state.request, NOBODY);
        if state.stage == Stage::Outside {
            self.people.close(conn);
        }
        self.failed(request, Outcome::GaveUp);
    }

    /// A connection ends without an answer.
    pub(super) fn fail(&mut self, conn: u32, outcome: Outcome) {
        if self.people.conn(conn).request != NOBODY {
            self.given_ends(conn);
        }
        let state = self.people.conn_mut(conn);
        let request = std::mem::replace(&mut state.request, NOBODY);
        match state.stage {
            Stage::Queued => {
                state.stage = Stage::Left;
                let door = state.door;
                self.hosts.doors[door as usize].waiting -= 1;
                if let Some(process) = self.hosts.owner_of(door) {
                    self.taken_over(process);
                }
            }
            Stage::Held => {
                let process = state.process;
                let waiting = &mut self.hosts.processes[process as usize].waiting;
                waiting.retain(|other| *other != conn);
                self.free(conn);
                self.people.close(conn);
                self.relist(process);
            }
            Stage::Running | Stage::Outside => self.people.close(conn),
            Stage::Free | Stage::Left => {}
        }
        if request != NOBODY {
            self.failed(request, outcome);
        }
    }

    /// An attempt has failed: the client tries again, or that is how it ends.
    fn failed(&mut self, request: u32, outcome: Outcome) {
        let of = *self.people.request(request);
        self.people.request_mut(request).conn = NOBODY;
        if of.attempts > self.practice.clients.retries {
            return self.leave(request, outcome);
        }
        let lane = attempt_lane(of.number, of.attempts);
        let pause = self.chance.draw(&self.backoff, Purpose::Retry, lane);
        let pause = grown(pause, self.practice.clients.growth, of.attempts - 1);
        let event = Event::Retry(self.people.request_ticket(request));
        self.agenda.push(self.now.after(pause), event);
    }

    /// Says a request's visit and forgets it.
    pub(super) fn leave(&mut self, request: u32, outcome: Outcome) {
        let of = *self.people.request(request);
        let departure = time(self.now);
        let mut visit = Visit {
            request: of.number,
            client: of.client,
            worker: 0,
            arrival: of.arrival,
            start: departure,
            departure,
            cpu: of.cpu,
            outcome,
        };
        if outcome == Outcome::Served {
            let conn = self.people.conn(of.conn);
            (visit.worker, visit.start) = (conn.worker, conn.start);
            if self.pool.is_some() {
                self.sink.note(&Note::PoolWait { arrival: of.arrival, waited: conn.pooled });
            }
        }
        if of.attempts > 1 || of.dropped > 0 {
            let (attempts, dropped) = (of.attempts, of.dropped);
            self.sink.note(&Note::Tries { arrival: of.arrival, attempts, dropped });
        }
        self.sink.take(&visit);
        let early = self.awaited.is_none_or(|awaited| of.number < awaited);
        self.left_early += u64::from(early);
        self.people.go(request);
        self.source.answered(of.client, self.now);
    }
}

/// A pause that has grown so many times. Powers of two are exact up to 104 days; what would be
/// longer than time itself is as long as time.
fn grown(pause: Span, growth: f64, times: u32) -> Span {
    let times_longer = growth.powi(i32::try_from(times).unwrap_or(i32::MAX));
    Span::from_nanos((pause.as_nanos() as f64 * times_longer).round() as u64)
}

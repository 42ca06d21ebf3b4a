//! Clients: attempts, patience, timeouts and retries.

use super::Engine;
use super::calendar::{Event, Handle};
use super::connections::{ConnectionStage, NONE, Request};
use super::draws::attempt_lane;
use super::policies::Policies;
use super::time;
use crate::instant::SimInstant;
use crate::model::runtime::measured;
use crate::random::Purpose;
use crate::record::{BLOCK, EngineEvent, Outcome, RequestRecord, Sink};
use crate::source::Source;
use crate::time::{Span, Time};

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// A request arrives.
    #[inline]
    pub(super) fn arrive(&mut self) {
        let now = self.source.peek().max(self.now);
        let arrival = time(now);
        let source = &mut self.source;
        let request =
            self.connections.insert_request(self.arrived, arrival, |demands| source.take(demands));
        if self.awaited.is_none() && arrival >= self.until {
            self.awaited = Some(self.arrived);
        }
        self.arrived += 1;
        self.attempt(request, now);
    }

    /// A client sends its request.
    #[inline]
    fn attempt(&mut self, request: u32, now: SimInstant) {
        let of = *self.connections.request(request);
        let lane = attempt_lane(of.number, of.attempts + 1);
        let conn = self.connections.insert_connection(request, self.lock_is_lost(lane));
        self.connections.conn_mut(conn).lane = lane;
        if !P::ONE_QUEUE {
            self.assign(conn);
        }
        let handle = self.connections.conn_handle(conn);
        if P::ONE_ATTEMPT {
            self.connect(conn, now);
            return self.limit_wait(handle, now, of.patience);
        }
        self.limit_wait(handle, now, of.patience);
        if let Some(sampler) = &self.client_timeout {
            let wait = self.random.draw(sampler, Purpose::ClientTimeout, lane);
            self.calendar.push(now.after(wait), Event::GiveUp(handle));
        }
        if let Some(wait) = self.runtime.clients.proxy_timeout {
            self.calendar.push(now.after(wait), Event::ProxyTimeout(handle));
        }
        if !(self.kept.keeps() && self.goes_on(conn, of.client)) {
            self.connect(conn, now);
        }
    }

    /// A client leaves the queue when its patience has ended, if it waits by then.
    #[inline]
    fn limit_wait(&mut self, handle: Handle, now: SimInstant, patience: Span) {
        if patience < Span::MAX
            && let Some(conn) = self.connections.conn_of(handle)
            && self.waits(conn)
        {
            self.calendar.push(now.after(patience), Event::Patience(handle));
        }
    }

    /// Whether the thread of a connection loses the lock of its process when it sends the answer.
    #[inline]
    fn lock_is_lost(&self, lane: u64) -> bool {
        self.loses_lock && self.random.share(Purpose::Lock, lane) < measured::LOCK_LOST
    }

    /// A client tries again.
    pub(super) fn retry(&mut self, handle: Handle) {
        if let Some(request) = self.connections.request_of(handle) {
            if K::COURSE {
                self.sink.note(&EngineEvent::Again { at: time(self.now) });
            }
            self.attempt(request, self.now);
            self.dispatch();
        }
    }

    /// A client's patience, timeout or connection attempt ends.
    pub(super) fn lose_patience(&mut self, event: Event) {
        match event {
            Event::Patience(handle) => {
                let conn = self.connections.conn_of(handle);
                if let Some(conn) = conn.filter(|conn| self.waits(*conn)) {
                    self.fail(conn, Outcome::TimedOut);
                }
            }
            Event::GiveUp(handle) => self.give_up(handle, Outcome::GaveUp),
            Event::ProxyTimeout(handle) => self.give_up(handle, Outcome::ProxyTimeout),
            Event::ConnectTimeout(handle) => {
                if let Some(conn) = self.connections.conn_of(handle) {
                    self.connect_timed_out(conn);
                }
            }
            _ => {}
        }
    }

    /// Whether no worker serves a connection yet.
    fn waits(&self, conn: u32) -> bool {
        let state = self.connections.conn(conn);
        let early = matches!(
            state.stage,
            ConnectionStage::Outside | ConnectionStage::Queued | ConnectionStage::Accepted
        );
        early && state.request != NONE
    }

    /// A client waits no longer, or a proxy for it. The connection stays in the accept queue and is
    /// served in its turn: the server sees that it is closed only when it writes the answer.
    fn give_up(&mut self, handle: Handle, outcome: Outcome) {
        let conn = self.connections.conn_of(handle);
        let Some(conn) = conn.filter(|conn| self.connections.conn(*conn).request != NONE) else {
            return;
        };
        self.release(conn);
        let state = self.connections.conn_mut(conn);
        let request = std::mem::replace(&mut state.request, NONE);
        if state.stage == ConnectionStage::Outside {
            self.connections.remove_connection(conn);
        }
        self.failed(request, outcome);
    }

    /// A connection ends without an answer.
    pub(super) fn fail(&mut self, conn: u32, outcome: Outcome) {
        if self.connections.conn(conn).request != NONE {
            self.release(conn);
        }
        let state = self.connections.conn_mut(conn);
        let request = std::mem::replace(&mut state.request, NONE);
        match state.stage {
            ConnectionStage::Queued => {
                state.stage = ConnectionStage::Left;
                let listener = state.listener;
                self.hosts.listeners[listener as usize].waiting -= 1;
                self.drop_left(listener);
                if let Some(process) = self.hosts.owner_of(listener) {
                    self.on_accepted(process);
                }
            }
            ConnectionStage::Accepted => {
                let process = state.process;
                let waiting = &mut self.hosts.processes[process as usize].waiting;
                waiting.retain(|other| *other != conn);
                self.free(conn);
                self.connections.remove_connection(conn);
                self.update_accepting(process);
            }
            ConnectionStage::Running | ConnectionStage::Closing | ConnectionStage::Outside => {
                self.connections.remove_connection(conn);
            }
            ConnectionStage::Free | ConnectionStage::Left => {}
        }
        if request != NONE {
            self.failed(request, outcome);
        }
    }

    /// Connections that have left are taken out of a queue, so that none stays in one in which no
    /// other waits.
    fn drop_left(&mut self, listener: u32) {
        let listener = &mut self.hosts.listeners[listener as usize];
        let mut left = std::mem::take(&mut self.left);
        let gone = |conn| self.connections.conn(conn).stage == ConnectionStage::Left;
        listener.queue.take_out(listener.waiting, gone, |conn| left.push(conn));
        left.drain(..).for_each(|conn| self.connections.remove_connection(conn));
        self.left = left;
    }

    /// An attempt has failed: the client tries again, or the request ends so.
    fn failed(&mut self, request: u32, outcome: Outcome) {
        let of = *self.connections.request(request);
        self.connections.request_mut(request).conn = NONE;
        if P::ONE_ATTEMPT || of.attempts > self.runtime.clients.retries {
            return self.leave(request, outcome);
        }
        let lane = attempt_lane(of.number, of.attempts);
        let pause = self.random.draw(&self.backoff, Purpose::Retry, lane);
        let pause = grown(pause, self.runtime.clients.growth, of.attempts - 1);
        let event = Event::Retry(self.connections.request_handle(request));
        self.calendar.push(self.now.after(pause), event);
    }

    /// Reports a request's record and removes the request.
    #[inline]
    pub(super) fn leave(&mut self, request: u32, outcome: Outcome) {
        let of = *self.connections.request(request);
        let departure = time(self.now);
        let early = self.awaited.is_none_or(|awaited| of.number < awaited);
        self.left_early += u64::from(early);
        self.connections.remove_request(request);
        if !K::WORKERS && !K::ROUTES && !K::COURSE && outcome == Outcome::Served && self.plain(&of)
        {
            let conn = self.connections.conn(of.conn);
            let times = [of.arrival, conn.start, departure].map(Time::as_nanos);
            self.told.push(times[0], times[1], times[2], conn.cpu.as_nanos());
            if self.told.count == BLOCK {
                self.told.tell(&mut self.sink);
            }
        } else {
            self.report(&of, departure, outcome);
        }
        self.source.answered(of.client, outcome == Outcome::Served, self.now);
    }

    /// Whether a record is all that there is to say of a request.
    #[inline]
    fn plain(&self, of: &Request) -> bool {
        (P::UNLIMITED || self.pool.is_none()) && of.attempts <= 1 && of.dropped == 0
    }

    /// Reports a request's record, and what there is to say beside it.
    fn report(&mut self, of: &Request, departure: Time, outcome: Outcome) {
        let mut record = RequestRecord {
            request: of.number,
            client: of.client,
            worker: 0,
            route: of.route,
            arrival: of.arrival,
            start: departure,
            departure,
            cpu: of.cpu,
            outcome,
        };
        if outcome == Outcome::Served {
            let conn = self.connections.conn(of.conn);
            (record.worker, record.start) = (conn.worker, conn.start);
            // The overhead is that of the connection: a warm process takes less.
            record.cpu = conn.cpu;
            if let Some(pools) = &self.pool {
                let waited = pools.waited(self.connections.conn_handle(of.conn));
                self.sink.note(&EngineEvent::PoolWait {
                    route: of.route,
                    arrival: of.arrival,
                    waited,
                });
            }
        }
        if of.attempts > 1 || of.dropped > 0 {
            let (attempts, dropped) = (of.attempts, of.dropped);
            self.sink.note(&EngineEvent::Tries {
                route: of.route,
                arrival: of.arrival,
                attempts,
                dropped,
            });
        }
        self.sink.take(&record);
    }
}

/// A pause that has grown `times` times. Powers of two are exact up to 104 days; a pause ends at the
/// end of time at the latest.
fn grown(pause: Span, growth: f64, times: u32) -> Span {
    let times_longer = growth.powi(i32::try_from(times).unwrap_or(i32::MAX));
    Span::from_nanos((pause.as_nanos() as f64 * times_longer).round() as u64)
}

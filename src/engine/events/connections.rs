//! The slabs of requests and of connections: a request may use several connections, one after another
//! (retries), and a connection may outlive its request (a client that gave up).

use super::calendar::Handle;
use crate::instant::FINE_BITS;
use crate::model::request::{cpu_of, total_of};
use crate::model::runtime::Overhead;
use crate::model::{Demand, PhaseKind, Waiting};
use crate::source::Arrival;
use crate::time::{Span, Time};

/// No index.
pub(super) const NONE: u32 = u32::MAX;

/// The stage of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ConnectionStage {
    /// The slot of the slab is free.
    Free,
    /// Not in the accept queue (yet).
    Outside,
    /// In the accept queue.
    Queued,
    /// Its client left while it waited in the accept queue, which skips it.
    Left,
    /// Accepted by a process, and waiting for a thread.
    Accepted,
    /// In service.
    Running,
    /// Answered; its thread closes it.
    Closing,
}

/// A connection.
#[derive(Clone, Copy, Debug)]
pub(super) struct Connection {
    pub(crate) generation: u32,
    /// Its request; [`NONE`] once the client has left.
    pub(crate) request: u32,
    pub(crate) stage: ConnectionStage,
    /// Its random lane.
    pub(crate) lane: u64,
    /// The host that it was assigned to.
    pub(crate) host: u32,
    /// The listener that it joins.
    pub(crate) listener: u32,
    pub(crate) process: u32,
    /// The worker (the thread), numbered over all.
    pub(crate) worker: u32,
    /// The route of its request, which may be gone.
    pub(crate) route: u16,
    pub(crate) start: Time,
    /// Phases done, and phases in all.
    pub(crate) done: u32,
    pub(crate) phases: u32,
    pub(crate) cpu: Span,
}

/// A request, and the attempts of its client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    pub(crate) generation: u32,
    pub(crate) number: u64,
    pub(crate) client: u32,
    pub(crate) route: u16,
    pub(crate) arrival: Time,
    pub(crate) patience: Span,
    pub(crate) attempts: u32,
    /// SYNs and data that found the queue full.
    pub(crate) dropped: u32,
    /// Its connection; [`NONE`] between two attempts.
    pub(crate) conn: u32,
    pub(crate) phases: u32,
    /// CPU time of one attempt.
    pub(crate) cpu: Span,
}

/// All requests and connections in the system.
#[derive(Debug)]
pub(super) struct Connections {
    conns: Vec<Connection>,
    free_conns: Vec<u32>,
    requests: Vec<Request>,
    free_requests: Vec<u32>,
    /// Demands of each request, as drawn, `longest` apart.
    drawn: Vec<Demand>,
    longest: usize,
    /// Demands of each connection, with what the server adds, `stride` apart.
    demands: Vec<Demand>,
    stride: usize,
    overhead: Overhead,
    /// Whether a thread needs the lock twice before it works on a request.
    locked: bool,
    /// Whether all phases are one span off the CPU.
    as_one: bool,
}

const NOTHING: Connection = Connection {
    generation: 0,
    request: NONE,
    stage: ConnectionStage::Free,
    lane: 0,
    host: 0,
    listener: 0,
    process: 0,
    worker: 0,
    route: 0,
    start: Time::ZERO,
    done: 0,
    phases: 0,
    cpu: Span::ZERO,
};

impl Connections {
    /// None yet; requests have at most `longest` phases. With `locked` a thread needs the lock twice
    /// before it works on a request; with `as_one`, which is right where no core is shared, all phases
    /// of a request are one span.
    pub(crate) fn new(longest: usize, overhead: Overhead, (locked, as_one): (bool, bool)) -> Self {
        let longest = longest.max(1);
        Connections {
            conns: Vec::new(),
            free_conns: Vec::new(),
            requests: Vec::new(),
            free_requests: Vec::new(),
            drawn: Vec::new(),
            longest,
            demands: Vec::new(),
            // With overhead: a burst before, one after, one behind each phase off the CPU.
            stride: if locked || overhead != Overhead::NONE { 2 * longest + 3 } else { longest },
            overhead,
            locked,
            as_one,
        }
    }

    /// How many requests have not left yet.
    #[inline]
    pub(crate) fn requests(&self) -> usize {
        self.requests.len() - self.free_requests.len()
    }

    /// A waiting connection, as a queue discipline sees it.
    pub(crate) fn described(&self, index: u32) -> Waiting {
        let conn = self.conn(index);
        let (route, phases) = (conn.route, conn.phases as usize);
        let arrival = match conn.request {
            NONE => Time::ZERO,
            request => self.request(request).arrival,
        };
        let base = index as usize * self.stride;
        let demand = total_of(&self.demands[base..base + phases]);
        Waiting { id: index, route, arrival, demand }
    }

    #[inline]
    pub(crate) fn conn(&self, index: u32) -> &Connection {
        &self.conns[index as usize]
    }

    /// The number of the request that a connection brings an answer to, if a client still waits.
    #[inline]
    pub(crate) fn number_of(&self, index: u32) -> Option<u64> {
        let request = self.conn(index).request;
        (request != NONE).then(|| self.requests[request as usize].number)
    }

    #[inline]
    pub(crate) fn conn_mut(&mut self, index: u32) -> &mut Connection {
        &mut self.conns[index as usize]
    }

    #[inline]
    pub(crate) fn request(&self, index: u32) -> &Request {
        &self.requests[index as usize]
    }

    #[inline]
    pub(crate) fn request_mut(&mut self, index: u32) -> &mut Request {
        &mut self.requests[index as usize]
    }

    /// The connection of a handle, if it is still there.
    #[inline]
    pub(crate) fn conn_of(&self, handle: Handle) -> Option<u32> {
        (self.conns[handle.index as usize].generation == handle.generation).then_some(handle.index)
    }

    /// The request of a handle, if it is still there.
    pub(crate) fn request_of(&self, handle: Handle) -> Option<u32> {
        (self.requests[handle.index as usize].generation == handle.generation)
            .then_some(handle.index)
    }

    #[inline]
    pub(crate) fn conn_handle(&self, index: u32) -> Handle {
        Handle { index, generation: self.conn(index).generation }
    }

    pub(crate) fn request_handle(&self, index: u32) -> Handle {
        Handle { index, generation: self.request(index).generation }
    }

    /// A request arrives; `take` writes its demands.
    #[inline]
    pub(crate) fn insert_request(
        &mut self,
        number: u64,
        arrival: Time,
        take: impl FnOnce(&mut [Demand]) -> Arrival,
    ) -> u32 {
        let index = self.free_requests.pop().unwrap_or(self.requests.len() as u32);
        let base = index as usize * self.longest;
        if self.drawn.len() < base + self.longest {
            self.drawn.resize(base + self.longest, Demand::new(PhaseKind::Io, Span::ZERO));
        }
        let coming = take(&mut self.drawn[base..base + self.longest]);
        let generation = self.requests.get(index as usize).map_or(0, |old| old.generation);
        let request = Request {
            generation,
            number,
            client: coming.client,
            route: coming.route,
            arrival,
            patience: coming.patience,
            attempts: 0,
            dropped: 0,
            conn: NONE,
            phases: coming.phases as u32,
            cpu: Span::ZERO,
        };
        match self.requests.get_mut(index as usize) {
            Some(place) => *place = request,
            None => self.requests.push(request),
        }
        index
    }

    /// A request has ended.
    #[inline]
    pub(crate) fn remove_request(&mut self, request: u32) {
        self.request_mut(request).generation += 1;
        self.free_requests.push(request);
    }

    /// A new connection of a request. With `lets_go`, its thread releases the lock before it sends the
    /// answer.
    #[inline]
    pub(crate) fn insert_connection(&mut self, request: u32, lets_go: bool) -> u32 {
        let index = self.free_conns.pop().unwrap_or(self.conns.len() as u32);
        if self.conns.len() == index as usize {
            self.conns.push(NOTHING);
            let nothing = Demand::new(PhaseKind::Io, Span::ZERO);
            self.demands.resize(self.demands.len() + self.stride, nothing);
        }
        let (phases, cpu) = self.load(request, index, lets_go);
        let generation = self.conn(index).generation;
        *self.conn_mut(index) = Connection {
            generation,
            request,
            route: self.request(request).route,
            stage: ConnectionStage::Outside,
            phases,
            cpu,
            ..NOTHING
        };
        let of = self.request_mut(request);
        of.conn = index;
        of.attempts += 1;
        of.cpu = cpu;
        index
    }

    /// Writes the demands of a connection: those of its request with the server's overhead
    /// between them, neighbouring bursts as one. Gives their number and all CPU time.
    fn load(&mut self, request: u32, conn: u32, lets_go: bool) -> (u32, Span) {
        let drawn = request as usize * self.longest;
        let phases = self.request(request).phases as usize;
        let base = conn as usize * self.stride;
        let into = &mut self.demands[base..base + self.stride];
        let first = usize::from(self.locked);
        if self.locked {
            // It wakes up, and looks for data without the lock.
            into[0] = Demand::new(PhaseKind::Cpu, Span::ZERO);
        }
        let mut count = first;
        let mut cpu = Span::ZERO;
        let mut add = |kind: PhaseKind, span: Span, apart: bool| {
            if span.is_zero() {
                return;
            }
            if kind == PhaseKind::Cpu {
                cpu = cpu.saturating_add(span);
                if count > first && !apart && into[count - 1].kind() == PhaseKind::Cpu {
                    let sum = into[count - 1].span().saturating_add(span);
                    into[count - 1] = Demand::new(kind, sum);
                    return;
                }
            }
            into[count] = Demand::new(kind, span);
            count += 1;
        };
        add(PhaseKind::Cpu, self.overhead.before, false);
        for demand in &self.drawn[drawn..drawn + phases] {
            add(demand.kind(), demand.span(), false);
            if demand.kind() == PhaseKind::Io && !demand.span().is_zero() {
                add(PhaseKind::Cpu, self.overhead.per_io, false);
            }
        }
        add(PhaseKind::Cpu, self.overhead.after, lets_go);
        if self.as_one && count > 0 {
            into[0] = Demand::new(PhaseKind::Io, total_of(&into[..count]));
            count = 1;
        }
        (count as u32, cpu)
    }

    /// A connection has ended.
    #[inline]
    pub(crate) fn remove_connection(&mut self, conn: u32) {
        let state = self.conn_mut(conn);
        state.generation += 1;
        state.stage = ConnectionStage::Free;
        self.free_conns.push(conn);
    }

    /// The next phase of a connection that takes time, which counts as done from now on.
    #[inline]
    pub(crate) fn next_phase(&mut self, conn: u32) -> Option<Demand> {
        let base = conn as usize * self.stride;
        let state = &mut self.conns[conn as usize];
        if state.done == state.phases {
            return None;
        }
        state.done += 1;
        Some(self.demands[base + state.done as usize - 1])
    }

    /// The phase that a connection is in, or was in last.
    #[inline]
    pub(crate) fn phase(&self, conn: u32) -> Option<Demand> {
        let last = (self.conn(conn).done as usize).checked_sub(1)?;
        Some(self.demands[conn as usize * self.stride + last])
    }

    /// The burst that a connection is in takes `factor` times as long; gives how long that is.
    pub(crate) fn stretch(&mut self, conn: u32, factor: f64) -> Span {
        let state = &mut self.conns[conn as usize];
        let burst = &mut self.demands[conn as usize * self.stride + state.done as usize - 1];
        let asked = burst.span().as_nanos();
        let takes = Span::from_nanos_f64((asked as f64 * factor).round());
        *burst = Demand::new(burst.kind(), takes);
        let cpu = state.cpu.as_nanos() - asked;
        state.cpu = Span::from_nanos(cpu.saturating_add(takes.as_nanos()));
        takes
    }

    /// A connection's first burst is shorter by `span`, but not shorter than its demand.
    pub(crate) fn spare(&mut self, conn: u32, span: Span) {
        let first = &mut self.demands[conn as usize * self.stride];
        let span = span.min(self.overhead.before).min(first.span());
        let left = Span::from_nanos(first.span().as_nanos() - span.as_nanos());
        *first = Demand::new(first.kind(), left);
        let cpu = &mut self.conns[conn as usize].cpu;
        *cpu = Span::from_nanos(cpu.as_nanos() - span.as_nanos());
    }

    /// The CPU time that a connection has taken, if its last burst lacks `left` fine steps.
    pub(crate) fn cpu_taken(&self, conn: u32, left: u128) -> Span {
        let base = conn as usize * self.stride;
        let begun = &self.demands[base..base + self.conn(conn).done as usize];
        let asked = cpu_of(begun).as_nanos();
        Span::from_nanos(asked.saturating_sub((left >> FINE_BITS) as u64))
    }

    /// Connections in service whose clients have left.
    pub(crate) fn abandoned(&self) -> Vec<u32> {
        let abandoned = |c: &Connection| c.stage == ConnectionStage::Running && c.request == NONE;
        (0..self.conns.len() as u32).filter(|index| abandoned(self.conn(*index))).collect()
    }

    /// Connections that a process holds.
    pub(crate) fn of_process(&self, process: u32) -> Vec<u32> {
        let held = |conn: &Connection| {
            conn.process == process
                && matches!(
                    conn.stage,
                    ConnectionStage::Accepted | ConnectionStage::Running | ConnectionStage::Closing
                )
        };
        (0..self.conns.len() as u32).filter(|index| held(self.conn(*index))).collect()
    }

    /// Connections that wait at a listener.
    pub(crate) fn at_listener(&self, listener: u32) -> Vec<u32> {
        let waits =
            |conn: &Connection| conn.listener == listener && conn.stage == ConnectionStage::Queued;
        (0..self.conns.len() as u32).filter(|index| waits(self.conn(*index))).collect()
    }
}

//! The loop over instants (three-phase method, Tocher 1963): what is bound to end now, ends; what
//! can start now, starts; then arrivals. The next instant is the least of a few peeks, so no event
//! is ever cancelled.
//!
//! At one instant the order is fixed: phases end; requests whose last phase ended depart; freed
//! workers take requests from the queue, by its [`Discipline`]; clients whose patience ends leave the
//! queue; arrivals come in input order, each dispatched at once. A phase of no length ends where it
//! starts.

use super::cores::{Processor, Shared, Unshared};
use super::gil::SharedByProcess;
use super::idle::Idle;
use super::kernel::Watch;
use super::queue::{Deadlines, Queue};
use super::{End, Run};
use crate::heap::Agenda;
use crate::instant::{Fine, SimInstant, Whole};
use crate::model::request::{cpu_of, total_of};
use crate::model::{Backlog, Demand, Discipline, Load, Model, PhaseKind};
use crate::record::{Activity, BLOCK, EngineEvent, Outcome, RecordBlock, RequestRecord, Sink};
use crate::source::{ClosedSource, OpenSource, Source, TraceSource};
use crate::time::{Span, Time};

/// Runs a model with an ideal server.
pub(super) fn run<K: Sink>(model: &Model, run: Run<'_>, sink: &mut K) -> End {
    let server = model.server();
    let (seed, replication, patience) = (run.seed, run.replication, server.patience.as_ref());
    match model.load() {
        Load::Open(open) => {
            on_cores(model, OpenSource::new(open, patience, seed, replication), run, sink)
        }
        Load::Trace(trace) => {
            on_cores(model, TraceSource::new(trace, server, seed, replication), run, sink)
        }
        Load::Closed(closed) if model.contended() || K::PHASES => on_shared_cores(
            model,
            ClosedSource::new(closed, patience, (seed, replication), &|| run.stopped()),
            run,
            sink,
        ),
        Load::Closed(closed) => {
            let drawn = (seed, replication);
            let source = ClosedSource::<Whole>::new(closed, patience, drawn, &|| run.stopped());
            Events::new(model, Unshared, true, source, run, sink).run()
        }
    }
}

/// For a source of instants of either kind.
fn on_cores<S, K>(model: &Model, source: S, run: Run<'_>, sink: &mut K) -> End
where
    S: Source<Whole> + Source<Fine>,
    K: Sink,
{
    // Where no core is shared the phases of a request are one span, unless the sink asks for them.
    if model.contended() || K::PHASES {
        on_shared_cores(model, source, run, sink)
    } else {
        Events::new(model, Unshared, true, source, run, sink).run()
    }
}

fn on_shared_cores<S: Source<Fine>, K: Sink>(
    model: &Model,
    source: S,
    run: Run<'_>,
    sink: &mut K,
) -> End {
    let server = model.server();
    let millicores = u64::from(server.cores.millicores());
    if server.lock_matters() {
        let processor = SharedByProcess::new(millicores, server.workers);
        Events::new(model, processor, false, source, run, sink).run()
    } else {
        Events::new(model, Shared::new(millicores), false, source, run, sink).run()
    }
}

/// A request in the system.
#[derive(Clone, Copy, Debug)]
struct Slot<T> {
    request: u64,
    arrival: Time,
    start: Time,
    cpu: Span,
    /// When its client leaves the queue. Not rounded: a client that comes again brings the
    /// rounding along, and one that starts at its deadline would be too late.
    deadline: T,
    client: u32,
    worker: u32,
    /// Phases done, and phases in all.
    done: u32,
    phases: u32,
    route: u16,
    /// Its client has left the queue.
    gone: bool,
}

/// The state of one run.
#[derive(Debug)]
pub struct Events<'a, P: Processor, S, K> {
    watch: Watch<'a>,
    until: Time,
    /// From then on no request comes. First come, first served: never. Elsewhere those who wait may
    /// be overtaken for as long as others come, and the run is to end.
    last: P::SimInstant,
    source: S,
    sink: K,
    /// Records that the sink has not been told of yet.
    told: Box<RecordBlock>,
    processor: P,
    /// Ends of phases off the CPU.
    timers: Agenda,
    idle: Idle,
    threads: u32,
    backlog: Backlog,
    queue: Queue,
    deadlines: Deadlines<P::SimInstant>,
    slots: Vec<Slot<P::SimInstant>>,
    free_slots: Vec<u32>,
    /// Demands of each slot, `stride` apart.
    demands: Vec<Demand>,
    stride: usize,
    /// Whether a request is one span (nobody shares a core).
    merged: bool,
    now: P::SimInstant,
    /// Number of the instant, for ties.
    instant: u64,
    arrived: u64,
    /// Requests that arrived before `run.until`, once the first later one has come.
    awaited: Option<u64>,
    left_early: u64,
    /// Slots whose phase ends at this instant.
    ended: Vec<u32>,
    /// Whether anybody may leave the queue.
    impatient: bool,
}

impl<'a, P: Processor, S: Source<P::SimInstant>, K: Sink> Events<'a, P, S, K> {
    /// A server that stands idle at time 0. With `merged`, a request's phases are one span.
    pub fn new(
        model: &Model,
        processor: P,
        merged: bool,
        source: S,
        run: Run<'a>,
        sink: K,
    ) -> Self {
        let server = model.server();
        Events {
            watch: Watch::new(run),
            until: run.until,
            last: match server.discipline {
                Discipline::Fifo => P::SimInstant::NEVER,
                _ => P::SimInstant::of(run.until).after(run.until.since(Time::ZERO)),
            },
            sink,
            told: Box::new(RecordBlock::new()),
            processor,
            timers: Agenda::new(),
            idle: Idle::new(server.workers, server.threads, K::WORKERS),
            threads: server.threads,
            backlog: server.backlog,
            queue: Queue::new(server.discipline, model.routes()),
            deadlines: Deadlines::new(),
            slots: Vec::new(),
            free_slots: Vec::new(),
            demands: Vec::new(),
            stride: source.longest().max(1),
            source,
            merged,
            now: P::SimInstant::of(Time::ZERO),
            instant: 0,
            arrived: 0,
            awaited: None,
            left_early: 0,
            ended: Vec::new(),
            impatient: server.patience.is_some(),
        }
    }

    /// Runs to the end.
    pub fn run(mut self) -> End {
        self.run_on();
        self.told.tell(&mut self.sink);
        self.watch.end()
    }

    fn run_on(&mut self) {
        loop {
            let next = self.next_instant();
            if next == P::SimInstant::NEVER || self.over() {
                return;
            }
            if !next.due(self.now) {
                self.watch.clock_moved();
            }
            if self.watch.ends() {
                return;
            }
            self.step(next);
        }
    }

    #[inline]
    fn step(&mut self, next: P::SimInstant) {
        if K::WORKERS {
            self.instant += u64::from(!next.same_instant(self.now));
        }
        self.now = next.max(self.now);
        self.processor.advance(self.now);
        self.finish();
        self.dispatch();
        if self.impatient {
            self.time_out();
        }
        loop {
            let arrival = self.coming();
            if !arrival.due(self.now) || arrival == P::SimInstant::NEVER || self.watch.ends() {
                return;
            }
            self.admit();
            self.dispatch();
        }
    }

    /// When the next request comes.
    #[inline]
    fn coming(&self) -> P::SimInstant {
        let next = self.source.peek();
        if next < self.last { next } else { P::SimInstant::NEVER }
    }

    #[inline]
    fn next_instant(&mut self) -> P::SimInstant {
        let mut next = self.coming().min(self.processor.next());
        if let Some((end, _)) = self.timers.peek() {
            next = next.min(P::SimInstant::from_bits(end));
        }
        if self.impatient
            && let Some((deadline, _)) = self.deadlines.first()
        {
            next = next.min(*deadline);
        }
        next
    }

    /// Whether all who arrived in time have left.
    #[inline]
    fn over(&self) -> bool {
        self.awaited == Some(self.left_early)
    }

    /// Phases end; requests whose last phase ended depart.
    #[inline]
    fn finish(&mut self) {
        while let Some((end, slot)) = self.timers.peek() {
            let end = P::SimInstant::from_bits(end);
            if !end.due(self.now) {
                break;
            }
            self.timers.pop();
            self.ended.push(slot);
        }
        while let Some(slot) = self.processor.take_finished() {
            self.ended.push(slot);
        }
        match self.ended[..] {
            [] => {}
            [slot] => {
                if !self.go_on(slot) {
                    self.depart(slot);
                }
                self.ended.clear();
            }
            _ => self.finish_several(),
        }
    }

    /// Of those that end together, all phases end before anybody departs; they depart in the
    /// order of their workers.
    #[cold]
    fn finish_several(&mut self) {
        let mut ended = std::mem::take(&mut self.ended);
        ended.retain(|slot| !self.go_on(*slot));
        ended.sort_unstable_by_key(|slot| self.slots[*slot as usize].worker);
        ended.drain(..).for_each(|slot| self.depart(slot));
        self.ended = ended;
    }

    /// Starts a slot's next phase that takes time; false if there is none.
    #[inline]
    fn go_on(&mut self, slot: u32) -> bool {
        let state = &mut self.slots[slot as usize];
        let base = slot as usize * self.stride;
        while state.done < state.phases {
            let demand = self.demands[base + state.done as usize];
            state.done += 1;
            if demand.span().is_zero() {
                continue;
            }
            if K::PHASES {
                let activity = match demand.kind() {
                    PhaseKind::Io => Activity::Io,
                    PhaseKind::Cpu => Activity::Cpu,
                };
                let (request, at) = (state.request, self.now.to_time());
                self.sink.note(&EngineEvent::Phase { request, activity, at });
            }
            match demand.kind() {
                PhaseKind::Io => self.timers.push(self.now.after(demand.span()).bits(), slot),
                PhaseKind::Cpu => {
                    self.processor.start(slot, state.worker / self.threads, demand.span());
                }
            }
            return true;
        }
        false
    }

    #[inline]
    fn depart(&mut self, slot: u32) {
        let worker = self.slots[slot as usize].worker;
        self.idle.free(worker, self.instant);
        self.leave(slot, Outcome::Served);
    }

    /// Says a request's record and forgets it.
    #[inline]
    fn leave(&mut self, slot: u32, outcome: Outcome) {
        let state = self.slots[slot as usize];
        let departure = self.now.to_time();
        if !K::WORKERS && !K::ROUTES && outcome == Outcome::Served {
            self.tell(&state, departure);
            return self.forget(slot, &state, outcome);
        }
        let start = if outcome == Outcome::Served { state.start } else { departure };
        self.sink.take(&RequestRecord {
            request: state.request,
            client: state.client,
            worker: state.worker,
            route: state.route,
            arrival: state.arrival,
            start,
            departure,
            cpu: state.cpu,
            outcome,
        });
        self.forget(slot, &state, outcome);
    }

    /// Says a served record as one of a block.
    #[inline]
    fn tell(&mut self, state: &Slot<P::SimInstant>, departure: Time) {
        let [arrival, start, departure] =
            [state.arrival, state.start, departure].map(Time::as_nanos);
        self.told.push(arrival, start, departure, state.cpu.as_nanos());
        if self.told.count == BLOCK {
            self.told.tell(&mut self.sink);
        }
    }

    #[inline]
    fn forget(&mut self, slot: u32, state: &Slot<P::SimInstant>, outcome: Outcome) {
        let early = self.awaited.is_none_or(|awaited| state.request < awaited);
        self.left_early += u64::from(early);
        self.source.answered(state.client, outcome == Outcome::Served, self.now);
        if outcome != Outcome::TimedOut {
            self.free_slots.push(slot);
        }
    }

    /// Free workers take requests from the queue.
    #[inline]
    fn dispatch(&mut self) {
        while self.queue.waiting() > 0 {
            let Some(worker) = self.idle.take() else { return };
            let slot = self.next_waiting();
            self.queue.one_less();
            let state = &mut self.slots[slot as usize];
            state.worker = worker;
            state.start = self.now.to_time();
            if state.deadline != P::SimInstant::NEVER {
                self.deadlines.remove(&(state.deadline, slot));
            }
            if !self.go_on(slot) {
                self.depart(slot);
            }
        }
    }

    /// Takes the next request from the queue, past those who left it.
    ///
    /// # Panics
    /// If no request waits.
    #[inline]
    fn next_waiting(&mut self) -> u32 {
        loop {
            let slot = self.queue.pop().expect("a request waits");
            if !self.slots[slot as usize].gone {
                return slot;
            }
            self.free_slots.push(slot);
        }
    }

    /// Clients whose patience has ended leave the queue.
    fn time_out(&mut self) {
        while let Some((deadline, slot)) = self.deadlines.first().copied() {
            if !deadline.due(self.now) {
                return;
            }
            self.deadlines.pop_first();
            self.slots[slot as usize].gone = true;
            self.queue.one_less();
            self.leave(slot, Outcome::TimedOut);
            let (slots, free) = (&self.slots, &mut self.free_slots);
            self.queue.take_out(|slot| slots[slot as usize].gone, |slot| free.push(slot));
        }
    }

    /// A request comes to the door.
    #[inline]
    fn admit(&mut self) {
        let slot = self.new_slot();
        let base = slot as usize * self.stride;
        let arrived = self.source.peek().max(self.now);
        let arrival = arrived.to_time();
        let demands = &mut self.demands[base..base + self.stride];
        let request = self.source.take(demands);
        let (cpu, phases) = counted(&mut demands[..request.phases], self.merged);
        self.slots[slot as usize] = Slot {
            request: self.arrived,
            arrival,
            start: arrival,
            cpu,
            deadline: arrived.after(request.patience),
            client: request.client,
            worker: 0,
            done: 0,
            phases: phases as u32,
            route: request.route,
            gone: false,
        };
        if self.awaited.is_none() && arrival >= self.until {
            self.awaited = Some(self.arrived);
        }
        self.arrived += 1;
        self.join(slot);
    }

    /// Joins the queue, or is refused: a free worker would take it at once.
    #[inline]
    fn join(&mut self, slot: u32) {
        let Some(worker) = self.idle.take() else {
            if !self.backlog.admits(self.queue.waiting()) {
                return self.leave(slot, Outcome::Refused);
            }
            let deadline = self.slots[slot as usize].deadline;
            if deadline != P::SimInstant::NEVER {
                self.deadlines.insert((deadline, slot));
            }
            let Slot { route, arrival, phases, .. } = self.slots[slot as usize];
            let base = slot as usize * self.stride;
            let demands = &self.demands[base..base + phases as usize];
            return self.queue.push(slot, (route, arrival), || total_of(demands));
        };
        let state = &mut self.slots[slot as usize];
        state.worker = worker;
        if !self.go_on(slot) {
            self.depart(slot);
        }
    }

    #[inline]
    fn new_slot(&mut self) -> u32 {
        if let Some(slot) = self.free_slots.pop() {
            return slot;
        }
        let slot = self.slots.len() as u32;
        self.slots.push(Slot {
            request: 0,
            arrival: Time::ZERO,
            start: Time::ZERO,
            cpu: Span::ZERO,
            deadline: P::SimInstant::NEVER,
            client: 0,
            worker: 0,
            done: 0,
            phases: 0,
            route: 0,
            gone: false,
        });
        let nothing = Demand::new(PhaseKind::Io, Span::ZERO);
        self.demands.resize(self.demands.len() + self.stride, nothing);
        slot
    }
}

/// CPU time of a request, and its number of phases: where it is one span, one.
#[inline]
fn counted(demands: &mut [Demand], merged: bool) -> (Span, usize) {
    if let [one] = demands {
        let cpu = if one.kind() == PhaseKind::Cpu { one.span() } else { Span::ZERO };
        if merged {
            *one = Demand::new(PhaseKind::Io, one.span());
        }
        return (cpu, 1);
    }
    let cpu = cpu_of(demands);
    if merged && !demands.is_empty() {
        demands[0] = Demand::new(PhaseKind::Io, total_of(demands));
        return (cpu, 1);
    }
    (cpu, demands.len())
}

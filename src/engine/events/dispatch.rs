//! From the queue through a worker to the answer.

use super::Engine;
use super::acceptor;
use super::calendar::PhaseEnds;
use super::connections::{ConnectionStage, NONE};
use super::cpu::Cpu;
use super::host::{AcceptMode, Listener, ProcessState};
use super::policies::Policies;
use super::time;
use crate::model::runtime::{Accept, Bias, measured};
use crate::model::{Demand, PhaseKind};
use crate::random::Purpose;
use crate::record::{Activity, EngineEvent, Outcome, Sink};
use crate::source::Source;
use crate::time::Span;

/// Processes whose weights are kept while one of them is drawn.
const MOST_KNOWN: usize = 16;

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// Phases end; requests whose last phase ended depart, in the order of their workers.
    #[inline]
    pub(super) fn finish(&mut self) {
        let mut ended = std::mem::take(&mut self.ended);
        while let Some(handle) = self.calendar.take_phase(self.now) {
            let stale = <P::PhaseEnds>::MAY_BE_STALE && self.connections.conn_of(handle).is_none();
            if !stale {
                let conn = handle.index;
                if !P::UNLIMITED && self.pool.is_some() {
                    self.return_to_pool(conn);
                }
                ended.push(conn);
            }
        }
        while let Some(conn) = self.hosts.take_finished() {
            if self.hosts.taking() == AcceptMode::Acceptor
                && let Some(process) = acceptor::process_of(conn)
            {
                self.acceptor_runs(process);
                continue;
            }
            let long = |demand: Demand| demand.span() >= measured::WARM_AFTER;
            if self.warms && self.connections.phase(conn).is_some_and(long) {
                let process = self.connections.conn(conn).process;
                self.hosts.processes[process as usize].warm = self.instant;
            }
            ended.push(conn);
        }
        match ended[..] {
            [] => {}
            [conn] => {
                if !self.go_on(conn) {
                    self.depart(conn);
                }
            }
            _ => self.finish_several(&mut ended),
        }
        ended.clear();
        self.ended = ended;
    }

    /// Of those that end together, all phases end before anybody departs.
    #[cold]
    fn finish_several(&mut self, ended: &mut Vec<u32>) {
        if self.pool.is_some() {
            // The order in which they ask the pool at one instant.
            ended.sort_by_key(|conn| self.connections.conn(*conn).worker);
        }
        ended.retain(|conn| !self.go_on(*conn));
        ended.sort_unstable_by_key(|conn| self.connections.conn(*conn).worker);
        ended.drain(..).for_each(|conn| self.depart(conn));
    }

    /// Begins a connection's next phase; false if there is none.
    #[inline]
    fn go_on(&mut self, conn: u32) -> bool {
        let Some(demand) = self.connections.next_phase(conn) else { return false };
        match demand.kind() {
            PhaseKind::Io => self.begin_io(conn, demand.span()),
            PhaseKind::Cpu => {
                self.report_phase(conn, Activity::Cpu);
                let (process, worker) = self.place_of(conn);
                let span = match self.runtime.contention {
                    Some(law) if !P::UNLIMITED => {
                        self.connections.stretch(conn, law.factor(self.busy_workers(process)))
                    }
                    _ => demand.span(),
                };
                let (cpu, place) = self.hosts.cpu_mut(process);
                cpu.start(conn, (place, worker), span);
                if self.hosts.taking().is_loop() {
                    self.update_accepting(process);
                }
            }
        }
        true
    }

    /// Workers on the host of a process that hold a request.
    #[cold]
    fn busy_workers(&self, process: u32) -> u32 {
        let (host, _) = self.hosts.place_of(process);
        let processes = self.hosts.processes_of(host).map(|at| &self.hosts.processes[at as usize]);
        if self.hosts.taking().is_loop() {
            return processes.map(|process| u32::from(process.conns > 0)).sum();
        }
        let held = |idle: usize| self.hosts.threads.saturating_sub(idle as u32);
        processes.map(|process| held(process.idle.len()).saturating_sub(process.kept)).sum()
    }

    /// Reports what the request of a connection does from now on.
    #[inline]
    pub(super) fn report_phase(&mut self, conn: u32, activity: Activity) {
        if !K::PHASES {
            return;
        }
        if let Some(request) = self.connections.number_of(conn) {
            self.sink.note(&EngineEvent::Phase { request, activity, at: time(self.now) });
        }
    }

    /// The process of a connection, and its worker (or thread), numbered on its host.
    #[inline]
    fn place_of(&self, conn: u32) -> (u32, u32) {
        let state = self.connections.conn(conn);
        let (host, _) = self.hosts.place_of(state.process);
        (state.process, state.worker - host * self.hosts.workers * self.hosts.threads)
    }

    /// A connection stops computing, or waiting for its turn, before its end. Gives the CPU time
    /// that it has taken.
    pub(super) fn stop(&mut self, conn: u32) -> Span {
        let (process, worker) = self.place_of(conn);
        let (cpu, place) = self.hosts.cpu_mut(process);
        let left = cpu.stop(conn, (place, worker));
        self.connections.cpu_taken(conn, left)
    }

    /// A connection's last phase has ended, and its worker takes the next that waits inside.
    #[inline]
    fn depart(&mut self, conn: u32) {
        let process = self.connections.conn(conn).process;
        if self.closes_later(conn, process) {
            return;
        }
        self.answer_and_free(conn);
        if !P::ONE_QUEUE {
            self.take_waiting(process);
        }
        self.update_accepting(process);
    }

    /// Whether a thread has to wait for the lock of its process before it is free again; its client
    /// has the answer before.
    #[inline]
    fn closes_later(&mut self, conn: u32, process: u32) -> bool {
        let answered = self.connections.conn(conn).stage == ConnectionStage::Closing;
        let needs_lock = self.hosts.taking() == AcceptMode::Acceptor;
        if !needs_lock || answered || !self.hosts.is_computing(process) {
            return false;
        }
        self.answer(conn);
        let state = self.connections.conn_mut(conn);
        (state.request, state.stage) = (NONE, ConnectionStage::Closing);
        let (process, worker) = self.place_of(conn);
        let (cpu, place) = self.hosts.cpu_mut(process);
        cpu.start(conn, (place, worker), Span::ZERO);
        true
    }

    /// A client has its answer, and its worker is free.
    #[inline]
    fn answer_and_free(&mut self, conn: u32) {
        let state = self.connections.conn(conn);
        let (process, worker) = (state.process, state.worker);
        let (request, stage) = (state.request, state.stage);
        let handle = self.connections.conn_handle(conn);
        let keeps = !P::ONE_ATTEMPT && self.kept.keeps() && request != NONE;
        let client = if keeps { Some(self.connections.request(request).client) } else { None };
        if stage != ConnectionStage::Closing {
            self.answer(conn);
        }
        self.free(conn);
        self.connections.remove_connection(conn);
        self.served_one(process);
        if client.is_some_and(|client| self.keep(client, handle, (process, worker))) {
            self.hold_worker(process, worker);
        }
    }

    /// The client of a connection, if it still waits, has its answer.
    #[inline]
    fn answer(&mut self, conn: u32) {
        let state = self.connections.conn(conn);
        let request = state.request;
        if request == NONE {
            return self.wasted_work(conn, state.cpu);
        }
        self.release(conn);
        self.leave(request, Outcome::Served);
    }

    /// A worker was busy with a connection whose client gets no answer, and computed for `cpu`.
    pub(super) fn wasted_work(&mut self, conn: u32, cpu: Span) {
        let state = self.connections.conn(conn);
        self.sink.note(&EngineEvent::Wasted {
            route: state.route,
            worker: state.worker,
            from: state.start,
            to: time(self.now),
            cpu,
        });
    }

    /// The run ends: what workers have done until now for clients that have left.
    pub(super) fn report_unfinished(&mut self) {
        for conn in self.connections.abandoned() {
            let taken = self.stop(conn);
            self.wasted_work(conn, taken);
        }
    }

    /// A connection frees its process and thread.
    #[inline]
    pub(super) fn free(&mut self, conn: u32) {
        let state = self.connections.conn(conn);
        let (threads, is_loop) = (self.hosts.threads, self.hosts.taking().is_loop());
        let process = &mut self.hosts.processes[state.process as usize];
        process.conns -= 1;
        process.idle_since = self.instant;
        process.idle_from = self.now;
        let began = matches!(state.stage, ConnectionStage::Running | ConnectionStage::Closing);
        if began && !is_loop {
            let thread = state.worker % threads;
            let at = process.idle.partition_point(|other| *other > thread);
            process.idle.insert(at, thread);
        }
    }

    /// A kept connection holds a worker.
    fn hold_worker(&mut self, process: u32, worker: u32) {
        let thread = worker % self.hosts.threads;
        let process = &mut self.hosts.processes[process as usize];
        process.conns += 1;
        process.kept += 1;
        process.idle.retain(|other| *other != thread);
    }

    /// A kept connection no longer holds its worker.
    pub(super) fn release_worker(&mut self, process: u32, worker: u32) {
        let thread = worker % self.hosts.threads;
        let process = &mut self.hosts.processes[process as usize];
        process.conns -= 1;
        process.kept -= 1;
        process.idle_since = self.instant;
        process.idle_from = self.now;
        let at = process.idle.partition_point(|other| *other > thread);
        process.idle.insert(at, thread);
    }

    /// Idle threads take the connections that wait inside their process.
    #[inline]
    pub(super) fn take_waiting(&mut self, process: u32) {
        while !self.hosts.taking().is_loop() {
            let state = &mut self.hosts.processes[process as usize];
            if state.idle.is_empty() {
                return;
            }
            let Some(conn) = state.waiting.pop_front() else { return };
            self.begin(conn);
        }
    }

    /// Processes that can accept, accept the connections that have waited longest.
    #[inline]
    pub(super) fn dispatch(&mut self) {
        if self.hosts.taking().is_loop() {
            while let Some(process) = self.hosts.take_idle_loop() {
                self.between_bursts(process);
            }
        }
        while let Some(listener) = self.hosts.pop_ready() {
            while self.hosts.listeners[listener as usize].waiting > 0 {
                let queue = &self.hosts.listeners[listener as usize].queue;
                let lane = || self.next_number(queue.in_order());
                let Some(process) = self.choose(listener, lane) else {
                    self.start_on_demand();
                    break;
                };
                match self.hosts.taking() {
                    AcceptMode::Acceptor => {
                        self.wake_acceptors(listener);
                        break;
                    }
                    AcceptMode::Turns => self.turn(process),
                    _ => self.take(listener, process),
                }
            }
        }
    }

    /// The process that takes the next connection at a listener, of those that can; `lane` gives the
    /// random lane of that connection.
    #[inline]
    pub(super) fn choose(&self, listener: u32, lane: impl Fn() -> u64) -> Option<u32> {
        let listener = &self.hosts.listeners[listener as usize];
        let first = listener.acceptors.first()?;
        if listener.acceptors.len() == 1 {
            return Some(first);
        }
        if self.hosts.taking() == AcceptMode::OnIdle {
            return self.any_idle(listener, lane).or(Some(first));
        }
        let lane = lane();
        match &self.runtime.accept {
            Accept::Shared => return Some(first),
            Accept::LeastLoaded => return self.least_loaded(listener, lane),
            Accept::Recorded(processes) => {
                let wanted = processes.get((lane >> 8) as usize).copied();
                let takes =
                    |process: &u32| listener.acceptors.iter().any(|taker| taker == *process);
                return Some(wanted.filter(takes).unwrap_or(first));
            }
            _ => {}
        }
        Some(self.drawn(listener, lane))
    }

    /// One of the processes that can accept, drawn by their weights.
    fn drawn(&self, listener: &Listener, lane: u64) -> u32 {
        // Weights are powers: those of the first few processes are worked out once.
        let mut known = [0.0; MOST_KNOWN];
        let weights = listener.acceptors.iter().map(|process| self.weight(listener, process));
        let mut all = 0.0;
        for (at, weight) in weights.enumerate() {
            all += weight;
            if at < MOST_KNOWN {
                known[at] = weight;
            }
        }
        let mut left = self.random.share(Purpose::Accept, lane) * all;
        let mut last = 0;
        for (at, process) in listener.acceptors.iter().enumerate() {
            left -= match known.get(at) {
                Some(weight) => *weight,
                None => self.weight(listener, process),
            };
            last = process;
            if left < 0.0 {
                break;
            }
        }
        last
    }

    /// How often a process wins the race for a connection, in terms of others.
    fn weight(&self, listener: &Listener, process: u32) -> f64 {
        let Accept::Greedy(bias) = &self.runtime.accept else { return 1.0 };
        let workers = self.hosts.workers;
        let rank = bias.weight(self.hosts.place_of(process).1, workers);
        if *bias != Bias::Measured {
            return rank;
        }
        let held = self.hosts.processes[process as usize].conns;
        if held > measured::BIAS_HELD.saturating_mul(self.hosts.threads) {
            return 1.0;
        }
        rank.powf(measured::bias_at(1.0 / (listener.gap * f64::from(workers))))
    }

    /// A random one of the idle workers, where it matters which: for records, or because workers end
    /// after some requests or grow with them.
    #[inline]
    fn any_idle(&self, listener: &Listener, lane: impl Fn() -> u64) -> Option<u32> {
        let asked = K::WORKERS || self.runtime.lifecycle.max_requests > 0 || self.grows;
        if !self.runtime.herd || self.hosts.threads > 1 || !asked {
            return None;
        }
        let most = listener.acceptors.len() as u64 - 1;
        let at = self.random.whole(Purpose::Accept, lane(), most);
        listener.acceptors.get(at as usize)
    }

    /// A random one of the processes that hold the fewest connections.
    fn least_loaded(&self, listener: &Listener, lane: u64) -> Option<u32> {
        let most = listener.acceptors.equal_to_first() as u64 - 1;
        let at = self.random.whole(Purpose::Accept, lane, most);
        listener.acceptors.get(at as usize)
    }

    /// The random lane of the next connection of a queue.
    pub(super) fn next_number(&self, mut queue: impl Iterator<Item = u32>) -> u64 {
        let waits = |conn: &u32| self.connections.conn(*conn).stage == ConnectionStage::Queued;
        queue.find(waits).map_or(0, |conn| self.connections.conn(conn).lane)
    }

    /// A process takes the head of a queue.
    #[inline]
    pub(super) fn take(&mut self, listener: u32, process: u32) {
        let queue = &mut self.hosts.listeners[listener as usize];
        queue.waiting -= 1;
        let conn = loop {
            let Some(conn) = queue.queue.pop() else { return };
            if self.connections.conn(conn).stage == ConnectionStage::Queued {
                break conn;
            }
            self.connections.remove_connection(conn);
        };
        self.accept(conn, process);
    }

    /// A process accepts a connection.
    #[inline]
    pub(super) fn accept(&mut self, conn: u32, process: u32) {
        self.on_accepted(process);
        if !self.within_limit(self.hosts.processes[process as usize].conns) {
            self.turn_away(conn);
            return self.update_accepting(process);
        }
        self.hosts.processes[process as usize].conns += 1;
        let state = self.connections.conn_mut(conn);
        state.process = process;
        state.stage = ConnectionStage::Accepted;
        if self.hosts.taking() == AcceptMode::Turns {
            self.enter_loop(conn, process, self.runtime.event_loop.turns());
        } else if self.hosts.taking() == AcceptMode::Loop {
            self.begin(conn);
        } else if self.hosts.processes[process as usize].idle.is_empty() {
            self.hosts.processes[process as usize].waiting.push_back(conn);
        } else {
            self.begin(conn);
        }
        self.update_accepting(process);
    }

    /// A worker begins to serve a connection.
    #[inline]
    pub(super) fn begin(&mut self, conn: u32) {
        let now = self.now;
        let process = self.connections.conn(conn).process;
        let taking = self.hosts.taking();
        let place = &mut self.hosts.processes[process as usize];
        let thread = if taking.is_loop() { None } else { place.idle.pop() };
        if !P::FOREVER && taking == AcceptMode::OnIdle {
            place.last_heartbeat = now;
        }
        let warm = place.warm == self.instant;
        if !P::FOREVER && self.grows {
            self.ask_for_memory(process);
        }
        let state = self.connections.conn_mut(conn);
        state.worker = process * self.hosts.threads + thread.unwrap_or(0);
        state.stage = ConnectionStage::Running;
        state.start = time(now);
        if warm {
            self.connections.spare(conn, self.runtime.overhead.warm);
        }
        if !self.go_on(conn) {
            self.answer_and_free(conn);
        }
    }

    /// Whether a process with `conns` connections accepts another.
    #[inline]
    pub(super) fn has_room(&self, conns: u32) -> bool {
        self.runtime.turns_away || self.within_limit(conns)
    }

    /// Whether a process with `conns` connections is below its limit.
    #[inline]
    fn within_limit(&self, conns: u32) -> bool {
        P::ONE_QUEUE || self.runtime.worker_connections.is_none_or(|limit| conns < limit)
    }

    /// A process answers a connection that it has just accepted with a refusal.
    fn turn_away(&mut self, conn: u32) {
        self.connections.conn_mut(conn).stage = ConnectionStage::Outside;
        self.fail(conn, Outcome::Refused);
    }

    /// Updates the list of processes that can accept a connection.
    #[inline]
    pub(super) fn update_accepting(&mut self, process: u32) {
        let state = &self.hosts.processes[process as usize];
        let idle = match self.hosts.taking() {
            AcceptMode::OnIdle => !state.idle.is_empty() && self.has_room(state.conns),
            AcceptMode::Prefetch | AcceptMode::Acceptor => self.has_room(state.conns),
            AcceptMode::Loop | AcceptMode::Turns => {
                let free = !self.hosts.is_computing(process) && self.ready_since(process).is_none();
                free && self.has_room(state.conns)
            }
        };
        let rank = match self.hosts.taking() {
            AcceptMode::OnIdle if self.hosts.threads == 1 => state.idle_since,
            _ => u64::from(state.conns),
        };
        let wanted = (idle && state.state == ProcessState::Up).then_some(rank);
        let listener = self.hosts.listener_of(process);
        let state = &mut self.hosts.processes[process as usize];
        if state.accept_rank == wanted {
            return;
        }
        let acceptors = &mut self.hosts.listeners[listener as usize].acceptors;
        if let Some(old) = state.accept_rank {
            acceptors.remove(old, process);
        }
        if let Some(new) = wanted {
            acceptors.insert(new, process);
        }
        state.accept_rank = wanted;
        if wanted.is_some() {
            self.hosts.mark_ready(listener);
        }
    }
}

//! A thread that accepts, and needs the lock of its process for it, as Puma has it
//! ([`Lock::Ruby`](crate::model::runtime::Lock::Ruby)).
//!
//! A connection wakes the accepting thread of every process. Each waits for the lock of its process,
//! sleeps for longer the more its process holds, waits for the lock again, and accepts one connection
//! if there still is one. So the process that holds the fewest is the first, if its lock is free.

use super::Engine;
use super::calendar::Event;
use super::cpu::Cpu;
use super::host::{Acceptor, ProcessState};
use super::policies::Policies;
use crate::model::runtime::{Accept, measured};
use crate::random::Purpose;
use crate::record::Sink;
use crate::source::Source;
use crate::time::Span;

/// What stands for the accepting thread of a process in the queue for the lock.
const THREAD: u32 = 1 << 31;

/// The process whose accepting thread this is; `None` if it is a connection.
pub(super) fn process_of(conn: u32) -> Option<u32> {
    (conn & THREAD != 0).then_some(conn & !THREAD)
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// Wakes the accepting threads that wait at a listener: of those that find the lock free in the
    /// same instant, a random one is first.
    pub(super) fn wake_acceptors(&mut self, listener: u32) {
        let lane = self.next_number(self.hosts.listeners[listener as usize].queue.in_order());
        let processes = match self.hosts.owner_of(listener) {
            Some(owner) => owner..owner + 1,
            None => self.hosts.processes_of(listener),
        };
        let count = processes.len() as u32;
        let first = match count {
            1 => 0,
            _ => self.random.whole(Purpose::Accept, lane, u64::from(count) - 1) as u32,
        };
        for at in 0..count {
            let process = processes.start + (first + at) % count;
            let place = &mut self.hosts.processes[process as usize];
            if place.state == ProcessState::Up && place.acceptor == Acceptor::Selecting {
                place.acceptor = Acceptor::Woken;
                self.ask_for_lock(process);
            }
        }
    }

    /// An accepting thread goes on as soon as it has the lock.
    fn ask_for_lock(&mut self, process: u32) {
        if self.hosts.is_computing(process) {
            let (cpu, place) = self.hosts.cpu_mut(process);
            cpu.start(THREAD | process, (place, 0), Span::ZERO);
        } else {
            self.acceptor_runs(process);
        }
    }

    /// An accepting thread has the lock.
    pub(super) fn acceptor_runs(&mut self, process: u32) {
        let place = &self.hosts.processes[process as usize];
        let sleeps = matches!(self.runtime.accept, Accept::LeastLoaded | Accept::Recorded(_))
            && self.hosts.workers > 1
            && place.conns > 0;
        if sleeps && place.acceptor == Acceptor::Woken {
            let pause = self.accept_pause(place.conns);
            let handle = self.process_handle(process);
            self.hosts.processes[process as usize].acceptor = Acceptor::Sleeping;
            return self.calendar.push(self.now.after(pause), Event::Accept(handle));
        }
        self.hosts.processes[process as usize].acceptor = Acceptor::Selecting;
        let listener = self.hosts.listener_of(process);
        let open = self.has_room(self.hosts.processes[process as usize].conns);
        if !open || self.hosts.listeners[listener as usize].waiting == 0 {
            return;
        }
        self.take(listener, process);
        if self.hosts.listeners[listener as usize].waiting > 0 {
            self.hosts.mark_ready(listener);
        }
    }

    /// How long a process that holds so many connections sleeps before it accepts
    /// (`lib/puma/cluster_accept_loop_delay.rb`, `calculate`).
    fn accept_pause(&self, held: u32) -> Span {
        let most = measured::PUMA_OVERLOAD * f64::from(self.hosts.threads);
        let part = (f64::from(held) / most).min(1.0);
        Span::from_nanos_f64(measured::PUMA_MOST_PAUSE.as_nanos() as f64 * part)
    }

    /// An accepting thread has slept.
    pub(super) fn acceptor_wakes(&mut self, process: u32) {
        let place = &mut self.hosts.processes[process as usize];
        if place.acceptor == Acceptor::Sleeping {
            place.acceptor = Acceptor::Rested;
            self.ask_for_lock(process);
        }
    }

    /// The accepting thread ends with its process.
    pub(super) fn stop_acceptor(&mut self, process: u32) {
        let (cpu, place) = self.hosts.cpu_mut(process);
        cpu.stop(THREAD | process, (place, 0));
        self.hosts.processes[process as usize].acceptor = Acceptor::Selecting;
    }
}

//! A master that starts worker processes when they are needed, and ends them when they are not
//! ([`Spawning`]).

use super::Engine;
use super::calendar::{Event, Handle};
use super::draws::arbiter_lane;
use super::host::ProcessState;
use super::policies::Policies;
use crate::model::runtime::{LOOKS, MOST_AT_ONCE, Spare, Spawning};
use crate::random::Purpose;
use crate::record::Sink;
use crate::source::Source;

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// The first processes of each host, and the first look of its master.
    pub(super) fn first_processes(&mut self) {
        let start = self.runtime.spawning.start(self.hosts.workers);
        for host in 0..self.hosts.count() {
            let processes = self.hosts.processes_of(host);
            for process in processes.clone() {
                if process - processes.start < start {
                    self.spawn(process);
                    self.take_memory(process);
                } else {
                    self.hosts.processes[process as usize].state = ProcessState::Absent;
                }
            }
            if self.runtime.spawning.grows() {
                let drawn = || self.random.part(Purpose::Arbiter, arbiter_lane(host, 0), LOOKS);
                let first = self.runtime.look_phase.unwrap_or_else(drawn);
                self.calendar.push(self.now.after(first), Event::Look(master(host)));
            }
        }
    }

    /// A master looks at its processes.
    pub(super) fn look(&mut self, host: u32) {
        self.calendar.push(self.now.after(LOOKS), Event::Look(master(host)));
        match self.runtime.spawning {
            Spawning::All => {}
            Spawning::Dynamic(spare) => self.keep_spare(host, spare, true),
            Spawning::Prefork(spare) => self.keep_spare(host, spare, false),
            Spawning::OnDemand { idle } => {
                let long = |engine: &Self, process: u32| {
                    engine.hosts.processes[process as usize].idle_from.after(idle) < engine.now
                };
                if let Some(oldest) = self.oldest_idle(host).filter(|p| long(self, *p)) {
                    self.retire(oldest);
                }
            }
        }
    }

    /// Starts or ends processes so that neither too few nor too many are idle; with `lacking` not more
    /// than are lacking.
    fn keep_spare(&mut self, host: u32, spare: Spare, lacking: bool) {
        let idle = self.idle_processes(host).count() as u32;
        let absent = self.absent(host).count() as u32;
        let rate = self.hosts.arbiter(host).rate;
        if idle > spare.most {
            if let Some(oldest) = self.oldest_idle(host) {
                self.retire(oldest);
            }
        } else if idle < spare.least && absent > 0 {
            let wanted = if lacking { spare.least - idle } else { absent };
            for process in self.absent(host).take(rate.min(wanted) as usize).collect::<Vec<_>>() {
                self.start_process(process);
            }
            self.hosts.arbiter(host).rate = (2 * rate).min(MOST_AT_ONCE);
            return;
        }
        self.hosts.arbiter(host).rate = 1;
    }

    /// A process for each waiting connection that finds none idle or just started.
    pub(super) fn start_on_demand(&mut self) {
        if !matches!(self.runtime.spawning, Spawning::OnDemand { .. }) {
            return;
        }
        for host in 0..self.hosts.count() {
            let listeners = self.hosts.listeners_of(host);
            let waiting: u64 = listeners.map(|l| self.hosts.listeners[l as usize].waiting).sum();
            let booting =
                self.hosts.processes_of(host).filter(|p| self.is(*p, ProcessState::Booting));
            let needed = waiting.saturating_sub(booting.count() as u64) as usize;
            for process in self.absent(host).take(needed).collect::<Vec<_>>() {
                self.start_process(process);
            }
        }
    }

    fn is(&self, process: u32, state: ProcessState) -> bool {
        self.hosts.processes[process as usize].state == state
    }

    fn absent(&self, host: u32) -> impl Iterator<Item = u32> {
        self.hosts.processes_of(host).filter(|process| self.is(*process, ProcessState::Absent))
    }

    fn idle_processes(&self, host: u32) -> impl Iterator<Item = u32> {
        let idle =
            |p: &u32| self.is(*p, ProcessState::Up) && self.hosts.processes[*p as usize].conns == 0;
        self.hosts.processes_of(host).filter(idle)
    }

    /// The idle process that was started first.
    fn oldest_idle(&self, host: u32) -> Option<u32> {
        self.idle_processes(host).min_by_key(|process| self.hosts.processes[*process as usize].up)
    }

    /// A process begins to boot.
    fn start_process(&mut self, process: u32) {
        self.hosts.processes[process as usize].state = ProcessState::Booting;
        let ready = self.now.after(self.runtime.lifecycle.boot);
        let handle = self.process_handle(process);
        self.calendar.push(ready, Event::Ready(handle));
    }

    /// A process that nobody needs ends.
    fn retire(&mut self, process: u32) {
        let (host, number) = self.hosts.place_of(process);
        if let Some(held) = self.hosts.memory(host) {
            held.gone(number);
        }
        let place = &mut self.hosts.processes[process as usize];
        place.state = ProcessState::Absent;
        place.end_life();
        self.update_accepting(process);
    }
}

/// The master of a host, in events.
fn master(host: u32) -> Handle {
    Handle { index: host, generation: 0 }
}

//! Processes that grow with each request, and the out-of-memory killer.
//!
//! As Linux does it in a container whose `memory.oom.group` is 0, or on a machine that has no
//! container: of all processes the one with the largest resident set dies (`mm/oom_kill.c`,
//! `oom_badness`), of equal ones the youngest (`oom_evaluate_task` takes a later one of equal
//! points, and tasks are listed in the order of their forks). Shared pages are resident in
//! every process, so they make no difference; the arbiter, which does not grow, is never the
//! largest. Memory is asked for page by page: at the moment of the kill the process that asks has
//! grown by just as much as there was room.
//!
//! A request's memory is asked for at its start, and granted when all else of that instant is done. A process that died gives its memory back at once; its
//! successor takes its own when it has loaded the application.

use super::Engine;
use super::calendar::Handle;
use super::policies::Policies;
use super::time;
use crate::model::Server;
use crate::record::{Cause, EngineEvent, Outcome, Sink};
use crate::size::Size;
use crate::source::Source;

/// The memory of the processes of a host.
#[derive(Debug)]
pub(super) struct MemoryLedger {
    limit: Option<u64>,
    /// What a process begins with, and by how much it grows.
    first: u64,
    leak: u64,
    places: Vec<ProcessMemory>,
    /// All together, with what is there once.
    sum: u64,
    /// The most that they ever took.
    peak: u64,
    forks: u64,
    /// The processes that ask for more, and how much.
    asked: Vec<(Handle, u64)>,
}

/// What a process takes.
#[derive(Clone, Copy, Debug, Default)]
struct ProcessMemory {
    size: u64,
    /// Its number among all that were ever forked, from 1; 0 while it is away.
    fork: u64,
}

impl MemoryLedger {
    /// No process has been loaded yet; `None` where processes do not grow.
    pub(crate) fn new(server: &Server) -> Option<MemoryLedger> {
        let memory = server.memory.filter(|_| server.grows())?;
        let enforced = memory.kills(server.workers, server.threads);
        Some(MemoryLedger {
            limit: memory.limit.filter(|_| enforced).map(Size::bytes),
            first: memory.process(server.threads),
            leak: memory.leak.bytes(),
            places: vec![ProcessMemory::default(); server.workers as usize],
            sum: memory.shared.bytes(),
            peak: 0,
            forks: 0,
            asked: Vec::new(),
        })
    }

    /// A process has loaded the application.
    pub(crate) fn loaded(&mut self, number: u32, process: Handle) {
        self.forks += 1;
        self.places[number as usize] = ProcessMemory { size: 0, fork: self.forks };
        self.asked.push((process, self.first));
    }

    /// A process begins with a request.
    pub(crate) fn begun(&mut self, process: Handle) {
        self.asked.push((process, self.leak));
    }

    /// A process is gone.
    pub(crate) fn gone(&mut self, process: u32) {
        let place = std::mem::take(&mut self.places[process as usize]);
        self.sum = self.sum.saturating_sub(place.size);
    }

    /// A process grows as far as there is room; gives what it still lacks.
    fn grow(&mut self, process: u32, by: u64) -> u64 {
        let room = self.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.sum));
        let granted = by.min(room);
        let place = &mut self.places[process as usize];
        // Without a limit counting ends at 2^64.
        place.size = place.size.saturating_add(granted);
        self.sum = self.sum.saturating_add(granted);
        by - granted
    }

    /// What they take, if they never took so much.
    fn peaked(&mut self) -> Option<u64> {
        let new = self.sum > self.peak;
        self.peak = self.peak.max(self.sum);
        new.then_some(self.sum)
    }

    /// The largest, of equal ones the youngest.
    fn largest(&self) -> u32 {
        let rank =
            |at: &usize| (self.places[*at].fork > 0, self.places[*at].size, self.places[*at].fork);
        (0..self.places.len()).max_by_key(rank).unwrap_or(0) as u32
    }
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// A process has loaded the application, and asks for the memory of it.
    pub(super) fn take_memory(&mut self, process: u32) {
        let handle = self.process_handle(process);
        let (host, number) = self.hosts.place_of(process);
        if let Some(held) = self.hosts.memory(host) {
            held.loaded(number, handle);
        }
    }

    /// A process begins with a request, and asks for the memory of that.
    pub(super) fn ask_for_memory(&mut self, process: u32) {
        let handle = self.process_handle(process);
        let (host, _) = self.hosts.place_of(process);
        if let Some(held) = self.hosts.memory(host) {
            held.begun(handle);
        }
    }

    /// Who has asked for memory gets it; while there is none left on its host, the kernel kills.
    #[inline]
    pub(super) fn grant_memory(&mut self) {
        if P::FOREVER || !self.grows {
            return;
        }
        for host in 0..self.hosts.count() {
            let Some(held) = self.hosts.memory(host) else { continue };
            let mut asked = std::mem::take(&mut held.asked);
            for (handle, by) in asked.drain(..) {
                self.allot(host, handle, by);
            }
            if let Some(held) = self.hosts.memory(host) {
                held.asked = asked;
            }
            self.tell_peak(host);
        }
    }

    fn tell_peak(&mut self, host: u32) {
        if let Some(bytes) = self.hosts.memory(host).and_then(MemoryLedger::peaked) {
            self.sink.note(&EngineEvent::Memory { at: time(self.now), bytes });
        }
    }

    fn allot(&mut self, host: u32, handle: Handle, mut by: u64) {
        while let Some(process) = self.process_of(handle) {
            let (_, number) = self.hosts.place_of(process);
            let Some(held) = self.hosts.memory(host) else { return };
            by = held.grow(number, by);
            if by == 0 {
                return;
            }
            let largest = held.largest();
            let victim = self.hosts.processes_of(host).start + largest;
            self.tell_peak(host);
            self.sink.note(&EngineEvent::Killed { at: time(self.now) });
            self.end(victim, Cause::Memory, Outcome::OutOfMemory);
        }
    }
}

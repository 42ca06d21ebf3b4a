//! CPU scheduling inside a process whose requests compute one at a time.
//!
//! - Under CPython's global interpreter lock a thread that wants to run waits for the switch
//!   interval on a condition variable; if no other thread has switched by then, it asks the holder to
//!   release the lock, which the holder does at once and then waits like the others (CPython 3.11,
//!   `Python/ceval_gil.h`, `take_gil` and `drop_gil` with `FORCE_SWITCHING`). The
//!   thread that has waited longest on the variable is woken; one that has just asked waits anew, at
//!   the end.
//! - In an event loop a burst runs to its end; the others wait in the order in which they became
//!   ready.
//! - As a fluid, all threads gain equally (the ideal lock).

use std::collections::VecDeque;

use super::cpu_scheduler::Cores;
use crate::heap::{Agenda, Tournament};
use crate::instant::{Fine, SimInstant};
use crate::model::Server;
use crate::model::runtime::{EventLoop, Runtime};
use crate::time::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// No lock: each burst is the kernel's business.
    Each,
    Fluid,
    /// Threads, with the switch interval.
    Interval(u128),
    Loop,
    /// An event loop that runs the bursts of a turn before it looks for others.
    Turns,
}

/// A burst that waits for the lock or the loop.
#[derive(Clone, Copy, Debug)]
struct Waiting {
    conn: u32,
    steps: u128,
    /// When it began to wait, or to wait anew.
    since: Fine,
    /// Switches until then.
    seen: u64,
}

#[derive(Debug, Default)]
struct Process {
    /// The connection that computes.
    holder: Option<u32>,
    waiting: VecDeque<Waiting>,
    /// Of an event loop: bursts of this turn that have not run yet.
    turn: usize,
    /// Switches so far.
    switches: u64,
    /// When the switch interval of the next waiting thread ends, as in `switch_timers`.
    switch_timer: Option<Fine>,
    /// Fluid: attained service, the threads by their ends, and the demand given to the cores.
    attained: u128,
    threads: Agenda,
    asked: u128,
}

/// The CPU of a host: the cores, and the scheduler inside each process.
#[derive(Debug)]
pub(super) struct Cpu {
    rule: Rule,
    cores: Cores,
    now: Fine,
    processes: Vec<Process>,
    /// When the switch interval of each process's next waiting thread ends, with its number.
    switch_timers: Tournament<u128>,
    /// Event loops between two bursts.
    idle_loops: Vec<u32>,
    /// Without a lock: the connection whose burst each worker (or thread) runs.
    running: Vec<u32>,
    /// An event loop whose next burst bypasses its queue.
    past: Option<u32>,
}

impl Cpu {
    pub fn new(server: &Server, runtime: &Runtime, begin: Span) -> Self {
        let rule = match runtime.switch_interval {
            _ if runtime.class.is_loop() && runtime.event_loop == EventLoop::Single => Rule::Loop,
            _ if runtime.class.is_loop() => Rule::Turns,
            _ if !server.lock_matters() && !runtime.accepts_locked(server) => Rule::Each,
            None => Rule::Fluid,
            Some(interval) => Rule::Interval(Fine::steps(interval)),
        };
        let timers = match rule {
            Rule::Interval(_) => server.workers as usize,
            _ => 1,
        };
        let timers = (0..timers).map(|_| u128::MAX);
        Cpu {
            rule,
            cores: Cores::new(server, runtime, begin),
            now: Fine(0),
            processes: (0..server.workers).map(|_| Process::default()).collect(),
            switch_timers: Tournament::new(timers, u128::MAX),
            idle_loops: Vec::new(),
            running: vec![0; server.slots() as usize],
            past: None,
        }
    }

    pub fn next(&mut self) -> Fine {
        match self.rule {
            Rule::Interval(_) => self.cores.next().min(timer_of(self.switch_timers.least()).0),
            _ => self.cores.next(),
        }
    }

    pub fn advance(&mut self, now: Fine) {
        self.cores.advance(now);
        self.now = now.max(self.now);
    }

    /// A connection begins to compute, in a process and on a worker (or thread) of this host.
    pub fn start(&mut self, conn: u32, (process, worker): (u32, u32), demand: Span) {
        let steps = Fine::steps(demand);
        let now = self.now;
        match self.rule {
            Rule::Each => {
                self.running[worker as usize] = conn;
                self.cores.set(worker, steps);
            }
            Rule::Fluid => self.change_fluid(process, |state| {
                state.threads.push(state.attained + steps, conn);
            }),
            Rule::Turns => {
                let state = &mut self.processes[process as usize];
                state.waiting.push_back(Waiting { conn, steps, since: now, seen: state.switches });
                self.wake_loop(process);
            }
            Rule::Interval(_) | Rule::Loop => {
                let state = &mut self.processes[process as usize];
                // An event loop between two bursts resumes the one that has waited longest first.
                let between = self.idle_loops.contains(&process);
                let first = state.waiting.is_empty() && !between || self.past == Some(process);
                if state.holder.is_none() && first {
                    return self.run(process, conn, steps);
                }
                let seen = state.switches;
                state.waiting.push_back(Waiting { conn, steps, since: now, seen });
                self.set_switch_timer(process);
            }
        }
    }

    /// Whether the next burst of an event loop bypasses its queue.
    pub fn bypass_queue(&mut self, process: u32, past: bool) {
        self.past = past.then_some(process);
    }

    fn run(&mut self, process: u32, conn: u32, steps: u128) {
        let state = &mut self.processes[process as usize];
        debug_assert!(state.holder.is_none(), "the lock is free");
        state.holder = Some(conn);
        state.switches += 1;
        self.cores.set(process, steps);
    }

    /// Whether a request of a process that computes one at a time is computing.
    pub fn busy(&self, process: u32) -> bool {
        self.processes[process as usize].holder.is_some()
    }

    /// The time since which the next burst of an event loop has been ready.
    pub fn ready_since(&self, process: u32) -> Option<Fine> {
        self.processes[process as usize].waiting.front().map(|waiting| waiting.since)
    }

    /// An event loop looks what is ready, unless it computes.
    pub fn wake_loop(&mut self, process: u32) {
        let idle = self.processes[process as usize].holder.is_none();
        if idle && !self.idle_loops.contains(&process) {
            self.idle_loops.push(process);
        }
    }

    /// Takes an event loop whose burst has ended.
    pub fn take_idle_loop(&mut self) -> Option<u32> {
        self.idle_loops.pop()
    }

    /// Whether bursts of an event loop's turn have not run yet.
    pub fn in_turn(&self, process: u32) -> bool {
        self.processes[process as usize].turn > 0
    }

    /// A turn of an event loop begins with the bursts that are ready; false if there are none.
    pub fn begin_turn(&mut self, process: u32) -> bool {
        let state = &mut self.processes[process as usize];
        state.turn = state.waiting.len();
        state.turn > 0
    }

    /// The burst that has waited longest runs.
    pub fn go_on(&mut self, process: u32) {
        let state = &mut self.processes[process as usize];
        state.turn = state.turn.saturating_sub(1);
        if state.holder.is_none()
            && let Some(next) = state.waiting.pop_front()
        {
            self.run(process, next.conn, next.steps);
        }
    }

    /// Takes out a connection whose burst ends now.
    pub fn take_finished(&mut self) -> Option<u32> {
        loop {
            let unit = self.cores.take_finished()?;
            match self.rule {
                Rule::Each => return self.running.get(unit as usize).copied(),
                Rule::Fluid => return self.finished_fluid(unit),
                Rule::Loop | Rule::Turns => {
                    self.idle_loops.push(unit);
                    return self.processes[unit as usize].holder.take();
                }
                Rule::Interval(_) => {
                    let done = self.processes[unit as usize].holder.take();
                    self.go_on(unit);
                    self.set_switch_timer(unit);
                    if done.is_some() {
                        return done;
                    }
                }
            }
        }
    }

    /// Threads that have waited for the whole interval take the lock.
    pub fn switch(&mut self) {
        if !matches!(self.rule, Rule::Interval(_)) {
            return;
        }
        loop {
            let (at, process) = timer_of(self.switch_timers.least());
            if at == Fine::NEVER || !at.due(self.now) {
                return;
            }
            self.interval_ends(process);
            self.set_switch_timer(process);
        }
    }

    fn interval_ends(&mut self, process: u32) {
        let Rule::Interval(interval) = self.rule else { return };
        let now = self.now;
        let state = &mut self.processes[process as usize];
        // A thread joins the waiting ones at the end, so the first has waited longest.
        let due = |waiting: &Waiting| Fine(waiting.since.0 + interval).due(now);
        if !state.waiting.front().is_some_and(due) {
            return;
        }
        let Some(asking) = state.waiting.pop_front() else { return };
        // It waits anew, whether it asks or not; it asks if no thread has switched meanwhile.
        let seen = state.switches;
        state.waiting.push_back(Waiting { since: now, seen, ..asking });
        if seen != asking.seen {
            return;
        }
        let steps = self.cores.clear(process);
        let state = &mut self.processes[process as usize];
        let holder = state.holder.take();
        self.go_on(process);
        if let Some(conn) = holder {
            let state = &mut self.processes[process as usize];
            let seen = state.switches;
            state.waiting.push_back(Waiting { conn, steps, since: now, seen });
        }
    }

    fn set_switch_timer(&mut self, process: u32) {
        let Rule::Interval(interval) = self.rule else { return };
        let state = &mut self.processes[process as usize];
        let wanted = state.waiting.front().map(|waiting| Fine(waiting.since.0 + interval));
        if wanted != state.switch_timer {
            state.switch_timer = wanted;
            let timer = wanted
                .map_or(u128::MAX, |at| at.min(Fine::NEVER).bits() << 32 | u128::from(process));
            self.switch_timers.replace(process as usize, timer);
        }
    }

    /// A connection stops computing, or waiting for its turn, before its end. Gives what its burst
    /// lacks; nothing if it has none.
    pub fn stop(&mut self, conn: u32, (process, worker): (u32, u32)) -> u128 {
        let mut left = 0;
        match self.rule {
            Rule::Each => left = self.cores.clear(worker),
            Rule::Fluid => self.change_fluid(process, |state| {
                let attained = state.attained;
                let lacks = |target: u128| target.saturating_sub(attained);
                left = state.threads.remove(conn).map_or(0, lacks);
            }),
            Rule::Interval(_) | Rule::Loop | Rule::Turns => {
                let state = &mut self.processes[process as usize];
                let waits = state.waiting.iter().position(|waiting| waiting.conn == conn);
                if let Some(waiting) = waits.and_then(|at| state.waiting.remove(at)) {
                    left = waiting.steps;
                }
                if state.holder == Some(conn) {
                    state.holder = None;
                    left = self.cores.clear(process);
                    self.go_on(process);
                }
                self.set_switch_timer(process);
            }
        }
        left
    }

    /// Changes the threads of a process, and its demand on the cores.
    fn change_fluid(&mut self, process: u32, change: impl FnOnce(&mut Process)) {
        let left = self.cores.clear(process);
        let state = &mut self.processes[process as usize];
        let gained = state.asked.saturating_sub(left);
        let threads = state.threads.len() as u128;
        state.attained = match threads {
            0 => 0,
            1 => state.attained + gained,
            _ => state.attained + divided(gained + threads / 2, threads),
        };
        change(state);
        self.ask(process);
    }

    fn ask(&mut self, process: u32) {
        let state = &mut self.processes[process as usize];
        state.asked = 0;
        if let Some((target, _)) = state.threads.peek() {
            let left = target.saturating_sub(state.attained);
            state.asked = left.saturating_mul(state.threads.len() as u128);
            self.cores.set(process, state.asked);
        }
    }

    fn finished_fluid(&mut self, process: u32) -> Option<u32> {
        let state = &mut self.processes[process as usize];
        let (target, conn) = state.threads.pop()?;
        // The division left at most a step or two: threads that tie end together.
        state.attained = state.attained.max(target);
        self.ask(process);
        Some(conn)
    }
}

/// A timer and the process whose it is.
#[inline]
fn timer_of(timer: u128) -> (Fine, u32) {
    (Fine(timer >> 32).min(Fine::NEVER), timer as u32)
}

/// A quotient, in 64 bits where they are enough.
fn divided(value: u128, by: u128) -> u128 {
    match (u64::try_from(value), u64::try_from(by)) {
        (Ok(value), Ok(by)) => u128::from(value / by),
        _ => value / by,
    }
}

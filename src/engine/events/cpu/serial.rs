//! Processes whose requests compute one at a time, in turn.
//!
//! - Under CPython's global interpreter lock a thread that wants to run waits for the switch
//!   interval on a condition variable; if no other thread has switched by then, it asks the holder to
//!   release the lock, which the holder does at once and then waits like the others (CPython 3.11,
//!   `Python/ceval_gil.h`, `take_gil` and `drop_gil` with `FORCE_SWITCHING`). The
//!   thread that has waited longest on the variable is woken; one that has just asked waits anew, at
//!   the end.
//! - In an event loop a burst runs to its end; the others wait in the order in which they became
//!   ready.

use std::collections::VecDeque;

use super::cores::AnyCores;
use super::policy::{Cores, Cpu};
use crate::heap::Tournament;
use crate::instant::SimInstant;
use crate::model::Server;
use crate::model::runtime::{EventLoop, Runtime};
use crate::time::Span;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rule {
    /// Threads, with the switch interval.
    Interval(u128),
    Loop,
    /// An event loop that runs the bursts of a turn before it looks for others.
    Turns,
}

/// A burst that waits for the lock or the loop.
#[derive(Clone, Copy, Debug)]
struct WaitingBurst {
    conn: u32,
    steps: u128,
    /// When it began to wait, or to wait anew.
    since: SimInstant,
    /// Switches until then.
    seen: u64,
}

#[derive(Debug, Default)]
struct SerialProcess {
    /// The connection that computes.
    holder: Option<u32>,
    waiting: VecDeque<WaitingBurst>,
    /// Of an event loop: bursts of this turn that have not run yet.
    turn: usize,
    /// Switches so far.
    switches: u64,
    /// When the switch interval of the next waiting thread ends, as in `switch_timers`.
    switch_timer: Option<SimInstant>,
}

/// One burst of a process at a time.
#[derive(Debug)]
pub(in crate::engine::events) struct Serial {
    rule: Rule,
    cores: AnyCores,
    now: SimInstant,
    processes: Vec<SerialProcess>,
    /// When the switch interval of each process's next waiting thread ends, with its number.
    switch_timers: Tournament<u128>,
    /// Event loops between two bursts.
    idle_loops: Vec<u32>,
    /// An event loop whose next burst bypasses its queue.
    past: Option<u32>,
}

impl Serial {
    /// Idle processes.
    pub(crate) fn new(cores: AnyCores, server: &Server, runtime: &Runtime) -> Self {
        let rule = match runtime.switch_interval {
            _ if runtime.class.is_loop() && runtime.event_loop == EventLoop::Single => Rule::Loop,
            _ if runtime.class.is_loop() => Rule::Turns,
            interval => Rule::Interval(SimInstant::steps(interval.unwrap_or(Span::MAX))),
        };
        let timers = match rule {
            Rule::Interval(_) => server.workers as usize,
            _ => 1,
        };
        let timers = (0..timers).map(|_| u128::MAX);
        Serial {
            rule,
            cores,
            now: SimInstant(0),
            processes: (0..server.workers).map(|_| SerialProcess::default()).collect(),
            switch_timers: Tournament::new(timers, u128::MAX),
            idle_loops: Vec::new(),
            past: None,
        }
    }

    /// Whether the next burst of an event loop bypasses its queue.
    pub(crate) fn bypass_queue(&mut self, process: u32, past: bool) {
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
    #[inline]
    pub(crate) fn busy(&self, process: u32) -> bool {
        self.processes[process as usize].holder.is_some()
    }

    /// The time since which the next burst of an event loop has been ready.
    #[inline]
    pub(crate) fn ready_since(&self, process: u32) -> Option<SimInstant> {
        self.processes[process as usize].waiting.front().map(|waiting| waiting.since)
    }

    /// An event loop looks what is ready, unless it computes.
    pub(crate) fn wake_loop(&mut self, process: u32) {
        let idle = self.processes[process as usize].holder.is_none();
        if idle && !self.idle_loops.contains(&process) {
            self.idle_loops.push(process);
        }
    }

    /// Takes an event loop whose burst has ended.
    #[inline]
    pub(crate) fn take_idle_loop(&mut self) -> Option<u32> {
        self.idle_loops.pop()
    }

    /// Whether bursts of an event loop's turn have not run yet.
    #[inline]
    pub(crate) fn in_turn(&self, process: u32) -> bool {
        self.processes[process as usize].turn > 0
    }

    /// A turn of an event loop begins with the bursts that are ready; false if there are none.
    pub(crate) fn begin_turn(&mut self, process: u32) -> bool {
        let state = &mut self.processes[process as usize];
        state.turn = state.waiting.len();
        state.turn > 0
    }

    /// The burst that has waited longest runs.
    pub(crate) fn go_on(&mut self, process: u32) {
        let state = &mut self.processes[process as usize];
        state.turn = state.turn.saturating_sub(1);
        if state.holder.is_none()
            && let Some(next) = state.waiting.pop_front()
        {
            self.run(process, next.conn, next.steps);
        }
    }

    /// Threads that have waited for the whole interval take the lock.
    #[inline]
    pub(crate) fn switch(&mut self) {
        if !matches!(self.rule, Rule::Interval(_)) {
            return;
        }
        loop {
            let (at, process) = timer_of(self.switch_timers.least());
            if at == SimInstant::NEVER || !at.due(self.now) {
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
        let due = |waiting: &WaitingBurst| SimInstant(waiting.since.0 + interval).due(now);
        if !state.waiting.front().is_some_and(due) {
            return;
        }
        let Some(asking) = state.waiting.pop_front() else { return };
        // It waits anew, whether it asks or not; it asks if no thread has switched meanwhile.
        let seen = state.switches;
        state.waiting.push_back(WaitingBurst { since: now, seen, ..asking });
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
            state.waiting.push_back(WaitingBurst { conn, steps, since: now, seen });
        }
    }

    fn set_switch_timer(&mut self, process: u32) {
        let Rule::Interval(interval) = self.rule else { return };
        let state = &mut self.processes[process as usize];
        let wanted = state.waiting.front().map(|waiting| SimInstant(waiting.since.0 + interval));
        if wanted != state.switch_timer {
            state.switch_timer = wanted;
            let timer = wanted
                .map_or(u128::MAX, |at| at.min(SimInstant::NEVER).0 << 32 | u128::from(process));
            self.switch_timers.replace(process as usize, timer);
        }
    }
}

impl Cpu for Serial {
    #[inline]
    fn next(&mut self) -> SimInstant {
        match self.rule {
            Rule::Interval(_) => self.cores.next().min(timer_of(self.switch_timers.least()).0),
            _ => self.cores.next(),
        }
    }

    #[inline]
    fn advance(&mut self, now: SimInstant) {
        self.cores.advance(now);
        self.now = now.max(self.now);
    }

    #[inline]
    fn start(&mut self, conn: u32, (process, _): (u32, u32), demand: Span) {
        let steps = SimInstant::steps(demand);
        let state = &mut self.processes[process as usize];
        let waiting = WaitingBurst { conn, steps, since: self.now, seen: state.switches };
        if self.rule == Rule::Turns {
            state.waiting.push_back(waiting);
            return self.wake_loop(process);
        }
        // An event loop between two bursts resumes the one that has waited longest first.
        let between = self.idle_loops.contains(&process);
        let first = state.waiting.is_empty() && !between || self.past == Some(process);
        if state.holder.is_none() && first {
            return self.run(process, conn, steps);
        }
        state.waiting.push_back(waiting);
        self.set_switch_timer(process);
    }

    fn stop(&mut self, conn: u32, (process, _): (u32, u32)) -> u128 {
        let mut left = 0;
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
        left
    }

    #[inline]
    fn take_finished(&mut self) -> Option<u32> {
        loop {
            let process = self.cores.take_finished()?;
            let done = self.processes[process as usize].holder.take();
            if let Rule::Interval(_) = self.rule {
                self.go_on(process);
                self.set_switch_timer(process);
            } else {
                self.idle_loops.push(process);
            }
            if done.is_some() {
                return done;
            }
        }
    }
}

/// A timer and the process whose it is.
#[inline]
fn timer_of(timer: u128) -> (SimInstant, u32) {
    (SimInstant(timer >> 32).min(SimInstant::NEVER), timer as u32)
}

//! What cores and processes do for the requests that compute.
//!
//! A unit is what the kernel sees as runnable: a process, or a thread without a lock.

use std::fmt::Debug;

use crate::instant::SimInstant;
use crate::time::Span;

/// Cores that runnable units share.
pub(in crate::engine::events) trait Cores: Debug {
    /// The next event: a unit ends, tokens run out, a slice ends.
    fn next(&mut self) -> SimInstant;

    /// Lets time pass until `now`, which is not after `next()`.
    fn advance(&mut self, now: SimInstant);

    /// A unit begins a burst of `steps`.
    fn set(&mut self, unit: u32, steps: u128);

    /// A unit stops; gives the steps that it lacks.
    fn clear(&mut self, unit: u32) -> u128;

    /// Takes out a unit that is done.
    fn take_finished(&mut self) -> Option<u32>;
}

/// The CPU of a host: the cores, and the scheduler inside each process.
pub(in crate::engine::events) trait Cpu: Debug {
    /// The next event: a burst ends, tokens run out, a slice or a switch interval ends.
    fn next(&mut self) -> SimInstant;

    /// Lets time pass until `now`, which is not after `next()`.
    fn advance(&mut self, now: SimInstant);

    /// A connection begins to compute, in a process and on a worker (or thread) of this host.
    fn start(&mut self, conn: u32, place: (u32, u32), demand: Span);

    /// A connection stops computing, or waiting for its turn, before its end. Gives what its burst
    /// lacks; nothing if it has none.
    fn stop(&mut self, conn: u32, place: (u32, u32)) -> u128;

    /// Takes out a connection whose burst ends now.
    fn take_finished(&mut self) -> Option<u32>;
}

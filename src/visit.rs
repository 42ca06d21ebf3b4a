//! What an engine says of a request, and the only thing it says.

use crate::time::{Span, Time};

/// How a request's visit to the server ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// A worker took it and answered it.
    Served,
    /// It found the listen queue full.
    Refused,
    /// Its client left the listen queue before a worker took it.
    TimedOut,
}

impl Outcome {
    /// The word in tables of visits.
    pub const fn name(self) -> &'static str {
        match self {
            Outcome::Served => "served",
            Outcome::Refused => "refused",
            Outcome::TimedOut => "timed_out",
        }
    }
}

/// One request's way through the server.
///
/// For a request that was not served, `start` and `departure` are both the instant at which it
/// left (the arrival itself for [`Outcome::Refused`]), and `worker` means nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Visit {
    /// Number of the request in order of arrival, from 0.
    pub request: u64,
    /// Number of the client, from 0; 0 for arrivals from outside.
    pub client: u32,
    /// The worker (the thread, where there are threads) that served it, from 0.
    pub worker: u32,
    /// When it reached the listen queue.
    pub arrival: Time,
    /// When a worker took it.
    pub start: Time,
    /// When it was answered, or left.
    pub departure: Time,
    /// CPU time that it asked for, over all its phases.
    pub cpu: Span,
    /// How it ended.
    pub outcome: Outcome,
}

impl Visit {
    /// From arrival to start.
    #[inline]
    pub fn wait(&self) -> Span {
        self.start.since(self.arrival)
    }

    /// From arrival to departure (sojourn).
    #[inline]
    pub fn response(&self) -> Span {
        self.departure.since(self.arrival)
    }
}

/// Something that takes visits: the engines speak to it.
pub trait Sink {
    /// Takes one visit. Engines report each request exactly once, when it has left.
    fn take(&mut self, visit: &Visit);
}

impl Sink for Vec<Visit> {
    fn take(&mut self, visit: &Visit) {
        self.push(*visit);
    }
}

impl<S: Sink + ?Sized> Sink for &mut S {
    fn take(&mut self, visit: &Visit) {
        (**self).take(visit);
    }
}

//! The event calendar (future event list). An event names its connection, request or process by a
//! generational [`Handle`]. An event whose handle is stale is ignored, so events are never cancelled.

use crate::heap::Heap;
use crate::instant::{Fine, SimInstant};

/// An index into a slab, with the generation of the entry when the handle was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle {
    pub index: u32,
    pub generation: u32,
}

/// An event. At one instant kinds follow each other in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A phase off the CPU ends; of a connection.
    PhaseEnd(Handle),
    /// A new process has loaded the application.
    Ready(Handle),
    /// A process that ends waits no longer for its requests.
    GraceOver(Handle),
    /// A heartbeat of an event loop is due.
    Heartbeat(Handle),
    /// A thread that accepts has slept; of a process.
    Accept(Handle),
    /// A host's master looks how many processes are idle.
    Look(Handle),
    /// A host's arbiter polls its processes.
    Poll(Handle),
    /// A server closes the connection that it has kept; of a client.
    KeepAlive(Handle),
    /// A client leaves the listen queue; of a connection.
    Patience(Handle),
    /// A client waits no longer for its answer; of a connection.
    GiveUp(Handle),
    /// A client's kernel gives up connecting; of a connection.
    ConnectTimeout(Handle),
    /// A client's kernel sends a SYN again; of a connection.
    Syn(Handle),
    /// A client's kernel sends data again; of a connection.
    Data(Handle),
    /// A client tries again; of a request.
    Retry(Handle),
}

impl Event {
    /// The step of the instant that an event belongs to.
    pub fn step(self) -> Step {
        match self {
            Event::PhaseEnd(_) => Step::Phases,
            Event::Ready(_)
            | Event::GraceOver(_)
            | Event::Heartbeat(_)
            | Event::Accept(_)
            | Event::Look(_)
            | Event::KeepAlive(_)
            | Event::Poll(_) => Step::Lifecycle,
            Event::Patience(_) | Event::GiveUp(_) | Event::ConnectTimeout(_) => Step::Clients,
            Event::Syn(_) | Event::Data(_) | Event::Retry(_) => Step::Connects,
        }
    }
}

/// The steps of an instant, in order; after the second, idle workers take waiting connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Phases,
    Lifecycle,
    Clients,
    Connects,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: u128,
    number: u64,
    event: Event,
}

/// Events by instant; of those at one instant, the one pushed first.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    entries: Heap<Entry>,
    pushed: u64,
}

impl Calendar {
    pub fn push(&mut self, at: Fine, event: Event) {
        if at < Fine::NEVER {
            self.entries.push(Entry { at: at.bits(), number: self.pushed, event });
            self.pushed += 1;
        }
    }

    /// The next instant.
    pub fn next(&self) -> Fine {
        self.entries.peek().map_or(Fine::NEVER, |entry| Fine::from_bits(entry.at))
    }

    /// Takes the events that are due at `now`, in the order of their steps.
    pub fn take_due(&mut self, now: Fine, into: &mut Vec<Event>) {
        into.clear();
        while let Some(entry) = self.entries.peek()
            && Fine::from_bits(entry.at).due(now)
        {
            self.entries.pop();
            into.push(entry.event);
        }
        if into.len() > 1 {
            into.sort_by_key(|event| event.step());
        }
    }
}

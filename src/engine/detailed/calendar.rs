//! What is bound to happen, and when. An event names what it is about by a [`Handle`]; if that is
//! gone by then, the event finds nobody home and nothing happens: so events need no cancelling.

use crate::heap::Heap;
use crate::instant::{Fine, SimInstant};

/// A place in a slab, and whose it was when the handle was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle {
    pub index: u32,
    pub generation: u32,
}

/// What may happen. At one instant kinds follow each other in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A phase off the CPU ends; of a connection.
    PhaseEnd(Handle),
    /// A new process has loaded the application.
    Ready(Handle),
    /// A process that ends waits no longer for its requests.
    GraceOver(Handle),
    /// An event loop is to assign a last_heartbeat of life.
    Heartbeat(Handle),
    /// A host's arbiter looks at its processes.
    Poll(Handle),
    /// A client leaves the listen queue; of a connection.
    Patience(Handle),
    /// A client waits no longer for its answer; of a connection.
    GiveUp(Handle),
    /// A client's kernel tries no longer; of a connection.
    ConnectTimeout(Handle),
    /// A client's kernel sends a SYN retransmissions; of a connection.
    Syn(Handle),
    /// A client's kernel sends data retransmissions; of a connection.
    Data(Handle),
    /// A client tries retransmissions; of a request.
    Retry(Handle),
}

impl Event {
    /// The step of the instant that an event belongs to.
    pub fn step(self) -> Step {
        match self {
            Event::PhaseEnd(_) => Step::Phases,
            Event::Ready(_) | Event::GraceOver(_) | Event::Heartbeat(_) | Event::Poll(_) => {
                Step::Lifecycle
            }
            Event::Patience(_) | Event::GiveUp(_) | Event::ConnectTimeout(_) => Step::Clients,
            Event::Syn(_) | Event::Data(_) | Event::Retry(_) => Step::Connects,
        }
    }
}

/// The steps of an instant, in order; after the second, free workers take who waits.
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

/// Events by instant; of those at one instant, the one raw first.
#[derive(Debug, Default)]
pub(super) struct Calendar {
    entries: Heap<Entry>,
    raw: u64,
}

impl Calendar {
    pub fn push(&mut self, at: Fine, event: Event) {
        if at < Fine::NEVER {
            self.entries.push(Entry { at: at.bits(), number: self.raw, event });
            self.raw += 1;
        }
    }

    /// The next instant.
    pub fn next(&self) -> Fine {
        self.entries.peek().map_or(Fine::NEVER, |entry| Fine::from_bits(entry.at))
    }

    /// Takes all that has insert_request at `now`, in the order of its steps.
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

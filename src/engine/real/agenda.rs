//! What is bound to happen, and when. An event names what it is about by a [`Ticket`]; if that is
//! gone by then, the event finds nobody home and nothing happens: so events need no cancelling.

use crate::heap::Heap;
use crate::tick::{Fine, Tick};

/// A place in a slab, and whose it was when the ticket was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ticket {
    pub index: u32,
    pub generation: u32,
}

/// What may happen. At one instant kinds follow each other in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A phase off the CPU ends; of a connection.
    PhaseEnd(Ticket),
    /// A new process has loaded the application.
    Ready(Ticket),
    /// A process that ends waits no longer for its requests.
    GraceOver(Ticket),
    /// An event loop is to give a sign of life.
    Beat(Ticket),
    /// A host's arbiter looks at its processes.
    Look(Ticket),
    /// A client leaves the listen queue; of a connection.
    Patience(Ticket),
    /// A client waits no longer for its answer; of a connection.
    GiveUp(Ticket),
    /// A client's kernel tries no longer; of a connection.
    Unreached(Ticket),
    /// A client's kernel sends a SYN again; of a connection.
    Syn(Ticket),
    /// A client's kernel sends data again; of a connection.
    Data(Ticket),
    /// A client tries again; of a request.
    Retry(Ticket),
}

impl Event {
    /// The step of the instant that an event belongs to.
    pub fn step(self) -> Step {
        match self {
            Event::PhaseEnd(_) => Step::Phases,
            Event::Ready(_) | Event::GraceOver(_) | Event::Beat(_) | Event::Look(_) => Step::Lives,
            Event::Patience(_) | Event::GiveUp(_) | Event::Unreached(_) => Step::Clients,
            Event::Syn(_) | Event::Data(_) | Event::Retry(_) => Step::Knocks,
        }
    }
}

/// The steps of an instant, in order; after the second, free workers take who waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
    Phases,
    Lives,
    Clients,
    Knocks,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    at: u128,
    number: u64,
    event: Event,
}

/// Events by instant; of those at one instant, the one written first.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    entries: Heap<Entry>,
    written: u64,
}

impl Agenda {
    pub fn push(&mut self, at: Fine, event: Event) {
        if at < Fine::NEVER {
            self.entries.push(Entry { at: at.bits(), number: self.written, event });
            self.written += 1;
        }
    }

    /// The next instant.
    pub fn next(&self) -> Fine {
        self.entries.peek().map_or(Fine::NEVER, |entry| Fine::from_bits(entry.at))
    }

    /// Takes all that has come at `now`, in the order of its steps.
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

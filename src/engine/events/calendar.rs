//! The event calendar (future event list). An event names its connection, request or process by a
//! generational [`Handle`]. An event whose handle is stale is ignored, so events are never cancelled.

use std::fmt::Debug;

use crate::heap::{Agenda, Heap};
use crate::instant::SimInstant;

/// An index into a slab, with the generation of the entry when the handle was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Handle {
    pub(crate) index: u32,
    pub(crate) generation: u32,
}

/// An event. At one instant kinds follow each other in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Event {
    /// A new process has loaded the application.
    Ready(Handle),
    /// A process that ends waits no longer for its requests.
    GraceOver(Handle),
    /// A heartbeat of an event loop is due.
    Heartbeat(Handle),
    /// A thread that accepts has slept; of a process.
    Accept(Handle),
    /// A request waits no longer for the pool; of a connection.
    PoolTimeout(Handle),
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
    /// A proxy waits no longer for the answer; of a connection.
    ProxyTimeout(Handle),
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
    pub(crate) fn step(self) -> Step {
        match self {
            Event::Ready(_)
            | Event::GraceOver(_)
            | Event::Heartbeat(_)
            | Event::Accept(_)
            | Event::Look(_)
            | Event::PoolTimeout(_)
            | Event::KeepAlive(_)
            | Event::Poll(_) => Step::Lifecycle,
            Event::Patience(_)
            | Event::GiveUp(_)
            | Event::ProxyTimeout(_)
            | Event::ConnectTimeout(_) => Step::Clients,
            Event::Syn(_) | Event::Data(_) | Event::Retry(_) => Step::Connects,
        }
    }
}

/// The steps of an instant, in order, after the ends of phases; after the first, idle workers take
/// waiting connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Step {
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

/// The end of a phase: its instant and its number share one word, as in [`crate::heap::Agenda`].
#[derive(Clone, Copy, Debug)]
struct PhaseEnd {
    key: u128,
    conn: Handle,
}

impl PartialEq for PhaseEnd {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for PhaseEnd {}

impl PartialOrd for PhaseEnd {
    #[inline]
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }

    #[inline]
    fn lt(&self, other: &Self) -> bool {
        self.key < other.key
    }

    #[inline]
    fn le(&self, other: &Self) -> bool {
        self.key <= other.key
    }

    #[inline]
    fn ge(&self, other: &Self) -> bool {
        self.key >= other.key
    }
}

impl Ord for PhaseEnd {
    #[inline]
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.key.cmp(&other.key)
    }
}

/// Bits of the number of a phase's end: of ends at one instant that are pushed 2^32 events apart,
/// which none are, the later one could be first.
const NUMBER: u32 = 32;

/// The ends of phases off the CPU.
pub(super) trait PhaseEnds: Debug + Default {
    /// Whether a connection may end before its phase does.
    const MAY_BE_STALE: bool;

    /// A phase of a connection will end; `number` counts all that was pushed.
    fn push(&mut self, at: SimInstant, conn: Handle, number: u64);

    /// The instant of the next end.
    fn next(&self) -> SimInstant;

    /// Takes the next end.
    fn pop(&mut self) -> Option<Handle>;
}

/// Ends at one instant in the order in which they were pushed.
#[derive(Debug, Default)]
pub(super) struct NumberedEnds(Heap<PhaseEnd>);

impl PhaseEnds for NumberedEnds {
    const MAY_BE_STALE: bool = true;

    #[inline]
    fn push(&mut self, at: SimInstant, conn: Handle, number: u64) {
        let key = at.0 << NUMBER | u128::from(number as u32);
        self.0.push(PhaseEnd { key, conn });
    }

    #[inline]
    fn next(&self) -> SimInstant {
        self.0.first().map_or(SimInstant::NEVER, |end| SimInstant(end.key >> NUMBER))
    }

    #[inline]
    fn pop(&mut self) -> Option<Handle> {
        self.0.pop().map(|end| end.conn)
    }
}

/// Ends at one instant by connection, where their order makes no difference and no connection ends
/// before its phase does.
#[derive(Debug, Default)]
pub(super) struct ByConnection(Agenda);

impl PhaseEnds for ByConnection {
    const MAY_BE_STALE: bool = false;

    #[inline]
    fn push(&mut self, at: SimInstant, conn: Handle, _number: u64) {
        self.0.push(at.0, conn.index);
    }

    #[inline]
    fn next(&self) -> SimInstant {
        self.0.peek().map_or(SimInstant::NEVER, |(at, _)| SimInstant(at))
    }

    #[inline]
    fn pop(&mut self) -> Option<Handle> {
        self.0.pop().map(|(_, index)| Handle { index, generation: 0 })
    }
}

/// Events by instant; of those at one instant, the one pushed first. The ends of phases, which are
/// most of all events, have a heap of their own, in small entries.
#[derive(Debug, Default)]
pub(super) struct Calendar<E> {
    phases: E,
    entries: Heap<Entry>,
    pushed: u64,
}

impl<E: PhaseEnds> Calendar<E> {
    pub(crate) fn push(&mut self, at: SimInstant, event: Event) {
        if at < SimInstant::NEVER {
            self.entries.push(Entry { at: at.0, number: self.pushed, event });
            self.pushed += 1;
        }
    }

    /// A phase of a connection will end.
    #[inline]
    pub(crate) fn push_phase(&mut self, at: SimInstant, conn: Handle) {
        if at < SimInstant::NEVER {
            self.phases.push(at, conn, self.pushed);
            self.pushed += 1;
        }
    }

    /// The next instant.
    #[inline]
    pub(crate) fn next(&self) -> SimInstant {
        let phase = self.phases.next();
        match self.entries.first() {
            None => phase,
            Some(entry) => phase.min(SimInstant(entry.at)),
        }
    }

    /// Takes the next phase that ends at `now`.
    #[inline]
    pub(crate) fn take_phase(&mut self, now: SimInstant) -> Option<Handle> {
        let next = self.phases.next();
        if next == SimInstant::NEVER || !next.due(now) {
            return None;
        }
        self.phases.pop()
    }

    /// Takes the other events that are due at `now`, in the order of their steps.
    #[inline]
    pub(crate) fn take_due(&mut self, now: SimInstant, into: &mut Vec<Event>) {
        into.clear();
        if self.entries.first().is_some_and(|entry| SimInstant(entry.at).due(now)) {
            self.take_all(now, into);
        }
    }

    fn take_all(&mut self, now: SimInstant, into: &mut Vec<Event>) {
        while let Some(entry) = self.entries.peek()
            && SimInstant(entry.at).due(now)
        {
            self.entries.pop();
            into.push(entry.event);
        }
        if into.len() > 1 {
            into.sort_by_key(|event| event.step());
        }
    }
}

//! The accept queue of Linux: which connections are admitted, and when dropped packets are sent
//! again.
//!
//! A SYN is accepted while the queue has a slot, else it is dropped, and the client's kernel sends
//! it again (Linux `net/ipv4/tcp_input.c`, `tcp_conn_request`). When the handshake
//! ends the queue is checked once more: if others have filled it meanwhile, the client believes that
//! it is connected, and is admitted only when a retransmission of its data finds a slot
//! (`net/ipv4/tcp_ipv4.c`, `tcp_v4_syn_recv_sock`), or is reset (`tcp_abort_on_overflow`).

use super::Engine;
use super::calendar::{Event, Handle};
use super::connections::ConnectionStage;
use super::policies::Policies;
use crate::instant::SimInstant;
use crate::model::runtime::{Accept, OnFull, measured};
use crate::random::Purpose;
use crate::record::{Outcome, Sink};
use crate::source::Source;
use crate::time::Span;

/// The packets of a connection that found no slot.
#[derive(Clone, Copy, Debug)]
pub(super) struct Handshake {
    /// When its first SYN was sent, or its handshake ended.
    first: SimInstant,
    /// How many were dropped since then.
    dropped: u32,
}

impl Handshake {
    pub(crate) const NEW: Handshake = Handshake { first: SimInstant(0), dropped: 0 };
}

impl<P: Policies, S: Source, K: Sink> Engine<'_, P, S, K> {
    /// A new connection arrives at a listener; its SYN was sent at `sent`. It needs no slot if a
    /// process takes it at once.
    #[inline]
    pub(super) fn connect(&mut self, conn: u32, sent: SimInstant) {
        let host = self.connections.conn(conn).host;
        if self.hosts.primary(host).is_some() {
            return self.hand_out(conn);
        }
        let Some(listener) = self.listener_for(conn) else {
            return self.fail(conn, Outcome::Refused);
        };
        self.connections.conn_mut(conn).listener = listener;
        if let Some(process) = self.accepts_at_once(listener, self.connections.conn(conn).lane) {
            self.hosts.listeners[listener as usize].comes(self.now);
            return self.accept(conn, process);
        }
        let state = &self.hosts.listeners[listener as usize];
        if state.waiting == 0 && !state.acceptors.is_empty() || state.waiting < self.hosts.places {
            return self.join(conn);
        }
        match self.runtime.accept_queue.on_full {
            OnFull::Refuse => self.fail(conn, Outcome::Refused),
            OnFull::Retransmit => {
                self.handshakes.get_mut(self.connections.conn_handle(conn)).first = sent;
                self.drop_syn(conn);
            }
        }
    }

    /// The process that accepts a connection in the instant in which it comes, if one does: it need
    /// not join the queue.
    #[inline]
    fn accepts_at_once(&self, listener: u32, lane: u64) -> Option<u32> {
        let empty = self.hosts.listeners[listener as usize].waiting == 0;
        let direct = empty && self.hosts.taking().is_direct();
        if direct { self.choose(listener, || lane) } else { None }
    }

    /// The queue of its host that a connection joins: of several, one by the kernel's hash; `None`
    /// while no process listens.
    #[inline]
    fn listener_for(&self, conn: u32) -> Option<u32> {
        let listeners = self.hosts.listeners_of(self.connections.conn(conn).host);
        if !self.hosts.has_own_listeners() {
            return Some(listeners.start);
        }
        if let Accept::Recorded(processes) = &self.runtime.accept {
            let number = (self.connections.conn(conn).lane >> 8) as usize;
            return Some(processes.get(number).map_or(0, |process| process % listeners.end));
        }
        let open: Vec<u32> = listeners.filter(|listener| self.listens(*listener)).collect();
        let lane = self.connections.conn(conn).lane;
        let share = self.random.share(Purpose::Accept, lane);
        let at = (share * open.len() as f64) as usize;
        open.get(at).copied()
    }

    #[inline]
    pub(super) fn join(&mut self, conn: u32) {
        let now = self.now;
        let state = self.connections.conn_mut(conn);
        state.stage = ConnectionStage::Queued;
        let number = state.listener;
        if self.hosts.taking().is_loop() {
            self.loops.get_mut(self.connections.conn_handle(conn)).joins(now);
        }
        let listener = &mut self.hosts.listeners[number as usize];
        listener.comes(now);
        listener.queue.push(conn, || self.connections.described(conn));
        listener.waiting += 1;
        self.hosts.mark_ready(number);
    }

    /// Retransmissions at this instant: first all SYNs are checked, then handshakes end and data
    /// arrives; only then do workers take the connections that were admitted.
    pub(super) fn retransmit(&mut self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let mut connected = Vec::new();
        for event in events {
            if let Event::Syn(handle) = *event
                && let Some(conn) = self.connections.conn_of(handle)
            {
                let listener = self.connections.conn(conn).listener;
                if self.hosts.listeners[listener as usize].waiting < self.hosts.places {
                    connected.push(conn);
                } else {
                    self.drop_syn(conn);
                }
            }
        }
        for conn in connected {
            let handle = self.connections.conn_handle(conn);
            *self.handshakes.get_mut(handle) = Handshake { first: self.now, dropped: 0 };
            self.handshake_ends(conn);
        }
        for event in events {
            match *event {
                Event::Data(handle) => {
                    if let Some(conn) = self.connections.conn_of(handle) {
                        self.handshake_ends(conn);
                    }
                }
                Event::Retry(handle) => self.retry(handle),
                _ => {}
            }
        }
        self.dispatch();
    }

    /// The last step of a handshake, or data that is sent again after it.
    fn handshake_ends(&mut self, conn: u32) {
        let listener = self.connections.conn(conn).listener;
        if self.hosts.listeners[listener as usize].waiting < self.hosts.places {
            self.join(conn);
        } else if self.runtime.accept_queue.abort {
            self.fail(conn, Outcome::Reset);
        } else {
            self.drop_data(conn);
        }
    }

    /// Counts one more dropped packet of a connection. Gives its handle, the time of its first packet,
    /// and how many were dropped before.
    fn count_dropped(&mut self, conn: u32) -> (Handle, SimInstant, u32) {
        let handle = self.connections.conn_handle(conn);
        let handshake = self.handshakes.get_mut(handle);
        let Handshake { first, dropped: nth } = *handshake;
        handshake.dropped += 1;
        let request = self.connections.conn(conn).request;
        self.connections.request_mut(request).dropped += 1;
        (handle, first, nth)
    }

    /// A SYN is dropped: the client's kernel will send it again.
    fn drop_syn(&mut self, conn: u32) {
        let listener = self.runtime.accept_queue;
        let (handle, first, nth) = self.count_dropped(conn);
        match listener.next_syn(nth as usize) {
            Some(after) => self.calendar.push(first.after(after), Event::Syn(handle)),
            None => {
                let end = Span::from_secs_f64(listener.syn.gives_up() as f64);
                self.calendar.push(first.after(end), Event::ConnectTimeout(handle));
            }
        }
    }

    /// Data finds no slot: the client's kernel will send it again.
    fn drop_data(&mut self, conn: u32) {
        let (handle, first, nth) = self.count_dropped(conn);
        let event = if nth < measured::DATA_RETRIES {
            Event::Data(handle)
        } else {
            Event::ConnectTimeout(handle)
        };
        self.calendar.push(first.after(data_again(nth)), event);
    }

    /// The client's kernel gives up connecting (ETIMEDOUT).
    pub(super) fn connect_timed_out(&mut self, conn: u32) {
        self.fail(conn, Outcome::NoConnection);
    }
}

/// The time from the end of the handshake to the `nth` retransmission of data (from 0).
fn data_again(nth: u32) -> Span {
    let (mut at, mut gap) = (measured::DATA_AGAIN, measured::DATA_AGAIN);
    for _ in 0..nth {
        at = at.saturating_add(gap);
        gap = gap.saturating_add(gap).min(measured::LONGEST_GAP);
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 0.208 s x 2^n after the handshake, as it was seen, up to gaps of two minutes.
    #[test]
    fn data_is_sent_again_at_doubling_times() {
        for n in 0..9 {
            let expect = Span::from_nanos(208_000_000 << n);
            assert_eq!(data_again(n), expect, "{n}");
        }
        let gap = data_again(13).as_nanos() - data_again(12).as_nanos();
        assert_eq!(gap, 120_000_000_000);
    }
}

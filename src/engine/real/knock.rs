//! The accept queue: who finds a place, and who knocks again.
//!
//! A SYN is looked at while the queue has a place, else it is dropped, and the client's kernel
//! sends it again (Linux `net/ipv4/tcp_input.c`, `tcp_conn_request`). When the handshake ends the
//! queue is looked at once more: if others have filled it meanwhile, the client takes itself for
//! connected, and comes in only when a retransmission of its data finds a place
//! (`net/ipv4/tcp_ipv4.c`, `tcp_v4_syn_recv_sock`), or is reset (`tcp_abort_on_overflow`).

use super::Real;
use super::agenda::{Event, Ticket};
use super::people::Stage;
use crate::model::practice::{Accept, OnFull, measured};
use crate::random::Purpose;
use crate::source::Source;
use crate::tick::{Fine, Tick};
use crate::time::Span;
use crate::visit::{Outcome, Sink};

impl<S: Source<Fine>, K: Sink> Real<'_, S, K> {
    /// A new connection comes to a door. If somebody there would take it at once, no place is
    /// needed.
    pub(super) fn knock(&mut self, conn: u32) {
        let host = self.people.conn(conn).host;
        if self.hosts.primary(host).is_some() {
            return self.hand_out(conn);
        }
        let Some(door) = self.door_for(conn) else {
            return self.fail(conn, Outcome::Refused);
        };
        self.people.conn_mut(conn).door = door;
        let state = &self.hosts.doors[door as usize];
        if state.waiting == 0 && !state.takers.is_empty() || state.waiting < self.hosts.places {
            return self.join(conn);
        }
        match self.practice.door.on_full {
            OnFull::Refuse => self.fail(conn, Outcome::Refused),
            OnFull::Retransmit => self.drop_syn(conn),
        }
    }

    /// Which queue of its host a connection comes to: of several, the kernel's hash says; `None`
    /// while no process listens.
    fn door_for(&self, conn: u32) -> Option<u32> {
        let doors = self.hosts.doors_of(self.people.conn(conn).host);
        if !self.hosts.has_own_doors() {
            return Some(doors.start);
        }
        if let Accept::Recorded(processes) = &self.practice.accept {
            let number = (self.people.conn(conn).lane >> 8) as usize;
            return Some(processes.get(number).map_or(0, |process| process % doors.end));
        }
        let open: Vec<u32> = doors.filter(|door| self.listens(*door)).collect();
        let lane = self.people.conn(conn).lane;
        let share = self.chance.share(Purpose::Accept, lane);
        let at = (share * open.len() as f64) as usize;
        open.get(at).copied()
    }

    pub(super) fn join(&mut self, conn: u32) {
        let now = self.now;
        let state = self.people.conn_mut(conn);
        state.stage = Stage::Queued;
        state.joined = now;
        let number = state.door;
        let door = &mut self.hosts.doors[number as usize];
        door.queue.push_back(conn);
        door.waiting += 1;
        self.hosts.stir(number);
    }

    /// Those who knock again at this instant: first all SYNs are looked at, then handshakes end
    /// and data comes; only then do workers take who has come in.
    pub(super) fn knock_again(&mut self, events: &[Event]) {
        if events.is_empty() {
            return;
        }
        let mut connected = Vec::new();
        for event in events {
            if let Event::Syn(ticket) = *event
                && let Some(conn) = self.people.conn_of(ticket)
            {
                let door = self.people.conn(conn).door;
                if self.hosts.doors[door as usize].waiting < self.hosts.places {
                    connected.push(conn);
                } else {
                    self.drop_syn(conn);
                }
            }
        }
        for conn in connected {
            self.people.conn_mut(conn).knocked = self.now;
            self.people.conn_mut(conn).again = 0;
            self.handshake_ends(conn);
        }
        for event in events {
            match *event {
                Event::Data(ticket) => {
                    if let Some(conn) = self.people.conn_of(ticket) {
                        self.handshake_ends(conn);
                    }
                }
                Event::Retry(ticket) => self.retry(ticket),
                _ => {}
            }
        }
        self.dispatch();
    }

    /// The last step of a handshake, or data sent again after it.
    fn handshake_ends(&mut self, conn: u32) {
        let door = self.people.conn(conn).door;
        if self.hosts.doors[door as usize].waiting < self.hosts.places {
            self.join(conn);
        } else if self.practice.door.abort {
            self.fail(conn, Outcome::Reset);
        } else {
            self.drop_data(conn);
        }
    }

    /// Counts one more packet of a connection that was dropped. Gives whose it is, when it first
    /// knocked, and how often it was dropped before.
    fn count_dropped(&mut self, conn: u32) -> (Ticket, Fine, u32) {
        let ticket = self.people.conn_ticket(conn);
        let state = self.people.conn_mut(conn);
        let (first, nth) = (state.knocked, state.again);
        state.again += 1;
        let request = state.request;
        self.people.request_mut(request).dropped += 1;
        (ticket, first, nth)
    }

    /// A SYN is dropped: the client's kernel will send it again.
    fn drop_syn(&mut self, conn: u32) {
        let door = self.practice.door;
        let (ticket, first, nth) = self.count_dropped(conn);
        match door.next_syn(nth as usize) {
            Some(after) => self.agenda.push(first.after(after), Event::Syn(ticket)),
            None => {
                let end = Span::from_secs_f64(door.syn.gives_up() as f64);
                self.agenda.push(first.after(end), Event::Unreached(ticket));
            }
        }
    }

    /// Data finds no place: the client's kernel will send it again.
    fn drop_data(&mut self, conn: u32) {
        let (ticket, first, nth) = self.count_dropped(conn);
        let event = if nth < measured::DATA_RETRIES {
            Event::Data(ticket)
        } else {
            Event::Unreached(ticket)
        };
        self.agenda.push(first.after(data_again(nth)), event);
    }

    /// A connection has been tried for so long that the client's kernel gives up.
    pub(super) fn unreached(&mut self, conn: u32) {
        self.fail(conn, Outcome::NoConnection);
    }
}

/// How long after the end of the handshake data is sent again for the `nth` time (from 0).
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

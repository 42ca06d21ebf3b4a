//! Clients that wait for their answer, for the recursion: when each comes next, and what it will
//! ask for.
//!
//! A client's next request and the thought after it are drawn as soon as the one before is
//! answered, long before anybody asks: so nothing waits for a draw. They are the same draws as
//! those of [`super::ClosedSource`].

use super::closed::{PerClient, for_each_client};
use crate::distribution::Distribution;
use crate::heap::Tournament;
use crate::model::{Closed, PhaseKind, Ramp};
use crate::random::{Purpose, Replication, Seed};
use crate::time::{Span, Time};

/// When a client comes next: the order in which clients are taken.
pub trait Stamp: Copy + Ord {
    /// No client, never.
    const NEVER: Self;
    /// A client that comes at `instant` and was the `sent`-th to send a request before; numbers of
    /// clients have so many bits.
    fn new(instant: u64, sent: u64, client: u32, bits: u32) -> Self;
    /// The instant: one beyond what fits is later than all that fit.
    fn instant(self, bits: u32) -> u64;
    /// The client.
    fn client(self, bits: u32) -> u32;
}

/// Instants below 2^(64 - bits); at one instant the lowest number of a client first.
impl Stamp for u64 {
    const NEVER: u64 = u64::MAX;

    #[inline]
    fn new(instant: u64, _sent: u64, client: u32, bits: u32) -> u64 {
        instant.min(u64::MAX >> bits) << bits | u64::from(client)
    }

    #[inline]
    fn instant(self, bits: u32) -> u64 {
        self >> bits
    }

    #[inline]
    fn client(self, bits: u32) -> u32 {
        (self & !(u64::MAX << bits)) as u32
    }
}

/// All instants; at one instant the lowest number of a client first.
impl Stamp for u128 {
    const NEVER: u128 = u128::MAX;

    #[inline]
    fn new(instant: u64, _sent: u64, client: u32, _bits: u32) -> u128 {
        u128::from(instant) << 64 | u128::from(client)
    }

    #[inline]
    fn instant(self, _bits: u32) -> u64 {
        (self >> 64) as u64
    }

    #[inline]
    fn client(self, _bits: u32) -> u32 {
        self as u32
    }
}

/// All instants; clients that come at one instant take turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct InTurn {
    instant: u64,
    sent: u64,
    client: u32,
}

impl Stamp for InTurn {
    const NEVER: InTurn = InTurn { instant: u64::MAX, sent: u64::MAX, client: u32::MAX };

    #[inline]
    fn new(instant: u64, sent: u64, client: u32, _bits: u32) -> InTurn {
        InTurn { instant, sent, client }
    }

    #[inline]
    fn instant(self, _bits: u32) -> u64 {
        self.instant
    }

    #[inline]
    fn client(self, _bits: u32) -> u32 {
        self.client
    }
}

/// What a client will ask for when it comes next, in nanoseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct NextRequest {
    /// CPU time.
    pub(crate) cpu: u64,
    /// Time in all.
    pub(crate) total: u64,
    /// How long the client thinks after its answer.
    think: u64,
}

/// A closed loop: all clients come at time 0; each thinks from its answer on, then comes again.
#[derive(Debug)]
pub struct Returning<S> {
    coming: Tournament<S>,
    bits: u32,
    ramp: Option<Ramp>,
    /// Requests that were sent.
    sent: u64,
    /// What each will ask for.
    next: Vec<NextRequest>,
    /// Requests that each client still has to send; `None` for ever.
    left: Option<Vec<u64>>,
    phases: Vec<(PhaseKind, PerClient)>,
    think: PerClient,
    /// After a refusal.
    pause: Span,
}

/// Bits that the numbers of clients take.
fn bits(clients: u32) -> u32 {
    u32::BITS - clients.saturating_sub(1).leading_zeros()
}

/// Whether instants up to `until` fit 64 bits beside the numbers of so many clients.
pub fn fits_64_bits(clients: u32, until: Time) -> bool {
    until.as_nanos() < u64::MAX >> bits(clients)
}

impl<S: Stamp> Returning<S> {
    /// The clients of one replication; `None` if `stopped` says in between that the run is no longer
    /// wanted.
    pub fn new(
        closed: &Closed,
        (seed, replication): (Seed, Replication),
        stopped: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let lane = |distribution: &Distribution, purpose| {
            let drawn = (seed, purpose, replication);
            PerClient::new(distribution, closed.clients, drawn, stopped)
        };
        let phases = (closed.mix.alike().iter().enumerate())
            .map(|(k, phase)| Some((phase.kind, lane(&phase.demand, Purpose::Phase(k as u16))?)))
            .collect::<Option<_>>()?;
        let bits = bits(closed.clients);
        let stamp = |client: usize| {
            let begins = Closed::present(closed.ramp.as_ref(), client as u32, Time::ZERO);
            begins.map_or(S::NEVER, |at| S::new(at.as_nanos(), 0, client as u32, bits))
        };
        let stamps = (0..closed.clients as usize).map(stamp);
        let mut clients = Returning {
            coming: Tournament::new(stamps, S::NEVER),
            bits,
            ramp: closed.ramp.clone(),
            sent: 0,
            next: vec![NextRequest::default(); closed.clients as usize],
            left: closed.requests.map(|requests| vec![requests; closed.clients as usize]),
            phases,
            think: lane(&closed.think, Purpose::Think)?,
            pause: closed.pause(),
        };
        for_each_client(closed.clients, stopped, |client| clients.draw(client))?;
        Some(clients)
    }

    #[inline]
    fn draw(&mut self, client: u32) {
        let mut request = NextRequest::default();
        for (kind, lane) in &mut self.phases {
            let span = lane.draw(client).as_nanos().min(u64::MAX >> 1);
            request.total = request.total.saturating_add(span);
            if *kind == PhaseKind::Cpu {
                request.cpu = request.cpu.saturating_add(span);
            }
        }
        request.think = self.think.draw(client).as_nanos();
        self.next[client as usize] = request;
    }

    /// The client that comes next, and when; [`u64::MAX`] if none does.
    #[inline]
    pub(crate) fn earliest(&self) -> (u64, u32) {
        let least = self.coming.least();
        let instant = if least == S::NEVER { u64::MAX } else { least.instant(self.bits) };
        (instant, least.client(self.bits))
    }

    /// What that client asks for.
    #[inline]
    pub(crate) fn request(&self, client: u32) -> NextRequest {
        self.next[client as usize]
    }

    /// The client that came is refused at `at`.
    pub(crate) fn refused(&mut self, client: u32, at: u64) {
        self.answered(client, (Time::from_nanos(at) + self.pause).as_nanos());
    }

    /// The client that came has its answer at `at`.
    #[inline]
    pub(crate) fn answered(&mut self, client: u32, at: u64) {
        let think = Span::from_nanos(self.next[client as usize].think);
        let again = Time::from_nanos(at) + think;
        self.sent += 1;
        let present = Closed::present(self.ramp.as_ref(), client, again);
        let mut stamp = present
            .map_or(S::NEVER, |again| S::new(again.as_nanos(), self.sent, client, self.bits));
        if let Some(left) = &mut self.left {
            let left = &mut left[client as usize];
            *left = left.saturating_sub(1);
            if *left == 0 {
                stamp = S::NEVER;
            }
        }
        self.coming.replace(client as usize, stamp);
        self.draw(client);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_hold_what_was_put_in() {
        for (clients, bits) in [(1, 0), (2, 1), (3, 2), (100, 7), (128, 7), (129, 8)] {
            assert_eq!(super::bits(clients), bits);
            let narrow = <u64 as Stamp>::new(12_345, 7, clients - 1, bits);
            assert_eq!((narrow.instant(bits), narrow.client(bits)), (12_345, clients - 1));
            let wide = <u128 as Stamp>::new(u64::MAX - 1, 7, clients - 1, bits);
            assert_eq!((wide.instant(bits), wide.client(bits)), (u64::MAX - 1, clients - 1));
        }
        assert!(<u64 as Stamp>::new(u64::MAX, 7, 0, 20).instant(20) == u64::MAX >> 20);
        assert!(fits_64_bits(1 << 20, Time::from_nanos((1 << 44) - 2)));
        assert!(!fits_64_bits(1 << 20, Time::from_nanos((1 << 44) - 1)));
        assert!(!fits_64_bits(1, Time::MAX));
    }
}

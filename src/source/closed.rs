//! Clients that wait for their answer.

use super::routed::RouteDraw;
use super::{Arrival, Source, purpose};
use crate::distribution::{Distribution, Sampler};
use crate::heap::{Agenda, Heap};
use crate::instant::SimInstant;
use crate::model::{Closed, Demand, Phase, PhaseKind, Ramp, Route};
use crate::random::{Purpose, Replication, Seed, Stream};
use crate::time::{Span, Time};

/// A closed loop: all clients come at time 0; each thinks from its answer on, then comes again.
/// The k-th request of a client has the same demands in every cell of a sweep.
#[derive(Debug)]
pub struct ClosedSource {
    coming: Coming,
    /// When exactly each client's next request comes.
    at: Vec<SimInstant>,
    ramp: Option<Ramp>,
    /// Requests that each client still has to send; `None` for ever.
    left: Option<Vec<u64>>,
    /// The phases of each route.
    phases: Vec<Vec<(PhaseKind, PerClient)>>,
    /// Which route a request is of, and a stream for each client, where there are several.
    routes: Option<(RouteDraw, Vec<Stream>)>,
    think: PerClient,
    /// After a request that was not served.
    pause: Span,
    patience: Option<PerClient>,
}

/// Clients on their way, by the instant of their next request. Ticks of one instant may differ by
/// the rounding of divisions, which must not decide which of them is first.
#[derive(Debug)]
enum Coming {
    /// At one instant the lowest number first.
    ByNumber(Agenda),
    /// At one instant they [take turns](Closed::takes_turns): with each the number of the request
    /// that it sent before.
    InTurn { clients: Heap<(u128, u64, u32)>, sent: u64, last: Vec<u64> },
}

impl Coming {
    fn new(closed: &Closed) -> Self {
        if closed.takes_turns() {
            let last = vec![0; closed.clients as usize];
            Coming::InTurn { clients: Heap::new(), sent: 0, last }
        } else {
            Coming::ByNumber(Agenda::new())
        }
    }

    #[inline]
    fn push(&mut self, instant: u128, client: u32) {
        match self {
            Coming::ByNumber(clients) => clients.push(instant, client),
            Coming::InTurn { clients, last, .. } => {
                clients.push((instant, last[client as usize], client));
            }
        }
    }

    #[inline]
    fn peek(&self) -> Option<(u128, u32)> {
        match self {
            Coming::ByNumber(clients) => clients.peek(),
            Coming::InTurn { clients, .. } => clients.peek().map(|(at, _, client)| (at, client)),
        }
    }

    #[inline]
    fn pop(&mut self) -> Option<u32> {
        match self {
            Coming::ByNumber(clients) => clients.pop().map(|(_, client)| client),
            Coming::InTurn { clients, sent, last } => {
                let (_, _, client) = clients.pop()?;
                *sent += 1;
                last[client as usize] = *sent;
                Some(client)
            }
        }
    }
}

/// A distribution that every client draws from a stream of its own; constants need no streams.
#[derive(Debug)]
pub(super) struct PerClient {
    sampler: Sampler,
    constant: Option<Span>,
    streams: Vec<Stream>,
}

/// Clients that are made ready between two looks at whether the run is still wanted.
const AT_ONCE: u32 = 1 << 12;

/// Does something for each client; `None` once `stopped` says that the run is no longer wanted.
pub(super) fn for_each_client(
    clients: u32,
    stopped: &dyn Fn() -> bool,
    mut ready: impl FnMut(u32),
) -> Option<()> {
    for client in 0..clients {
        if client.is_multiple_of(AT_ONCE) && stopped() {
            return None;
        }
        ready(client);
    }
    Some(())
}

/// A stream for each of the clients; see [`for_each_client`] for `stopped`.
fn streams(
    clients: u32,
    (seed, purpose, replication): (Seed, Purpose, Replication),
    stopped: &dyn Fn() -> bool,
) -> Option<Vec<Stream>> {
    let mut streams: Vec<Stream> = Vec::with_capacity(clients as usize);
    for_each_client(clients, stopped, |client| {
        streams.push(Stream::new(seed, purpose, replication, u64::from(client) + 1));
    })?;
    Some(streams)
}

impl PerClient {
    /// For a number of clients; see [`for_each_client`] for `stopped`.
    pub(super) fn new(
        distribution: &Distribution,
        clients: u32,
        (seed, purpose, replication): (Seed, Purpose, Replication),
        stopped: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let constant = distribution.constant();
        let lanes = if constant.is_some() { 0 } else { clients };
        let streams = streams(lanes, (seed, purpose, replication), stopped)?;
        Some(PerClient { sampler: distribution.sampler(), constant, streams })
    }

    #[inline]
    pub(super) fn draw(&mut self, client: u32) -> Span {
        match self.constant {
            Some(span) => span,
            None => self.sampler.draw(&mut self.streams[client as usize]),
        }
    }
}

impl ClosedSource {
    /// The clients of one replication; `None` if `stopped` says in between that the run is no longer
    /// wanted.
    pub fn new(
        closed: &Closed,
        patience: Option<&Distribution>,
        (seed, replication): (Seed, Replication),
        stopped: &dyn Fn() -> bool,
    ) -> Option<Self> {
        let lane = |distribution: &Distribution, purpose| {
            let drawn = (seed, purpose, replication);
            PerClient::new(distribution, closed.clients, drawn, stopped)
        };
        let of = |(route, kind): (usize, &Route)| {
            let phases = kind.phases.iter().enumerate();
            let lane = |(k, phase): (usize, &Phase)| {
                Some((phase.kind, lane(&phase.demand, purpose(route, k))?))
            };
            phases.map(lane).collect()
        };
        let several = !closed.mix.routes().is_empty();
        let mut coming = Coming::new(closed);
        let mut at = vec![SimInstant::of(Time::ZERO); closed.clients as usize];
        for_each_client(closed.clients, stopped, |client| {
            let begins =
                Closed::present(closed.ramp.as_ref(), client, Time::ZERO).map(SimInstant::of);
            if let Some(begins) = begins {
                at[client as usize] = begins;
                coming.push(begins.0, client);
            }
        })?;
        let routes = || {
            let drawn = (seed, Purpose::Route, replication);
            Some((RouteDraw::new(&closed.mix), streams(closed.clients, drawn, stopped)?))
        };
        Some(ClosedSource {
            coming,
            at,
            ramp: closed.ramp.clone(),
            left: closed.requests.map(|requests| vec![requests; closed.clients as usize]),
            phases: closed.mix.kinds().iter().enumerate().map(of).collect::<Option<_>>()?,
            routes: if several { Some(routes()?) } else { None },
            think: lane(&closed.think, Purpose::Think)?,
            pause: closed.pause(),
            patience: match patience {
                Some(distribution) => Some(lane(distribution, Purpose::Patience)?),
                None => None,
            },
        })
    }
}

impl Source for ClosedSource {
    #[inline]
    fn peek(&self) -> SimInstant {
        self.coming.peek().map_or(SimInstant::NEVER, |(_, client)| self.at[client as usize])
    }

    fn take(&mut self, demands: &mut [Demand]) -> Arrival {
        let client = self.coming.pop().unwrap_or(0);
        let route = match &mut self.routes {
            None => 0,
            Some((draw, streams)) => draw.draw(&mut streams[client as usize]),
        };
        let phases = &mut self.phases[route as usize];
        for (demand, (kind, lane)) in demands.iter_mut().zip(phases.iter_mut()) {
            *demand = Demand::new(*kind, lane.draw(client));
        }
        let phases = phases.len();
        if let Some(left) = &mut self.left {
            left[client as usize] -= 1;
        }
        let patience = self.patience.as_mut().map_or(Span::MAX, |lane| lane.draw(client));
        Arrival { client, route, phases, patience }
    }

    fn longest(&self) -> usize {
        self.phases.iter().map(Vec::len).max().unwrap_or(0)
    }

    fn answered(&mut self, client: u32, served: bool, now: SimInstant) {
        if self.left.as_ref().is_some_and(|left| left[client as usize] == 0) {
            return;
        }
        let mut at = now.after(self.think.draw(client));
        if !served {
            at = at.after(self.pause);
        }
        if let Some(ramp) = &self.ramp {
            match ramp.present(client, at.to_time()) {
                None => return,
                // Later than the nanosecond in which it could come.
                Some(later) if later > at.to_time() => at = SimInstant::of(later),
                Some(_) => {}
            }
        }
        self.at[client as usize] = at;
        self.coming.push(at.instant().0, client);
    }
}

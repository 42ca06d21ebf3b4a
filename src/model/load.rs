//! Where requests come from.

use std::sync::Arc;

use super::ModelError;
use super::mix::{MAX_ROUTES, Mix, Route};
use super::ramp::Ramp;
use super::request::{Demand, Phase};
use crate::distribution::{ArrivalProcess, Distribution, Rate};
use crate::time::Time;

/// The three kinds of demand on a server.
#[derive(Clone, Debug)]
pub enum Load {
    /// Clients that wait for their answer, think, and come again; all there at time 0.
    Closed(Closed),
    /// Arrivals that do not wait for anybody's answer.
    Open(Open),
    /// Recorded arrivals and demands.
    Trace(Arc<Trace>),
}

impl Load {
    /// Poisson arrivals of requests that are all alike.
    pub fn poisson(rate: Rate, phases: Vec<Phase>) -> Load {
        Load::Open(Open { rate, arrivals: ArrivalProcess::Poisson, mix: phases.into() })
    }
}

/// A closed loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Closed {
    /// Users; of a ramp the most.
    pub clients: u32,
    /// When they are there; `None`: all, for ever.
    pub ramp: Option<Ramp>,
    /// Requests that each sends; `None` for ever.
    pub requests: Option<u64>,
    /// Time between an answer and the next request.
    pub think: Distribution,
    /// What requests ask for.
    pub mix: Mix,
}

impl Closed {
    /// When a client that could come at `from` is there; `None`: not any more.
    #[inline]
    pub(crate) fn present(ramp: Option<&Ramp>, client: u32, from: Time) -> Option<Time> {
        ramp.map_or(Some(from), |ramp| ramp.present(client, from))
    }

    /// Whether clients that come at one instant take turns: the one whose last request was sent
    /// earliest comes first. It matters where ties are the rule (every demand and every time to
    /// think [discrete](Distribution::is_discrete)): there the client with the lowest number would
    /// win all of them, and the same clients would wait each time. Elsewhere ties are rare, and
    /// the lowest number comes first.
    pub(crate) fn takes_turns(&self) -> bool {
        let mut demands = self.mix.phases().map(|(_, phase)| &phase.demand);
        self.think.is_discrete() && demands.all(Distribution::is_discrete)
    }
}

/// An open loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// Mean arrivals.
    pub rate: Rate,
    /// Distribution of the gaps.
    pub arrivals: ArrivalProcess,
    /// What requests ask for.
    pub mix: Mix,
}

/// Recorded requests, in order of arrival.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trace {
    arrivals: Vec<Time>,
    /// Where each request's demands end in `demands`.
    ends: Vec<u32>,
    demands: Vec<Demand>,
    /// The route of each request, where there are routes; their phases are those of the requests.
    route_of: Vec<u16>,
    routes: Vec<Route>,
}

impl Trace {
    /// An empty trace.
    pub fn new() -> Self {
        Trace::default()
    }

    /// Adds a request; zero demands are dropped, they take no time.
    ///
    /// # Errors
    /// [`ModelError::Order`], [`ModelError::TooLong`] for a phase, [`ModelError::LongTrace`].
    pub fn push(&mut self, arrival: Time, demands: &[Demand]) -> Result<(), ModelError> {
        if let Some(last) = self.arrivals.last().filter(|last| **last > arrival) {
            return Err(ModelError::Order { arrival, last: *last });
        }
        if demands.iter().any(|demand| demand.span() >= super::request::LONGEST) {
            let long = "a phase of 292 years or more: give a shorter one";
            return Err(ModelError::TooLong(long.to_owned()));
        }
        self.demands.extend(demands.iter().filter(|demand| !demand.span().is_zero()));
        let end = u32::try_from(self.demands.len()).map_err(|_| ModelError::LongTrace)?;
        self.arrivals.push(arrival);
        self.ends.push(end);
        Ok(())
    }

    /// Says of which route the request that was added last is. Say it of all or of none.
    ///
    /// # Errors
    /// [`ModelError::ManyRoutes`], [`ModelError::Priority`].
    pub fn tag(&mut self, name: &str, priority: Option<u16>) -> Result<(), ModelError> {
        let found = self.routes.iter().position(|route| route.name == name);
        let at = match found {
            Some(at) => at,
            None if self.routes.len() == MAX_ROUTES => {
                return Err(ModelError::ManyRoutes(MAX_ROUTES));
            }
            None => {
                let next = self.routes.len() as u16 + 1;
                let (name, priority) = (name.to_owned(), priority.unwrap_or(next));
                self.routes.push(Route { name, share: 0.0, priority, phases: Vec::new() });
                self.routes.len() - 1
            }
        };
        let route = &mut self.routes[at];
        if priority.is_some_and(|priority| priority != route.priority) {
            let before = route.priority;
            return Err(ModelError::Priority { route: name.to_owned(), before });
        }
        route.share += 1.0;
        self.route_of.push(at as u16);
        Ok(())
    }

    /// The routes, with their shares; none where all requests are of one.
    pub(crate) fn routes(&self) -> &[Route] {
        if self.routes.len() > 1 { &self.routes } else { &[] }
    }

    /// The route of a request, from 0.
    #[inline]
    pub(crate) fn route(&self, request: usize) -> u16 {
        self.route_of.get(request).copied().unwrap_or(0)
    }

    /// Number of requests.
    pub fn len(&self) -> usize {
        self.arrivals.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    /// Arrival of a request.
    ///
    /// # Panics
    /// If there is no such request.
    #[inline]
    pub fn arrival(&self, request: usize) -> Time {
        self.arrivals[request]
    }

    /// Demands of a request.
    ///
    /// # Panics
    /// If there is no such request.
    #[inline]
    pub(crate) fn demands(&self, request: usize) -> &[Demand] {
        let start = if request == 0 { 0 } else { self.ends[request - 1] as usize };
        &self.demands[start..self.ends[request] as usize]
    }

    /// The most phases of any request.
    pub(crate) fn longest(&self) -> usize {
        (0..self.len()).map(|request| self.demands(request).len()).max().unwrap_or(0)
    }
}

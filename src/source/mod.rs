//! Sources hand requests to an engine, with everything drawn already: an engine draws nothing.

mod closed;
mod open;
mod returning;
mod routed;
mod script;
mod trace;

pub use closed::ClosedSource;
pub use open::{OpenBlocks, OpenSource};
pub use returning::{InTurn, Returning, Stamp, fits_64_bits};
pub(crate) use script::{ScriptLine, ScriptSource};
pub(crate) use trace::TraceSource;

use crate::instant::SimInstant;
use crate::model::Demand;
use crate::random::Purpose;
use crate::time::Span;

/// What the demands of phase number `k` of a route are drawn for.
fn purpose(route: usize, k: usize) -> Purpose {
    match route {
        0 => Purpose::Phase(k as u16),
        _ => Purpose::RoutePhase(route as u16, k as u16),
    }
}

/// A request at the door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Whose it is, from 0.
    pub client: u32,
    /// The route of the request, from 0.
    pub(crate) route: u16,
    /// How many demands were written.
    pub phases: usize,
    /// How long it will stay in the listen queue; [`Span::MAX`] is for ever.
    pub patience: Span,
}

/// Gives requests in order of arrival.
pub trait Source {
    /// The instant of the next arrival; `SimInstant::NEVER` if none is to come (yet).
    fn peek(&self) -> SimInstant;
    /// Takes the next arrival; writes its demands to the front of `demands`, which holds at
    /// least [`Source::longest`].
    fn take(&mut self, demands: &mut [Demand]) -> Arrival;
    /// The most phases of any request.
    fn longest(&self) -> usize;
    /// Tells that a client has its answer at `now`, or that its request ended unserved.
    fn answered(&mut self, client: u32, served: bool, now: SimInstant);
}

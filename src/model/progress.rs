//! Whether a closed loop makes progress: every accepted model does.
//!
//! *The argument.* The clock stands still for ever only if, from some state on, requests end again
//! and again without any time between the end of one and the end of the next of the same client. A
//! request that is served takes time: its phases do. A client whose request is not served (refused,
//! dropped, left, given up) comes again after its time to think, or after [`PAUSE`] if it has none.

use super::ModelError;
use super::load::Closed;
use crate::distribution::Distribution;
use crate::time::Span;

/// When a client that does not think comes again after a request that was not served: a refusal has
/// to come back through the network, and the next request has to be made.
pub(crate) const PAUSE: Span = Span::from_nanos(10_000_000);

impl Closed {
    /// How long a client waits after a request that was not served, beside the time that it thinks.
    /// Clients with so many requests to send send the next one at once: there is an end to it.
    pub(crate) fn pause(&self) -> Span {
        let pauses = self.requests.is_none() && self.think.is_zero();
        if pauses { PAUSE } else { Span::ZERO }
    }
}

/// Checks that a closed loop without end does not stand still.
///
/// # Errors
/// [`ModelError::NoTime`] if it would.
pub(super) fn check(closed: &Closed) -> Result<(), ModelError> {
    let timeless = closed.mix.phases().map(|(_, phase)| &phase.demand).all(Distribution::is_zero);
    if closed.requests.is_none() && closed.think.is_zero() && timeless {
        return Err(ModelError::NoTime(
            "requests that take no time, from clients that do not think, would stop simulated \
             time: give --think or a longer --service",
        ));
    }
    Ok(())
}

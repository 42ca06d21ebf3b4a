//! How worker processes end and begin.

use super::super::ModelError;
use crate::time::Span;

/// The limits on a worker's life, and what its successor needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// A worker that has given no sign of life for so long is killed; `None`: never
    /// (`gunicorn/arbiter.py`, `murder_workers`).
    pub timeout: Option<Span>,
    /// How long a new process loads the application before it serves; nothing with `--preload`.
    pub boot: Span,
    /// Requests after which a worker ends; 0: never (`gunicorn/workers/base.py`, `__init__`).
    pub max_requests: u64,
    /// Up to so many more, drawn once a life.
    pub(crate) max_requests_jitter: u64,
    /// Whether the workers of time 0 have served a random part of their requests already: a server
    /// that has run for long, not one that was just started, whose workers all end together.
    pub(crate) mid_life: bool,
    /// How long a worker that ends waits for the requests that it holds.
    pub graceful: Span,
}

/// Gunicorn's default of `--timeout` and of `--graceful-timeout` (`gunicorn/config.py`, classes
/// `Timeout` and `GracefulTimeout`).
pub(crate) const DEFAULT_TIMEOUT: Span = Span::from_nanos(30_000_000_000);

impl Lifecycle {
    /// Workers that live for ever.
    pub(crate) const fn endless() -> Self {
        Lifecycle {
            timeout: None,
            boot: Span::ZERO,
            max_requests: 0,
            max_requests_jitter: 0,
            mid_life: false,
            graceful: DEFAULT_TIMEOUT,
        }
    }

    /// Mean requests of a worker before it ends by their number; `None`: no number ends it.
    pub(crate) fn mean_requests(&self) -> Option<f64> {
        let mean = self.max_requests as f64 + self.max_requests_jitter as f64 / 2.0;
        (self.max_requests > 0).then_some(mean)
    }

    /// Whether workers ever end.
    pub(crate) fn ends(&self) -> bool {
        self.timeout.is_some() || self.max_requests > 0
    }

    /// Whether chance has a part: when the arbiter looks, how many requests a worker serves, how
    /// long the arbiter pauses between two new workers.
    pub(crate) fn random(&self) -> bool {
        self.ends()
    }

    pub(super) fn check(&self) -> Result<(), ModelError> {
        if self.max_requests == 0 && self.max_requests_jitter > 0 {
            let alone = "--max-requests-jitter is the variation of --max-requests: give that too";
            return Err(ModelError::Conflict(alone.to_owned()));
        }
        Ok(())
    }
}

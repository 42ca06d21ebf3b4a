//! What the outside says while cells run.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// When to end.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    /// Set to end all runs at once.
    pub stop: &'a AtomicBool,
    limit: Option<Limit<'a>>,
}

/// A limit of the time that a person waits. This floor has no clock: it is lent one.
#[derive(Clone, Copy)]
struct Limit<'a> {
    elapsed: &'a (dyn Fn() -> Duration + Sync),
    most: Duration,
}

impl fmt::Debug for Limit<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limit").field("most", &self.most).finish_non_exhaustive()
    }
}

impl<'a> Control<'a> {
    /// No limit but `stop`.
    pub fn new(stop: &'a AtomicBool) -> Self {
        Control { stop, limit: None }
    }

    /// Ends when `elapsed()` says `most`: runs are planned to be done by then, and what has not
    /// begun is left out.
    pub fn within(self, most: Duration, elapsed: &'a (dyn Fn() -> Duration + Sync)) -> Self {
        Control { limit: Some(Limit { elapsed, most }), ..self }
    }

    /// With a share of the time that is left, for one of several cells.
    pub fn share(self, share: f64) -> Self {
        let limit = self.limit.map(|limit| {
            let now = (limit.elapsed)();
            let left = limit.most.saturating_sub(now);
            Limit { most: now + left.mul_f64(share.clamp(0.0, 1.0)), ..limit }
        });
        Control { limit, ..self }
    }

    /// Whether the end was asked for.
    pub fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Time passed; `None` where nobody limits it.
    pub(crate) fn elapsed(&self) -> Option<Duration> {
        self.limit.map(|limit| (limit.elapsed)())
    }

    /// Time left; `None` without a limit.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.limit.map(|limit| limit.most.saturating_sub((limit.elapsed)()))
    }

    /// Whether the time is over.
    pub(crate) fn expired(&self) -> bool {
        self.left().is_some_and(|left| left.is_zero())
    }
}

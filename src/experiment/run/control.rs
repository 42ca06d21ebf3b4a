//! How long cells may run: until they are stopped, or for some wall-clock time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::engine::Deadline;

/// When to end.
#[derive(Clone, Copy, Debug)]
pub struct Control<'a> {
    /// Set to end all runs at once.
    pub(crate) stop: &'a AtomicBool,
    /// Until when new replications begin: of one cell, its share of the time.
    limit: Option<Deadline<'a>>,
    /// When all runs end, whatever they are doing.
    deadline: Option<Deadline<'a>>,
}

impl<'a> Control<'a> {
    /// No limit but `stop`.
    pub fn new(stop: &'a AtomicBool) -> Self {
        Control { stop, limit: None, deadline: None }
    }

    /// Ends when `elapsed()` is `most`: runs are planned to be done by then, and what is not done
    /// is left out.
    pub fn within(self, most: Duration, elapsed: &'a (dyn Fn() -> Duration + Sync)) -> Self {
        let limit = Some(Deadline { elapsed, most });
        Control { limit, deadline: limit, ..self }
    }

    /// When a replication has to end, whatever it is doing.
    pub(crate) fn deadline(&self) -> Option<Deadline<'a>> {
        self.deadline
    }

    /// Whether all runs have to end now.
    pub(crate) fn over(&self) -> bool {
        self.stopped() || self.deadline.is_some_and(|deadline| deadline.passed())
    }

    /// With a share of the time that is left, for one of several cells.
    pub(crate) fn share(self, share: f64) -> Self {
        let limit = self.limit.map(|limit| {
            let now = (limit.elapsed)();
            let left = limit.most.saturating_sub(now);
            Deadline { most: now + left.mul_f64(share.clamp(0.0, 1.0)), ..limit }
        });
        Control { limit, ..self }
    }

    /// Whether the end was asked for.
    pub(crate) fn stopped(&self) -> bool {
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

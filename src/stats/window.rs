//! The part of a run that is measured.

use crate::time::{Span, Time};

/// From `from` (in) to `to` (out).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// What arrives before is thrown away.
    pub(crate) from: Time,
    /// What arrives from here on is not measured; [`Time::MAX`]: everything is.
    pub(crate) to: Time,
}

impl Window {
    /// Everything: a finite story.
    pub const ALL: Window = Window { from: Time::ZERO, to: Time::MAX };

    /// Whether an instant lies inside.
    #[inline]
    pub(crate) fn holds(self, instant: Time) -> bool {
        self.from <= instant && instant < self.to
    }

    /// The part of `start..end` that lies inside.
    #[inline]
    pub(crate) fn part(self, start: Time, end: Time) -> Span {
        end.min(self.to).since(start.max(self.from))
    }

    /// Half-way between its ends.
    pub(crate) fn middle(self) -> Time {
        Time::from_nanos(self.from.as_nanos() + self.length().as_nanos() / 2)
    }

    /// From end to end.
    pub(crate) fn length(self) -> Span {
        self.to.since(self.from)
    }
}

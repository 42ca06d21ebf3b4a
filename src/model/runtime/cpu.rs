//! CPU time beyond what requests ask for, and CPU time that is not there.

use super::super::ModelError;
use super::super::cores::Cores;
use super::measured;
use crate::time::Span;

/// CPU time that the server and the system take for a request, beyond what it asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overhead {
    /// Before the request's first phase: waking up, accepting, reading, parsing.
    pub(crate) before: Span,
    /// After its last: writing the answer, closing.
    pub(crate) after: Span,
    /// After each phase off the CPU: waking up.
    pub(crate) per_io: Span,
    /// So much less before, for a process that has just [computed](measured::WARM).
    pub(crate) warm: Span,
}

impl Overhead {
    /// The ideal server's.
    pub(crate) const NONE: Overhead =
        Overhead { before: Span::ZERO, after: Span::ZERO, per_io: Span::ZERO, warm: Span::ZERO };

    /// What was measured.
    pub fn measured() -> Self {
        Overhead { warm: measured::WARM, ..Overhead::of(measured::OVERHEAD, measured::OVERHEAD_IO) }
    }

    /// So much a request, split as it was [`measured`], and so much a blocking call.
    pub(crate) fn of(request: Span, per_io: Span) -> Self {
        let before = request.as_nanos() as f64 * measured::SHARE_BEFORE;
        let before = Span::from_nanos_f64(before).min(request);
        let after = Span::from_nanos(request.as_nanos() - before.as_nanos());
        Overhead { before, after, per_io, warm: Span::ZERO }
    }

    /// CPU time for a request that waits off the CPU so many times, in seconds.
    pub(crate) fn of_request(&self, ios: f64) -> f64 {
        (self.before.saturating_add(self.after)).as_secs_f64() + self.per_io.as_secs_f64() * ios
    }
}

/// CPU time by the period, as the kernel grants it to a container (`cpu.max` of control groups;
/// Linux `kernel/sched/fair.c`, `__refill_cfs_bandwidth_runtime`): at full speed on the cores of
/// the machine until the period's time is spent, then nothing until the next period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// How often the time is granted anew.
    pub period: Span,
    /// Cores of the machine beneath.
    pub machine: Cores,
    /// How long after time 0 the first period begins, where that is known; else it is drawn.
    pub(crate) phase: Option<Span>,
}

impl Quota {
    /// CPU time of a period.
    pub(crate) fn budget(&self, cores: Cores) -> Span {
        let nanos = u128::from(self.period.as_nanos()) * u128::from(cores.millicores()) / 1000;
        Span::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    pub(super) fn check(&self, cores: Cores) -> Result<(), ModelError> {
        if self.budget(cores).is_zero() {
            return Err(ModelError::NoTime(
                "a quota period without any CPU time in it: write such as --quota-period 100ms",
            ));
        }
        if cores > self.machine {
            return Err(ModelError::Conflict(format!(
                "a quota of {cores} cores on a machine of {}: give more --machine-cores",
                self.machine
            )));
        }
        if !self.machine.millicores().is_multiple_of(1000) {
            let fraction = format!("{} --machine-cores: give whole cores", self.machine);
            return Err(ModelError::Conflict(fraction));
        }
        Ok(())
    }
}

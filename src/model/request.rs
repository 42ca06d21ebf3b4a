//! What a request asks of a worker: phases of CPU and of waiting off the CPU.

use std::fmt;
use std::str::FromStr;

use super::ModelError;
use crate::distribution::Distribution;
use crate::time::Span;

/// What a phase needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhaseKind {
    /// A core, shared with the other runnable workers.
    Cpu,
    /// Nothing but time; the worker is held.
    Io,
}

impl PhaseKind {
    /// The word before the colon: `cpu:3ms`.
    pub const fn name(self) -> &'static str {
        match self {
            PhaseKind::Cpu => "cpu",
            PhaseKind::Io => "io",
        }
    }
}

impl FromStr for PhaseKind {
    type Err = ModelError;

    fn from_str(text: &str) -> Result<Self, ModelError> {
        match text {
            "cpu" => Ok(PhaseKind::Cpu),
            "io" => Ok(PhaseKind::Io),
            other => Err(ModelError::text(other, " is not a kind of phase: write cpu or io")),
        }
    }
}

/// One phase of every request, with the distribution of its length.
#[derive(Clone, Debug, PartialEq)]
pub struct Phase {
    /// What it needs.
    pub kind: PhaseKind,
    /// How long it takes on an idle machine.
    pub demand: Distribution,
}

impl Phase {
    /// CPU time.
    pub fn cpu(demand: Distribution) -> Phase {
        Phase { kind: PhaseKind::Cpu, demand }
    }

    /// Time off the CPU.
    pub fn io(demand: Distribution) -> Phase {
        Phase { kind: PhaseKind::Io, demand }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.kind.name(), self.demand)
    }
}

/// The demand of one phase of one request, drawn: kind and whole nanoseconds in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Demand(u64);

/// The longest phase: 292 years (2^63 ns).
pub(crate) const LONGEST: Span = Span::from_nanos(u64::MAX >> 1);

impl Demand {
    /// A drawn phase; more than 292 years (2^63 ns) count as that.
    #[inline]
    pub fn new(kind: PhaseKind, span: Span) -> Self {
        let nanos = span.as_nanos().min(LONGEST.as_nanos());
        Demand(nanos << 1 | u64::from(kind == PhaseKind::Io))
    }

    /// What it needs.
    #[inline]
    pub fn kind(self) -> PhaseKind {
        if self.0 & 1 == 1 { PhaseKind::Io } else { PhaseKind::Cpu }
    }

    /// How long it takes on an idle machine.
    #[inline]
    pub fn span(self) -> Span {
        Span::from_nanos(self.0 >> 1)
    }
}

/// Total CPU demand of some phases.
#[inline]
pub(crate) fn cpu_of(demands: &[Demand]) -> Span {
    demands.iter().filter(|d| d.kind() == PhaseKind::Cpu).map(|d| d.span()).sum()
}

/// Total demand of some phases.
#[inline]
pub(crate) fn total_of(demands: &[Demand]) -> Span {
    demands.iter().map(|d| d.span()).sum()
}

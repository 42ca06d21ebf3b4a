//! Poisson arrivals at a rate that changes with the clock, by thinning.
//!
//! Candidates come as a Poisson process at a rate that is nowhere below the wanted one, and each
//! is kept with the ratio of the two (Lewis & Shedler 1979, "Simulation of nonhomogeneous Poisson
//! processes by thinning", Naval Research Logistics Quarterly 26). The candidates' rate is the
//! greatest of each piece of the profile, so that a short spike does not slow down the rest; a
//! candidate beyond its piece is forgotten and drawn afresh from the next, which is right because
//! a Poisson process has no memory.

use rand::RngExt;
use rand_distr::{Distribution as RandDistribution, Exp1};

use super::profile::Profile;
use super::solve::NANOS;
use crate::random::Stream;

/// Where in its profile a process stands. Times are counted within a piece, so they lose no
/// digits however long a run is.
#[derive(Clone, Debug)]
pub(super) struct Thinned {
    parts: Vec<ThinningPart>,
    at: usize,
    /// Nanoseconds since the piece began.
    offset: f64,
}

/// A piece of the profile, ready for drawing.
#[derive(Clone, Debug)]
struct ThinningPart {
    /// Nanoseconds; the last may be infinite.
    width: f64,
    /// Mean nanoseconds from candidate to candidate; infinite where nothing comes.
    mean: f64,
    /// The share of candidates that is kept where it begins, and how that grows per nanosecond;
    /// `None` where all are.
    kept: Option<(f64, f64)>,
}

impl Thinned {
    /// Arrivals of `profile` at a mean rate of `rate` requests a second.
    pub(crate) fn new(profile: &Profile, rate: f64) -> Self {
        let part = |piece: super::profile::ProfilePiece| {
            let peak = piece.from.max(piece.to);
            let flat = piece.from == piece.to;
            let slope = (piece.to - piece.from) / peak / piece.width;
            ThinningPart {
                width: piece.width,
                mean: NANOS / (rate * peak),
                kept: (!flat).then_some((piece.from / peak, slope)),
            }
        };
        let parts = profile.pieces().into_iter().map(part).collect();
        Thinned { parts, at: 0, offset: 0.0 }
    }

    /// Changes of the rate between two arrivals, in the mean.
    pub(crate) fn changes_per_arrival(profile: &Profile, rate: f64) -> f64 {
        let Some(period) = profile.period() else { return 0.0 };
        profile.pieces().len() as f64 / (period.as_secs_f64() * rate)
    }

    /// Nanoseconds to the next arrival; infinite if none comes any more.
    pub(crate) fn gap(&mut self, stream: &mut Stream) -> f64 {
        let mut gap = 0.0;
        loop {
            let part = &self.parts[self.at];
            let rest = part.width - self.offset;
            let step = match part.mean {
                f64::INFINITY => f64::INFINITY,
                mean => mean * <Exp1 as RandDistribution<f64>>::sample(&Exp1, stream),
            };
            if step < rest {
                gap += step;
                self.offset += step;
                let kept = |(begin, slope): (f64, f64)| {
                    stream.random::<f64>() < begin + slope * self.offset
                };
                if part.kept.is_none_or(kept) {
                    return gap;
                }
            } else if rest == f64::INFINITY {
                return rest;
            } else {
                gap += rest;
                self.offset = 0.0;
                self.at = (self.at + 1) % self.parts.len();
            }
        }
    }
}

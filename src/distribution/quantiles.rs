//! A distribution through known points: linear in p against ln x.
//!
//! With Q(p) = x₁ (x₁/x₀)^((p−p₁)/(p₁−p₀)) between two points, everything has a closed form:
//! on one piece ∫ Q^n dp = (p₁−p₀) x₁^n (1 − e^(−ns))/(ns) with s = ln(x₁/x₀).

use super::Point;

/// One piece, from the point before it up to (p, x).
#[derive(Clone, Copy, Debug)]
struct QuantilePiece {
    /// Share of values up to the end of the piece.
    p: f64,
    /// Share of values in the piece, more than zero.
    width: f64,
    /// Seconds at its end.
    x: f64,
    /// How much ln x grows over the piece, more than zero.
    rise: f64,
}

impl QuantilePiece {
    /// Seconds at share `p` within the piece.
    #[inline]
    fn at(&self, p: f64) -> f64 {
        self.x * (self.rise * ((p - self.p) / self.width)).exp()
    }
}

/// A log-linear distribution function.
#[derive(Clone, Debug)]
pub(super) struct LogLinear {
    /// In order; the last ends at p = 1.
    pieces: Vec<QuantilePiece>,
}

impl LogLinear {
    /// Through checked points. If the first is not at 0 %, the line of the first two points is
    /// carried on down to 0 %.
    pub(crate) fn new(points: &[Point]) -> Self {
        let known: Vec<(f64, f64)> =
            points.iter().map(|point| (point.percent / 100.0, point.value.as_secs_f64())).collect();
        let mut pieces: Vec<QuantilePiece> = known
            .windows(2)
            .map(|pair| {
                let ((p0, x0), (p1, x1)) = (pair[0], pair[1]);
                QuantilePiece { p: p1, width: p1 - p0, x: x1, rise: (x1 / x0).ln() }
            })
            .collect();
        if let (Some(&(p, x)), Some(first)) = (known.first(), pieces.first().copied())
            && p > 0.0
        {
            pieces.insert(0, QuantilePiece { p, width: p, x, rise: first.rise * p / first.width });
        }
        LogLinear { pieces }
    }

    /// The same distribution in another unit of time.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        let scaled = |piece: &QuantilePiece| QuantilePiece { x: piece.x * factor, ..*piece };
        LogLinear { pieces: self.pieces.iter().map(scaled).collect() }
    }

    /// The time at share `p` in 0..=1.
    #[inline]
    pub(crate) fn quantile(&self, p: f64) -> f64 {
        let found = self.pieces.iter().find(|piece| p <= piece.p);
        found.or(self.pieces.last()).map_or(0.0, |piece| piece.at(p))
    }

    /// A value drawn with a probability proportional to itself, from two shares in 0..1: the first
    /// chooses the piece by its part of the mean; within a piece of density 1/x what is left is
    /// uniform.
    pub(crate) fn length_biased(&self, piece: f64, within: f64) -> f64 {
        let part =
            |piece: &QuantilePiece| piece.width * piece.x * -(-piece.rise).exp_m1() / piece.rise;
        let mut left = piece * self.moment(1);
        let chosen = self.pieces.iter().find(|piece| {
            left -= part(piece);
            left < 0.0
        });
        chosen.or(self.pieces.last()).map_or(0.0, |piece| {
            let begin = piece.x * (-piece.rise).exp();
            begin + within * (piece.x - begin)
        })
    }

    /// The share of values up to `x`.
    pub(crate) fn cdf(&self, x: f64) -> f64 {
        match self.pieces.iter().find(|piece| x <= piece.x) {
            None => 1.0,
            Some(piece) => {
                let below = (piece.x / x).ln() / piece.rise;
                (piece.p - piece.width * below.min(1.0)).max(0.0)
            }
        }
    }

    /// E[X^n].
    pub(crate) fn moment(&self, n: u32) -> f64 {
        let n = f64::from(n);
        let part = |piece: &QuantilePiece| {
            let fall = n * piece.rise;
            let mean = if fall == 0.0 { 1.0 } else { -(-fall).exp_m1() / fall };
            piece.width * piece.x.powf(n) * mean
        };
        self.pieces.iter().map(part).sum()
    }
}

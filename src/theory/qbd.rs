//! Queues whose upper levels all look alike: quasi-birth-death processes.

use super::matrix::Matrix;

/// The rates between phases of a homogeneous level: to the level above, inside, to the level below.
/// Rows of the three together sum to zero.
pub(super) struct QbdLevel {
    pub(super) up: Matrix,
    pub(super) inside: Matrix,
    pub(super) down: Matrix,
}

impl QbdLevel {
    /// G: the phase in which the level below is first entered, from each phase.
    ///
    /// Source: logarithmic reduction, Latouche & Ramaswami, Introduction to Matrix Analytic
    /// Methods in Stochastic Modeling (1999), ch. 8. Quadratic convergence: some ten rounds
    /// unless the queue is critical.
    pub(super) fn first_passage(&self) -> Matrix {
        let size = self.up.size();
        let inside = Matrix::zero(size).plus(-1.0, &self.inside);
        let mut up = inside.clone().solve(self.up.clone());
        let mut down = inside.solve(self.down.clone());
        let (mut g, mut climbed) = (down.clone(), up.clone());
        for _ in 0..64 {
            let back = up.times(&down).plus(1.0, &down.times(&up));
            let rest = Matrix::identity(size).plus(-1.0, &back);
            (up, down) = (rest.clone().solve(up.times(&up)), rest.solve(down.times(&down)));
            let more = climbed.times(&down);
            g = g.plus(1.0, &more);
            climbed = climbed.times(&up);
            if more.norm() < 1e-16 {
                break;
            }
        }
        g
    }

    /// R: the expected records to the level above per unit of time in each phase; from a level to
    /// the next, the steady state is multiplied by it.
    ///
    /// Source: R = A0 (-(A1 + A0 G))^-1, Latouche & Ramaswami (1999), ch. 6 and 8.
    pub(super) fn growth(&self, first_passage: &Matrix) -> Matrix {
        let local = self.inside.plus(1.0, &self.up.times(first_passage));
        let minus_local = Matrix::zero(local.size()).plus(-1.0, &local);
        // X (-L) = A0 is the transpose of (-L)' X' = A0'
        minus_local.transposed().solve(self.up.transposed()).transposed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_phase_is_m_m_1() {
        let of = |value: f64| Matrix::zero(1).plus(value, &Matrix::identity(1));
        let level = QbdLevel { up: of(0.8), inside: of(-1.8), down: of(1.0) };
        let g = level.first_passage();
        assert!((g[(0, 0)] - 1.0).abs() < 1e-14);
        assert!((level.growth(&g)[(0, 0)] - 0.8).abs() < 1e-14);
    }
}

//! Dense matrices, and the steady state of Markov chains.

use std::ops::{Index, IndexMut, Range};

/// The steady state of a continuous-time Markov chain with states 0 .. `count`; `jumps` is a list
/// of (from, to, rate). The cost is `count` x the longest jump up x the longest jump down.
///
/// States are eliminated from the last to the first with additions, products and quotients only,
/// so every digit of the input is kept (Grassmann, Taksar & Heyman (1985), Operations Research
/// 33:1107). Every state must reach, and be reached from, state 0.
pub(super) fn steady_state(count: usize, jumps: &[(usize, usize, f64)]) -> Vec<f64> {
    let mut band = Band::new(count, jumps);
    for last in (1..count).rev() {
        let down = last.saturating_sub(band.below)..last;
        let out = band.row(last, down.clone()).to_vec();
        let leaving: f64 = out.iter().sum();
        for from in last.saturating_sub(band.above)..last {
            let into = &mut band.row_mut(from, last..last + 1)[0];
            *into /= leaving;
            let share = *into;
            if share > 0.0 {
                let row = band.row_mut(from, down.clone());
                row.iter_mut().zip(&out).for_each(|(rate, out)| *rate += share * out);
            }
        }
    }
    let mut p = vec![1.0];
    for state in 1..count {
        let from = state.saturating_sub(band.above)..state;
        p.push(from.map(|from| p[from] * band.row(from, state..state + 1)[0]).sum::<f64>());
        if p[state] > 1e250 {
            p.iter_mut().for_each(|value| *value /= 1e250);
        }
    }
    let total: f64 = p.iter().sum();
    p.iter_mut().for_each(|value| *value /= total);
    p
}

/// A square matrix with nothing far from the diagonal.
struct Band {
    below: usize,
    above: usize,
    values: Vec<f64>,
}

impl Band {
    fn new(count: usize, jumps: &[(usize, usize, f64)]) -> Self {
        let reach = |f: fn(usize, usize) -> usize| {
            jumps.iter().map(|&(from, to, _)| f(from, to)).max().unwrap_or(0)
        };
        let (below, above) = (reach(|i, j| i.saturating_sub(j)), reach(|i, j| j.saturating_sub(i)));
        let mut band = Band { below, above, values: vec![0.0; count * (below + above + 1)] };
        for &(from, to, rate) in jumps {
            if from != to {
                band.row_mut(from, to..to + 1)[0] += rate;
            }
        }
        band
    }

    fn place(&self, row: usize, columns: &Range<usize>) -> Range<usize> {
        let start = row * (self.below + self.above + 1) + self.below + columns.start - row;
        start..start + columns.len()
    }

    fn row(&self, row: usize, columns: Range<usize>) -> &[f64] {
        &self.values[self.place(row, &columns)]
    }

    fn row_mut(&mut self, row: usize, columns: Range<usize>) -> &mut [f64] {
        let place = self.place(row, &columns);
        &mut self.values[place]
    }
}

/// A square matrix.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Matrix {
    size: usize,
    values: Vec<f64>,
}

impl Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (row, column): (usize, usize)) -> &f64 {
        &self.values[row * self.size + column]
    }
}

impl IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (row, column): (usize, usize)) -> &mut f64 {
        &mut self.values[row * self.size + column]
    }
}

impl Matrix {
    pub(super) fn zero(size: usize) -> Self {
        Matrix { size, values: vec![0.0; size * size] }
    }

    pub(super) fn identity(size: usize) -> Self {
        let mut one = Matrix::zero(size);
        (0..size).for_each(|i| one[(i, i)] = 1.0);
        one
    }

    pub(super) fn size(&self) -> usize {
        self.size
    }

    pub(super) fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.size..][..self.size]
    }

    pub(super) fn transposed(&self) -> Matrix {
        let mut other = Matrix::zero(self.size);
        for i in 0..self.size {
            (0..self.size).for_each(|j| other[(j, i)] = self[(i, j)]);
        }
        other
    }

    /// `self + factor x other`.
    pub(super) fn plus(&self, factor: f64, other: &Matrix) -> Matrix {
        let values = self.values.iter().zip(&other.values).map(|(x, y)| x + factor * y).collect();
        Matrix { size: self.size, values }
    }

    pub(super) fn times(&self, other: &Matrix) -> Matrix {
        let mut product = Matrix::zero(self.size);
        for (i, out) in product.values.chunks_mut(self.size).enumerate() {
            for (k, &factor) in self.row(i).iter().enumerate() {
                if factor != 0.0 {
                    out.iter_mut().zip(other.row(k)).for_each(|(x, y)| *x += factor * y);
                }
            }
        }
        product
    }

    /// The largest row sum.
    pub(super) fn norm(&self) -> f64 {
        self.values
            .chunks(self.size)
            .map(|row| row.iter().map(|x| x.abs()).sum())
            .fold(0.0, f64::max)
    }

    /// X with `self` X = `right`: elimination with row pivots.
    pub(super) fn solve(mut self, mut right: Matrix) -> Matrix {
        let n = self.size;
        for column in 0..n {
            let size = |row: &usize| self[(*row, column)].abs();
            let pivot = (column..n).max_by(|a, b| size(a).total_cmp(&size(b))).unwrap_or(column);
            self.swap(column, pivot);
            right.swap(column, pivot);
            for row in column + 1..n {
                let factor = self[(row, column)] / self[(column, column)];
                self.subtract(row, factor, column);
                right.subtract(row, factor, column);
            }
        }
        for column in (0..n).rev() {
            let pivot = self[(column, column)];
            right.values[column * n..][..n].iter_mut().for_each(|x| *x /= pivot);
            for row in 0..column {
                right.subtract(row, self[(row, column)], column);
            }
        }
        right
    }

    fn swap(&mut self, i: usize, j: usize) {
        if i != j {
            for column in 0..self.size {
                self.values.swap(i * self.size + column, j * self.size + column);
            }
        }
    }

    /// Row `row` -= factor x row `other`.
    fn subtract(&mut self, row: usize, factor: f64, other: usize) {
        if factor == 0.0 {
            return;
        }
        let n = self.size;
        let (low, high) = self.values.split_at_mut(row.max(other) * n);
        let (target, source) = if row > other {
            (&mut high[..n], &low[other * n..][..n])
        } else {
            (&mut low[row * n..][..n], &high[..n])
        };
        target.iter_mut().zip(source).for_each(|(x, y)| *x -= factor * y);
    }
}

/// The row vector `vector` times `matrix`.
pub(super) fn row_times(vector: &[f64], matrix: &Matrix) -> Vec<f64> {
    let mut out = vec![0.0; matrix.size()];
    for (i, &factor) in vector.iter().enumerate() {
        out.iter_mut().zip(matrix.row(i)).for_each(|(x, y)| *x += factor * y);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_of_three() {
        let p = steady_state(3, &[(0, 1, 1.0), (1, 2, 2.0), (2, 0, 4.0)]);
        let expected = [4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0];
        assert!(p.iter().zip(expected).all(|(got, expect)| (got - expect).abs() < 1e-15), "{p:?}");
    }

    #[test]
    fn a_steep_chain_does_not_overflow() {
        let jumps: Vec<_> = (0..999).flat_map(|n| [(n, n + 1, 10.0), (n + 1, n, 1.0)]).collect();
        let p = steady_state(1_000, &jumps);
        assert!((p[999] - 0.9).abs() < 1e-12 && (p[998] - 0.09).abs() < 1e-12);
    }

    #[test]
    fn systems_are_solved() {
        let (mut a, mut x) = (Matrix::zero(3), Matrix::zero(3));
        for (i, value) in [0.0, 2.0, 1.0, 1.0, 1.0, 0.0, 4.0, 0.0, 3.0].into_iter().enumerate() {
            a[(i / 3, i % 3)] = value;
            x[(i % 3, i / 3)] = value + i as f64;
        }
        let got = a.clone().solve(a.times(&x));
        assert!(got.plus(-1.0, &x).norm() < 1e-13, "{got:?}");
        assert_eq!(a.times(&Matrix::identity(3)), a);
    }
}

//! Small dense matrices and the steady state of Markov chains.

/// The steady state of a continuous-time Markov chain from its rates (`rates[i][j]`, i to j;
/// what stands on the diagonal is ignored). States are eliminated from the last to the first
/// with additions, products and quotients only, so every digit of the input is kept (Grassmann,
/// Taksar & Heyman (1985), Operations Research 33:1107).
///
/// Every state must reach, and be reached from, state 0.
pub(super) fn steady_state(mut rates: Vec<Vec<f64>>) -> Vec<f64> {
    let count = rates.len();
    for last in (1..count).rev() {
        let (before, rest) = rates.split_at_mut(last);
        let out = &rest[0][..last];
        let leaving: f64 = out.iter().sum();
        for row in before {
            let share = row[last] / leaving;
            row[last] = share;
            if share > 0.0 {
                row.iter_mut().zip(out).for_each(|(rate, out)| *rate += share * out);
            }
        }
    }
    let mut p = vec![1.0];
    for state in 1..count {
        p.push((0..state).map(|from| p[from] * rates[from][state]).sum());
    }
    let total: f64 = p.iter().sum();
    p.iter_mut().for_each(|value| *value /= total);
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_of_three() {
        let p = steady_state(vec![vec![0.0, 1.0, 0.0], vec![0.0, 0.0, 2.0], vec![4.0, 0.0, 0.0]]);
        let expected = [4.0 / 7.0, 2.0 / 7.0, 1.0 / 7.0];
        assert!(p.iter().zip(expected).all(|(got, expect)| (got - expect).abs() < 1e-15), "{p:?}");
    }
}

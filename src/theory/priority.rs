//! Priorities among requests that wait: Cobham 1954, "Priority assignment in waiting line problems",
//! Operations Research 2; several workers: Davis 1966, "Waiting-time distribution of a multi-server,
//! priority queuing system", Operations Research 14. A request in service is not interrupted.

use super::{Result, TheoryError};

/// Mean waiting times of priority classes, the first served first:
/// `W_k = W_0 / ((1 - s_(k-1)) (1 - s_k))`, where `s_k` is the load of the classes up to k.
///
/// `residual` is W_0 in seconds: the mean time until a worker that serves those who are first is free
/// again, for an arrival that finds no other waiting. It is `λ E[S²] / 2` for one worker (M/G/1), and
/// C(k, ρ) / (k μ) for k workers with exponential requests that are alike, where C is Erlang's
/// probability to wait. `loads` are the offered loads of the classes over the number of workers.
///
/// # Errors
/// If the loads are not positive numbers that add up to less than 1.
pub(crate) fn waits(residual: f64, loads: &[f64]) -> Result<Vec<f64>> {
    let total: f64 = loads.iter().sum();
    let wrong = loads.iter().any(|load| !(load.is_finite() && *load >= 0.0));
    if wrong || !residual.is_finite() || residual < 0.0 || total >= 1.0 {
        return Err(TheoryError::Unstable { load: total });
    }
    let mut before = 0.0;
    let wait = |load: &f64| {
        let with = before + load;
        let wait = residual / ((1.0 - before) * (1.0 - with));
        before = with;
        wait
    };
    Ok(loads.iter().map(wait).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: M/M/1 at a load of 0.8 in two equal classes: W_0 = 0.8 s, 0.8 / 0.6 and
    /// 0.8 / (0.6 x 0.2); by conservation their mean is that of FIFO, 0.8 / 0.2 = 4 s.
    #[test]
    fn two_classes_of_one_worker() {
        let waits = waits(0.8, &[0.4, 0.4]).unwrap();
        assert!((waits[0] - 4.0 / 3.0).abs() < 1e-12 && (waits[1] - 20.0 / 3.0).abs() < 1e-12);
        assert!((waits.iter().sum::<f64>() / 2.0 - 4.0).abs() < 1e-12);
        assert!(super::waits(0.8, &[0.5, 0.5]).is_err());
        assert!(super::waits(f64::NAN, &[0.5]).is_err());
    }
}

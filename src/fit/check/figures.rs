//! What is set side by side: a few figures of what was logged, and of each replay.

use crate::fit::shape::SampleShape;

/// What is compared.
pub(crate) const MEASURES: [&str; 7] = ["throughput", "mean", "p50", "p90", "p95", "p99", "failed"];

/// Place of the throughput in [`MEASURES`].
pub(crate) const THROUGHPUT: usize = 0;
/// Place of the mean.
pub(crate) const MEAN: usize = 1;
/// Place of the failed share.
pub(crate) const FAILED: usize = 6;
/// The percentiles among [`MEASURES`], each with its place.
pub(crate) const PERCENTILES: [(usize, f64); 4] = [(2, 0.5), (3, 0.9), (4, 0.95), (5, 0.99)];

/// The values of [`MEASURES`]: requests a second, seconds, a share; what is not known is `None`.
pub(crate) type Values = [Option<f64>; MEASURES.len()];

/// Requests of one run, from an instant on.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunFigures {
    /// Times of the served, in seconds.
    pub(crate) times: Vec<f64>,
    /// Those that got no good answer.
    pub(crate) failed: u64,
    /// How long the run was, in seconds.
    pub(crate) seconds: f64,
}

impl RunFigures {
    /// The values of the run.
    pub(crate) fn values(self) -> Values {
        let mut values = [None; MEASURES.len()];
        let served = self.times.len() as f64;
        let all = served + self.failed as f64;
        if self.seconds > 0.0 {
            values[THROUGHPUT] = Some(served / self.seconds);
        }
        if all > 0.0 {
            values[FAILED] = Some(self.failed as f64 / all);
        }
        if let Some(shape) = SampleShape::of(self.times) {
            values[MEAN] = Some(shape.mean);
            for (at, p) in PERCENTILES {
                values[at] = Some(shape.quantile(p));
            }
        }
        values
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twenty times of 1 to 20 s in 10 s, and five that failed.
    #[test]
    fn the_figures_of_twenty_times() {
        let times = (1..=20).rev().map(f64::from).collect();
        let values = RunFigures { times, failed: 5, seconds: 10.0 }.values();
        let expected = [2.0, 10.5, 10.0, 18.0, 19.0, 20.0, 0.2];
        assert_eq!(values, expected.map(Some));
        assert_eq!(RunFigures::default().values(), [None; 7]);
    }
}

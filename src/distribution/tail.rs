//! How heavy a tail is, in numbers: its index, and how rare the values are that carry the load.

use statrs::function::erf::erfc;
use statrs::function::gamma::gamma_lr;

use super::Distribution;
use super::solve::{Solved, least, normal_quantile};

impl Distribution {
    /// The tail index: moments of this order and above are infinite. `None` where all are finite.
    pub(crate) fn tail_index(&self) -> Option<f64> {
        index(&self.solve())
    }

    /// The share of values beyond the size above which a tenth of E\[X²\] lies, for distributions
    /// that are told as heavy although all their moments are finite (see [`Distribution::tail`]);
    /// `None` for others. A sample without a hundred such values does not show the distribution's
    /// second moment.
    pub(crate) fn share_of_top_tenth(&self) -> Option<f64> {
        top_tenth(&self.solve())
    }
}

fn index(distribution: &Solved) -> Option<f64> {
    match distribution {
        Solved::Pareto { alpha, .. } => Some(*alpha),
        Solved::Mix(parts) => {
            parts.iter().filter_map(|(_, distribution)| index(distribution)).min_by(f64::total_cmp)
        }
        Solved::Shifted(distribution, _) => index(distribution),
        _ => None,
    }
}

/// With x where ∫ u² dF from x on is a tenth of E[X²], P(X > x). Log-normal: E[X²; X > x] =
/// E[X²] Φ(2σ − (ln x − μ)/σ). Weibull: E[X²; X > x] = E[X²] Q(1 + 2/k, (x/scale)^k), Q the upper
/// regularised gamma function.
fn top_tenth(distribution: &Solved) -> Option<f64> {
    match distribution {
        Solved::LogNormal { sigma, .. } => {
            let deviations = 2.0 * sigma + normal_quantile(0.9);
            Some(erfc(deviations / std::f64::consts::SQRT_2) / 2.0)
        }
        Solved::Weibull { shape, .. } => {
            let depth = least(1e-300, 1e6, |t| gamma_lr(1.0 + 2.0 / shape, t) >= 0.9);
            Some((-depth).exp())
        }
        Solved::Mix(parts) => {
            let slow = parts
                .iter()
                .filter(|(_, distribution)| super::describe::heavy(distribution).is_some());
            slow.filter_map(|(share, distribution)| Some(share * top_tenth(distribution)?))
                .min_by(f64::total_cmp)
        }
        Solved::Shifted(distribution, _) => top_tenth(distribution),
        _ => None,
    }
}

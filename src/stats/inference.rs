//! What may be said of the truth from independent runs of equal length.
//!
//! Means and shares: Student's t over the runs. Quantiles: the quantile of all runs together, with
//! the spread of the runs' own quantiles around *it* (sectioning, Asmussen & Glynn 2007,
//! "Stochastic Simulation", ch. III.5); the mean of the runs' quantiles would be biased.

use statrs::function::beta::inv_beta_reg;

/// A value and half the width of its confidence interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The estimate.
    pub value: f64,
    /// Half the width.
    pub half_width: f64,
}

impl Interval {
    /// Half-width over value; 0 for an interval without width, infinite around 0.
    pub fn relative(self) -> f64 {
        if self.half_width == 0.0 { 0.0 } else { (self.half_width / self.value).abs() }
    }
}

/// The quantile of Student's t with `freedom` degrees of freedom that leaves (1 - `confidence`)/2
/// above it.
pub fn student(confidence: f64, freedom: usize) -> f64 {
    // P(|T| > t) = I_x(n/2, 1/2) with x = n / (n + t^2).
    let n = freedom as f64;
    let x = inv_beta_reg(n / 2.0, 0.5, 1.0 - confidence);
    (n * (1.0 / x - 1.0)).max(0.0).sqrt()
}

/// Around `centre` (the mean, or a pooled quantile) from the runs' own values.
/// `None` for fewer than two values.
pub fn around(centre: f64, values: &[f64], confidence: f64) -> Option<Interval> {
    let count = values.len();
    if count < 2 {
        return None;
    }
    let spread: f64 = values.iter().map(|value| (value - centre).powi(2)).sum();
    let deviation = (spread / (count - 1) as f64).sqrt();
    let half_width = student(confidence, count - 1) * deviation / (count as f64).sqrt();
    Some(Interval { value: centre, half_width })
}

/// The mean of the runs' values with its interval; `None` for fewer than two.
pub fn mean(values: &[f64], confidence: f64) -> Option<Interval> {
    around(average(values), values, confidence)
}

/// The average; 0 of nothing.
pub fn average(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables of Student's t (Abramowitz & Stegun 1964, table 26.10).
    #[test]
    fn student_agrees_with_the_tables() {
        for (confidence, freedom, expect) in [
            (0.95, 19, 2.093),
            (0.95, 1, 12.706),
            (0.99, 10, 3.169),
            (0.90, 4, 2.132),
            (0.95, 120, 1.980),
            (0.999, 30, 3.646),
        ] {
            let got = student(confidence, freedom);
            assert!((got - expect).abs() < 6e-4, "{confidence} {freedom}: {got}");
        }
    }

    /// Worked by hand: mean 3, s^2 = 2.5, t(4) = 2.7764, half-width 2.7764 x sqrt(0.5).
    #[test]
    fn the_interval_of_five_numbers() {
        let interval = mean(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95).unwrap();
        assert_eq!(interval.value, 3.0);
        assert!((interval.half_width - 1.963_2).abs() < 1e-4, "{interval:?}");
        assert_eq!(mean(&[1.0], 0.95), None);
    }
}

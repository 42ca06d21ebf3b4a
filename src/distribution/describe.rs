//! What is said of a distribution to the person: its figures, and what its tail will do.

use super::Distribution;
use super::solve::Solved;

/// Cv of a log-normal from which means settle slowly.
const SLOW_LOG_NORMAL_CV: f64 = 4.0;
/// Shape of a Weibull distribution below which means settle slowly.
const SLOW_WEIBULL_SHAPE: f64 = 0.5;

/// Whether a distribution's tail lets averages settle.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Tail {
    /// Averages settle as they should.
    Light,
    /// A few values carry much of the load; `why` is a sentence for the person.
    ///
    /// If [`Distribution::moment`] 2 is infinite, the mean wait before one FIFO server is infinite;
    /// if moment 3 is, the mean wait has no confidence interval; else averages only settle slowly.
    Heavy {
        /// What it means, with the parameter that causes it.
        why: String,
    },
}

impl Distribution {
    /// Whether averages over this distribution settle: Pareto with alpha <= 3, log-normal with cv
    /// >= 4 and Weibull with shape < 0.5 are heavy, and so is a mixture that holds one of them.
    pub(crate) fn tail(&self) -> Tail {
        heavy(&self.solve()).map_or(Tail::Light, |(_, why)| Tail::Heavy { why })
    }

    /// One line for the person: `mean 20 ms, cv 2, p50 8.94 ms, p95 71.9 ms, p99 171 ms`, and
    /// which moments are infinite.
    pub(crate) fn describe(&self) -> String {
        let distribution = self.solve();
        if let Solved::Constant(_) = distribution {
            return format!("always {}", time(distribution.moment(1)));
        }
        let spread = match distribution.scv() {
            scv if scv.is_finite() => format!("cv {}", digits(scv.sqrt())),
            _ => "variance infinite".to_owned(),
        };
        let third = match (distribution.moment(2).is_finite(), distribution.moment(3).is_finite()) {
            (true, false) => ", third moment infinite",
            _ => "",
        };
        let [p50, p95, p99] = [0.50, 0.95, 0.99].map(|p| time(distribution.quantile(p)));
        let mean = time(distribution.moment(1));
        format!("mean {mean}, {spread}, p50 {p50}, p95 {p95}, p99 {p99}{third}")
    }
}

/// How grave (the greater the graver) and why, if the tail is heavy.
pub(super) fn heavy(distribution: &Solved) -> Option<(u8, String)> {
    match distribution {
        Solved::Pareto { alpha, .. } if *alpha <= 2.0 => Some((
            3,
            format!(
                "a Pareto distribution with alpha={alpha} <= 2 has an infinite variance: the mean wait is \
                 infinite, and only quantiles exist; bound it with max= if no request takes for ever"
            ),
        )),
        Solved::Pareto { alpha, .. } if *alpha <= 3.0 => Some((
            2,
            format!(
                "a Pareto distribution with alpha={alpha} <= 3 has an infinite third moment: the mean wait \
                 has no confidence interval; use quantiles"
            ),
        )),
        Solved::LogNormal { .. } if distribution.scv() >= SLOW_LOG_NORMAL_CV.powi(2) => Some((
            1,
            format!(
                "a log-normal with cv {} has few values that carry much of the load: averages converge slowly",
                digits(distribution.scv().sqrt())
            ),
        )),
        Solved::Weibull { shape, .. } if *shape < SLOW_WEIBULL_SHAPE => Some((
            1,
            format!(
                "a Weibull distribution with shape {} has few values that carry much of the load: averages converge slowly",
                digits(*shape)
            ),
        )),
        Solved::Mix(parts) => {
            parts.iter().filter_map(|(_, distribution)| heavy(distribution)).max_by_key(|(g, _)| *g)
        }
        Solved::Shifted(distribution, _) => heavy(distribution),
        _ => None,
    }
}

/// Seconds in the unit that suits them, to three digits: `20 ms`.
fn time(seconds: f64) -> String {
    let (scale, unit) = match seconds {
        s if s >= 0.9995 || s == 0.0 => (1.0, "s"),
        s if s >= 0.9995e-3 => (1e3, "ms"),
        s if s >= 0.9995e-6 => (1e6, "us"),
        _ => (1e9, "ns"),
    };
    format!("{} {unit}", digits(seconds * scale))
}

/// Three significant digits, without trailing zeros behind the point.
fn digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let before = value.abs().log10().floor() as i32;
    if before >= 7 {
        return format!("{value:.2e}");
    }
    let text = format!("{value:.*}", (2 - before).clamp(0, 12) as usize);
    if !text.contains('.') {
        return text;
    }
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits_and_a_unit() {
        for (seconds, expect) in [
            (0.0, "0 s"),
            (0.02, "20 ms"),
            (0.12345, "123 ms"),
            (1.0, "1 s"),
            (0.9999, "1 s"),
            (3600.0, "3600 s"),
            (1.5e-6, "1.5 us"),
            (2e-10, "0.2 ns"),
            (123_456_789.0, "1.23e8 s"),
        ] {
            assert_eq!(time(seconds), expect);
        }
    }
}
